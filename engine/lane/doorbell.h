// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Doorbell: how a process is woken when something was published for it; one a process, in a page of shared memory, for all its
// rings. ring() costs a fence and a load while nobody sleeps. The sleeper announces itself, looks once more, then sleeps, so no
// wake is lost: either the publisher sees the announcement or the sleeper sees what was published.
// Two ways of sleeping: a futex (driver, worker: waitFor), or an eventfd in an epoll set (node: arm, disarm, clear).
// Waiting policy (design, runtime 3): spin at most kSpinNs, only while the peer was last seen on another CPU and the node says
// that a CPU is free; then sleep.
// Thread: ring() from any thread and process; waitFor/arm/disarm/clear from the owner's one thread.

#include "engine/base/clock.h"
#include "engine/base/fd.h"
#include "engine/base/result.h"

#include <atomic>
#include <cstdint>
#include <sched.h>

namespace orrery::lane {

inline constexpr base::TimeNs kSpinNs = 50 * base::kMicrosecond;

class Doorbell {
public:
    static base::Result<Doorbell> create();
    static base::Result<Doorbell> createForEpoll();
    // eventFd empty: the owner sleeps on the futex.
    static base::Result<Doorbell> attach(base::UniqueFd fd, base::UniqueFd eventFd);
    Doorbell(Doorbell&&) noexcept = default;
    Doorbell& operator=(Doorbell&&) noexcept = default;

    int fd() const { return m_fd.get(); }
    int eventFd() const { return m_eventFd.get(); }

    // True: its owner slept, and a system call was made.
    bool ring()
    {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (page()->sleeping.load(std::memory_order_relaxed) == 0) return false;
        wake();
        return true;
    }

    // The same for an owner that left a mark of what it waits for: reached() says whether that is there. The fence makes a mark
    // that was set before the sleep visible here, or what was published here visible to the sleeper's last look.
    template <typename Reached>
    void ringIf(Reached reached)
    {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (page()->sleeping.load(std::memory_order_relaxed) != 0 && reached()) wake();
    }

    // Wakes the owner whether it announced that it sleeps or not: for a publisher that knows by another flag. One system call.
    void wakeNow();

    // Notes on which CPU the owner runs. A peer that would spin for it asks; who publishes for a while without waiting says so now
    // and then, or a peer that came to its old CPU would sleep between any two records.
    void here() { page()->cpu.store(static_cast<std::uint32_t>(sched_getcpu()), std::memory_order_relaxed); }

    // Returns when ready() is true or, with a timeout, when it is over (false). peer: whose answer is awaited; may be null.
    template <typename Ready>
    bool waitFor(Ready ready, const Doorbell* peer = nullptr, base::TimeNs timeoutNs = -1)
    {
        if (ready()) return true;
        const base::TimeNs begin = base::systemClock().monoNs();
        here();
        const bool maySpin = !peer || peer->page()->cpu.load(std::memory_order_relaxed) != page()->cpu.load(std::memory_order_relaxed);
        if (maySpin && m_spin) {
            while (base::systemClock().monoNs() - begin < kSpinNs) {
                for (int i = 0; i < 32; ++i) {
                    if (ready()) return true;
                    pause();
                }
            }
        }
        for (;;) {
            const std::uint32_t seen = page()->word.load(std::memory_order_relaxed);
            page()->sleeping.store(1, std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_seq_cst);
            if (ready()) {
                page()->sleeping.store(0, std::memory_order_relaxed);
                return true;
            }
            base::TimeNs left = -1;
            if (timeoutNs >= 0) {
                left = timeoutNs - (base::systemClock().monoNs() - begin);
                if (left <= 0) {
                    page()->sleeping.store(0, std::memory_order_relaxed);
                    return false;
                }
            }
            sleep(seen, left);
            page()->sleeping.store(0, std::memory_order_relaxed);
            if (ready()) return true;
        }
    }
    void setSpin(bool spin) { m_spin = spin; }

    // For a process that sleeps in epoll. arm(), look once more, sleep; disarm() when something was there.
    void arm()
    {
        page()->sleeping.store(1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
    void disarm() { page()->sleeping.store(0, std::memory_order_relaxed); }
    void clear();

private:
    struct Page {
        std::atomic<std::uint32_t> sleeping;
        std::atomic<std::uint32_t> word;
        std::atomic<std::uint32_t> cpu;
    };
    Doorbell(base::UniqueFd fd, base::Mapping map, base::UniqueFd eventFd) : m_fd(std::move(fd)), m_map(std::move(map)), m_eventFd(std::move(eventFd)) {}
    Page* page() const { return reinterpret_cast<Page*>(m_map.data()); }
    static void pause()
    {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
    void wake();
    void sleep(std::uint32_t seen, base::TimeNs timeoutNs);

    base::UniqueFd m_fd;
    base::Mapping m_map;
    base::UniqueFd m_eventFd;
    bool m_spin = true;
};

// Node-written page that submitters and workers map read-only: a bit per function (breakpoints), and how many CPUs are free to
// spin on.
class GatePage {
public:
    static constexpr std::uint32_t kGates = 16'384;
    static base::Result<GatePage> create();
    static base::Result<GatePage> attach(base::UniqueFd fd);
    int fd() const { return m_fd.get(); }
    bool closed(std::uint32_t gate) const { return gate < kGates && (page()->bits[gate / 64].load(std::memory_order_relaxed) >> (gate % 64)) & 1; }
    // REQUIRES: created here
    void set(std::uint32_t gate, bool close);
    std::uint32_t freeCpus() const { return page()->freeCpus.load(std::memory_order_relaxed); }
    void setFreeCpus(std::uint32_t count) { page()->freeCpus.store(count, std::memory_order_relaxed); }

private:
    struct Page {
        std::atomic<std::uint32_t> freeCpus;
        std::atomic<std::uint64_t> bits[kGates / 64];
    };
    GatePage(base::UniqueFd fd, base::Mapping map) : m_fd(std::move(fd)), m_map(std::move(map)) {}
    Page* page() const { return reinterpret_cast<Page*>(m_map.data()); }
    base::UniqueFd m_fd;
    base::Mapping m_map;
};

} // namespace orrery::lane
