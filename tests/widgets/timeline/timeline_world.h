// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TimelineWorld: a run as a list scheduler would have made it, for tests of the timeline: a graph like the deep zoom's, nodes
// with workers, tasks that take their time, a node that may die. The same seed makes the same run. What the window is told at
// an instant is made from it; spans come from types::SpanBuilder.
// Thread: the test's.

#include "widgets/models/run_model.h"

#include <optional>

namespace orrery::tests {

struct WorldShape {
    std::uint64_t seed = 1;
    std::vector<int> workers{4, 4, 2}; // by node
    std::uint32_t width = 256;         // of the maps
    base::TimeNs renderNs = 270 * base::kMillisecond, filterNs = 22 * base::kMillisecond;
    std::optional<base::TimeNs> nodeDiesNs; // the last node, so long after the begin
};

class TimelineWorld {
public:
    explicit TimelineWorld(const WorldShape& shape);
    const std::vector<types::Attempt>& attempts() const { return m_attempts; } // of the whole run, in order of their ends
    base::TimeNs beginNs() const { return m_beginNs; }
    base::TimeNs endNs() const { return m_endNs; }
    const types::Graph& graph() const { return *m_graph; }
    // Everything that the window knows at an instant; first: with graph and nodes.
    widgets::RunUpdate at(base::TimeNs now, bool first) const;
    // Told in steps, as a live run is.
    void play(widgets::RunModel& model, base::TimeNs until, base::TimeNs step = 100 * base::kMillisecond) const;

private:
    struct Task {
        std::uint16_t vertex = 0;
        std::uint32_t index = 0;
        base::TimeNs readyNs = -1;
        std::uint8_t attempt = 1;
        std::size_t missing = 0; // inputs not there yet
    };
    struct Worker {
        std::uint16_t node = 0;
        base::TimeNs freeNs = 0;
        bool alive = true;
    };
    void makeTasks();
    void schedule();
    void finish(std::uint32_t row, base::TimeNs at);
    void ready(std::uint32_t row, base::TimeNs at);
    void killLast(base::TimeNs at);
    base::TimeNs tookNs(const Task& task);
    std::uint64_t random();

    WorldShape m_shape;
    std::uint64_t m_state;
    std::shared_ptr<const types::Graph> m_graph;
    base::RunId m_run;
    std::vector<Task> m_tasks;
    std::vector<std::uint32_t> m_firstRow, m_width; // by vertex
    std::vector<Worker> m_workers;
    std::vector<std::uint32_t> m_queue;             // rows that are ready
    std::vector<types::Attempt> m_attempts;
    base::TimeNs m_beginNs = 40 * base::kSecond, m_endNs = 0;
};

} // namespace orrery::tests
