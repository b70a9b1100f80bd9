// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/run_mirror.h"

namespace orrery::host {

RunMirror::RunMirror(client::Session& session, base::RunId run) : m_session(session), m_seen(std::make_shared<Seen>(run))
{
    types::Interest interest;
    interest.run = run;
    interest.logs = false;
    m_seen->watch = session.watch(interest, [seen = m_seen, &session](base::Result<types::Delta> delta) { take(*seen, session, std::move(delta)); });
    m_seen->watch.notify_all();
}

RunMirror::~RunMirror()
{
    {
        const std::lock_guard lock(m_seen->mutex);
        m_seen->closed = true;
    }
    m_session.unwatch(m_seen->watch);
}

void RunMirror::take(Seen& seen, client::Session& session, base::Result<types::Delta> delta)
{
    {
        const std::lock_guard lock(seen.mutex);
        if (seen.closed) return;
        if (!delta) {
            seen.error = delta.error();
            seen.changed.notify_all();
            return;
        }
        if (delta->graph && delta->run == seen.run) seen.graph = delta->graph;
        if (delta->catalog) seen.catalog = delta->catalog;
        for (auto& row : delta->runs)
            if (row.id == seen.run) seen.row = row;
        if (delta->run == seen.run)
            for (const auto& block : delta->blocks)
                if (auto applied = seen.store.apply(block); !applied) seen.error = applied.error();
        seen.changed.notify_all();
    }
    seen.watch.wait(0); // the first delta may come before its number is known
    session.taken(seen.watch);
}

base::Result<types::RunRow> RunMirror::waitEnd(const std::function<void(const types::RunRow&)>& progress)
{
    std::unique_lock lock(m_seen->mutex);
    for (;;) {
        if (m_seen->error) return *m_seen->error;
        if (m_seen->row && progress) progress(*m_seen->row);
        // Ended, and every task it counts has been told by the blocks.
        if (m_seen->row && types::isTerminal(m_seen->row->state) && m_seen->store.rows() >= m_seen->row->tasks) {
            const types::StateCounts open = m_seen->store.counts();
            std::uint32_t left = 0;
            for (int state = 0; state < types::kTaskStates; ++state) left += types::isTerminal(static_cast<types::TaskState>(state)) ? 0 : open[static_cast<std::size_t>(state)];
            if (left == 0) return *m_seen->row;
        }
        m_seen->changed.wait_for(lock, std::chrono::milliseconds(500));
    }
}

} // namespace orrery::host
