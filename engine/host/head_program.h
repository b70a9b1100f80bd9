// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The program `orreryd head`: a whole head on the calling thread, until it is shut down.

#include "engine/host/head_runtime.h"

namespace orrery::host {

// REQUIRES: blockStopSignals(); SIGTERM or SIGINT shuts the cluster down. The exit code.
int runHeadProgram(const HeadWish& wish);

} // namespace orrery::host
