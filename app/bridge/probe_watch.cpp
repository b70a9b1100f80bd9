// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/probe_watch.h"

#include "app/bridge/hop.h"

namespace orrery::app {

using base::Errc;
using base::fail;

void ProbeWatch::begin()
{
    m_session->act(types::StartRun{m_plan.document, {}, std::string(kProbeTitle), true},
                   hop<types::Reply>(m_loop, weak_from_this(), [](ProbeWatch& self, base::Result<types::Reply> reply) { self.started(std::move(reply)); }));
    m_loop->after(kProbeLimit, [weak = weak_from_this()] {
        if (const auto self = weak.lock(); self && self->m_session) self->tell(fail(Errc::Failed, "the probe tile took longer than a minute"));
    });
}

void ProbeWatch::end()
{
    m_done = {};
    if (!m_session) return;
    if (m_watch != 0) m_session->unwatch(m_watch);
    if (!m_run.isNull() && !m_runEnded) m_session->act(types::StopRun{m_run}, [](const base::Result<types::Reply>&) {});
    m_session.reset();
}

void ProbeWatch::tell(base::Result<Measured> result)
{
    const auto done = m_done;
    m_runEnded = m_runEnded || result.ok(); // the tile is the last of it
    end();
    if (done) done(std::move(result));
}

void ProbeWatch::started(base::Result<types::Reply> reply)
{
    if (!m_session) return; // ended meanwhile; one tile ends by itself
    if (!reply) return tell(reply.error());
    if (!reply->problems.empty()) return tell(fail(Errc::BadInput, reply->problems.front()));
    m_run = reply->run;
    m_store = std::make_unique<trace::RunStore>(m_run);
    types::Interest interest;
    interest.run = m_run;
    interest.logs = false;
    m_watch = m_session->watch(interest, hop<types::Delta>(m_loop, weak_from_this(), [](ProbeWatch& self, base::Result<types::Delta> delta) { self.onDelta(std::move(delta)); }));
}

void ProbeWatch::onDelta(base::Result<types::Delta> delta)
{
    if (!m_session) return;
    if (!delta) return tell(delta.error());
    if (delta->resync) m_store = std::make_unique<trace::RunStore>(m_run);
    if (delta->run == m_run)
        for (const auto& block : delta->blocks)
            if (auto applied = m_store->apply(block); !applied) return tell(applied.error());
    std::string error = "the probe ended without a tile";
    for (const auto& row : delta->runs) {
        if (row.id != m_run || !types::isTerminal(row.state)) continue;
        m_runEnded = true;
        if (!row.error.empty()) error = "the probe failed: " + row.error;
    }
    if (const auto took = tileNs()) return tell(Measured{m_plan, *took});
    if (m_runEnded) return tell(fail(Errc::Failed, error));
    m_session->taken(m_watch);
}

std::optional<types::TimeNs> ProbeWatch::tileNs() const
{
    const auto row = m_store->rowOf(m_plan.vertex, 0);
    if (row == types::kNoRow) return std::nullopt;
    const auto attempt = m_store->lastAttempt(row);
    if (!attempt || attempt->outcome != types::TaskState::Finished) return std::nullopt;
    return attempt->endNs - attempt->startNs;
}

} // namespace orrery::app
