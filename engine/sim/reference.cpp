// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/cluster_sim.h"

#include "engine/sim/sim_node.h"

#include <cstring>

namespace orrery::sim {

using types::EdgeMode;

namespace {

// The number of items a "list:N" function makes, 0 for a plain one.
std::uint32_t listLength(const std::string& function)
{
    return function.rfind("list:", 0) == 0 ? static_cast<std::uint32_t>(std::stoul(function.substr(5))) : 0;
}

} // namespace

std::vector<std::uint64_t> simFunction(const std::string& function, std::uint16_t vertex, std::uint32_t index, const std::vector<std::uint64_t>& inputs)
{
    std::vector<std::uint64_t> words{vertex, index};
    words.insert(words.end(), inputs.begin(), inputs.end());
    const auto hash = base::hash128(std::as_bytes(std::span(words)));
    const std::uint32_t items = listLength(function);
    if (items == 0) return {hash.low};
    std::vector<std::uint64_t> list;
    for (std::uint32_t i = 0; i < items; ++i) list.push_back(hash.low + i);
    return list;
}

Reference referenceRun(const types::Plan& plan)
{
    Reference values;
    std::vector<std::uint32_t> widths(plan.vertices.size(), 1);
    for (const auto v : plan.order) {
        const auto& vertex = plan.vertices[v];
        if (vertex.wide) {
            for (const auto& input : vertex.inputs)
                for (const auto& source : input.sources) {
                    if (source.mode == EdgeMode::Each) widths[v] = plan.vertices[source.vertex].wide ? widths[source.vertex] : static_cast<std::uint32_t>(values.at({source.vertex, 0}).size());
                    if (source.mode == EdgeMode::Transpose) widths[v] = static_cast<std::uint32_t>(values.at({source.vertex, 0}).size());
                }
        }
        for (std::uint32_t i = 0; i < widths[v]; ++i) {
            std::vector<std::uint64_t> inputs;
            const auto whole = [&](std::uint16_t from, std::uint32_t at) {
                const auto& value = values.at({from, at});
                inputs.insert(inputs.end(), value.begin(), value.end());
            };
            for (const auto& input : vertex.inputs) {
                for (const auto& source : input.sources) {
                    switch (source.mode) {
                    case EdgeMode::One: whole(source.vertex, 0); break;
                    case EdgeMode::Each:
                        if (plan.vertices[source.vertex].wide) whole(source.vertex, i);
                        else inputs.push_back(values.at({source.vertex, 0})[i]);
                        break;
                    case EdgeMode::All:
                        for (std::uint32_t k = 0; k < widths[source.vertex]; ++k) whole(source.vertex, k);
                        break;
                    case EdgeMode::Transpose:
                        for (std::uint32_t k = 0; k < widths[source.vertex]; ++k) inputs.push_back(values.at({source.vertex, k})[i]);
                        break;
                    }
                }
            }
            values[{v, i}] = simFunction(vertex.function, v, i, inputs);
        }
    }
    return values;
}

std::shared_ptr<const types::Plan> randomPlan(base::Random& random, std::size_t vertices)
{
    auto plan = std::make_shared<types::Plan>();
    plan->vertices.resize(vertices);
    std::vector<bool> lists(vertices);
    for (std::size_t v = 0; v < vertices; ++v) {
        auto& vertex = plan->vertices[v];
        vertex.id = "v" + std::to_string(v);
        lists[v] = random.chance(0.5);
        vertex.function = lists[v] ? "list:" + std::to_string(1 + random.below(12)) : "one";
        vertex.resources = types::Resources::cpus(random.chance(0.1) ? 2 : 1);
        vertex.retries = 1000; // a run must end well whatever dies
        vertex.outputs.push_back({"out", "any", "", false});
        plan->order.push_back(static_cast<std::uint16_t>(v));
        // Up to three inputs; at most one of them says how wide the vertex is, so that widths agree.
        std::size_t inputs = v == 0 ? 0 : random.below(3) + (random.chance(0.8) ? 1 : 0);
        for (std::size_t k = 0; k < inputs; ++k) {
            const auto from = static_cast<std::uint16_t>(random.below(v));
            const bool fromWide = plan->vertices[from].wide;
            types::PlanSource source{from, 0, EdgeMode::One};
            if (fromWide) source.mode = EdgeMode::All;
            if (!vertex.wide && random.chance(0.6)) {
                if (fromWide) source.mode = lists[from] && random.chance(0.5) ? EdgeMode::Transpose : EdgeMode::Each;
                else if (lists[from]) source.mode = EdgeMode::Each;
                vertex.wide = source.mode == EdgeMode::Each || source.mode == EdgeMode::Transpose;
            }
            vertex.inputs.push_back({{source}});
            plan->vertices[from].consumers.push_back({static_cast<std::uint16_t>(v), static_cast<std::uint16_t>(k), 0});
        }
    }
    return plan;
}

} // namespace orrery::sim
