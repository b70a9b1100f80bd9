// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Scene: a cluster and a run as the window is told of them, for tests of panels: three nodes with ten workers, the deep zoom
// in the middle of its run. Everything can be changed before it is told. Thread: the test's.

#include "widgets/models/graph_model.h"
#include "widgets/models/run_model.h"

namespace orrery::tests {

inline constexpr base::TimeNs kBegin = 100 * base::kSecond; // of the run, cluster clock

base::RunId runId(std::uint64_t number);
types::NodeRow node(std::uint16_t number, int workers, base::TimeNs now);
types::WorkerRow worker(std::uint16_t track, std::uint16_t node, const std::string& running);
// done of 1,032 tasks; the rest runs, is ready or waits.
types::RunRow run(std::uint32_t number, std::uint32_t done, types::RunState state = types::RunState::Running);
types::Graph deepZoom();
types::VertexCounts counts(std::uint16_t vertex,
                           std::initializer_list<std::pair<types::TaskState, std::uint32_t>> states);
// A catalog like the imaging library's, written by hand: functions of the deep zoom with their ports, icons and a few parameters.
std::shared_ptr<const types::Catalog> catalog();

// The whole scene at 5.6 s of run 1.
widgets::RunUpdate scene();
// Tells a minute of heartbeats that end at the scene's instant, so that histories are full, then the scene.
void tell(widgets::RunModel& model, const widgets::RunUpdate& update);

} // namespace orrery::tests
