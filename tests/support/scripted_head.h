// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ScriptedHead: a whole node process (loop, store, workers, owner) in this process with the test in the place of the head: it sends
// what a head sends and keeps what a node tells. Thread: the test's; what the node says is collected under a lock.

#include "engine/host/node_process.h"
#include "engine/trace/run_store.h"
#include "engine/types/graph_document.h"
#include "engine/types/plugin_json.h"

#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>

namespace orrery::tests {

class ScriptedHead {
public:
    // options: what else the node is.
    ScriptedHead(std::string build, const std::vector<std::string>& plugins, double cpus, host::NodeProcessOptions options = {}) : m_build(std::move(build))
    {
        for (const auto& name : plugins) describe(name);
        options.workerProgram = m_build + "/bin/orrery-worker";
        options.cpus = cpus;
        options.storeBytes = 1u << 30;
        m_thread = std::thread([this, options] {
            m_node = std::make_unique<host::NodeProcess>(options, [this](base::Loop& loop, host::NodeProcess::LinkEvents events) {
                m_events = events;
                loop.post([events] { events.state(true); });
                return std::make_unique<Link>(*this);
            });
            if (auto started = m_node->start(); !started) std::fprintf(stderr, "%s\n", started.error().message.c_str());
            {
                const std::lock_guard lock(m_mutex);
                m_up = true;
            }
            m_changed.notify_all();
            m_node->run();
            m_node.reset();
        });
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_up && m_registered; });
    }
    ~ScriptedHead()
    {
        send(net::StopNode{});
        m_thread.join();
    }
    void send(net::ToNode message)
    {
        m_node->loop().post([this, message = std::move(message)]() mutable { m_events.message(std::move(message)); });
    }
    // Starts a run of the document; its id. again: it had another home.
    base::RunId start(const std::string& document, bool again = false)
    {
        auto parsed = types::parseDocument(document);
        if (!parsed.ok()) std::fprintf(stderr, "%s\n", parsed.problems.front().text().c_str());
        const base::RunId run{{7, ++m_lastRun}};
        auto graph = std::make_shared<const types::Graph>(std::move(parsed.graph));
        {
            const std::lock_guard lock(m_mutex);
            m_stores.emplace(run, std::make_unique<trace::RunStore>(run));
        }
        send(net::HomeRun{run, 1, graph, again});
        return run;
    }
    net::RunEnded waitEnd(base::RunId run, int seconds = 60)
    {
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait_for(lock, std::chrono::seconds(seconds), [&] { return m_ended.count(run) > 0; })) {
            net::RunEnded none;
            none.error = "the run did not end in time";
            none.state = types::RunState::Running;
            return none;
        }
        return m_ended.at(run);
    }
    // The bytes of a value, fetched in chunks as a window would.
    base::Result<base::Bytes> value(base::RunId run, std::uint32_t row, std::uint16_t output)
    {
        base::Bytes all;
        for (;;) {
            const std::uint64_t request = ++m_lastRequest;
            send(net::AskBytes{request, {run, row, output, -1}, {all.size(), 0}});
            std::unique_lock lock(m_mutex);
            if (!m_changed.wait_for(lock, std::chrono::seconds(20), [&] { return m_answers.count(request) > 0; })) return base::fail(base::Errc::Unavailable, "no answer");
            auto answer = m_answers.extract(request).mapped();
            if (const auto* error = std::get_if<base::Error>(&answer.value)) return *error;
            const auto& chunk = std::get<types::Chunk>(answer.value);
            all.insert(all.end(), chunk.bytes.begin(), chunk.bytes.end());
            if (all.size() >= chunk.total) return all;
        }
    }
    std::string audit()
    {
        std::promise<std::string> said;
        m_node->loop().post([&] { said.set_value(m_node->audit()); });
        return said.get_future().get();
    }
    void plug(std::uint16_t track) { send(net::AskKillWorker{++m_lastRequest, track}); }
    template <typename Fn>
    auto store(base::RunId run, Fn fn)
    {
        const std::lock_guard lock(m_mutex);
        return fn(*m_stores.at(run));
    }
    std::vector<types::WorkerRow> workers()
    {
        const std::lock_guard lock(m_mutex);
        std::vector<types::WorkerRow> alive;
        for (const auto& [track, row] : m_workers)
            if (row.alive) alive.push_back(row);
        return alive;
    }
    std::vector<types::LogLine> logs()
    {
        const std::lock_guard lock(m_mutex);
        return m_logs;
    }
    const types::Catalog& catalog() const { return *m_catalog; }
    static std::string read(const std::string& path)
    {
        std::ifstream file(path);
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }

private:
    struct Link final : net::HeadLink {
        ScriptedHead& head;
        explicit Link(ScriptedHead& at) : head(at) {}
        void send(net::FromNode message) override { head.received(std::move(message)); }
    };
    void received(net::FromNode message)
    {
        const std::lock_guard lock(m_mutex);
        if (std::holds_alternative<net::RegisterNode>(message)) {
            m_registered = true;
            send(net::Welcome{1, 0, base::systemClock().monoNs(), 0, 10'000});
            send(net::UseCatalog{m_catalog});
        } else if (auto* block = std::get_if<net::TraceBlock>(&message)) {
            auto view = trace::BlockView::open(*block->bytes);
            if (!view) std::fprintf(stderr, "bad block: %s\n", view.error().message.c_str());
            else if (auto applied = m_stores.at(block->run)->apply(block->bytes); !applied) std::fprintf(stderr, "block refused: %s\n", applied.error().message.c_str());
            send(net::AckBlocks{block->run, block->number});
        } else if (auto* ended = std::get_if<net::RunEnded>(&message)) {
            m_ended[ended->run] = *ended;
        } else if (auto* answer = std::get_if<net::Answer>(&message)) {
            m_answers[answer->request] = std::move(*answer);
        } else if (auto* beat = std::get_if<net::Heartbeat>(&message)) {
            for (auto& worker : beat->workers) m_workers[worker.track] = worker;
        } else if (auto* lines = std::get_if<net::LogLines>(&message)) {
            m_logs.insert(m_logs.end(), lines->lines.begin(), lines->lines.end());
        }
        m_changed.notify_all();
    }
    void describe(const std::string& name)
    {
        auto catalog = std::make_shared<types::Catalog>(*m_catalog);
        const std::string path = m_build + "/plugins/" + name + ".so";
        FILE* pipe = popen((m_build + "/bin/orrery-worker --describe " + path).c_str(), "r");
        std::string text;
        char buffer[4096];
        for (std::size_t got = 0; pipe && (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, got);
        if (pipe) pclose(pipe);
        if (auto plugin = types::parsePluginInfo(text); plugin) {
            plugin->path = path;
            catalog->plugins.push_back(std::move(*plugin));
        } else {
            std::fprintf(stderr, "%s: %s\n", path.c_str(), plugin.error().message.c_str());
        }
        m_catalog = catalog;
    }

    const std::string m_build;
    std::shared_ptr<const types::Catalog> m_catalog = std::make_shared<types::Catalog>();
    std::unique_ptr<host::NodeProcess> m_node;
    host::NodeProcess::LinkEvents m_events;
    std::thread m_thread;
    std::uint64_t m_lastRun = 0;
    std::uint64_t m_lastRequest = 0;
    std::mutex m_mutex; // guards the rest
    std::condition_variable m_changed;
    bool m_up = false, m_registered = false;
    std::map<base::RunId, std::unique_ptr<trace::RunStore>> m_stores;
    std::map<base::RunId, net::RunEnded> m_ended;
    std::map<std::uint64_t, net::Answer> m_answers;
    std::map<std::uint16_t, types::WorkerRow> m_workers;
    std::vector<types::LogLine> m_logs;
};

} // namespace orrery::tests
