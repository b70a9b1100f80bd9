// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkServedLink: a server's end of one connection: greeting, then request by request. Its states are below; any may end it.
// Runs on: the pool's threads; opened() comes from the loop.

#include "engine/rpc/bulk_check.h"
#include "engine/rpc/bulk_pool.h"
#include "engine/rpc/bulk_server.h"
#include "engine/rpc/bulk_wire.h"

#include <atomic>

namespace orrery::rpc {

class BulkServedLink final : public BulkTask, public std::enable_shared_from_this<BulkServedLink> {
public:
    // What a link needs of its server. Thread: the pool's.
    struct Port {
        virtual ~Port() = default;
        // Answers by opened(), later.
        virtual void open(std::shared_ptr<BulkServedLink> link, const BulkKey& key) = 0;
        virtual void letGo(std::uint64_t pin) = 0;
        virtual void sent(std::uint64_t bytes) = 0;
        virtual void ended() = 0;
    };
    struct Opened {
        BulkStatus status = BulkStatus::Failed;
        std::span<const std::byte> bytes;
        std::uint64_t pin = 0; // 0: none
    };
    BulkServedLink(std::shared_ptr<Port> port, base::UniqueFd fd, const BulkLimits& limits, std::shared_ptr<const BulkTls> tls);
    ~BulkServedLink() override;
    int fd() const override { return m_wire.fd(); }
    Wait turn(bool isOverdue) override;
    // False: the link is over, the pin is still the caller's.
    bool opened(const Opened& opened);

private:
    enum class State : std::uint8_t { Magic, Shake, Hello, Request, Opening, Body };
    // What a step came to: go on with the next, wait for the socket, let others have the thread, or end.
    enum class Step : std::uint8_t { Next, Wait, Turn, Over };
    Step step();
    Step magic();
    Step shake();
    Step hello();
    Step request();
    Step opening();
    Step reply(const Opened& opened);
    Step body();
    Step read(std::size_t bytes);
    Step wait(BulkIo io) const { return io == BulkIo::Moved ? Step::Next : io == BulkIo::Again ? Step::Wait : Step::Over; }
    std::span<const std::byte> readyBytes();
    void chunkSent();
    void extend(base::TimeNs ns) { m_untilNs = base::systemClock().monoNs() + ns; }
    template <std::size_t N>
    void put(const std::array<std::byte, N>& frame);
    Wait end();

    const std::shared_ptr<Port> m_port;
    const BulkLimits m_limits;
    const std::shared_ptr<const BulkTls> m_tls;
    BulkWire m_wire;
    State m_state = State::Magic;
    base::TimeNs m_untilNs = 0;
    std::array<std::byte, kBulkRequestBytes> m_in;
    std::size_t m_inBytes = 0;
    std::array<std::byte, 32> m_out; // a frame or a checksum that goes before the next bytes
    std::size_t m_outAt = 0, m_outBytes = 0;
    std::size_t m_budget = 0;
    BulkRequest m_request;
    // Of the reply: what is pinned, and how far it is checked and sent.
    Opened m_object;
    std::uint64_t m_sentTo = 0, m_checkedTo = 0, m_chunkEnd = 0, m_end = 0;
    BulkCheck m_check;

    std::mutex m_mutex; // guards the next two
    std::optional<Opened> m_opened;
    bool m_isOver = false;
};

} // namespace orrery::rpc
