// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/head_program.h"

#include "engine/host/stop_signals.h"

#include <cstdio>

namespace orrery::host {

int runHeadProgram(const HeadWish& wish)
{
    auto runtime = HeadRuntime::make(wish);
    if (!runtime) {
        std::fprintf(stderr, "orreryd: %s\n", runtime.error().message.c_str());
        return runtime.error().code == base::Errc::BadInput ? 2 : 1;
    }
    {
        const StopSignals signals([&runtime] { (*runtime)->shutDown(); });
        (*runtime)->run();
    }
    runtime->reset();
    return 0;
}

} // namespace orrery::host
