// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_pool.h"

#include "engine/base/assert.h"

#include <cerrno>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <utility>

namespace orrery::rpc {

BulkPool::BulkPool(unsigned threads)
    : m_count(threads), m_epoll(epoll_create1(EPOLL_CLOEXEC)), m_wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), m_timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK))
{
    ORRERY_ASSERT(threads > 0 && m_epoll && m_wake && m_timer);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET; // each write wakes one thread, and nobody has to read it
    event.data.ptr = &m_wake;
    ORRERY_ASSERT(epoll_ctl(m_epoll.get(), EPOLL_CTL_ADD, m_wake.get(), &event) == 0);
    event.data.ptr = &m_timer;
    ORRERY_ASSERT(epoll_ctl(m_epoll.get(), EPOLL_CTL_ADD, m_timer.get(), &event) == 0);
}

BulkPool::~BulkPool()
{
    stop();
}

void BulkPool::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    wake();
    for (auto& thread : m_threads) thread.join(); // nobody adds any more
    m_threads.clear();
    m_slots.clear();
}

void BulkPool::add(std::shared_ptr<BulkTask> task)
{
    const std::lock_guard lock(m_mutex);
    if (m_stop) return;
    while (m_threads.size() < m_count) m_threads.emplace_back([this] { work(); });
    const BulkTask* key = task.get();
    Slot& slot = m_slots[key];
    slot.task = std::move(task);
    ready(key, slot);
}

void BulkPool::kick(const BulkTask* task)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_slots.find(task);
    if (found != m_slots.end()) ready(task, found->second);
}

void BulkPool::ready(const BulkTask* task, Slot& slot)
{
    if (slot.isRunning) {
        slot.isAgain = true;
    } else if (!slot.isReady) {
        slot.isReady = true;
        m_ready.push_back(task);
        wake();
    }
}

void BulkPool::wake()
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_wake.get(), &one, sizeof one);
}

void BulkPool::work()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        while (!m_stop && !m_ready.empty()) {
            const BulkTask* task = m_ready.front();
            m_ready.pop_front();
            run(lock, task);
        }
        if (m_stop) break;
        lock.unlock();
        epoll_event event{};
        // One at a time: what else is ready is for the other threads.
        const int count = epoll_wait(m_epoll.get(), &event, 1, -1);
        ORRERY_ASSERT(count >= 0 || errno == EINTR);
        lock.lock();
        if (count < 1 || event.data.ptr == &m_wake) continue;
        if (event.data.ptr == &m_timer) {
            expire();
            continue;
        }
        // A task that was over meanwhile is not found; one that was made in its place gets a turn too many.
        const auto* task = static_cast<const BulkTask*>(event.data.ptr);
        const auto found = m_slots.find(task);
        if (found == m_slots.end()) continue;
        if (found->second.isRunning) found->second.isAgain = true;
        else run(lock, task);
    }
    wake(); // the next thread, to end as well
}

void BulkPool::run(std::unique_lock<std::mutex>& lock, const BulkTask* task)
{
    const auto found = m_slots.find(task);
    if (found == m_slots.end()) return;
    Slot& slot = found->second; // stays: only this function takes it out, and not while it runs
    slot.isReady = false;
    if (slot.isRunning) {
        slot.isAgain = true;
        return;
    }
    auto held = slot.task;
    slot.isRunning = true;
    BulkTask::Wait wait;
    do {
        const bool overdue = std::exchange(slot.isOverdue, false);
        slot.isAgain = false;
        lock.unlock();
        wait = held->turn(overdue);
        lock.lock();
    } while (!wait.isOver && slot.isAgain && !m_stop);
    slot.isRunning = false;
    if (!wait.isOver) {
        arm(task, slot, wait);
        return;
    }
    if (slot.isAdded) epoll_ctl(m_epoll.get(), EPOLL_CTL_DEL, held->fd(), nullptr);
    dropTimer(task, slot);
    m_slots.erase(found);
    lock.unlock();
    held.reset(); // its end may post, and need not be waited for
    lock.lock();
}

void BulkPool::arm(const BulkTask* task, Slot& slot, const BulkTask::Wait& wait)
{
    slot.untilNs = wait.untilNs;
    // A deadline that moves on is not set again: the timer of the old one looks when it comes.
    if (wait.untilNs != 0 && (slot.timerNs == 0 || wait.untilNs < slot.timerNs)) setTimer(task, slot, wait.untilNs);
    if (wait.events == 0) return; // one shot, so it is silent until it is armed
    epoll_event event{};
    event.events = wait.events | EPOLLONESHOT;
    event.data.ptr = const_cast<BulkTask*>(task);
    ORRERY_ASSERT(epoll_ctl(m_epoll.get(), slot.isAdded ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, slot.task->fd(), &event) == 0);
    slot.isAdded = true;
}

void BulkPool::setTimer(const BulkTask* task, Slot& slot, base::TimeNs atNs)
{
    dropTimer(task, slot);
    slot.timerNs = atNs;
    m_timers.emplace(atNs, task);
    wind();
}

void BulkPool::dropTimer(const BulkTask* task, Slot& slot)
{
    if (slot.timerNs != 0) m_timers.erase({std::exchange(slot.timerNs, 0), task});
}

void BulkPool::wind()
{
    const base::TimeNs first = m_timers.empty() ? 0 : m_timers.begin()->first;
    if (first == m_timerSetNs || first == 0) return;
    m_timerSetNs = first;
    itimerspec at{};
    at.it_value.tv_sec = first / base::kSecond;
    at.it_value.tv_nsec = first % base::kSecond;
    ORRERY_ASSERT(timerfd_settime(m_timer.get(), TFD_TIMER_ABSTIME, &at, nullptr) == 0);
}

void BulkPool::expire()
{
    const base::TimeNs now = base::systemClock().monoNs();
    m_timerSetNs = 0;
    while (!m_timers.empty() && m_timers.begin()->first <= now) {
        const BulkTask* task = m_timers.begin()->second;
        Slot& slot = m_slots.at(task);
        dropTimer(task, slot);
        if (slot.untilNs == 0) continue;
        if (slot.untilNs > now) {
            slot.timerNs = slot.untilNs;
            m_timers.emplace(slot.untilNs, task);
        } else if (!slot.isRunning) { // one that runs says its deadline anew
            slot.isOverdue = true;
            ready(task, slot);
        }
    }
    wind();
}

} // namespace orrery::rpc
