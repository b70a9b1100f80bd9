// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/node/known_homes.h"

#include "engine/net/wire.h"

namespace orrery::node {

KnownHomes::Verdict KnownHomes::judge(std::uint16_t home, base::RunId run, std::uint64_t epoch) const
{
    const auto known = m_homes.find(run);
    if (known == m_homes.end() || known->second.epoch < epoch) return Verdict::Held;
    return known->second.epoch == epoch && known->second.node == home ? Verdict::Deliver : Verdict::Refused;
}

void KnownHomes::Peer::drop(base::RunId run)
{
    const auto found = runs.find(run);
    if (found == runs.end()) return;
    bytes -= found->second.bytes;
    runs.erase(found);
}

std::vector<KnownHomes::Said> KnownHomes::use(const net::UseHomes& word)
{
    if (word.all) m_homes.clear();
    for (const auto& one : word.homes) {
        if (one.node != types::kNoNode) {
            m_homes[one.run] = {one.node, one.epoch};
            continue;
        }
        m_homes.erase(one.run);
        for (auto& [home, peer] : m_early)
            if (const auto early = peer.runs.find(one.run); early != peer.runs.end() && early->second.epoch <= one.epoch) peer.drop(one.run);
    }
    std::vector<Said> now;
    for (auto& [home, peer] : m_early) {
        for (auto early = peer.runs.begin(); early != peer.runs.end();) {
            const auto verdict = judge(home, early->first, early->second.epoch);
            if (verdict == Verdict::Deliver)
                for (auto& message : early->second.messages) now.emplace_back(home, std::move(message));
            const auto run = early->first;
            ++early;
            if (verdict != Verdict::Held) peer.drop(run);
        }
    }
    return now;
}

KnownHomes::Verdict KnownHomes::said(std::uint16_t home, net::ToGuest& message)
{
    const auto [run, epoch] = std::visit([](const auto& one) { return std::pair(one.run, one.epoch); }, message);
    const bool opens = std::holds_alternative<net::OpenRun>(message);
    if (opens)
        if (const auto verdict = judge(home, run, epoch); verdict != Verdict::Held) return verdict;
    const auto found = opens ? m_early.try_emplace(home).first : m_early.find(home);
    if (found == m_early.end()) return Verdict::Deliver;
    Peer& peer = found->second;
    if (peer.full) return Verdict::Held;
    if (opens) peer.drop(run); // the last that it says counts
    auto early = peer.runs.find(run);
    if (!opens && (early == peer.runs.end() || early->second.epoch != epoch)) return Verdict::Deliver;
    if (std::holds_alternative<net::CloseRun>(message)) {
        peer.drop(run);
        return Verdict::Held;
    }
    const std::size_t bytes = net::toWire(message).size() + kHeldCost; // it is seldom that one is held
    if (peer.bytes + bytes > kHeldBytesMax || (opens && peer.runs.size() >= kHeldRunsMax)) {
        peer = {{}, 0, true};
        return Verdict::Full;
    }
    if (opens) early = peer.runs.emplace(run, Early{epoch, {}, 0}).first;
    early->second.messages.push_back(std::move(message));
    early->second.bytes += bytes;
    peer.bytes += bytes;
    return Verdict::Held;
}

std::string KnownHomes::wordOf(base::RunId run) const
{
    const auto known = m_homes.find(run);
    if (known == m_homes.end()) return "the head has named none";
    return "the head says node " + std::to_string(known->second.node) + ", epoch " + net::epochText(known->second.epoch);
}

void KnownHomes::gone(std::uint16_t home) { m_early.erase(home); }

void KnownHomes::clear()
{
    m_homes.clear();
    m_early.clear();
}

std::size_t KnownHomes::held() const
{
    std::size_t messages = 0;
    for (const auto& [home, peer] : m_early)
        for (const auto& [run, early] : peer.runs) messages += early.messages.size();
    return messages;
}

} // namespace orrery::node
