// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the head keeps in the control store, as values: enough to go on after the head's own death. Plain values.

#include "engine/types/graph.h"
#include "engine/types/plugin_info.h"
#include "engine/types/run.h"

#include <memory>
#include <string>
#include <vector>

namespace orrery::head {

struct StoredRun {
    types::RunRow row;              // counts as of the last time it was written
    std::string document;           // canonical .orrery text, parameters of the start applied
    std::uint64_t homeEpoch = 0;    // 0: no node was ever its home
    base::NodeId home;
};

struct StoredNode {
    base::NodeId id;
    std::uint64_t incarnation = 0;
    std::uint16_t number = 0;
    std::uint16_t firstTrack = 0;   // of its newest block of worker numbers
    std::uint16_t tracks = 0;
    std::string name;
    std::string host;
    std::int64_t pid = 0;
    bool gone = false;              // dead or removed: nobody to wait for
    bool remote = false;            // joined over the network: its pid is none of this machine
};

// What a record says of the world around its run, as of now.
struct RecordWorld {
    std::shared_ptr<const types::Graph> graph;
    std::shared_ptr<const types::Catalog> catalog;
    std::int64_t wallOffsetNs = 0; // wall clock = cluster clock + this
    std::vector<types::NodeRow> nodes;
    std::vector<types::WorkerRow> workers;
};

// Everything of one cluster, as a new head finds it.
struct Stored {
    base::ClusterId cluster;
    std::uint64_t headEpoch = 1;    // of the head that starts now: one more than that of the last
    std::vector<StoredRun> runs;    // by number
    std::vector<StoredNode> nodes;  // those not gone, by number
};

} // namespace orrery::head
