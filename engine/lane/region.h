// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Region: the shared memory of one lane (a lease's ring pair): a task ring and a result ring of 256-byte slots, each with a
// side buffer for records that do not fit a slot. Made by the node, mapped by submitter, worker and node.
// Cursors count records since the lane began and never wrap (u64). Each cursor has one writer and a cache line of its own:
//   written   producer: records below it may be read
//   read      consumer: records below it were copied out
//   followed  node: records below it are in the node's tables
//   started   worker (tasks only): bit 0 closed, the rest the number of tasks it began. Changed by CAS and fetch_or alone.
//   mark      consumer (results only): while it sleeps it wants to be woken when so many records are written, not before.
// A slot and its side bytes are used again only after `read` and `followed` have passed them, so whoever is killed at any
// moment, what was published can still be followed, once.
// Errors: attach() checks every size; a peer that writes nonsense later is found by the readers (ReadOutcome::Bad).
// Thread: the object belongs to one thread; the memory is shared by design.

#include "engine/base/fd.h"
#include "engine/base/result.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace orrery::lane {

inline constexpr std::uint32_t kSlotBytes = 256;

struct LaneShape {
    std::uint32_t slotCount = 4096;     // a power of two, 8 to 65,536
    std::uint32_t sideBytes = 1u << 20; // a direction; a power of two, 4 KiB to 64 MiB
};

struct alignas(64) Cursor {
    std::atomic<std::uint64_t> value;
};

struct RingHeader {
    Cursor written;
    Cursor read;
    Cursor followed;
    Cursor started;
    Cursor mark;
};

struct Slot {
    std::uint64_t sequence; // position + 1, so that a slot of another round is told apart
    std::uint32_t bytes;
    std::uint32_t inSide;   // 0: payload here; 1: in the side buffer at sideAt
    std::uint64_t sideAt;   // monotonic; modulo sideBytes
    std::byte payload[kSlotBytes - 24];
};
static_assert(sizeof(Slot) == kSlotBytes);
inline constexpr std::uint32_t kInlinePayload = sizeof(Slot::payload);

// One direction, as mapped.
struct Ring {
    RingHeader* header = nullptr;
    Slot* first = nullptr;
    std::byte* side = nullptr;
    std::uint32_t slotCount = 0;
    std::uint32_t sideBytes = 0;
};

class Region {
public:
    Region() = default;
    static base::Result<Region> create(LaneShape shape);
    static base::Result<Region> attach(base::UniqueFd fd);
    Region(Region&&) noexcept = default;
    Region& operator=(Region&&) noexcept = default;

    int fd() const { return m_fd.get(); }
    const Ring& tasks() const { return m_tasks; }
    const Ring& results() const { return m_results; }
    // A record may have this many bytes: a quarter of the side buffer, so that one never waits for an empty lane.
    std::size_t recordBytesMax() const { return m_tasks.sideBytes / 4; }

private:
    static base::Result<Region> map(base::UniqueFd fd, LaneShape shape, std::size_t bytes);

    base::UniqueFd m_fd;
    base::Mapping m_map;
    Ring m_tasks;
    Ring m_results;
};

} // namespace orrery::lane
