// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/head_runtime.h"

#include "engine/base/late.h"
#include "engine/base/log.h"
#include "engine/base/random.h"
#include "engine/client/session_service.h"
#include "engine/host/plugin_giver.h"
#include "engine/host/process_figures.h"
#include "engine/rpc/bulk_socket.h"
#include "engine/rpc/channel.h"
#include "engine/rpc/node_stream.h"
#include "engine/rpc/tcp_door.h"
#include "engine/security/private_file.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <unistd.h>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

constexpr unsigned kUsualNodes = 3, kUsualCpusMin = 2;
constexpr std::uint64_t kUsualMemoryMin = 3ull << 30;
constexpr auto kServersEndLimit = std::chrono::seconds(2); // a client that does not let go is cut off then

std::string hostName()
{
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

archive::Deliver deliverTo(base::EpollLoop& loop)
{
    return [&loop](std::function<void()> job) { loop.post(std::move(job)); };
}

LauncherOptions launcherOptions(const launch::ClusterEntry& entry, const HeadWish& wish)
{
    LauncherOptions options;
    options.program = launch::siblingProgram("orreryd");
    options.address = entry.headSocket();
    options.workerProgram = launch::siblingProgram("orrery-worker");
    options.logDir = entry.dataDir;
    options.workDir = entry.dataDir + "/output";
    options.cpus = wish.cpus;
    options.storeBytes = wish.storeBytes;
    return options;
}

} // namespace

HeadWish shareOut(HeadWish wish, unsigned nodes)
{
    if (nodes < 2) return wish; // the node's own defaults: all of it
    if (wish.cpus <= 0) wish.cpus = std::max(1.0, std::floor(static_cast<double>(ProcessFigures::cpus()) / nodes));
    if (wish.storeBytes == 0) wish.storeBytes = ProcessFigures::totalMemoryBytes() / 4 / nodes;
    return wish;
}

unsigned usualNodes()
{
    return ProcessFigures::cpus() >= kUsualCpusMin && ProcessFigures::totalMemoryBytes() >= kUsualMemoryMin ? kUsualNodes : 1;
}

namespace {

// The head's end of a link, of which others may hold on to the stream for as long as the head does.
class SharedLink final : public net::NodeLink {
public:
    explicit SharedLink(std::shared_ptr<net::NodeLink> link) : m_link(std::move(link)) {}
    void send(net::ToNode message) override { m_link->send(std::move(message)); }

private:
    const std::shared_ptr<net::NodeLink> m_link;
};

} // namespace

class HeadRuntime::Servers {
public:
    Servers(base::Loop& loop, head::Head& head, client::Session& session, const FolderCatalog& plugins)
        : m_loop(loop), m_head(head), m_sessions(session, admitSessions()), m_giver(loop, [&plugins](const std::string& sha256) { return plugins.pathOf(sha256); }),
          m_nodes({loop,
                   [this](std::unique_ptr<net::NodeLink> link, const std::string& who) {
                       std::shared_ptr<net::NodeLink> shared = std::move(link);
                       const auto number = m_head.accept(std::make_unique<SharedLink>(shared));
                       m_links[number] = {shared, who, who.empty()};
                       return number;
                   },
                   [this](std::uint64_t link, net::FromNode message) { received(link, std::move(message)); },
                   [this](std::uint64_t link) {
                       m_links.erase(link);
                       m_head.broken(link);
                   },
                   admitNodes()})
    {
    }
    bool listen(const std::string& socket)
    {
        m_server = rpc::startServer(socket, {&m_sessions.service(), &m_nodes.service()});
        return m_server != nullptr;
    }
    // As a member of the network, from now on. local: what a node of this machine is told to open; null: it cannot.
    using Local = std::function<std::optional<net::OpenNetwork>(const std::string& name, base::NodeId id)>;
    base::Result<std::string> listenTcp(Joining& joining, const std::string& address, Local local)
    {
        auto door = std::make_unique<rpc::TcpDoor>(m_loop, [this](base::UniqueFd fd) { m_tls->take(std::move(fd)); }, nullptr);
        ORRERY_TRY(door->listen(address));
        m_members->set(joining.links());
        m_tls = rpc::TlsServer::make(*joining.links()->secure(), {&m_nodes.service(), &m_sessions.service()});
        if (!m_tls) return fail(Errc::Failed, "the head cannot listen at " + address + ": its certificate cannot be used");
        m_door = std::move(door);
        m_joining = &joining;
        m_local = std::move(local);
        return m_door->address();
    }
    void openLocals()
    {
        for (auto& [number, known] : m_links) openLocal(known);
    }
    // Told while it is still heard: who was taken out is not asked what it has.
    void stopMember(const std::string& id)
    {
        for (auto& [number, known] : m_links)
            if (known.node == id)
                if (const auto link = known.link.lock()) link->send(net::StopNode{true});
    }
    // To every node, which holds its own peers against it.
    void tellDenied()
    {
        for (auto& [number, known] : m_links) tellDenied(known);
    }
    // On the loop's thread, before the head goes: no link is told of any more.
    void endNodes()
    {
        m_door.reset();
        m_nodes.shutdown();
    }
    // After the session has answered everything.
    void end()
    {
        m_sessions.shutdown();
        if (m_tls) m_tls->end(kServersEndLimit);
        if (m_server) m_server->Shutdown(std::chrono::system_clock::now() + kServersEndLimit);
    }

private:
    struct Known {
        std::weak_ptr<net::NodeLink> link;
        std::string node;     // id, by its certificate, or as it registered from this machine
        bool isLocal = false; // it came over a Unix socket
        std::string name;     // of a local one
        bool hasPort = false;
    };
    // What the network's callers are held against, once there is one.
    using Members = base::Late<std::shared_ptr<MemberLinks>>;
    static base::Error offNetwork() { return fail(Errc::Refused, "this head is on no network"); }
    client::AdmitCall admitSessions() const
    {
        return [members = m_members](const std::string& pem, const client::SessionCall& call) -> base::Result<void> {
            const auto links = members->get();
            if (!links) return offNetwork();
            return links->admitSessions()(pem, call);
        };
    }
    rpc::Admit<net::FromNode> admitNodes() const
    {
        return [members = m_members](const std::string& pem) -> base::Result<rpc::Admitted<net::FromNode>> {
            const auto links = members->get();
            if (!links) return offNetwork();
            return links->admitNodes()(pem);
        };
    }
    void tellDenied(const Known& known) const
    {
        if (!m_joining || known.node.empty()) return;
        if (auto ids = m_joining->denied(); !ids.empty())
            if (const auto link = known.link.lock()) link->send(net::UseDenied{std::move(ids)});
    }
    // Once a link: what it opens it tells by registering again.
    void openLocal(Known& known)
    {
        if (!m_local || !known.isLocal || known.hasPort || known.node.empty()) return;
        known.hasPort = true;
        const auto id = base::NodeId::parse(known.node);
        const auto link = known.link.lock();
        if (!id || !link) return;
        if (auto open = m_local(known.name, *id)) link->send(std::move(*open));
    }
    // What is no role's is answered here; all else is the head's.
    void received(std::uint64_t number, net::FromNode message)
    {
        const auto found = m_links.find(number);
        if (found == m_links.end()) return;
        if (const auto* hello = std::get_if<net::RegisterNode>(&message); hello && found->second.isLocal) {
            auto& known = found->second;
            known.node = hello->node.text();
            known.name = hello->name;
            known.hasPort = known.hasPort || !hello->tcp.empty();
            m_head.received(number, std::move(message));
            tellDenied(known);
            return openLocal(known);
        }
        if (std::holds_alternative<net::RegisterNode>(message)) tellDenied(found->second);
        if (const auto* beat = std::get_if<net::Heartbeat>(&message); beat && !beat->row.id.isNull())
            if (const auto open = found->second.link.lock()) open->send(net::ClockIs{beat->nodeNowNs, base::systemClock().monoNs()});
        if (const auto* ask = std::get_if<net::AskPlugin>(&message)) {
            return m_giver.ask(*ask, [link = found->second.link](net::PluginPiece piece) {
                if (const auto open = link.lock()) open->send(std::move(piece));
            });
        }
        if (const auto* renew = std::get_if<net::RenewCertificate>(&message)) {
            if (!m_joining || !isMember(found->second.node)) return; // who was taken out is not kept in by new certificates
            const auto pem = m_joining->renewed(found->second.node, renew->request);
            if (!pem) return base::logf(base::LogLevel::Warn, "head", "the certificate of {} was not renewed: {}", found->second.node, pem.error().message);
            base::logf(base::LogLevel::Info, "head", "the certificate of {} was renewed", found->second.node);
            if (const auto open = found->second.link.lock()) open->send(net::UseCertificate{*pem});
            return;
        }
        m_head.received(number, std::move(message));
    }

    bool isMember(const std::string& id) const
    {
        for (const auto& [number, member] : m_head.table().members().members())
            if (member.row.id.text() == id) return member.usable();
        return false;
    }

    base::Loop& m_loop;
    head::Head& m_head;
    Joining* m_joining = nullptr; // null: on no network
    Local m_local;
    const std::shared_ptr<Members> m_members = std::make_shared<Members>();
    client::SessionServer m_sessions;
    std::map<std::uint64_t, Known> m_links;
    PluginGiver m_giver;
    rpc::NodeStreams m_nodes;
    std::unique_ptr<rpc::TlsServer> m_tls;
    std::unique_ptr<rpc::TcpDoor> m_door;
    std::unique_ptr<grpc::Server> m_server; // ends before the services go
};

base::Result<std::unique_ptr<HeadRuntime>> HeadRuntime::make(const HeadWish& wish)
{
    auto entry = launch::makeCluster(wish.name, wish.dataDir);
    if (!entry) return entry.error();
    auto loop = std::make_unique<base::EpollLoop>();
    archive::Journal::Options options;
    options.folder = entry->dataDir;
    options.deliver = deliverTo(*loop);
    options.newCluster = base::ClusterId{{base::entropySeed(), base::entropySeed()}};
    options.nowWallNs = base::systemClock().wallNs();
    auto journal = archive::Journal::open(std::move(options));
    if (!journal) {
        launch::removeEntry(*entry);
        return journal.error();
    }
    auto store = std::make_unique<ControlStore>(std::move(*journal));
    std::unique_ptr<HeadRuntime> runtime(new HeadRuntime(std::move(*entry), std::move(loop), std::move(store), wish));
    ORRERY_TRY(runtime->open());
    return runtime;
}

HeadRuntime::HeadRuntime(launch::ClusterEntry entry, std::unique_ptr<base::EpollLoop> loop, std::unique_ptr<ControlStore> store, const HeadWish& wish)
    : m_entry(std::move(entry)), m_wish(wish), m_loop(std::move(loop)), m_slot(std::make_shared<HeadSlot>(*m_loop)), m_store(std::move(store)),
      m_records(m_store->stored().cluster, {recordsFolder(m_entry.dataDir), deliverTo(*m_loop), 0, archive::kArchiveBytesMax}),
      m_plugins(*m_loop, launch::siblingProgram("orrery-worker"), launch::pluginFolders()), m_launcher(*m_loop, launcherOptions(m_entry, wish))
{
}

base::Result<void> HeadRuntime::open()
{
    m_head = std::make_unique<head::Head>(*m_loop, head::Head::Parts{*m_store, m_records, m_plugins, m_launcher, base::systemClock(), *m_slot->cans},
                                          m_store->stored(), head::TableOptions{hostName(), {}});
    m_slot->head = m_head.get();
    m_slot->listen = [this](const std::string& address) { return listenNow(address); };
    m_head->setEnded([this] {
        m_shutDown = true;
        m_loop->stop();
    });
    m_session = std::make_unique<HeadSession>(m_slot);
    m_servers = std::make_unique<Servers>(*m_loop, *m_head, *m_session, m_plugins);
    if (!m_wish.listen.empty()) {
        auto at = numericAddress(m_wish.listen);
        if (!at) return at.error();
        auto enrol = m_wish.enrol.empty() ? base::Result<std::string>(std::string()) : numericAddress(m_wish.enrol);
        if (!enrol) return enrol.error();
        ORRERY_TRY(openNetwork(*at, *enrol));
    }
    m_head->start();
    if (!m_servers->listen(m_entry.headSocket())) return fail(Errc::Failed, "the head cannot listen at " + m_entry.headSocket());
    ORRERY_TRY(launch::writeEntry(m_entry));
    base::logf(base::LogLevel::Info, "head", "cluster {} listens at {}", m_entry.name, m_entry.headSocket());
    return {};
}

base::Result<types::Reply> HeadRuntime::listenNow(const std::string& address)
{
    const auto at = numericAddress(address, Names::Refuse); // this is the loop: no name is looked up
    if (!at) return at.error();
    if (m_joining) return fail(Errc::Refused, "the cluster listens at " + m_entry.listen + " already, until it ends");
    ORRERY_TRY(openNetwork(*at, {}));
    if (auto written = launch::writeEntry(m_entry); !written) base::logf(base::LogLevel::Warn, "head", "others on this machine do not hear that the cluster listens: {}", written.error().message);
    types::Reply reply;
    reply.network = m_joining->network();
    reply.text = "the cluster listens at " + m_entry.listen + " until it ends";
    return reply;
}

base::Result<void> HeadRuntime::openNetwork(std::string listen, std::string enrol)
{
    const auto colon = listen.rfind(':');
    const std::string host = listen.substr(0, colon);
    const auto port = std::stoul(listen.substr(colon + 1));
    if (enrol.empty()) enrol = host + ":" + (port == 0 || port == 65535 ? "0" : std::to_string(port + 1));
    const std::filesystem::path network = std::filesystem::path(m_entry.dataDir) / "network";
    auto joining = Joining::make({*m_loop, *m_store, network, host, static_cast<std::uint16_t>(port), enrol, [this](bool bad, const std::string& text) {
        base::logLine(bad ? base::LogLevel::Warn : base::LogLevel::Info, "head", text);
        if (m_head) m_head->note(bad ? base::LogLevel::Warn : base::LogLevel::Info, text);
    },
    [this](const std::string& id) {
        m_servers->stopMember(id);
        m_servers->tellDenied();
        if (const auto node = base::NodeId::parse(id); node && m_head) m_head->act(types::RemoveNode{*node, false}, [](base::Result<types::Reply>) {});
    }});
    if (!joining) return joining.error();
    // Any port: that of the last head of this data, so that its members find this one.
    if (const auto last = security::readWhole(network / "last.address", false); port == 0 && last && last->starts_with(host + ":") && rpc::listenTcp(*last)) listen = *last;
    // Nodes of this machine meet those of others: members like them, of this head's making.
    const bool any = host == "0.0.0.0" || host == "[::]";
    auto at = m_servers->listenTcp(**joining, listen, [this, host, any](const std::string& name, base::NodeId id) -> std::optional<net::OpenNetwork> {
        auto folder = m_joining->identityOf(name, id);
        if (folder) return net::OpenNetwork{folder->string(), host + ":0", any ? machineAddresses().front() : std::string()};
        base::logf(base::LogLevel::Warn, "head", "the node {} is no member of the network: {}", name, folder.error().message);
        return std::nullopt;
    });
    if (!at) return at.error();
    m_joining = std::move(*joining);
    m_slot->joining = m_joining.get();
    m_entry.listen = *at;
    m_joining->setPort(static_cast<std::uint16_t>(std::stoul(at->substr(at->rfind(':') + 1))));
    m_launcher.setMore([this, host, any](const std::string& name) -> base::Result<std::vector<std::string>> {
        auto folder = m_joining->identityOf(name);
        if (!folder) return folder.error();
        std::vector<std::string> words{"--member", folder->string(), "--listen", host + ":0"};
        if (any) words.insert(words.end(), {"--advertise", machineAddresses().front()});
        return words;
    });
    m_servers->openLocals();
    // The port is open: what fails from here on costs the next head its place, no more.
    if (auto written = security::writeWhole(network / "last.address", *at, false, security::Replace::Yes); !written) base::logf(base::LogLevel::Warn, "head", "the next head may listen elsewhere: {}", written.error().message);
    base::logf(base::LogLevel::Info, "head", "nodes of other machines reach the head at {}; their authority is {}", *at, m_joining->links()->identity()->trust().fingerprint());
    return {};
}

void HeadRuntime::run() { m_loop->run(); }

void HeadRuntime::leave() { m_loop->stop(); }

void HeadRuntime::shutDown()
{
    m_slot->post([slot = m_slot] {
        if (slot->head) slot->head->act(types::Shutdown{}, [](base::Result<types::Reply>) {});
    });
}

HeadRuntime::~HeadRuntime()
{
    // Nobody finds the cluster any more; then the head answers what is open, then the servers have nothing left to say.
    if (m_shutDown) launch::removeEntry(m_entry);
    else launch::removeHead(m_entry);
    if (m_servers) m_servers->endNodes();
    m_slot->head = nullptr;
    m_slot->joining = nullptr;
    m_slot->listen = {};
    m_slot->whyNone = m_shutDown ? "the cluster was shut down" : "the head of the cluster has ended";
    m_head.reset();
    m_joining.reset();
    m_slot->end();
    m_loop->stop(); // also where nobody ran it: who is closed before it has begun would wait here for ever
    m_loop->run();  // what was posted before the end; it returns at once
    if (m_servers) m_servers->end();
}

} // namespace orrery::host
