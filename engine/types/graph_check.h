// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Checks a graph against the functions that exist: every problem at once, before anything runs, and none that another one brings
// with it: of a vertex whose function is unknown nothing more is said, and the other ends of its edges are checked all the same.
// The same rules say whether a wire may be drawn (canConnect) and make the plan that runs (plan.h).

#include "engine/types/graph_document.h"
#include "engine/types/plugin_info.h"

namespace orrery::types {

struct CheckedVertex {
    const FunctionInfo* function = nullptr; // with the ports of this vertex; null: unknown
    std::shared_ptr<const FunctionInfo> own; // what `function` points at, where its ports follow from its parameters
    std::string params = "{}";              // complete
    bool wide = false;
};

struct CheckedGraph {
    std::vector<Problem> problems;
    std::vector<CheckedVertex> vertices;    // as in the graph
    std::vector<std::uint16_t> order;       // topological; empty when there is a cycle
    bool ok() const { return problems.empty(); }
};

CheckedGraph checkGraph(const Graph& graph, const Catalog& catalog);
// The same of a document, readable or not: what reading found comes first, then what is wrong besides and does not follow from
// it. Places are those in the document.
CheckedGraph checkParsed(const ParsedGraph& parsed, const Catalog& catalog);

struct Compatibility {
    bool yes = false;
    EdgeMode mode = EdgeMode::One; // that fits
    std::string why;               // when not: one line, "expects table, got image"
};
// Whether an edge may be added to the graph as it is.
Compatibility canConnect(const Graph& graph, const Catalog& catalog, const PortRef& from, const PortRef& to);

// The nearest of the names by edit distance, empty when none is near.
std::string nearestName(std::string_view wanted, const std::vector<std::string>& names);

} // namespace orrery::types
