// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// MiniNode: a node without a head in this process: real workers, real store, drivers over a socket. Runs its loop on a thread of
// its own. For tests and measurements of the path between driver, node and worker.

#include "engine/base/epoll_loop.h"
#include "engine/node/driver_lanes.h"
#include "engine/node/node.h"
#include "engine/store/store.h"

#include <map>
#include <memory>
#include <string>
#include <sys/epoll.h>
#include <thread>

namespace orrery::tests {

class MiniNode final : public node::NodeEvents, public node::ValueStore, public node::FunctionPort, public store::Store::Port {
public:
    // plugin: path of the .so that every function is looked for in; outputs: of each function.
    MiniNode(std::string workerProgram, std::string plugin, double cpus, std::string socketPath)
        : m_plugin(std::move(plugin)), m_socketPath(std::move(socketPath)),
          m_store(m_loop, 256u << 20, *this)
    {
        node::NodeOptions options;
        options.workerProgram = std::move(workerProgram);
        options.total = types::Resources::cpus(cpus);
        options.workersMax = static_cast<std::uint32_t>(cpus) * 2;
        m_node = std::make_unique<node::Node>(m_loop, options, *this, *this);
        m_node->addTracks(0, 10'000);
    }
    ~MiniNode() override
    {
        stop();
        m_drivers.clear();
        m_node.reset();
        ::unlink(m_socketPath.c_str());
    }
    base::Result<void> start()
    {
        ORRERY_TRY(m_node->start());
        m_store.start();
        auto listener = base::SeqSocket::listen(m_socketPath);
        if (!listener) return listener.error();
        m_listener = std::move(*listener);
        m_loop.watch(m_listener.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
        m_thread = std::thread([this] { m_loop.run(); });
        return {};
    }
    void stop()
    {
        if (!m_thread.joinable()) return;
        m_loop.stop();
        m_thread.join();
    }
    // Runs on the loop and waits for it.
    void onLoop(std::function<void()> job)
    {
        std::atomic<bool> done{false};
        m_loop.post([&] {
            job();
            done.store(true);
            done.notify_one();
        });
        done.wait(false);
    }
    node::Node& node() { return *m_node; }
    store::Store& store() { return m_store; }
    std::size_t drivers() const { return m_drivers.size(); }

    void workerChanged(const types::WorkerRow&) override {}
    void logLine(types::LogLine line) override { std::fprintf(stderr, "worker: %s\n", line.text.c_str()); }
    void callMade(node::Track track, std::uint64_t call, std::string, std::string, std::vector<CallPart>) override
    {
        m_node->answerCall(track, call, base::fail(base::Errc::Refused, "no calls here"));
    }
    void callerEnded(node::Track) override {}
    void takeWindow(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) override { m_store.takeWindow(bytes, std::move(done)); }
    void releaseWindow(const types::Place& window) override { m_store.releaseWindow(window); }
    std::span<std::byte> bytes(const types::Place& place) const override { return m_store.bytes(place); }
    void addObject(const types::Place& place) override { m_store.addObject(place); }
    void freeObject(const types::Place& place) override { m_store.freeObject(place); }
    std::vector<Segment> segments() const override
    {
        std::vector<Segment> all;
        for (const auto id : m_store.segments()) all.push_back({id, m_store.segmentBytes(id), m_store.segmentFd(id)});
        return all;
    }
    base::Result<Found> findFunction(const std::string& function, const std::string& params) override
    {
        types::Template made;
        made.plugin = m_plugin;
        made.function = function;
        made.params = params;
        made.inputs = function == "basic.add" ? 2 : 0;
        made.outputs = 1;
        return Found{m_node->templateId(made), types::Resources::cpus(1), 1};
    }

    void segmentAdded(std::uint32_t segment) override
    {
        if (!m_node) return;
        m_node->segmentAdded(segment);
        for (auto& [id, driver] : m_drivers) driver->segmentAdded({segment, m_store.segmentBytes(segment), m_store.segmentFd(segment)});
    }
    void segmentDropped(std::uint32_t segment) override
    {
        m_node->segmentDropped(segment);
        for (auto& [id, driver] : m_drivers) driver->segmentDropped(segment);
    }
    bool relieve(std::uint64_t) override { return false; }

private:
    void accept()
    {
        auto socket = base::SeqSocket::accept(m_listener.get());
        if (!socket) return;
        const auto id = ++m_lastDriver;
        auto driver = std::make_unique<node::DriverLanes>(*m_node, id, std::move(*socket), *this, *this, [this, id] { m_drivers.erase(id); });
        if (driver->begin().ok()) m_drivers.emplace(id, std::move(driver));
    }

    const std::string m_plugin;
    const std::string m_socketPath;
    base::EpollLoop m_loop;
    store::Store m_store;
    std::unique_ptr<node::Node> m_node;
    base::UniqueFd m_listener;
    std::map<node::SubmitterId, std::unique_ptr<node::DriverLanes>> m_drivers;
    node::SubmitterId m_lastDriver = 100;
    std::thread m_thread;
};

} // namespace orrery::tests
