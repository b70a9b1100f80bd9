// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/epoll_loop.h"

#include "engine/base/assert.h"
#include "engine/base/log.h"

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace orrery::base {

EpollLoop::EpollLoop() : m_epoll(epoll_create1(EPOLL_CLOEXEC)), m_wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    ORRERY_ASSERT(m_epoll && m_wake);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint64_t>(m_wake.get());
    ORRERY_ASSERT(epoll_ctl(m_epoll.get(), EPOLL_CTL_ADD, m_wake.get(), &event) == 0);
}

EpollLoop::~EpollLoop() = default;

void EpollLoop::run()
{
    m_thread.store(std::this_thread::get_id());
    while (!m_stop.load()) {
        runPosted();
        TimeNs waitNs = runTimers();
        if (m_stop.load()) break;
        if (m_idle) {
            waitNs = m_idle();
            // The hook may have armed a timer of its own.
            if (!m_timers.empty()) {
                const TimeNs due = std::max<TimeNs>(m_timers.begin()->first.first - nowNs(), 0);
                if (waitNs < 0 || due < waitNs) waitNs = due;
            }
        }
        {
            const std::lock_guard lock(m_mutex);
            if (!m_posted.empty()) waitNs = 0;
        }
        timespec timeout{};
        timeout.tv_sec = waitNs / kSecond;
        timeout.tv_nsec = waitNs % kSecond;
        epoll_event events[64];
        const int count = epoll_pwait2(m_epoll.get(), events, 64, waitNs < 0 ? nullptr : &timeout, nullptr);
        ORRERY_ASSERT(count >= 0 || errno == EINTR);
        for (int i = 0; i < count; ++i) {
            const int fd = static_cast<int>(events[i].data.u64 & 0xffffffffu);
            if (fd == m_wake.get()) {
                std::uint64_t value = 0;
                [[maybe_unused]] const ssize_t got = ::read(fd, &value, sizeof value);
                continue;
            }
            const auto found = m_watches.find(fd);
            // An earlier callback of this round may have closed the descriptor, and another may have taken its number.
            if (found == m_watches.end() || (found->second->generation & 0xffffffffu) != (events[i].data.u64 >> 32)) continue;
            const auto watch = found->second;
            watch->ready(events[i].events);
        }
    }
    runPosted();
    m_thread.store(std::thread::id{});
}

void EpollLoop::stop()
{
    m_stop.store(true);
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_wake.get(), &one, sizeof one);
}

void EpollLoop::post(Job job)
{
    bool wake = false, overflows = false;
    {
        const std::lock_guard lock(m_mutex);
        m_posted.push_back(std::move(job));
        overflows = m_posted.size() == kLoopJobsMax + 1; // a line each time that it grows over it
        wake = !std::exchange(m_wakePending, true);
    }
    if (wake) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(m_wake.get(), &one, sizeof one);
    }
    if (overflows) logf(LogLevel::Error, "loop", "more than {} jobs wait for a loop: somebody posts to it without a bound; they are kept", kLoopJobsMax);
}

bool EpollLoop::onLoop() const
{
    const auto thread = m_thread.load();
    // Before run() and after it the owner of the loop may touch its tables.
    return thread == std::thread::id{} || thread == std::this_thread::get_id();
}

void EpollLoop::runPosted()
{
    std::vector<Job> jobs;
    {
        const std::lock_guard lock(m_mutex);
        jobs.swap(m_posted);
        m_wakePending = false;
    }
    for (auto& job : jobs) job();
}

TimerId EpollLoop::after(TimeNs delayNs, Job job)
{
    ORRERY_ON(*this);
    const TimeNs at = nowNs() + delayNs;
    const TimerId id = ++m_lastTimer;
    m_timers.emplace(std::pair(at, id), std::move(job));
    m_timerAt.emplace(id, at);
    return id;
}

void EpollLoop::cancel(TimerId id)
{
    ORRERY_ON(*this);
    const auto found = m_timerAt.find(id);
    if (found == m_timerAt.end()) return;
    m_timers.erase({found->second, id});
    m_timerAt.erase(found);
}

TimeNs EpollLoop::runTimers()
{
    while (!m_timers.empty() && !m_stop.load()) {
        const TimeNs now = nowNs();
        const auto first = m_timers.begin();
        if (first->first.first > now) return first->first.first - now;
        Job job = std::move(first->second);
        m_timerAt.erase(first->first.second);
        m_timers.erase(first);
        job();
    }
    return -1;
}

void EpollLoop::watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> ready)
{
    ORRERY_ON(*this);
    auto entry = std::make_shared<Watch>();
    entry->ready = std::move(ready);
    entry->generation = ++m_generation;
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(static_cast<std::uint32_t>(fd)) | (entry->generation << 32);
    const bool known = m_watches.count(fd) > 0;
    ORRERY_ASSERT(epoll_ctl(m_epoll.get(), known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0);
    m_watches[fd] = std::move(entry);
}

void EpollLoop::rewatch(int fd, std::uint32_t events)
{
    ORRERY_ON(*this);
    const auto found = m_watches.find(fd);
    ORRERY_ASSERT(found != m_watches.end());
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(static_cast<std::uint32_t>(fd)) | (found->second->generation << 32);
    ORRERY_ASSERT(epoll_ctl(m_epoll.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void EpollLoop::unwatch(int fd)
{
    ORRERY_ON(*this);
    if (m_watches.erase(fd) > 0) epoll_ctl(m_epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
}

} // namespace orrery::base
