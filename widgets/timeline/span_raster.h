// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Strip: one track as the view shows it: spans wide enough to be seen, one by one; all others summed up per column of pixels.
// A pan keeps what is still in view and visits spans for the new columns only; a new strip is never made of pixels.
// Pure. Thread: UI. Cost: at most some 8 visits a column, whatever the number of spans.

#include "engine/types/span_block.h"
#include "widgets/timeline/time_scale.h"

#include <algorithm>

namespace orrery::widgets {

class SpanFilter;

struct DrawnSpan { // wide enough to be seen
    std::int64_t left = 0, right = 0; // columns of the scale, right excluded, both rounded
    float leftRest = 0, rightRest = 0; // what lies in the column before left, and in right
    types::TimeNs startNs = 0, endNs = 0;
    std::uint32_t row = 0, index = 0;
    std::uint16_t vertex = 0, flags = 0;
    bool kept = true;     // by the filter
    bool absorbed = false; // narrow and in a crowd: counted with the merged
    int width() const { return static_cast<int>(std::min<std::int64_t>(right - left, 1 << 24)); }
};

struct MergedColumn {
    float kept = 0, faded = 0; // share of the column that is busy
    float edge = 0;            // of it by wide spans that were rounded away from here
    float best = 0;            // of the one that colours it
    std::uint32_t count = 0;   // spans that begin here
    std::uint16_t vertex = 0, flags = 0;
    bool bestKept = false;
    bool any() const { return count > 0 || kept + faded > 0; }
};

struct MergedRun { // neighbouring columns, drawn as one
    std::int64_t left = 0, right = 0;
    std::uint32_t count = 0;
};

struct StripCounts {
    std::uint64_t inView = 0, single = 0, merged = 0, kept = 0;
    bool settled = true; // false: blocks in view are not filtered yet
};

class Strip {
public:
    // ratio: device pixels a pixel. filter: null, or one that is not all().
    void take(const types::TrackSpans& track, const TimeScale& scale, const SpanFilter* filter, qreal ratio);
    const std::vector<MergedColumn>& columns() const { return m_columns; } // of the view, the first at its left edge
    const std::vector<DrawnSpan>& spans() const { return m_spans; }
    const std::vector<MergedRun>& runs() const { return m_runs; }
    const StripCounts& counts() const { return m_counts; }
    std::uint64_t visits() const { return m_visits; } // of spans and summaries, since it lives

private:
    void shift(const TimeScale& scale);
    void fill(const types::TrackSpans& track, const SpanFilter* filter, std::int64_t from, std::int64_t to, types::TimeNs beginNoEarlierNs, types::TimeNs endNoLaterNs);
    void edges();
    void group();
    void count(const types::TrackSpans& track, const SpanFilter* filter);

    TimeScale m_scale;
    qreal m_ratio = 0;
    const types::SpanBlock* m_lastBlock = nullptr;
    std::size_t m_blocks = 0;
    std::uint64_t m_filterVersion = 0;
    bool m_filterSettled = true;
    std::vector<MergedColumn> m_columns;
    std::vector<DrawnSpan> m_spans;
    std::vector<MergedRun> m_runs;
    StripCounts m_counts;
    std::uint64_t m_visits = 0;
};

} // namespace orrery::widgets
