// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Intake: how much of one stream was received and waits for the owner's loop. The loop takes every job that is posted to it; so
// the one who reads from a peer stops reading here, the socket fills, and it is the peer that waits.
// Thread: enter() is the reader's, the others are anybody's. Only the reader ever waits, and close() ends that.
// Bound: kIntakeMax messages and kIntakeBytesMax bytes; a message larger than that goes alone.

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace orrery::rpc {

inline constexpr std::size_t kIntakeMax = 1024;
inline constexpr std::size_t kIntakeBytesMax = 64u << 20;

class Intake {
public:
    // Waits for room. False: closed; the message is lost with its stream.
    bool enter(std::size_t bytes)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_closed || m_count == 0 || (m_count < kIntakeMax && m_bytes + bytes <= kIntakeBytesMax); });
        if (m_closed) return false;
        ++m_count;
        m_bytes += bytes;
        return true;
    }
    // The loop has taken what entered with so many bytes.
    void leave(std::size_t bytes)
    {
        const std::lock_guard lock(m_mutex);
        --m_count;
        m_bytes -= bytes;
        m_changed.notify_one();
    }
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        m_changed.notify_all();
    }

private:
    std::mutex m_mutex; // guards the rest
    std::condition_variable m_changed;
    std::size_t m_count = 0, m_bytes = 0;
    bool m_closed = false;
};

} // namespace orrery::rpc
