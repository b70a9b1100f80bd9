// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_wire.h"

#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace orrery::rpc {

void BulkWire::beginTls(std::shared_ptr<const BulkTls> tls, bool isServer, const std::string& peerName)
{
    m_tls = std::make_unique<BulkTlsSession>(std::move(tls), m_fd.get(), isServer, peerName);
}

void BulkWire::waitToWrite()
{
    m_wants = EPOLLOUT;
}

BulkIo BulkWire::waitingFor(BulkIo io)
{
    if (io == BulkIo::Again) m_wants = m_tls->hasUnsent() ? std::uint32_t{EPOLLOUT} : std::uint32_t{EPOLLIN};
    return io;
}

BulkIo BulkWire::shake()
{
    return m_tls ? waitingFor(m_tls->shake()) : BulkIo::Moved;
}

BulkMoved BulkWire::failed(std::uint32_t wants)
{
    if (errno == EAGAIN) {
        m_wants = wants;
        return {BulkIo::Again, 0};
    }
    m_why = std::strerror(errno);
    return {BulkIo::Broken, 0};
}

BulkMoved BulkWire::read(std::span<std::byte> to)
{
    if (to.empty()) return {BulkIo::Moved, 0};
    if (m_tls) {
        const BulkMoved moved = m_tls->read(to);
        if (moved.io == BulkIo::Again) m_wants = m_tls->hasUnsent() ? std::uint32_t{EPOLLIN | EPOLLOUT} : std::uint32_t{EPOLLIN};
        return moved;
    }
    for (;;) {
        const ssize_t got = ::recv(m_fd.get(), to.data(), to.size(), MSG_DONTWAIT);
        if (got > 0) return {BulkIo::Moved, static_cast<std::size_t>(got)};
        if (got == 0) return {BulkIo::Ended, 0};
        if (errno != EINTR) return failed(EPOLLIN);
    }
}

BulkMoved BulkWire::write(std::span<const std::byte> first, std::span<const std::byte> second)
{
    if (first.empty() && second.empty()) return {BulkIo::Moved, 0};
    if (m_tls) {
        // One span a call: under TLS only the small head of a reply comes before bytes, once for a whole range.
        BulkMoved moved = m_tls->write(first.empty() ? second : first);
        waitingFor(moved.io);
        return moved;
    }
    iovec parts[2] = {{const_cast<std::byte*>(first.data()), first.size()}, {const_cast<std::byte*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = first.empty() ? parts + 1 : parts;
    message.msg_iovlen = first.empty() || second.empty() ? 1 : 2;
    for (;;) {
        const ssize_t sent = ::sendmsg(m_fd.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) return {BulkIo::Moved, static_cast<std::size_t>(sent)};
        if (errno != EINTR) return failed(EPOLLOUT);
    }
}

} // namespace orrery::rpc
