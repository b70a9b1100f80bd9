// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/stop_signals.h"

#include <csignal>
#include <pthread.h>

namespace orrery::host {

namespace {

sigset_t stopSet()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

} // namespace

void blockStopSignals()
{
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = stopSet();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

StopSignals::StopSignals(std::function<void()> stop)
    : m_thread([this, stop = std::move(stop)] {
          const sigset_t set = stopSet();
          int number = 0;
          sigwait(&set, &number);
          if (!m_over.load()) stop();
      })
{
}

StopSignals::~StopSignals()
{
    m_over.store(true);
    pthread_kill(m_thread.native_handle(), SIGTERM); // a wait that lasts ends by it; a thread that has ended takes no notice
    m_thread.join();
}

} // namespace orrery::host
