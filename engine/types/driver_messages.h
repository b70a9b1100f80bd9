// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Control messages between a node and an attached driver, over a SeqSocket; first byte the kind. Tasks and results do not go
// here but through lanes; what a driver puts and releases goes through its uplink, a lane without a worker.

#include "engine/types/task_record.h"

namespace orrery::types {

// driver -> node
enum class FromDriver : std::uint8_t {
    Function,   // u64 request, text function, text params (JSON)
    Want,       // u32 template, u32 workers it could use of the template's class
    Return,     // u64 lease: its lane is closed and nothing of it runs
    NeedWindow, // u64 bytes
    Bye,        // frees everything
};

// node -> driver
enum class ToDriver : std::uint8_t {
    Hello,      // fds: driver's doorbell, node's doorbell, node's eventfd, gate page, uplink region
    FunctionIs, // u64 request, u8 ok, u32 template, u32 class (equal: same resources), u16 outputs | text why
    Lane,       // u64 lease, u32 class | fds: region, worker's doorbell
    Revoke,     // u64 lease: close it, Return it when nothing runs in it
    LaneDead,   // u64 lease, text why: the worker is gone; its results are final
    Segment,    // u32 segment, u64 bytes | fd
    DropSegment, // u32 segment: nothing lies in it any more
    Window,     // u32 segment, u64 offset, u64 bytes | bytes 0: text why
};

// Records of the uplink.
enum class UplinkKind : std::uint8_t { Put, Release };
struct UplinkRecord {
    UplinkKind kind = UplinkKind::Put;
    std::uint64_t lease = 0;    // 0: a put
    std::uint64_t position = 0; // of the task in its lane; number of the put
    std::uint16_t output = 0;
    Place place;                // Put

    void write(base::ByteWriter& out) const
    {
        out.put(kind); out.put(lease); out.put(position); out.put(output); out.put(place.segment); out.put(place.offset); out.put(place.bytes);
    }
    bool read(std::span<const std::byte> bytes)
    {
        base::ByteReader in(bytes);
        in.get(kind); in.get(lease); in.get(position); in.get(output); in.get(place.segment); in.get(place.offset); in.get(place.bytes);
        return in.ok() && in.atEnd() && kind <= UplinkKind::Release;
    }
};

} // namespace orrery::types
