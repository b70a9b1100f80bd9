// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/run_store.h"

#include "engine/types/task_record.h"

#include <algorithm>

namespace orrery::trace {

using base::Errc;
using types::Attempt;
using types::CopyRecord;
using types::ObjectRecord;
using types::ObjectState;
using types::RowRange;
using types::StateMark;

namespace {

// Freed and Lost say nothing about the value; what it was is told by the record before.
bool describes(ObjectState state) { return state != ObjectState::Freed && state != ObjectState::Lost; }

} // namespace

base::Result<Applied> RunStore::apply(const BlockBytes& bytes)
{
    auto opened = BlockView::open(*bytes);
    if (!opened) return opened.error();
    const BlockView& view = *opened;
    const BlockHeader& header = view.header();
    if (header.run != m_run)
        return base::fail(Errc::BadInput, "A trace block of " + header.run.text() + " was given to the store of " + m_run.text() + "; it was not used.");
    if (header.homeEpoch < m_homeEpoch) return Applied::OfEarlierHome;
    const bool newHome = header.homeEpoch > m_homeEpoch && !m_blocks.empty();
    if (!newHome && header.number <= m_blocks.size()) return Applied::Already;
    if (header.number != (newHome ? 1 : m_blocks.size() + 1)) return Applied::Gap;
    if (newHome) {
        RunStore fresh(m_run);
        ORRERY_TRY(fresh.fits(view));
        clear();
    } else {
        ORRERY_TRY(fits(view));
    }
    m_homeEpoch = header.homeEpoch;
    Sealed sealed;
    sealed.bytes = bytes;
    sealed.firstAttempt = m_attempts;
    sealed.firstMark = static_cast<std::uint32_t>(m_markBefore.size());
    sealed.firstObject = m_objectRecords;
    sealed.firstNs = header.firstNs;
    sealed.lastNs = header.lastNs;
    m_blocks.push_back(std::move(sealed));
    m_blockBytes += bytes->size();
    if (header.firstNs != 0 || header.lastNs != 0) {
        m_firstNs = m_firstNs == 0 ? header.firstNs : std::min(m_firstNs, header.firstNs);
        m_lastNs = std::max(m_lastNs, header.lastNs);
    }
    for (std::uint32_t i = 0; i < header.errors; ++i) m_errors.emplace_back(view.error(i));
    for (std::uint32_t i = 0; i < header.ranges; ++i) applyRange(view.range(i));
    view.eachAttempt([this, first = m_blocks.back().firstAttempt](std::uint32_t i, const Attempt& attempt) { applyAttempt(first + i, attempt); });
    m_attempts += header.attempts;
    for (std::uint32_t i = 0; i < header.marks; ++i) applyMark(m_blocks.back().firstMark + i, view.mark(i));
    for (std::uint32_t i = 0; i < header.objects; ++i) applyObject(m_blocks.back().firstObject + i, view.object(i));
    m_objectRecords += header.objects;
    for (std::uint32_t i = 0; i < header.copies; ++i) applyCopy(view.copy(i));
    return Applied::Now;
}

// Everything that could fail is looked at before anything is changed.
base::Result<void> RunStore::fits(const BlockView& view) const
{
    const BlockHeader& header = view.header();
    const auto wrong = [&](const std::string& what) {
        return base::fail(Errc::BadInput, "Trace block " + std::to_string(header.number) + " of " + m_run.text() + " contradicts the blocks before it: " + what +
                                              ". It was not used; the home of the run must be asked for all of its trace again.");
    };
    if (header.firstError != m_errors.size() + 1) return wrong("its first error text has number " + std::to_string(header.firstError) + " and " + std::to_string(m_errors.size() + 1) + " is next");
    std::uint64_t end = rows();
    std::vector<RowRange> fresh;
    for (std::uint32_t i = 0; i < header.ranges; ++i) {
        const RowRange range = view.range(i);
        if (range.count == 0) continue;
        if (range.firstRow != end) return wrong("a range begins at row " + std::to_string(range.firstRow) + " and row " + std::to_string(end) + " is next");
        end += range.count;
        fresh.push_back(range);
    }
    if (end > kRowsMax) return wrong("a run has at most " + std::to_string(kRowsMax) + " tasks");
    constexpr std::uint64_t kCountMax = kNone - 1;
    if (m_attempts + std::uint64_t{header.attempts} > kCountMax || m_markBefore.size() + std::uint64_t{header.marks} > kCountMax || m_objectRecords + std::uint64_t{header.objects} > kCountMax)
        return wrong("a run has at most 4 billion records");

    std::string problem;
    std::size_t near = 0; // rows of a block lie together
    view.eachAttempt([&](std::uint32_t, const Attempt& attempt) {
        if (!problem.empty()) return;
        if (attempt.row >= end) {
            problem = "an attempt is of row " + std::to_string(attempt.row) + " and there are " + std::to_string(end);
            return;
        }
        bool same;
        if (attempt.row < rows()) {
            same = m_vertex[attempt.row] == attempt.vertex && m_mapIndex[attempt.row] == attempt.mapIndex;
        } else {
            if (attempt.row < fresh[near].firstRow || attempt.row - fresh[near].firstRow >= fresh[near].count) {
                const auto after = std::upper_bound(fresh.begin(), fresh.end(), attempt.row, [](std::uint32_t row, const RowRange& range) { return row < range.firstRow; });
                near = static_cast<std::size_t>(after - fresh.begin()) - 1;
            }
            same = fresh[near].vertex == attempt.vertex && fresh[near].firstIndex + (attempt.row - fresh[near].firstRow) == attempt.mapIndex;
        }
        if (!same) problem = "an attempt says that row " + std::to_string(attempt.row) + " is index " + std::to_string(attempt.mapIndex) + " of vertex " + std::to_string(attempt.vertex);
    });
    if (!problem.empty()) return wrong(problem);
    for (std::uint32_t i = 0; i < header.marks; ++i)
        if (view.mark(i).row >= end) return wrong("a mark is of row " + std::to_string(view.mark(i).row) + " and there are " + std::to_string(end));
    for (std::uint32_t i = 0; i < header.objects; ++i) {
        const ObjectRecord object = view.object(i);
        if (object.row >= end) return wrong("an object is of row " + std::to_string(object.row) + " and there are " + std::to_string(end));
        if (object.output >= types::kOutputsMax) return wrong("an object is output " + std::to_string(object.output) + " of its task");
    }
    for (std::uint32_t i = 0; i < header.copies; ++i)
        if (const CopyRecord copy = view.copy(i); copy.row >= end || copy.node == types::kNoNode)
            return wrong("a copy is of row " + std::to_string(copy.row) + " on node " + std::to_string(copy.node) + ", and there are " + std::to_string(end) + " rows");
    return {};
}

void RunStore::clear()
{
    RunStore fresh(m_run);
    m_blocks.clear();
    m_blockBytes = 0;
    m_firstNs = m_lastNs = 0;
    m_state.clear();
    m_phase.clear();
    m_attempt.clear();
    m_worker.clear();
    m_vertex.clear();
    m_mapIndex.clear();
    m_last.clear();
    m_lastMark.clear();
    m_firstObject.clear();
    m_earlier.clear();
    m_markBefore.clear();
    m_ranges.clear();
    m_rangesOfVertex.clear();
    m_vertices.clear();
    m_counts = {};
    m_open.clear();
    m_objects.clear();
    m_objectTotals = {};
    m_objectRecords = 0;
    m_copies.clear();
    m_copyCount = 0;
    m_attempts = 0;
    m_retries = 0;
    m_reexecuted = 0;
    m_errors.clear();
    m_problem.clear();
    m_problems = 0;
}

void RunStore::tell(std::string problem)
{
    if (m_problems++ == 0) m_problem = std::move(problem);
}

void RunStore::applyRange(const RowRange& range)
{
    if (range.count == 0) return;
    const std::size_t end = m_state.size() + range.count;
    m_state.resize(end, range.state);
    m_phase.resize(end, Phase::Open);
    m_attempt.resize(end, 1);
    m_worker.resize(end, types::kNoWorker);
    m_vertex.resize(end, range.vertex);
    m_mapIndex.resize(end);
    for (std::uint32_t i = 0; i < range.count; ++i) m_mapIndex[range.firstRow + i] = range.firstIndex + i;
    m_last.resize(end, kNone);
    m_lastMark.resize(end, kNone);
    m_firstObject.resize(end, kNone);
    m_rangesOfVertex[range.vertex].push_back(static_cast<std::uint32_t>(m_ranges.size()));
    m_ranges.push_back(range);
    if (m_vertices.size() <= range.vertex) {
        const std::size_t before = m_vertices.size();
        m_vertices.resize(range.vertex + std::size_t{1});
        for (std::size_t v = before; v < m_vertices.size(); ++v) m_vertices[v].counts.vertex = static_cast<std::uint16_t>(v);
    }
    VertexState& vertex = m_vertices[range.vertex];
    vertex.counts.tasks += range.count;
    vertex.counts.counts[static_cast<std::size_t>(range.state)] += range.count;
    vertex.changed = m_blocks.size();
    m_counts[static_cast<std::size_t>(range.state)] += range.count;
}

void RunStore::enter(std::uint32_t row, TaskState state, std::uint8_t attempt, Phase phase, std::uint16_t worker, TimeNs atNs)
{
    if (attempt < m_attempt[row] || (attempt == m_attempt[row] && phase < m_phase[row])) return; // history only
    if (attempt == m_attempt[row] && phase == m_phase[row] && phase == Phase::Final)
        return tell("Row " + std::to_string(row) + " was told its final state twice in attempt " + std::to_string(attempt));
    const TaskState before = m_state[row];
    if (before == TaskState::Running) m_open.erase({m_worker[row], row});
    m_reexecuted += attempt - m_attempt[row];
    m_attempt[row] = attempt;
    m_phase[row] = phase;
    m_state[row] = state;
    if (worker != types::kNoWorker) m_worker[row] = worker;
    if (state == TaskState::Running) m_open.emplace(std::pair(m_worker[row], row), atNs);
    VertexState& vertex = m_vertices[m_vertex[row]];
    vertex.changed = m_blocks.size();
    if (before == state) return;
    --m_counts[static_cast<std::size_t>(before)];
    ++m_counts[static_cast<std::size_t>(state)];
    --vertex.counts.counts[static_cast<std::size_t>(before)];
    ++vertex.counts.counts[static_cast<std::size_t>(state)];
}

void RunStore::applyAttempt(std::uint32_t globalIndex, const Attempt& attempt)
{
    const std::uint32_t row = attempt.row;
    if (m_last[row] != kNone) {
        // Tried more than once: rare, so the older ones hang in a side table.
        std::vector<std::uint32_t> linked = linkedAttempts(row);
        for (const std::uint32_t other : linked) {
            if (this->attempt(other).attempt != attempt.attempt) continue;
            return tell("Attempt " + std::to_string(attempt.attempt) + " of row " + std::to_string(row) + " ended twice");
        }
        const bool newest = attempt.attempt > this->attempt(m_last[row]).attempt;
        m_earlier[row].push_back(newest ? m_last[row] : globalIndex);
        if (newest) m_last[row] = globalIndex;
    } else {
        m_last[row] = globalIndex;
    }
    if (attempt.outcome == TaskState::Retrying) ++m_retries;
    if (attempt.outcome == TaskState::Finished) {
        VertexState& vertex = m_vertices[m_vertex[row]];
        vertex.counts.busyNs += static_cast<std::uint64_t>(std::max<TimeNs>(0, attempt.endNs - attempt.startNs));
        vertex.changed = m_blocks.size();
    }
    enter(row, attempt.outcome, attempt.attempt, Phase::Ended, attempt.worker, attempt.endNs);
}

void RunStore::applyMark(std::uint32_t globalIndex, const StateMark& mark)
{
    m_markBefore.push_back(m_lastMark[mark.row]);
    m_lastMark[mark.row] = globalIndex;
    enter(mark.row, mark.state, mark.attempt, types::isTerminal(mark.state) ? Phase::Final : Phase::Open, mark.worker, mark.atNs);
}

void RunStore::applyObject(std::uint32_t globalIndex, const ObjectRecord& object)
{
    std::uint32_t index = findObject(object.row, object.output);
    if (index == kNone) {
        index = objects();
        Object& made = m_objects.emplace_back();
        made.row = object.row;
        made.output = object.output;
        made.next = m_firstObject[object.row];
        made.made = globalIndex;
        m_firstObject[object.row] = index;
    } else {
        const Object& known = m_objects[index];
        --m_objectTotals.count[static_cast<std::size_t>(known.state)];
        m_objectTotals.bytes[static_cast<std::size_t>(known.state)] -= known.bytes;
    }
    Object& entry = m_objects[index];
    if (describes(object.state)) entry.made = globalIndex;
    if (describes(object.state) || entry.bytes == 0) entry.bytes = object.bytes;
    entry.last = globalIndex;
    entry.state = object.state;
    ++m_objectTotals.count[static_cast<std::size_t>(entry.state)];
    m_objectTotals.bytes[static_cast<std::size_t>(entry.state)] += entry.bytes;
}

void RunStore::applyCopy(const CopyRecord& copy)
{
    const auto what = [&] { return "output " + std::to_string(copy.output) + " of row " + std::to_string(copy.row) + " on node " + std::to_string(copy.node); };
    const std::uint32_t index = findObject(copy.row, copy.output);
    if (index == kNone) return tell("A copy of " + what() + " was told and the object never");
    auto& nodes = m_copies[index];
    const auto found = std::find(nodes.begin(), nodes.end(), copy.node);
    const bool fits = copy.gone == (found != nodes.end()) && (copy.gone || nodes.size() < kCopiesMax);
    if (fits && copy.gone) nodes.erase(found);
    else if (fits) nodes.push_back(copy.node);
    if (nodes.empty()) m_copies.erase(index);
    if (!fits) return tell("The copy of " + what() + (copy.gone ? " went and never came" : found != nodes.end() ? " came twice" : " is one of too many"));
    m_copyCount = copy.gone ? m_copyCount - 1 : m_copyCount + 1;
}

std::span<const std::uint16_t> RunStore::copiesOf(std::uint32_t index) const
{
    const auto found = m_copies.find(index);
    return found == m_copies.end() ? std::span<const std::uint16_t>() : std::span<const std::uint16_t>(found->second);
}

void RunStore::fill(types::RunRow& row) const
{
    row.counts = m_counts;
    row.tasks = rows();
    row.reexecuted = m_reexecuted;
}

const RunStore::Sealed& RunStore::sealedOf(std::uint32_t globalIndex, std::uint32_t Sealed::*first) const
{
    const auto after = std::upper_bound(m_blocks.begin(), m_blocks.end(), globalIndex, [first](std::uint32_t index, const Sealed& sealed) { return index < sealed.*first; });
    return *(after - 1);
}

Attempt RunStore::attempt(std::uint32_t globalIndex) const
{
    const Sealed& sealed = sealedOf(globalIndex, &Sealed::firstAttempt);
    return BlockView::trusted(*sealed.bytes).attempt(globalIndex - sealed.firstAttempt);
}

StateMark RunStore::mark(std::uint32_t globalIndex) const
{
    const Sealed& sealed = sealedOf(globalIndex, &Sealed::firstMark);
    return BlockView::trusted(*sealed.bytes).mark(globalIndex - sealed.firstMark);
}

ObjectRecord RunStore::objectRecord(std::uint32_t globalIndex) const
{
    const Sealed& sealed = sealedOf(globalIndex, &Sealed::firstObject);
    return BlockView::trusted(*sealed.bytes).object(globalIndex - sealed.firstObject);
}

const RowRange& RunStore::rangeOf(std::uint32_t row) const
{
    return *(std::upper_bound(m_ranges.begin(), m_ranges.end(), row, [](std::uint32_t r, const RowRange& range) { return r < range.firstRow; }) - 1);
}

std::uint32_t RunStore::rowOf(std::uint16_t vertex, std::uint32_t mapIndex) const
{
    const auto found = m_rangesOfVertex.find(vertex);
    if (found == m_rangesOfVertex.end()) return kNoRow;
    for (const std::uint32_t i : found->second)
        if (mapIndex >= m_ranges[i].firstIndex && mapIndex - m_ranges[i].firstIndex < m_ranges[i].count) return m_ranges[i].firstRow + (mapIndex - m_ranges[i].firstIndex);
    return kNoRow;
}

std::vector<std::uint32_t> RunStore::linkedAttempts(std::uint32_t row) const
{
    std::vector<std::uint32_t> linked;
    if (m_last[row] == kNone) return linked;
    if (const auto earlier = m_earlier.find(row); earlier != m_earlier.end()) linked = earlier->second;
    linked.push_back(m_last[row]);
    return linked;
}

std::uint32_t RunStore::endedAttempts(std::uint32_t row) const { return static_cast<std::uint32_t>(linkedAttempts(row).size()); }

std::optional<Attempt> RunStore::lastAttempt(std::uint32_t row) const
{
    if (m_last[row] == kNone) return std::nullopt;
    return attempt(m_last[row]);
}

std::vector<Attempt> RunStore::attemptsOf(std::uint32_t row) const
{
    std::vector<Attempt> all;
    for (const std::uint32_t index : linkedAttempts(row)) all.push_back(attempt(index));
    std::stable_sort(all.begin(), all.end(), [](const Attempt& a, const Attempt& b) { return a.attempt < b.attempt; });
    return all;
}

std::vector<OpenSpan> RunStore::openSpans() const
{
    std::vector<OpenSpan> spans;
    spans.reserve(m_open.size());
    for (const auto& [key, startNs] : m_open) spans.push_back({key.first, key.second, startNs});
    return spans;
}

const std::string& RunStore::errorText(std::uint32_t index) const
{
    static const std::string kEmpty;
    return index == 0 || index > m_errors.size() ? kEmpty : m_errors[index - 1];
}

std::uint32_t RunStore::findObject(std::uint32_t row, std::uint16_t output) const
{
    if (row >= rows()) return kNone;
    for (std::uint32_t index = m_firstObject[row]; index != kNone; index = m_objects[index].next)
        if (m_objects[index].output == output) return index;
    return kNone;
}

ObjectRecord RunStore::object(std::uint32_t index) const
{
    const Object& entry = m_objects[index];
    ObjectRecord record = objectRecord(entry.made);
    if (entry.last != entry.made) {
        const ObjectRecord last = objectRecord(entry.last);
        record.state = last.state;
        record.atNs = last.atNs;
        record.refs = last.refs;
        record.node = last.node;
    }
    record.bytes = entry.bytes;
    return record;
}

} // namespace orrery::trace
