// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Two ends of the bulk plane in one process, each with a loop on a thread of its own, and a relay between them that breaks and
// bends what passes. Thread: the test's, but for what says otherwise.

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

// Stands between puller and server. Each connection has a plan of what happens to the server's bytes.
class Relay {
public:
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};
    struct Fault {
        std::uint64_t cutAt = kNever;   // closes both sides when so many bytes have passed
        std::uint64_t bendAt = kNever;  // this byte arrives with a bit turned
        std::uint64_t stopAt = kNever;  // from here on nothing passes, and nothing is closed
        std::function<void()> atCut = {}; // before the cut; on the relay's thread
    };
    // to: the server's address. The plan gets the connection's number, from 0; on the relay's thread.
    Relay(base::UniqueFd listener, std::string to, std::function<Fault(int)> plan);
    ~Relay();
    int connections() const { return m_connections; }

private:
    void accept();
    void pass(base::UniqueFd client, const Fault& fault);
    base::UniqueFd m_listener, m_end;
    const std::string m_to;
    const std::function<Fault(int)> m_plan;
    std::atomic<int> m_connections{0};
    std::atomic<bool> m_isOver{false};
    std::vector<std::thread> m_threads; // of the accepting thread
    std::thread m_accepting;
};

} // namespace orrery::bulkworld
