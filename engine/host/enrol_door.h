// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// EnrolDoor: the port at which machines that have no certificate yet ask for one. Open only while somebody may: its owner opens and
// closes it. Each connection is one handshake (the head shows its certificate, the joiner none), one request, one answer.
// Thread: open() and close() on one thread of the owner's; connections have a thread and a loop of their own, so that a stranger
// delays nobody. asked comes on that thread; the answer may be given from any, once.
// Bound: kEnrolLinksMax connections, each for kEnrolLimitNs in all; one more is closed at once.

#include "engine/base/epoll_loop.h"
#include "engine/security/enrol_link.h"

#include <map>
#include <thread>

namespace orrery::host {

inline constexpr std::size_t kEnrolLinksMax = 16;
inline constexpr base::TimeNs kEnrolLimitNs = 15 * base::kSecond;

class EnrolDoor {
public:
    using Answer = std::function<void(security::EnrolReply)>;
    // The request, or why it is none; from: the address it came from.
    using Asked = std::function<void(base::Result<security::EnrolRequest>, const std::string& from, Answer)>;
    static base::Result<std::unique_ptr<EnrolDoor>> make(const security::Identity& head, Asked asked);
    ~EnrolDoor();
    EnrolDoor(const EnrolDoor&) = delete;
    EnrolDoor& operator=(const EnrolDoor&) = delete;

    // "<numeric address>:<port>", with port 0 the one it had before, else one that the system chooses. Where it is open now.
    base::Result<std::string> open(const std::string& address);
    void close(); // no new connection; those that are there end by themselves
    bool isOpen() const { return m_open; }
    const std::string& address() const { return m_before; } // where it was opened last
    // Connections from now on are shown this certificate of the head.
    base::Result<void> show(const security::Identity& head);

private:
    struct Link {
        base::UniqueFd fd;
        std::unique_ptr<security::EnrolLink> tls;
        std::string from;
        base::TimerId timer = 0;
        enum class State : std::uint8_t { Shake, Receive, Asked, Send } state = State::Shake;
    };
    EnrolDoor(std::unique_ptr<security::TlsContext> tls, Asked asked);
    void accept();
    void step(std::uint64_t number);
    void answered(std::uint64_t number, const security::EnrolReply& reply);
    void end(std::uint64_t number);

    const Asked m_asked;
    bool m_open = false;      // owner's thread
    std::string m_before;     // likewise: the address it had
    base::EpollLoop m_loop;
    base::UniqueFd m_listener; // of the loop's thread, like the rest
    std::vector<std::unique_ptr<security::TlsContext>> m_tls; // the last one is shown; one a month, and connections outlive it
    std::map<std::uint64_t, Link> m_links;
    std::uint64_t m_last = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    std::thread m_thread;
};

} // namespace orrery::host
