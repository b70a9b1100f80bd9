// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkPool: a few threads that move bytes for many connections. Each connection is a BulkTask, a machine of states that does what
// can be done now and says what it waits for; so one whose peer stands still holds no thread.
// Thread: add() and kick() from any. turn() runs on the pool's threads, never twice at once for one task.
// Lifetime: threads begin with the first task; the destructor ends them and drops every task, and waits for a turn at most.
// No periodic wake: deadlines are one timer, and only while a task has one.

#include "engine/base/clock.h"
#include "engine/base/fd.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace orrery::rpc {

struct BulkTask {
    struct Wait {
        std::uint32_t events = 0;  // EPOLLIN, EPOLLOUT; 0: only a kick or the deadline
        base::TimeNs untilNs = 0;  // then turn(true); 0: never
        bool isOver = false;       // the pool lets go of it
    };
    virtual ~BulkTask() = default;
    // One descriptor all its life, not blocking.
    virtual int fd() const = 0;
    // May come without a reason.
    virtual Wait turn(bool isOverdue) = 0;
};

class BulkPool {
public:
    explicit BulkPool(unsigned threads);
    ~BulkPool();
    BulkPool(const BulkPool&) = delete;
    BulkPool& operator=(const BulkPool&) = delete;

    void add(std::shared_ptr<BulkTask> task);
    // One more turn, soon. Nothing when the task is over.
    void kick(const BulkTask* task);
    // Ends the threads; no turn runs after it. Tasks are dropped by the caller's thread.
    void stop();

private:
    struct Slot {
        std::shared_ptr<BulkTask> task;
        bool isRunning = false, isAgain = false, isReady = false, isOverdue = false, isAdded = false;
        base::TimeNs untilNs = 0, timerNs = 0;
    };
    void work();
    void ready(const BulkTask* task, Slot& slot);
    void run(std::unique_lock<std::mutex>& lock, const BulkTask* task);
    void arm(const BulkTask* task, Slot& slot, const BulkTask::Wait& wait);
    void setTimer(const BulkTask* task, Slot& slot, base::TimeNs atNs);
    void dropTimer(const BulkTask* task, Slot& slot);
    void wind();
    void expire();
    void wake();

    const unsigned m_count;
    base::UniqueFd m_epoll, m_wake, m_timer;
    std::mutex m_mutex; // guards the rest
    bool m_stop = false;
    std::vector<std::thread> m_threads;
    std::map<const BulkTask*, Slot> m_slots;
    std::deque<const BulkTask*> m_ready;
    std::set<std::pair<base::TimeNs, const BulkTask*>> m_timers;
    base::TimeNs m_timerSetNs = 0;
};

} // namespace orrery::rpc
