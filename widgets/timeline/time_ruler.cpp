// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/time_ruler.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QPainter>
#include <cmath>

namespace orrery::widgets {

TimeRuler::TimeRuler(TimelineState& state, QWidget* parent) : QWidget(parent), m_state(state)
{
    setFixedHeight(metric::kRuler);
    setAttribute(Qt::WA_OpaquePaintEvent);
    connect(&state, &TimelineState::changed, this, qOverload<>(&QWidget::update));
}

void TimeRuler::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), color(Token::Panel));
    painter.fillRect(0, height() - 1, width(), 1, color(Token::LineInside));
    painter.setFont(Theme::of().font(FontRole::MonoSmall));
    const double now = m_state.model().shownRun() != nullptr ? std::floor(x(m_state.nowNs())) : -1e9;
    for (const Tick& tick : ticksOf(m_state.scale(), qRound(kTickPx * m_state.ratio()))) {
        const double left = std::floor(x(tick.at));
        painter.fillRect(QRectF(left, height() - 6, 1, 5), color(Token::Border));
        const double end = left + 4 + painter.fontMetrics().horizontalAdvance(tick.text);
        if (now + 7 > left && now - 6 < end) continue; // the head of now stands there
        painter.setPen(color(Token::Muted));
        painter.drawText(QRectF(left + 4, 0, kTickPx, height()), Qt::AlignVCenter | Qt::AlignLeft, tick.text);
    }
    paintArea(painter);
    if (now >= -5 && now <= width() + 5) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(Token::Accent));
        painter.drawPolygon(QPolygonF({{now - 4.5, 8}, {now + 5.5, 8}, {now + 5.5, 14}, {now + .5, 19}, {now - 4.5, 14}}));
        painter.fillRect(QRectF(now, 17, 1, height() - 17.0), color(Token::Accent));
    }
}

void TimeRuler::paintArea(QPainter& painter)
{
    if (!m_state.area()) return;
    const double left = x(m_state.area()->fromNs), right = x(m_state.area()->toNs);
    const QString text = durationText(m_state.area()->toNs - m_state.area()->fromNs);
    const double wide = painter.fontMetrics().horizontalAdvance(text) + 12;
    painter.fillRect(QRectF(left, height() - 3, right - left, 3), color(Token::Accent));
    const double at = std::clamp((left + right - wide) / 2, 0.0, std::max(0.0, width() - wide));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color(Token::Selection));
    painter.drawRoundedRect(QRectF(at, 3, wide, 16), 3, 3);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(color(Token::Text));
    painter.drawText(QRectF(at, 3, wide, 16), Qt::AlignCenter, text);
}

} // namespace orrery::widgets
