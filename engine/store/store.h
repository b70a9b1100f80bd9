// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Store: a node's shared memory for sealed values. Segments are memfds named orrery-segment, reserved whole by fallocate
// before they are used (never SIGBUS), one made ahead by a thread so that the loop never waits for pages.
// A worker builds results in a window (extents granted to it) and names the place in its result; the node checks the
// place against the windows it granted, then the object is sealed and indexed here, and only here.
// Runs on: node loop, but for the warmer thread. Lives: with the node.
// Never over-committed. What does not fit waits until something is freed, at most kRoomWaitNs, while the port is asked to give
// up what nobody needs; then it is refused with a sentence. Free memory in pieces is given back to the system and taken anew as
// one segment, and in a full store the holes between values are windows, so only the sum counts, not where it lies.

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

inline constexpr base::TimeNs kRoomWaitNs = 2 * base::kSecond;
inline constexpr std::uint64_t kHoleBytesMin = 256u << 10; // rather than a window of less, values that nobody needs are given up
inline constexpr base::TimeNs kRelieveEveryNs = 50 * base::kMillisecond; // when nothing could be given up
inline constexpr std::uint64_t kRelieveBytes = 64u << 20; // at least so much is asked to be given up at once

class Store {
public:
    struct Port {
        virtual ~Port() = default;
        // A new segment exists: its descriptor goes to the workers before any place in it.
        virtual void segmentAdded(std::uint32_t segment) = 0;
        // Nothing lies in it any more: whoever has it mapped lets go.
        virtual void segmentDropped(std::uint32_t segment) = 0;
        // Free objects that nobody needs, some `bytes` of them. Called inside takeWindow() and by a timer; false: there was none.
        virtual bool relieve(std::uint64_t bytes) = 0;
    };
    Store(base::Loop& loop, std::uint64_t capacityBytes, Port& port);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Starts the warmer and the first segment.
    void start();
    // Calls back at once or when memory is there, in the order of asking. What is given is whole extents; in a full store a hole of
    // at least `bytes` between the values of one that is held. Refused: the store stays full, or the value is larger.
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
        base::TimeNs untilNs = 0;
        std::function<void(base::Result<types::Place>)> done;
    };
    void request(std::uint64_t bytes);
    bool hasRoom(std::uint64_t bytes) const { return m_extents.usedBytes() + bytes <= m_capacityBytes; }
    std::optional<types::Place> findHole(std::uint64_t bytes);
    bool relieve(std::uint64_t bytes);
    void serveBehind();
    void findMemory(std::uint64_t bytes);
    void dropEmpty();
    void warmAhead();
    void overdue();
    void arrived(std::uint64_t bytes, base::Result<Segment> made);
    void serve();
    void warm();

    base::Loop& m_loop;
    const std::uint64_t m_capacityBytes;
    Port& m_port;
    ExtentTable m_extents;
    std::map<std::uint32_t, Segment> m_segments;
    std::uint32_t m_lastSegment = 0;
    std::uint64_t m_promisedBytes = 0; // asked of the warmer, not there yet
    std::deque<Waiting> m_waiting;
    bool m_serving = false;
    base::TimeNs m_relieveAgainNs = 0;
    base::TimerId m_overdueTimer = 0;
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
