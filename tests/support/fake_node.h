// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// FakeNode: the node's end of a link, played by a script: it registers, beats, answers, and works off runs by writing real trace
// blocks. What the head sends is kept. The link is a loopback on the test's loop: each message is a job of its own, in order;
// a link that breaks loses what was under way in both directions, as a real one does.

#include "engine/head/head.h"
#include "engine/trace/block.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>

namespace orrery::tests {

class FakeNode {
public:
    FakeNode(base::Loop& loop, head::Head& head, std::uint64_t id, std::int64_t pid, std::string host = "here") : m_loop(loop), m_head(&head), m_pid(pid), m_host(std::move(host)), m_id{{id, 7}} {}
    // The head may live on with its end of the link.
    ~FakeNode()
    {
        if (m_wire) m_wire->node = nullptr;
    }
    FakeNode(const FakeNode&) = delete;
    FakeNode& operator=(const FakeNode&) = delete;

    void connect()
    {
        m_wire = std::make_shared<Wire>();
        m_wire->node = this;
        m_loop.post([this, wire = m_wire] {
            wire->link = m_head->accept(std::make_unique<Link>(m_loop, wire));
            net::RegisterNode hello;
            hello.node = m_id;
            hello.incarnation = incarnation;
            hello.name = "local";
            hello.host = m_host;
            hello.pid = m_pid;
            hello.total = types::Resources::cpus(2);
            send(hello);
        });
    }
    void cut()
    {
        if (!m_wire) return;
        m_wire->node = nullptr;
        m_loop.post([this, wire = std::exchange(m_wire, nullptr)] { m_head->broken(wire->link); });
    }
    void send(net::FromNode message)
    {
        if (!m_wire) return;
        m_loop.post([this, wire = m_wire, message = std::move(message)]() mutable {
            if (wire->node) m_head->received(wire->link, std::move(message));
        });
    }
    void beat(std::vector<types::WorkerRow> workers = {})
    {
        net::Heartbeat message;
        message.row.id = m_id;
        message.workers = std::move(workers);
        send(message);
    }
    // Tells that so many tasks of the run were made and finished, in one block.
    void work(base::RunId run, std::uint32_t tasks, base::TimeNs atNs)
    {
        auto& held = runs.at(run);
        trace::BlockWriter writer(run, number, held.epoch);
        writer.add(types::RowRange{held.rows, tasks, held.rows, 0, types::TaskState::PendingArgs, atNs});
        for (std::uint32_t i = 0; i < tasks; ++i) {
            types::Attempt attempt;
            attempt.row = attempt.mapIndex = held.rows + i;
            attempt.worker = firstTrack;
            attempt.submitNs = atNs + 1;
            attempt.startNs = atNs + 2;
            attempt.endNs = atNs + 1000;
            writer.add(attempt);
        }
        held.rows += tasks;
        net::TraceBlock block{run, ++held.blocks, writer.seal(held.blocks)};
        held.unacknowledged.push_back(block);
        send(block);
    }
    void end(base::RunId run, types::RunState state = types::RunState::Succeeded, std::string error = {})
    {
        auto& held = runs.at(run);
        held.ended = true;
        held.outcome = net::RunEnded{run, held.epoch, state, std::move(error), 0};
        send(held.outcome);
    }

    struct Held {
        std::uint64_t epoch = 0;
        std::uint64_t blocks = 0;
        std::uint32_t rows = 0;
        bool ended = false;
        bool stop = false;
        net::RunEnded outcome;
        std::deque<net::TraceBlock> unacknowledged;
        std::shared_ptr<const types::Graph> graph;
    };
    std::map<base::RunId, Held> runs;
    std::uint64_t incarnation = 1;
    std::uint16_t number = 0, firstTrack = 0;
    std::shared_ptr<const types::Catalog> catalog;
    bool stopped = false;
    bool closed = false; // by the head
    std::function<net::FromNode(const net::AskPreview&)> onPreview;
    std::function<net::FromNode(const net::AskBytes&)> onBytes;
    std::function<net::FromNode(const net::AskKillWorker&)> onKill;
    base::NodeId id() const { return m_id; }
    std::int64_t pid() const { return m_pid; }
    // Another head of the same cluster: the next connect() goes there.
    void meet(head::Head& head) { m_head = &head; }

private:
    struct Wire {
        FakeNode* node = nullptr; // null: cut
        head::LinkId link = 0;
    };
    struct Link final : net::NodeLink {
        Link(base::Loop& onLoop, std::shared_ptr<Wire> toWire) : loop(onLoop), wire(std::move(toWire)) {}
        ~Link() override
        {
            if (!wire->node) return;
            wire->node->closed = true;
            wire->node->m_wire.reset();
            wire->node = nullptr;
        }
        void send(net::ToNode message) override
        {
            loop.post([shared = wire, message = std::move(message)] {
                if (shared->node) shared->node->got(message);
            });
        }
        base::Loop& loop;
        std::shared_ptr<Wire> wire;
    };
    void got(const net::ToNode& message)
    {
        if (const auto* welcome = std::get_if<net::Welcome>(&message)) {
            number = welcome->number;
            firstTrack = welcome->firstTrack;
            for (auto& [run, held] : runs) {
                for (const auto& block : held.unacknowledged) send(block);
                if (held.ended) send(held.outcome);
            }
        } else if (const auto* use = std::get_if<net::UseCatalog>(&message)) {
            catalog = use->catalog;
        } else if (const auto* home = std::get_if<net::HomeRun>(&message)) {
            if (const auto held = runs.find(home->run); held == runs.end() || held->second.epoch < home->homeEpoch) runs[home->run] = Held{home->homeEpoch, 0, 0, false, false, {}, {}, home->graph};
        } else if (const auto* stop = std::get_if<net::StopHomeRun>(&message)) {
            if (runs.count(stop->run)) runs.at(stop->run).stop = true;
        } else if (const auto* forget = std::get_if<net::ForgetRun>(&message)) {
            runs.erase(forget->run);
        } else if (const auto* ack = std::get_if<net::AckBlocks>(&message)) {
            if (const auto run = runs.find(ack->run); run != runs.end()) {
                auto& waiting = run->second.unacknowledged;
                while (!waiting.empty() && waiting.front().number <= ack->upTo) waiting.pop_front();
            }
        } else if (const auto* preview = std::get_if<net::AskPreview>(&message)) {
            if (onPreview) send(onPreview(*preview));
        } else if (const auto* bytes = std::get_if<net::AskBytes>(&message)) {
            if (onBytes) send(onBytes(*bytes));
        } else if (const auto* plug = std::get_if<net::AskKillWorker>(&message)) {
            if (onKill) send(onKill(*plug));
        } else if (std::holds_alternative<net::StopNode>(message)) {
            stopped = true;
        }
    }

    base::Loop& m_loop;
    head::Head* m_head;
    const std::int64_t m_pid;
    const std::string m_host;
    const base::NodeId m_id;
    std::shared_ptr<Wire> m_wire;
};

} // namespace orrery::tests
