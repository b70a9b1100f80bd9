// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/span_find.h"

#include <algorithm>
#include <map>
#include <set>

namespace orrery::widgets {

using types::EdgeMode;
using types::OpenTask;
using types::SpanBlock;
using types::TimeNs;

namespace {

FoundSpan found(std::uint16_t track, const SpanBlock& block, std::size_t i)
{
    return {track, block.row[i], block.index[i], block.vertex[i], block.flags[i], block.startNs(i), block.endNs(i), false};
}

FoundSpan found(std::uint16_t track, const OpenTask& open, TimeNs nowNs)
{
    auto flags = static_cast<std::uint16_t>(static_cast<unsigned>(types::TaskState::Running) | (unsigned{open.attempt} << types::kSpanAttemptShift));
    if (open.attempt > 1) flags |= types::kSpanAgain;
    return {track, open.row, open.mapIndex, open.vertex, flags, open.startNs, std::max(nowNs, open.startNs), true};
}

TimeNs distance(const FoundSpan& span, TimeNs at) { return at < span.startNs ? span.startNs - at : at > span.endNs ? at - span.endNs : 0; }

using Place = std::pair<std::uint16_t, std::uint32_t>; // vertex, map index

// One walk: every ended good attempt and every open one of the places asked for.
std::multimap<Place, FoundSpan> spansOf(const types::SpanSet& set, const std::set<Place>& places, TimeNs nowNs)
{
    std::multimap<Place, FoundSpan> all;
    if (places.empty()) return all;
    std::vector<bool> asked(65'536);
    for (const auto& place : places) asked[place.first] = true;
    for (const auto& track : set.tracks) {
        for (const auto& block : track.blocks)
            for (std::size_t i = 0; i < block->size(); ++i)
                if (asked[block->vertex[i]] && types::isGood(types::spanOutcome(block->flags[i])) && places.count({block->vertex[i], block->index[i]}) > 0)
                    all.emplace(Place{block->vertex[i], block->index[i]}, found(track.track, *block, i));
        for (const auto& open : track.open)
            if (places.count({open.vertex, open.mapIndex}) > 0) all.emplace(Place{open.vertex, open.mapIndex}, found(track.track, open, nowNs));
    }
    return all;
}

bool isWide(const types::Graph& graph, int vertex)
{
    const auto& id = graph.vertices[static_cast<std::size_t>(vertex)].id;
    return std::any_of(graph.edges.begin(), graph.edges.end(), [&](const auto& e) { return e.to.vertex == id && (e.mode == EdgeMode::Each || e.mode == EdgeMode::Transpose); });
}

// The indexes of `other` at the far end of an edge; nullopt: all of them.
std::optional<std::uint32_t> farIndex(const types::Graph& graph, const types::Edge& edge, int other, bool upstream, std::uint32_t index)
{
    if (!isWide(graph, other)) return 0;
    const bool oneToOne = edge.mode == EdgeMode::Each && isWide(graph, graph.indexOf(upstream ? edge.from.vertex : edge.to.vertex)) &&
                          isWide(graph, graph.indexOf(upstream ? edge.to.vertex : edge.from.vertex));
    if (oneToOne) return index;
    return std::nullopt;
}

// Every index that the spans know of a vertex; stops above `most`.
void addAll(const types::SpanSet& set, std::uint16_t vertex, std::size_t most, std::set<Place>& places)
{
    const auto put = [&](std::uint32_t index) {
        places.insert({vertex, index});
        return places.size() <= most;
    };
    for (const auto& track : set.tracks) {
        for (const auto& block : track.blocks)
            for (std::size_t i = 0; i < block->size(); ++i)
                if (block->vertex[i] == vertex && !put(block->index[i])) return;
        for (const auto& open : track.open)
            if (open.vertex == vertex && !put(open.mapIndex)) return;
    }
}

} // namespace

std::optional<FoundSpan> spanAt(const types::TrackSpans& track, TimeNs at, TimeNs reachNs, TimeNs nowNs)
{
    std::optional<FoundSpan> best;
    const auto offer = [&](const FoundSpan& span) {
        if (distance(span, at) > reachNs) return;
        if (!best || distance(span, at) < distance(*best, at) || (distance(span, at) == distance(*best, at) && span.startNs >= best->startNs)) best = span;
    };
    for (const auto& block : track.blocks) {
        const auto [first, last] = block->range(at - reachNs, at + reachNs + 1);
        for (std::size_t i = first; i < last; ++i) offer(found(track.track, *block, i));
    }
    for (const auto& open : track.open) offer(found(track.track, open, nowNs));
    return best;
}

std::optional<FoundSpan> spanBeside(const types::TrackSpans& track, TimeNs beginNs, int way, TimeNs nowNs)
{
    std::optional<FoundSpan> best;
    const auto offer = [&](const FoundSpan& span) {
        if (way > 0 ? span.startNs <= beginNs : span.startNs >= beginNs) return;
        if (!best || (way > 0 ? span.startNs < best->startNs : span.startNs > best->startNs)) best = span;
    };
    for (const auto& block : track.blocks) {
        const auto place = std::partition_point(block->start.begin(), block->start.end(), [&](std::uint32_t s) {
            const TimeNs start = block->baseNs + static_cast<TimeNs>(s) * block->unitNs;
            return way > 0 ? start <= beginNs : start < beginNs;
        });
        const auto i = static_cast<std::size_t>(place - block->start.begin());
        if (way > 0 && i < block->size()) offer(found(track.track, *block, i));
        if (way < 0 && i > 0) offer(found(track.track, *block, i - 1));
    }
    for (const auto& open : track.open) offer(found(track.track, open, nowNs));
    return best;
}

std::optional<FoundSpan> spanOf(const types::SpanSet& set, std::uint32_t row, TimeNs nowNs)
{
    std::optional<FoundSpan> best;
    for (const auto& track : set.tracks) {
        for (const auto& block : track.blocks)
            for (auto at = std::find(block->row.begin(), block->row.end(), row); at != block->row.end(); at = std::find(at + 1, block->row.end(), row)) {
                const auto span = found(track.track, *block, static_cast<std::size_t>(at - block->row.begin()));
                if (!best || span.startNs > best->startNs) best = span;
            }
        for (const auto& open : track.open)
            if (open.row == row && (!best || open.startNs > best->startNs)) best = found(track.track, open, nowNs);
    }
    return best;
}

Flows flowsOf(const types::SpanSet& set, const types::Graph& graph, const FoundSpan& span, TimeNs nowNs)
{
    Flows flows;
    if (set.spans > kFlowSpansMax || span.vertex >= graph.vertices.size()) return flows;
    const std::string& id = graph.vertices[span.vertex].id;
    std::set<Place> producers, consumers;
    for (const auto& edge : graph.edges)
        for (const bool upstream : {true, false}) {
            if ((upstream ? edge.to.vertex : edge.from.vertex) != id) continue;
            const int other = graph.indexOf(upstream ? edge.from.vertex : edge.to.vertex);
            if (other < 0) continue;
            auto& places = upstream ? producers : consumers;
            const auto vertex = static_cast<std::uint16_t>(other);
            if (const auto index = farIndex(graph, edge, other, upstream, span.index)) places.insert({vertex, *index});
            else addAll(set, vertex, kFlowsMax, places);
        }
    if (producers.size() + consumers.size() > kFlowsMax) return flows;

    const auto made = spansOf(set, producers, nowNs), read = spansOf(set, consumers, nowNs);
    for (const Place& place : producers) { // the result that was there when this one began
        const FoundSpan* best = nullptr;
        for (auto [it, end] = made.equal_range(place); it != end; ++it)
            if (it->second.endNs <= span.startNs && (best == nullptr || it->second.endNs > best->endNs)) best = &it->second;
        if (best != nullptr) flows.producers.push_back(*best);
    }
    for (const Place& place : consumers) { // the first that began after this one ended
        const FoundSpan* best = nullptr;
        for (auto [it, end] = read.equal_range(place); it != end; ++it)
            if (!span.open && it->second.startNs >= span.endNs && (best == nullptr || it->second.startNs < best->startNs)) best = &it->second;
        if (best != nullptr) flows.consumers.push_back(*best);
    }
    return flows;
}

} // namespace orrery::widgets
