// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Memory: a worker's view of its node's store: segments mapped as they are announced, and the windows in which results are
// built. The node grants windows and indexes objects; this side only writes inside what it was granted.
// Thread: segment() and grant() from the control thread; everything else on the main thread. allocate() may wait for a grant.
// A process that loses its node stops waiting (Closed).

#include "engine/base/fd.h"
#include "engine/base/result.h"
#include "engine/types/task_record.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace orrery::worker {

class Memory {
public:
    // ask: sends NeedWindow to the node; so many bytes are needed, a window may be larger.
    explicit Memory(std::function<void(std::uint64_t bytes)> ask) : m_ask(std::move(ask)) {}

    // ---- control thread ----
    base::Result<void> addSegment(std::uint32_t segment, std::uint64_t bytes, base::UniqueFd fd);
    void dropSegment(std::uint32_t segment);
    void granted(types::Place window);
    void refused(std::string why);
    void close();

    // ---- main thread ----
    struct Room {
        std::byte* at = nullptr;
        types::Place place;
    };
    // 64-byte aligned memory of the store for one value.
    base::Result<Room> allocate(std::uint64_t bytes);
    // Gives the unused end of the last allocation back.
    void shrink(Room& room, std::uint64_t bytes);
    // A sealed value; waits until its segment was announced. Closed or NotFound otherwise.
    base::Result<std::span<const std::byte>> read(const types::Place& place);

private:
    struct Segment {
        base::Mapping map;
    };
    std::optional<std::span<std::byte>> view(const types::Place& place); // m_mutex held

    const std::function<void(std::uint64_t)> m_ask;
    std::mutex m_mutex; // guards all below
    std::condition_variable m_changed;
    std::map<std::uint32_t, Segment> m_segments;
    std::optional<types::Place> m_grant;
    std::optional<std::string> m_refusal;
    bool m_closed = false;
    types::Place m_window;
    std::uint64_t m_used = 0;
};

} // namespace orrery::worker
