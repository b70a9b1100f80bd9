// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a program of ours takes signals: SIGTERM and SIGINT end it in order, taken by a thread of their own so that no handler runs
// anywhere; a peer that is gone is an error of a write, not a signal.

#include <atomic>
#include <functional>
#include <thread>

namespace orrery::host {

// First in main(), before any thread: what is blocked later is not blocked in the threads that are there.
void blockStopSignals();

// stop is called once, by the first signal, on a thread that does nothing else; not after the destructor has begun.
// REQUIRES: blockStopSignals() was called.
class StopSignals {
public:
    explicit StopSignals(std::function<void()> stop);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

private:
    std::atomic<bool> m_over{false};
    std::thread m_thread;
};

} // namespace orrery::host
