// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Cable: a Unix socket that leads to another, as a tunnel to another computer does, with a plug: pulled, it carries nothing and closes
// nothing, so neither end is told. It counts what it carries.
// Thread: all calls from the test's; the bytes go by a thread of its own.

#include "engine/base/fd.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <list>
#include <string>
#include <sys/poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace orrery::tests {

class Cable {
public:
    Cable(std::string socket, std::string to) : m_path(std::move(socket)), m_to(std::move(to)), m_listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const auto address = at(m_path);
        m_isThere = ::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(m_listener.get(), 16) == 0;
        m_thread = std::thread([this] { carry(); });
    }
    ~Cable()
    {
        m_stop = true;
        m_thread.join();
        ::unlink(m_path.c_str());
    }
    bool isThere() const { return m_isThere; }
    void pull() { m_pulled = true; }
    void plug() { m_pulled = false; }
    std::uint64_t toHead() const { return m_toHead; }     // bytes so far
    std::uint64_t toWindow() const { return m_toWindow; }

private:
    struct Way {
        base::UniqueFd window, head;
    };
    static sockaddr_un at(const std::string& path)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), std::min(path.size() + 1, sizeof address.sun_path - 1));
        return address;
    }
    void carry()
    {
        std::list<Way> ways;
        while (!m_stop) {
            std::vector<pollfd> polled;
            if (!m_pulled) {
                polled.push_back({m_listener.get(), POLLIN, 0});
                for (const auto& way : ways) {
                    polled.push_back({way.window.get(), POLLIN, 0});
                    polled.push_back({way.head.get(), POLLIN, 0});
                }
            }
            if (::poll(polled.data(), polled.size(), 20) <= 0) continue;
            std::size_t i = 1;
            for (auto way = ways.begin(); way != ways.end(); i += 2) {
                const bool open = move(polled[i], way->window.get(), way->head.get(), m_toHead) && move(polled[i + 1], way->head.get(), way->window.get(), m_toWindow);
                way = open ? std::next(way) : ways.erase(way);
            }
            if (polled[0].revents == 0) continue;
            Way way{base::UniqueFd(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC)), base::UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))};
            const auto address = at(m_to);
            if (way.window && ::connect(way.head.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) ways.push_back(std::move(way));
        }
    }
    // False: one end was closed.
    static bool move(const pollfd& polled, int from, int to, std::atomic<std::uint64_t>& count)
    {
        if (polled.revents == 0) return true;
        char bytes[65536];
        const auto got = ::read(from, bytes, sizeof bytes);
        if (got <= 0) return false;
        for (ssize_t sent = 0; sent < got;) {
            const auto more = ::send(to, bytes + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
            if (more <= 0) return false;
            sent += more;
        }
        count += static_cast<std::uint64_t>(got);
        return true;
    }

    const std::string m_path, m_to;
    const base::UniqueFd m_listener;
    bool m_isThere = false;
    std::atomic<bool> m_stop{false}, m_pulled{false};
    std::atomic<std::uint64_t> m_toHead{0}, m_toWindow{0};
    std::thread m_thread;
};

} // namespace orrery::tests
