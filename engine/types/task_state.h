// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TaskState: the one machine of a task as its owner sees it, with its table of arrows. Names, palette words and arrows are
// those of the formats page (Ray's word where Ray has one). Only an owner's apply() writes a state, and only along an arrow.
// A breakpoint is a state (Held), not a special case; cancel, death and loss have arrows from the first version.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace orrery::types {

enum class TaskState : std::uint8_t {
    PendingArgs,       // waiting: an input is not there yet
    PendingAssignment, // ready: inputs known, waits for a lease
    PendingFetch,      // fetching: inputs are being brought to the node
    Held,              // paused at a breakpoint, before dispatch
    Submitted,         // in a lane, not begun
    Running,
    Retrying,          // an attempt was lost or failed, the next one is due
    Finished,
    Cached,            // result taken from an earlier run
    Failed,
    Cancelled,
    Skipped,           // an input failed
};
inline constexpr int kTaskStates = 12;

struct Arrow {
    TaskState from;
    TaskState to;
    std::string_view why;
};

std::span<const Arrow> taskArrows();
bool mayGo(TaskState from, TaskState to);
std::string_view jsonName(TaskState state);    // PENDING_ARGS_AVAIL ...
std::string_view paletteName(TaskState state); // waiting, ready, fetching, running, succeeded, cached, retrying, paused, failed, cancelled
constexpr bool isTerminal(TaskState state) { return state >= TaskState::Finished; }
constexpr bool isGood(TaskState state) { return state == TaskState::Finished || state == TaskState::Cached; }

using StateCounts = std::array<std::uint32_t, kTaskStates>;

} // namespace orrery::types
