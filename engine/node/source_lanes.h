// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SourceLanes: the submitter inside the node: it carries the tasks of one TaskSource through lanes of leased workers, and is
// the follower of those lanes too.
// A lane holds about lane::kLaneWorkNs of work by measured duration, so that little waits behind a slow task and a worker that dies
// takes little with it; a function that was never measured is pushed one task at a time.
// Arguments that are too many for a lane's record (a sum over a hundred thousand small results) travel through the store.
// Runs on: node loop.

#include "engine/lane/work_estimate.h"
#include "engine/node/node.h"

#include <deque>
#include <unordered_map>

namespace orrery::node {

inline constexpr std::size_t kLaneTasksMax = 1024;
// A running task that was told to stop and does not is killed with its worker after this.
inline constexpr TimeNs kCancelGraceNs = 2 * base::kSecond;

class SourceLanes final : public LeaseUser {
public:
    SourceLanes(Node& node, SubmitterId submitter, TaskSource& source, ValueStore& store);
    ~SourceLanes() override;

    // Something became ready (or less): tell the demand and fill lanes.
    void pump();
    // Cancels what lies in lanes and what runs. The source has been stopped before.
    void cancelAll();
    bool empty() const { return m_lanes.empty(); }
    bool idle() const; // nothing of this source is in a lane
    std::size_t tasks() const; // that are
    bool hasIdle(std::size_t classIndex) const; // a worker is leased for it and has nothing to do

    void granted(LeaseId lease, const Grant& grant) override;
    void revoke(LeaseId lease) override;
    void workerGone(LeaseId lease, Track track, const std::string& why) override;
    bool poll() override;
    void workerBlocked(LeaseId lease) override;

private:
    struct InFlight {
        std::uint64_t position = 0;
        std::uint32_t row = 0;
        std::uint32_t templateId = 0;
        std::uint8_t attempt = 1;
        bool began = false;
        types::Place args; // bytes > 0: the window in which its arguments lie until it is answered
    };
    struct Lane {
        LeaseId lease = 0;
        Track track = 0;
        std::size_t classIndex = 0;
        lane::Region region;
        std::unique_ptr<lane::TaskWriter> tasks;
        std::unique_ptr<lane::ResultReader> results;
        std::unique_ptr<lane::Follower> follower;
        std::deque<InFlight> inFlight; // in order of position
        bool closed = false;           // takes no new work
        bool told = false;             // idle was told
        bool cancelling = false;
    };
    bool reap(Lane& lane);
    void fill(Lane& lane);
    void close(Lane& lane);
    void giveBackIfEmpty(LeaseId lease);
    std::size_t room(const Lane& lane) const;
    void sayDemand();
    // Puts arguments that no lane carries into the store. False: there is no room now (the row went back) or never (refused).
    bool placeArgs(types::TaskRecord& record, std::uint32_t row, TimeNs now, types::Place& window);
    void freeArgs(const InFlight& one);

    Node& m_node;
    const SubmitterId m_submitter;
    TaskSource& m_source;
    ValueStore& m_store;
    std::map<LeaseId, Lane> m_lanes;
    std::unordered_map<std::uint32_t, lane::WorkEstimate> m_estimates; // by template
    bool m_waitsForRoom = false;                            // the store was asked for room for arguments
    std::unordered_map<std::uint32_t, std::string> m_noRoom; // rows whose arguments found none, and why
    base::ByteWriter m_scratch;
    base::Bytes m_record;
    types::ResultRecord m_result;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace orrery::node
