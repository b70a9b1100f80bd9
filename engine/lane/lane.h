// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The roles on a lane: TaskWriter and ResultReader (submitter), TaskReader and ResultWriter (worker), Follower (node).
//
// Closing: anybody who maps the lane may set the closed bit of `started`. From that moment no further task begins; what lies at
// or behind the number that close() gives belongs to the submitter again, and every task before it either has its result in
// the ring, or runs, or - when the worker is dead - is lost. That number is final, so nothing is run twice by a recall.

#include "engine/lane/doorbell.h"
#include "engine/lane/ring.h"

#include <memory>

namespace orrery::lane {

namespace detail {
inline constexpr std::uint64_t kClosed = 1;
inline bool pastHalf(const Ring& ring)
{
    return ring.header->written.value.load(std::memory_order_acquire) - ring.header->followed.value.load(std::memory_order_relaxed) > ring.slotCount / 2;
}
inline std::uint64_t closeTasks(const Ring& tasks) { return tasks.header->started.value.fetch_or(kClosed, std::memory_order_acq_rel) >> 1; }
} // namespace detail

class TaskWriter {
public:
    explicit TaskWriter(const Region& region) : m_ring(region.tasks()), m_writer(region.tasks()) {}
    std::optional<std::uint64_t> write(std::span<const std::byte> record) { return m_writer.write(record); }
    void publish() { m_writer.publish(); }
    std::uint64_t started() const { return m_ring.header->started.value.load(std::memory_order_acquire) >> 1; }
    bool closed() const { return m_ring.header->started.value.load(std::memory_order_acquire) & detail::kClosed; }
    // The first position that will never begin. Idempotent.
    std::uint64_t close() { return detail::closeTasks(m_ring); }
    std::uint64_t next() const { return m_writer.next(); }
    bool hasRoom() { return m_writer.hasRoom(); }
    // The follower has half of the ring before it: time to wake it, or there is no room soon.
    bool pastHalf() const { return detail::pastHalf(m_ring); }

private:
    const Ring m_ring;
    RingWriter m_writer;
};

class ResultReader {
public:
    explicit ResultReader(const Region& region) : m_reader(region.results()) {}
    bool available() const { return m_reader.available(); }
    ReadOutcome read(base::Bytes& out)
    {
        std::uint64_t position = 0;
        return m_reader.read(out, position);
    }
    void setMark(std::uint64_t results) { m_reader.setMark(results); }

private:
    RingReader m_reader;
};

class TaskReader {
public:
    explicit TaskReader(const Region& region) : m_ring(region.tasks()), m_reader(region.tasks()) {}
    bool available() const { return m_reader.available() && !closed(); }
    ReadOutcome read(base::Bytes& out, std::uint64_t& position)
    {
        if (closed()) return ReadOutcome::Empty;
        return m_reader.read(out, position);
    }
    // Publishes that the task at `position` begins. False: the lane was closed before; the task must not run.
    bool begin(std::uint64_t position)
    {
        std::uint64_t expected = position << 1;
        const bool begun = m_ring.header->started.value.compare_exchange_strong(expected, (position + 1) << 1, std::memory_order_acq_rel);
        ORRERY_FAILPOINT("lane.begun");
        return begun;
    }
    void close() { detail::closeTasks(m_ring); }
    bool closed() const { return m_ring.header->started.value.load(std::memory_order_acquire) & detail::kClosed; }

private:
    const Ring m_ring;
    RingReader m_reader;
};

class ResultWriter {
public:
    explicit ResultWriter(const Region& region) : m_writer(region.results()) {}
    bool write(std::span<const std::byte> record) { return m_writer.write(record).has_value(); }
    void publish() { m_writer.publish(); }
    bool reachedMark() const { return m_writer.reachedMark(); }
    bool hasRoom() { return m_writer.hasRoom(); }

private:
    RingWriter m_writer;
};

// The node's eye on a lane. A new process can go on where a dead one stopped: the cursors lie in the memory, each record is
// visited before its cursor moves, so a record is visited at least once, and the position tells a second visit.
class Follower {
public:
    explicit Follower(const Region& region) : m_tasks(region.tasks()), m_results(region.results()) {}

    // task(position, bytes), result(position, bytes): a result's task was visited before it. Bad: the peer wrote nonsense.
    template <typename TaskFn, typename ResultFn>
    ReadOutcome follow(TaskFn task, ResultFn result)
    {
        // Read the results' end first: every task that has a result among them was published before.
        const std::uint64_t results = m_results.header->written.value.load(std::memory_order_acquire);
        const std::uint64_t tasks = m_tasks.header->written.value.load(std::memory_order_acquire);
        const auto a = visit(m_tasks, tasks, task);
        const auto b = visit(m_results, results, result);
        if (a == ReadOutcome::Bad || b == ReadOutcome::Bad) return ReadOutcome::Bad;
        return a == ReadOutcome::Record || b == ReadOutcome::Record ? ReadOutcome::Record : ReadOutcome::Empty;
    }
    // For a submitter that is its own follower: what it wrote and read is known.
    void skipToReader()
    {
        m_tasks.header->followed.value.store(m_tasks.header->written.value.load(std::memory_order_relaxed), std::memory_order_release);
        m_results.header->followed.value.store(m_results.header->read.value.load(std::memory_order_relaxed), std::memory_order_release);
    }
    bool behind() const
    {
        return m_tasks.header->followed.value.load(std::memory_order_relaxed) != m_tasks.header->written.value.load(std::memory_order_acquire) ||
               m_results.header->followed.value.load(std::memory_order_relaxed) != m_results.header->written.value.load(std::memory_order_acquire);
    }
    bool pastHalf() const { return detail::pastHalf(m_tasks); }
    std::uint64_t started() const { return m_tasks.header->started.value.load(std::memory_order_acquire) >> 1; }
    std::uint64_t close() { return detail::closeTasks(m_tasks); }

private:
    template <typename Fn>
    ReadOutcome visit(const Ring& ring, std::uint64_t until, Fn fn)
    {
        std::uint64_t at = ring.header->followed.value.load(std::memory_order_relaxed);
        if (at == until) return ReadOutcome::Empty;
        if (until - at > ring.slotCount) return ReadOutcome::Bad;
        for (; at != until; ++at) {
            if (copyRecord(ring, at, m_bytes) != ReadOutcome::Record) return ReadOutcome::Bad;
            fn(at, std::span<const std::byte>(m_bytes));
            ORRERY_FAILPOINT("lane.visited");
            ring.header->followed.value.store(at + 1, std::memory_order_release);
            ORRERY_FAILPOINT("lane.followed");
        }
        return ReadOutcome::Record;
    }

    const Ring m_tasks;
    const Ring m_results;
    base::Bytes m_bytes;
};

// A worker's end: the mapped lane and the doorbell of its submitter.
struct WorkerLane {
    static base::Result<std::unique_ptr<WorkerLane>> attach(base::UniqueFd regionFd, base::UniqueFd doorbellFd, base::UniqueFd eventFd)
    {
        auto region = Region::attach(std::move(regionFd));
        if (!region) return region.error();
        auto doorbell = Doorbell::attach(std::move(doorbellFd), std::move(eventFd));
        if (!doorbell) return doorbell.error();
        return std::make_unique<WorkerLane>(std::move(*region), std::move(*doorbell));
    }
    WorkerLane(Region made, Doorbell bell) : region(std::move(made)), submitter(std::move(bell)), tasks(region), results(region) {}

    Region region;
    Doorbell submitter;
    TaskReader tasks;
    ResultWriter results;
};

} // namespace orrery::lane
