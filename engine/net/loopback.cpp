// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/net/loopback.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <vector>

namespace orrery::net {

using base::TimeNs;

Fate SeededFaults::draw()
{
    // Always three draws, so that one odd changed does not shift the fates of all messages behind it.
    const double lost = m_random.unit(), doubled = m_random.unit(), delayed = m_random.unit();
    Fate fate;
    fate.lost = lost < m_odds.lost;
    fate.doubled = doubled < m_odds.doubled;
    if (delayed < m_odds.delayed && m_odds.delayMaxNs > 0) fate.delayNs = static_cast<TimeNs>(m_random.below(static_cast<std::uint64_t>(m_odds.delayMaxNs))) + 1;
    return fate;
}

namespace {

// One connection, from up to broken. open may be cleared by either end; what arrives afterwards is dropped.
struct Connection {
    std::atomic<bool> open{true};
    std::uint64_t number = 0; // the head's name for it; head's loop
    bool accepted = false;    // head's loop
};

// One direction. Delivers in order on the receiver's loop, each not before its own delay has passed.
// Thread: send() is any thread's; the rest is the receiver's loop's.
template <typename Message>
class Pipe : public std::enable_shared_from_this<Pipe<Message>> {
public:
    Pipe(base::Loop& to, std::shared_ptr<Connection> connection, std::function<void(Message)> deliver)
        : m_to(to), m_connection(std::move(connection)), m_deliver(std::move(deliver))
    {
    }
    void send(const Message& message, const Fate& fate)
    {
        if (fate.lost) return;
        for (int copy = 0; copy < (fate.doubled ? 2 : 1); ++copy)
            m_to.post([self = this->shared_from_this(), message, delayNs = fate.delayNs] { self->arrive(message, delayNs); });
    }
    const std::shared_ptr<Connection>& connection() const { return m_connection; }

private:
    void arrive(const Message& message, TimeNs delayNs)
    {
        const TimeNs now = m_to.nowNs();
        m_lastNs = std::max(m_lastNs, now + delayNs);
        if (m_lastNs <= now && m_waiting == 0) return hand(message);
        ++m_waiting;
        m_to.after(m_lastNs - now, [self = this->shared_from_this(), message] {
            --self->m_waiting;
            self->hand(message);
        });
    }
    void hand(const Message& message)
    {
        if (m_connection->open) m_deliver(message);
    }
    base::Loop& m_to;
    const std::shared_ptr<Connection> m_connection;
    const std::function<void(Message)> m_deliver;
    TimeNs m_lastNs = 0;
    int m_waiting = 0;
};

} // namespace

class Loopback::Hub : public std::enable_shared_from_this<Hub> {
public:
    Hub(LinkOwner head, LinkFaults* faults) : m_head(std::move(head)), m_faults(faults) {}

    // A node's end and what it needs to come back. alive is cleared on the node's loop or while nothing of it runs.
    struct NodeSide {
        NodeSide(base::Loop& at, LinkEvents what) : loop(at), events(std::move(what)) {}
        base::Loop& loop;
        const LinkEvents events;
        std::mutex mutex; // guards pipe
        std::shared_ptr<Pipe<FromNode>> pipe; // null: down
        std::atomic<bool> alive{true};
    };

    class ToHead final : public HeadLink {
    public:
        ToHead(std::shared_ptr<Hub> hub, std::shared_ptr<NodeSide> side) : m_hub(std::move(hub)), m_side(std::move(side)) {}
        ~ToHead() override
        {
            m_side->alive = false;
            m_hub->part(m_side, -1);
        }
        void send(FromNode message) override
        {
            std::shared_ptr<Pipe<FromNode>> pipe;
            {
                const std::lock_guard lock(m_side->mutex);
                pipe = m_side->pipe;
            }
            if (pipe) pipe->send(message, m_hub->m_faults ? m_hub->m_faults->toHead(message) : Fate{});
        }

    private:
        const std::shared_ptr<Hub> m_hub;
        const std::shared_ptr<NodeSide> m_side;
    };

    class FromHead final : public NodeLink {
    public:
        FromHead(std::shared_ptr<Hub> hub, std::shared_ptr<NodeSide> side, std::shared_ptr<Pipe<ToNode>> pipe) : m_hub(std::move(hub)), m_side(std::move(side)), m_pipe(std::move(pipe)) {}
        ~FromHead() override
        {
            // What was sent before is on its way; the node learns of the end behind it.
            m_side->loop.post([hub = m_hub, side = m_side, connection = m_pipe->connection()] { hub->partIf(side, connection); });
        }
        void send(ToNode message) override { m_pipe->send(message, m_hub->m_faults ? m_hub->m_faults->toNode(message) : Fate{}); }

    private:
        const std::shared_ptr<Hub> m_hub;
        const std::shared_ptr<NodeSide> m_side;
        const std::shared_ptr<Pipe<ToNode>> m_pipe;
    };

    void add(const std::shared_ptr<NodeSide>& side)
    {
        {
            const std::lock_guard lock(m_mutex);
            std::erase_if(m_sides, [](const auto& known) { return known.expired(); });
            m_sides.push_back(side);
        }
        side->loop.post([self = shared_from_this(), side] { self->dial(side); });
    }

    // On the node's loop: a new connection.
    void dial(const std::shared_ptr<NodeSide>& side)
    {
        if (!side->alive || m_closed) return;
        auto connection = std::make_shared<Connection>();
        auto up = std::make_shared<Pipe<FromNode>>(m_head.loop, connection, [self = weak_from_this(), connection](FromNode message) {
            if (auto hub = self.lock(); hub && !hub->m_closed) hub->m_head.received(connection->number, std::move(message));
        });
        auto down = std::make_shared<Pipe<ToNode>>(side->loop, connection, [side](ToNode message) {
            if (side->alive) side->events.message(std::move(message));
        });
        {
            const std::lock_guard lock(side->mutex);
            side->pipe = up;
        }
        m_head.loop.post([self = shared_from_this(), side, connection, down] {
            if (self->m_closed || !connection->open) return;
            connection->accepted = true;
            ++self->m_links;
            connection->number = self->m_head.accept(std::make_unique<FromHead>(self, side, down));
        });
        side->events.state(true);
    }

    // Ends the side's connection, if it has one. downForNs < 0: for ever.
    void part(const std::shared_ptr<NodeSide>& side, TimeNs downForNs)
    {
        std::shared_ptr<Pipe<FromNode>> pipe;
        {
            const std::lock_guard lock(side->mutex);
            pipe = std::exchange(side->pipe, nullptr);
        }
        if (!pipe) return;
        // Cleared on the head's loop too late would let messages through; cleared here they are lost, as on a broken stream.
        pipe->connection()->open = false;
        m_head.loop.post([self = shared_from_this(), connection = pipe->connection()] { self->drop(connection); });
        side->loop.post([self = shared_from_this(), side, downForNs] {
            if (!side->alive) return;
            side->events.state(false);
            if (downForNs < 0 || !side->alive) return;
            side->loop.after(downForNs, [self, side] { self->dial(side); });
        });
    }
    void partIf(const std::shared_ptr<NodeSide>& side, const std::shared_ptr<Connection>& connection)
    {
        {
            const std::lock_guard lock(side->mutex);
            if (!side->pipe || side->pipe->connection() != connection) return;
        }
        part(side, kRedialNs);
    }
    void drop(const std::shared_ptr<Connection>& connection)
    {
        if (!std::exchange(connection->accepted, false)) return;
        --m_links;
        if (!m_closed) m_head.broken(connection->number);
    }
    void cut(TimeNs downForNs)
    {
        std::vector<std::weak_ptr<NodeSide>> sides;
        {
            const std::lock_guard lock(m_mutex);
            sides = m_sides;
        }
        for (const auto& weak : sides)
            if (auto side = weak.lock()) part(side, downForNs);
    }
    void close() { m_closed = true; }
    std::size_t links() const { return m_links; }

private:
    static constexpr TimeNs kRedialNs = 20 * base::kMillisecond;
    const LinkOwner m_head;
    LinkFaults* const m_faults;
    std::atomic<bool> m_closed{false};
    std::size_t m_links = 0; // head's loop
    std::mutex m_mutex;      // guards the next
    std::vector<std::weak_ptr<NodeSide>> m_sides;
};

Loopback::Loopback(LinkOwner head, LinkFaults* faults) : m_hub(std::make_shared<Hub>(std::move(head), faults)) {}
Loopback::~Loopback() { m_hub->close(); }

std::unique_ptr<HeadLink> Loopback::connect(base::Loop& nodeLoop, LinkEvents events)
{
    auto side = std::make_shared<Hub::NodeSide>(nodeLoop, std::move(events));
    m_hub->add(side);
    return std::make_unique<Hub::ToHead>(m_hub, side);
}

void Loopback::cut(base::TimeNs downForNs) { m_hub->cut(downForNs); }
std::size_t Loopback::links() const { return m_hub->links(); }

} // namespace orrery::net
