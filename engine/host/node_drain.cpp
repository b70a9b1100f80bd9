// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A node that is to leave: others take over what it has, and it tells the head how far that is. Homes do the work: of runs that are
// guests here they end the tasks, take the values and close the run; runs at home here rest, until the head gives them another home,
// to which this node is a guest then. So it is through when no run is left here.
#include "engine/host/node_process.h"

namespace orrery::host {

namespace {
constexpr TimeNs kLookNs = 20 * base::kMillisecond;
} // namespace

void NodeProcess::addGuest(HomeRun& run, std::uint16_t node)
{
    const bool leaving = m_peers->isLeaving(node);
    if (leaving && run.table().started()) return;
    run.addGuest(node, m_peers->totalOf(node));
    if (leaving) run.guestLeaves(node);
}

void NodeProcess::drain()
{
    if (m_drain) return; // said twice
    m_drain.emplace();
    for (auto& [id, run] : m_runs) run->rest();
    m_loop.after(0, [this] { lookHowFar(); });
}

void NodeProcess::lookHowFar()
{
    if (!m_drain) return; // another life
    m_loop.after(kLookNs, [this] { lookHowFar(); });
    if (!m_welcomed) return;
    net::DrainState state{0, 0, m_drain->moved, m_drain->left, {}, m_guests.empty() && m_orphans.size() == 0 && m_held.empty()};
    for (auto& [id, run] : m_runs) {
        state.tasks += static_cast<std::uint32_t>(run->tasks());
        state.done = state.done && run->endedAndTold();
        if (!run->resting()) continue;
        run->flush(); // the head counts what was done before it hears of the rest
        state.resting.emplace_back(id, run->epoch());
    }
    for (const auto& [id, guest] : m_guests) {
        state.tasks += static_cast<std::uint32_t>(guest->tasks());
        state.values += static_cast<std::uint32_t>(guest->primaries());
    }
    const TimeNs now = m_loop.nowNs();
    if (m_drain->told == state && now - m_drain->toldNs < base::kSecond) return;
    m_drain->told = state;
    m_drain->toldNs = now;
    m_drain->done = state.done;
    m_head->send(std::move(state));
}

} // namespace orrery::host
