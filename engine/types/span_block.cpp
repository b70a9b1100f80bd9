// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/span_block.h"

#include "engine/types/activity_buckets.h"

#include <algorithm>

namespace orrery::types {

namespace {

constexpr std::uint32_t kMaxUnits = 0xffffffffu;
constexpr std::size_t kRowsTold = 1u << 26; // above, a row that is computed again is counted as done again

int badness(std::uint16_t flags)
{
    switch (spanOutcome(flags)) {
    case TaskState::Failed: return 3;
    case TaskState::Retrying: return 2;
    case TaskState::Cancelled: return 1;
    default: return 0;
    }
}

std::uint32_t added(std::uint32_t a, std::uint32_t b) { return b > kMaxUnits - a ? kMaxUnits : a + b; }

// Sums up to kSpansPerSummary parts; a tie of vertices goes to the one that came first.
class Summing {
public:
    void add(std::uint32_t busy, std::uint16_t vertex, std::uint16_t flags)
    {
        m_sum.busy = added(m_sum.busy, busy);
        m_sum.flags |= flags & (kSpanAgain | kSpanCut);
        if (m_count == 0 || badness(flags) > badness(m_sum.flags))
            m_sum.flags = static_cast<std::uint16_t>((m_sum.flags & ~kSpanOutcomeMask) | (flags & kSpanOutcomeMask));
        std::size_t i = 0;
        while (i < m_count && m_vertex[i] != vertex) ++i;
        if (i == m_count) {
            m_vertex[m_count] = vertex;
            m_busy[m_count++] = 0;
        }
        m_busy[i] = added(m_busy[i], busy);
    }
    SpanSummary done(std::uint32_t start, std::uint32_t end)
    {
        m_sum.start = start;
        m_sum.end = end;
        if (m_count > 0) m_sum.vertex = m_vertex[static_cast<std::size_t>(std::max_element(m_busy.begin(), m_busy.begin() + m_count) - m_busy.begin())];
        return m_sum;
    }

private:
    SpanSummary m_sum;
    std::uint32_t m_count = 0;
    std::array<std::uint16_t, kSpansPerSummary> m_vertex{};
    std::array<std::uint32_t, kSpansPerSummary> m_busy{};
};

struct Ran { // a span before it is quantised
    TimeNs startNs, endNs;
    std::uint32_t row, index;
    std::uint16_t vertex, flags;
};

std::uint16_t flagsOf(const Attempt& attempt)
{
    auto flags = static_cast<std::uint16_t>((static_cast<unsigned>(attempt.outcome) & kSpanOutcomeMask) | (unsigned{attempt.attempt} << kSpanAttemptShift));
    if (attempt.attempt > 1) flags |= kSpanAgain;
    if (attempt.cause == Cause::WorkerDied || attempt.cause == Cause::NodeDied) flags |= kSpanCut;
    return flags;
}

// REQUIRES: spans is not empty and its starts rise. Ends are rounded as starts are, so what does not overlap still does not.
std::shared_ptr<const SpanBlock> makeBlock(const std::vector<Ran>& spans)
{
    auto block = std::make_shared<SpanBlock>();
    TimeNs last = spans.front().endNs;
    for (const Ran& span : spans) last = std::max(last, span.endNs);
    int shift = 0;
    while ((last >> shift) - (spans.front().startNs >> shift) > TimeNs{kMaxUnits}) ++shift;
    block->unitNs = TimeNs{1} << shift;
    block->baseNs = (spans.front().startNs >> shift) << shift;
    const std::size_t n = spans.size();
    block->start.reserve(n);
    block->duration.reserve(n);
    block->row.reserve(n);
    block->index.reserve(n);
    block->vertex.reserve(n);
    block->flags.reserve(n);
    TimeNs latest = 0;
    for (const Ran& span : spans) {
        block->overlaps = block->overlaps || span.startNs < latest;
        latest = std::max(latest, span.endNs);
        block->start.push_back(static_cast<std::uint32_t>((span.startNs - block->baseNs) >> shift));
        block->duration.push_back(static_cast<std::uint32_t>((span.endNs >> shift) - (span.startNs >> shift)));
        block->row.push_back(span.row);
        block->index.push_back(span.index);
        block->vertex.push_back(span.vertex);
        block->flags.push_back(span.flags);
    }
    block->summaries = summarise(*block);
    return block;
}

} // namespace

std::array<std::vector<SpanSummary>, kSummaryLevels> summarise(const SpanBlock& block, const std::vector<bool>* keep)
{
    std::array<std::vector<SpanSummary>, kSummaryLevels> levels;
    const std::size_t n = block.size();
    std::uint32_t end = 0;
    for (std::size_t i = 0; i < n; i += kSpansPerSummary) {
        Summing sum;
        for (std::size_t j = i; j < std::min<std::size_t>(n, i + kSpansPerSummary); ++j) {
            end = std::max(end, added(block.start[j], block.duration[j]));
            if (keep == nullptr || (*keep)[j]) sum.add(block.duration[j], block.vertex[j], block.flags[j]);
        }
        levels[0].push_back(sum.done(block.start[i], end));
    }
    for (std::size_t level = 1; level < levels.size(); ++level) {
        const auto& below = levels[level - 1];
        for (std::size_t i = 0; i < below.size(); i += kSpansPerSummary) {
            Summing sum;
            const std::size_t stop = std::min<std::size_t>(below.size(), i + kSpansPerSummary);
            for (std::size_t j = i; j < stop; ++j) sum.add(below[j].busy, below[j].vertex, below[j].flags);
            levels[level].push_back(sum.done(below[i].start, below[stop - 1].end));
        }
    }
    return levels;
}

std::pair<std::size_t, std::size_t> SpanBlock::range(TimeNs fromNs, TimeNs toNs) const
{
    if (size() == 0 || toNs <= firstNs() || fromNs > lastNs()) return {0, 0};
    const auto stop = std::partition_point(start.begin(), start.end(), [&](std::uint32_t s) { return baseNs + static_cast<TimeNs>(s) * unitNs < toNs; });
    const auto& ends = summaries.front();
    const auto group = std::partition_point(ends.begin(), ends.end(), [&](const SpanSummary& s) { return baseNs + static_cast<TimeNs>(s.end) * unitNs < fromNs; });
    const auto last = static_cast<std::size_t>(stop - start.begin());
    auto first = std::min(last, static_cast<std::size_t>(group - ends.begin()) * kSpansPerSummary);
    while (first < last && !touches(first, fromNs, toNs)) ++first;
    return {first, last};
}

const TrackSpans* SpanSet::find(std::uint16_t track) const
{
    const auto found = std::lower_bound(tracks.begin(), tracks.end(), track, [](const TrackSpans& t, std::uint16_t number) { return t.track < number; });
    return found != tracks.end() && found->track == track ? &*found : nullptr;
}

struct SpanBuilder::State {
    struct Track {
        TrackSpans made; // blocks: the full ones, then the tail as it was at the last snapshot
        std::size_t full = 0;
        std::vector<Ran> tail;
        bool tailChanged = false;
    };
    Track& of(std::uint16_t track)
    {
        if (track >= tracks.size()) tracks.resize(track + 1u);
        if (!tracks[track]) {
            tracks[track] = std::make_unique<Track>();
            tracks[track]->made.track = track;
        }
        return *tracks[track];
    }
    void put(std::uint16_t number, const Ran& span)
    {
        Track& track = of(number);
        const auto place = std::upper_bound(track.tail.begin(), track.tail.end(), span.startNs, [](TimeNs at, const Ran& other) { return at < other.startNs; });
        track.tail.insert(place, span);
        track.tailChanged = true;
        ++track.made.spans;
        track.made.busyNs += std::min(span.endNs - span.startNs, ActivityBuckets::kLatestNs - track.made.busyNs);
        firstNs = spans == 0 ? span.startNs : std::min(firstNs, span.startNs);
        lastNs = std::max(lastNs, span.endNs);
        ++spans;
        if (track.tail.size() < kSpansPerBlock) return;
        track.made.blocks.resize(track.full);
        track.made.blocks.push_back(makeBlock(track.tail));
        ++track.full;
        track.tail.clear();
        track.tailChanged = false;
    }
    bool firstDone(const Attempt& attempt)
    {
        if (!isGood(attempt.outcome)) return false;
        if (attempt.row >= kRowsTold) return true;
        if (attempt.row >= doneRows.size()) doneRows.resize(std::max<std::size_t>(attempt.row + 1u, doneRows.size() * 2));
        const bool first = !doneRows[attempt.row];
        doneRows[attempt.row] = true;
        return first;
    }

    std::vector<std::unique_ptr<Track>> tracks; // by number; null: nothing of it yet
    ActivityBuckets activity;
    std::vector<bool> doneRows;
    std::uint64_t spans = 0;
    TimeNs firstNs = 0, lastNs = 0;
};

SpanBuilder::SpanBuilder() : m_state(std::make_unique<State>()) {}
SpanBuilder::~SpanBuilder() = default;

void SpanBuilder::clear() { m_state = std::make_unique<State>(); }

void SpanBuilder::add(const Attempt& attempt)
{
    const bool neverBegan = attempt.outcome != TaskState::Finished && attempt.startNs <= attempt.submitNs;
    if (attempt.worker == kNoWorker || neverBegan || attempt.startNs <= 0 || attempt.endNs < attempt.startNs || attempt.endNs > ActivityBuckets::kLatestNs) return;
    State& state = *m_state;
    state.put(attempt.worker, {attempt.startNs, attempt.endNs, attempt.row, attempt.mapIndex, attempt.vertex, flagsOf(attempt)});
    const TimeNs submitNs = attempt.submitNs > 0 ? std::min(attempt.submitNs, attempt.startNs) : attempt.startNs;
    const TimeNs readyNs = std::max<TimeNs>(0, submitNs - static_cast<TimeNs>(attempt.waitUs) * base::kMicrosecond);
    state.activity.add(readyNs, attempt.startNs, attempt.endNs, state.firstDone(attempt));
}

void SpanBuilder::add(const CopyRecord& copy, std::uint16_t vertex, std::uint32_t index)
{
    if (copy.from == kNoNode || copy.node == kNoNode || copy.gone || copy.startNs <= 0 || copy.endNs < copy.startNs || copy.endNs > ActivityBuckets::kLatestNs) return;
    const unsigned from = copy.from < 0xfe ? copy.from + 1u : 0;
    m_state->put(copy.node, {copy.startNs, copy.endNs, copy.row, index, vertex, static_cast<std::uint16_t>(static_cast<unsigned>(TaskState::Finished) | from << kSpanAttemptShift)});
}

void SpanBuilder::setOpen(std::uint16_t track, std::vector<OpenTask> open)
{
    if (track != kNoWorker) m_state->of(track).made.open = std::move(open);
}

std::shared_ptr<const SpanSet> SpanBuilder::snapshot()
{
    auto set = std::make_shared<SpanSet>();
    for (const auto& track : m_state->tracks) {
        if (!track) continue;
        if (track->tailChanged) {
            track->made.blocks.resize(track->full);
            track->made.blocks.push_back(makeBlock(track->tail));
            track->tailChanged = false;
        }
        set->tracks.push_back(track->made);
    }
    set->activity = m_state->activity.snapshot();
    set->spans = m_state->spans;
    set->firstNs = m_state->firstNs;
    set->lastNs = m_state->lastNs;
    return set;
}

} // namespace orrery::types
