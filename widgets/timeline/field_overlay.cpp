// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/field_overlay.h"

#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/span_words.h"

#include <QCoreApplication>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <set>

namespace orrery::widgets {

using types::TimeNs;

namespace {

constexpr double kCross = 8, kAreaShare = .14;

QString tr(const char* text) { return QCoreApplication::translate("Timeline", text); }

void drawCross(QPainter& painter, QPointF middle, double side)
{
    QPen pen(color(Token::Failed), 2);
    pen.setCapStyle(Qt::RoundCap);
    painter.setPen(pen);
    const double half = side / 2;
    painter.drawLine(middle + QPointF(-half, -half), middle + QPointF(half, half));
    painter.drawLine(middle + QPointF(-half, half), middle + QPointF(half, -half));
}

QRectF bandRect(const TimelineState& state, const TrackRow& row, std::uint16_t track, double left, double right)
{
    const auto lane = static_cast<std::size_t>(std::find(row.tracks.begin(), row.tracks.end(), track) - row.tracks.begin());
    const Band band = bandOf(row, lane);
    return {left, static_cast<double>(row.top + band.top - state.scrollY()), right - left, static_cast<double>(band.height)};
}

} // namespace

QRectF FieldOverlay::boxOf(const TimelineState& state, const FoundSpan& span)
{
    const int at = rowOfTrack(state.rows(), span.track);
    if (at < 0) return {};
    const double left = state.scale().xOf(span.startNs) / state.ratio(), right = state.scale().xOf(span.open ? std::max(state.nowNs(), span.startNs) : span.endNs) / state.ratio();
    return bandRect(state, state.rows()[static_cast<std::size_t>(at)], span.track, left, std::max(right, left + 1));
}

void FieldOverlay::paint(bool blink)
{
    running();
    deaths();
    axes();
    marks();
    area();
    now();
    m_painter.setRenderHint(QPainter::Antialiasing);
    hovered();
    flows();
    if (const auto& span = m_state.selected()) outline(*span, true, blink);
    m_painter.setRenderHint(QPainter::Antialiasing, false);
}

void FieldOverlay::running()
{
    for (const TrackRow& row : m_state.rows())
        for (const std::uint16_t track : row.tracks)
            if (const auto* spans = m_state.set().find(track); spans != nullptr && !spans->open.empty()) runs(*spans, bandRect(m_state, row, track, 0, 0), row.kind == RowKind::Worker);
}

void FieldOverlay::runs(const types::TrackSpans& track, const QRectF& band, bool detail)
{
    if (band.bottom() < 0 || band.top() > m_size.height()) return;
    const SpanLook& look = m_picture.look();
    for (const auto& open : track.open) {
        const double left = x(open.startNs), right = std::max(x(std::max(m_state.nowNs(), open.startNs)), left + 1);
        if (right < 0 || left > m_size.width()) continue;
        const bool kept = m_state.filter().keeps(open, track.track, m_state.nowNs());
        const QRectF box(std::max(left, -2.0), band.top(), std::min(right, m_size.width() + 2.0) - std::max(left, -2.0), band.height());
        m_painter.fillRect(box, QColor::fromRgb(kept ? look.running : mixedRgb(look.canvas, look.running, kFaded)));
        if (!detail || !kept) continue;
        if (open.attempt > 1) {
            m_painter.setPen(QPen(QColor::fromRgb(look.retry), 1));
            m_painter.drawRect(box.adjusted(.5, .5, -.5, -.5));
        }
        const QString text = spanLabel(m_state.model(), open.vertex, open.mapIndex);
        m_painter.setFont(Theme::of().font(FontRole::MonoTiny));
        if (m_painter.fontMetrics().horizontalAdvance(text) + 8 > box.width()) continue;
        m_painter.setPen(QColor::fromRgb(look.onRunning));
        m_painter.drawText(box.adjusted(4, 0, -2, 0), Qt::AlignVCenter | Qt::AlignLeft, text);
    }
}

void FieldOverlay::deaths()
{
    m_painter.setRenderHint(QPainter::Antialiasing);
    m_painter.setFont(Theme::of().font(FontRole::Caption));
    for (const TrackRow& row : m_state.rows())
        for (const std::uint16_t track : row.tracks) {
            const auto worker = m_state.model().workers().find(track);
            if (worker == m_state.model().workers().end() || worker->second.alive || worker->second.endNs == 0) continue;
            const QRectF band = bandRect(m_state, row, track, x(worker->second.endNs), x(worker->second.endNs));
            if (band.bottom() < 0 || band.top() > m_size.height() || band.left() > m_size.width()) continue;
            const double side = std::min(kCross, band.height());
            const QPointF middle(band.left() + side / 2 + 4, band.center().y());
            drawCross(m_painter, middle, side - 1);
            if (row.kind != RowKind::Worker) continue;
            m_painter.setPen(color(Token::Muted));
            m_painter.drawText(QRectF(middle.x() + side / 2 + 5, band.top() - 1, 260, band.height() + 2), Qt::AlignVCenter | Qt::AlignLeft, exitText(worker->second));
        }
    m_painter.setRenderHint(QPainter::Antialiasing, false);
}

void FieldOverlay::axes()
{
    m_painter.setFont(Theme::of().font(FontRole::MonoTiny));
    m_painter.setPen(color(Token::Muted));
    const auto* run = m_state.model().shownRun();
    for (const TrackRow& row : m_state.rows()) {
        QString text;
        if (row.kind == RowKind::Cluster && run != nullptr && run->tasks > 0) text = countText(run->tasks);
        if (row.kind == RowKind::Node && !m_state.model().figures(row.node).empty()) text = tr("CPU");
        if (text.isEmpty()) continue;
        const int wide = m_painter.fontMetrics().horizontalAdvance(text) + 8;
        const QRect right(m_size.width() - wide - 4, row.top - m_state.scrollY() + 3, wide, 14);
        m_painter.fillRect(right, color(Token::Canvas));
        m_painter.drawText(right, Qt::AlignCenter, text);
    }
}

// What happened to the run: when it began and ended, which workers it lost.
void FieldOverlay::marks()
{
    const auto row = std::find_if(m_state.rows().begin(), m_state.rows().end(), [](const TrackRow& r) { return r.kind == RowKind::Marks; });
    const auto* run = m_state.model().shownRun();
    if (row == m_state.rows().end() || run == nullptr || run->startNs == 0) return;
    const QRectF line(0, row->top - m_state.scrollY(), m_size.width(), row->height);
    m_painter.setFont(Theme::of().font(FontRole::Caption));
    double free = -1e9; // right end of the last text
    const auto mark = [&](TimeNs at, Token token, const QString& text) {
        const double left = x(at);
        if (left < -400 || left > m_size.width()) return;
        m_painter.setRenderHint(QPainter::Antialiasing);
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(color(token));
        m_painter.drawPolygon(QPolygonF({{left - 4, line.top() + 6}, {left + 4, line.top() + 6}, {left, line.top() + 12}}));
        m_painter.setRenderHint(QPainter::Antialiasing, false);
        if (left + 8 < free) return; // a triangle alone; its track tells
        if (token == Token::Failed) { // what broke then may show on any track
            QPen pen(color(token), 1);
            pen.setDashPattern({3, 3});
            m_painter.setPen(pen);
            m_painter.drawLine(QPointF(std::floor(left) + .5, 0), QPointF(std::floor(left) + .5, line.top() + 6));
        }
        m_painter.setPen(color(Token::Muted));
        m_painter.drawText(QPointF(left + 8, line.center().y() + 4), text);
        free = left + 16 + m_painter.fontMetrics().horizontalAdvance(text);
    };
    mark(run->startNs, Token::Muted, tr("run %1 started").arg(run->number));
    std::set<std::uint16_t> gone; // nodes: one mark each, not one a worker
    for (const auto& [track, worker] : m_state.model().workers()) {
        if (worker.alive || worker.endNs < run->startNs || (run->endNs != 0 && worker.endNs > run->endNs)) continue;
        const auto* node = m_state.model().node(worker.node);
        if (node == nullptr) {
            if (gone.insert(worker.node).second) mark(worker.endNs, Token::Muted, tr("node %1 left").arg(RunModel::nodeLetter(worker.node)));
        } else if (node->state != types::NodeState::Dead || worker.endNs < node->heartbeatNs) {
            mark(worker.endNs, Token::Failed, tr("%1 worker %2: %3").arg(RunModel::nodeLetter(worker.node)).arg(m_state.model().workerNumber(track)).arg(exitText(worker)));
        } else if (gone.insert(worker.node).second) {
            mark(worker.endNs, Token::Failed, tr("node %1 lost").arg(RunModel::nodeLetter(worker.node)));
        }
    }
    if (run->endNs > 0)
        mark(run->endNs, run->state == types::RunState::Succeeded ? Token::Succeeded : Token::Failed,
             run->state == types::RunState::Succeeded ? tr("run %1 done").arg(run->number) : tr("run %1 ended: %2").arg(run->number).arg(QString::fromStdString(run->error)));
}

void FieldOverlay::outline(const FoundSpan& span, bool chosen, bool blink)
{
    QRectF box = boxOf(m_state, span);
    if (box.isNull() || box.right() < -4 || box.left() > m_size.width() + 4) return;
    if (box.width() < 4) box.adjust(-2, 0, 2, 0);
    box = box.intersected(QRectF(-8, -8, m_size.width() + 16, m_size.height() + 16));
    const QColor accent = color(Token::Accent);
    m_painter.setBrush(Qt::NoBrush);
    if (!chosen) {
        m_painter.setPen(QPen(accent, 1));
        m_painter.drawRoundedRect(box.adjusted(-.5, -.5, .5, .5), 2, 2);
        return;
    }
    m_painter.setPen(QPen(color(Token::Canvas), 1));
    m_painter.drawRoundedRect(box.adjusted(-.5, -.5, .5, .5), 2, 2);
    m_painter.setPen(QPen(accent, blink ? 4 : 2));
    m_painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 3, 3);
}

// A task that another panel's mouse is over: only among what is drawn one by one, which costs nothing to search.
void FieldOverlay::hovered()
{
    const auto& task = m_state.selection().hovered();
    if (!task) return;
    for (const auto& [track, strip] : m_picture.strips())
        for (const DrawnSpan& span : strip.spans())
            if (span.row == task->row) outline({track, span.row, span.index, span.vertex, span.flags, span.startNs, span.endNs, false}, false, false);
    for (const auto& track : m_state.set().tracks)
        for (const auto& open : track.open)
            if (open.row == task->row) outline({track.track, open.row, open.mapIndex, open.vertex, 0, open.startNs, m_state.nowNs(), true}, false, false);
}

void FieldOverlay::flows()
{
    const auto& span = m_state.selected();
    if (!span) return;
    for (const FoundSpan& from : m_state.flows().producers) arrow(from, *span);
    for (const FoundSpan& to : m_state.flows().consumers) arrow(*span, to);
}

void FieldOverlay::arrow(const FoundSpan& from, const FoundSpan& to)
{
    const QRectF a = boxOf(m_state, from), b = boxOf(m_state, to);
    if (a.isNull() || b.isNull() || std::max(a.right(), b.left()) < 0 || std::min(a.right(), b.left()) > m_size.width()) return;
    const QPointF begin(a.right(), a.center().y()), end(b.left() - 1, b.center().y());
    const double bend = std::clamp((end.x() - begin.x()) / 2, 12.0, 120.0);
    QPainterPath path(begin);
    path.cubicTo(begin + QPointF(bend, 0), end - QPointF(bend, 0), end - QPointF(4, 0));
    m_painter.setBrush(Qt::NoBrush);
    m_painter.setPen(QPen(color(Token::Accent), 1.5));
    m_painter.drawPath(path);
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(color(Token::Accent));
    m_painter.drawPolygon(QPolygonF({end, end + QPointF(-6, -3.5), end + QPointF(-6, 3.5)}));
}

void FieldOverlay::area()
{
    if (!m_state.area()) return;
    const double left = std::clamp(x(m_state.area()->fromNs), -2.0, m_size.width() + 2.0), right = std::clamp(x(m_state.area()->toNs), -2.0, m_size.width() + 2.0);
    QColor fill = color(Token::Accent);
    fill.setAlphaF(static_cast<float>(kAreaShare));
    m_painter.fillRect(QRectF(left, 0, right - left, m_size.height()), fill);
    m_painter.fillRect(QRectF(left, 0, 1, m_size.height()), color(Token::Accent));
    m_painter.fillRect(QRectF(right - 1, 0, 1, m_size.height()), color(Token::Accent));
}

void FieldOverlay::now()
{
    if (m_state.model().shownRun() == nullptr) return;
    const double at = x(m_state.nowNs());
    if (at < 0 || at > m_size.width()) return;
    m_painter.fillRect(QRectF(std::floor(at), 0, 1, m_size.height()), color(Token::Accent));
}

} // namespace orrery::widgets
