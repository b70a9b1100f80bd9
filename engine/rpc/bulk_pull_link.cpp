// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_pull_link.h"

#include "engine/rpc/bulk_socket.h"

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace orrery::rpc {

BulkPullLink::BulkPullLink(std::shared_ptr<Port> port, base::UniqueFd fd, const BulkLimits& limits, std::shared_ptr<const BulkTls> tls, std::string peerName)
    : m_port(std::move(port)), m_limits(limits), m_tls(std::move(tls)), m_peerName(std::move(peerName)), m_wire(std::move(fd))
{
    extend(m_limits.greetNs);
}

bool BulkPullLink::take(std::shared_ptr<BulkStream> stream)
{
    const std::lock_guard lock(m_mutex);
    if (m_isOver) return false;
    m_next = std::move(stream);
    return true;
}

// What the loop has put here.
void BulkPullLink::collect()
{
    const std::lock_guard lock(m_mutex);
    if (!m_stream && m_next) m_stream = std::move(m_next);
}

BulkTask::Wait BulkPullLink::turn(bool isOverdue)
{
    collect();
    const bool isLate = isOverdue && base::systemClock().monoNs() >= m_untilNs;
    if (m_stream && m_stream->isCancelled) end(BulkEnd::Cancelled, base::fail(base::Errc::Cancelled, "the pull was cancelled"), false);
    else if (isLate && m_state == State::Idle) stopped(BulkIo::Ended);
    else if (isLate) broke(m_state < State::Idle ? "it did not greet in time" : "it stood still for too long");
    m_budget = kBulkTurnBytes;
    while (m_state != State::Over) {
        switch (step()) {
        case Step::Next: continue;
        case Step::Wait: return {m_wire.wants(), m_untilNs, false};
        case Step::Turn: return {EPOLLIN, m_untilNs, false};
        }
    }
    return {0, 0, true};
}

BulkPullLink::Step BulkPullLink::step()
{
    switch (m_state) {
    case State::Connect: return connect();
    case State::Magic: return magic();
    case State::Shake: return shake();
    case State::Hello: return hello();
    case State::Idle: return idle();
    case State::Ask: return ask();
    case State::Sending: return sending();
    case State::Head: return head();
    case State::Body: return body();
    case State::Over: break;
    }
    return Step::Next;
}

// The stream goes back to the loop; the link too, unless it is kept.
BulkPullLink::Step BulkPullLink::end(BulkEnd how, base::Error error, bool isKept)
{
    if (how == BulkEnd::Broken && m_isReused) how = BulkEnd::Stale;
    m_state = isKept ? State::Idle : State::Over;
    m_isReused = true;
    if (isKept) {
        extend(m_limits.keptIdleNs);
        m_wire.rest();
    } else {
        const std::lock_guard lock(m_mutex);
        m_isOver = true;
    }
    m_port->ended(shared_from_this(), std::move(m_stream), how, std::move(error), isKept);
    m_stream = nullptr;
    return Step::Next;
}

BulkPullLink::Step BulkPullLink::stopped(BulkIo io)
{
    switch (io) {
    case BulkIo::Moved: return Step::Next;
    case BulkIo::Again: return Step::Wait;
    case BulkIo::Ended:
    case BulkIo::Broken:
    case BulkIo::Refused: break;
    }
    if (m_state == State::Idle) {
        {
            const std::lock_guard lock(m_mutex);
            if (m_next) return Step::Wait; // a stream came meanwhile, and its kick; it will find the connection broken
            m_isOver = true;
        }
        m_state = State::Over;
        m_port->gone(shared_from_this());
        return Step::Next;
    }
    if (io == BulkIo::Refused) return failed(base::Errc::Refused, "the certificates of the two nodes do not fit: " + m_wire.why(), false);
    return broke(io == BulkIo::Ended ? "the connection ended" : m_wire.why());
}

BulkPullLink::Step BulkPullLink::read(std::size_t bytes)
{
    while (m_frameAt < bytes) {
        const BulkMoved moved = m_wire.read(std::span(m_frame).subspan(m_frameAt, bytes - m_frameAt));
        if (moved.io != BulkIo::Moved) return stopped(moved.io);
        m_frameAt += moved.bytes;
    }
    m_frameAt = 0;
    return Step::Next;
}

BulkPullLink::Step BulkPullLink::connect()
{
    int number = 0;
    socklen_t size = sizeof number;
    if (getsockopt(fd(), SOL_SOCKET, SO_ERROR, &number, &size) != 0 || number != 0) return broke(std::strerror(number));
    sockaddr_storage peer{};
    size = sizeof peer;
    if (getpeername(fd(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
        m_wire.waitToWrite();
        return Step::Wait; // under way
    }
    if (isUnixSocket(fd()) && !isOurUser(fd())) return failed(base::Errc::Refused, "another user listens there", false);
    m_state = State::Magic;
    return Step::Next;
}

BulkPullLink::Step BulkPullLink::magic()
{
    while (m_frameAt < kBulkMagic.size()) {
        const BulkMoved moved = m_wire.write(std::span(kBulkMagic).subspan(m_frameAt));
        if (moved.io != BulkIo::Moved) return stopped(moved.io);
        m_frameAt += moved.bytes;
    }
    m_frameAt = 0;
    if (m_tls) m_wire.beginTls(m_tls, false, m_peerName);
    m_state = State::Shake;
    return Step::Next;
}

BulkPullLink::Step BulkPullLink::shake()
{
    if (const BulkIo io = m_wire.shake(); io != BulkIo::Moved) return stopped(io);
    m_state = State::Hello;
    return Step::Next;
}

BulkPullLink::Step BulkPullLink::hello()
{
    // read() may have ended the stream and the link; then the state says so.
    if (const Step got = read(kBulkHelloBytes); got != Step::Next || m_state != State::Hello) return got;
    auto status = parseHello(std::span(m_frame).first<kBulkHelloBytes>());
    if (!status) return failed(base::Errc::Refused, status.error().message, false);
    if (*status == BulkStatus::Busy) return broke("it serves as many as it can");
    if (*status != BulkStatus::Ok) return failed(base::Errc::Refused, "it turned this node away", false);
    m_state = State::Idle;
    return Step::Next;
}

BulkPullLink::Step BulkPullLink::idle()
{
    if (m_stream) {
        m_state = State::Ask;
        return Step::Next;
    }
    std::byte unasked;
    const BulkMoved moved = m_wire.read(std::span(&unasked, 1));
    return stopped(moved.io == BulkIo::Moved ? BulkIo::Broken : moved.io); // nobody may speak unasked
}

BulkPullLink::Step BulkPullLink::ask()
{
    const auto range = m_stream->plan.next();
    if (!range) return end(BulkEnd::Complete, {}, true);
    m_asked = *range;
    m_frame = packRequest({m_stream->key, m_asked});
    m_frameAt = 0;
    m_state = State::Sending;
    extend(m_limits.stallNs);
    return Step::Next;
}

BulkPullLink::Step BulkPullLink::sending()
{
    while (m_frameAt < kBulkRequestBytes) {
        const BulkMoved moved = m_wire.write(std::span(m_frame).subspan(m_frameAt));
        if (moved.io != BulkIo::Moved) return stopped(moved.io);
        m_frameAt += moved.bytes;
    }
    if (const BulkIo io = m_wire.flush(); io != BulkIo::Moved) return stopped(io);
    m_frameAt = 0;
    m_state = State::Head;
    return Step::Next;
}

BulkRange BulkPullLink::chunkAt(std::uint64_t offset) const
{
    return {offset, std::min(kBulkChunkBytes, m_asked.end() - offset)};
}

BulkPullLink::Step BulkPullLink::head()
{
    if (const Step got = read(kBulkReplyBytes); got != Step::Next || m_state != State::Head) return got;
    auto reply = parseReply(std::span(m_frame).first<kBulkReplyBytes>());
    m_isReused = false;
    if (!reply) return broke(reply.error().message);
    switch (reply->status) {
    case BulkStatus::Ok:
    case BulkStatus::BadRange: break;
    case BulkStatus::NotFound: return failed(base::Errc::NotFound, "the object is not there any more", true);
    case BulkStatus::Busy: return broke("it cannot open the object now");
    case BulkStatus::Refused: return failed(base::Errc::Refused, "it does not give the object away", true);
    case BulkStatus::Failed: return failed(base::Errc::Failed, "it failed to open the object", true);
    }
    const std::uint64_t expected = m_stream->to.size();
    if (reply->total != expected)
        return failed(base::Errc::Failed, "the object has " + std::to_string(reply->total) + " bytes there and " + std::to_string(expected) + " were expected", false);
    if (reply->status != BulkStatus::Ok || reply->bytes != m_asked.bytes || reply->isChecked == m_wire.isTls()) return broke("it answered what was not asked");
    if (m_asked.bytes == 0) {
        m_stream->plan.good(m_asked);
        m_state = State::Ask;
        return Step::Next;
    }
    m_at = m_asked.offset;
    m_chunk = chunkAt(m_at);
    m_check.reset(m_at);
    m_state = State::Body;
    return Step::Next;
}

BulkPullLink::Step BulkPullLink::body()
{
    while (m_state == State::Body) {
        // What TLS holds already would not make the socket readable again.
        if (m_budget == 0 && !m_wire.hasBuffered()) return Step::Turn;
        if (m_at < m_chunk.end()) {
            const auto to = m_stream->to.subspan(m_at, std::min<std::uint64_t>(kBulkPieceBytes, m_chunk.end() - m_at));
            const BulkMoved moved = m_wire.read(to);
            if (moved.io != BulkIo::Moved) return stopped(moved.io);
            if (!m_wire.isTls()) m_check.add(to.first(moved.bytes)); // while it is in the cache
            m_at += moved.bytes;
            m_budget -= std::min(m_budget, moved.bytes);
            m_port->received(moved.bytes);
        }
        if (m_at < m_chunk.end()) continue;
        if (m_wire.isTls()) {
            chunkCame(true);
            continue;
        }
        if (const Step got = read(kBulkCheckBytes); got != Step::Next || m_state != State::Body) return got;
        std::uint64_t sum = 0;
        std::memcpy(&sum, m_frame.data(), sizeof sum);
        chunkCame(sum == m_check.sum());
    }
    return Step::Next;
}

BulkPullLink::Step BulkPullLink::chunkCame(bool isRight)
{
    if (isRight) {
        m_stream->plan.good(m_chunk);
    } else {
        m_port->chunkWasWrong();
        if (!m_stream->plan.bad(m_chunk)) return failed(base::Errc::Failed, "its bytes came with a wrong checksum too often", false);
    }
    extend(m_limits.stallNs);
    if (m_at == m_asked.end()) {
        m_state = State::Ask;
        return Step::Next;
    }
    m_chunk = chunkAt(m_at);
    m_check.reset(m_at);
    return Step::Next;
}

} // namespace orrery::rpc
