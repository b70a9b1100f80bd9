// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Actions: everything a person can do in the window, by id, in one place: menus, tool bar, omnibox, key sheet and macros all
// read it. An action that cannot be done now is disabled and its status tip says why.
// Thread: UI. Lives: with the window.

#include "widgets/common/theme.h"

#include <QAction>
#include <QByteArray>
#include <QKeySequence>
#include <QList>
#include <QString>
#include <functional>

class QWidget;

namespace orrery::app {

class Actions final : public QObject {
    Q_OBJECT
public:
    explicit Actions(QWidget* window);
    struct Spec {
        QByteArray id;        // "run.start"
        QString text;
        QList<QKeySequence> keys;
        QString icon;         // of the icon set, may be empty
        QWidget* scope = nullptr; // keys work only while focus is inside; null: in the whole window
    };
    // REQUIRES: the id is new.
    QAction* add(const Spec& spec, std::function<void()> done);
    QAction* get(const QByteArray& id) const; // null: unknown
    // why: empty enables it.
    void allow(const QByteArray& id, const QString& why);
    // Of its icon while it is enabled. REQUIRES: it has one.
    void tint(const QByteArray& id, widgets::Token color);
    const QList<QAction*>& all() const { return m_all; }

private:
    QWidget* const m_window;
    QList<QAction*> m_all;
};

} // namespace orrery::app
