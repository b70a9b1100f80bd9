// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/rpc/bulk_relay.h"

#include "engine/base/bytes.h"
#include "engine/rpc/bulk_socket.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace orrery::bulkworld {

Relay::Relay(base::UniqueFd listener, std::string to, std::function<Fault(int)> plan)
    : m_listener(std::move(listener)), m_end(eventfd(0, EFD_CLOEXEC)), m_to(std::move(to)), m_plan(std::move(plan)), m_accepting([this] { accept(); })
{
}

Relay::~Relay()
{
    m_isOver = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_end.get(), &one, sizeof one);
    m_accepting.join();
}

void Relay::accept()
{
    while (!m_isOver) {
        pollfd waits[2] = {{m_listener.get(), POLLIN, 0}, {m_end.get(), POLLIN, 0}};
        poll(waits, 2, -1);
        base::UniqueFd client(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!client || m_isOver) continue;
        const Fault fault = m_plan(m_connections++);
        m_threads.emplace_back([this, fd = std::move(client), fault]() mutable { pass(std::move(fd), fault); });
    }
    for (auto& thread : m_threads) thread.join();
}

void Relay::pass(base::UniqueFd client, const Fault& fault)
{
    auto server = rpc::connectBulk(m_to);
    if (!server) return;
    pollfd writable{server->get(), POLLOUT, 0};
    poll(&writable, 1, 10'000);
    fcntl(server->get(), F_SETFL, 0);
    base::Bytes buffer(64 * 1024);
    const auto sendAll = [this](int fd, std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            pollfd waits[2] = {{fd, POLLOUT, 0}, {m_end.get(), POLLIN, 0}};
            poll(waits, 2, -1);
            if (m_isOver) return false;
            const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno != EAGAIN) return false;
            if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
        }
        return true;
    };
    for (std::uint64_t passed = 0; !m_isOver;) {
        const bool isStopped = passed >= fault.stopAt;
        pollfd waits[3] = {{client.get(), POLLIN, 0}, {m_end.get(), POLLIN, 0}, {isStopped ? -1 : server->get(), POLLIN, 0}};
        poll(waits, 3, -1);
        if (waits[0].revents != 0) {
            const ssize_t got = ::recv(client.get(), buffer.data(), buffer.size(), 0);
            if (got <= 0 || !sendAll(server->get(), std::span(buffer).first(static_cast<std::size_t>(got)))) return;
        }
        if (waits[2].revents == 0) continue;
        const std::uint64_t most = std::min({fault.cutAt, fault.stopAt}) - passed;
        const ssize_t got = ::recv(server->get(), buffer.data(), std::min<std::uint64_t>(buffer.size(), most), 0);
        if (got <= 0) return;
        const auto bytes = std::span(buffer).first(static_cast<std::size_t>(got));
        if (fault.bendAt >= passed && fault.bendAt - passed < bytes.size()) bytes[fault.bendAt - passed] ^= std::byte{16};
        if (!sendAll(client.get(), bytes)) return;
        passed += bytes.size();
        if (passed < fault.cutAt) continue;
        if (fault.atCut) fault.atCut();
        return;
    }
}

} // namespace orrery::bulkworld
