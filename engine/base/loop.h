// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Loop: the one thread on which all tables of a process live. Work comes in by post() from anywhere, by file descriptors
// and by timers; everything runs on the loop's thread, one at a time, in order of posting.
// Lifetime: run() until stop(); jobs posted after stop() are dropped with the loop.
// Bound: post() takes every job and waits for nothing. A loop that waited for room in itself, or in one that waits for it, would
// wait for ever, and deaths and answers may not be refused; so each that posts has a bound of its own (README), and together
// they stay below kLoopJobsMax. More is a bug of ours: it is said in the log, and nothing is lost.

#include "engine/base/clock.h"

#include <cstdint>
#include <functional>

namespace orrery::base {

using Job = std::function<void()>;
using TimerId = std::uint64_t;

inline constexpr std::size_t kLoopJobsMax = 100'000;

struct Loop {
    virtual ~Loop() = default;
    // Any thread. Never runs the job inside the call, never waits.
    virtual void post(Job job) = 0;
    virtual bool onLoop() const = 0;
    // On the loop. One shot; repeating timers arm themselves again, so an idle process has none.
    virtual TimerId after(TimeNs delayNs, Job job) = 0;
    virtual void cancel(TimerId id) = 0;
    // On the loop. events: EPOLLIN | EPOLLOUT...; the callback gets what happened. One watch a descriptor.
    virtual void watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> ready) = 0;
    virtual void rewatch(int fd, std::uint32_t events) = 0;
    virtual void unwatch(int fd) = 0;
    virtual TimeNs nowNs() const = 0;
};

} // namespace orrery::base

// First line of each method that must run on the loop.
#define ORRERY_ON(loop) ORRERY_ASSERT((loop).onLoop())
