// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/rpc/bulk_world.h"

#include "engine/rpc/bulk_socket.h"

#include <QTest>

#include <algorithm>
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace orrery::bulkworld {

using base::kMillisecond;

rpc::BulkKey keyOf(std::uint32_t row)
{
    return {base::RunId{{7, 9}}, 1, 2, row}; // vertex 1, output 2
}

base::Bytes bytesOf(std::size_t size, std::uint64_t seed)
{
    base::Random random(seed);
    base::Bytes bytes(size);
    for (std::size_t at = 0; at < size; at += 8) {
        const std::uint64_t word = random.next();
        std::memcpy(bytes.data() + at, &word, std::min<std::size_t>(8, size - at));
    }
    return bytes;
}

rpc::BulkLimits quick()
{
    rpc::BulkLimits limits;
    limits.pauseNs = 2 * kMillisecond;
    limits.pauseMaxNs = 20 * kMillisecond;
    return limits;
}

base::UniqueFd listenTcp()
{
    base::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || listen(fd.get(), 64) != 0) qFatal("cannot listen");
    return fd;
}

std::string addressOf(int tcpListener)
{
    sockaddr_in at{};
    socklen_t size = sizeof at;
    getsockname(tcpListener, reinterpret_cast<sockaddr*>(&at), &size);
    return "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
}

base::UniqueFd greeted(const std::string& address)
{
    auto fd = rpc::connectBulk(address);
    if (!fd) return {};
    pollfd writable{fd->get(), POLLOUT, 0};
    poll(&writable, 1, 10'000);
    fcntl(fd->get(), F_SETFL, 0);
    std::byte hello[rpc::kBulkHelloBytes];
    if (::send(fd->get(), rpc::kBulkMagic.data(), rpc::kBulkMagic.size(), MSG_NOSIGNAL) != ssize_t(rpc::kBulkMagic.size())) return {};
    if (::recv(fd->get(), hello, sizeof hello, MSG_WAITALL) != ssize_t(sizeof hello)) return {};
    return std::move(*fd);
}

bool soon(const std::function<bool()>& condition)
{
    return QTest::qWaitFor(condition, 20'000);
}

void LoopThread::end()
{
    if (!m_thread.joinable()) return;
    loop.post([this] { loop.stop(); });
    m_thread.join();
}

Server::Server(std::string path, rpc::BulkOptions options) : m_path(std::move(path)), m_options(std::move(options))
{
    start();
}

Server::~Server()
{
    stop();
    thread.end();
}

void Server::start()
{
    thread.on([this] {
        m_server = std::make_unique<rpc::BulkServer>(thread.loop, *this, m_options);
        if (!m_path.empty() && !m_server->listen(m_path).ok()) qFatal("cannot listen");
        if (m_tcpListener >= 0) watch();
        return true;
    });
}

void Server::stop()
{
    thread.on([this] {
        if (m_tcpListener >= 0) thread.loop.unwatch(m_tcpListener);
        m_server.reset();
        m_held.clear();
        return true;
    });
}

void Server::add(const rpc::BulkKey& key, base::Bytes bytes)
{
    thread.on([&] { return m_objects[key] = std::make_shared<const base::Bytes>(std::move(bytes)), true; });
}

void Server::serve(base::UniqueFd fd)
{
    thread.on([&] { return m_server->serve(std::move(fd)), true; });
}

void Server::serveAll(int tcpListener)
{
    thread.on([&] {
        m_tcpListener = tcpListener;
        watch();
        return true;
    });
}

void Server::watch()
{
    thread.loop.watch(m_tcpListener, EPOLLIN, [this](std::uint32_t) {
        if (base::UniqueFd fd(::accept(m_tcpListener, nullptr, nullptr)); fd) m_server->serve(std::move(fd));
    });
}

void Server::release()
{
    thread.on([this] {
        for (const auto& [key, opened] : std::exchange(m_held, {})) answer(key, opened);
        return true;
    });
}

std::size_t Server::held()
{
    return thread.on([this] { return m_held.size(); });
}

rpc::BulkServer::Figures Server::figures()
{
    return thread.on([this] { return m_server->figures(); });
}

void Server::open(const rpc::BulkKey& key, Opened opened)
{
    if (m_isHeld) m_held.emplace_back(key, std::move(opened));
    else answer(key, opened);
}

void Server::answer(const rpc::BulkKey& key, const Opened& opened)
{
    const auto found = m_objects.find(key);
    if (found == m_objects.end()) return opened(base::fail(base::Errc::NotFound, "no such object"));
    ++m_pinsAlive;
    const auto bytes = found->second;
    std::shared_ptr<const void> pin(bytes.get(), [this, bytes](const void*) {
        if (!thread.loop.onLoop()) qFatal("a pin was let go outside the loop");
        --m_pinsAlive;
    });
    opened(rpc::BulkBytes{*bytes, std::move(pin)});
}

Puller::Puller(rpc::BulkOptions options)
{
    m_puller = m_thread.on([&] { return std::make_unique<rpc::BulkPuller>(m_thread.loop, std::move(options)); });
}

Puller::Outcome Puller::begin(const rpc::BulkPeer& peer, const rpc::BulkKey& key, std::span<std::byte> to, rpc::PullId* id)
{
    auto promise = std::make_shared<std::promise<base::Result<void>>>();
    m_thread.on([&] {
        const auto made = m_puller->pull(peer, key, to, [promise](base::Result<void> result) { promise->set_value(std::move(result)); });
        if (id) *id = made;
        return true;
    });
    return promise->get_future();
}

base::Result<void> outcome(Puller::Outcome& of)
{
    if (of.wait_for(std::chrono::seconds(60)) != std::future_status::ready) return base::fail(base::Errc::Internal, "no answer came");
    return of.get();
}

base::Result<void> Puller::pull(const rpc::BulkPeer& peer, const rpc::BulkKey& key, std::span<std::byte> to)
{
    auto began = begin(peer, key, to);
    return outcome(began);
}

void Puller::cancel(rpc::PullId id)
{
    m_thread.on([&] { return m_puller->cancel(id), true; });
}

rpc::BulkPuller::Figures Puller::figures()
{
    return m_thread.on([this] { return m_puller->figures(); });
}

void Puller::end()
{
    if (m_puller) m_thread.on([this] { return m_puller.reset(), true; });
    m_thread.end();
}

} // namespace orrery::bulkworld
