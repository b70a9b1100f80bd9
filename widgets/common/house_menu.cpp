// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Menus, the menu bar and tooltips (rules 11 and 12).
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"

#include <QApplication>
#include <QPainter>

namespace orrery::widgets::paint {

namespace {

constexpr int kSide = 12;         // text from the edge
constexpr int kColumn = 24;       // icon or check, with its gap
constexpr int kShortcutGap = 32;
constexpr int kSeparator = 9;     // 1 px line, 4 px above and below
constexpr int kSubmenu = 16;

bool hasColumn(const QStyleOptionMenuItem& option) { return option.menuHasCheckableItems || option.maxIconWidth > 0; }

int mnemonics(const QStyleOption& option, const QWidget* widget)
{
    return QApplication::style()->styleHint(QStyle::SH_UnderlineShortcut, &option, widget) ? Qt::TextShowMnemonic : Qt::TextHideMnemonic;
}

void menuItem(const QStyleOptionMenuItem& option, QPainter& painter, const QWidget* widget)
{
    if (option.menuItemType == QStyleOptionMenuItem::Separator) {
        painter.fillRect(QRect(option.rect.left(), option.rect.center().y(), option.rect.width(), 1), color(Token::Border));
        return;
    }
    const bool enabled = option.state & QStyle::State_Enabled;
    if ((option.state & QStyle::State_Selected) && enabled) fillRound(painter, option.rect.adjusted(4, 0, -4, 0), color(Token::Pressed));

    QRect rect = option.rect.adjusted(kSide, 0, -kSide, 0);
    if (hasColumn(option)) {
        const QRect box(rect.left(), rect.top() + (rect.height() - metric::kIcon) / 2, metric::kIcon, metric::kIcon);
        if (option.checked && option.icon.isNull())
            check(painter, box, textColor(option));
        else if (!option.icon.isNull())
            option.icon.paint(&painter, box, Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled, option.checked ? QIcon::On : QIcon::Off);
        rect.setLeft(rect.left() + kColumn);
    }
    if (option.menuItemType == QStyleOptionMenuItem::SubMenu) {
        drawChevron(painter, QRectF(rect.right() + 1 - 8, rect.top(), 8, rect.height()), false, textColor(option, Token::Muted));
        rect.setRight(rect.right() - kSubmenu);
    }
    const qsizetype tab = option.text.indexOf(u'\t');
    painter.setFont(option.font);
    painter.setPen(textColor(option));
    painter.drawText(rect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine | mnemonics(option, widget), tab < 0 ? option.text : option.text.left(tab));
    if (tab < 0) return;
    painter.setPen(textColor(option, Token::Muted));
    painter.drawText(rect, Qt::AlignVCenter | Qt::AlignRight | Qt::TextSingleLine, option.text.mid(tab + 1));
}

void menuBarItem(const QStyleOptionMenuItem& option, QPainter& painter, const QWidget* widget)
{
    painter.fillRect(option.rect, color(Token::Panel));
    if (option.state & QStyle::State_Selected)
        fillRound(painter, option.rect.adjusted(0, 2, 0, -2), color(option.state & QStyle::State_Sunken ? Token::Pressed : Token::Hover));
    painter.setFont(option.font);
    painter.setPen(textColor(option));
    painter.drawText(option.rect, Qt::AlignCenter | Qt::TextSingleLine | mnemonics(option, widget), option.text);
}

} // namespace

QSize menuItemSize(const QStyleOptionMenuItem& option, const QSize& contents)
{
    if (option.menuItemType == QStyleOptionMenuItem::Separator) return {contents.width(), kSeparator};
    const int text = QFontMetrics(option.font).size(Qt::TextSingleLine | Qt::TextHideMnemonic, option.text.section(u'\t', 0, 0)).width();
    // The widest shortcut is added by the menu itself.
    return {text + 2 * kSide + (hasColumn(option) ? kColumn : 0) + kShortcutGap, metric::kRow};
}

bool menuPrimitive(QStyle::PrimitiveElement element, const QStyleOption& option, QPainter& painter, const QWidget*)
{
    switch (element) {
    case QStyle::PE_PanelMenu: painter.fillRect(option.rect, color(Token::Panel)); return true;
    case QStyle::PE_FrameMenu: strokeRound(painter, option.rect, color(Token::Border)); return true;
    case QStyle::PE_PanelTipLabel:
        painter.fillRect(option.rect, color(Token::Panel));
        strokeRound(painter, option.rect, color(Token::Border));
        return true;
    case QStyle::PE_PanelMenuBar: painter.fillRect(option.rect, color(Token::Panel)); return true;
    default: return false;
    }
}

bool menuControl(QStyle::ControlElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget)
{
    switch (element) {
    case QStyle::CE_MenuItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(&option)) menuItem(*item, painter, widget);
        return true;
    case QStyle::CE_MenuBarItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(&option)) menuBarItem(*item, painter, widget);
        return true;
    case QStyle::CE_MenuEmptyArea:
    case QStyle::CE_MenuBarEmptyArea: painter.fillRect(option.rect, color(Token::Panel)); return true;
    default: return false;
    }
}

} // namespace orrery::widgets::paint
