// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Control messages between a node and the processes it leases: its workers and attached drivers. They travel over a
// SeqSocket, first byte the kind. Descriptors ride beside the message in the order given here.
// The node never trusts what it reads here: every place is checked against the windows it granted.

#include "engine/types/task_record.h"

namespace orrery::types {

// node -> worker
enum class ToWorker : std::uint8_t {
    Hello,      // u16 track | fds: worker's doorbell, node's doorbell, gate page
    Attach,     // u64 lane | fds: lane region, submitter's doorbell
    Detach,     // u64 lane: it is closed; leave it
    UseTemplate, // Template
    Segment,    // u32 segment, u64 bytes | fd
    DropSegment, // u32 segment
    Window,     // u32 segment, u64 offset, u64 bytes: build results there. bytes 0: refused, text why
    CallDone,   // u64 call, u8 ok, Output (ok) or text (not ok); an object's segment was announced before
    Cancel,     // u64 lane, u64 position
    Exit,       // finish the call in progress and leave
};

// worker -> node
enum class FromWorker : std::uint8_t {
    Ready,      // i64 pid
    NeedWindow, // u64 bytes
    Log,        // u32 owner, u32 row, u8 level, text
    Blocked,    // the running call waits for others; its CPU is free
    Unblocked,
    Call,       // u64 call, text function, text params, list of {u16 port, u8 kind (0 inline value, 1 call), bytes | u64 call}
};

// node -> spawner
enum class ToSpawner : std::uint8_t {
    Spawn,      // u16 track | fds: the worker's control socket, its output (a pipe's write end)
    Kill,       // u16 track, u8 signal
};

// spawner -> node
enum class FromSpawner : std::uint8_t {
    Started,    // u16 track, i64 pid
    Exited,     // u16 track, i32 status as of waitpid
    Failed,     // u16 track, text why
};

// Descriptor numbers that an exec'ed orrery-worker finds its connection at.
inline constexpr int kControlFd = 3;

} // namespace orrery::types
