// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// NaiveRun: what RunStore must answer, written the slow and plain way: it keeps every event and computes each answer anew.
// OwnerStory: a random run as an owner would live it, told in blocks, together with what really was at each instant.

#include "engine/base/random.h"
#include "engine/trace/run_store.h"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace orrery::naive {

using base::TimeNs;
using types::TaskState;

class NaiveRun {
public:
    void apply(const trace::BlockView& block);
    std::size_t rows() const { return m_rows.size(); }
    TaskState state(std::uint32_t row) const { return ordered(row).back().state; }
    std::optional<TaskState> stateAt(std::uint32_t row, TimeNs at) const;
    std::vector<std::string> story(std::uint32_t row) const;
    types::StateCounts counts() const;
    types::VertexCounts vertex(std::uint16_t vertex) const;
    std::uint64_t reexecuted() const;
    std::set<std::pair<std::uint16_t, std::uint32_t>> open() const; // (track, row)
    trace::ObjectTotals objectTotals() const;

private:
    struct Row {
        types::RowRange range;
        std::vector<types::Attempt> attempts; // first record of a number holds
        std::vector<types::StateMark> marks;
    };
    struct Event {
        int attempt = 0;
        int phase = 0; // open, ended, final
        TimeNs atNs = 0;
        int kind = 0;  // a mark comes before a point of the record at the same time
        std::size_t arrival = 0;
        TaskState state = TaskState::PendingArgs;
        std::uint16_t worker = types::kNoWorker;
    };
    std::vector<Event> ordered(std::uint32_t row) const;

    std::vector<Row> m_rows;
    std::map<std::pair<std::uint32_t, std::uint16_t>, types::ObjectRecord> m_objects;
};

class OwnerStory {
public:
    OwnerStory(base::RunId run, std::uint64_t seed);
    // Lives on for some steps and tells them as one block.
    types::BlockBytes next();
    bool ended() const;
    std::size_t rows() const { return m_tasks.size(); }
    TaskState now(std::uint32_t row) const { return m_tasks[row].truth.back().second; }
    // What was at an instant inside an attempt that ended; nothing where the log cannot know more than marks.
    std::optional<TaskState> truthAt(std::uint32_t row, TimeNs at) const;
    TimeNs nowNs() const { return m_now; }

private:
    struct Task {
        std::uint16_t vertex = 0;
        std::uint32_t index = 0;
        std::uint8_t attempt = 1;
        std::uint16_t worker = types::kNoWorker;
        TimeNs readyNs = 0, submitNs = 0, startNs = 0;
        bool dirty = false;
        bool recalled = false;
        std::vector<std::pair<TimeNs, TaskState>> truth;
        std::vector<std::pair<TimeNs, TimeNs>> known; // [ready, end) of attempts that ended
    };
    void grow();
    void go(std::uint32_t row, TaskState to);
    void step(std::uint32_t row);
    void endAttempt(std::uint32_t row, TaskState outcome, types::Cause cause);

    base::Random m_random;
    trace::BlockWriter m_writer;
    std::uint64_t m_blocks = 0;
    TimeNs m_now = 3'000'000'000'000;
    std::vector<Task> m_tasks;
    std::uint32_t m_vertices = 0;
};

} // namespace orrery::naive
