// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkPullLink: a puller's end of one connection. It greets, then asks for what a stream's plan says until the plan is done; then
// it waits for the next stream. A stream belongs to its link from take() until ended(), else to the loop.
// Runs on: the pool's threads; take() comes from the loop.

#include "engine/rpc/bulk_check.h"
#include "engine/rpc/bulk_plan.h"
#include "engine/rpc/bulk_pool.h"
#include "engine/rpc/bulk_wire.h"

#include <atomic>

namespace orrery::rpc {

// One range of one pull.
struct BulkStream {
    BulkStream(const BulkKey& of, BulkPlan what, std::span<std::byte> all) : key(of), plan(std::move(what)), to(all) {}
    const BulkKey key;
    BulkPlan plan;
    const std::span<std::byte> to; // the whole object
    std::atomic<bool> isCancelled{false}; // by the loop, seen by the link
    // Of the loop only.
    std::uint64_t pull = 0;
    enum class Where : std::uint8_t { Waiting, Running, Paused, Over } where = Where::Waiting;
    std::uint64_t timer = 0;
    const BulkTask* link = nullptr;
};

// How a stream left its link. Stale: a kept connection that the server had closed; no try was lost.
enum class BulkEnd : std::uint8_t { Complete, Broken, Stale, Failed, Cancelled };

class BulkPullLink final : public BulkTask, public std::enable_shared_from_this<BulkPullLink> {
public:
    // Thread: the pool's.
    struct Port {
        virtual ~Port() = default;
        // error: why Broken or Failed. isKept: the link waits for the next stream.
        virtual void ended(std::shared_ptr<BulkPullLink> link, std::shared_ptr<BulkStream> stream, BulkEnd how, base::Error error, bool isKept) = 0;
        // It was kept and is over now.
        virtual void gone(std::shared_ptr<BulkPullLink> link) = 0;
        virtual void received(std::uint64_t bytes) = 0;
        virtual void chunkWasWrong() = 0;
    };
    BulkPullLink(std::shared_ptr<Port> port, base::UniqueFd fd, const BulkLimits& limits, std::shared_ptr<const BulkTls> tls, std::string peerName);
    int fd() const override { return m_wire.fd(); }
    Wait turn(bool isOverdue) override;
    // False: the link is over. REQUIRES: it has no stream. A kick follows.
    bool take(std::shared_ptr<BulkStream> stream);

private:
    enum class State : std::uint8_t { Connect, Magic, Shake, Hello, Idle, Ask, Sending, Head, Body, Over };
    enum class Step : std::uint8_t { Next, Wait, Turn };
    Step step();
    Step connect();
    Step magic();
    Step shake();
    Step hello();
    Step idle();
    Step ask();
    Step sending();
    Step head();
    Step body();
    Step chunkCame(bool isRight);
    Step read(std::size_t bytes);
    Step stopped(BulkIo io);
    Step broke(std::string why, base::Errc code = base::Errc::Unavailable) { return end(BulkEnd::Broken, base::fail(code, std::move(why)), false); }
    Step failed(base::Errc code, std::string why, bool isKept) { return end(BulkEnd::Failed, base::fail(code, std::move(why)), isKept); }
    Step end(BulkEnd how, base::Error error, bool isKept);
    void collect();
    void extend(base::TimeNs ns) { m_untilNs = base::systemClock().monoNs() + ns; }
    BulkRange chunkAt(std::uint64_t offset) const;

    const std::shared_ptr<Port> m_port;
    const BulkLimits m_limits;
    const std::shared_ptr<const BulkTls> m_tls;
    const std::string m_peerName;
    BulkWire m_wire;
    State m_state = State::Connect;
    base::TimeNs m_untilNs = 0;
    std::size_t m_budget = 0;
    bool m_isReused = false; // and nothing came for this stream yet
    std::array<std::byte, kBulkRequestBytes> m_frame; // the one that is sent or received
    std::size_t m_frameAt = 0;
    std::shared_ptr<BulkStream> m_stream;
    BulkRange m_asked, m_chunk;
    std::uint64_t m_at = 0; // up to here bytes lie in their place
    BulkCheck m_check;

    std::mutex m_mutex; // guards the next two
    std::shared_ptr<BulkStream> m_next;
    bool m_isOver = false;
};

} // namespace orrery::rpc
