// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/field_picture.h"

#include "widgets/common/icons.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/charts.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace orrery::widgets {

namespace {

constexpr int kGlyphsMax = 400;  // retry marks of one picture; the outline says it, too
constexpr double kTransferShare = .70, kTransferFaintest = .70; // mostly short: that there was one matters more than for how long
constexpr int kPaddingPx = 64;   // more than the highest row that has spans in one piece

} // namespace

QString spanLabel(const RunModel& model, std::uint16_t vertex, std::uint32_t index)
{
    const bool wide = vertex < model.vertices().size() && model.vertices()[vertex].tasks > 1;
    return wide ? QString::number(index) : model.vertexName(vertex);
}

void FieldPicture::build(const TimelineState& state, QSize size)
{
    prepare(state, size);
    grid(state);
    charts(state);
    strips(state);
    transfers(state);
}

void FieldPicture::prepare(const TimelineState& state, QSize size)
{
    const qreal ratio = state.ratio();
    const int padding = qRound(kPaddingPx * ratio);
    const QSize whole(std::max(1, size.width()), std::max(1, size.height()) + 2 * padding);
    if (m_image.size() != whole) m_image = QImage(whole, QImage::Format_RGB32);
    if (!m_atlas || !qFuzzyCompare(ratio, m_ratio)) m_atlas = std::make_unique<LabelAtlas>(Theme::of().font(FontRole::MonoTiny), ratio);
    m_ratio = ratio;
    m_padding = padding;
    if (!m_lookMade || m_mode != state.colourMode() || m_graph != state.model().graph().get()) {
        m_look = SpanLook::of(state.model(), state.colourMode());
        m_transferLook = m_look;
        m_transferLook.byState = true;
        m_transferLook.faintest = kTransferFaintest;
        m_transferLook.stateDone = mixedRgb(m_look.canvas, Theme::of().color(Token::Fetching).rgb(), kTransferShare);
        m_mode = state.colourMode();
        m_graph = state.model().graph().get();
        m_lookMade = true;
    }
}

void FieldPicture::grid(const TimelineState& state)
{
    m_image.fill(m_look.canvas);
    const int stroke = std::max(1, qRound(m_ratio));
    QPainter painter(&m_image);
    const auto line = [&](const QRect& rect) { painter.fillRect(rect, QColor::fromRgb(m_look.grid)); };
    for (const Tick& tick : ticksOf(state.scale(), qRound(kTickPx * m_ratio))) line({static_cast<int>(std::floor(state.scale().xOf(tick.at))), 0, stroke, m_image.height()});
    for (const TrackRow& row : state.rows()) {
        const int top = y(state, row.top), bottom = y(state, row.bottom());
        if (bottom < 0 || top > m_image.height()) continue;
        line({0, bottom - stroke, m_image.width(), stroke});
    }
}

void FieldPicture::charts(const TimelineState& state)
{
    QPainter painter(&m_image);
    for (const TrackRow& row : state.rows()) {
        const int top = y(state, row.top), bottom = y(state, row.bottom());
        if (bottom < 0 || top > m_image.height()) continue;
        const QRect rect(0, top, m_image.width(), bottom - top - std::max(1, qRound(m_ratio)));
        if (row.kind == RowKind::Cluster) paintActivity(painter, rect, state);
        else if (row.kind == RowKind::Node) paintCpu(painter, rect, state, row.node);
    }
}

StripBox FieldPicture::boxOf(const TimelineState& state, const TrackRow& row, std::size_t lane) const
{
    const Band band = bandOf(row, lane);
    const int top = y(state, row.top + band.top);
    return {top, std::max(1, y(state, row.top + band.top + band.height) - top), row.kind == RowKind::Worker};
}

void FieldPicture::strips(const TimelineState& state)
{
    m_counts = {};
    std::erase_if(m_strips, [&](const auto& strip) { return state.set().find(strip.first) == nullptr; });
    const SpanFilter* filter = state.filter().all() ? nullptr : &state.filter();
    const SpanLabel label = [&](std::uint16_t vertex, std::uint32_t index) { return spanLabel(state.model(), vertex, index); };
    StripPainter painter(m_image, state.scale(), m_look, *m_atlas, m_ratio);
    int glyphsLeft = kGlyphsMax;
    const types::TimeNs left = state.scale().leftNs(), right = state.scale().rightNs();
    for (const TrackRow& row : state.rows())
        for (std::size_t lane = 0; lane < row.tracks.size(); ++lane) {
            const types::TrackSpans* track = state.set().find(row.tracks[lane]);
            const StripBox box = boxOf(state, row, lane);
            if (track == nullptr || box.top + box.height <= m_padding || box.top >= m_image.height() - m_padding) continue;
            Strip& strip = m_strips[row.tracks[lane]];
            strip.take(*track, state.scale(), filter, m_ratio);
            if (box.top < 0 || box.top + box.height > m_image.height()) continue;
            painter.paint(strip, box, label);
            if (box.detail) glyphs(state, strip, box, glyphsLeft);
            m_counts.inView += strip.counts().inView;
            m_counts.single += strip.counts().single;
            m_counts.merged += strip.counts().merged;
            m_counts.kept += strip.counts().kept;
            m_counts.settled = m_counts.settled && strip.counts().settled;
            for (const auto& open : track->open) { // runs now: always drawn by itself
                if (open.startNs >= right || std::max(state.nowNs(), open.startNs) < left) continue;
                ++m_counts.inView;
                ++m_counts.single;
                m_counts.kept += state.filter().keeps(open, track->track, state.nowNs());
            }
        }
}

// All in one colour, without words: the hover tells what it was.
void FieldPicture::transfers(const TimelineState& state)
{
    const types::SpanSet& set = state.transfers();
    std::erase_if(m_transferStrips, [&](const auto& strip) { return set.find(strip.first) == nullptr; });
    StripPainter painter(m_image, state.scale(), m_transferLook, *m_atlas, m_ratio);
    for (const TrackRow& row : state.rows()) {
        if (row.kind != RowKind::Transfers) continue;
        const types::TrackSpans* brought = set.find(row.node);
        const StripBox box = boxOf(state, row, 0);
        if (brought == nullptr || box.top < 0 || box.top + box.height > m_image.height()) continue;
        Strip& strip = m_transferStrips[row.node];
        strip.take(*brought, state.scale(), nullptr, m_ratio);
        painter.paint(strip, box, {});
    }
}

// The mark of an attempt that is not the first, of one that failed, in spans with room for it.
void FieldPicture::glyphs(const TimelineState& state, const Strip& strip, const StripBox& box, int& left)
{
    const double side = kGlyphPx * m_ratio;
    if (box.height < side) return;
    QPainter painter(&m_image);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const DrawnSpan& span : strip.spans()) {
        if (left == 0) return;
        if (!hasGlyph(span.flags) || span.absorbed || !span.kept) continue;
        const int from = static_cast<int>(std::clamp<std::int64_t>(span.left - state.scale().first, -1, m_image.width()));
        const int labelWidth = m_atlas->width(spanLabel(state.model(), span.vertex, span.index));
        const GlyphPlace place = glyphPlace(span.width(), labelWidth, m_ratio);
        if (!place.shown || span.right <= state.scale().first || from >= m_image.width()) continue;
        const auto outcome = types::spanOutcome(span.flags);
        const auto shown = types::isGood(outcome) ? types::TaskState::Retrying : outcome == types::TaskState::Cancelled ? outcome : types::TaskState::Failed;
        const double x = place.label ? from + place.x : static_cast<double>(span.left - state.scale().first) + place.x;
        drawStateGlyph(painter, {x, box.top + (box.height - side) / 2, side, side}, shown);
        --left;
    }
}

std::uint64_t FieldPicture::visits() const
{
    std::uint64_t sum = 0;
    for (const auto* all : {&m_strips, &m_transferStrips})
        for (const auto& [track, strip] : *all) sum += strip.visits();
    return sum;
}

} // namespace orrery::widgets
