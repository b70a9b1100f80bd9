// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Subject: what the inspector speaks of: the selection, put into terms of the edited graph and of the shown run.
// TaskFacts: one row of the table of tasks; AttemptFacts: an attempt of it, from the spans. Thread: plain values, UI.

#include "widgets/models/graph_model.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"

#include <optional>
#include <vector>

namespace orrery::widgets {

struct TaskFacts {
    std::uint32_t row = types::kNoRow; // kNoRow: not answered yet
    types::TaskState state = types::TaskState::PendingArgs;
    int attempt = 1;
    std::uint16_t track = types::kNoWorker;
    QString id, node, errorType, error, waitReason, resources, args, returns;
    std::int64_t waitNs = -1, durationNs = -1, cpuNs = -1, bytesOut = -1, peakBytes = -1; // -1: not known
    std::int64_t startNs = -1, endNs = -1;                                                // from the begin of the run
    bool known() const { return row != types::kNoRow; }
    bool operator==(const TaskFacts&) const = default;
};
// Columns are found by name; what the page does not have stays unknown.
TaskFacts taskFacts(const types::Page& page, std::size_t row);

struct ResultFacts { // one row of the table of objects
    std::uint16_t output = 0;
    QString id, node, state, type, shape;
    std::int64_t bytes = -1, refs = -1;
};
std::vector<ResultFacts> resultFacts(const types::Page& page);

struct AttemptFacts {
    int number = 1;
    std::uint16_t track = types::kNoWorker;
    types::TimeNs startNs = 0, durationNs = 0; // cluster clock
    types::TaskState outcome = types::TaskState::Running;
    bool operator==(const AttemptFacts&) const = default;
};
// By start; the last may still run. Looks at every span of the run: some 1 ms a million.
std::vector<AttemptFacts> attemptsOf(const types::SpanSet& spans, std::uint32_t row, types::TimeNs nowNs);

struct Subject {
    enum class Kind : std::uint8_t { None, Several, Vertex, Task, Worker };
    Kind kind = Kind::None;
    QString vertex;          // id in the edited graph
    int several = 0;         // how many vertices
    int runVertex = -1;      // in the shown run's graph; -1: it has none
    std::uint32_t tasks = 0; // of that vertex in the run; 0: none yet
    std::optional<TaskRef>
        task; // the selected one; of a vertex with one task in the run, that one once its row is known
    std::uint16_t output = 0;
    std::uint16_t worker = types::kNoWorker;
    bool operator==(const Subject&) const = default;
};
Subject subjectOf(const Selection& selection, const GraphModel& graph, const RunModel& run);

} // namespace orrery::widgets
