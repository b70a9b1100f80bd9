// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plan: a checked graph made ready to run: functions resolved, parameters complete, inputs as indexes. Immutable; shared.
// What a plan does not know is how wide a map is: that is the length of a list value and is learned while running.
//
// Width rules. A vertex is `wide` (a map) when one of its inputs has mode each or transpose.
//   each from a wide vertex:      index i reads index i of the source; widths are equal.
//   each from a single vertex:    the source's output is a list<T>; index i reads item i.
//   transpose from a wide vertex: the source's outputs are list<T>, all of one length; index j reads item j of every index.
//   all from a wide vertex:       the consumer gets the values of all indexes, in order, as its list<T> port.
//   one from a single vertex:     every index of the consumer reads the same value.
//   one or all from what it does not fit (one from a wide vertex) is refused by the check with the advice what to use.

#include "engine/types/graph.h"
#include "engine/types/plugin_info.h"
#include "engine/types/task_record.h"

#include <memory>
#include <string>
#include <vector>

namespace orrery::types {

struct PlanSource {
    std::uint16_t vertex = 0;  // index into Plan::vertices
    std::uint16_t output = 0;  // port index
    EdgeMode mode = EdgeMode::One;
};

struct PlanInput {
    std::vector<PlanSource> sources; // none: an optional port left open; several: a list port fed by several edges, in order
};

struct PlanConsumer {
    std::uint16_t vertex = 0;
    std::uint16_t input = 0;
    std::uint16_t source = 0;  // index into that input's sources
};

struct PlanVertex {
    std::string id;
    std::string function;
    std::string plugin;        // path of the .so
    std::string params = "{}"; // complete JSON text
    Resources resources;
    std::int32_t retries = 3;
    bool wide = false;
    std::vector<PlanInput> inputs;          // one an input port of the function
    std::vector<Port> outputs;
    std::vector<PlanConsumer> consumers;    // who reads any of our outputs
};

struct Plan {
    std::shared_ptr<const Graph> graph;
    std::vector<PlanVertex> vertices;       // index = index in graph->vertices (so trace and window agree)
    std::vector<std::uint16_t> order;       // topological
};

// What the workers are told of a vertex once; its id is the node's to give.
Template templateOf(const PlanVertex& vertex);

// The sets of resources that its vertices ask for, each once, in the order of the vertices; and which is whose.
struct PlanClasses {
    std::vector<Resources> classes;
    std::vector<std::size_t> ofVertex;
};
PlanClasses classesOf(const Plan& plan);

// REQUIRES nothing of the graph: every problem is found first (graph_check.h). BadInput with all problems, one a line.
base::Result<Plan> makePlan(std::shared_ptr<const Graph> graph, const Catalog& catalog);

} // namespace orrery::types
