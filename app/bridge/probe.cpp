// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/probe.h"

#include "engine/types/graph_document.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <cmath>
#include <set>

namespace orrery::app {

using base::Errc;
using base::fail;

namespace {

constexpr std::string_view kRender = "imaging.render", kTiles = "imaging.tiles_list";
constexpr int kTilesDefault = 16; // of imaging.tiles_list, when the document does not say

QJsonObject paramsOf(const types::Vertex& vertex) { return QJsonDocument::fromJson(QByteArray::fromStdString(vertex.params)).object(); }

void setParam(types::Vertex& vertex, const QString& name, int value)
{
    auto params = paramsOf(vertex);
    params.insert(name, value);
    vertex.params = QJsonDocument(params).toJson(QJsonDocument::Compact).toStdString();
}

// The vertex and all that it needs.
std::set<std::string> needsOf(const types::Graph& graph, const std::string& id)
{
    std::set<std::string> needs{id};
    for (bool grew = true; grew;) {
        grew = false;
        for (const auto& edge : graph.edges)
            if (needs.count(edge.to.vertex) && needs.insert(edge.from.vertex).second) grew = true;
    }
    return needs;
}

} // namespace

base::Result<ProbePlan> planProbe(std::string_view document)
{
    auto parsed = types::parseDocument(document);
    if (!parsed.ok()) return fail(Errc::BadInput, parsed.problems.front().text());
    types::Graph& graph = parsed.graph;
    const auto render = std::find_if(graph.vertices.begin(), graph.vertices.end(), [](const auto& vertex) { return vertex.function == kRender; });
    if (render == graph.vertices.end()) return fail(Errc::BadInput, "the document has no vertex that renders tiles (imaging.render), so there is nothing to size");
    ProbePlan plan;
    plan.target = render->id;
    const auto needs = needsOf(graph, render->id);
    std::erase_if(graph.vertices, [&](const auto& vertex) { return !needs.count(vertex.id); });
    std::erase_if(graph.edges, [&](const auto& edge) { return !needs.count(edge.from.vertex) || !needs.count(edge.to.vertex); });
    graph.frames.clear();
    for (auto& vertex : graph.vertices) {
        if (vertex.id == plan.target) setParam(vertex, QStringLiteral("samples"), 1);
        if (vertex.function != kTiles) continue;
        const auto side = static_cast<std::uint64_t>(std::max(paramsOf(vertex).value(QStringLiteral("tiles")).toInt(kTilesDefault), 1));
        plan.tiles = side * side;
        setParam(vertex, QStringLiteral("tiles"), 1);
    }
    if (plan.tiles == 0) return fail(Errc::BadInput, "vertex " + plan.target + " does not run over a list of tiles (imaging.tiles_list), so there is nothing to size");
    plan.document = types::formatDocument(graph);
    plan.vertex = static_cast<std::uint16_t>(graph.indexOf(plan.target));
    return plan;
}

int samplesFor(types::TimeNs tileNs, std::uint64_t tiles, double cpus)
{
    const double once = static_cast<double>(std::max<types::TimeNs>(tileNs, 1)) * static_cast<double>(std::max<std::uint64_t>(tiles, 1)) / std::max(cpus, 1.0);
    return static_cast<int>(std::clamp(std::round(static_cast<double>(kProbeGoal) / once), 1.0, static_cast<double>(kSamplesMax)));
}

} // namespace orrery::app
