// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/dock_title.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/tab_bar.h"

#include <QDockWidget>
#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>

namespace orrery::widgets {

DockTitle::DockTitle(QDockWidget* dock, QWidget* parent) : QWidget(parent ? parent : dock), m_dock(dock)
{
    setFixedHeight(metric::kTabRow);
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(0, 0, 4, 0);
    m_row->setSpacing(4);
    m_left = new QHBoxLayout;
    m_left->setContentsMargins(4, 0, 0, 0);
    m_right = new QHBoxLayout;
    m_right->setSpacing(4);
    m_row->addLayout(m_left);
    m_row->addStretch(1);
    m_row->addLayout(m_right);
    if (!dock) return;
    dock->setTitleBarWidget(this);
    setTitle(dock->windowTitle());
    menu();
}

void DockTitle::setTitle(const QString& title)
{
    if (m_tabs) return;
    if (!m_title) {
        m_title = new ElidedLabel({}, FontRole::Medium, Token::Text, this);
        m_left->setContentsMargins(metric::kTextInset, 0, 0, 0);
        m_left->insertWidget(0, m_title);
    }
    m_title->setText(title);
}

void DockTitle::setDetail(const QString& detail)
{
    if (!m_detail) {
        m_detail = new ElidedLabel({}, FontRole::Secondary, Token::Muted, this);
        m_left->insertWidget(m_title || m_tabs ? 1 : 0, m_detail);
    }
    m_detail->setText(detail);
}

TabBar* DockTitle::tabs()
{
    if (!m_tabs) {
        delete m_title;
        m_title = nullptr;
        m_tabs = new TabBar(this);
        m_left->setContentsMargins(4, 0, 0, 0);
        m_left->insertWidget(0, m_tabs);
        m_row->setStretchFactor(m_left, 100); // a bar that must hide tabs hides as few as it can
    }
    return m_tabs;
}

void DockTitle::addLeft(QWidget* widget) { m_left->addWidget(widget); }

void DockTitle::addCorner(QWidget* widget) { m_right->addWidget(widget); }

QMenu* DockTitle::menu()
{
    if (m_menu) return m_menu;
    m_menu = new QMenu(this);
    m_more = toolButton(QStringLiteral("more"), tr("More"), this);
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(m_menu);
    m_row->addWidget(m_more);
    if (m_dock) fillMenu();
    return m_menu;
}

void DockTitle::fillMenu()
{
    QAction* line = m_menu->addSeparator();
    QAction* floating = m_menu->addAction(tr("Float"));
    QAction* close = m_menu->addAction(tr("Close"));
    connect(floating, &QAction::triggered, m_dock, [this] { m_dock->setFloating(!m_dock->isFloating()); });
    connect(close, &QAction::triggered, m_dock, &QWidget::close);
    connect(m_menu, &QMenu::aboutToShow, this, [this, line, floating, close] {
        floating->setText(m_dock->isFloating() ? tr("Dock") : tr("Float"));
        floating->setVisible(m_dock->features() & QDockWidget::DockWidgetFloatable);
        close->setVisible(m_dock->features() & QDockWidget::DockWidgetClosable);
        // Whatever was added since stands above the two.
        for (QAction* action : {line, floating, close}) {
            m_menu->removeAction(action);
            m_menu->addAction(action);
        }
        line->setVisible(m_menu->actions().size() > 3 && (floating->isVisible() || close->isVisible()));
    });
}

void DockTitle::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), color(Token::Panel));
    painter.fillRect(QRect(0, height() - 1, width(), 1), color(Token::Border));
}

} // namespace orrery::widgets
