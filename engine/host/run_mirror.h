// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunMirror: follows one run through a Session: its trace blocks in a RunStore, its row, its log lines. What a command line needs
// to wait for a run and to find its results.
// Thread: waitEnd() and the questions on the caller's; deltas arrive on the session's threads, under a lock.

#include "engine/client/session.h"
#include "engine/trace/run_store.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

namespace orrery::host {

class RunMirror {
public:
    RunMirror(client::Session& session, base::RunId run);
    ~RunMirror();
    // progress: called about ten times a second with the run's row. Unavailable: the cluster is gone.
    base::Result<types::RunRow> waitEnd(const std::function<void(const types::RunRow&)>& progress);
    // After waitEnd.
    const trace::RunStore& store() const { return m_store; }
    const types::Graph* graph() const { return m_graph.get(); }
    const types::Catalog* catalog() const { return m_catalog.get(); }

private:
    void take(base::Result<types::Delta> delta);
    client::Session& m_session;
    const base::RunId m_run;
    std::mutex m_mutex; // guards the rest
    std::condition_variable m_changed;
    trace::RunStore m_store;
    std::optional<types::RunRow> m_row;
    std::shared_ptr<const types::Graph> m_graph;
    std::shared_ptr<const types::Catalog> m_catalog;
    std::optional<base::Error> m_error;
    client::WatchId m_watch = 0;
};

} // namespace orrery::host
