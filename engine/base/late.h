// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Late: a value that one thread gives after others have begun to ask for it.
// Thread: any. Lives: longer than every asker.

#include <mutex>
#include <utility>

namespace orrery::base {

template <typename T>
class Late {
public:
    void set(T value)
    {
        const std::lock_guard lock(m_mutex);
        m_value = std::move(value);
    }
    // As it is now; empty until it was given.
    T get() const
    {
        const std::lock_guard lock(m_mutex);
        return m_value;
    }

private:
    mutable std::mutex m_mutex;
    T m_value{};
};

} // namespace orrery::base
