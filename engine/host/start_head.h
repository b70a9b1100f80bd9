// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// startHead: `orreryd head` as a process that goes on without us: a session of its own, its output in headLog().
// Thread: any. The process is our child: whoever stays may reap it.

#include "engine/host/head_runtime.h"

#include <sys/types.h>

namespace orrery::host {

base::Result<pid_t> startHead(const HeadWish& wish);
// Beside the data folder: <data>.log. It is there before the folder can be made.
std::string headLog(const HeadWish& wish);

} // namespace orrery::host
