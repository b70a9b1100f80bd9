// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/embedded_head.h"

#include "engine/client/session_service.h"
#include "engine/host/session_snapshot.h"
#include "engine/host/start_head.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace orrery::host {

namespace {

constexpr auto kAttachLimit = std::chrono::seconds(5);

// The name, or the first of name-2, name-3 ... that no running cluster has.
std::string freeName(const std::string& name)
{
    const auto living = launch::livingClusters();
    std::string free = name;
    for (int i = 2; std::any_of(living.begin(), living.end(), [&](const auto& entry) { return entry.name == free; }); ++i) free = name + "-" + std::to_string(i);
    return free;
}

std::size_t count(const std::vector<types::NodeRow>& nodes, types::NodeState state)
{
    return static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), [state](const auto& node) { return node.state == state; }));
}

void addNext(const std::weak_ptr<client::Session>& session, const types::AddNode& each, std::size_t left, std::function<void(const base::Error&)> failed)
{
    const auto alive = session.lock();
    if (!alive || left == 0) return;
    alive->act(each, [session, each, left, failed = std::move(failed)](base::Result<types::Reply> reply) mutable {
        if (!reply) return failed(reply.error());
        addNext(session, each, left - 1, std::move(failed));
    });
}

} // namespace

EmbeddedHead::EmbeddedHead(EmbeddedHeadOptions options) : m_options(std::move(options)), m_wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    // Before any thread of gRPC: it must not meddle with the forks of others, and a peer's end is an error, not a signal.
    setenv("GRPC_ENABLE_FORK_SUPPORT", "0", 0);
    std::signal(SIGPIPE, SIG_IGN);
}

EmbeddedHead::~EmbeddedHead()
{
    close(m_nodes);
    if (m_thread.joinable()) m_thread.join();
}

void EmbeddedHead::start(std::function<void(Status)> changed)
{
    ORRERY_ASSERT_NOTE(!m_thread.joinable(), "an embedded head starts once");
    m_changed = std::move(changed);
    m_thread = std::thread([this] { live(); });
}

void EmbeddedHead::close(Nodes nodes)
{
    const std::lock_guard lock(m_mutex);
    if (std::exchange(m_closing, true)) return;
    m_nodes = nodes;
    const std::uint64_t one = 1;
    (void)!::write(m_wake.get(), &one, sizeof one);
    if (!m_runtime) return;
    if (nodes == Nodes::Stop) m_runtime->shutDown();
    else m_runtime->leave();
}

EmbeddedHead::Status EmbeddedHead::status() const
{
    const std::lock_guard lock(m_mutex);
    return m_status;
}

void EmbeddedHead::tell(Status status)
{
    {
        const std::lock_guard lock(m_mutex);
        std::swap(m_status, status); // the old session goes outside the lock
    }
    if (m_changed) m_changed(this->status());
}

void EmbeddedHead::live()
{
    if (m_options.attach && tryAttach()) return;
    beHead();
}

bool EmbeddedHead::tryAttach()
{
    const auto entry = launch::findCluster({});
    if (!entry) return false;
    std::shared_ptr<client::Session> session = client::connectSession(entry->headSocket());
    const auto now = sessionSnapshot(*session, kAttachLimit);
    Status status;
    if (!now) {
        status.state = State::Failed;
        status.why = "The cluster \"" + entry->name + "\" (process " + std::to_string(entry->headPid) + ") runs but does not answer: " + now.error().message + ". End that process and start again.";
        tell(std::move(status));
        return true;
    }
    status.state = State::Up;
    status.cluster = entry->name;
    status.address = entry->headSocket();
    status.session = session;
    tell(std::move(status));
    // Why one failed, if it does, is in the cluster's log, which every watch sees.
    addNodes(session, count(now->nodes, types::NodeState::Alive) + count(now->nodes, types::NodeState::Joining), [](const base::Error&) {});
    session.reset();
    stayAttached(*entry);
    return true;
}

// Until close(), or until the process of that head ends.
void EmbeddedHead::stayAttached(const launch::ClusterEntry& entry)
{
    const base::UniqueFd head(static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(entry.headPid), 0)));
    pollfd polled[2] = {{m_wake.get(), POLLIN, 0}, {head.get(), POLLIN, 0}};
    while (head && polled[0].revents == 0 && polled[1].revents == 0)
        if (::poll(polled, 2, -1) < 0 && errno != EINTR) break;
    Status end;
    end.state = polled[0].revents != 0 ? State::Closed : State::Failed;
    if (end.state == State::Failed) end.why = "The cluster \"" + entry.name + "\" has ended.";
    tell(std::move(end));
}

void EmbeddedHead::beHead()
{
    Status status;
    HeadWish wish = shareOut(m_options.head, m_options.nodes);
    if (!m_options.attach) wish.name = freeName(wish.name);
    auto runtime = HeadRuntime::make(wish);
    if (!runtime) {
        status.state = State::Failed;
        status.why = runtime.error().message;
        return tell(std::move(status));
    }
    {
        const std::lock_guard lock(m_mutex);
        if (!m_closing) m_runtime = runtime->get();
    }
    if (m_runtime) {
        status.state = State::Up;
        status.own = true;
        status.cluster = (*runtime)->entry().name;
        status.address = (*runtime)->entry().headSocket();
        status.session = std::make_shared<HeadSession>((*runtime)->slot());
        if (m_options.nodes > 0) wantNodes(status.session);
        tell(std::move(status));
        (*runtime)->run();
    }
    bool closing = false, keep = false;
    {
        const std::lock_guard lock(m_mutex);
        closing = m_closing;
        keep = m_closing && m_nodes == Nodes::Keep && m_runtime;
        m_runtime = nullptr;
    }
    HeadWish next = wish;
    next.dataDir = (*runtime)->entry().dataDir;
    runtime->reset();
    Status end;
    end.state = closing ? State::Closed : State::Failed;
    if (!closing) end.why = "The cluster was shut down.";
    if (keep) {
        if (const auto pid = startHead(next); !pid) end.why = "The cluster could not be handed over: " + pid.error().message;
    }
    tell(std::move(end));
}

// Nodes of an earlier head come back within its patience; only those that do not are started.
void EmbeddedHead::wantNodes(const std::shared_ptr<client::Session>& session)
{
    types::Interest interest;
    interest.blocks = false;
    interest.logs = false;
    struct Watching {
        client::WatchId id = 0;
        bool done = false;
    };
    auto watching = std::make_shared<Watching>(); // of the loop, after the first line below
    watching->id = session->watch(interest, [this, watching, weak = std::weak_ptr(session)](base::Result<types::Delta> delta) {
        const auto alive = weak.lock();
        if (!delta || !alive || watching->done) return;
        const std::size_t living = count(delta->nodes, types::NodeState::Alive);
        if ((living == 0 || m_options.fill) && count(delta->nodes, types::NodeState::Joining) > 0) return alive->taken(watching->id);
        watching->done = true;
        alive->unwatch(watching->id);
        addNodes(alive, living, [this](const base::Error& error) {
            Status now = status();
            if (now.state != State::Up) return;
            now.why = error.message;
            tell(std::move(now));
        });
    });
}

// One after the other, as the letters of nodes go by when they join: A is the first.
void EmbeddedHead::addNodes(const std::shared_ptr<client::Session>& session, std::size_t living, std::function<void(const base::Error&)> failed) const
{
    if (living >= m_options.nodes || (living > 0 && !m_options.fill)) return;
    const HeadWish each = shareOut(m_options.head, m_options.nodes);
    addNext(session, {each.cpus, each.storeBytes}, m_options.nodes - living, std::move(failed));
}

} // namespace orrery::host
