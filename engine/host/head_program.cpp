// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/head_program.h"

#include <csignal>
#include <cstdio>
#include <pthread.h>
#include <thread>

namespace orrery::host {

int runHeadProgram(const HeadWish& wish)
{
    auto runtime = HeadRuntime::make(wish);
    if (!runtime) {
        std::fprintf(stderr, "orreryd: %s\n", runtime.error().message.c_str());
        return runtime.error().code == base::Errc::BadInput ? 2 : 1;
    }
    // SIGTERM and SIGINT (blocked by main) stop the cluster in order.
    std::thread signals([&runtime] {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        int number = 0;
        sigwait(&set, &number);
        (*runtime)->shutDown();
    });
    (*runtime)->run();
    pthread_kill(signals.native_handle(), SIGTERM);
    signals.join();
    runtime->reset();
    return 0;
}

} // namespace orrery::host
