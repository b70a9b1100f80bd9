// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Two ends of the bulk plane in one process, each with a loop on a thread of its own. Thread: the test's, but for what says otherwise.

#include "engine/base/bytes.h"
#include "engine/base/epoll_loop.h"
#include "engine/base/random.h"
#include "engine/rpc/bulk_puller.h"

#include <QTemporaryDir>

#include <atomic>
#include <future>

namespace orrery::bulkworld {

rpc::BulkKey keyOf(std::uint32_t row);
// Deterministic bytes.
base::Bytes bytesOf(std::size_t size, std::uint64_t seed = 1);
// Limits with which a test is quick.
rpc::BulkLimits quick();
// A port of the loopback that the system chose, not blocking.
base::UniqueFd listenTcp();
std::string addressOf(int tcpListener);
// A blocking connection that has sent the magic and taken the hello, or nothing.
base::UniqueFd greeted(const std::string& address);
// Waits until it holds or 20 s are over.
bool soon(const std::function<bool()>& condition);

class LoopThread {
public:
    LoopThread() : m_thread([this] { loop.run(); }) {}
    ~LoopThread() { end(); }
    // What was posted before has run.
    void end();
    template <typename Fn>
    auto on(Fn fn)
    {
        std::promise<decltype(fn())> promise;
        loop.post([&] { promise.set_value(fn()); });
        return promise.get_future().get();
    }
    base::EpollLoop loop;

private:
    std::thread m_thread;
};

// A node's server and its objects. The source is its loop's.
class Server final : public rpc::BulkSource {
public:
    explicit Server(std::string path = {}, rpc::BulkOptions options = {quick(), nullptr, rpc::kBulkThreads});
    ~Server() override;
    void start();
    void stop();
    void restart() { stop(); start(); }
    void add(const rpc::BulkKey& key, base::Bytes bytes);
    void serve(base::UniqueFd fd);
    // Takes what comes to the listener from now on.
    void serveAll(int tcpListener);
    // Requests are answered by release() only.
    void hold(bool isOn) { m_isHeld = isOn; }
    void release();
    std::size_t held();
    rpc::BulkServer::Figures figures();
    int pinsAlive() const { return m_pinsAlive; }
    void open(const rpc::BulkKey& key, Opened opened) override;
    LoopThread thread;

private:
    void watch();
    void answer(const rpc::BulkKey& key, const Opened& opened);
    const std::string m_path;
    const rpc::BulkOptions m_options;
    int m_tcpListener = -1;
    std::map<rpc::BulkKey, std::shared_ptr<const base::Bytes>> m_objects;
    std::vector<std::pair<rpc::BulkKey, Opened>> m_held;
    std::atomic<bool> m_isHeld{false};
    std::atomic<int> m_pinsAlive{0};
    std::unique_ptr<rpc::BulkServer> m_server;
};

class Puller {
public:
    explicit Puller(rpc::BulkOptions options = {quick(), nullptr, rpc::kBulkThreads});
    ~Puller() { end(); }
    using Outcome = std::future<base::Result<void>>;
    Outcome begin(const rpc::BulkPeer& peer, const rpc::BulkKey& key, std::span<std::byte> to, rpc::PullId* id = nullptr);
    base::Result<void> pull(const rpc::BulkPeer& peer, const rpc::BulkKey& key, std::span<std::byte> to);
    void cancel(rpc::PullId id);
    rpc::BulkPuller::Figures figures();
    void end();

private:
    LoopThread m_thread;
    std::unique_ptr<rpc::BulkPuller> m_puller;
};
// The answer of one that should have come; an error when it does not within a minute.
base::Result<void> outcome(Puller::Outcome& of);

} // namespace orrery::bulkworld
