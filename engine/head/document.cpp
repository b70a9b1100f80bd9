// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/document.h"

#include "engine/base/ids.h"
#include "engine/types/graph_check.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace orrery::head {

namespace {

using nlohmann::json;

// "vertex.name" into the graph; a sentence when it does not fit.
std::string setParam(types::Graph& graph, const std::string& name, const std::string& value)
{
    const auto dot = name.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == name.size()) return "\"" + name + "\" names no parameter; write vertex.name=value";
    const int index = graph.indexOf(name.substr(0, dot));
    if (index < 0) return "the parameter " + name + " is for a vertex that is not in the graph";
    auto& vertex = graph.vertices[static_cast<std::size_t>(index)];
    json params = json::parse(vertex.params, nullptr, false);
    if (!params.is_object()) params = json::object();
    json parsed = json::parse(value, nullptr, false);
    params[name.substr(dot + 1)] = parsed.is_discarded() ? json(value) : std::move(parsed);
    // A byte that is no UTF-8 must not throw here; the check of the values refuses what comes of it.
    vertex.params = params.dump(-1, ' ', false, json::error_handler_t::replace);
    return {};
}

} // namespace

std::string Document::problemText() const
{
    if (problems.empty()) return {};
    return problems.size() == 1 ? problems[0] : problems[0] + " (and " + std::to_string(problems.size() - 1) + " more)";
}

Document readDocument(std::string_view text, const std::map<std::string, std::string>& params)
{
    Document document;
    document.parsed = types::parseDocument(text);
    auto& parsed = document.parsed;
    for (const auto& problem : parsed.problems) document.problems.push_back(problem.text());
    for (const auto& [name, value] : params)
        if (auto problem = setParam(parsed.graph, name, value); !problem.empty() && !parsed.graph.vertices.empty()) document.problems.push_back("/: " + problem);
    if (!document.problems.empty()) return document;
    document.text = types::formatDocument(parsed.graph);
    document.graph = std::make_shared<const types::Graph>(parsed.graph);
    return document;
}

void checkDocument(Document& document, const types::Catalog& catalog)
{
    const auto checked = types::checkParsed(document.parsed, catalog);
    const auto read = static_cast<std::ptrdiff_t>(document.parsed.problems.size());
    std::for_each(checked.problems.begin() + read, checked.problems.end(), [&](const auto& problem) { document.problems.push_back(problem.text()); });
    if (!document.problems.empty()) return;
    for (std::size_t i = 0; i < document.graph->vertices.size(); ++i) {
        const auto& vertex = document.graph->vertices[i];
        const auto& need = vertex.resources ? *vertex.resources : checked.vertices[i].function->resources;
        if (std::find(document.needs.begin(), document.needs.end(), need) == document.needs.end()) document.needs.push_back(need);
    }
}

std::string documentKey(const types::Graph& graph)
{
    if (!graph.title.empty()) return "title " + graph.title;
    std::string names;
    for (const auto& vertex : graph.vertices) names += vertex.id + " " + vertex.function + "\n";
    const auto hash = base::hash128(names);
    return "vertices " + std::to_string(hash.high) + " " + std::to_string(hash.low);
}

} // namespace orrery::head
