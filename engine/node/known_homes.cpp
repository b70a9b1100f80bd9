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

std::vector<KnownHomes::Said> KnownHomes::use(const net::UseHomes& word)
{
    if (word.all) m_homes.clear();
    for (const auto& one : word.homes) {
        if (one.node != types::kNoNode) {
            m_homes[one.run] = {one.node, one.epoch};
            continue;
        }
        m_homes.erase(one.run);
        for (auto& [home, runs] : m_early)
            if (const auto early = runs.find(one.run); early != runs.end() && early->second.epoch <= one.epoch) runs.erase(early);
    }
    std::vector<Said> now;
    for (auto& [home, runs] : m_early) {
        for (auto early = runs.begin(); early != runs.end();) {
            const auto verdict = judge(home, early->first, early->second.epoch);
            if (verdict == Verdict::Deliver)
                for (auto& message : early->second.messages) now.emplace_back(home, std::move(message));
            early = verdict == Verdict::Held ? std::next(early) : runs.erase(early);
        }
    }
    std::erase_if(m_early, [](const auto& peer) { return peer.second.empty(); });
    return now;
}

std::size_t KnownHomes::bytesOf(const std::map<base::RunId, Early>& runs)
{
    std::size_t bytes = 0;
    for (const auto& [run, early] : runs) bytes += early.bytes;
    return bytes;
}

KnownHomes::Verdict KnownHomes::said(std::uint16_t home, net::ToGuest& message)
{
    const auto [run, epoch] = std::visit([](const auto& one) { return std::pair(one.run, one.epoch); }, message);
    const bool opens = std::holds_alternative<net::OpenRun>(message);
    if (opens) {
        if (const auto verdict = judge(home, run, epoch); verdict != Verdict::Held) return verdict;
        m_early[home].erase(run); // the last that it says counts
    }
    const auto peer = m_early.find(home);
    if (peer == m_early.end()) return Verdict::Deliver;
    auto early = peer->second.find(run);
    if (!opens && (early == peer->second.end() || early->second.epoch != epoch)) return Verdict::Deliver;
    if (std::holds_alternative<net::CloseRun>(message)) {
        peer->second.erase(early);
        return Verdict::Held;
    }
    const std::size_t bytes = net::toWire(message).size() + kHeldCost; // it is seldom that one is held
    if (bytesOf(peer->second) + bytes > kHeldBytesMax) return Verdict::Full;
    if (opens) early = peer->second.emplace(run, Early{epoch, {}, 0}).first;
    early->second.messages.push_back(std::move(message));
    early->second.bytes += bytes;
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
    for (const auto& [home, runs] : m_early)
        for (const auto& [run, early] : runs) messages += early.messages.size();
    return messages;
}

} // namespace orrery::node
