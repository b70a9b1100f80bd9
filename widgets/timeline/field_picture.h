// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// FieldPicture: what lies still between two changes of the timeline: grid, charts, ended spans, as one image of the field. What
// moves with the mouse or with now is painted over it (field_overlay.h).
// Thread: UI. Cost: see README; strips are kept between pictures, so a pan visits only the spans that come into view.

#include "widgets/timeline/timeline_state.h"

#include <QImage>
#include <QSize>
#include <map>

namespace orrery::widgets {

class FieldPicture {
public:
    // size: device pixels.
    void build(const TimelineState& state, QSize size);
    void forgetTheme() { m_lookMade = false; }
    // Rows above and below the view are in the image, so that a strip cut by the edge is painted like others.
    const QImage& image() const { return m_image; }
    int padding() const { return m_padding; }
    const StripCounts& counts() const { return m_counts; }    // of tasks in all visible tracks, those that run included
    const std::map<std::uint16_t, Strip>& strips() const { return m_strips; }
    const SpanLook& look() const { return m_look; }
    std::uint64_t visits() const;

private:
    void prepare(const TimelineState& state, QSize size);
    void grid(const TimelineState& state);
    void charts(const TimelineState& state);
    void strips(const TimelineState& state);
    void transfers(const TimelineState& state);
    StripBox boxOf(const TimelineState& state, const TrackRow& row, std::size_t lane) const;
    void glyphs(const TimelineState& state, const Strip& strip, const StripBox& box, int& left);
    int y(const TimelineState& state, int top) const { return m_padding + qRound((top - state.scrollY()) * m_ratio); }

    QImage m_image;
    qreal m_ratio = 1;
    int m_padding = 0;
    bool m_lookMade = false;
    ColourMode m_mode = ColourMode::Function;
    const types::Graph* m_graph = nullptr;
    SpanLook m_look, m_transferLook;
    std::unique_ptr<LabelAtlas> m_atlas;
    std::map<std::uint16_t, Strip> m_strips, m_transferStrips; // by track; by node
    StripCounts m_counts;
};

// The label of a span: its map index when its vertex is a map, else the vertex.
QString spanLabel(const RunModel& model, std::uint16_t vertex, std::uint32_t index);

} // namespace orrery::widgets
