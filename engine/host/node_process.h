// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// NodeProcess: the whole of an `orreryd node`: loop, store, workers, the runs homed here, the link to the head.
// Composition only: roles are plugged into each other's ports here.
// Runs on: the thread that calls run(). Lives: as long as the process. Ends when told by the head, by stop(), or when the head
// was gone for headlessLimit.

#include "engine/base/epoll_loop.h"
#include "engine/host/call_source.h"
#include "engine/host/copy_room.h"
#include "engine/host/guest_here.h"
#include "engine/host/home_run.h"
#include "engine/host/peers.h"
#include "engine/host/plugin_cache.h"
#include "engine/host/process_figures.h"
#include "engine/net/clock_estimate.h"
#include "engine/node/known_homes.h"
#include "engine/node/node.h"
#include "engine/node/orphan_values.h"
#include "engine/rpc/bulk_puller.h"
#include "engine/rpc/tcp_door.h"
#include "engine/store/store.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace orrery::host {

// How a node is a member of its cluster on the network.
struct NodeNetwork {
    base::NodeId id;        // of its certificate; the head takes it under no other
    std::uint64_t life = 1; // higher at each start of the same member
    std::string listen;     // "<numeric address>:<port>", port 0: the system chooses
    std::string advertise;  // numeric address by which others reach it; empty: that of listen
    Peers::Network peers;
    std::shared_ptr<const rpc::BulkTls> bulk;
    std::function<void(const std::string& pem)> renewed; // a new certificate came
    std::function<void(std::vector<std::string> ids)> deny; // members that nobody is to hear any more
};

struct NodeProcessOptions {
    std::string name = "local";
    std::string workerProgram;
    double cpus = 0;                 // 0: all cores
    std::uint64_t storeBytes = 0;    // 0: a quarter of memory
    types::Resources custom;         // GPU and others
    std::string driverSocket;        // empty: no driver may attach
    std::string peerSocket;          // where other nodes of this computer reach it; empty: they do not
    std::optional<NodeNetwork> network; // none: no port opens
    // Of a node of the head's machine, for a head that listens later; blocks on small files. Null: it cannot.
    std::function<base::Result<NodeNetwork>(const net::OpenNetwork&)> beMember;
    bool ofHeadsMachine = false;     // its clock is the head's
    TimeNs enrolNs = 0;              // how long its enrolment took, if it was let in now
    std::string pluginCache;         // folder of libraries that come from the head; empty: the catalog's paths are of this machine
    TimeNs headlessLimitNs = 600 * base::kSecond;
    TimeNs unfitWaitNs = owner::kUnfitWaitNs; // less in tests
};

class Drivers;

class NodeProcess final : public node::NodeEvents, public node::ValueStore, public CallSource::Port, public store::Store::Port, public RunPorts, public rpc::BulkSource {
public:
    // Makes the link once the loop runs: it gets what the head sends, and whether the link stands.
    struct LinkEvents {
        std::function<void(net::ToNode)> message;
        std::function<void(bool up)> state;
    };
    using MakeLink = std::function<std::unique_ptr<net::HeadLink>(base::Loop& loop, LinkEvents events)>;

    NodeProcess(NodeProcessOptions options, MakeLink makeLink);
    ~NodeProcess() override;
    base::Result<void> start();
    void toHead(net::FromNode message) { if (m_head) m_head->send(std::move(message)); } // on the loop
    void run();  // until stopped
    void stop(); // any thread
    base::EpollLoop& loop() { return m_loop; }
    std::string audit() const { return m_store.audit(); } // on the loop; empty: the store's invariants hold

    // ---- node::NodeEvents ----
    void workerChanged(const types::WorkerRow& row) override;
    void logLine(types::LogLine line) override;
    void callMade(node::Track track, std::uint64_t call, std::string function, std::string params, std::vector<CallPart> parts) override;
    void callerEnded(node::Track track) override;
    // ---- node::ValueStore ----
    void takeWindow(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) override { m_store.takeWindow(bytes, std::move(done)); }
    void releaseWindow(const types::Place& window) override { m_store.releaseWindow(window); }
    std::span<std::byte> bytes(const types::Place& place) const override { return m_store.bytes(place); }
    void addObject(const types::Place& place) override { m_store.addObject(place); }
    void freeObject(const types::Place& place) override { m_store.freeObject(place); }
    std::vector<Segment> segments() const override;
    // ---- CallSource::Port ----
    std::uint32_t templateId(const types::Template& wanted) override { return m_node->templateId(wanted); }
    bool everFits(const types::Resources& resources) override { return m_node->everFits(resources); }
    void answer(node::Track track, std::uint64_t call, const base::Result<std::vector<types::Output>>& outcome) override { m_node->answerCall(track, call, outcome); }
    void ready() override;
    // ---- store::Store::Port ----
    void segmentAdded(std::uint32_t segment) override;
    void segmentDropped(std::uint32_t segment) override;
    bool relieve(std::uint64_t bytes) override;
    // ---- RunPorts ----
    void toGuest(std::uint16_t node, net::ToGuest message) override;
    void toHome(std::uint16_t node, net::ToHome message) override;
    void room(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) override { m_room->take(bytes, std::move(done)); }
    void pull(std::uint16_t node, base::RunId run, const net::ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done) override;
    base::TimeNs nowNs() const override { return m_loop.nowNs(); }
    void after(base::TimeNs delay, std::function<void()> run) override;
    void pumpSoon() override;
    // ---- rpc::BulkSource ----
    void open(const rpc::BulkKey& key, Opened opened) override;

private:
    void onHead(net::ToNode message);
    void beMember(const net::OpenNetwork& wish);
    bool sharesClock() const { return m_options.ofHeadsMachine && m_clock.contains(0); }
    void useClock(TimeNs sentNs, TimeNs clusterNs);
    base::Result<void> openNetwork();
    void useCatalog(std::shared_ptr<const types::Catalog> catalog);
    // from: the node whose message it is; kOfHead: the head's.
    bool hold(std::uint16_t from, std::function<void()> later); // true: until the plugins of the newest catalog are here
    void onLink(bool up);
    void registerNode();
    void beat();
    void flushRuns();
    void flushSoon();
    void flushNow();
    void startRun(const net::HomeRun& wanted);
    void warn(std::string text); // to the log of this node, and to the head
    using WithValue = std::function<void(base::Result<std::span<const std::byte>>)>;
    void withValue(const types::ObjectAddress& address, bool keep, WithValue then);
    void askedPreview(const net::AskPreview& ask);
    void askedBytes(const net::AskBytes& ask);
    void fromHome(std::uint16_t home, net::ToGuest message);
    void peerGone(std::uint16_t node, const std::string& why);
    void useHomes(const net::UseHomes& word);
    bool isNextHome(base::RunId run, std::uint64_t epoch) const; // of a higher epoch than any of the run that was heard of here
    // Values of the run as it is here, at home or as a guest, stay for its next home; the rest of it goes.
    void orphan(base::RunId run);
    void expireOrphans();
    void startAnew();
    // ---- leaving (node_drain.cpp) ----
    void addGuest(HomeRun& run, std::uint16_t node); // unless it leaves and has nothing that the run waits for
    void drain();
    void lookHowFar();

    NodeProcessOptions m_options;
    const MakeLink m_makeLink;
    base::EpollLoop m_loop;
    store::Store m_store;
    std::unique_ptr<node::Node> m_node;
    CallSource m_calls;
    std::unique_ptr<node::SourceLanes> m_callLanes;
    std::unique_ptr<Drivers> m_drivers;
    std::unique_ptr<net::HeadLink> m_head;
    std::unique_ptr<CopyRoom> m_room;
    std::unique_ptr<Peers> m_peers;
    std::unique_ptr<rpc::BulkPuller> m_puller;
    std::unique_ptr<rpc::BulkServer> m_bulkServer;
    std::unique_ptr<rpc::TcpDoor> m_door;
    std::string m_tcp;                       // as told to others
    std::unique_ptr<PluginCache> m_plugins;  // null: plugins are of this machine
    bool m_pluginsCome = false;
    struct Held {
        std::uint16_t from = kOfHead;
        std::function<void()> run;
    };
    static constexpr std::uint16_t kOfHead = 0xffff;
    void letGoHeld(std::uint16_t from) { std::erase_if(m_held, [from](const Held& held) { return held.from == from; }); } // it is another now
    std::vector<Held> m_held; // what needs plugins that are on their way, in order
    std::map<std::uint64_t, std::pair<std::uint16_t, rpc::PullId>> m_pulls; // what is on its way here, and from which node; by a number of our own
    std::uint64_t m_lastPull = 0;
    std::map<base::RunId, std::unique_ptr<HomeRun>> m_runs;
    std::map<base::RunId, std::unique_ptr<GuestHere>> m_guests; // runs of other homes
    struct Drain {
        std::uint32_t moved = 0, left = 0; // by what homes said when they let go
        bool done = false;
        std::optional<net::DrainState> told; // to this head
        TimeNs toldNs = 0;
        void closed(const net::CloseRun& close)
        {
            moved += close.moved;
            left += close.left;
        }
    };
    std::optional<Drain> m_drain; // this node is to leave
    node::KnownHomes m_homes;     // of runs, also of those that this node knows nothing of
    node::OrphanValues m_orphans{[this](const types::Place& place) { m_store.freeObject(place); }};
    base::TimerId m_pumpTimer = 0;
    base::TimerId m_orphanTimer = 0;
    std::uint64_t m_netInBytes = 0, m_netOutBytes = 0; // of objects, from and to other nodes
    std::shared_ptr<const types::Catalog> m_catalog;
    ProcessFigures m_figures;
    base::NodeId m_id;
    std::uint64_t m_incarnation = 1;
    std::uint64_t m_headEpoch = 0;
    std::uint16_t m_number = 0;
    bool m_welcomed = false;
    bool m_up = false;
    net::ClockEstimate m_clock;
    std::int64_t m_clusterOffsetNs = 0;
    types::JoinSteps m_join;
    TimeNs m_upNs = 0, m_pluginsFromNs = 0;
    std::uint32_t m_lastSubmitter = 1;
    std::vector<types::WorkerRow> m_changedWorkers;
    std::vector<types::LogLine> m_logLines;
    base::TimerId m_flushTimer = 0;
    base::TimerId m_headlessTimer = 0;
};

} // namespace orrery::host
