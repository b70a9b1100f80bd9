// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/session_values.h"

#include <numeric>

namespace orrery::types {

namespace {

// A list's count or a text's length goes before it.
constexpr std::uint64_t kCount = 4;

std::uint64_t onWire(const std::string& text) { return kCount + text.size(); }
std::uint64_t onWire(const Resources& resources)
{
    std::uint64_t sum = kCount;
    for (const auto& entry : resources.entries()) sum += onWire(entry.name) + 8;
    return sum;
}
std::uint64_t onWire(const RunRow& row) { return 105 + onWire(row.title) + onWire(row.error); }
std::uint64_t onWire(const VertexCounts&) { return 62; }
std::uint64_t onWire(const NodeRow& row) { return 160 + onWire(row.name) + onWire(row.host) + onWire(row.address) + onWire(row.total) + onWire(row.free) + onWire(row.why); }
std::uint64_t onWire(const WorkerRow& row) { return 61 + onWire(row.exit) + onWire(row.running); }
std::uint64_t onWire(const LogLine& line) { return 17 + onWire(line.text); }
std::uint64_t onWire(const BlockBytes& block) { return kCount + block->size(); }
// Graph and catalog travel once a run and once a change: about is enough.
std::uint64_t onWire(const Vertex& vertex) { return 120 + vertex.id.size() + vertex.function.size() + vertex.params.size() + vertex.note.size(); }
std::uint64_t onWire(const Edge& edge) { return 70 + edge.from.vertex.size() + edge.from.port.size() + edge.to.vertex.size() + edge.to.port.size(); }
std::uint64_t onWire(const Port& port) { return 1 + onWire(port.name) + onWire(port.type) + onWire(port.doc); }

std::uint64_t onWire(const FunctionInfo& function);
std::uint64_t onWire(const PluginInfo& plugin);
std::uint64_t onWire(const PluginProblem& problem);

template <typename T>
std::uint64_t onWire(const std::vector<T>& list)
{
    return std::accumulate(list.begin(), list.end(), kCount, [](std::uint64_t sum, const T& entry) { return sum + onWire(entry); });
}

std::uint64_t onWire(const FunctionInfo& function)
{
    return 6 + onWire(function.name) + onWire(function.label) + onWire(function.doc) + onWire(function.category) + onWire(function.icon) + onWire(function.inputs) +
           onWire(function.outputs) + onWire(function.paramSchema) + onWire(function.resources);
}
std::uint64_t onWire(const PluginInfo& plugin)
{
    return 1 + onWire(plugin.name) + onWire(plugin.version) + onWire(plugin.doc) + onWire(plugin.path) + onWire(plugin.sha256) + onWire(plugin.interfaceHash) +
           onWire(plugin.functions) + onWire(plugin.pages);
}
std::uint64_t onWire(const PluginProblem& problem) { return onWire(problem.path) + onWire(problem.message); }

} // namespace

std::uint64_t Delta::bytes() const
{
    std::uint64_t sum = 8 + 8 + 1 + 8 + 8 + 16 + 8 + 8; // epoch, seq, resync, times, run, firstBlock, trace
    sum += onWire(runs) + onWire(vertices) + onWire(nodes) + onWire(workers) + onWire(blocks) + onWire(logs);
    sum += kCount + (graph ? onWire(graph->vertices) + onWire(graph->edges) : 0);
    sum += 1 + (catalog ? onWire(catalog->plugins) + onWire(catalog->problems) : 0);
    return sum;
}

} // namespace orrery::types
