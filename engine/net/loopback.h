// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Loopback: the transport between a head and its nodes inside one process, for tests and the simulator. It promises what the
// gRPC stream promises and no more: order while a link stands, and what is under way when it breaks is lost.
// Faults, where a port for them is given, are decided per message: lost, doubled, delayed. Delays keep the order, so one late
// message holds up those behind it, as on a stream.
// Runs on: the loops of the two ends, which may be one. connect() and cut() are called on the head's loop when both ends share it;
// with two threads, anything from any thread.
// Lives: until after every HeadLink and NodeLink it made is no longer used; what is posted then finds nothing.
// Bound: none of its own; a test that floods a loop that stands still sees its memory grow.

#include "engine/base/random.h"
#include "engine/net/link_events.h"

namespace orrery::net {

struct Fate {
    bool lost = false;
    bool doubled = false;
    base::TimeNs delayNs = 0;
};

struct LinkFaults {
    virtual ~LinkFaults() = default;
    virtual Fate toHead(const FromNode& message) = 0;
    virtual Fate toNode(const ToNode& message) = 0;
};

// The same seed gives the same fates. Thread: one; for a Loopback whose ends share a loop.
class SeededFaults final : public LinkFaults {
public:
    struct Odds {
        double lost = 0, doubled = 0, delayed = 0;
        base::TimeNs delayMaxNs = 100 * base::kMillisecond;
    };
    SeededFaults(std::uint64_t seed, Odds odds) : m_random(seed), m_odds(odds) {}
    Fate toHead(const FromNode&) override { return draw(); }
    Fate toNode(const ToNode&) override { return draw(); }

private:
    Fate draw();
    base::Random m_random;
    const Odds m_odds;
};

class Loopback {
public:
    // faults: may be null; outlives the loopback.
    explicit Loopback(LinkOwner head, LinkFaults* faults = nullptr);
    ~Loopback();
    Loopback(const Loopback&) = delete;
    Loopback& operator=(const Loopback&) = delete;
    // A node's end, up as soon as the two loops have run.
    std::unique_ptr<HeadLink> connect(base::Loop& nodeLoop, LinkEvents events);
    // Breaks every link. Each node's end connects again by itself after downForNs of its own loop's time.
    void cut(base::TimeNs downForNs);
    // Links that stand now, by what the head's end knows. On the head's loop.
    std::size_t links() const;

private:
    class Hub;
    std::shared_ptr<Hub> m_hub;
};

} // namespace orrery::net
