// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The head's table: nodes that are to leave. Between RemoveNode and StopNode a node drains: it is no candidate for homes, all others
// know that it leaves and take what lies there, and runs homed there get another home when nothing of them runs any more. It is
// stopped when it says that nothing is left, when kDrainNs are over, or when nobody stays who could take anything.
#include "engine/head/head_table.h"

#include <algorithm>

namespace orrery::head {

namespace {

void count(std::string& text, std::size_t number, const char* one, const char* many)
{
    if (number > 0) text += (text.empty() ? "" : ", ") + std::to_string(number) + (number == 1 ? one : many);
}

std::string howFar(const net::DrainState& state, std::size_t homes)
{
    std::string text;
    count(text, state.values, " value to move", " values to move");
    count(text, state.tasks, " task runs", " tasks run");
    count(text, homes, " run is at home there", " runs are at home there");
    return text;
}

} // namespace

bool HeadTable::somebodyStays(std::uint16_t without) const
{
    const auto& all = m_members.members();
    return std::any_of(all.begin(), all.end(), [&](const auto& entry) { return entry.first != without && entry.second.alive() && !entry.second.leaving && !draining(entry.first); });
}

void HeadTable::beginDrain(MemberTable::Member& member)
{
    const std::uint16_t number = member.row.node;
    const auto [drain, fresh] = m_drains.try_emplace(number, Drain{m_now.monoNs + kDrainHomesNs, m_now.monoNs + kDrainNs, {}});
    m_members.markDraining(member, fresh ? std::string("what it has goes to others") : member.row.why);
    if (!fresh) return;
    m_story.tell(m_now.monoNs, nodeText(member.row), "drains");
    say(base::LogLevel::Info, number, nodeText(member.row) + " is to leave; what it has goes to others first");
}

void HeadTable::drainSaid(MemberTable::Member& member, net::DrainState& state)
{
    const auto found = m_drains.find(member.row.node);
    if (found == m_drains.end()) return; // it is stopping, or an earlier head told it to drain and it says so when it registers
    found->second.last = std::move(state);
    const auto& last = found->second.last;
    for (const auto& [id, epoch] : last.resting) {
        Run* run = id.isNull() ? nullptr : m_runs.find(id);
        if (run && run->homed && run->home == member.row.node && run->homeEpoch == epoch) moveHome(*run);
    }
    std::size_t homes = 0;
    for (const auto& [number, run] : m_runs.all()) homes += !run.terminal() && run.homed && run.home == member.row.node ? 1 : 0;
    if (last.done && homes == 0) return stopDrained(member, {});
    m_members.markDraining(member, howFar(last, homes));
}

// With what others have, the node that drains among them; nothing runs there any more, or has to begin anew.
void HeadTable::moveHome(Run& run)
{
    if (run.row.state != RunState::Running || m_members.usableCount() == 0) return;
    m_story.tell(m_now.monoNs, run.name(), "leaves its home, which drains");
    say(base::LogLevel::Info, run.home, run.name() + " goes on at another node with all that was made; its home leaves");
    leaveHome(run, true);
    placeRuns();
}

void HeadTable::moveHomes(std::uint16_t from)
{
    std::vector<std::uint32_t> homed;
    for (const auto& [number, run] : m_runs.all())
        if (!run.terminal() && run.homed && run.home == from) homed.push_back(number);
    for (const auto number : homed) moveHome(m_runs.all().at(number));
}

void HeadTable::stopDrained(MemberTable::Member& member, const std::string& why)
{
    const std::uint16_t number = member.row.node;
    const auto last = m_drains.at(number).last;
    m_drains.erase(number);
    std::string text;
    count(text, last.moved, " value moved", " values moved");
    count(text, last.left, " value could not be moved", " values could not be moved");
    if (!why.empty()) {
        count(text, last.values, " value was still there", " values were still there");
        count(text, last.tasks, " task still ran", " tasks still ran");
    }
    if (text.empty()) text = "nothing of value was there";
    const bool whole = why.empty() && last.left == 0;
    say(whole ? base::LogLevel::Info : base::LogLevel::Warn, number, nodeText(member.row) + " is told to stop" + (why.empty() ? "" : ": " + why) + "; " + text);
    if (member.link != 0) give(Send{member.link, net::StopNode{false}});
    m_members.markLeaving(member);
    bool waited = false;
    for (auto& removal : m_removals) {
        if (removal.node != number || removal.killed) continue;
        waited = true;
        removal.deadlineNs = m_now.monoNs + kNodeStopNs;
        removal.note = text;
    }
    if (!waited) m_removals.push_back({number, 0, m_now.monoNs + kNodeStopNs, false, text}); // who asked for it asked an earlier head
}

void HeadTable::tickDrains()
{
    if (m_shutdown) return m_drains.clear();
    std::vector<std::uint16_t> numbers;
    for (const auto& [number, drain] : m_drains) numbers.push_back(number);
    for (const auto number : numbers) {
        Drain& drain = m_drains.at(number);
        auto& member = *m_members.find(number);
        if (!somebodyStays(number)) {
            stopDrained(member, "no other node stays that could take what it has");
        } else if (drain.stopNs <= m_now.monoNs) {
            stopDrained(member, "it had " + std::to_string(kDrainNs / base::kSecond) + " s");
        } else if (drain.homesNs != 0 && drain.homesNs <= m_now.monoNs) {
            drain.homesNs = 0;
            moveHomes(number);
        }
    }
}

} // namespace orrery::head
