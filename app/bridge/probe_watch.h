// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ProbeWatch: starts a probe's run, follows its trace by a watch of its own and tells how long the tile's attempt took.
// Runs on: view thread. Lives: until it told, or end(). Tells once: the measure, or why there is none; the run did not start, failed,
// or took longer than kProbeLimit (then it is stopped).

#include "app/bridge/probe.h"
#include "engine/base/loop.h"
#include "engine/client/session.h"
#include "engine/trace/run_store.h"

#include <functional>
#include <memory>
#include <optional>

namespace orrery::app {

class ProbeWatch final : public std::enable_shared_from_this<ProbeWatch> {
public:
    struct Measured {
        ProbePlan plan;
        types::TimeNs tileNs = 0;
    };
    using Done = std::function<void(base::Result<Measured>)>; // never inside begin()
    ProbeWatch(std::shared_ptr<base::Loop> loop, std::shared_ptr<client::Session> session, ProbePlan plan, Done done)
        : m_loop(std::move(loop)), m_session(std::move(session)), m_plan(std::move(plan)), m_done(std::move(done))
    {
    }
    void begin();
    // Tells nothing any more, stops the run if it may still run, lets the session go.
    void end();

private:
    void started(base::Result<types::Reply> reply);

    void onDelta(base::Result<types::Delta> delta);
    std::optional<types::TimeNs> tileNs() const;
    void tell(base::Result<Measured> result);

    const std::shared_ptr<base::Loop> m_loop;
    std::shared_ptr<client::Session> m_session; // null: ended
    const ProbePlan m_plan;
    Done m_done;
    base::RunId m_run;
    bool m_runEnded = false;
    client::WatchId m_watch = 0;
    std::unique_ptr<trace::RunStore> m_store;
};

} // namespace orrery::app
