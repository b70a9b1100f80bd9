// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/run_mirror.h"

namespace orrery::host {

RunMirror::RunMirror(client::Session& session, base::RunId run) : m_session(session), m_run(run), m_store(run)
{
    types::Interest interest;
    interest.run = run;
    interest.logs = false;
    m_watch = session.watch(interest, [this](base::Result<types::Delta> delta) { take(std::move(delta)); });
}

RunMirror::~RunMirror() { m_session.unwatch(m_watch); }

void RunMirror::take(base::Result<types::Delta> delta)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!delta) {
            m_error = delta.error();
            m_changed.notify_all();
            return;
        }
        if (delta->graph && delta->run == m_run) m_graph = delta->graph;
        if (delta->catalog) m_catalog = delta->catalog;
        for (auto& row : delta->runs)
            if (row.id == m_run) m_row = row;
        if (delta->run == m_run)
            for (const auto& block : delta->blocks)
                if (auto applied = m_store.apply(block); !applied) m_error = applied.error();
        m_changed.notify_all();
    }
    m_session.taken(m_watch);
}

base::Result<types::RunRow> RunMirror::waitEnd(const std::function<void(const types::RunRow&)>& progress)
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        if (m_error) return *m_error;
        if (m_row && progress) progress(*m_row);
        // Ended, and every task it counts has been told by the blocks.
        if (m_row && types::isTerminal(m_row->state) && m_store.rows() >= m_row->tasks) {
            types::StateCounts open = m_store.counts();
            std::uint32_t left = 0;
            for (int state = 0; state < types::kTaskStates; ++state) left += types::isTerminal(static_cast<types::TaskState>(state)) ? 0 : open[static_cast<std::size_t>(state)];
            if (left == 0) return *m_row;
        }
        m_changed.wait_for(lock, std::chrono::milliseconds(500));
    }
}

} // namespace orrery::host
