// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/line_delegate.h"

#include "widgets/common/icons.h"

#include <QApplication>
#include <QPainter>

namespace orrery::widgets {

namespace {

constexpr int kStep = 14;

// What is left of the row.
QRect paintRight(QPainter& painter, QRect row, const QModelIndex& index)
{
    const Theme& theme = Theme::of();
    if (const QString key = index.data(KeyRole).toString(); !key.isEmpty()) {
        painter.setFont(theme.font(FontRole::Caption));
        const int width = painter.fontMetrics().horizontalAdvance(key) + 10;
        const QRectF chip(row.right() - width + 0.5, row.center().y() - 7.5, width - 1, 16);
        painter.setPen(QPen(color(Token::Border), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(chip, 3, 3);
        painter.setPen(color(Token::Muted));
        painter.drawText(chip, Qt::AlignCenter, key);
        row.setRight(static_cast<int>(chip.left()) - 8);
    }
    if (const QString figure = index.data(FigureRole).toString(); !figure.isEmpty()) {
        painter.setFont(theme.font(FontRole::Mono));
        painter.setPen(color(Token::Muted));
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, figure);
        row.setRight(row.right() - painter.fontMetrics().horizontalAdvance(figure) - 8);
    }
    return row;
}

} // namespace

void LineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const QStyle* style = option.widget ? option.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, option.widget);
    const Theme& theme = Theme::of();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (index.data(DisabledRole).toBool()) painter->setOpacity(0.4);
    QRect row =
        option.rect.adjusted(metric::kTextInset + index.data(PlaceRole).toInt() * kStep, 0, -metric::kTextInset, 0);
    const QRect mark(row.left(), row.center().y() - 7, 16, 16);
    if (const QVariant glyph = index.data(GlyphRole); glyph.isValid())
        drawStateGlyph(*painter, QRectF(mark).adjusted(1, 1, -1, -1), static_cast<types::TaskState>(glyph.toInt()));
    else if (const QString name = index.data(IconRole).toString(); !name.isEmpty())
        icon(name, Token::Muted).paint(painter, mark);
    row.setLeft(mark.right() + 9);
    row = paintRight(*painter, row, index);

    painter->setFont(theme.font(index.data(MarkedRole).toBool() ? FontRole::Medium : FontRole::Ui));
    painter->setPen(color(Token::Text));
    const QString text = painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, row.width());
    painter->drawText(row, Qt::AlignVCenter, text);
    row.setLeft(row.left() + painter->fontMetrics().horizontalAdvance(text) + 8);
    const QString detail = index.data(DetailRole).toString();
    if (!detail.isEmpty() && row.width() > 24) {
        painter->setFont(theme.font(FontRole::Secondary));
        painter->setPen(color(Token::Muted));
        painter->drawText(row, Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(detail, Qt::ElideRight, row.width()));
    }
    painter->restore();
}

QSize LineDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return {100, metric::kRow};
}

} // namespace orrery::widgets
