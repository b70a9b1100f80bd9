// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/tcp_door.h"

#include "engine/base/log.h"
#include "engine/rpc/bulk_frame.h"
#include "engine/rpc/bulk_socket.h"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace orrery::rpc {
namespace {

constexpr int kAcceptedAtOnce = 16;
constexpr base::TimeNs kAcceptAgainNs = 100 * base::kMillisecond; // when there are no descriptors left
constexpr base::TimeNs kPartAgainNs = 20 * base::kMillisecond;    // a peer that sent one to three bytes is looked at again then

} // namespace

TcpDoor::TcpDoor(base::Loop& loop, Taken grpc, Taken bulk) : m_loop(loop), m_grpc(std::move(grpc)), m_bulk(std::move(bulk)) {}

TcpDoor::~TcpDoor()
{
    if (m_again != 0) m_loop.cancel(m_again);
    if (m_listener) m_loop.unwatch(m_listener.get());
    for (auto& [fd, silent] : m_silent) {
        m_loop.cancel(silent.timer);
        m_loop.unwatch(fd);
    }
}

base::Result<void> TcpDoor::listen(const std::string& address)
{
    ORRERY_ON(m_loop);
    auto listener = listenTcp(address);
    if (!listener) return listener.error();
    m_address = localAddress(listener->get());
    m_listener = std::move(*listener);
    m_loop.watch(m_listener.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
    return {};
}

void TcpDoor::accept()
{
    for (int i = 0; i < kAcceptedAtOnce; ++i) {
        base::UniqueFd fd(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd) {
            if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
            // It would be ready again at once; so nobody looks for a while.
            m_loop.unwatch(m_listener.get());
            m_again = m_loop.after(kAcceptAgainNs, [this] {
                m_again = 0;
                m_loop.watch(m_listener.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
            });
            return;
        }
        if (m_silent.size() >= kDoorSilentMax) {
            base::logf(base::LogLevel::Warn, "door", "{} connections at {} say nothing; another one was closed", m_silent.size(), m_address);
            continue;
        }
        const int on = 1;
        setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const int number = fd.get();
        Silent& silent = m_silent[number];
        silent.fd = std::move(fd);
        silent.timer = m_loop.after(kDoorGreetNs, [this, number] {
            m_loop.unwatch(number);
            m_silent.erase(number);
        });
        m_loop.watch(number, EPOLLIN, [this, number](std::uint32_t) { look(number); });
    }
}

void TcpDoor::look(int fd)
{
    const auto found = m_silent.find(fd);
    if (found == m_silent.end()) return;
    std::array<std::byte, kBulkMagic.size()> first{};
    const ssize_t got = ::recv(fd, first.data(), first.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got > 0 && static_cast<std::size_t>(got) < first.size() && std::memcmp(first.data(), kBulkMagic.data(), static_cast<std::size_t>(got)) == 0) {
        // It stays readable, so watching it would spin; its deadline goes on.
        m_loop.unwatch(fd);
        m_loop.cancel(found->second.timer);
        const auto left = found->second.parts++ < kPartsMax;
        if (!left) {
            m_silent.erase(found);
            return;
        }
        found->second.timer = m_loop.after(kPartAgainNs, [this, fd] {
            const auto again = m_silent.find(fd);
            if (again == m_silent.end()) return;
            again->second.timer = m_loop.after(kDoorGreetNs, [this, fd] {
                m_loop.unwatch(fd);
                m_silent.erase(fd);
            });
            m_loop.watch(fd, EPOLLIN, [this, fd](std::uint32_t) { look(fd); });
        });
        return;
    }
    base::UniqueFd taken = std::move(found->second.fd);
    m_loop.cancel(found->second.timer);
    m_loop.unwatch(fd);
    m_silent.erase(found);
    if (got <= 0) return; // it left
    if (static_cast<std::size_t>(got) == first.size() && first == kBulkMagic) {
        if (m_bulk) m_bulk(std::move(taken));
        return;
    }
    m_grpc(std::move(taken));
}

} // namespace orrery::rpc
