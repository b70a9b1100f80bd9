// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SpanBlock: a reader's index of finished attempts on one track, for the timeline. Made by the view thread from trace blocks,
// never stored, never sent; sealed blocks are shared and immutable. Columns: 16 bytes a span, summaries besides.
// A track runs one task at a time, so spans of a block do not overlap and both starts and ends rise.
// Thread: a builder belongs to one thread; sealed blocks and sets are read by any.

#include "engine/types/run.h"

#include <memory>
#include <span>
#include <vector>

namespace orrery::types {

inline constexpr std::uint32_t kSpansPerBlock = 4096;
inline constexpr std::uint32_t kSpansPerSummary = 8;

// flags of a span
inline constexpr std::uint16_t kSpanOutcomeMask = 0x0f; // TaskState of the outcome
inline constexpr std::uint16_t kSpanAgain = 0x10;       // attempt > 1

struct SpanSummary { // of kSpansPerSummary neighbours
    std::uint32_t start = 0, end = 0; // units of the block
    std::uint32_t busy = 0;           // sum of durations
    std::uint16_t vertex = 0;         // that took most of it
    std::uint16_t flags = 0;          // or-ed kSpanAgain; outcome: worst (Failed over Retrying over the rest)
};

struct SpanBlock {
    TimeNs baseNs = 0;
    TimeNs unitNs = 1; // of start and duration; grows when a block would last longer than 2^32 units
    std::vector<std::uint32_t> start, duration, row;
    std::vector<std::uint16_t> vertex, flags;
    std::vector<SpanSummary> summaries;
    std::size_t size() const { return start.size(); }
    TimeNs startNs(std::size_t i) const { return baseNs + static_cast<TimeNs>(start[i]) * unitNs; }
    TimeNs endNs(std::size_t i) const { return startNs(i) + static_cast<TimeNs>(duration[i]) * unitNs; }
    TimeNs firstNs() const { return size() == 0 ? baseNs : startNs(0); }
    TimeNs lastNs() const { return size() == 0 ? baseNs : endNs(size() - 1); }
};

struct OpenTask { // runs now
    std::uint32_t row = 0;
    std::uint16_t vertex = 0;
    std::uint8_t attempt = 1;
    TimeNs startNs = 0;
};

struct TrackSpans {
    std::uint16_t track = 0;
    std::vector<std::shared_ptr<const SpanBlock>> blocks; // in time; all full but the last
    std::vector<OpenTask> open;
    std::uint64_t spans = 0;
    TimeNs busyNs = 0;
};

// How many tasks ran, were ready and were done, in equal buckets over the run; at most kActivityBuckets.
inline constexpr std::size_t kActivityBuckets = 1024;
struct Activity {
    TimeNs firstNs = 0;
    TimeNs bucketNs = 0;
    std::vector<float> running; // mean over the bucket
    std::vector<std::uint32_t> started, done; // done: total so far
};

// Everything a timeline draws of one run. A snapshot: a later one shares the full blocks.
struct SpanSet {
    std::vector<TrackSpans> tracks; // by track number
    Activity activity;
    std::uint64_t spans = 0;
    TimeNs firstNs = 0, lastNs = 0; // of finished attempts
    const TrackSpans* find(std::uint16_t track) const;
};

class SpanBuilder {
public:
    // Attempts in any order; late ones are put in their place while their block is open, else kept in a block of their own
    // order (starts still rise inside each block).
    void add(const Attempt& attempt);
    void setOpen(std::uint16_t track, std::vector<OpenTask> open);
    void clear();
    // Cheap: copies what is not full, shares the rest.
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
