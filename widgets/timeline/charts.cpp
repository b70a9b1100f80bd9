// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/charts.h"

#include "widgets/common/theme.h"
#include "widgets/timeline/timeline_state.h"

#include <QPainter>
#include <QPolygonF>
#include <algorithm>
#include <cmath>

namespace orrery::widgets {

using types::TimeNs;

namespace {

constexpr double kDoneShare = .34, kReadyShare = .26;
constexpr TimeNs kHeartbeatMissed = 3 * base::kSecond; // a gap in the figures: nothing is drawn there

} // namespace

void paintActivity(QPainter& painter, const QRect& rect, const TimelineState& state)
{
    const Theme& theme = Theme::of();
    const auto* run = state.model().shownRun();
    double most = run ? run->tasks : 0;
    for (const auto& vertex : state.model().vertices()) most = run && run->tasks == 0 ? most + vertex.tasks : most;
    most = std::max({most, 1.0, static_cast<double>(state.set().activity.done.empty() ? 0 : state.set().activity.done.back())});
    const QColor canvas = theme.color(Token::Canvas), running = theme.color(Token::Running);
    const QColor done = theme.mix(canvas, theme.color(Token::Succeeded), kDoneShare), ready = theme.mix(canvas, theme.color(Token::Ready), kReadyShare);
    const double room = rect.height() - 4 * state.ratio();
    const int least = std::max(2, qRound(2 * state.ratio()));
    const int bottom = rect.bottom() + 1;
    const int from = std::max(0, static_cast<int>(std::floor(state.scale().xOf(state.beginNs()))));
    const int to = std::min(rect.width(), static_cast<int>(std::ceil(state.scale().xOf(state.endNs()))));
    std::vector<TimeNs> openStarts;
    for (const auto& track : state.set().tracks)
        for (const auto& open : track.open) openStarts.push_back(open.startNs);
    std::sort(openStarts.begin(), openStarts.end());
    struct Tops {
        int done = 0, running = 0, ready = 0;
        bool operator==(const Tops&) const = default;
    };
    Tops now{bottom, bottom, bottom};
    int begun = from;
    const auto paint = [&](int x) { // neighbours of one height at once
        painter.fillRect(begun, now.done, x - begun, bottom - now.done, done);
        painter.fillRect(begun, now.running, x - begun, now.done - now.running, running);
        painter.fillRect(begun, now.ready, x - begun, now.running - now.ready, ready);
        begun = x;
    };
    for (int x = from; x < to; ++x) {
        Tops tops{bottom, bottom, bottom};
        if (const auto sample = state.history().at(state.scale().timeAt(x), state.set().activity, openStarts)) {
            const auto high = [&](double tasks) { return qRound(std::min(room, room * tasks / most)); };
            tops.done = bottom - high(sample->done);
            // What runs is a sliver of a large run; it is never drawn thinner than it can be seen.
            tops.running = sample->running > 0 ? tops.done - std::max(least, high(sample->running)) : tops.done;
            tops.ready = std::min(tops.running, bottom - high(sample->done + sample->running + sample->ready));
        }
        if (tops == now) continue;
        paint(x);
        now = tops;
    }
    paint(to);
}

void paintCpu(QPainter& painter, const QRect& rect, const TimelineState& state, std::uint16_t node)
{
    const auto& figures = state.model().figures(node);
    const TimeNs left = state.scale().leftNs(), right = std::min(state.scale().rightNs(), state.nowNs()); // of a run that ended: no further
    auto at = std::partition_point(figures.begin(), figures.end(), [left](const NodeFigures& f) { return f.atNs < left; });
    if (at != figures.begin()) --at;
    const Theme& theme = Theme::of();
    const QColor canvas = theme.color(Token::Canvas);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double bottom = rect.bottom() + 1, room = rect.height() - 2 * state.ratio();
    QPolygonF line;
    const auto finish = [&] {
        if (line.size() > 1) {
            QPolygonF area = line;
            area << QPointF(line.last().x(), bottom) << QPointF(line.first().x(), bottom);
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme.mix(canvas, theme.color(Token::Muted), .20));
            painter.drawPolygon(area);
            painter.setPen(QPen(theme.mix(canvas, theme.color(Token::Muted), .60), 0));
            painter.drawPolyline(line);
        }
        line.clear();
    };
    TimeNs before = 0;
    double lastX = -1e9;
    for (; at != figures.end(); ++at) {
        if (!line.isEmpty() && at->atNs - before > kHeartbeatMissed) finish();
        before = at->atNs;
        const double x = state.scale().xOf(at->atNs);
        if (x - lastX >= 1 || line.isEmpty()) line << QPointF(x, bottom - room * std::clamp(at->cpuShare, 0.0, 1.0));
        lastX = line.last().x();
        if (at->atNs > right) break;
    }
    painter.setClipRect(QRectF(rect.left(), rect.top(), std::max(0.0, state.scale().xOf(state.nowNs())), rect.height()));
    finish();
    painter.restore();
}

} // namespace orrery::widgets
