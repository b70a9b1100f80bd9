// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/span_raster.h"

#include "widgets/timeline/span_filter.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace orrery::widgets {

using types::kSpansPerSummary;
using types::SpanBlock;
using types::SpanSummary;
using types::TimeNs;

namespace {

constexpr double kSinglePx = 3;   // as wide: drawn one by one
constexpr double kCrowdPx = 7;    // narrower between merged ones: merged as well, so that crowds keep one count
constexpr std::int64_t kGapPx = 2; // merged marks no further apart are one run

// One block onto columns [from, to).
class BlockVisit {
public:
    BlockVisit(const SpanBlock& block, const BlockMatch* match, const TimeScale& scale, double singleColumns, std::int64_t from, std::int64_t to)
        : m_block(block), m_match(match), m_scale(scale), m_offset(static_cast<double>(block.baseNs - scale.originNs) / scale.nsPerColumn),
          m_perUnit(static_cast<double>(block.unitNs) / scale.nsPerColumn), m_single(singleColumns), m_from(from), m_to(to)
    {
    }
    // Columns begin at view; wide spans that begin before noEarlierNs or end after noLaterNs are known already.
    void run(std::vector<MergedColumn>& columns, std::int64_t view, std::vector<DrawnSpan>& spans, std::pair<std::size_t, std::size_t> range, TimeNs noEarlierNs, TimeNs noLaterNs)
    {
        m_columns = &columns;
        m_view = view;
        m_spans = &spans;
        m_first = range.first;
        m_last = range.second;
        m_noEarlierNs = noEarlierNs;
        m_noLaterNs = noLaterNs;
        const int top = types::kSummaryLevels - 1;
        for (std::size_t i = 0; i < m_block.summaries[static_cast<std::size_t>(top)].size(); ++i) node(top, i);
    }
    std::uint64_t visits() const { return m_visits; }

private:
    void node(int level, std::size_t i)
    {
        const std::size_t width = std::size_t{kSpansPerSummary} << (3 * level);
        const std::size_t begin = i * width, end = std::min(m_block.size(), begin + width);
        if (end <= m_first || begin >= m_last) return;
        ++m_visits;
        const SpanSummary& sum = m_block.summaries[static_cast<std::size_t>(level)][i];
        const double x = m_offset + sum.start * m_perUnit, stop = m_offset + sum.end * m_perUnit;
        if (begin >= m_first && end <= m_last && stop - x <= 1) {
            const auto count = static_cast<std::uint32_t>(end - begin);
            if (m_match == nullptr) {
                spread(x, stop, sum.busy, sum, count, true);
                return;
            }
            const SpanSummary& kept = m_match->summaries[static_cast<std::size_t>(level)][i];
            if (sum.busy > kept.busy || m_match->keptIn(begin, end) == 0) spread(x, stop, sum.busy - kept.busy, sum, 0, false);
            if (kept.busy > 0) spread(x, stop, kept.busy, kept, 0, true);
            add(static_cast<std::int64_t>(std::floor(x)), 0, sum.vertex, sum.flags, count, m_match->keptIn(begin, end) > 0);
            return;
        }
        if (level > 0) {
            const std::size_t below = m_block.summaries[static_cast<std::size_t>(level - 1)].size();
            for (std::size_t j = i * kSpansPerSummary; j < std::min<std::size_t>(below, (i + 1) * kSpansPerSummary); ++j) node(level - 1, j);
            return;
        }
        for (std::size_t j = std::max(begin, m_first); j < std::min(end, m_last); ++j) span(j);
    }

    void span(std::size_t i)
    {
        ++m_visits;
        const double x = m_offset + m_block.start[i] * m_perUnit, wide = m_block.duration[i] * m_perUnit;
        const bool kept = m_match == nullptr || m_match->keep[i];
        if (wide < m_single) {
            spread(x, x + wide, m_block.duration[i], {0, 0, 0, m_block.vertex[i], m_block.flags[i]}, 1, kept);
            return;
        }
        const TimeNs start = m_block.startNs(i), end = m_block.endNs(i);
        if (start < m_noEarlierNs || end > m_noLaterNs) return;
        if (m_block.overlaps && !m_block.touches(i, m_scale.timeOf(m_from), m_scale.timeOf(m_to))) return;
        const double left = std::round(x), right = std::round(x + wide);
        m_spans->push_back({static_cast<std::int64_t>(left), static_cast<std::int64_t>(right), static_cast<float>(std::max(0.0, left - x)),
                            static_cast<float>(std::max(0.0, x + wide - right)), start, end, m_block.row[i], m_block.index[i], m_block.vertex[i], m_block.flags[i], kept, false});
    }

    // busy units lie evenly between x and stop.
    void spread(double x, double stop, std::uint32_t busy, const SpanSummary& look, std::uint32_t count, bool kept)
    {
        const double columns = busy * m_perUnit;
        auto at = static_cast<std::int64_t>(std::floor(x));
        if (stop < static_cast<double>(at + 1)) { // most of them
            add(at, columns, look.vertex, look.flags, count, kept);
            return;
        }
        const double density = stop > x ? columns / (stop - x) : 0;
        for (double left = x; left < stop; ++at) {
            const double right = std::min(stop, static_cast<double>(at + 1));
            add(at, density * (right - left), look.vertex, look.flags, count, kept);
            count = 0;
            left = static_cast<double>(at + 1);
        }
        if (count > 0) add(at, 0, look.vertex, look.flags, count, kept);
    }

    void add(std::int64_t at, double share, std::uint16_t vertex, std::uint16_t flags, std::uint32_t count, bool kept)
    {
        if (at < m_from || at >= m_to) return;
        MergedColumn& column = (*m_columns)[static_cast<std::size_t>(at - m_view)];
        // What is kept colours the column, however little of it there is.
        if (!column.any() || (kept && !column.bestKept) || (kept == column.bestKept && static_cast<float>(share) > column.best)) {
            column.best = static_cast<float>(share);
            column.bestKept = kept;
            column.vertex = vertex;
            column.flags = flags;
        }
        (kept ? column.kept : column.faded) += static_cast<float>(share);
        column.count += count;
    }

    const SpanBlock& m_block;
    const BlockMatch* m_match;
    const TimeScale& m_scale;
    double m_offset, m_perUnit, m_single;
    std::int64_t m_from, m_to, m_view = 0;
    std::vector<MergedColumn>* m_columns = nullptr;
    std::vector<DrawnSpan>* m_spans = nullptr;
    std::size_t m_first = 0, m_last = 0;
    TimeNs m_noEarlierNs = 0, m_noLaterNs = 0;
    std::uint64_t m_visits = 0;
};

constexpr TimeNs kEver = std::numeric_limits<TimeNs>::max(), kNever = std::numeric_limits<TimeNs>::min();

} // namespace

void Strip::take(const types::TrackSpans& track, const TimeScale& scale, const SpanFilter* filter, qreal ratio)
{
    const types::SpanBlock* last = track.blocks.empty() ? nullptr : track.blocks.back().get();
    const std::uint64_t version = filter ? filter->version() : 0;
    const bool same = last == m_lastBlock && track.blocks.size() == m_blocks && version == m_filterVersion && m_filterSettled && qFuzzyCompare(ratio, m_ratio);
    if (same && scale == m_scale) return;
    const TimeScale before = m_scale;
    const std::int64_t oldEnd = before.first + before.width, end = scale.first + scale.width;
    const bool panned = scale.originNs == before.originNs && scale.nsPerColumn == before.nsPerColumn && scale.first < oldEnd && before.first < end;
    m_lastBlock = last;
    m_blocks = track.blocks.size();
    m_filterVersion = version;
    m_ratio = ratio;
    m_filterSettled = true;
    if (same && panned) {
        shift(scale);
        if (scale.first < before.first) fill(track, filter, scale.first, before.first, kNever, before.leftNs());
        if (end > oldEnd) fill(track, filter, oldEnd, end, before.rightNs(), kEver);
    } else {
        m_scale = scale;
        m_columns.assign(static_cast<std::size_t>(scale.width), {});
        m_spans.clear();
        fill(track, filter, scale.first, scale.first + scale.width, kNever, kEver);
    }
    const auto byLeft = [](const DrawnSpan& a, const DrawnSpan& b) { return a.startNs < b.startNs; };
    if (!std::is_sorted(m_spans.begin(), m_spans.end(), byLeft)) std::stable_sort(m_spans.begin(), m_spans.end(), byLeft);
    group();
    count(track, filter);
}

void Strip::shift(const TimeScale& scale)
{
    std::vector<MergedColumn> columns(static_cast<std::size_t>(scale.width));
    const std::int64_t from = std::max(scale.first, m_scale.first), to = std::min(scale.first + scale.width, m_scale.first + static_cast<std::int64_t>(m_columns.size()));
    if (from < to)
        std::copy(m_columns.begin() + (from - m_scale.first), m_columns.begin() + (to - m_scale.first), columns.begin() + (from - scale.first));
    m_columns = std::move(columns);
    m_scale = scale;
    const TimeNs left = scale.leftNs(), right = scale.rightNs();
    std::erase_if(m_spans, [&](const DrawnSpan& span) { return span.endNs <= left || span.startNs >= right; });
}

void Strip::fill(const types::TrackSpans& track, const SpanFilter* filter, std::int64_t from, std::int64_t to, TimeNs beginNoEarlierNs, TimeNs endNoLaterNs)
{
    const TimeNs fromNs = m_scale.timeOf(from), toNs = m_scale.timeOf(to);
    for (const auto& block : track.blocks) {
        const auto range = block->range(fromNs, toNs);
        if (range.first == range.second) continue;
        const BlockMatch* match = filter ? filter->of(*block) : nullptr;
        if (filter != nullptr && match == nullptr) m_filterSettled = false;
        BlockVisit visit(*block, match, m_scale, kSinglePx * m_ratio, from, to);
        visit.run(m_columns, m_scale.first, m_spans, range, beginNoEarlierNs, endNoLaterNs);
        m_visits += visit.visits();
    }
}

// What a wide span lost to rounding is seen where merged spans share the column; beside idle time gains and losses are even.
void Strip::edges()
{
    for (MergedColumn& column : m_columns) column.edge = 0;
    const auto give = [this](std::int64_t at, float rest) {
        const std::int64_t i = at - m_scale.first;
        if (i >= 0 && i < static_cast<std::int64_t>(m_columns.size()) && m_columns[static_cast<std::size_t>(i)].any()) m_columns[static_cast<std::size_t>(i)].edge += rest;
    };
    for (const DrawnSpan& span : m_spans) {
        give(span.left - 1, span.leftRest);
        give(span.right, span.rightRest);
    }
}

// Neighbouring merged columns become runs; a narrow span between two of them joins them.
void Strip::group()
{
    edges();
    m_runs.clear();
    const auto gap = std::max<std::int64_t>(1, std::llround(static_cast<double>(kGapPx) * m_ratio));
    const auto crowd = static_cast<std::int64_t>(kCrowdPx * m_ratio);
    std::size_t waiting = 0, next = 0; // spans [waiting, next) lie behind the last run, near enough to join it
    bool joined = false;
    std::int64_t reach = 0; // how far the last run goes, with those that wait
    const auto passSpansBefore = [&](std::int64_t column) {
        for (; next < m_spans.size() && m_spans[next].left < column; ++next) {
            DrawnSpan& span = m_spans[next];
            span.absorbed = false;
            joined = joined && !m_runs.empty() && span.left - reach <= gap && span.right - span.left < crowd;
            reach = std::max(reach, span.right);
        }
    };
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        if (!m_columns[i].any()) continue;
        const std::int64_t at = m_scale.first + static_cast<std::int64_t>(i);
        passSpansBefore(at);
        if (joined && at - reach <= gap) {
            for (std::size_t s = waiting; s < next; ++s) {
                m_spans[s].absorbed = true;
                ++m_runs.back().count;
            }
            m_runs.back().count += m_columns[i].count;
            m_runs.back().right = at + 1;
        } else {
            m_runs.push_back({at, at + 1, m_columns[i].count});
        }
        waiting = next;
        joined = true;
        reach = at + 1;
    }
    passSpansBefore(std::numeric_limits<std::int64_t>::max());
}

void Strip::count(const types::TrackSpans& track, const SpanFilter* filter)
{
    m_counts = {};
    m_counts.settled = m_filterSettled;
    const TimeNs left = m_scale.leftNs(), right = m_scale.rightNs();
    for (const auto& block : track.blocks) {
        const auto [first, last] = block->range(left, right);
        const BlockMatch* match = filter ? filter->of(*block) : nullptr;
        if (!block->overlaps) {
            m_counts.inView += last - first;
            m_counts.kept += match ? match->keptIn(first, last) : last - first;
            continue;
        }
        for (std::size_t i = first; i < last; ++i)
            if (block->touches(i, left, right)) {
                ++m_counts.inView;
                m_counts.kept += match == nullptr || match->keep[i];
            }
    }
    for (const DrawnSpan& span : m_spans) m_counts.single += !span.absorbed;
    // A span that begins left of the view belongs to the run at the edge.
    std::uint64_t begun = m_counts.single;
    for (const MergedRun& run : m_runs) begun += run.count;
    if (!m_runs.empty() && m_counts.inView > begun) m_runs.front().count += static_cast<std::uint32_t>(m_counts.inView - begun);
    for (const MergedRun& run : m_runs) m_counts.single += run.count == 1;
    m_counts.merged = m_counts.inView - m_counts.single;
}

} // namespace orrery::widgets
