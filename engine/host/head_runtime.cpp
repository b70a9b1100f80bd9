// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/head_runtime.h"

#include "engine/base/log.h"
#include "engine/base/random.h"
#include "engine/client/session_service.h"
#include "engine/host/process_figures.h"
#include "engine/rpc/channel.h"
#include "engine/rpc/node_stream.h"

#include <algorithm>
#include <cmath>
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

class HeadRuntime::Servers {
public:
    Servers(base::Loop& loop, head::Head& head, client::Session& session)
        : m_sessions(session), m_nodes({loop, [&head](std::unique_ptr<net::NodeLink> link) { return head.accept(std::move(link)); },
                                        [&head](std::uint64_t link, net::FromNode message) { head.received(link, std::move(message)); },
                                        [&head](std::uint64_t link) { head.broken(link); }})
    {
    }
    bool listen(const std::string& socket)
    {
        m_server = rpc::startServer(socket, {&m_sessions.service(), &m_nodes.service()});
        return m_server != nullptr;
    }
    // On the loop's thread, before the head goes: no link is told of any more.
    void endNodes() { m_nodes.shutdown(); }
    // After the session has answered everything.
    void end()
    {
        m_sessions.shutdown();
        if (m_server) m_server->Shutdown(std::chrono::system_clock::now() + kServersEndLimit);
    }

private:
    client::SessionServer m_sessions;
    rpc::NodeStreams m_nodes;
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
    : m_entry(std::move(entry)), m_loop(std::move(loop)), m_slot(std::make_shared<HeadSlot>(*m_loop)), m_store(std::move(store)),
      m_records(m_store->stored().cluster, {recordsFolder(m_entry.dataDir), deliverTo(*m_loop), 0, archive::kArchiveBytesMax}),
      m_plugins(*m_loop, launch::siblingProgram("orrery-worker"), launch::pluginFolder()), m_launcher(*m_loop, launcherOptions(m_entry, wish))
{
}

base::Result<void> HeadRuntime::open()
{
    m_head = std::make_unique<head::Head>(*m_loop, head::Head::Parts{*m_store, m_records, m_plugins, m_launcher, base::systemClock(), *m_slot->cans},
                                          m_store->stored(), head::TableOptions{hostName(), {}});
    m_slot->head = m_head.get();
    m_head->setEnded([this] {
        m_shutDown = true;
        m_loop->stop();
    });
    m_head->start();
    m_session = std::make_unique<HeadSession>(m_slot);
    m_servers = std::make_unique<Servers>(*m_loop, *m_head, *m_session);
    if (!m_servers->listen(m_entry.headSocket())) return fail(Errc::Failed, "the head cannot listen at " + m_entry.headSocket());
    ORRERY_TRY(launch::writeEntry(m_entry));
    base::logf(base::LogLevel::Info, "head", "cluster {} listens at {}", m_entry.name, m_entry.headSocket());
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
    m_slot->whyNone = m_shutDown ? "the cluster was shut down" : "the head of the cluster has ended";
    m_head.reset();
    m_slot->end();
    m_loop->stop(); // also where nobody ran it: who is closed before it has begun would wait here for ever
    m_loop->run();  // what was posted before the end; it returns at once
    if (m_servers) m_servers->end();
}

} // namespace orrery::host
