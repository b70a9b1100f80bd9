// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/task_state.h"

namespace orrery::types {
namespace {

using enum TaskState;

constexpr auto kArrows = std::to_array<Arrow>({
    {PendingArgs, PendingAssignment, "all inputs are there"},
    {PendingArgs, Cached, "an earlier run made this result"},
    {PendingArgs, Cancelled, "the run was stopped"},
    {PendingArgs, Skipped, "an input failed"},
    {PendingArgs, Failed, "the inputs do not fit together"},
    {PendingAssignment, PendingFetch, "lease granted, an input lies elsewhere"},
    {PendingAssignment, Held, "a breakpoint is set"},
    {PendingAssignment, Submitted, "lease granted"},
    {PendingAssignment, PendingArgs, "an input was lost"},
    {PendingAssignment, Cancelled, "the run was stopped"},
    {PendingAssignment, Failed, "no node can ever run it"},
    {PendingFetch, Held, "a breakpoint is set"},
    {PendingFetch, Submitted, "inputs arrived"},
    {PendingFetch, PendingAssignment, "the node was lost"},
    {PendingFetch, PendingArgs, "an input was lost"},
    {PendingFetch, Cancelled, "the run was stopped"},
    {PendingFetch, Failed, "an input cannot be fetched"},
    {Held, Submitted, "released"},
    {Held, PendingAssignment, "the node was lost"},
    {Held, PendingArgs, "an input was lost"},
    {Held, Cancelled, "the run was stopped"},
    {Held, Skipped, "skipped by a person"},
    {Held, Failed, "failed by a person"},
    {Submitted, Running, "the worker began"},
    {Submitted, Held, "a breakpoint was hit"},
    {Submitted, PendingAssignment, "recalled before it began"},
    {Submitted, Retrying, "the worker died before it began and takes the attempt with it"},
    {Submitted, Cancelled, "the run was stopped"},
    {Submitted, Failed, "the task cannot be carried"},
    {Submitted, Finished, "began and ended between two looks"},
    {Running, Finished, "sealed"},
    {Running, Failed, "the function failed"},
    {Running, Retrying, "the attempt was lost or may be tried again"},
    {Running, Cancelled, "the run was stopped"},
    {Retrying, PendingArgs, "an input was lost"},
    {Retrying, PendingAssignment, "next attempt"},
    {Retrying, Cancelled, "the run was stopped"},
    {Finished, PendingArgs, "its result was lost and is needed"},
    {Cached, PendingArgs, "its result was lost and is needed"},
    {Failed, Retrying, "a person asked"},
});

} // namespace

std::span<const Arrow> taskArrows() { return kArrows; }

bool mayGo(TaskState from, TaskState to)
{
    for (const auto& arrow : kArrows)
        if (arrow.from == from && arrow.to == to) return true;
    return false;
}

std::string_view jsonName(TaskState state)
{
    static constexpr std::string_view kNames[kTaskStates] = {
        "PENDING_ARGS_AVAIL", "PENDING_NODE_ASSIGNMENT", "PENDING_ARGS_FETCH", "HELD", "SUBMITTED_TO_WORKER", "RUNNING",
        "RETRYING", "FINISHED", "CACHED", "FAILED", "CANCELLED", "SKIPPED"};
    return kNames[static_cast<int>(state)];
}

std::string_view paletteName(TaskState state)
{
    static constexpr std::string_view kNames[kTaskStates] = {"waiting", "ready", "fetching", "paused", "ready", "running",
                                                             "retrying", "succeeded", "cached", "failed", "cancelled", "cancelled"};
    return kNames[static_cast<int>(state)];
}

} // namespace orrery::types
