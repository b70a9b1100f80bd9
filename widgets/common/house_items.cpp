// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rows, branches and heads of views (rules 5 and 6).
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QHeaderView>
#include <QPainter>
#include <QTableView>

namespace orrery::widgets::paint {

namespace {

void rowFill(const QStyleOptionViewItem& option, QPainter& painter, const QWidget* widget)
{
    const bool here = !widget || widget->hasFocus() || (widget->focusWidget() && widget->isAncestorOf(widget->focusWidget()) && widget->focusWidget()->hasFocus());
    if (option.state & QStyle::State_Selected)
        painter.fillRect(option.rect, color(here ? Token::Selection : Token::SelectionAway));
    else if (option.backgroundBrush.style() != Qt::NoBrush)
        painter.fillRect(option.rect, option.backgroundBrush);
    else if ((option.state & QStyle::State_MouseOver) && (option.state & QStyle::State_Enabled))
        painter.fillRect(option.rect, color(Token::Hover));
    else if (option.features & QStyleOptionViewItem::Alternate)
        painter.fillRect(option.rect, color(Token::Zebra));
}

void headerLabel(const QStyleOptionHeader& option, QPainter& painter)
{
    const bool sorted = option.sortIndicator != QStyleOptionHeader::None;
    QFont font = Theme::of().font(FontRole::Secondary);
    if (sorted) font.setWeight(QFont::Medium);
    const int chevron = sorted ? 14 : 0;
    QRect rect = option.rect.adjusted(metric::kTextInset, 0, -metric::kTextInset, 0);
    const QString text = QFontMetrics(font).elidedText(option.text, Qt::ElideRight, rect.width() - chevron);
    const int width = QFontMetrics(font).horizontalAdvance(text);
    int x = rect.left();
    if (option.textAlignment & Qt::AlignRight) x = rect.right() + 1 - width;
    else if (option.textAlignment & Qt::AlignHCenter) x = rect.left() + (rect.width() - width - chevron) / 2;
    painter.setFont(font);
    painter.setPen(textColor(option, sorted || (option.state & QStyle::State_MouseOver) ? Token::Text : Token::Muted));
    painter.drawText(QRect(x, rect.top(), width + 1, rect.height()), Qt::AlignVCenter | Qt::AlignLeft, text);
    if (!sorted) return;
    // Right of the text where there is room for it, else (numbers) in the margin.
    QRectF box(x + width + 3, rect.top(), 10, rect.height());
    if (option.sortIndicator == QStyleOptionHeader::SortDown) {
        painter.save();
        painter.translate(box.center());
        painter.scale(1, -1);
        painter.translate(-box.center());
        drawChevron(painter, box, true, color(Token::Text));
        painter.restore();
    } else {
        drawChevron(painter, box, true, color(Token::Text));
    }
}

} // namespace

QSize headerSize(const QStyleOptionHeader& option)
{
    const int chevron = option.sortIndicator == QStyleOptionHeader::None ? 0 : 14;
    QFont font = Theme::of().font(FontRole::Secondary);
    font.setWeight(QFont::Medium);
    return {QFontMetrics(font).horizontalAdvance(option.text) + 2 * metric::kTextInset + chevron, metric::kRow};
}

bool itemPrimitive(QStyle::PrimitiveElement element, const QStyleOption& option, QPainter& painter, const QWidget* widget)
{
    switch (element) {
    case QStyle::PE_PanelItemViewRow:
    case QStyle::PE_PanelItemViewItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(&option)) rowFill(*item, painter, widget);
        return true;
    case QStyle::PE_IndicatorBranch:
        if (option.state & QStyle::State_Children)
            drawChevron(painter, QRectF(option.rect), option.state & QStyle::State_Open, color(option.state & QStyle::State_MouseOver ? Token::Text : Token::Muted));
        return true;
    case QStyle::PE_FrameFocusRect:
        if (qobject_cast<const QTableView*>(widget)) return true; // the row is filled; a cell is not a place of its own
        if (qobject_cast<const QAbstractItemView*>(widget)) {
            if ((option.state & QStyle::State_KeyboardFocusChange) && !(option.state & QStyle::State_Selected))
                strokeRound(painter, option.rect, color(Token::Accent), 1, 2);
            return true;
        }
        if (!qobject_cast<const QAbstractButton*>(widget)) strokeRound(painter, option.rect, color(Token::Accent), 2); // buttons have a ring of their own
        return true;
    case QStyle::PE_IndicatorHeaderArrow: return true; // part of the label
    case QStyle::PE_IndicatorItemViewItemDrop: painter.fillRect(QRect(option.rect.left(), option.rect.top(), option.rect.width(), 2), color(Token::Accent)); return true;
    default: return false;
    }
}

bool itemControl(QStyle::ControlElement element, const QStyleOption& option, QPainter& painter, const QWidget*)
{
    switch (element) {
    case QStyle::CE_HeaderSection:
    case QStyle::CE_HeaderEmptyArea:
        painter.fillRect(option.rect, color(Token::Window));
        painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), color(Token::Border));
        return true;
    case QStyle::CE_HeaderLabel:
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(&option)) headerLabel(*header, painter);
        return true;
    default: return false;
    }
}

} // namespace orrery::widgets::paint
