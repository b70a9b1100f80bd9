// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// KeySheet: what "?" shows: every action that has a key, by group, over the window; typing filters, Escape or a click closes.
// Group of an action: its property kActionGroup (a word), else "Other". Thread: UI. Lives: as a child of the window.

#include <QAction>
#include <QList>
#include <QPointer>
#include <QWidget>

#include <vector>

namespace orrery::widgets {

inline constexpr char kActionGroup[] = "orreryGroup";

class KeySheet final : public QWidget {
    Q_OBJECT
public:
    explicit KeySheet(QWidget* window);
    void setActions(const QList<QAction*>& actions);
    // Keys that are no actions: "Space drag", "move the view".
    void addKeys(const QString& group, const QString& keys, const QString& text);
    void popUp();
    QStringList shownTexts() const; // "Run: F5" as filtered

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    struct Entry {
        QString group, keys, text;
        bool enabled = true;
    };
    std::vector<Entry> entries() const; // filtered, grouped
    struct Placed {
        int column = 0, y = 0;
        int entry = -1; // -1: the head of a group
        QString group;
    };
    std::vector<Placed> place(const std::vector<Entry>& all, int height) const;
    QRect sheetRect(int columns, int height) const;
    void paintEntry(QPainter& painter, const QRect& row, const Entry& entry) const;
    QList<QPointer<QAction>> m_actions;
    std::vector<Entry> m_extra;
    QString m_filter;
};

} // namespace orrery::widgets
