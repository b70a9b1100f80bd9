// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/node_process.h"

#include "engine/base/log.h"
#include "engine/base/random.h"
#include "engine/host/drivers.h"
#include "engine/types/preview.h"
#include "engine/types/value.h"

#include <algorithm>
#include <cmath>
#include <unistd.h>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

constexpr TimeNs kBeatNs = base::kSecond;
constexpr TimeNs kFlushNs = 100 * base::kMillisecond;
constexpr std::size_t kLogLinesMax = 10'000; // waiting for the head; older ones are dropped first
constexpr node::SubmitterId kCalls = 1;
constexpr std::size_t kHeldMax = 4096; // messages that need plugins which are on their way

types::Resources resourcesOf(const NodeProcessOptions& options)
{
    types::Resources total = options.custom;
    const double cpus = options.cpus > 0 ? options.cpus : ProcessFigures::cpus();
    (void)total.set(types::kCpu, cpus);
    if (total.units(types::kMemory) == 0) (void)total.set(types::kMemory, static_cast<double>(ProcessFigures::totalMemoryBytes()));
    return total;
}

std::uint64_t storeBytesOf(const NodeProcessOptions& options)
{
    return options.storeBytes > 0 ? options.storeBytes : ProcessFigures::totalMemoryBytes() / 4;
}

std::string hostName()
{
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

} // namespace

NodeProcess::NodeProcess(NodeProcessOptions options, MakeLink makeLink)
    : m_options(std::move(options)), m_makeLink(std::move(makeLink)),
      m_store(m_loop, storeBytesOf(m_options), *this),
      m_calls(*this), m_id{{base::entropySeed(), base::entropySeed()}}
{
    node::NodeOptions made;
    made.workerProgram = m_options.workerProgram;
    made.total = resourcesOf(m_options);
    // Tasks that take no CPU run beside the others, but not without bound.
    m_join.enrolNs = m_options.enrolNs;
    made.workersMax = static_cast<std::uint32_t>(std::max(1.0, std::ceil(made.total.amount(types::kCpu)))) * 2;
    m_node = std::make_unique<node::Node>(m_loop, made, *this, *this);
    if (m_options.network) {
        m_id = m_options.network->id;
        m_incarnation = m_options.network->life;
    }
}

void NodeProcess::segmentAdded(std::uint32_t segment)
{
    if (m_node) m_node->segmentAdded(segment);
    if (m_drivers) m_drivers->segmentAdded({segment, m_store.segmentBytes(segment), m_store.segmentFd(segment)});
}

void NodeProcess::segmentDropped(std::uint32_t segment)
{
    if (m_node) m_node->segmentDropped(segment);
    if (m_drivers) m_drivers->segmentDropped(segment);
}

// Copies of what lies elsewhere give first, then runs whose home is gone, then those that have ended: nobody waits for any of them.
bool NodeProcess::relieve(std::uint64_t bytes)
{
    std::uint64_t freed = 0;
    for (auto& [id, guest] : m_guests)
        if (freed < bytes) freed += guest->evict(bytes - freed);
    for (auto& [id, run] : m_runs)
        if (freed < bytes) freed += run->evict(bytes - freed);
    if (freed < bytes) freed += m_orphans.evict(bytes - freed);
    // What guests made here is their homes' to let go; it comes while the store waits.
    for (auto& [id, guest] : m_guests)
        if (freed < bytes) guest->needRoom(bytes - freed);
    for (const bool ended : {true, false})
        for (auto& [id, run] : m_runs)
            if (run->endedAndTold() == ended && freed < bytes) freed += run->release(bytes - freed);
    if (freed > 0) flushSoon();
    return freed > 0;
}

NodeProcess::~NodeProcess()
{
    if (m_pumpTimer != 0) m_loop.cancel(m_pumpTimer);
    m_drivers.reset();
    m_room.reset(); // who waits for room is not called any more
    m_door.reset();
    m_plugins.reset();
    m_bulkServer.reset();
    m_runs.clear();
    m_guests.clear();
    m_orphans.clear();
    m_puller.reset();
    m_peers.reset();
    m_callLanes.reset();
    m_head.reset();
    m_node.reset();
}

base::Result<void> NodeProcess::start()
{
    ORRERY_TRY(m_node->start());
    m_store.start();
    m_callLanes = std::make_unique<node::SourceLanes>(*m_node, kCalls, m_calls, *this);
    m_drivers = std::make_unique<Drivers>(m_loop, *m_node, *this, m_lastSubmitter);
    if (!m_options.driverSocket.empty()) ORRERY_TRY(m_drivers->listen(m_options.driverSocket));
    m_room = std::make_unique<CopyRoom>(*this);
    rpc::BulkOptions bulk;
    if (m_options.network) bulk.tls = m_options.network->bulk; // Unix sockets do without
    m_puller = std::make_unique<rpc::BulkPuller>(m_loop, bulk);
    m_peers = std::make_unique<Peers>(m_loop, Peers::Owner{
        [this](std::uint16_t home, net::ToGuest message) { fromHome(home, std::move(message)); },
        [this](std::uint16_t node, net::ToHome message) {
            const auto run = std::visit([](const auto& held) { return held.run; }, message);
            if (const auto found = m_runs.find(run); found != m_runs.end()) found->second->guestSaid(node, message);
            flushSoon();
        },
        [this](std::uint16_t node) {
            for (auto& [id, run] : m_runs)
                if (!run->endedAndTold()) addGuest(*run, node);
            pumpSoon();
        },
        [this](std::uint16_t node) {
            for (auto& [id, run] : m_runs) run->guestLeaves(node);
        },
        [this](std::uint16_t node, const std::string& why) { peerGone(node, why); },
        [this](std::uint16_t node, const std::string& why) {
            for (auto& [id, run] : m_runs) {
                run->guestGone(node, why);
                if (!run->endedAndTold()) addGuest(*run, node);
            }
            flushSoon();
        },
        [this](std::uint16_t node) {
            std::erase_if(m_guests, [&](const auto& guest) { return guest.second->home() == node; });
            letGoHeld(node);
            m_homes.gone(node);
        }});
    if (m_options.network) m_peers->useNetwork(m_options.network->peers);
    if (!m_options.peerSocket.empty() || m_options.network) m_bulkServer = std::make_unique<rpc::BulkServer>(m_loop, *this, bulk);
    if (!m_options.peerSocket.empty()) {
        ORRERY_TRY(m_peers->listen(m_options.peerSocket));
        ORRERY_TRY(m_bulkServer->listen(bulkSocket(m_options.peerSocket)));
    }
    if (m_options.network) ORRERY_TRY(openNetwork());
    if (!m_options.pluginCache.empty())
        m_plugins = std::make_unique<PluginCache>(m_loop, m_options.pluginCache, PluginCache::Owner{
            [this](net::AskPlugin ask) { m_head->send(std::move(ask)); },
            [this](std::shared_ptr<const types::Catalog> catalog) { useCatalog(std::move(catalog)); }});
    m_head = m_makeLink(m_loop, {[this](net::ToNode message) { onHead(std::move(message)); }, [this](bool up) { onLink(up); }});
    if (!m_head) return fail(Errc::Unavailable, "the head cannot be reached");
    m_loop.after(kBeatNs, [this] { beat(); });
    return {};
}

// Also a second time, by a head that does not know of the first.
void NodeProcess::beMember(const net::OpenNetwork& wish)
{
    if (m_options.network || !m_options.beMember) return;
    auto network = m_options.beMember(wish);
    auto opened = network ? base::Result<void>() : base::Result<void>(network.error());
    if (network) {
        m_options.network = std::move(*network);
        m_peers->useNetwork(m_options.network->peers);
        m_puller->useTls(m_options.network->bulk);
        m_bulkServer->useTls(m_options.network->bulk);
        opened = openNetwork();
    }
    if (!opened) return base::logf(base::LogLevel::Error, "node", "nodes of other machines cannot reach this one: {}", opened.error().message);
    registerNode();
}

base::Result<void> NodeProcess::openNetwork()
{
    const auto& network = *m_options.network;
    ORRERY_TRY(m_peers->secure());
    m_door = std::make_unique<rpc::TcpDoor>(m_loop, [this](base::UniqueFd fd) { m_peers->take(std::move(fd)); }, [this](base::UniqueFd fd) { m_bulkServer->serve(std::move(fd)); });
    ORRERY_TRY(m_door->listen(network.listen));
    m_tcp = m_door->address();
    if (!network.advertise.empty()) m_tcp = network.advertise + m_tcp.substr(m_tcp.rfind(':'));
    base::logf(base::LogLevel::Info, "node", "other nodes reach this one at {}", m_tcp);
    return {};
}

void NodeProcess::useCatalog(std::shared_ptr<const types::Catalog> catalog)
{
    const bool first = !m_catalog;
    m_catalog = std::move(catalog);
    m_calls.setCatalog(m_catalog);
    m_drivers->setCatalog(m_catalog);
    if (!m_plugins) return;
    m_pluginsCome = false;
    if (first) {
        m_join.pluginsNs = m_loop.nowNs() - m_pluginsFromNs;
        m_join.plugins = static_cast<std::uint32_t>(m_catalog->plugins.size());
    }
    if (first && m_up) registerNode(); // from now on others may ask it for help
    for (auto& held : std::exchange(m_held, {})) held.run();
}

bool NodeProcess::hold(std::uint16_t from, std::function<void()> later)
{
    if (!m_pluginsCome) return false;
    if (m_held.size() >= kHeldMax) {
        base::logf(base::LogLevel::Error, "node", "more than {} messages wait for plugins of the head; this node begins anew", kHeldMax);
        m_held.clear();
        m_loop.after(0, [this] { startAnew(); }); // not inside the channel that spoke, which goes with it
        return true;
    }
    m_held.push_back({from, std::move(later)});
    return true;
}

void NodeProcess::run() { m_loop.run(); }
void NodeProcess::stop() { m_loop.stop(); }

void NodeProcess::onLink(bool up)
{
    m_up = up;
    if (up) {
        m_upNs = m_loop.nowNs();
        if (!m_options.driverSocket.empty())
            if (auto listening = m_drivers->listen(m_options.driverSocket); !listening) base::logf(base::LogLevel::Warn, "node", "{}", listening.error().message);
        registerNode();
        return;
    }
    m_welcomed = false;
    if (m_headlessTimer == 0)
        m_headlessTimer = m_loop.after(m_options.headlessLimitNs, [this] {
            base::logf(base::LogLevel::Warn, "node", "the head was gone for too long; this node ends");
            m_loop.stop();
        });
}

void NodeProcess::registerNode()
{
    net::RegisterNode message;
    message.node = m_id;
    message.incarnation = m_incarnation;
    message.name = m_options.name;
    message.host = hostName();
    message.address = m_peers->address();
    message.pid = getpid();
    message.total = m_node->leases().total();
    message.storeCapacityBytes = m_store.capacityBytes();
    message.nodeNowNs = m_loop.nowNs();
    message.draining = m_drain.has_value();
    if (!m_plugins || m_catalog) message.tcp = m_tcp; // no help is asked of a node that has no plugins yet
    m_head->send(std::move(message));
}

void NodeProcess::beat()
{
    m_loop.after(kBeatNs, [this] { beat(); });
    if (!m_welcomed) return;
    net::Heartbeat message;
    auto& row = message.row;
    row.node = m_number;
    row.id = m_id;
    row.name = m_options.name;
    row.host = hostName();
    row.pid = getpid();
    row.total = m_node->leases().total();
    row.free = m_node->leases().free();
    auto pids = m_node->pids();
    pids.push_back(getpid());
    const auto figures = m_figures.read(pids, m_loop.nowNs());
    // Of its own CPUs, which may be one of many here.
    row.cpuShare = std::min(1.0, figures.cpuShare * ProcessFigures::cpus() / std::max(1.0, row.total.amount(types::kCpu)));
    row.memoryBytes = figures.memoryBytes;
    row.memoryTotalBytes = ProcessFigures::totalMemoryBytes();
    row.storeBytes = m_store.objectBytes();
    row.storeCapacityBytes = m_store.capacityBytes();
    row.storeObjects = m_store.objects();
    row.netInBytes = m_netInBytes;
    row.netOutBytes = m_netOutBytes;
    row.workers = static_cast<std::uint32_t>(m_node->workerRows().size());
    row.workersBusy = m_node->workersBusy();
    row.clockOffsetNs = m_clusterOffsetNs;
    row.clockErrorNs = !m_clock.known() ? -1 : sharesClock() ? 0 : m_clock.errorNs();
    row.join = m_join;
    message.workers = std::move(m_changedWorkers);
    m_changedWorkers.clear();
    for (auto worker : m_node->workerRows()) {
        if (row.workersBusy > 0) worker.rssBytes = ProcessFigures::anonymousBytes(worker.pid);
        message.workers.push_back(std::move(worker));
    }
    message.nodeNowNs = m_loop.nowNs(); // last, as the time to the answer says how well the clocks are known
    m_head->send(std::move(message));
}

// Runs that are under way see a step of the last error at most; what they order by time is held against their own (HomeRun).
void NodeProcess::useClock(TimeNs sentNs, TimeNs clusterNs)
{
    const TimeNs now = m_loop.nowNs();
    if (sentNs > now) return; // not a time that this node has told
    m_clock.add(sentNs, clusterNs, now);
    m_clusterOffsetNs = sharesClock() ? 0 : m_clock.offsetNs();
}

void NodeProcess::onHead(net::ToNode message)
{
    // What begins or ends a run keeps its order behind plugins that are on their way; and the word of who is home, or it would let what a
    // home said first go behind what it said later.
    const bool ofRun = std::holds_alternative<net::UseHomes>(message) || std::holds_alternative<net::HomeRun>(message) || std::holds_alternative<net::StopHomeRun>(message) || std::holds_alternative<net::ForgetRun>(message);
    if (m_pluginsCome && ofRun && hold(kOfHead, [this, message] { onHead(message); })) return;
    const auto answerError = [this](std::uint64_t request, base::Error error) { m_head->send(net::Answer{request, std::move(error)}); };
    if (const auto* welcome = std::get_if<net::Welcome>(&message)) {
        m_number = welcome->number;
        m_peers->setSelf(m_number, m_incarnation);
        m_node->setNumber(welcome->number, m_headEpoch == 0);
        m_node->addTracks(welcome->firstTrack, welcome->tracks);
        if (m_headEpoch != welcome->headEpoch) m_clock = {}; // another head's clock
        if (welcome->nodeNowNs != 0) useClock(welcome->nodeNowNs, welcome->clusterNowNs);
        if (m_join.atNs == 0 || m_headEpoch == 0) m_join.atNs = welcome->clusterNowNs;
        if (m_join.linkNs == 0) m_join.linkNs = m_loop.nowNs() - m_upNs;
        m_headEpoch = welcome->headEpoch;
        m_welcomed = true;
        // A link alone is no head: one that refuses this node would keep it for ever.
        if (m_headlessTimer != 0) m_loop.cancel(std::exchange(m_headlessTimer, 0));
        if (m_drain) m_drain->told.reset();
        for (auto& [id, run] : m_runs) run->resend();
        if (!m_runs.empty()) flushSoon();
        if (m_plugins) m_plugins->askAgain();
    } else if (const auto* use = std::get_if<net::UseCatalog>(&message)) {
        if (!m_plugins) return useCatalog(use->catalog);
        m_pluginsCome = true;
        m_pluginsFromNs = m_loop.nowNs();
        m_plugins->use(use->catalog);
    } else if (auto* piece = std::get_if<net::PluginPiece>(&message)) {
        if (m_plugins) m_plugins->piece(std::move(*piece));
    } else if (const auto* renewed = std::get_if<net::UseCertificate>(&message)) {
        if (m_options.network && m_options.network->renewed) m_options.network->renewed(renewed->pem);
    } else if (const auto* wanted = std::get_if<net::HomeRun>(&message)) {
        startRun(*wanted);
    } else if (const auto* halt = std::get_if<net::StopHomeRun>(&message)) {
        if (const auto found = m_runs.find(halt->run); found != m_runs.end()) found->second->stop();
        flushSoon();
    } else if (const auto* forget = std::get_if<net::ForgetRun>(&message)) {
        if (const auto found = m_runs.find(forget->run); found != m_runs.end()) found->second->forget();
        m_runs.erase(forget->run);
        m_guests.erase(forget->run);
        m_orphans.forget(forget->run);
    } else if (const auto* ack = std::get_if<net::AckBlocks>(&message)) {
        if (const auto found = m_runs.find(ack->run); found != m_runs.end()) found->second->acknowledged(ack->upTo);
    } else if (const auto* ask = std::get_if<net::AskPreview>(&message)) {
        askedPreview(*ask);
    } else if (const auto* read = std::get_if<net::AskBytes>(&message)) {
        askedBytes(*read);
    } else if (const auto* peers = std::get_if<net::UsePeers>(&message)) {
        m_peers->use(peers->peers);
    } else if (auto* denied = std::get_if<net::UseDenied>(&message)) {
        m_peers->deny(denied->ids);
        if (m_options.network && m_options.network->deny) m_options.network->deny(std::move(denied->ids));
    } else if (const auto* homes = std::get_if<net::UseHomes>(&message)) {
        useHomes(*homes);
    } else if (const auto* clock = std::get_if<net::ClockIs>(&message)) {
        useClock(clock->nodeNowNs, clock->clusterNowNs);
    } else if (const auto* open = std::get_if<net::OpenNetwork>(&message)) {
        beMember(*open);
    } else if (std::holds_alternative<net::StartAnew>(message)) {
        startAnew();
    } else if (const auto* plug = std::get_if<net::AskKillWorker>(&message)) {
        auto done = m_node->plug(plug->track);
        if (!done) return answerError(plug->request, done.error());
        m_head->send(net::Answer{plug->request, types::Reply{{}, "worker " + std::to_string(plug->track) + " was killed", {}}});
    } else if (std::holds_alternative<net::DrainNode>(message)) {
        drain();
    } else if (std::holds_alternative<net::StopNode>(message)) {
        m_loop.stop();
    }
}

void NodeProcess::startRun(const net::HomeRun& wanted)
{
    if (m_drain && m_drain->done) return; // it ends in a moment
    if (!isNextHome(wanted.run, wanted.homeEpoch)) return; // said twice, or by a head that was before
    const auto refuseRun = [&](const std::string& why) {
        net::RunEnded ended;
        ended.run = wanted.run;
        ended.homeEpoch = wanted.homeEpoch;
        ended.state = types::RunState::Failed;
        ended.error = why;
        m_head->send(std::move(ended));
    };
    if (!m_catalog) return refuseRun("this node knows no plugins yet");
    auto plan = types::makePlan(wanted.graph, *m_catalog);
    if (!plan) return refuseRun(plan.error().message);
    auto shared = std::make_shared<const types::Plan>(std::move(*plan));
    const HomeRun::Place place{*m_node, *this, *this, *m_head, m_clusterOffsetNs, m_number, m_options.unfitWaitNs, [this](std::string text) { warn(std::move(text)); }, [this] { flushNow(); }};
    orphan(wanted.run); // it was a guest here, or the home of an earlier head
    const auto kept = m_orphans.take(wanted.run);
    auto run = std::make_unique<HomeRun>(place, wanted.run, wanted.homeEpoch, ++m_lastSubmitter, std::move(shared));
    HomeRun& started = *run;
    m_runs[wanted.run] = std::move(run);
    if (wanted.again)
        for (const auto& gone : m_peers->gone()) started.wasThere(gone.node, gone.total, gone.sinceNs);
    for (const auto node : m_peers->alive())
        if (wanted.again || !m_peers->isLeaving(node)) addGuest(started, node);
    started.start(kept, wanted.again, wanted.moved);
    if (m_drain) started.rest();
    flushSoon();
}

void NodeProcess::flushSoon()
{
    if (m_flushTimer == 0) m_flushTimer = m_loop.after(kFlushNs, [this] { flushRuns(); });
}

// Not inside the call that found out: it is in the middle of a table.
void NodeProcess::flushNow()
{
    if (m_flushTimer != 0) m_loop.cancel(m_flushTimer);
    m_flushTimer = m_loop.after(0, [this] { flushRuns(); });
}

void NodeProcess::flushRuns()
{
    m_flushTimer = 0;
    bool more = false;
    for (auto& [id, run] : m_runs) {
        run->flush();
        more = more || !run->endedAndTold();
    }
    if (!m_changedWorkers.empty() && m_welcomed) {
        net::Heartbeat message;
        message.nodeNowNs = m_loop.nowNs();
        message.row.node = m_number;
        // Only what changed; the row of the node itself comes with the beat.
        message.row.id = {};
        message.workers = std::move(m_changedWorkers);
        m_changedWorkers.clear();
        m_head->send(std::move(message));
    }
    if (!m_logLines.empty() && m_welcomed) {
        for (auto& line : m_logLines) line.atNs += m_clusterOffsetNs;
        m_head->send(net::LogLines{std::move(m_logLines)});
        m_logLines.clear();
    }
    if (more) flushSoon(); // an idle node arms nothing
}

void NodeProcess::workerChanged(const types::WorkerRow& row)
{
    types::WorkerRow told = row;
    told.startNs += m_clusterOffsetNs;
    if (told.endNs != 0) told.endNs += m_clusterOffsetNs;
    m_changedWorkers.push_back(std::move(told));
    flushSoon();
}

void NodeProcess::logLine(types::LogLine line)
{
    if (m_logLines.size() >= kLogLinesMax) m_logLines.erase(m_logLines.begin(), m_logLines.begin() + kLogLinesMax / 10);
    m_logLines.push_back(std::move(line));
    flushSoon();
}

void NodeProcess::callMade(node::Track track, std::uint64_t call, std::string function, std::string params, std::vector<CallPart> parts)
{
    m_calls.callMade(track, call, function, params, std::move(parts));
}

void NodeProcess::callerEnded(node::Track track) { m_calls.callerEnded(track); }

void NodeProcess::ready()
{
    if (m_callLanes) m_callLanes->pump();
}

std::vector<node::ValueStore::Segment> NodeProcess::segments() const
{
    std::vector<Segment> all;
    for (const auto id : m_store.segments()) all.push_back({id, m_store.segmentBytes(id), m_store.segmentFd(id)});
    return all;
}

} // namespace orrery::host
