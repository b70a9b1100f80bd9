// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// DriverLanes: one program attached to this node by shared memory: its leases, what it put and submitted, and what is kept for
// it. The node follows its lanes every kFollowNs while they are busy, seals results and puts, and frees what the driver releases.
// Runs on: node loop. Lives: from accept until the driver is gone and everything of it is freed; then gone() is posted once.
// The driver is trusted no more than a worker: places are checked against windows it was granted, records against the lanes;
// one that breaks this, or does not read its socket, is cut off and all it held is freed.

#include "engine/base/seq_socket.h"
#include "engine/node/node.h"
#include "engine/types/driver_messages.h"

#include <map>
#include <memory>

namespace orrery::node {

inline constexpr TimeNs kFollowNs = base::kMillisecond;

// Finds functions for drivers; host implements it over the catalog.
struct FunctionPort {
    virtual ~FunctionPort() = default;
    struct Found {
        std::uint32_t templateId = 0;
        types::Resources resources;
        std::uint16_t outputs = 0;
    };
    virtual base::Result<Found> findFunction(const std::string& function, const std::string& params) = 0;
};

class DriverLanes final : public LeaseUser {
public:
    // gone: called once from the loop (posted) when everything of the driver is cleaned up.
    DriverLanes(Node& node, SubmitterId submitter, base::SeqSocket socket, ValueStore& store, FunctionPort& functions, std::function<void()> gone);
    ~DriverLanes() override;
    base::Result<void> begin();
    void segmentAdded(const ValueStore::Segment& segment);
    void segmentDropped(std::uint32_t segment);
    std::uint64_t tasksDone() const { return m_tasksDone; }

    void granted(LeaseId lease, const Grant& grant) override;
    void revoke(LeaseId lease) override;
    void workerGone(LeaseId lease, Track track, const std::string& why) override;
    bool poll() override;
    void workerBlocked(LeaseId lease) override { revoke(lease); }

private:
    struct Lane {
        Track track = 0;
        lane::Region region;
        std::unique_ptr<lane::Follower> follower;
        std::uint64_t resultsSeen = 0;
        bool closed = false;
        bool idle = false;
    };
    using ObjectKey = std::tuple<std::uint64_t, std::uint64_t, std::uint16_t>; // lease, position, output
    void onMessage();
    void handle(base::ByteReader& in);
    bool follow(LeaseId id, Lane& lane);
    bool followUplink();
    void needWindow(std::uint64_t bytes);
    void send(const base::ByteWriter& out, std::span<const int> fds = {});
    void disconnected();
    void finishIfGone();
    void tick();
    bool behind() const;
    std::atomic<std::uint64_t>& wakeFlag() const;

    Node& m_node;
    const SubmitterId m_submitter;
    base::SeqSocket m_socket;
    ValueStore& m_store;
    FunctionPort& m_functions;
    std::function<void()> m_gone;
    std::unique_ptr<lane::Doorbell> m_doorbell;
    lane::Region m_uplink;
    std::unique_ptr<lane::Follower> m_uplinkFollower;
    std::map<LeaseId, Lane> m_lanes;
    std::map<ObjectKey, types::Place> m_objects;
    std::vector<types::Place> m_windows; // the last is the one in use
    std::vector<types::Resources> m_classes;
    std::map<std::uint32_t, std::size_t> m_classOf; // by template
    std::set<std::uint32_t> m_templates;
    types::ResultRecord m_result;
    std::uint64_t m_tasksDone = 0;
    bool m_connected = true;
    bool m_ticking = false;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace orrery::node
