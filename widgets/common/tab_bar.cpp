// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/tab_bar.h"

#include "widgets/common/color_math.h"
#include "widgets/common/house_paint.h"

#include <QMenu>
#include <QPainter>
#include <QResizeEvent>
#include <QStyleOptionTab>
#include <QToolButton>

namespace orrery::widgets {

namespace {

constexpr int kBadge = 15, kBadgeGap = 6, kBadgePad = 4, kMore = 52;

QFont badgeFont()
{
    QFont font = Theme::of().font(FontRole::Caption);
    font.setWeight(QFont::DemiBold);
    return font;
}

int badgeWidth(const QString& text) { return text.isEmpty() ? 0 : std::max(kBadge, QFontMetrics(badgeFont()).horizontalAdvance(text) + 2 * kBadgePad); }

} // namespace

TabBar::TabBar(QWidget* parent) : QTabBar(parent)
{
    setDrawBase(false);
    setExpanding(false);
    setUsesScrollButtons(false);
    setElideMode(Qt::ElideNone);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_more = new QToolButton(this);
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));
    m_more->setAccessibleName(tr("Tabs that do not fit"));
    m_more->hide();
    connect(m_more->menu(), &QMenu::aboutToShow, this, &TabBar::fillMenu);
    connect(this, &QTabBar::currentChanged, this, &TabBar::fit);
    connect(this, &QTabBar::tabMoved, this, [this](int from, int to) { m_badges.move(from, to); });
}

void TabBar::setCompact(bool compact)
{
    setProperty("compact", compact);
    updateGeometry();
    fit();
}

void TabBar::setBadge(int index, const QString& text, Token tint)
{
    if (index < 0 || index >= m_badges.size() || (m_badges[index].text == text && m_badges[index].tint == tint)) return;
    m_badges[index] = {text, tint};
    setTabText(index, tabText(index)); // measures again
    fit();
    update();
}

QSize TabBar::tabSizeHint(int index) const
{
    QStyleOptionTab option;
    option.text = tabText(index);
    option.icon = tabIcon(index);
    QSize size = paint::tabSize(option, this);
    if (const int badge = badgeWidth(m_badges.value(index).text)) size.rwidth() += badge + kBadgeGap;
    return size;
}

QSize TabBar::sizeHint() const
{
    int width = 0;
    for (int i = 0; i < count(); ++i) width += tabSizeHint(i).width();
    return {width, metric::kTabRow};
}

QSize TabBar::minimumSizeHint() const
{
    return {count() == 0 ? 0 : tabSizeHint(std::max(0, currentIndex())).width() + (count() > 1 ? kMore : 0), metric::kTabRow};
}

int TabBar::hiddenTabs() const
{
    int hidden = 0;
    for (int i = 0; i < count(); ++i) hidden += !isTabVisible(i);
    return hidden;
}

// Tabs from the left as far as they fit, and the chosen one.
void TabBar::fit()
{
    if (m_fitting) return;
    m_fitting = true;
    const bool all = sizeHint().width() <= width();
    int room = all ? sizeHint().width() : width() - kMore - (currentIndex() >= 0 ? tabSizeHint(currentIndex()).width() : 0);
    bool full = false;
    for (int i = 0; i < count(); ++i) {
        bool shown = all || i == currentIndex();
        if (!shown && !full) {
            room -= tabSizeHint(i).width();
            full = room < 0;
            shown = !full;
        }
        if (isTabVisible(i) != shown) setTabVisible(i, shown);
    }
    m_more->setVisible(!all);
    if (!all) {
        int right = 0;
        for (int i = 0; i < count(); ++i)
            if (isTabVisible(i)) right = std::max(right, tabRect(i).right() + 1);
        m_more->setText(u'+' + QString::number(hiddenTabs()));
        m_more->setGeometry(std::min(right, width() - kMore), 2, kMore, metric::kTabRow - 4);
    }
    m_fitting = false;
}

void TabBar::fillMenu()
{
    m_more->menu()->clear();
    for (int i = 0; i < count(); ++i) {
        if (isTabVisible(i)) continue;
        const QString badge = m_badges[i].text;
        connect(m_more->menu()->addAction(badge.isEmpty() ? tabText(i) : tabText(i) + u'\t' + badge), &QAction::triggered, this, [this, i] {
            setTabVisible(i, true);
            setCurrentIndex(i);
        });
    }
}

void TabBar::paintEvent(QPaintEvent* event)
{
    QTabBar::paintEvent(event);
    QPainter painter(this);
    for (int i = 0; i < count(); ++i) {
        const Badge& badge = m_badges[i];
        if (badge.text.isEmpty() || !isTabVisible(i)) continue;
        const QRect tab = tabRect(i);
        const int width = badgeWidth(badge.text);
        const QRect box(tab.right() + 1 - paint::tabPadding(this) - width, tab.top() + (tab.height() - kBadge) / 2, width, kBadge);
        paint::fillRound(painter, box, mixed(color(Token::Panel), color(badge.tint), .38), 3);
        painter.setFont(badgeFont());
        painter.setPen(color(Token::Text));
        painter.drawText(box, Qt::AlignCenter, badge.text);
    }
}

void TabBar::resizeEvent(QResizeEvent* event)
{
    QTabBar::resizeEvent(event);
    fit();
}

void TabBar::tabInserted(int index)
{
    m_badges.insert(index, Badge{});
    QTabBar::tabInserted(index);
    updateGeometry();
    fit();
}

void TabBar::tabRemoved(int index)
{
    m_badges.removeAt(index);
    QTabBar::tabRemoved(index);
    updateGeometry();
    fit();
}

} // namespace orrery::widgets
