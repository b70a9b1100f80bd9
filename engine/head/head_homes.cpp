// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The head's table: homes of runs.
#include "engine/head/head_table.h"
#include "engine/head/home_policy.h"

#include <algorithm>

namespace orrery::head {

void HeadTable::placeRuns()
{
    if (!m_catalog || m_shutdown) return;
    std::vector<HomeCandidate> candidates;
    for (const auto& [number, member] : m_members.members()) {
        // Who is overdue is not a home, even if the others are looked at first.
        if (!member.usable() || m_now.monoNs - member.heardNs >= kDeadAfterNs) continue;
        HomeCandidate candidate{number, &member.row.total, 0};
        for (const auto& [other, run] : m_runs.all())
            if (!run.terminal() && run.homed && run.home == number) ++candidate.runs;
        candidates.push_back(candidate);
    }
    if (candidates.empty()) return;
    for (auto& [number, run] : m_runs.all()) {
        if (!run.placeable()) continue;
        const auto node = homeFor(candidates, run.needs);
        for (auto& candidate : candidates)
            if (candidate.node == *node) ++candidate.runs;
        place(run, *m_members.find(*node));
    }
}

void HeadTable::place(Run& run, MemberTable::Member& home)
{
    run.homeEpoch = homeEpochOf(m_headEpoch, ++run.homes);
    run.homed = true;
    run.home = home.row.node;
    run.objectsKept = true;
    run.acknowledged = 0;
    run.recordBroken = false;
    run.row.state = RunState::Running;
    if (run.row.startNs == 0) run.row.startNs = m_now.monoNs;
    run.row.counts = {};
    run.row.tasks = 0;
    // Whoever watches an earlier trace of it has to forget that.
    if (run.store) ++m_traceRestarts;
    run.store = std::make_unique<trace::RunStore>(run.row.id);
    tellHome(run); // before it can ask anybody for help
    const bool heldBefore = !run.holders.insert(run.home).second && !run.openBefore;
    m_runs.touch(run);
    give(RecordRun{storedRun(run), false});
    give(OpenRecord{storedRun(run), recordWorld(run)});
    if (heldBefore) give(Send{home.link, net::ForgetRun{run.row.id}}); // what it has is of an earlier epoch
    give(Send{home.link, homeRun(run)});
    m_story.tell(m_now.monoNs, run.name(), "home is " + nodeText(home.row) + ", epoch " + net::epochText(run.homeEpoch));
    say(base::LogLevel::Info, run.home, run.name() + " begins on " + nodeText(home.row));
}

// Whoever opens it at another node is held against this.
void HeadTable::tellHome(const Run& run)
{
    const net::UseHomes word{{{run.row.id, run.homed && !run.terminal() ? run.home : types::kNoNode, run.homeEpoch}}, false};
    for (const auto& [number, member] : m_members.members())
        if (member.link != 0) give(Send{member.link, word});
}

net::UseHomes HeadTable::homesNow() const
{
    net::UseHomes word{{}, true};
    for (const auto& [number, run] : m_runs.all())
        if (run.homed && !run.terminal()) word.homes.push_back({run.row.id, run.home, run.homeEpoch});
    return word;
}

void HeadTable::homeLost(Run& run, const std::string& why, bool strike)
{
    m_story.tell(m_now.monoNs, run.name(), "lost its home: " + why);
    run.objectsKept = false; // they are gone with it
    if (run.row.state == RunState::Stopping) return finish(run, RunState::Stopped, "stopped; " + why);
    if (strike && ++run.homeDeaths >= kHomeDeathsMax)
        return finish(run, RunState::Failed, "its home died " + std::to_string(run.homeDeaths) + " times, the last time: " + why + "; the run may be the cause");
    leaveHome(run, false);
    say(base::LogLevel::Warn, run.home, run.name() + " lost its home and goes on at another node with what the others have: " + why);
}

void HeadTable::leaveHome(Run& run, bool whole)
{
    run.moved = whole;
    const auto& counts = run.row.counts;
    const std::uint64_t finished = counts[static_cast<int>(types::TaskState::Finished)];
    run.computedBefore += finished + (run.store ? run.store->reexecuted() : 0);
    run.mostDone = std::max(run.mostDone, finished + counts[static_cast<int>(types::TaskState::Cached)]);
    run.homed = false;
    run.row.state = RunState::Queued;
    m_runs.touch(run);
    give(RecordRun{storedRun(run), false});
}

// After a new start of the head nothing is lost either, and who is slow to come back to it hears late who is home: worth waiting for too.
net::HomeRun HeadTable::homeRun(const Run& run) { return {run.row.id, run.homeEpoch, run.graph, run.homes > 1 || run.openBefore, run.moved || (run.openBefore && run.homes == 1)}; }

// All that was computed under this home and those before it, less the tasks that were ever done: what a later home takes over of an
// earlier one is no work done again. Of the tasks done the most that one home saw is known; that is all of them at the end.
std::uint64_t HeadTable::reexecutedOf(const Run& run, std::uint64_t byThisHome)
{
    const auto& counts = run.row.counts;
    const std::uint64_t finished = counts[static_cast<int>(types::TaskState::Finished)];
    const std::uint64_t computed = run.computedBefore + finished + byThisHome;
    const std::uint64_t done = std::max(run.mostDone, finished + counts[static_cast<int>(types::TaskState::Cached)]);
    return std::max(byThisHome, computed > done ? computed - done : 0);
}

} // namespace orrery::head
