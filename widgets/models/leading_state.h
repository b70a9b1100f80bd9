// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// leadingState: the one state that stands for many tasks: what failed or runs before what waits, what waits before what is done.
// Pure, any thread.

#include "engine/types/task_state.h"

namespace orrery::widgets {

inline types::TaskState leadingState(const types::StateCounts& counts)
{
    using enum types::TaskState;
    for (const auto state : {Failed, Running, Retrying, Held, PendingFetch, Submitted, PendingAssignment, PendingArgs, Cancelled, Skipped, Finished, Cached})
        if (counts[static_cast<std::size_t>(state)] > 0) return state;
    return PendingArgs;
}

} // namespace orrery::widgets
