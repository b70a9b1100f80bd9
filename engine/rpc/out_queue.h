// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// OutQueue: messages that wait for the one thread that writes a stream. Thread: any.

#include "engine/rpc/envelope.h"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace orrery::rpc {

inline constexpr std::size_t kQueuedMax = 100'000; // messages of one stream that wait to be sent
inline constexpr std::size_t kQueuedBytesMax = 512u << 20; // and their bytes: twice what a peer's channel may have unacknowledged

class OutQueue {
public:
    explicit OutQueue(std::size_t most) : m_most(most) {}
    // False: closed, or the reader is hopelessly behind (then it is closed now).
    bool push(::orrery::v1::Envelope envelope)
    {
        const std::lock_guard lock(m_mutex);
        const std::size_t bytes = envelope.body().size();
        if (m_closed || m_queue.size() >= m_most || (m_bytes > 0 && m_bytes + bytes > kQueuedBytesMax)) {
            m_closed = true;
            m_changed.notify_all();
            return false;
        }
        m_bytes += bytes;
        m_queue.push_back(std::move(envelope));
        m_changed.notify_one();
        return true;
    }
    // Waits. False: closed and empty.
    bool pop(::orrery::v1::Envelope& envelope)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_closed || !m_queue.empty(); });
        if (m_queue.empty()) return false;
        envelope = std::move(m_queue.front());
        m_queue.pop_front();
        m_bytes -= envelope.body().size();
        return true;
    }
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        m_changed.notify_all();
    }

private:
    const std::size_t m_most;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<::orrery::v1::Envelope> m_queue;
    std::size_t m_bytes = 0; // that wait
    bool m_closed = false;
};

} // namespace orrery::rpc
