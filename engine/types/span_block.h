// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SpanBlock: a reader's index of attempts that ran on one track, for the timeline. Made by the view thread from trace blocks,
// never stored, never sent; full blocks are shared and immutable. Columns: 20 bytes a span, summaries 3 besides.
// Starts rise inside a block. A track runs one task at a time, so ends rise with them; a trace that says otherwise (a lying
// worker) is kept as it says, and searches stay exact because a summary's end is the latest one so far.
// Thread: a builder belongs to one thread; full blocks and sets are read by any.

#include "engine/types/run.h"

#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace orrery::types {

inline constexpr std::uint32_t kSpansPerBlock = 4096;
inline constexpr std::uint32_t kSpansPerSummary = 8;
inline constexpr int kSummaryLevels = 4; // 8, 64, 512, 4096 spans

// flags of a span
inline constexpr std::uint16_t kSpanOutcomeMask = 0x0f; // TaskState of the outcome
inline constexpr std::uint16_t kSpanAgain = 0x10;       // attempt > 1
inline constexpr std::uint16_t kSpanCut = 0x20;         // its worker or node died under it
inline constexpr int kSpanAttemptShift = 8;             // above: the attempt, from 1
constexpr TaskState spanOutcome(std::uint16_t flags) { return static_cast<TaskState>(flags & kSpanOutcomeMask); }
constexpr int spanAttempt(std::uint16_t flags) { return flags >> kSpanAttemptShift; }
// Of a transfer: the number of the node from which it came; -1: not known, or above 253.
constexpr int transferFrom(std::uint16_t flags) { return (flags >> kSpanAttemptShift) - 1; }

struct SpanSummary { // of kSpansPerSummary neighbours, or of as many summaries of the level below
    std::uint32_t start = 0;  // of the first, units of the block
    std::uint32_t end = 0;    // the latest of this and all before it in the block
    std::uint32_t busy = 0;   // sum of durations, at most what fits
    std::uint16_t vertex = 0; // that took most of it
    std::uint16_t flags = 0;  // or-ed kSpanAgain and kSpanCut; outcome: worst (Failed, Retrying, Cancelled, the rest)
};

struct SpanBlock {
    TimeNs baseNs = 0;
    TimeNs unitNs = 1; // of start and duration, a power of two; above 1 only where 2^32 ns would not do
    bool overlaps = false; // some span begins before another's end
    std::vector<std::uint32_t> start, duration, row, index; // index: map index
    std::vector<std::uint16_t> vertex, flags;
    std::array<std::vector<SpanSummary>, kSummaryLevels> summaries; // [0]: of spans, [k]: of [k - 1]
    std::size_t size() const { return start.size(); }
    TimeNs startNs(std::size_t i) const { return baseNs + static_cast<TimeNs>(start[i]) * unitNs; }
    TimeNs endNs(std::size_t i) const { return startNs(i) + static_cast<TimeNs>(duration[i]) * unitNs; }
    TimeNs firstNs() const { return size() == 0 ? baseNs : startNs(0); }
    TimeNs lastNs() const { return size() == 0 ? baseNs : baseNs + static_cast<TimeNs>(summaries.back().back().end) * unitNs; }
    // [first, last): every span that touches [fromNs, toNs) is inside; inside may be some that end before it, when spans overlap.
    std::pair<std::size_t, std::size_t> range(TimeNs fromNs, TimeNs toNs) const;
    // A span touches [from, to) when it starts before `to` and ends after `from`, or, being empty, lies in it.
    bool touches(std::size_t i, TimeNs fromNs, TimeNs toNs) const
    {
        const TimeNs begin = startNs(i);
        return begin < toNs && (begin >= fromNs || endNs(i) > fromNs);
    }
};

// The levels over a block's columns. keep: null, or one flag a span; what is not kept counts as if it were not there (its
// place in the levels stays).
std::array<std::vector<SpanSummary>, kSummaryLevels> summarise(const SpanBlock& block, const std::vector<bool>* keep = nullptr);

struct OpenTask { // runs now
    std::uint32_t row = 0;
    std::uint32_t mapIndex = 0;
    std::uint16_t vertex = 0;
    std::uint8_t attempt = 1;
    TimeNs startNs = 0;
};

struct TrackSpans {
    std::uint16_t track = 0;
    std::vector<std::shared_ptr<const SpanBlock>> blocks; // in order of arrival, mostly of time; all but the last are full
    std::vector<OpenTask> open;
    std::uint64_t spans = 0;
    TimeNs busyNs = 0;
};

// How many tasks ran, were ready and were done, in equal buckets over the run; at most kActivityBuckets. Told by ended attempts
// alone: what is still ready or running is not in it.
inline constexpr std::size_t kActivityBuckets = 1024;
struct Activity {
    TimeNs firstNs = 0;
    TimeNs bucketNs = 0; // a power of two; 0: nothing yet
    std::vector<float> running, ready;        // mean over the bucket
    std::vector<std::uint32_t> started, done; // total so far; done: with a good outcome
};

// Everything a timeline draws of one run. A snapshot: a later one shares the full blocks.
struct SpanSet {
    std::vector<TrackSpans> tracks; // by track number
    Activity activity;
    std::uint64_t spans = 0;
    TimeNs firstNs = 0, lastNs = 0; // of ended attempts
    const TrackSpans* find(std::uint16_t track) const;
};

class SpanBuilder {
public:
    // Attempts in any order; late ones are put in their place while their block is open, else into the block that is open then.
    // An attempt that never began (no track, no time, or lost in the lane: it starts with its submission) is no span.
    void add(const Attempt& attempt);
    // The way of a copy, as a span on the track of the node that got it; the same set holds either transfers or attempts. One whose way
    // is not known is no span. vertex, index: of the task that made the value.
    void add(const CopyRecord& copy, std::uint16_t vertex, std::uint32_t index);
    void setOpen(std::uint16_t track, std::vector<OpenTask> open);
    void clear();
    // Cheap: copies what is not full and changed, shares the rest.
    std::shared_ptr<const SpanSet> snapshot();
    SpanBuilder();
    ~SpanBuilder();
    SpanBuilder(const SpanBuilder&) = delete;
    SpanBuilder& operator=(const SpanBuilder&) = delete;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace orrery::types
