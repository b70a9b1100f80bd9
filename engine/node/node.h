// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Node: a machine's share of the cluster: workers, leases against its resources, lanes, memory windows. It knows no run and no
// object's meaning; TaskSource, ValueStore and NodeEvents stand for those.
// Runs on: node loop. Lives: as long as its process; the destructor ends every worker.
// The node never trusts a worker: every record is checked, every place a result names must lie in a window granted to that
// worker; a worker that breaks this is killed and its attempt is lost like any other.

#include "engine/base/epoll_loop.h"
#include "engine/lane/lane.h"
#include "engine/node/lease_table.h"
#include "engine/node/ports.h"
#include "engine/node/track_numbers.h"
#include "engine/node/worker_pool.h"

#include <deque>
#include <map>
#include <memory>
#include <set>

namespace orrery::node {

struct NodeOptions {
    std::string workerProgram;
    types::Resources total;
    std::uint32_t workersMax = 1;
};

// Who holds leases: the sources in this process, and attached drivers. Calls come on the node loop.
struct LeaseUser {
    virtual ~LeaseUser() = default;
    virtual void granted(LeaseId lease, const Grant& grant) = 0;
    // Take no new work; give the lease back when the lane is empty.
    virtual void revoke(LeaseId lease) = 0;
    // The worker is gone and its lease with it. Every result it published is still in the lane.
    virtual void workerGone(LeaseId lease, Track track, const std::string& why) = 0;
    // Look at the lanes: true when something was there.
    virtual bool poll() = 0;
    // A running call waits for others: give what is behind it in its lane to somebody else.
    virtual void workerBlocked(LeaseId lease) = 0;
};

class Node final : public WorkerEvents {
public:
    Node(base::EpollLoop& loop, NodeOptions options, ValueStore& store, NodeEvents& events);
    ~Node() override;

    base::Result<void> start();
    // What the head calls this node. anew: in another life of it; workers that are idle go on with the numbers of the one before.
    void setNumber(std::uint16_t number, bool anew);
    // Numbers for its workers, more with each block; without any no worker starts.
    void addTracks(Track first, std::uint16_t count) { m_tracks.add(first, count); }

    // ---- for lease users ----
    void addUser(SubmitterId submitter, LeaseUser& user) { m_users[submitter] = &user; }
    void removeUser(SubmitterId submitter);
    void want(SubmitterId submitter, const types::Resources& resources, std::uint32_t workers) { m_leases.want(submitter, resources, workers); }
    bool everFits(const types::Resources& resources) const { return m_leases.everFits(resources); }
    void leaseIdle(LeaseId lease, bool idle) { m_leases.idle(lease, idle, m_loop.nowNs()); }
    void leaseReturned(LeaseId lease, Track track);
    // submitterEventFd -1: the submitter sleeps on its doorbell's futex.
    void attachLane(Track track, LeaseId lease, const lane::Region& region, int submitterDoorbellFd, int submitterEventFd);
    void ringWorker(Track track);
    int workerDoorbellFd(Track track) const; // -1: gone
    void giveTemplate(Track track, std::uint32_t templateId);
    // Every result that was followed, once, in order: windows are accounted and objects sealed. False: the record breaks the
    // rules; the worker is being killed and the result does not count.
    bool acceptResult(Track track, const types::ResultRecord& result);
    void freeOutputs(const types::ResultRecord& result);
    void noteRunning(Track track, std::uint32_t templateId);
    void cancelTask(Track track, LeaseId lease, std::uint64_t position);
    void killWorker(Track track, const std::string& why);

    // ---- for the process ----
    std::uint32_t templateId(const types::Template& wanted);
    const types::Template& templateAt(std::uint32_t id) const { return m_templates[id - 1]; }
    // Grants, starts and takes back what the present demand asks for. Cheap; call after anything changed.
    void step();
    void segmentAdded(std::uint32_t segment);
    void segmentDropped(std::uint32_t segment);
    base::Result<void> plug(Track track); // SIGKILL, the fault lab's plug
    void answerCall(Track track, std::uint64_t call, const base::Result<std::vector<types::Output>>& outcome);
    lane::Doorbell& doorbell() { return *m_doorbell; }
    int gatePageFd() const;
    const LeaseTable& leases() const { return m_leases; }
    std::uint32_t workersBusy() const;
    std::vector<types::WorkerRow> workerRows() const;
    std::vector<std::int64_t> pids() const; // spawner and workers
    base::Loop& loop() { return m_loop; }

    // ---- WorkerEvents ----
    void workerMessage(Track track, types::FromWorker kind, base::ByteReader& in) override;
    void workerGone(Track track, const std::string& why) override;
    void workerOutput(Track track, const std::string& line) override;

private:
    struct OldWindow {
        types::Place place;
        std::uint64_t releaseAtResults = 0;
    };
    struct Worker {
        types::WorkerRow row;
        std::unique_ptr<lane::Doorbell> doorbell;
        bool ready = false;
        LeaseId lease = 0;
        SubmitterId submitter = 0;
        std::set<std::uint32_t> templates;
        types::Place window;
        std::deque<OldWindow> oldWindows;
        std::uint64_t resultsFollowed = 0;
        bool makesCalls = false;
        std::uint32_t owner = 0, runningRow = types::kNoRow;
        std::string killedWhy;
    };
    bool applyLeaseEffects();
    void startWorker();
    void startFailed(const std::string& why);
    void hello(Track track);
    void sendSegment(Track track, const ValueStore::Segment& segment);
    void onNeedWindow(Track track, std::uint64_t bytes, std::uint64_t results);
    bool insideWindows(const Worker& worker, const types::Place& place) const;
    void releaseWindows(Worker& worker);
    TimeNs beforeSleep();
    bool pollUsers();

    base::EpollLoop& m_loop;
    NodeOptions m_options;
    ValueStore& m_store;
    NodeEvents& m_events;
    LeaseTable m_leases;
    WorkerPool m_pool;
    std::unique_ptr<lane::Doorbell> m_doorbell;
    std::unique_ptr<lane::GatePage> m_gates;
    std::map<SubmitterId, LeaseUser*> m_users;
    std::map<Track, Worker> m_workers;
    std::vector<types::Template> m_templates;
    std::map<std::string, std::uint32_t> m_templateIds;
    TrackNumbers m_tracks;
    std::uint16_t m_number = 0;
    bool m_toldNoTracks = false;
    std::uint32_t m_failedStarts = 0; // in a row
    TimeNs m_startAgainNs = 0;
};

} // namespace orrery::node
