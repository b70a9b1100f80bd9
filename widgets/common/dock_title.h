// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// DockTitle: the 30 px title of a dock: tabs or a title with its detail at the left, the panel's own widgets at the right, and
// a "..." menu, where Float and Close live. Without a dock (a plain panel's head) there is no such menu until something is in it.
// Thread: UI. Lives: with the dock, as its title bar widget.

#include <QWidget>

class QDockWidget;
class QHBoxLayout;
class QMenu;
class QToolButton;

namespace orrery::widgets {

class ElidedLabel;
class TabBar;

class DockTitle final : public QWidget {
    Q_OBJECT
public:
    explicit DockTitle(QDockWidget* dock, QWidget* parent = nullptr); // sets itself on the dock, when there is one
    TabBar* tabs();            // made when first asked for; instead of a title
    void setTitle(const QString& title);
    void setDetail(const QString& detail);
    void addLeft(QWidget* widget);   // after tabs or title
    void addCorner(QWidget* widget); // before the menu
    QMenu* menu();             // the panel's own entries; Float and Close come last, by themselves

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void fillMenu();
    QDockWidget* m_dock;
    QHBoxLayout* m_row;
    QHBoxLayout* m_left;
    QHBoxLayout* m_right;
    TabBar* m_tabs = nullptr;
    ElidedLabel* m_title = nullptr;
    ElidedLabel* m_detail = nullptr;
    QToolButton* m_more = nullptr;
    QMenu* m_menu = nullptr;
};

} // namespace orrery::widgets
