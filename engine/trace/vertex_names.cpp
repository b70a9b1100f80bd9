// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/vertex_names.h"

#include "engine/types/table_schema.h"
#include "engine/types/vertex_ports.h"

#include <fmt/format.h>

#include <iterator>
#include <unordered_map>

namespace orrery::trace {

using types::EdgeMode;
using types::TaskState;

namespace {

std::uint32_t goodOf(const types::StateCounts& counts)
{
    return counts[static_cast<std::size_t>(TaskState::Finished)] + counts[static_cast<std::size_t>(TaskState::Cached)];
}

} // namespace

const types::Vertex* VertexNames::find(std::uint16_t vertex) const
{
    return m_world.graph && vertex < m_world.graph->vertices.size() ? &m_world.graph->vertices[vertex] : nullptr;
}

const types::FunctionInfo* VertexNames::function(std::uint16_t vertex) const
{
    const auto* found = find(vertex);
    return found && m_world.catalog ? m_world.catalog->function(found->function) : nullptr;
}

std::string_view VertexNames::text(Text which, std::uint16_t vertex, std::string& scratch) const
{
    const auto* found = find(vertex);
    if (which == Text::Vertex) return found ? std::string_view(found->id) : std::string_view("?");
    if (!found) return {};
    if (which == Text::Function) return found->function;
    const auto* info = found->resources ? nullptr : function(vertex);
    const types::Resources* needs = found->resources ? &*found->resources : info ? &info->resources : nullptr;
    scratch = needs && !needs->empty() ? needs->text() : std::string();
    return scratch;
}

std::string_view VertexNames::taskName(std::uint16_t vertex, std::uint32_t mapIndex, std::string& scratch) const
{
    const auto* found = find(vertex);
    const std::string_view name = found ? std::string_view(found->id) : std::string_view("?");
    if (vertex >= m_store.vertices() || m_store.vertex(vertex).tasks <= 1) return name;
    scratch.assign(name);
    const fmt::format_int index(mapIndex);
    scratch.append(" [").append(index.data(), index.size()).append("]");
    return scratch;
}

std::string VertexNames::outputName(std::uint16_t vertex, std::uint16_t output) const
{
    const auto* found = find(vertex);
    const auto info = found && m_world.catalog ? types::functionOf(*m_world.catalog, *found) : nullptr;
    if (info && info->outputs.size() <= 1) return {};
    if (info && output < info->outputs.size()) return "." + info->outputs[output].name;
    return output == 0 ? std::string() : "." + std::to_string(output);
}

// All vertices at once when one is asked: finding an edge's ends one by one would cost edges times vertices.
const std::vector<VertexNames::Source>& VertexNames::sources(std::uint16_t vertex) const
{
    static const std::vector<Source> kNothing;
    if (!m_sourcesMade && m_world.graph) {
        const types::Graph& graph = *m_world.graph;
        std::unordered_map<std::string_view, std::uint16_t> indexes;
        for (std::size_t i = 0; i < graph.vertices.size() && i < 0xffff; ++i) indexes.emplace(graph.vertices[i].id, static_cast<std::uint16_t>(i));
        m_sources.resize(graph.vertices.size());
        for (const auto& edge : graph.edges) {
            const auto from = indexes.find(edge.from.vertex), to = indexes.find(edge.to.vertex);
            if (from != indexes.end() && to != indexes.end()) m_sources[to->second].push_back({from->second, edge.from.text(), edge.mode});
        }
    }
    m_sourcesMade = true;
    return vertex < m_sources.size() ? m_sources[vertex] : kNothing;
}

std::string_view VertexNames::args(std::uint16_t vertex, std::uint32_t mapIndex, std::string& scratch) const
{
    scratch.clear();
    for (const auto& source : sources(vertex)) {
        if (!scratch.empty()) scratch += ", ";
        scratch += source.port;
        if (source.mode == EdgeMode::All || source.mode == EdgeMode::Transpose) scratch += "[*]";
        if (source.mode == EdgeMode::Each || source.mode == EdgeMode::Transpose) fmt::format_to(std::back_inserter(scratch), "[{}]", mapIndex);
    }
    return scratch;
}

std::string_view VertexNames::waitReason(std::uint16_t vertex, TaskState state, std::string& scratch) const
{
    switch (state) {
    case TaskState::PendingArgs: {
        constexpr int kNamed = 3;
        int waits = 0;
        scratch.clear();
        for (const auto& source : sources(vertex)) {
            const auto* counts = source.vertex < m_store.vertices() ? &m_store.vertex(source.vertex) : nullptr;
            if (counts && counts->tasks > 0 && goodOf(counts->counts) == counts->tasks) continue;
            if (++waits > kNamed) continue;
            scratch += scratch.empty() ? "" : ", ";
            scratch += find(source.vertex)->id;
            if (counts && counts->tasks > 1) fmt::format_to(std::back_inserter(scratch), " ({} of {} done)", goodOf(counts->counts), counts->tasks);
        }
        if (waits > kNamed) fmt::format_to(std::back_inserter(scratch), " and {} more", waits - kNamed);
        return scratch.empty() ? "its inputs" : std::string_view(scratch);
    }
    case TaskState::PendingAssignment: {
        const std::string_view needs = text(Text::Resources, vertex, scratch);
        return needs.empty() ? "a free worker" : needs;
    }
    case TaskState::PendingFetch: return "inputs from another node";
    case TaskState::Held: return "breakpoint";
    case TaskState::Submitted: return "its turn on the worker";
    case TaskState::Retrying: return "its next attempt";
    default: return {};
    }
}

bool VertexNames::prepareRanks(Text which)
{
    Ranks& ranks = m_ranks[static_cast<std::size_t>(which)];
    if (ranks.done) return true;
    const auto compare = [this, which](std::uint32_t a, std::uint32_t b) {
        std::string left, right;
        return types::folded(text(which, static_cast<std::uint16_t>(a), left)).compare(types::folded(text(which, static_cast<std::uint16_t>(b), right)));
    };
    if (!ranks.begun) {
        ranks.begun = true;
        ranks.sorter.setTie(compare);
        for (std::size_t vertex = 0; vertex < m_store.vertices(); ++vertex) ranks.sorter.add({0, static_cast<std::uint32_t>(vertex)});
    }
    if (!ranks.sorter.step()) return false;
    ranks.ranks.resize(ranks.sorter.items().size());
    std::int64_t rank = 0;
    std::string scratch;
    const auto& sorted = ranks.sorter.items();
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i > 0 && compare(sorted[i - 1].row, sorted[i].row) != 0) ++rank;
        ranks.ranks[sorted[i].row] = text(which, static_cast<std::uint16_t>(sorted[i].row), scratch).empty() ? kNoKey : rank;
    }
    ranks.sorter = {};
    return ranks.done = true;
}

} // namespace orrery::trace
