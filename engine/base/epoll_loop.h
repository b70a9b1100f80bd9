// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// EpollLoop: the real Loop. run() occupies the calling thread until stop().
// A process that only sits in run() makes no system call while nothing happens: no periodic wake.

#include "engine/base/fd.h"
#include "engine/base/loop.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace orrery::base {

class EpollLoop final : public Loop {
public:
    EpollLoop();
    ~EpollLoop() override;
    EpollLoop(const EpollLoop&) = delete;
    EpollLoop& operator=(const EpollLoop&) = delete;

    void run();
    // Any thread, also a signal-free context; run() returns after the job in progress.
    void stop();
    // Hook called on the loop before it would sleep; returns the most it may sleep (ns, -1: no limit, 0: do not sleep).
    // Used by the node to look at its lanes without a timer of its own.
    void setIdle(std::function<TimeNs()> idle) { m_idle = std::move(idle); }

    void post(Job job) override;
    bool onLoop() const override;
    TimerId after(TimeNs delayNs, Job job) override;
    void cancel(TimerId id) override;
    void watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> ready) override;
    void rewatch(int fd, std::uint32_t events) override;
    void unwatch(int fd) override;
    TimeNs nowNs() const override { return systemClock().monoNs(); }

private:
    struct Watch {
        std::function<void(std::uint32_t)> ready;
        std::uint64_t generation = 0;
    };
    void runPosted();
    TimeNs runTimers(); // ns until the next timer, -1 if none

    UniqueFd m_epoll;
    UniqueFd m_wake;
    std::atomic<bool> m_stop{false};
    std::atomic<std::thread::id> m_thread{};
    std::function<TimeNs()> m_idle;
    std::mutex m_mutex; // guards the next two
    std::vector<Job> m_posted;
    bool m_wakePending = false;
    // Loop thread only from here.
    std::unordered_map<int, std::shared_ptr<Watch>> m_watches;
    std::uint64_t m_generation = 0;
    std::map<std::pair<TimeNs, TimerId>, Job> m_timers;
    std::unordered_map<TimerId, TimeNs> m_timerAt;
    TimerId m_lastTimer = 0;
};

} // namespace orrery::base
