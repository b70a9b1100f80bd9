// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/run.h"

namespace orrery::types {

std::string_view runStateName(RunState state)
{
    static constexpr std::string_view kNames[] = {"PENDING", "RUNNING", "STOPPING", "SUCCEEDED", "FAILED", "STOPPED"};
    return kNames[static_cast<int>(state)];
}

std::string_view causeName(Cause cause)
{
    static constexpr std::string_view kNames[] = {"none", "threw", "worker died", "node died", "cancelled", "timed out", "bad outputs", "input lost", "out of memory"};
    return kNames[static_cast<int>(cause)];
}

std::string_view objectStateName(ObjectState state)
{
    static constexpr std::string_view kNames[] = {"INLINE", "MEMORY", "SPILLED", "IN_FLIGHT", "LOST", "FREED"};
    return kNames[static_cast<int>(state)];
}

std::string_view nodeStateName(NodeState state)
{
    static constexpr std::string_view kNames[] = {"JOINING", "ALIVE", "DRAINING", "DEAD"};
    return kNames[static_cast<int>(state)];
}

} // namespace orrery::types
