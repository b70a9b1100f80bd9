// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/tab_dock.h"

#include "widgets/common/buttons.h"
#include "widgets/common/dock_title.h"
#include "widgets/common/tab_bar.h"

#include <QMainWindow>
#include <QMenu>

namespace orrery::app {

namespace {

// A stack that is as wide as what it shows now, not as the widest it holds.
class CornerStack final : public QStackedWidget {
public:
    using QStackedWidget::QStackedWidget;
    QSize sizeHint() const override { return currentWidget() ? currentWidget()->sizeHint() : QSize(0, 0); }
    QSize minimumSizeHint() const override { return {0, 0}; }
};

class PanelStack final : public QStackedWidget {
public:
    using QStackedWidget::QStackedWidget;
    QSize minimumSizeHint() const override { return {80, 60}; } // a small window shrinks what it must
};

} // namespace

TabDock::TabDock(const QString& name, const QString& title, QWidget* parent) : QDockWidget(title, parent)
{
    setObjectName(name);
    setAccessibleName(title);
    m_title = new widgets::DockTitle(this);
    m_corners = new CornerStack(m_title);
    m_corners->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_title->addCorner(m_corners);
    m_stack = new PanelStack(this);
    setWidget(m_stack);
    connect(m_title->tabs(), &QTabBar::currentChanged, this, &TabDock::showIndex);
    auto* window = qobject_cast<QMainWindow*>(parent);
    const std::pair<QString, Qt::DockWidgetArea> places[] = {
        {tr("Dock at the left"), Qt::LeftDockWidgetArea}, {tr("Dock at the right"), Qt::RightDockWidgetArea}, {tr("Dock at the bottom"), Qt::BottomDockWidgetArea}};
    for (const auto& [text, area] : places)
        m_title->menu()->addAction(text, this, [this, window, place = area] {
            setFloating(false);
            if (window) window->addDockWidget(place, this);
        });
}

void TabDock::addPanel(const QString& id, const QString& title, QWidget* panel, QWidget* corner)
{
    m_panels.push_back({id, title, panel});
    m_stack->addWidget(panel);
    m_corners->addWidget(corner ? corner : new QWidget(m_corners));
    m_title->tabs()->add(title);
}

void TabDock::addButton(QAction* action, const QString& iconName)
{
    auto* button = widgets::toolButton(iconName, action->text(), m_title);
    connect(button, &QToolButton::clicked, action, &QAction::trigger);
    m_title->addCorner(button);
}

int TabDock::indexOf(const QString& id) const
{
    for (std::size_t i = 0; i < m_panels.size(); ++i)
        if (m_panels[i].id == id) return static_cast<int>(i);
    return -1;
}

void TabDock::showIndex(int index)
{
    if (index < 0 || static_cast<std::size_t>(index) >= m_panels.size()) return;
    m_stack->setCurrentWidget(m_panels[static_cast<std::size_t>(index)].widget);
    m_corners->setCurrentIndex(index);
    m_corners->updateGeometry();
    Q_EMIT panelShown(m_panels[static_cast<std::size_t>(index)].id);
}

void TabDock::showPanel(const QString& id)
{
    m_title->tabs()->setCurrentIndex(indexOf(id));
    show();
    raise();
}

QString TabDock::shownPanel() const
{
    const int index = m_title->tabs()->currentIndex();
    return index < 0 ? QString() : m_panels[static_cast<std::size_t>(index)].id;
}

QWidget* TabDock::panel(const QString& id) const
{
    const int index = indexOf(id);
    return index < 0 ? nullptr : m_panels[static_cast<std::size_t>(index)].widget;
}

QWidget* TabDock::lend(const QString& id)
{
    auto* widget = panel(id);
    m_stack->removeWidget(widget);
    return widget;
}

void TabDock::takeBack(const QString& id)
{
    auto* widget = panel(id);
    if (!widget || m_stack->indexOf(widget) >= 0) return;
    m_stack->addWidget(widget);
    showIndex(m_title->tabs()->currentIndex());
}

QStringList TabDock::panels() const
{
    QStringList ids;
    for (const auto& panel : m_panels) ids << panel.id;
    return ids;
}

QString TabDock::panelTitle(const QString& id) const
{
    const int index = indexOf(id);
    return index < 0 ? QString() : m_panels[static_cast<std::size_t>(index)].title;
}

void TabDock::setBadge(const QString& id, int count)
{
    m_title->tabs()->setBadge(indexOf(id), count > 0 ? QString::number(count) : QString());
}

} // namespace orrery::app
