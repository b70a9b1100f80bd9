// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// RunStore as a function of time, its story and its audit.
#include "engine/trace/run_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace orrery::trace {

using types::Attempt;
using types::Cause;
using types::RowRange;
using types::StateMark;

namespace {

struct Point {
    TimeNs atNs = 0;
    TaskState state = TaskState::PendingArgs;
    std::uint16_t worker = types::kNoWorker;
};

// The times of an attempt, brought into order: a peer may have told anything.
struct Way {
    explicit Way(const Attempt& attempt) : endNs(attempt.endNs), startNs(std::min(attempt.startNs, endNs))
    {
        submitNs = attempt.submitNs == 0 ? startNs : std::min(attempt.submitNs, startNs);
        readyNs = submitNs - static_cast<TimeNs>(attempt.waitUs) * base::kMicrosecond;
        submitted = attempt.submitNs != 0;
        ran = attempt.worker != types::kNoWorker;
    }
    TimeNs endNs, startNs, submitNs, readyNs;
    bool submitted, ran;
};

// The states an attempt went through before its end.
void pointsOf(const Attempt& attempt, std::vector<Point>& out)
{
    const Way way(attempt);
    out.push_back({way.readyNs, TaskState::PendingAssignment});
    if (way.submitted) out.push_back({way.submitNs, TaskState::Submitted});
    if (way.ran) out.push_back({way.startNs, TaskState::Running, attempt.worker});
}

class Changes {
public:
    Changes(std::vector<StateChange>& out, const RowRange& range) : m_out(out)
    {
        m_out.clear();
        m_out.push_back({range.atNs, range.state});
        m_floor = range.atNs;
    }
    void add(StateChange change)
    {
        StateChange& last = m_out.back();
        m_floor = change.atNs = std::max(change.atNs, m_floor);
        if (last.state == change.state && last.attempt == change.attempt) {
            if (change.worker != types::kNoWorker) last.worker = change.worker;
            if (change.cause != Cause::None) last.cause = change.cause;
            if (change.error != 0) last.error = change.error;
            return;
        }
        m_out.push_back(change);
    }

private:
    std::vector<StateChange>& m_out;
    TimeNs m_floor = 0; // the latest event so far, also when it changed nothing
};

} // namespace

void RunStore::collect(std::uint32_t row, std::vector<StateChange>& out) const
{
    Changes changes(out, rangeOf(row));
    std::vector<StateMark> marks;
    for (std::uint32_t at = m_lastMark[row]; at != kNone; at = m_markBefore[at]) marks.push_back(mark(at));
    std::reverse(marks.begin(), marks.end());
    std::stable_sort(marks.begin(), marks.end(), [](const StateMark& a, const StateMark& b) { return a.attempt < b.attempt; });
    const std::vector<Attempt> attempts = attemptsOf(row);
    std::vector<Point> points;
    std::size_t m = 0, a = 0;
    while (m < marks.size() || a < attempts.size()) {
        const std::uint8_t number = a == attempts.size() ? marks[m].attempt : m == marks.size() ? attempts[a].attempt : std::min(marks[m].attempt, attempts[a].attempt);
        const Attempt* ended = a < attempts.size() && attempts[a].attempt == number ? &attempts[a] : nullptr;
        points.clear();
        if (ended) pointsOf(*ended, points);
        auto next = points.begin();
        const auto addPoint = [&](const Point& point) { changes.add({ended ? std::min(point.atNs, ended->endNs) : point.atNs, point.state, number, point.worker}); };
        std::vector<const StateMark*> finals;
        for (; m < marks.size() && marks[m].attempt == number; ++m) {
            if (types::isTerminal(marks[m].state)) {
                finals.push_back(&marks[m]);
                continue;
            }
            while (next != points.end() && next->atNs < marks[m].atNs) addPoint(*next++);
            addPoint({marks[m].atNs, marks[m].state, marks[m].worker});
        }
        while (next != points.end()) addPoint(*next++);
        if (ended) {
            changes.add({ended->endNs, ended->outcome, number, ended->worker, ended->cause, ended->error});
            ++a;
        }
        if (!finals.empty()) changes.add({finals.front()->atNs, finals.front()->state, number, finals.front()->worker});
    }
}

std::vector<StateChange> RunStore::history(std::uint32_t row) const
{
    std::vector<StateChange> changes;
    collect(row, changes);
    return changes;
}

namespace {

std::uint8_t lastUntil(const std::vector<StateChange>& changes, TimeNs at)
{
    std::uint8_t state = RunStore::kNotYet;
    for (const StateChange& change : changes) {
        if (change.atNs > at) break;
        state = static_cast<std::uint8_t>(change.state);
    }
    return state;
}

} // namespace

std::optional<TaskState> RunStore::stateAt(std::uint32_t row, TimeNs at) const
{
    std::vector<StateChange> changes;
    collect(row, changes);
    const std::uint8_t state = lastUntil(changes, at);
    if (state == kNotYet) return std::nullopt;
    return static_cast<TaskState>(state);
}

void RunStore::statesAt(TimeNs at, std::vector<std::uint8_t>& out) const
{
    out.resize(rows());
    std::vector<TimeNs> since(rows());
    for (const RowRange& range : m_ranges) {
        std::fill_n(out.begin() + range.firstRow, range.count, range.atNs <= at ? static_cast<std::uint8_t>(range.state) : kNotYet);
        std::fill_n(since.begin() + range.firstRow, range.count, range.atNs);
    }
    // Rows whose one attempt tells everything, block by block.
    for (std::uint64_t number = 1; number <= m_blocks.size(); ++number) {
        eachAttemptOfBlock(number, [&](std::uint32_t index, const Attempt& attempt) {
            const std::uint32_t row = attempt.row;
            if (out[row] == kNotYet || m_lastMark[row] != kNone || !isLast(row, index)) return;
            const TimeNs floor = since[row];
            const Way way(attempt);
            if (std::max(way.endNs, floor) <= at) out[row] = static_cast<std::uint8_t>(attempt.outcome);
            else if (way.ran && std::max(way.startNs, floor) <= at) out[row] = static_cast<std::uint8_t>(TaskState::Running);
            else if (way.submitted && std::max(way.submitNs, floor) <= at) out[row] = static_cast<std::uint8_t>(TaskState::Submitted);
            else if (std::max(way.readyNs, floor) <= at) out[row] = static_cast<std::uint8_t>(TaskState::PendingAssignment);
        });
    }
    // The others one by one.
    std::vector<StateChange> changes;
    for (std::uint32_t row = 0; row < rows(); ++row) {
        if (out[row] == kNotYet || (m_lastMark[row] == kNone && m_earlier.find(row) == m_earlier.end())) continue;
        collect(row, changes);
        out[row] = lastUntil(changes, at);
    }
}

std::vector<std::string> RunStore::story(std::uint32_t row) const
{
    std::vector<std::string> lines;
    if (row >= rows()) {
        lines.push_back(fmt::format("Row {} does not exist; the run has {} rows.", row, rows()));
        return lines;
    }
    lines.push_back(fmt::format("Row {} is index {} of vertex {}; now {}, attempt {}.", row, m_mapIndex[row], m_vertex[row], types::jsonName(m_state[row]), m_attempt[row]));
    const TimeNs zero = m_firstNs;
    for (const StateChange& change : history(row)) {
        std::string line = fmt::format("{:+.6f} s  attempt {}  {}", static_cast<double>(change.atNs - zero) / 1e9, change.attempt, types::jsonName(change.state));
        if (change.worker != types::kNoWorker) line += fmt::format(" on worker {}", change.worker);
        if (change.cause != Cause::None) line += fmt::format(", {}", types::causeName(change.cause));
        if (change.error != 0) line += ": " + errorText(change.error);
        lines.push_back(std::move(line));
    }
    for (std::uint32_t index = m_firstObject[row]; index != kNone; index = m_objects[index].next) {
        const auto record = object(index);
        lines.push_back(fmt::format("{:+.6f} s  output {} is {}, {} bytes, on node {}", static_cast<double>(record.atNs - zero) / 1e9, record.output, types::objectStateName(record.state), record.bytes, record.node));
    }
    return lines;
}

std::string RunStore::audit() const
{
    const auto wrong = [this](std::uint32_t row, const std::string& what) {
        std::string text = what;
        for (const auto& line : story(row)) text += "\n  " + line;
        return text;
    };
    for (const std::size_t size : {m_phase.size(), m_attempt.size(), m_worker.size(), m_vertex.size(), m_mapIndex.size(), m_last.size(), m_lastMark.size(), m_firstObject.size()})
        if (size != m_state.size()) return "the columns of rows have different lengths";
    StateCounts counts{};
    std::vector<StateCounts> byVertex(m_vertices.size());
    std::uint64_t reexecuted = 0, ended = 0, retries = 0;
    std::vector<std::uint64_t> busy(m_vertices.size());
    std::size_t open = 0;
    std::vector<StateChange> changes;
    for (std::uint32_t row = 0; row < rows(); ++row) {
        const auto state = static_cast<std::size_t>(m_state[row]);
        ++counts[state];
        ++byVertex[m_vertex[row]][state];
        reexecuted += m_attempt[row] > 1 ? m_attempt[row] - 1u : 0;
        if (m_state[row] == TaskState::Running) {
            ++open;
            if (!m_open.contains({m_worker[row], row})) return wrong(row, fmt::format("row {} runs and has no open span", row));
        }
        collect(row, changes);
        if (changes.back().state != m_state[row]) return wrong(row, fmt::format("row {} is {} and its history ends otherwise", row, types::jsonName(m_state[row])));
        for (std::size_t i = 1; i < changes.size(); ++i)
            if (changes[i].atNs < changes[i - 1].atNs) return wrong(row, fmt::format("row {} goes back in time", row));
        for (const Attempt& attempt : attemptsOf(row)) {
            ++ended;
            retries += attempt.outcome == TaskState::Retrying;
            if (attempt.outcome == TaskState::Finished) busy[m_vertex[row]] += static_cast<std::uint64_t>(std::max<TimeNs>(0, attempt.endNs - attempt.startNs));
            if (attempt.row != row) return wrong(row, fmt::format("an attempt of row {} hangs on row {}", attempt.row, row));
        }
        for (std::uint32_t index = m_firstObject[row]; index != kNone; index = m_objects[index].next)
            if (m_objects[index].row != row || findObject(row, m_objects[index].output) != index) return wrong(row, fmt::format("an object of row {} hangs twice or elsewhere", row));
    }
    if (counts != m_counts) return "the run's counters do not equal a recount";
    for (std::size_t v = 0; v < m_vertices.size(); ++v) {
        if (byVertex[v] != m_vertices[v].counts.counts) return fmt::format("the counters of vertex {} do not equal a recount", v);
        if (busy[v] != m_vertices[v].counts.busyNs) return fmt::format("the busy time of vertex {} does not equal a recount", v);
        std::uint64_t sum = 0;
        for (const auto count : byVertex[v]) sum += count;
        if (sum != m_vertices[v].counts.tasks) return fmt::format("vertex {} says {} tasks and has {}", v, m_vertices[v].counts.tasks, sum);
    }
    if (reexecuted != m_reexecuted) return fmt::format("{} attempts were made again and {} are counted", reexecuted, m_reexecuted);
    if (retries != m_retries) return fmt::format("{} attempts ended in a retry and {} are counted", retries, m_retries);
    if (ended > m_attempts) return "more attempts hang on rows than blocks tell";
    if (open != m_open.size()) return fmt::format("{} rows run and {} spans are open", open, m_open.size());
    ObjectTotals totals;
    for (const Object& object : m_objects) {
        ++totals.count[static_cast<std::size_t>(object.state)];
        totals.bytes[static_cast<std::size_t>(object.state)] += object.bytes;
    }
    std::uint64_t copies = 0;
    for (const auto& [index, nodes] : m_copies) {
        copies += nodes.size();
        if (nodes.empty() || index >= m_objects.size()) return "a copy is of no object";
    }
    if (copies != m_copyCount) return fmt::format("{} copies lie somewhere and {} are counted", copies, m_copyCount);
    if (!(totals == m_objectTotals)) return "the totals of objects do not equal a recount";
    return {};
}

RunStore::Memory RunStore::memory() const
{
    const auto of = [](const auto& column) { return column.capacity() * sizeof(column[0]); };
    Memory memory;
    memory.blockBytes = m_blockBytes;
    memory.rowBytes = of(m_state) + of(m_phase) + of(m_attempt) + of(m_worker) + of(m_vertex) + of(m_mapIndex) + of(m_last) + of(m_lastMark) + of(m_firstObject);
    memory.objectBytes = of(m_objects) + m_copies.size() * 64 + m_copyCount * 2;
    memory.otherBytes = of(m_blocks) + of(m_markBefore) + of(m_ranges) + of(m_vertices) + m_open.size() * 64;
    for (const auto& [row, list] : m_earlier) memory.otherBytes += 48 + list.capacity() * 4;
    for (const auto& text : m_errors) memory.otherBytes += sizeof text + text.capacity();
    return memory;
}

} // namespace orrery::trace
