// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The head's table: from StartRun until a run has ended. Who its home is: head_homes.cpp.
#include "engine/head/document.h"
#include "engine/head/head_table.h"

#include <algorithm>

namespace orrery::head {

using base::Errc;
using base::fail;
using base::LogLevel;

StoredRun HeadTable::storedRun(const Run& run) const
{
    StoredRun stored;
    stored.row = run.row;
    stored.document = run.document;
    stored.homeEpoch = run.homeEpoch;
    if (const auto* home = run.homed ? m_members.find(run.home) : nullptr) stored.home = home->row.id;
    return stored;
}

RecordWorld HeadTable::recordWorld(const Run& run) const
{
    RecordWorld world{run.graph, m_catalog, m_now.wallNs - m_now.monoNs, {}, {}};
    for (const auto& [number, member] : m_members.members()) world.nodes.push_back(member.row);
    for (const auto& [track, worker] : m_members.workers()) world.workers.push_back(worker.row);
    return world;
}

void HeadTable::restoreRuns(std::vector<StoredRun>& stored)
{
    for (auto& kept : stored) {
        Run run;
        run.row = kept.row;
        run.document = std::move(kept.document);
        run.recorded = true;
        run.homeEpoch = kept.homeEpoch;
        if (const auto* home = m_members.find(kept.home)) run.holders.insert(home->row.node);
        auto graph = readDocument(run.document, {});
        run.graph = graph.graph ? graph.graph : std::make_shared<const types::Graph>();
        run.documentKey = documentKey(*run.graph);
        if (run.terminal()) {
            run.homed = run.objectsKept = !run.holders.empty();
            if (run.homed) run.home = *run.holders.begin();
            if (run.row.endNs == 0) run.row.endNs = std::max<TimeNs>(run.row.startNs, 1);
            m_runs.add(std::move(run));
            continue;
        }
        const bool stopping = run.row.state == RunState::Stopping;
        run.row.state = RunState::Queued;
        run.openBefore = true;
        Run& open = m_runs.add(std::move(run));
        if (stopping) finish(open, RunState::Stopped, "stopped");
        else if (!graph.graph) finish(open, RunState::Failed, "its document in the control store cannot be read: " + graph.problemText());
        else m_story.tell(m_now.monoNs, open.name(), "found open in the control store; it gets another home");
    }
    forgetOld();
}

void HeadTable::startRun(Ticket ticket, types::StartRun& wish)
{
    if (!m_catalog) {
        if (m_starts.size() >= kStartsWaitingMax) return answer(ticket, fail(Errc::Refused, "too many runs wait for the plugins to be read; try again in a moment"));
        m_starts.push_back({ticket, std::move(wish)});
        return;
    }
    if (m_runs.active() >= kRunsActiveMax)
        return answer(ticket, fail(Errc::Refused, "the cluster has its most of " + std::to_string(kRunsActiveMax) + " open runs; wait until one has ended or stop one"));
    auto document = readDocument(wish.document, wish.params);
    checkDocument(document, *m_catalog);
    if (!document.problems.empty()) return answer(ticket, types::Reply{{}, "the graph is refused: " + document.problemText(), std::move(document.problems)});
    Run run;
    run.row.number = m_runs.nextNumber(wish.probe);
    run.row.id = base::derive<RunId>(m_cluster, run.row.number, m_headEpoch);
    run.row.title = !wish.title.empty() ? wish.title : document.graph->title;
    run.row.submitWallNs = m_now.wallNs;
    run.document = std::move(document.text);
    run.graph = document.graph;
    run.needs = std::move(document.needs);
    run.documentKey = documentKey(*run.graph);
    run.ticket = ticket;
    Run& added = m_runs.add(std::move(run));
    m_story.tell(m_now.monoNs, added.name(), "accepted, on its way into the control store");
    give(RecordRun{storedRun(added), true});
}

void HeadTable::on(RunRecorded& event)
{
    Run* run = m_runs.find(event.run);
    if (event.run.isNull() || !run || run->recorded) return;
    if (!event.problem.empty()) {
        // Not durable is not accepted.
        const Ticket ticket = std::exchange(run->ticket, 0);
        m_story.tell(m_now.monoNs, run->name(), "refused: " + event.problem);
        m_runs.remove(run->row.number);
        return answer(ticket, fail(Errc::Failed, "the run could not be recorded in the control store: " + event.problem));
    }
    run->recorded = true;
    m_runs.touch(*run);
    placeRuns();
    std::string text = run->name() + " started";
    if (run->row.state == RunState::Queued) text = run->name() + " waits until a node is there";
    answer(std::exchange(run->ticket, 0), types::Reply{run->row.id, std::move(text), {}});
}

void HeadTable::stopRun(Ticket ticket, const types::StopRun& wish)
{
    Run* run = m_runs.find(wish.run);
    if (!run || !run->recorded) return answer(ticket, fail(Errc::NotFound, "there is no such run"));
    const std::string name = run->name();
    const RunId id = run->row.id;
    if (run->terminal()) return answer(ticket, types::Reply{id, name + " had ended already", {}});
    if (run->row.state == RunState::Queued) {
        finish(*run, RunState::Stopped, "stopped before it began");
        return answer(ticket, types::Reply{id, name + " is stopped", {}});
    }
    if (run->row.state == RunState::Running) {
        run->row.state = RunState::Stopping;
        m_runs.touch(*run);
        give(RecordRun{storedRun(*run), false});
        const auto* home = m_members.find(run->home);
        if (home->link != 0) give(Send{home->link, net::StopHomeRun{id}}); // else it is told when it is back
        m_story.tell(m_now.monoNs, name, "is to stop");
    }
    answer(ticket, types::Reply{id, name + " is stopping", {}});
}

void HeadTable::block(MemberTable::Member& member, net::TraceBlock& message)
{
    Run* run = m_runs.find(message.run);
    if (message.run.isNull() || !run || !message.bytes || !run->homed || run->home != member.row.node || !run->store) return;
    const auto applied = run->store->apply(message.bytes);
    if (!applied) {
        if (!run->terminal()) failTrace(*run, member, applied.error().message);
        return;
    }
    // An empty store takes any epoch; a block that was under way when this node became home again is of an earlier one.
    if (run->store->blocks() > 0 && run->store->homeEpoch() != run->homeEpoch) {
        const bool earlier = run->store->homeEpoch() < run->homeEpoch;
        run->store = std::make_unique<trace::RunStore>(run->row.id);
        if (!earlier && !run->terminal()) failTrace(*run, member, "it is of an epoch that was never given");
        return;
    }
    if (*applied != trace::Applied::Now) {
        if (*applied == trace::Applied::Already) acknowledge(*run); // the acknowledgement may have been lost
        return; // after a gap the missing ones come again with the new connection
    }
    refresh(*run);
    const std::uint64_t number = run->store->blocks();
    if (run->recordBroken || run->terminal()) {
        run->acknowledged = number;
        return acknowledge(*run);
    }
    give(AppendRecord{message.run, run->homeEpoch, number, message.bytes});
}

void HeadTable::failTrace(Run& run, const MemberTable::Member& home, const std::string& why)
{
    give(Send{home.link, net::StopHomeRun{run.row.id}});
    finish(run, RunState::Failed, "its trace from " + nodeText(home.row) + " cannot be read: " + why);
}

void HeadTable::on(BlocksRecorded& event)
{
    Run* run = m_runs.find(event.run);
    if (event.run.isNull() || !run || run->homeEpoch != event.homeEpoch || !run->store) return;
    if (!event.problem.empty() && !std::exchange(run->recordBroken, true))
        say(LogLevel::Error, 0, run->name() + " is no longer recorded: " + event.problem);
    // Without a record the head's memory has to do; the node's memory is not the place to wait in.
    const std::uint64_t upTo = run->recordBroken ? run->store->blocks() : std::min<std::uint64_t>(event.upTo, run->store->blocks());
    if (upTo <= run->acknowledged) return;
    run->acknowledged = upTo;
    acknowledge(*run);
}

void HeadTable::on(TraceWanted& event)
{
    Run* run = m_runs.find(event.run);
    if (!run || !run->loadable() || std::exchange(run->loading, true)) return;
    give(LoadTrace{run->row});
}

void HeadTable::on(TraceLoaded& event)
{
    Run* run = m_runs.find(event.run);
    if (event.run.isNull() || !run || !std::exchange(run->loading, false)) return;
    m_runs.touch(*run);
    if (!event.store) {
        run->traceLost = true;
        return say(LogLevel::Warn, 0, "the trace of " + run->name() + " cannot be shown: " + event.problem);
    }
    if (!run->loadable()) return;
    run->store = std::move(event.store);
    m_loaded.push_back(event.run);
    if (m_loaded.size() <= kStoresLoaded) return;
    if (Run* oldest = m_runs.find(m_loaded.front())) oldest->store.reset();
    m_loaded.pop_front();
}

void HeadTable::acknowledge(const Run& run)
{
    const auto* home = run.homed ? m_members.find(run.home) : nullptr;
    if (home && home->link != 0 && run.acknowledged > 0) give(Send{home->link, net::AckBlocks{run.row.id, run.acknowledged}});
}

void HeadTable::refresh(Run& run)
{
    run.store->fill(run.row);
    run.row.reexecuted = reexecutedOf(run, run.row.reexecuted);
    m_runs.touch(run);
}

void HeadTable::ended(MemberTable::Member& member, net::RunEnded& message)
{
    Run* run = m_runs.find(message.run);
    if (message.run.isNull() || !run || run->terminal()) return;
    if (!run->homed || run->home != member.row.node || message.homeEpoch != run->homeEpoch) return;
    if (!types::isTerminal(message.state)) return;
    run->row.reexecuted = reexecutedOf(*run, message.reexecuted);
    finish(*run, message.state, message.error);
}

void HeadTable::finish(Run& run, RunState state, const std::string& error)
{
    ORRERY_ASSERT_NOTE(!run.terminal(), m_story.text(run.name()).c_str());
    const auto* home = run.homed ? m_members.find(run.home) : nullptr;
    const bool byHome = m_out && home && (run.row.state == RunState::Running || run.row.state == RunState::Stopping);
    run.row.state = state;
    run.row.error = state == RunState::Failed || state == RunState::Stopped ? error : std::string();
    run.row.endNs = std::max<TimeNs>(m_now.monoNs, 1);
    if (run.row.startNs == 0) run.objectsKept = !run.holders.empty();
    m_runs.touch(run);
    if (run.homes > 0) tellHome(run);
    if (run.ticket != 0) answer(std::exchange(run.ticket, 0), fail(Errc::Cancelled, error));
    m_story.tell(m_now.monoNs, run.name(), "ended " + std::string(types::runStateName(state)) + (error.empty() ? "" : ": " + error));
    give(RecordRun{storedRun(run), false});
    if (run.store) give(CloseRecord{storedRun(run), recordWorld(run)});
    std::string text = run.name() + " ended: " + std::string(types::runStateName(state));
    if (!error.empty()) text += ", " + error;
    say(state == RunState::Failed ? LogLevel::Error : LogLevel::Info, byHome ? run.home : 0, std::move(text));
    forgetOld();
    m_runs.trim();
}

void HeadTable::forgetOld()
{
    for (const auto number : m_runs.objectsToForget()) forgetObjects(m_runs.all().at(number));
}

void HeadTable::forgetObjects(Run& run)
{
    run.objectsKept = false;
    m_runs.touch(run);
    for (const auto node : run.holders) {
        const auto* member = m_members.find(node);
        if (member && member->link != 0) give(Send{member->link, net::ForgetRun{run.row.id}});
    }
}

} // namespace orrery::head
