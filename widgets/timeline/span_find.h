// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Questions to a set of spans: what is here, what is beside it, where is this task, who made what it read.
// Pure. Thread: any. Cost: spanAt and spanBeside look at few spans a block; the others walk the columns of rows.

#include "engine/types/graph.h"
#include "engine/types/span_block.h"

#include <optional>

namespace orrery::widgets {

struct FoundSpan {
    std::uint16_t track = 0;
    std::uint32_t row = 0, index = 0;
    std::uint16_t vertex = 0, flags = 0;
    types::TimeNs startNs = 0, endNs = 0;
    bool open = false; // runs now; endNs is now
};

// The span that holds `at` (the last to begin, if several), else the nearest within reachNs.
std::optional<FoundSpan> spanAt(const types::TrackSpans& track, types::TimeNs at, types::TimeNs reachNs, types::TimeNs nowNs);
// The one that begins next after (way > 0) or before (way < 0) beginNs.
std::optional<FoundSpan> spanBeside(const types::TrackSpans& track, types::TimeNs beginNs, int way, types::TimeNs nowNs);
// The newest attempt of a task.
std::optional<FoundSpan> spanOf(const types::SpanSet& set, std::uint32_t row, types::TimeNs nowNs);

// What the graph says that a task read, and who read it, as far as their spans are known. Who is wide and what an edge's mode
// means is told in types/plan.h. Nothing when more than kFlowsMax would be drawn, or the set is above kFlowSpansMax.
inline constexpr std::size_t kFlowsMax = 64;
inline constexpr std::uint64_t kFlowSpansMax = 2'000'000;
struct Flows {
    std::vector<FoundSpan> producers, consumers;
};
Flows flowsOf(const types::SpanSet& set, const types::Graph& graph, const FoundSpan& span, types::TimeNs nowNs);

} // namespace orrery::widgets
