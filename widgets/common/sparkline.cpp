// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/sparkline.h"

#include "widgets/common/theme.h"

#include <QPainter>
#include <algorithm>

namespace orrery::widgets {

void paintSparkline(QPainter& painter, const QRectF& rect, const std::vector<float>& values, float top, std::size_t places)
{
    painter.save();
    painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), color(Token::LineInside));
    if (!values.empty() && top > 0) {
        places = std::max(places, values.size());
        const double step = places > 1 ? rect.width() / static_cast<double>(places - 1) : 0;
        const double first = rect.right() - step * static_cast<double>(values.size() - 1);
        QPolygonF line;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double x = first + step * static_cast<double>(i);
            const double y = rect.bottom() - 1 - std::clamp(values[i] / top, 0.F, 1.F) * (rect.height() - 2);
            if (!line.isEmpty() && x - line.last().x() < 1) line.last().setY(std::min(line.last().y(), y));
            else line << QPointF(x, y);
        }
        QPolygonF area = line;
        area << QPointF(line.last().x(), rect.bottom() - 1) << QPointF(line.first().x(), rect.bottom() - 1);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(Token::LoadFill));
        painter.drawPolygon(area);
        painter.setPen(QPen(color(Token::Load), 0)); // cosmetic: the fast stroker
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(line);
    }
    painter.restore();
}

Sparkline::Sparkline(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void Sparkline::setValues(std::vector<float> values, float top, std::size_t places)
{
    m_values = std::move(values);
    m_top = top;
    m_places = places;
    update();
}

void Sparkline::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintSparkline(painter, rect(), m_values, m_top, m_places);
}

} // namespace orrery::widgets
