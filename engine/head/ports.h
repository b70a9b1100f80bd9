// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the head needs of others, as small ports; host plugs the others in, tests/support has a fake of each.
// Thread: all calls on the head's loop; they return at once. Callbacks come later on the loop (or inside the call), each once.
// A callback's `problem` is one sentence, empty when all went well.

#include "engine/head/stored.h"
#include "engine/trace/run_store.h"
#include "engine/types/session_values.h"

#include <functional>
#include <memory>
#include <string>

namespace orrery::head {

using Done = std::function<void(std::string problem)>;

// The control store.
struct Journal {
    virtual ~Journal() = default;
    // Inserts or replaces by id. done (may be empty): it is durable.
    virtual void record(StoredRun run, Done done) = 0;
    virtual void record(StoredNode node) = 0;
};

// The .orun of each run.
struct RunRecorder {
    virtual ~RunRecorder() = default;
    // Begins a fresh record; what an earlier home of this run left is replaced.
    virtual void open(const StoredRun& run, RecordWorld world) = 0;
    virtual void append(base::RunId run, std::uint64_t number, types::BlockBytes bytes, Done done) = 0;
    virtual void logs(base::RunId run, std::vector<types::LogLine> lines) = 0;
    virtual void close(const StoredRun& run, RecordWorld world) = 0;
    // The trace of a run that has ended, from its record. Null with a problem: it cannot be had.
    using Loaded = std::function<void(std::shared_ptr<trace::RunStore> store, std::string problem)>;
    virtual void load(const types::RunRow& run, Loaded done) = 0;
};

// Descriptions of the plugins this cluster has. They are made outside the loop; a plugin may hang or crash while it is read.
struct CatalogSource {
    virtual ~CatalogSource() = default;
    virtual void scan(std::function<void(std::shared_ptr<const types::Catalog> catalog, std::string problem)> done) = 0;
};

// Starts nodes on this machine and watches processes of nodes.
struct NodeLauncher {
    virtual ~NodeLauncher() = default;
    virtual void start(const types::AddNode& wish, const std::string& name, std::function<void(std::int64_t pid, std::string problem)> done) = 0;
    // exited is called once for each process that was started or is watched, when it is gone. Watching twice is watching once.
    virtual void watch(std::int64_t pid) = 0;
    virtual void kill(std::int64_t pid) = 0;
    virtual void setExited(std::function<void(std::int64_t pid, std::string why)> exited) = 0;
};

} // namespace orrery::head
