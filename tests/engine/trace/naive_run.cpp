// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/trace/naive_run.h"

#include <algorithm>
#include <tuple>

namespace orrery::naive {

using types::Attempt;
using types::Cause;

void NaiveRun::apply(const trace::BlockView& block)
{
    for (std::uint32_t i = 0; i < block.header().ranges; ++i) {
        const auto range = block.range(i);
        for (std::uint32_t k = 0; k < range.count; ++k) {
            Row row;
            row.range = range;
            m_rows.push_back(row);
        }
    }
    for (std::uint32_t i = 0; i < block.header().attempts; ++i) {
        const Attempt attempt = block.attempt(i);
        auto& known = m_rows[attempt.row].attempts;
        if (std::none_of(known.begin(), known.end(), [&](const Attempt& a) { return a.attempt == attempt.attempt; })) known.push_back(attempt);
    }
    for (std::uint32_t i = 0; i < block.header().marks; ++i) m_rows[block.mark(i).row].marks.push_back(block.mark(i));
    for (std::uint32_t i = 0; i < block.header().objects; ++i) {
        auto object = block.object(i);
        const auto known = m_objects.find({object.row, object.output});
        const bool over = object.state == types::ObjectState::Freed || object.state == types::ObjectState::Lost;
        if (known != m_objects.end() && over && known->second.bytes != 0) object.bytes = known->second.bytes;
        m_objects[{object.row, object.output}] = object;
    }
}

std::vector<NaiveRun::Event> NaiveRun::ordered(std::uint32_t r) const
{
    const Row& row = m_rows[r];
    std::vector<Event> events;
    std::set<int> finals;
    std::map<int, TimeNs> reached;
    for (std::size_t i = 0; i < row.marks.size(); ++i) {
        const auto& mark = row.marks[i];
        const auto ended = std::find_if(row.attempts.begin(), row.attempts.end(), [&](const Attempt& a) { return a.attempt == mark.attempt; });
        if (types::isTerminal(mark.state)) {
            if (finals.insert(mark.attempt).second) events.push_back({mark.attempt, 2, mark.atNs, 0, i, mark.state, mark.worker});
            continue;
        }
        TimeNs& at = reached[mark.attempt];
        at = std::max(at, mark.atNs);
        events.push_back({mark.attempt, 0, ended == row.attempts.end() ? at : std::min(at, ended->endNs), 0, i, mark.state, mark.worker});
    }
    for (const Attempt& a : row.attempts) {
        const TimeNs submit = a.submitNs == 0 ? a.startNs : a.submitNs;
        events.push_back({a.attempt, 0, submit - TimeNs{a.waitUs} * 1000, 1, 0, TaskState::PendingAssignment});
        if (a.submitNs != 0) events.push_back({a.attempt, 0, a.submitNs, 1, 1, TaskState::Submitted});
        if (a.worker != types::kNoWorker) events.push_back({a.attempt, 0, a.startNs, 1, 2, TaskState::Running, a.worker});
        events.push_back({a.attempt, 1, a.endNs, 0, 0, a.outcome, a.worker});
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        if (a.phase != 0 || b.phase != 0) return std::tie(a.attempt, a.phase) < std::tie(b.attempt, b.phase);
        return std::tie(a.attempt, a.phase, a.atNs, a.kind, a.arrival) < std::tie(b.attempt, b.phase, b.atNs, b.kind, b.arrival);
    });
    events.insert(events.begin(), {1, 0, row.range.atNs, 0, 0, row.range.state});
    for (std::size_t i = 1; i < events.size(); ++i) {
        events[i].atNs = std::max(events[i].atNs, events[i - 1].atNs);
        if (events[i].worker == types::kNoWorker) events[i].worker = events[i - 1].worker;
    }
    return events;
}

std::optional<TaskState> NaiveRun::stateAt(std::uint32_t row, TimeNs at) const
{
    std::optional<TaskState> state;
    for (const Event& event : ordered(row))
        if (event.atNs <= at) state = event.state;
    return state;
}

std::vector<std::string> NaiveRun::story(std::uint32_t row) const
{
    std::vector<std::string> lines;
    for (const Event& event : ordered(row))
        lines.push_back("model: " + std::to_string(event.atNs) + " attempt " + std::to_string(event.attempt) + " phase " + std::to_string(event.phase) + " " + std::string(types::jsonName(event.state)));
    return lines;
}

types::StateCounts NaiveRun::counts() const
{
    types::StateCounts counts{};
    for (std::uint32_t row = 0; row < m_rows.size(); ++row) ++counts[static_cast<std::size_t>(state(row))];
    return counts;
}

types::VertexCounts NaiveRun::vertex(std::uint16_t vertex) const
{
    types::VertexCounts made;
    made.vertex = vertex;
    for (std::uint32_t row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].range.vertex != vertex) continue;
        ++made.tasks;
        ++made.counts[static_cast<std::size_t>(state(row))];
        for (const Attempt& attempt : m_rows[row].attempts)
            if (attempt.outcome == TaskState::Finished) made.busyNs += static_cast<std::uint64_t>(attempt.endNs - attempt.startNs);
    }
    return made;
}

std::uint64_t NaiveRun::reexecuted() const
{
    std::uint64_t sum = 0;
    for (std::uint32_t row = 0; row < m_rows.size(); ++row) {
        int newest = 1;
        for (const Event& event : ordered(row)) newest = std::max(newest, event.attempt);
        sum += static_cast<std::uint64_t>(newest - 1);
    }
    return sum;
}

std::set<std::pair<std::uint16_t, std::uint32_t>> NaiveRun::open() const
{
    std::set<std::pair<std::uint16_t, std::uint32_t>> open;
    for (std::uint32_t row = 0; row < m_rows.size(); ++row)
        if (state(row) == TaskState::Running) open.insert({ordered(row).back().worker, row});
    return open;
}

trace::ObjectTotals NaiveRun::objectTotals() const
{
    trace::ObjectTotals totals;
    for (const auto& [key, object] : m_objects) {
        ++totals.count[static_cast<std::size_t>(object.state)];
        totals.bytes[static_cast<std::size_t>(object.state)] += object.bytes;
    }
    return totals;
}

// ---- the owner's side ----

OwnerStory::OwnerStory(base::RunId run, std::uint64_t seed) : m_random(seed), m_writer(run, 0, 1) { grow(); }

void OwnerStory::grow()
{
    const auto width = static_cast<std::uint32_t>(1 + m_random.below(20));
    const bool ready = m_random.chance(0.5);
    const TaskState state = ready ? TaskState::PendingAssignment : TaskState::PendingArgs;
    m_writer.add(types::RowRange{static_cast<std::uint32_t>(m_tasks.size()), width, 0, static_cast<std::uint16_t>(m_vertices), state, m_now});
    for (std::uint32_t i = 0; i < width; ++i) {
        Task task;
        task.vertex = static_cast<std::uint16_t>(m_vertices);
        task.index = i;
        task.readyNs = ready ? m_now : 0;
        task.truth.push_back({m_now, state});
        m_tasks.push_back(task);
    }
    ++m_vertices;
}

void OwnerStory::go(std::uint32_t row, TaskState to)
{
    Task& task = m_tasks[row];
    ORRERY_ASSERT(types::mayGo(task.truth.back().second, to));
    task.truth.push_back({m_now, to});
    task.dirty = true;
}

void OwnerStory::endAttempt(std::uint32_t row, TaskState outcome, Cause cause)
{
    Task& task = m_tasks[row];
    Attempt a;
    a.row = row;
    a.mapIndex = task.index;
    a.vertex = task.vertex;
    a.worker = task.worker;
    a.attempt = task.attempt;
    a.outcome = outcome;
    a.cause = cause;
    a.submitNs = task.submitNs;
    a.startNs = task.startNs;
    a.endNs = m_now;
    a.waitUs = static_cast<std::uint32_t>((task.submitNs - task.readyNs) / 1000);
    if (cause != Cause::None) a.error = m_writer.addError("cause " + std::to_string(m_random.below(5)));
    m_writer.add(a);
    task.known.push_back({task.readyNs, m_now});
    if (outcome == TaskState::Finished) {
        types::ObjectRecord object;
        object.row = row;
        object.output = static_cast<std::uint16_t>(m_random.below(3));
        object.bytes = m_random.below(10'000);
        object.state = m_random.chance(0.5) ? types::ObjectState::Inline : types::ObjectState::Memory;
        object.attempt = task.attempt;
        object.atNs = m_now;
        m_writer.add(object);
    }
}

void OwnerStory::step(std::uint32_t row)
{
    Task& task = m_tasks[row];
    using enum TaskState;
    switch (now(row)) {
    case PendingArgs:
        if (m_random.chance(0.05)) {
            go(row, Skipped);
            m_writer.add(types::StateMark{row, Skipped, task.attempt, types::kNoWorker, m_now});
            return;
        }
        task.readyNs = m_now;
        return go(row, PendingAssignment);
    case PendingAssignment:
        if (m_random.chance(0.05)) return go(row, PendingArgs);
        if (m_random.chance(0.05)) return go(row, Held);
        task.submitNs = m_now;
        return go(row, Submitted);
    case Held:
        task.readyNs = m_now;
        return go(row, PendingAssignment);
    case Submitted:
        if (m_random.chance(0.1)) {
            task.recalled = true;
            return go(row, PendingAssignment);
        }
        task.worker = static_cast<std::uint16_t>(m_random.below(4));
        task.startNs = m_now;
        return go(row, Running);
    case Running: {
        const auto chance = m_random.below(100);
        if (chance < 75) {
            endAttempt(row, Finished, Cause::None);
            return go(row, Finished);
        }
        if (chance < 85) {
            endAttempt(row, Failed, Cause::Threw);
            return go(row, Failed);
        }
        if (chance < 90) {
            endAttempt(row, Cancelled, Cause::Cancelled);
            go(row, Cancelled);
            m_writer.add(types::StateMark{row, Cancelled, task.attempt, types::kNoWorker, m_now});
            return;
        }
        endAttempt(row, Retrying, Cause::WorkerDied);
        ++task.attempt;
        go(row, Retrying);
        if (m_random.chance(0.5)) {
            task.readyNs = m_now;
            go(row, PendingAssignment);
        }
        return;
    }
    case Retrying:
        task.readyNs = m_now;
        return go(row, PendingAssignment);
    case Finished:
        if (m_random.chance(0.05) && task.attempt < 200) {
            m_writer.add(types::ObjectRecord{row, 0, 0, types::ObjectState::Lost, 0, 0, 0, {}, 0, 0, 0, 1, m_now});
            ++task.attempt;
            go(row, PendingArgs);
        }
        return;
    default: return;
    }
}

types::BlockBytes OwnerStory::next()
{
    for (std::uint64_t steps = m_random.below(60); steps > 0; --steps) {
        m_now += static_cast<TimeNs>(1'000 * (1 + m_random.below(1'000))); // whole microseconds: a record's wait is in them
        if (m_random.chance(0.02) && m_vertices < 12) grow();
        step(static_cast<std::uint32_t>(m_random.below(m_tasks.size())));
    }
    for (std::uint32_t row = 0; row < m_tasks.size(); ++row) {
        Task& task = m_tasks[row];
        if (!std::exchange(task.dirty, false) || types::isTerminal(now(row))) continue;
        m_writer.add(types::StateMark{row, now(row), task.attempt, now(row) == TaskState::Running ? task.worker : types::kNoWorker, task.truth.back().first});
    }
    return m_writer.seal(++m_blocks);
}

bool OwnerStory::ended() const
{
    return std::all_of(m_tasks.begin(), m_tasks.end(), [](const Task& task) { return types::isTerminal(task.truth.back().second); });
}

std::optional<TaskState> OwnerStory::truthAt(std::uint32_t row, TimeNs at) const
{
    const Task& task = m_tasks[row];
    if (task.recalled) return std::nullopt; // the record tells its last way through the lane only
    for (const auto& [from, to] : task.known) {
        if (at < from || at >= to) continue;
        std::optional<TaskState> state;
        for (const auto& [when, what] : task.truth)
            if (when <= at) state = what;
        return state;
    }
    return std::nullopt;
}

} // namespace orrery::naive
