// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_served_link.h"

#include <algorithm>
#include <sys/epoll.h>

namespace orrery::rpc {

BulkServedLink::BulkServedLink(std::shared_ptr<Port> port, base::UniqueFd fd, const BulkLimits& limits, std::shared_ptr<const BulkTls> tls)
    : m_port(std::move(port)), m_limits(limits), m_tls(std::move(tls)), m_wire(std::move(fd))
{
    extend(m_limits.greetNs);
}

BulkServedLink::~BulkServedLink()
{
    m_port->ended();
}

bool BulkServedLink::opened(const Opened& opened)
{
    const std::lock_guard lock(m_mutex);
    if (m_isOver) return false;
    m_opened = opened;
    return true;
}

BulkTask::Wait BulkServedLink::turn(bool isOverdue)
{
    if (isOverdue && base::systemClock().monoNs() >= m_untilNs) return end();
    m_budget = kBulkTurnBytes;
    for (;;) {
        switch (step()) {
        case Step::Next: continue;
        case Step::Wait: return {m_state == State::Opening ? 0 : m_wire.wants(), m_untilNs, false};
        case Step::Turn: return {EPOLLOUT, m_untilNs, false};
        case Step::Over: return end();
        }
    }
}

BulkTask::Wait BulkServedLink::end()
{
    const std::lock_guard lock(m_mutex);
    m_isOver = true;
    if (m_opened) m_object = *m_opened;
    if (m_object.pin != 0) m_port->letGo(std::exchange(m_object.pin, 0));
    return {0, 0, true};
}

BulkServedLink::Step BulkServedLink::step()
{
    switch (m_state) {
    case State::Magic: return magic();
    case State::Shake: return shake();
    case State::Hello: return hello();
    case State::Request: return request();
    case State::Opening: return opening();
    case State::Body: return body();
    }
    return Step::Over;
}

// Next: so many bytes lie in m_in.
BulkServedLink::Step BulkServedLink::read(std::size_t bytes)
{
    while (m_inBytes < bytes) {
        const BulkMoved moved = m_wire.read(std::span(m_in).subspan(m_inBytes, bytes - m_inBytes));
        if (moved.io != BulkIo::Moved) return wait(moved.io);
        // Once a request has begun it must come whole.
        if (m_state == State::Request && m_inBytes == 0) extend(m_limits.greetNs);
        m_inBytes += moved.bytes;
    }
    m_inBytes = 0;
    return Step::Next;
}

template <std::size_t N>
void BulkServedLink::put(const std::array<std::byte, N>& frame)
{
    ORRERY_ASSERT(m_outBytes + N <= m_out.size());
    std::copy(frame.begin(), frame.end(), m_out.begin() + static_cast<std::ptrdiff_t>(m_outBytes));
    m_outBytes += N;
}

BulkServedLink::Step BulkServedLink::magic()
{
    if (const Step got = read(kBulkMagic.size()); got != Step::Next) return got;
    if (!std::equal(kBulkMagic.begin(), kBulkMagic.end(), m_in.begin())) return Step::Over;
    if (m_tls) m_wire.beginTls(m_tls, true, {});
    m_state = State::Shake;
    return Step::Next;
}

BulkServedLink::Step BulkServedLink::shake()
{
    if (const BulkIo io = m_wire.shake(); io != BulkIo::Moved) return wait(io);
    put(packHello(BulkStatus::Ok));
    m_state = State::Hello;
    return Step::Next;
}

BulkServedLink::Step BulkServedLink::hello()
{
    while (m_outAt < m_outBytes) {
        const BulkMoved moved = m_wire.write(std::span(m_out).subspan(m_outAt, m_outBytes - m_outAt));
        if (moved.io != BulkIo::Moved) return wait(moved.io);
        m_outAt += moved.bytes;
    }
    if (const BulkIo io = m_wire.flush(); io != BulkIo::Moved) return wait(io);
    m_outAt = m_outBytes = 0;
    m_state = State::Request;
    return Step::Next;
}

BulkServedLink::Step BulkServedLink::request()
{
    if (const Step got = read(kBulkRequestBytes); got != Step::Next) {
        if (got == Step::Wait) m_wire.rest();
        return got;
    }
    auto request = parseRequest(std::span<const std::byte, kBulkRequestBytes>(m_in));
    if (!request || !m_wire.stillKnowsPeer()) return Step::Over;
    m_request = *request;
    m_state = State::Opening;
    extend(m_limits.stallNs);
    m_port->open(shared_from_this(), m_request.key);
    return Step::Wait;
}

BulkServedLink::Step BulkServedLink::opening()
{
    std::optional<Opened> opened;
    {
        const std::lock_guard lock(m_mutex);
        opened.swap(m_opened);
    }
    return opened ? reply(*opened) : Step::Wait;
}

BulkServedLink::Step BulkServedLink::reply(const Opened& opened)
{
    m_object = opened;
    const std::uint64_t total = opened.bytes.size();
    BulkReply head{opened.status, !m_wire.isTls(), total, 0};
    const BulkRange range = m_request.range;
    if (opened.status == BulkStatus::Ok && range.end() <= total) head.bytes = range.bytes; // parseRequest: the end does not overflow
    else if (opened.status == BulkStatus::Ok) head.status = BulkStatus::BadRange;
    put(packReply(head));
    m_sentTo = m_checkedTo = head.bytes > 0 ? range.offset : 0;
    m_end = m_sentTo + head.bytes;
    m_chunkEnd = std::min(m_sentTo + kBulkChunkBytes, m_end);
    m_check.reset(m_sentTo);
    m_state = State::Body;
    extend(m_limits.stallNs);
    return Step::Next;
}

// What goes next, of the chunk that is under way. In the clear it is hashed first, piece by piece: then the socket's copy
// finds it in the cache.
std::span<const std::byte> BulkServedLink::readyBytes()
{
    if (m_wire.isTls()) return m_object.bytes.subspan(m_sentTo, m_chunkEnd - m_sentTo);
    if (m_checkedTo == m_sentTo) {
        const auto piece = m_object.bytes.subspan(m_sentTo, std::min<std::uint64_t>(kBulkPieceBytes, m_chunkEnd - m_sentTo));
        m_check.add(piece);
        m_checkedTo += piece.size();
    }
    return m_object.bytes.subspan(m_sentTo, m_checkedTo - m_sentTo);
}

void BulkServedLink::chunkSent()
{
    if (!m_wire.isTls()) {
        const std::uint64_t sum = m_check.sum();
        std::array<std::byte, kBulkCheckBytes> check;
        std::memcpy(check.data(), &sum, sizeof sum);
        m_outAt = m_outBytes = 0;
        put(check);
        m_check.reset(m_chunkEnd);
    }
    m_chunkEnd = std::min(m_chunkEnd + kBulkChunkBytes, m_end);
    extend(m_limits.stallNs);
}

BulkServedLink::Step BulkServedLink::body()
{
    while (m_sentTo < m_end || m_outAt < m_outBytes) {
        if (m_budget == 0) return Step::Turn;
        const auto before = std::span<const std::byte>(m_out).subspan(m_outAt, m_outBytes - m_outAt);
        const auto bytes = m_sentTo < m_end ? readyBytes() : std::span<const std::byte>();
        const BulkMoved moved = m_wire.write(before, bytes);
        if (moved.io != BulkIo::Moved) return wait(moved.io);
        const std::size_t ofFrame = std::min(moved.bytes, before.size()), ofObject = moved.bytes - ofFrame;
        m_outAt += ofFrame;
        m_sentTo += ofObject;
        m_checkedTo = std::max(m_checkedTo, m_sentTo);
        m_budget -= std::min(m_budget, moved.bytes);
        m_port->sent(ofObject);
        if (ofObject > 0 && m_sentTo == m_chunkEnd) chunkSent();
    }
    if (const BulkIo io = m_wire.flush(); io != BulkIo::Moved) return wait(io);
    m_outAt = m_outBytes = 0;
    if (m_object.pin != 0) m_port->letGo(m_object.pin);
    m_object = {};
    m_state = State::Request;
    extend(m_limits.servedIdleNs);
    return Step::Next;
}

} // namespace orrery::rpc
