// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SimCluster: what the machines of a simulated cluster share, and SimMachine: one node of it with all that dies with it, composed
// of the real tables as host::NodeProcess and host::Peers do it: who is alive by the head's word, a channel to each peer, the run
// at home here or as a guest, and what a home that is gone left.
// Thread: the caller's; no clock, no I/O.

#include "engine/net/peer_channel.h"
#include "engine/node/guest_run.h"
#include "engine/node/known_homes.h"
#include "engine/node/orphan_values.h"
#include "engine/sim/nodes_sim.h"
#include "engine/sim/sim_node.h"

#include <set>

namespace orrery::sim {

class SimHome;
class SimMachine;

struct SimCluster {
    SimCluster(std::shared_ptr<const types::Plan> itsPlan, const NodesSimOptions& itsOptions)
        : options(itsOptions), world(options.seed), plan(std::move(itsPlan)), run(base::RunId{{2, options.seed}})
    {
    }
    virtual ~SimCluster() = default;
    // A frame leaves; the connection is that of this home to this guest.
    virtual void carry(std::uint16_t home, std::uint16_t guest, bool toGuest, net::PeerFrame frame) = 0;
    virtual bool isUp(std::uint16_t home, std::uint16_t guest) const = 0;
    virtual void pull(SimMachine& to, std::uint16_t from, const net::ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done) = 0;
    virtual void check() = 0; // after an event
    // A machine that is to leave says how far it is: the epoch of a run that rests at home there, 0: none.
    virtual void drainSaid(std::uint16_t node, std::uint64_t life, std::uint64_t restingEpoch, bool done) = 0;
    std::vector<std::uint64_t> compute(std::uint16_t vertex, const types::TaskRecord& task, const std::vector<std::uint64_t>& inputs)
    {
        if (!made.emplace(vertex, task.mapIndex).second) ++report.madeAgain;
        return simFunction(plan->vertices[vertex].function, vertex, task.mapIndex, inputs);
    }
    void say(const std::string& problem)
    {
        if (report.problem.empty()) report.problem = problem;
    }

    const NodesSimOptions options;
    SimWorld world;
    const std::shared_ptr<const types::Plan> plan;
    const base::RunId run;
    NodesSimReport report;
    std::set<std::pair<std::uint16_t, std::uint32_t>> made; // vertices and indexes of tasks that ran to their end
};

// Of every node, by the head's word.
struct SimPeer {
    std::uint64_t life = 0;
    bool alive = false;
    bool draining = false;
    bool same(const SimPeer& other) const { return life == other.life && alive == other.alive; }
};
using SimPeers = std::map<std::uint16_t, SimPeer>;

// What RunValues of one run needs of its machine.
struct SimValues final : public node::RunValues::Port {
    using Copied = std::function<void(const net::ObjectKey&, bool gone)>;
    SimValues(SimCluster& itsCluster, SimMachine& itsMachine, Copied told) : cluster(itsCluster), machine(itsMachine), tell(std::move(told)) {}
    void room(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) override;
    void pull(std::uint16_t node, const net::ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done) override { cluster.pull(machine, node, key, into, std::move(done)); }
    void freeObject(const types::Place& place) override;
    void after(TimeNs delay, std::function<void()> run) override { cluster.world.later(delay, std::move(run)); }
    void copied(const net::ObjectKey& key, bool gone) override { tell(key, gone); }
    SimCluster& cluster;
    SimMachine& machine;
    const Copied tell;
};

class SimMachine {
public:
    SimMachine(SimCluster& cluster, std::uint16_t number, std::uint64_t life);
    ~SimMachine();
    SimMachine(const SimMachine&) = delete;
    SimMachine& operator=(const SimMachine&) = delete;

    std::uint16_t number() const { return m_number; }
    std::uint64_t life() const { return m_life; }
    const std::shared_ptr<bool>& alive() const { return m_alive; }
    // ---- from the head ----
    void usePeers(const SimPeers& peers);
    void useHomes(const net::UseHomes& word);
    void startRun(std::uint64_t epoch, bool again, bool moved);
    void forgetRun();
    void startAnew(std::uint64_t life);
    void drain();
    // ---- the network ----
    void frame(std::uint16_t from, bool toGuest, const net::PeerFrame& frame);
    void linkChanged(std::uint16_t peer, bool asHome, bool up);
    void poke();
    // ---- for home and guest ----
    void toGuest(std::uint16_t node, const net::ToGuest& message);
    void toHome(std::uint16_t node, const net::ToHome& message);
    void pumpSoon();
    bool isLeaving(std::uint16_t peer) const { return believes(peer) && m_peers.at(peer).draining; }
    bool believes(std::uint16_t peer) const { return m_peers.count(peer) > 0 && m_peers.at(peer).alive; }
    std::uint32_t workersFor(const types::Resources& resources) const;
    SimNode& place() { return m_place; }
    const SimNode& place() const { return m_place; }

    SimHome* home() const { return m_home.get(); }
    const base::Bytes* bytesAt(const net::ObjectKey& key) const;
    // What lies here for another home: of this epoch only.
    std::vector<node::KeptValue> keptFor(std::uint64_t epoch) const { return m_guest && m_guest->tasks.epoch() == epoch ? m_guest->values.here() : std::vector<node::KeptValue>(); }
    std::size_t waitingFor(std::uint16_t guest, std::uint64_t life) const; // messages that it has not acknowledged
    std::size_t waitingForHome(std::uint16_t home, std::uint64_t life) const;
    std::string audit() const;
    std::string text() const;

private:
    // The run of another home, as host::GuestHere has it.
    struct Guest final : public node::GuestRun::Port {
        Guest(SimMachine& machine, std::uint16_t home, std::uint64_t epoch);
        void send(net::ToHome message) override { machine.toHome(home, message); }
        std::uint32_t templateId(const types::Template&) override { return ++lastTemplate; }
        std::uint32_t workersFor(const types::Resources& resources) override;
        TimeNs cluster(TimeNs nodeNs) override { return nodeNs; }
        std::uint64_t bytesAhead() override { return 100; }
        net::ValueFacts facts(const types::Place&) override { return {}; }
        std::uint32_t items(const types::Place& place) override;
        void ready() override { machine.pumpSoon(); }
        SimMachine& machine;
        const std::uint16_t home;
        std::uint32_t lastTemplate = 0;
        node::RunValues values;
        node::GuestRun tasks;
    };
    void fromHome(std::uint16_t home, net::ToGuest message);
    void lost(std::uint16_t peer);
    bool isNext(std::uint64_t epoch) const; // of all homes of the run that were heard of here
    void addGuest(std::uint16_t peer);
    void orphanGuest();
    void orphanHome();
    net::PeerChannel& guestChannel(std::uint16_t node);

    SimCluster& m_cluster;
    const std::uint16_t m_number;
    std::uint64_t m_life;
    SimNode m_place;
    SimPeers m_peers;
    std::map<std::uint16_t, std::unique_ptr<net::PeerChannel>> m_guests; // we are the home
    std::map<std::uint16_t, std::unique_ptr<net::PeerChannel>> m_homes;  // they are
    node::KnownHomes m_knownHomes;
    node::OrphanValues m_orphans;
    std::unique_ptr<SimHome> m_home;
    std::unique_ptr<Guest> m_guest;
    bool m_draining = false, m_drained = false;
    bool m_pumpComing = false;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace orrery::sim
