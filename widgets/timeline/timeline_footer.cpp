// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timeline_footer.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/track_field.h"

#include <QPainter>
#include <cmath>

namespace orrery::widgets {

TimelineFooter::TimelineFooter(const TimelineState& state, const TrackField& field, QWidget* parent) : QWidget(parent), m_state(state), m_field(field)
{
    setFixedHeight(metric::kStatusBar);
    setAttribute(Qt::WA_OpaquePaintEvent);
    connect(&field, &TrackField::painted, this, qOverload<>(&QWidget::update));
}

QStringList TimelineFooter::words() const
{
    const StripCounts& counts = m_field.picture().counts();
    if (m_state.set().spans == 0 && counts.inView == 0) return {};
    QStringList words{countText(counts.inView), counts.inView == 1 ? tr("task in view") : tr("tasks in view")};
    if (!m_state.filter().all()) {
        if (counts.settled) words << countText(counts.kept) << tr("match, the others fade");
        else words << QString() << tr("filtering...");
    }
    words << countText(counts.single) << tr("drawn one by one") << countText(counts.merged) << tr("merged as hatch, none dropped");
    return words;
}

void TimelineFooter::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), color(Token::Panel));
    painter.fillRect(0, 0, width(), 1, color(Token::LineInside));
    const auto ns = static_cast<std::int64_t>(std::llround(m_state.scale().nsPerColumn * m_state.ratio()));
    const QString scale = tr("1 px = %1").arg(durationText(ns));
    painter.setFont(Theme::of().font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    painter.drawText(rect().adjusted(0, 1, -metric::kTextInset, 0), Qt::AlignVCenter | Qt::AlignRight, scale);
    const int end = width() - 2 * metric::kTextInset - painter.fontMetrics().horizontalAdvance(scale);
    int x = metric::kTextInset;
    const QStringList all = words();
    for (qsizetype i = 0; i < all.size(); ++i) {
        const bool number = i % 2 == 0;
        painter.setFont(Theme::of().font(number ? FontRole::Section : FontRole::Secondary));
        painter.setPen(color(number ? Token::Text : Token::Muted));
        const int wide = painter.fontMetrics().horizontalAdvance(all.at(i));
        if (x + wide > end) return;
        painter.drawText(QRect(x, 1, wide + 2, height() - 1), Qt::AlignVCenter | Qt::AlignLeft, all.at(i));
        x += wide + (number ? (wide > 0 ? 4 : 0) : 14);
    }
}

} // namespace orrery::widgets
