// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunMirror: follows one run through a Session: its trace blocks in a RunStore, its row, its log lines. What a command line needs
// to wait for a run and to find its results.
// Thread: waitEnd() and the questions on the caller's; deltas arrive on the session's threads, under a lock.

#include "engine/client/session.h"
#include "engine/trace/run_store.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace orrery::host {

class RunMirror {
public:
    // The session must outlive it.
    RunMirror(client::Session& session, base::RunId run);
    ~RunMirror();
    // progress: called about ten times a second with the run's row. Unavailable: the cluster is gone.
    base::Result<types::RunRow> waitEnd(const std::function<void(const types::RunRow&)>& progress);
    // After waitEnd.
    const trace::RunStore& store() const { return m_seen->store; }
    const types::Graph* graph() const { return m_seen->graph.get(); }
    const types::Catalog* catalog() const { return m_seen->catalog.get(); }

private:
    // Shared with the watch's callback: one may still be under way when this object goes.
    struct Seen {
        explicit Seen(base::RunId wanted) : run(wanted), store(wanted) {}
        const base::RunId run;
        std::atomic<client::WatchId> watch{0};
        std::mutex mutex; // guards the rest
        std::condition_variable changed;
        bool closed = false;
        trace::RunStore store;
        std::optional<types::RunRow> row;
        std::shared_ptr<const types::Graph> graph;
        std::shared_ptr<const types::Catalog> catalog;
        std::optional<base::Error> error;
    };
    static void take(Seen& seen, client::Session& session, base::Result<types::Delta> delta);
    client::Session& m_session;
    const std::shared_ptr<Seen> m_seen;
};

} // namespace orrery::host
