// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// LeaseTable: which worker is promised to whom on this node, against the node's resource account.
// A submitter (a run homed here, an attached driver) says how many workers of a resource class it could use; step() answers
// with grants, workers to start and leases to take back. A lease is the right to push tasks of one class to one worker.
// Runs on: node loop. Pure: no I/O, no clock; time comes in with step().
// Invariants (audit()): granted resources never exceed the capacity, but for calls that came back from waiting (overdrawn,
// counted); a worker has at most one lease; an idle worker has none.

#include "engine/base/clock.h"
#include "engine/types/resources.h"

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace orrery::node {

using base::TimeNs;
using LeaseId = std::uint64_t;
using SubmitterId = std::uint32_t;
using Track = std::uint16_t;

struct StartWorker {};
struct Grant {
    LeaseId lease = 0;
    SubmitterId submitter = 0;
    types::Resources resources;
    Track track = 0;
};
// Close the lane; its worker comes back by returned() when the lane is empty.
struct Revoke {
    LeaseId lease = 0;
};
using LeaseEffect = std::variant<StartWorker, Grant, Revoke>;

class LeaseTable {
public:
    LeaseTable(types::Resources total, std::uint32_t workersMax);

    // ---- demand; replaces what was said before for this submitter and class ----
    void want(SubmitterId submitter, const types::Resources& resources, std::uint32_t workers);
    void submitterGone(SubmitterId submitter);
    // ---- workers ----
    void workerReady(Track track);
    void workerFailedToStart();
    void workerGone(Track track); // its lease ends with it
    // ---- leases ----
    // Nothing is in the lane (idle), or work was pushed again.
    void idle(LeaseId lease, bool isIdle, TimeNs now);
    void returned(LeaseId lease);
    // The running call waits for others (its resources are free meanwhile), or goes on.
    void blocked(Track track, bool isBlocked);

    std::vector<LeaseEffect> step(TimeNs now);
    // When step() should be called again though nothing happened: -1 never.
    TimeNs nextStepNs() const { return m_nextStepNs; }

    // Whether some state of the node could ever run it.
    bool everFits(const types::Resources& resources) const { return resources.fits(m_total); }
    const types::Resources& total() const { return m_total; }
    // How many of it run at once when nothing else does; of what asks for nothing, as many as workers may be.
    std::uint32_t timesIn(const types::Resources& one) const;
    const types::Resources& free() const { return m_free; }
    std::uint32_t leases() const { return static_cast<std::uint32_t>(m_leases.size()); }
    std::uint32_t workers() const { return static_cast<std::uint32_t>(m_workers.size()); }
    std::string audit() const;

private:
    struct Lease {
        SubmitterId submitter = 0;
        types::Resources resources;
        Track track = 0;
        TimeNs grantedNs = 0;
        TimeNs idleSinceNs = -1; // -1: busy
        bool revoked = false;
        bool holds = true;       // its resources are taken from the account
    };
    struct Worker {
        LeaseId lease = 0;       // 0: idle
        bool blocked = false;
    };
    using DemandKey = std::pair<SubmitterId, types::Resources>;
    void give(Lease& lease);
    std::uint32_t held(SubmitterId submitter, const types::Resources& resources) const;

    const types::Resources m_total;
    const std::uint32_t m_workersMax;
    types::Resources m_free;
    std::map<DemandKey, std::uint32_t> m_demand;
    std::map<LeaseId, Lease> m_leases;
    std::map<Track, Worker> m_workers;
    std::vector<Track> m_idle; // last returned at the back: work goes to the worker that ran last
    std::uint32_t m_starting = 0;
    LeaseId m_lastLease = 0;
    TimeNs m_nextStepNs = -1;
};

// A lease that nobody else needs stays this long after its lane ran empty.
inline constexpr TimeNs kLeaseIdleNs = 1 * base::kSecond;
// A busy lease may be taken back after this, when another submitter has none of its class.
inline constexpr TimeNs kLeaseQuantumNs = 50 * base::kMillisecond;

} // namespace orrery::node
