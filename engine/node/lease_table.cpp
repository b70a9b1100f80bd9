// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/node/lease_table.h"

#include <algorithm>

namespace orrery::node {

std::uint32_t LeaseTable::timesIn(const types::Resources& one) const
{
    std::int64_t times = m_total.units(types::kCpu) / types::kResourceUnit * 2;
    for (const auto& entry : one.entries()) times = std::min(times, m_total.units(entry.name) / std::max<std::int64_t>(entry.units, 1));
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(times, 0, 1024));
}

LeaseTable::LeaseTable(types::Resources total, std::uint32_t workersMax) : m_total(total), m_workersMax(workersMax), m_free(std::move(total)) {}

void LeaseTable::want(SubmitterId submitter, const types::Resources& resources, std::uint32_t workers)
{
    if (workers == 0) m_demand.erase({submitter, resources});
    else m_demand[{submitter, resources}] = workers;
}

void LeaseTable::submitterGone(SubmitterId submitter)
{
    std::erase_if(m_demand, [&](const auto& entry) { return entry.first.first == submitter; });
}

void LeaseTable::workerReady(Track track)
{
    if (m_starting > 0) --m_starting;
    m_workers[track] = Worker{};
    m_idle.push_back(track);
}

void LeaseTable::workerFailedToStart()
{
    if (m_starting > 0) --m_starting;
}

void LeaseTable::give(Lease& lease)
{
    if (std::exchange(lease.holds, false)) m_free.add(lease.resources);
}

void LeaseTable::workerGone(Track track)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return;
    if (const auto lease = m_leases.find(found->second.lease); lease != m_leases.end()) {
        give(lease->second);
        m_leases.erase(lease);
    }
    std::erase(m_idle, track);
    m_workers.erase(found);
}

void LeaseTable::idle(LeaseId id, bool isIdle, TimeNs now)
{
    const auto found = m_leases.find(id);
    if (found == m_leases.end()) return;
    if (!isIdle) found->second.idleSinceNs = -1;
    else if (found->second.idleSinceNs < 0) found->second.idleSinceNs = now;
}

void LeaseTable::returned(LeaseId id)
{
    const auto found = m_leases.find(id);
    if (found == m_leases.end()) return;
    give(found->second);
    Worker& worker = m_workers.at(found->second.track);
    worker.lease = 0;
    worker.blocked = false;
    m_idle.push_back(found->second.track);
    m_leases.erase(found);
}

void LeaseTable::blocked(Track track, bool isBlocked)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end() || found->second.blocked == isBlocked) return;
    found->second.blocked = isBlocked;
    const auto lease = m_leases.find(found->second.lease);
    if (lease == m_leases.end()) return;
    if (isBlocked) {
        give(lease->second);
    } else if (lease->second.resources.fits(m_free)) {
        m_free.subtract(lease->second.resources);
        lease->second.holds = true;
    } // else: it goes on above the account until it returns; waiting here could be for ever
}

std::uint32_t LeaseTable::held(SubmitterId submitter, const types::Resources& resources) const
{
    std::uint32_t count = 0;
    for (const auto& [id, lease] : m_leases) {
        const auto worker = m_workers.find(lease.track);
        const bool usable = !lease.revoked && (worker == m_workers.end() || !worker->second.blocked);
        count += lease.submitter == submitter && usable && lease.resources == resources ? 1 : 0;
    }
    return count;
}

std::vector<LeaseEffect> LeaseTable::step(TimeNs now)
{
    std::vector<LeaseEffect> effects;
    m_nextStepNs = -1;
    // Who has least comes first, so that nobody starves beside a greedy submitter.
    struct Wish {
        std::uint32_t held;
        const DemandKey* key;
        std::uint32_t count;
    };
    bool unmet = false;
    std::uint32_t startsWanted = 0;
    for (bool progress = true; progress;) {
        progress = false;
        unmet = false;
        startsWanted = 0;
        std::vector<Wish> wishes;
        for (const auto& [key, count] : m_demand) {
            const std::uint32_t have = held(key.first, key.second);
            if (have < count) wishes.push_back({have, &key, count});
        }
        std::stable_sort(wishes.begin(), wishes.end(), [](const Wish& a, const Wish& b) { return a.held < b.held; });
        for (const Wish& wish : wishes) {
            if (!wish.key->second.fits(m_free)) {
                unmet = true;
                continue;
            }
            if (m_idle.empty()) {
                // No more workers than could hold a lease now; the others would only sit there.
                types::Resources left = m_free;
                for (std::uint32_t more = wish.held; more < wish.count && wish.key->second.fits(left) && startsWanted < m_workersMax; ++more, ++startsWanted)
                    left.subtract(wish.key->second);
                continue;
            }
            const Track track = m_idle.back();
            m_idle.pop_back();
            const LeaseId id = ++m_lastLease;
            m_leases[id] = Lease{wish.key->first, wish.key->second, track, now, -1, false, true};
            m_workers.at(track).lease = id;
            m_free.subtract(wish.key->second);
            effects.push_back(Grant{id, wish.key->first, wish.key->second, track});
            progress = true;
            break; // order anew
        }
    }
    // Workers that wait for others do not count: their CPU is free.
    std::uint32_t waiting = 0;
    for (const auto& [track, worker] : m_workers) waiting += worker.blocked ? 1 : 0;
    const std::uint32_t present = workers() + m_starting - waiting;
    const std::uint32_t missing = startsWanted > m_starting ? startsWanted - m_starting : 0;
    for (std::uint32_t i = 0; i < missing && present + i < m_workersMax; ++i) {
        ++m_starting;
        effects.push_back(StartWorker{});
    }
    // Take back what is idle when somebody waits (a worker or resources), and what was idle for long.
    const bool somebodyWaits = unmet || startsWanted > 0;
    for (auto& [id, lease] : m_leases) {
        if (lease.revoked) continue;
        if (lease.idleSinceNs >= 0) {
            const bool wantedByItself = m_demand.count({lease.submitter, lease.resources}) > 0;
            if ((somebodyWaits && !wantedByItself) || now - lease.idleSinceNs >= kLeaseIdleNs) {
                lease.revoked = true;
                effects.push_back(Revoke{id});
            } else {
                const TimeNs due = lease.idleSinceNs + kLeaseIdleNs;
                m_nextStepNs = m_nextStepNs < 0 ? due : std::min(m_nextStepNs, due);
            }
        }
    }
    if (!somebodyWaits) return effects;
    // Busy leases: one goes back a quantum to who has nothing of its class.
    for (const auto& [key, count] : m_demand) {
        if (held(key.first, key.second) > 0) continue;
        Lease* victim = nullptr;
        LeaseId victimId = 0;
        for (auto& [id, lease] : m_leases) {
            if (lease.submitter == key.first || lease.revoked || !lease.holds) continue;
            if (!victim || lease.grantedNs < victim->grantedNs) {
                victim = &lease;
                victimId = id;
            }
        }
        bool revoking = false;
        for (const auto& [id, lease] : m_leases) revoking = revoking || lease.revoked;
        if (!victim || revoking) continue;
        const TimeNs due = victim->grantedNs + kLeaseQuantumNs;
        if (now >= due) {
            victim->revoked = true;
            effects.push_back(Revoke{victimId});
        } else {
            m_nextStepNs = m_nextStepNs < 0 ? due : std::min(m_nextStepNs, due);
        }
    }
    return effects;
}

std::string LeaseTable::audit() const
{
    types::Resources sum = m_free;
    for (const auto& [id, lease] : m_leases) {
        if (lease.holds) sum.add(lease.resources);
        const auto worker = m_workers.find(lease.track);
        if (worker == m_workers.end()) return "lease " + std::to_string(id) + " names worker " + std::to_string(lease.track) + " that is gone";
        if (worker->second.lease != id) return "worker " + std::to_string(lease.track) + " does not know of its lease " + std::to_string(id);
    }
    if (!(sum == m_total)) return "free and granted resources are " + sum.text() + ", the node has " + m_total.text();
    for (const Track track : m_idle)
        if (m_workers.at(track).lease != 0) return "worker " + std::to_string(track) + " is idle and leased";
    return {};
}

} // namespace orrery::node
