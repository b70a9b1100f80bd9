// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Relay: passes bytes between a puller and its server, and breaks, bends or stops them where a test says.
// Thread: made and ended by the test's; each connection has a thread of the relay's.

#include "engine/base/fd.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace orrery::bulkworld {

class Relay {
public:
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};
    struct Fault {
        std::uint64_t cutAt = kNever;   // closes both sides when so many bytes have passed
        std::uint64_t bendAt = kNever;  // this byte arrives with a bit turned
        std::uint64_t stopAt = kNever;  // from here on nothing passes, and nothing is closed
        std::function<void()> atCut = {}; // before the cut; on the relay's thread
    };
    // to: the server's address. The plan gets the connection's number, from 0; on the relay's thread.
    Relay(base::UniqueFd listener, std::string to, std::function<Fault(int)> plan);
    ~Relay();
    int connections() const { return m_connections; }

private:
    void accept();
    void pass(base::UniqueFd client, const Fault& fault);
    base::UniqueFd m_listener, m_end;
    const std::string m_to;
    const std::function<Fault(int)> m_plan;
    std::atomic<int> m_connections{0};
    std::atomic<bool> m_isOver{false};
    std::vector<std::thread> m_threads; // of the accepting thread
    std::thread m_accepting;
};

} // namespace orrery::bulkworld
