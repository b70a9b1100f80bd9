// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunLoader: reads records of earlier runs, one after the other, on a thread of its own that begins with the first.
// Thread: load() from any; read is called on the loader's thread, once each. Bound: kLoadsWaitingMax wait; one more is refused.
// Lifetime: the destructor waits for the record being read; those that wait are refused (Closed).

#include "engine/archive/recorded_run.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace orrery::archive {

inline constexpr std::size_t kLoadsWaitingMax = 32;

class RunLoader {
public:
    using Read = std::function<void(base::Result<RecordedRun>)>;
    RunLoader() = default;
    ~RunLoader();
    RunLoader(const RunLoader&) = delete;
    RunLoader& operator=(const RunLoader&) = delete;
    void load(std::filesystem::path record, Read read);

private:
    struct Wanted {
        std::filesystem::path record;
        Read read;
    };
    void work();

    std::mutex m_mutex; // guards the rest, but the thread
    std::condition_variable m_work;
    std::deque<Wanted> m_waiting;
    bool m_stop = false;
    std::thread m_thread;
};

} // namespace orrery::archive
