// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ProblemList: everything that is wrong, a row each: the head's link, lost nodes, plugins that could not be loaded, the graph's
// problems, and failed tasks grouped by what their error says. Pure. Thread: UI.

#include "widgets/models/graph_model.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <optional>
#include <vector>

namespace orrery::widgets {

inline constexpr std::uint32_t kFailedTasksRead = 5'000; // at most so many are grouped; the rest is counted

struct Problem {
    enum class Kind : std::uint8_t { Link, Node, Plugin, Graph, Tasks, Refusal };
    Kind kind = Kind::Graph;
    QString text;              // one sentence
    QString where;             // "render", "imaging.so", "head"
    QStringList nodes;         // letters
    std::uint64_t count = 1;
    std::int64_t firstNs = -1; // from the begin of the run
    QString vertex;            // to go to; empty: nowhere
    std::optional<TaskRef> task; // the first that failed
    QString filter;            // of the tasks of this row
    bool operator==(const Problem&) const = default;
};

// What needs no question.
std::vector<Problem> plainProblems(const GraphModel& graph, const RunModel& run);
types::Query failedTasksQuery(const base::RunId& run);
// One row an error text, by their first time; what the page leaves out is a row of its own.
std::vector<Problem> taskProblems(const types::Page& page, const RunModel& run);

} // namespace orrery::widgets
