// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TabDock: a dock whose title row is the row of its tabs; each panel may bring a widget for the right end of that row (its
// filter, its colours). Float, close and the other places lie in the menu at the end.
// Thread: UI. Lives: with the window.

#include <QDockWidget>
#include <QStackedWidget>
#include <vector>

class QMenu;

namespace orrery::widgets {
class DockTitle;
}

namespace orrery::app {

class TabDock final : public QDockWidget {
    Q_OBJECT
public:
    // name: of the dock in saved layouts; title: for menus and screen readers.
    TabDock(const QString& name, const QString& title, QWidget* parent);
    void addPanel(const QString& id, const QString& title, QWidget* panel, QWidget* corner = nullptr);
    void addButton(QAction* action, const QString& iconName); // right end of the row, for all panels
    QWidget* lend(const QString& id);     // takes the panel out, for another place to show it
    void takeBack(const QString& id);     // nothing when it was not lent
    void showPanel(const QString& id); // shows the dock, too
    QString shownPanel() const;
    QWidget* panel(const QString& id) const; // null: unknown
    QStringList panels() const;
    void setBadge(const QString& id, int count);
    QString panelTitle(const QString& id) const;

Q_SIGNALS:
    void panelShown(const QString& id);

private:
    void showIndex(int index);
    int indexOf(const QString& id) const; // -1: unknown
    struct Panel {
        QString id, title;
        QWidget* widget = nullptr;
    };
    std::vector<Panel> m_panels;
    widgets::DockTitle* m_title;
    QStackedWidget* m_corners;
    QStackedWidget* m_stack;
};

} // namespace orrery::app
