// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunWorld: what rows of a run need to be named: its graph, the catalog, the nodes and the workers of its cluster. A copy of
// a moment. Thread: plain value; graph and catalog are shared and immutable.

#include "engine/types/session_values.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace orrery::trace {

class RunWorld {
public:
    struct Worker {
        std::uint16_t node = 0;
        std::uint16_t number = 0; // on its node, from 1; 0: unknown track
        base::WorkerId id;
        std::int64_t pid = 0;
    };
    std::shared_ptr<const types::Graph> graph;     // null: vertices have no names
    std::shared_ptr<const types::Catalog> catalog; // null: outputs and default resources have no names
    std::int64_t wallOffsetNs = 0;                 // wall clock = cluster clock + this
    types::TimeNs nowNs = 0;                       // cluster clock; 0: how long running tasks take is not known

    void addNode(const types::NodeRow& row)
    {
        if (row.node >= m_nodes.size()) m_nodes.resize(row.node + std::size_t{1});
        m_nodes[row.node] = row.id;
    }
    // REQUIRES: by rising track, the dead ones too: a worker's number on its node is counted.
    void addWorker(const types::WorkerRow& row)
    {
        if (row.track >= m_workers.size()) m_workers.resize(row.track + std::size_t{1});
        if (row.node >= m_counts.size()) m_counts.resize(row.node + std::size_t{1});
        m_workers[row.track] = {row.node, ++m_counts[row.node], row.id, row.pid};
    }
    // Null: unknown.
    const Worker* worker(std::uint16_t track) const { return track < m_workers.size() && m_workers[track].number != 0 ? &m_workers[track] : nullptr; }
    base::NodeId node(std::uint16_t number) const { return number < m_nodes.size() ? m_nodes[number] : base::NodeId(); }
    std::int64_t wallMs(types::TimeNs at) const { return (at + wallOffsetNs) / base::kMillisecond; }

private:
    std::vector<base::NodeId> m_nodes;    // by number
    std::vector<Worker> m_workers;        // by track
    std::vector<std::uint16_t> m_counts;  // by node
};

} // namespace orrery::trace
