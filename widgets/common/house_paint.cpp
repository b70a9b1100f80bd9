// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/house_paint.h"

#include "widgets/common/color_math.h"

#include <QFontMetrics>
#include <QPainter>

namespace orrery::widgets::paint {

void fillRound(QPainter& painter, const QRectF& rect, const QColor& fill, qreal radius)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawRoundedRect(rect, radius, radius);
    painter.restore();
}

void strokeRound(QPainter& painter, const QRectF& rect, const QColor& line, qreal width, qreal radius)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(line, width));
    painter.setBrush(Qt::NoBrush);
    const qreal half = width / 2;
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius - half, radius - half);
    painter.restore();
}

void focusRing(QPainter& painter, const QStyleOption& option, const QRect& rect)
{
    constexpr QStyle::State wanted = QStyle::State_HasFocus | QStyle::State_KeyboardFocusChange;
    if ((option.state & wanted) == wanted) strokeRound(painter, rect, color(Token::Accent), 2);
}

void editFrame(QPainter& painter, const QStyleOption& option, const QRect& rect)
{
    const bool enabled = option.state & QStyle::State_Enabled;
    fillRound(painter, rect, color(Token::Window));
    if (enabled && (option.state & QStyle::State_HasFocus))
        strokeRound(painter, rect, color(Token::Accent), 2);
    else
        strokeRound(painter, rect, color(enabled && (option.state & QStyle::State_MouseOver) ? Token::ScrollThumb : Token::Border));
}

void check(QPainter& painter, const QRectF& box, const QColor& ink)
{
    const auto at = [&](qreal x, qreal y) { return QPointF(box.x() + box.width() * x, box.y() + box.height() * y); };
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(ink, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(QPolygonF({at(.22, .54), at(.42, .74), at(.78, .30)}));
    painter.restore();
}

QColor textColor(const QStyleOption& option, Token normal)
{
    return option.state & QStyle::State_Enabled ? color(normal) : faded(color(normal), kDisabledOpacity);
}

int keyHint(QPainter* painter, const QRect& rect, const QString& keys, bool enabled)
{
    constexpr int pad = 5, height = 18;
    const QFont& font = Theme::of().font(FontRole::Caption);
    const int width = QFontMetrics(font).horizontalAdvance(keys) + 2 * pad;
    if (!painter) return width;
    const QRect box(rect.right() + 1 - width, rect.top() + (rect.height() - height) / 2, width, height);
    const double opacity = enabled ? 1 : kDisabledOpacity;
    painter->save();
    strokeRound(*painter, box, faded(color(Token::Border), opacity));
    painter->setFont(font);
    painter->setPen(faded(color(Token::Muted), opacity));
    painter->drawText(box, Qt::AlignCenter, keys);
    painter->restore();
    return width;
}

} // namespace orrery::widgets::paint
