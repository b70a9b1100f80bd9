// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Store: a node's shared memory for sealed values. Segments are memfds named orrery-segment, reserved whole by fallocate
// before they are used (never SIGBUS), one made ahead by a thread so that the loop never waits for pages.
// A worker builds results in a window (extents granted to it) and names the place in its result; the node checks the
// place against the windows it granted, then the object is sealed and indexed here, and only here.
// Runs on: node loop, but for the warmer thread. Lives: with the node.
// Never over-committed: what does not fit the capacity is refused with a sentence; nothing waits for ever.

#include "engine/base/fd.h"
#include "engine/base/loop.h"
#include "engine/store/extent_table.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace orrery::store {

class Store {
public:
    // announce: a new segment exists (the node sends its descriptor to the workers before any place in it).
    Store(base::Loop& loop, std::uint64_t capacityBytes, std::function<void(std::uint32_t segment)> announce);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Starts the warmer and the first segment.
    void start();
    // Calls back at once or when memory is there. Refused: the store is full, or the value is larger than it.
    void takeWindow(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done);
    void releaseWindow(const types::Place& window);
    // A value sealed inside `window` (checked by the caller) becomes an object.
    void addObject(const types::Place& place);
    void freeObject(const types::Place& place);
    // Valid until the object is freed. REQUIRES: the place is a live object or window
    std::span<std::byte> bytes(const types::Place& place) const;
    bool inside(const types::Place& place) const { return m_extents.inside(place); }
    // For Segment messages. -1: unknown
    int segmentFd(std::uint32_t segment) const;
    std::uint64_t segmentBytes(std::uint32_t segment) const;
    std::vector<std::uint32_t> segments() const;

    std::uint64_t objectBytes() const { return m_objectBytes; }
    std::uint64_t objects() const { return m_objects; }
    std::uint64_t capacityBytes() const { return m_capacityBytes; }
    std::uint64_t usedBytes() const { return m_extents.usedBytes(); }
    std::string audit() const { return m_extents.audit(); }

private:
    struct Segment {
        base::UniqueFd fd;
        base::Mapping map;
    };
    struct Waiting {
        std::uint64_t bytes = 0;
        std::function<void(base::Result<types::Place>)> done;
    };
    void request(std::uint64_t bytes);
    void arrived(std::uint64_t bytes, base::Result<Segment> made);
    void serve();
    void warm();

    base::Loop& m_loop;
    const std::uint64_t m_capacityBytes;
    const std::function<void(std::uint32_t)> m_announce;
    ExtentTable m_extents;
    std::map<std::uint32_t, Segment> m_segments;
    std::uint32_t m_lastSegment = 0;
    std::uint64_t m_promisedBytes = 0; // asked of the warmer, not there yet
    std::deque<Waiting> m_waiting;
    std::uint64_t m_objectBytes = 0;
    std::uint64_t m_objects = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);

    std::mutex m_mutex; // guards the next three
    std::condition_variable m_wake;
    std::deque<std::uint64_t> m_orders;
    bool m_stop = false;
    std::thread m_warmer;
};

} // namespace orrery::store
