// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// PickList: type a few letters, take one of a list. It lies over the window, takes the keys, and goes when it is done: picked()
// once, or nothing when Escape is pressed or the focus leaves. The canvas adds tasks and wires with it.
// Thread: UI. Lives: deletes itself when closed. Bounds: kPickRowsShown rows are seen, the rest scrolls.

#include <QFrame>
#include <QStringList>

#include <vector>

class QLineEdit;
class QListView;

namespace orrery::widgets {

inline constexpr int kPickWidth = 340, kPickRowsShown = 9;

struct PickRow {
    QString title;  // what is searched first
    QString detail; // muted, at the right; searched, too
    QString icon;
    QStringList takes, gives; // types of ports, as dots
    QString key;              // comes back
    QString key2;
};

class PickModel;

class PickList final : public QFrame {
    Q_OBJECT
public:
    // owner: has the focus before and after; the list lies over its window.
    PickList(std::vector<PickRow> rows, const QString& hint, QWidget* owner);
    void popup(const QPoint& at); // of the owner; moved inside of the window
    QLineEdit* edit() const { return m_edit; }
    int count() const;       // rows that match now
    PickRow current() const; // title empty: none

Q_SIGNALS:
    void picked(const orrery::widgets::PickRow& row);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void filter(const QString& text);
    void move(int by);
    void take();
    void dismiss();
    QWidget* m_owner;
    QLineEdit* m_edit;
    QListView* m_list;
    PickModel* m_model;
    bool m_done = false;
};

} // namespace orrery::widgets
