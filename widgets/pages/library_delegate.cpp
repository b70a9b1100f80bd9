// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/library_delegate.h"

#include "widgets/common/icons.h"
#include "widgets/pages/library_model.h"

#include <QPainter>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kProblemHeight = 40, kDot = 7, kDotPitch = 9, kDotsMax = 6, kRightEdge = 8;

void paintDots(QPainter& painter, const QStringList& types, double right, double middle, bool filled)
{
    const int shown = std::min(static_cast<int>(types.size()), kDotsMax);
    for (int i = 0; i < shown; ++i) {
        const QColor tint = Theme::of().portType(types[i]);
        const QRectF dot(right - (shown - i) * kDotPitch + (kDotPitch - kDot), middle - kDot / 2.0, kDot, kDot);
        painter.setPen(filled ? QPen(Qt::NoPen) : QPen(tint, 1.4));
        painter.setBrush(filled ? QBrush(tint) : QBrush(Qt::NoBrush));
        painter.drawEllipse(filled ? dot : dot.adjusted(0.7, 0.7, -0.7, -0.7));
    }
}

// Rings, an arrow, dots: from the right edge to the left. What is left for the name.
int paintPorts(QPainter& painter, const QRect& row, const QModelIndex& index)
{
    const QStringList inputs = index.data(LibraryModel::InputsRole).toStringList(),
                      outputs = index.data(LibraryModel::OutputsRole).toStringList();
    const double middle = row.center().y() + 0.5;
    double right = row.right() - kRightEdge + 1;
    paintDots(painter, outputs, right, middle, true);
    right -= std::max(1, std::min(static_cast<int>(outputs.size()), kDotsMax)) * kDotPitch + 3;
    icon(QStringLiteral("chevron-right"), Token::Muted).paint(&painter, QRectF(right - 8, middle - 4, 8, 8).toRect());
    right -= 10;
    paintDots(painter, inputs, right, middle, false);
    return static_cast<int>(right) - std::min(static_cast<int>(inputs.size()), kDotsMax) * kDotPitch;
}

void drawText(QPainter& painter, FontRole role, Token token, const QRect& box, const QString& text)
{
    painter.setFont(Theme::of().font(role));
    painter.setPen(color(token));
    painter.drawText(box, Qt::AlignVCenter, painter.fontMetrics().elidedText(text, Qt::ElideRight, box.width()));
}

void paintPlugin(QPainter& painter, const QRect& row, const QModelIndex& index)
{
    icon(QStringLiteral("layers"), Token::Muted).paint(&painter, QRect(row.left() + 4, row.center().y() - 7, 16, 16));
    const QString count = index.data(LibraryModel::CountRole).toString();
    drawText(painter, FontRole::Title, Token::Text, row.adjusted(28, 0, -40, 0), index.data().toString());
    painter.setFont(Theme::of().font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    painter.drawText(row.adjusted(0, 0, -kRightEdge, 0), Qt::AlignRight | Qt::AlignVCenter, count);
}

void paintProblem(QPainter& painter, const QRect& row, const QModelIndex& index)
{
    icon(QStringLiteral("warn"), Token::Failed).paint(&painter, QRect(row.left() + 4, row.top() + 4, 16, 16));
    const QRect text = row.adjusted(28, 2, -kRightEdge, 0);
    drawText(painter, FontRole::Ui, Token::Text, QRect(text.topLeft(), QSize(text.width(), 20)),
             index.data().toString());
    drawText(painter, FontRole::Secondary, Token::Muted, QRect(text.left(), text.top() + 18, text.width(), 18),
             index.data(LibraryModel::FunctionRole).toString());
}

} // namespace

void LibraryDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect& row = option.rect;
    switch (index.data(LibraryModel::KindRole).toInt()) {
    case LibraryModel::Plugin: paintPlugin(*painter, row, index); break;
    case LibraryModel::Category:
        drawText(*painter, FontRole::Secondary, Token::Muted, row.adjusted(6, 0, -kRightEdge, 0),
                 index.data().toString());
        break;
    case LibraryModel::Problem: paintProblem(*painter, row, index); break;
    default: {
        const QString name = index.data(LibraryModel::IconRole).toString();
        icon(hasIcon(name) ? name : QStringLiteral("square"), Token::Muted)
            .paint(painter, QRect(row.left() - 8, row.center().y() - 7, 16, 16));
        const int end = paintPorts(*painter, row, index);
        const int left = row.left() + 16;
        drawText(*painter, FontRole::Ui, Token::Text, QRect(left, row.top(), end - left - 4, row.height()),
                 index.data().toString());
    }
    }
    painter->restore();
}

QSize LibraryDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const
{
    return {100, index.data(LibraryModel::KindRole).toInt() == LibraryModel::Problem ? kProblemHeight : metric::kRow};
}

} // namespace orrery::widgets
