// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/owner/run_table.h"

#include <algorithm>

namespace orrery::owner {

using types::EdgeMode;
using types::PlanSource;

RunTable::RunTable(base::RunId run, std::uint32_t owner, std::shared_ptr<const types::Plan> plan, TraceSink& sink, std::uint16_t home)
    : m_run(run), m_owner(owner), m_home(home), m_plan(std::move(plan)), m_sink(sink), m_vertices(m_plan->vertices.size())
{
    for (std::size_t position = 0; position < m_plan->order.size(); ++position) m_vertices[m_plan->order[position]].depth = static_cast<std::uint32_t>(position);
    auto classes = types::classesOf(*m_plan);
    for (std::size_t v = 0; v < m_vertices.size(); ++v) m_vertices[v].classIndex = classes.ofVertex[v];
    m_classes = std::move(classes.classes);
    m_readyVertices.resize(m_classes.size());
    m_readyCount.resize(m_classes.size());
    m_homeFinishedNs.resize(m_classes.size());
}

void RunTable::start(TimeNs now)
{
    ORRERY_ASSERT(!m_started);
    m_started = true;
    m_openVertices = static_cast<std::uint32_t>(m_vertices.size());
    for (const auto vertex : m_plan->order) tryExpand(vertex, now);
}

// ---- widths ----

void RunTable::tryExpand(std::uint16_t vertex, TimeNs now)
{
    VertexState& state = m_vertices[vertex];
    if (state.expanded || !m_started) return;
    if (m_stopping) return expandDead(vertex, TaskState::Cancelled, now);
    const auto& plan = m_plan->vertices[vertex];
    if (!plan.wide) return expand(vertex, 1, now);
    // The width is what all each- and transpose-sources say; every one of them must be known and equal.
    bool known = true;
    std::uint32_t width = 0;
    bool first = true;
    std::string said;
    for (const auto& input : plan.inputs) {
        for (const PlanSource& source : input.sources) {
            if (source.mode != EdgeMode::Each && source.mode != EdgeMode::Transpose) continue;
            const VertexState& from = m_vertices[source.vertex];
            if (from.dead) return expandDead(vertex, TaskState::Skipped, now);
            if (!from.expanded) {
                known = false;
                continue;
            }
            std::uint32_t here = 0;
            const bool fromWide = m_plan->vertices[source.vertex].wide;
            if (source.mode == EdgeMode::Each && fromWide) {
                here = from.width;
            } else {
                // Items of list values: of the one value, or of every index (transpose), all of one length.
                const std::uint32_t rows = from.width;
                bool lengths = true;
                for (std::uint32_t i = 0; i < rows; ++i) {
                    const std::uint32_t row = from.firstRow + i;
                    if (types::isTerminal(m_tasks[row].state) && !types::isGood(m_tasks[row].state)) return expandDead(vertex, TaskState::Skipped, now);
                    const Value& value = m_values[m_tasks[row].firstValue + source.output];
                    if (!value.there()) {
                        lengths = false;
                        break;
                    }
                    if (i > 0 && value.items != here)
                        return failWidth(vertex, "the lists of " + m_plan->vertices[source.vertex].id + " differ in length (index 0 has " + std::to_string(here) + " items, index " + std::to_string(i) + " has " + std::to_string(value.items) + "), so they cannot be transposed", now);
                    here = value.items;
                }
                if (!lengths) {
                    known = false;
                    continue;
                }
            }
            if (!first && here != width && known)
                return failWidth(vertex, "its inputs have " + std::to_string(width) + " (" + said + ") and " + std::to_string(here) + " (" + m_plan->vertices[source.vertex].id + ") items, and inputs with mode each are taken together index by index", now);
            if (first) said = m_plan->vertices[source.vertex].id;
            width = here;
            first = false;
        }
    }
    if (known) expand(vertex, width, now);
}

void RunTable::expand(std::uint16_t vertex, std::uint32_t width, TimeNs now)
{
    VertexState& state = m_vertices[vertex];
    const auto outputs = static_cast<std::uint32_t>(m_plan->vertices[vertex].outputs.size());
    state.expanded = true;
    state.firstRow = rows();
    state.width = width;
    --m_openVertices;
    m_openRows += width;
    m_tasks.resize(m_tasks.size() + width);
    const auto firstValue = static_cast<std::uint32_t>(m_values.size());
    m_values.resize(m_values.size() + static_cast<std::size_t>(width) * outputs);
    bool allReady = m_adoptable.empty();
    for (std::uint32_t i = 0; i < width; ++i) {
        Task& task = m_tasks[state.firstRow + i];
        task.vertex = vertex;
        task.index = i;
        task.firstValue = firstValue + i * outputs;
        task.missing = countMissing(vertex, i);
        allReady = allReady && task.missing == 0;
    }
    if (width > 0)
        m_sink.range({state.firstRow, width, 0, vertex, allReady ? TaskState::PendingAssignment : TaskState::PendingArgs, now});
    for (std::uint32_t i = 0; i < width; ++i) {
        const std::uint32_t row = state.firstRow + i;
        if (!m_adoptable.empty() && takeOver(row, now)) continue;
        if (m_tasks[row].missing == 0) {
            makeReady(row, now);
            if (allReady) m_tasks[row].dirty = false; // told by the range
        } else if (anyBad(vertex, i)) {
            end(row, TaskState::Skipped, now);
        }
    }
    if (allReady) {
        // Rows of this range need no mark; older dirty rows keep theirs.
        std::erase_if(m_dirty, [&](std::uint32_t row) { return row >= state.firstRow && !m_tasks[row].dirty; });
    }
    letGoOf(vertex); // of indexes that do not exist
    // A map without indexes is complete at once, so may be one that was taken over, and widths that hang on ours are known now.
    const bool complete = state.good == width;
    std::vector<const types::PlanConsumer*> waiting;
    for (const auto& consumer : m_plan->vertices[vertex].consumers)
        if (m_vertices[consumer.vertex].expanded) waiting.push_back(&consumer);
    for (const auto& consumer : m_plan->vertices[vertex].consumers) tryExpand(consumer.vertex, now);
    for (const auto* one : waiting) {
        const auto& consumer = *one;
        const VertexState& reader = m_vertices[consumer.vertex];
        // Who was expanded before us reads all of us, or our one row.
        if (reader.dead || !complete) continue;
        for (std::uint32_t i = 0; i < reader.width; ++i) {
            Task& task = m_tasks[reader.firstRow + i];
            if (task.state == TaskState::PendingArgs && --task.missing == 0) makeReady(reader.firstRow + i, now);
        }
    }
}

void RunTable::expandDead(std::uint16_t vertex, TaskState as, TimeNs now)
{
    VertexState& state = m_vertices[vertex];
    const auto outputs = static_cast<std::uint32_t>(m_plan->vertices[vertex].outputs.size());
    state.expanded = true;
    state.dead = true;
    state.firstRow = rows();
    state.width = 1;
    state.bad = 1;
    --m_openVertices;
    Task& task = m_tasks.emplace_back();
    task.vertex = vertex;
    task.firstValue = static_cast<std::uint32_t>(m_values.size());
    m_values.resize(m_values.size() + outputs);
    letGoOf(vertex);
    m_sink.range({state.firstRow, 1, 0, vertex, TaskState::PendingArgs, now});
    task.state = as;
    m_sink.mark({state.firstRow, as, 1, types::kNoWorker, now});
    for (const auto& consumer : m_plan->vertices[vertex].consumers) {
        tryExpand(consumer.vertex, now);
        const VertexState& reader = m_vertices[consumer.vertex];
        for (std::uint32_t i = 0; reader.expanded && !reader.dead && i < reader.width; ++i)
            if (m_tasks[reader.firstRow + i].state == TaskState::PendingArgs) end(reader.firstRow + i, TaskState::Skipped, now);
    }
}

void RunTable::failWidth(std::uint16_t vertex, const std::string& why, TimeNs now)
{
    m_anyFailed = true;
    if (m_error.empty()) m_error = m_plan->vertices[vertex].id + ": " + why;
    expandDead(vertex, TaskState::Failed, now);
}

// ---- inputs ----

bool RunTable::sourceThere(const PlanSource& source, std::uint32_t index) const
{
    const VertexState& from = m_vertices[source.vertex];
    if (!from.expanded || from.dead) return false;
    const bool fromWide = m_plan->vertices[source.vertex].wide;
    if (source.mode == EdgeMode::All || source.mode == EdgeMode::Transpose) return from.good == from.width;
    const std::uint32_t at = source.mode == EdgeMode::Each && fromWide ? index : 0;
    return at < from.width && types::isGood(m_tasks[from.firstRow + at].state) && m_values[m_tasks[from.firstRow + at].firstValue + source.output].there();
}

bool RunTable::sourceBad(const PlanSource& source, std::uint32_t index) const
{
    const VertexState& from = m_vertices[source.vertex];
    if (!from.expanded) return false;
    if (from.dead) return true;
    if (source.mode == EdgeMode::All || source.mode == EdgeMode::Transpose) return from.bad > 0;
    const std::uint32_t at = source.mode == EdgeMode::Each && m_plan->vertices[source.vertex].wide ? index : 0;
    if (at >= from.width) return false;
    const TaskState state = m_tasks[from.firstRow + at].state;
    return types::isTerminal(state) && !types::isGood(state);
}

std::uint32_t RunTable::countMissing(std::uint16_t vertex, std::uint32_t index) const
{
    std::uint32_t missing = 0;
    for (const auto& input : m_plan->vertices[vertex].inputs)
        for (const PlanSource& source : input.sources) missing += sourceThere(source, index) ? 0 : 1;
    return missing;
}

bool RunTable::anyBad(std::uint16_t vertex, std::uint32_t index) const
{
    for (const auto& input : m_plan->vertices[vertex].inputs)
        for (const PlanSource& source : input.sources)
            if (sourceBad(source, index)) return true;
    return false;
}

// ---- states ----

void RunTable::go(std::uint32_t row, TaskState to)
{
    Task& task = m_tasks[row];
    ORRERY_ASSERT_NOTE(types::mayGo(task.state, to), "a task went along an arrow that does not exist");
    task.state = to;
    if (!task.dirty) {
        task.dirty = true;
        m_dirty.push_back(row);
    }
}

void RunTable::makeReady(std::uint32_t row, TimeNs now)
{
    Task& task = m_tasks[row];
    if (task.state != TaskState::PendingAssignment) go(row, TaskState::PendingAssignment);
    task.readyNs = now;
    if (m_stopping) return end(row, TaskState::Cancelled, now);
    VertexState& vertex = m_vertices[task.vertex];
    if (vertex.ready.empty()) m_readyVertices[vertex.classIndex].insert({~vertex.depth, task.vertex});
    vertex.ready.push_back(row);
    ++m_readyCount[vertex.classIndex];
}

void RunTable::unready(std::uint32_t row)
{
    VertexState& vertex = m_vertices[m_tasks[row].vertex];
    const auto found = std::find(vertex.ready.begin(), vertex.ready.end(), row);
    ORRERY_ASSERT(found != vertex.ready.end());
    vertex.ready.erase(found);
    --m_readyCount[vertex.classIndex];
    if (vertex.ready.empty()) m_readyVertices[vertex.classIndex].erase({~vertex.depth, m_tasks[row].vertex});
}

std::uint64_t RunTable::bytesAway(std::uint32_t row, std::uint16_t node) const
{
    std::uint64_t away = 0;
    inputs(row, [&](std::uint16_t, std::int32_t, std::uint32_t from, std::uint16_t output, const Value& value) {
        if (value.where == Value::Where::Store && !isAt(from, output, node)) away += value.place.bytes + 1;
    });
    return away;
}

void RunTable::took(std::uint16_t vertex, TimeNs lasted, std::uint16_t node, TimeNs now)
{
    VertexState& state = m_vertices[vertex];
    const double ns = static_cast<double>(std::max<TimeNs>(lasted, 1));
    // Steps of one ratio up and down end at the median: on a busy machine some tasks last a hundred times as long as the others.
    state.tookNs = state.tookNs == 0 ? ns : state.tookNs * (ns > state.tookNs ? kTookStep : 1 / kTookStep);
    if (node == m_home) m_homeFinishedNs[state.classIndex] = now;
}

bool RunTable::staysHome(std::size_t classIndex, TimeNs now) const
{
    const auto& vertices = m_readyVertices[classIndex];
    if (vertices.empty() || m_homeFinishedNs[classIndex] == 0 || now - m_homeFinishedNs[classIndex] > kKeepsUpNs) return false;
    const double took = m_vertices[vertices.begin()->second].tookNs;
    return took > 0 && took < kWayNs;
}

std::vector<std::uint32_t> RunTable::take(std::size_t classIndex, std::size_t max, std::uint16_t node, TimeNs now)
{
    std::vector<std::uint32_t> taken;
    auto& vertices = m_readyVertices[classIndex];
    if (vertices.empty() || max == 0) return taken;
    const std::uint16_t id = vertices.begin()->second;
    VertexState& vertex = m_vertices[id];
    const bool spread = m_away > 0 || node != m_home;
    while (taken.size() < max && !vertex.ready.empty()) {
        std::size_t best = 0;
        std::uint64_t away = 0;
        if (spread) {
            away = bytesAway(vertex.ready[0], node);
            for (std::size_t i = 1; away > 0 && i < std::min(vertex.ready.size(), kLookAhead); ++i) {
                const std::uint64_t here = bytesAway(vertex.ready[i], node);
                if (here >= away) continue;
                away = here;
                best = i;
            }
        }
        const std::uint32_t row = vertex.ready[best];
        vertex.ready.erase(vertex.ready.begin() + static_cast<std::ptrdiff_t>(best));
        --m_readyCount[classIndex];
        go(row, away > 0 ? TaskState::PendingFetch : TaskState::Submitted);
        m_tasks[row].submitNs = now;
        m_tasks[row].startNs = 0;
        m_tasks[row].worker = types::kNoWorker;
        taken.push_back(row);
    }
    if (vertex.ready.empty()) vertices.erase(vertices.begin());
    return taken;
}

bool RunTable::fetched(std::uint32_t row, std::uint8_t attempt, TimeNs now)
{
    if (row >= m_tasks.size() || m_tasks[row].attempt != attempt) return false;
    if (m_tasks[row].state != TaskState::PendingFetch && m_tasks[row].state != TaskState::Submitted) return false;
    if (countMissing(m_tasks[row].vertex, m_tasks[row].index) > 0) { // an input was lost meanwhile
        recalled(row, attempt, now);
        return false;
    }
    if (m_tasks[row].state == TaskState::PendingFetch) go(row, TaskState::Submitted); // else a copy was here
    m_tasks[row].submitNs = now;
    return true;
}

types::TaskRecord RunTable::record(std::uint32_t row, std::uint32_t templateId, TimeNs now) const
{
    const Task& task = m_tasks[row];
    types::TaskRecord made;
    made.templateId = templateId;
    made.owner = m_owner;
    made.row = row;
    made.mapIndex = task.index;
    made.mapCount = m_vertices[task.vertex].width;
    made.attempt = task.attempt;
    made.task = base::derive<base::TaskId>(m_run, task.vertex, task.index);
    made.submitNs = now;
    inputs(row, [&](std::uint16_t port, std::int32_t item, std::uint32_t, std::uint16_t, const Value& value) {
        types::Argument& arg = made.args.emplace_back();
        arg.port = port;
        arg.item = item;
        arg.isInline = value.where == Value::Where::Inline;
        if (arg.isInline) arg.bytes = *value.bytes;
        else arg.place = value.place;
    });
    return made;
}

void RunTable::flushMarks()
{
    for (const std::uint32_t row : m_dirty) {
        Task& task = m_tasks[row];
        task.dirty = false;
        // Finished and Failed are told by their attempt, Skipped and Cancelled when they happen.
        if (types::isTerminal(task.state)) continue;
        const TimeNs at = task.state == TaskState::Running ? task.startNs : task.state == TaskState::Submitted ? task.submitNs : task.readyNs;
        m_sink.mark({row, task.state, task.attempt, task.worker, at});
    }
    m_dirty.clear();
}

types::RunState RunTable::outcome() const
{
    ORRERY_ASSERT(ended());
    if (m_anyFailed) return types::RunState::Failed;
    return m_stopping ? types::RunState::Stopped : types::RunState::Succeeded;
}

const Value* RunTable::value(std::uint32_t row, std::uint16_t output) const
{
    if (row >= m_tasks.size() || output >= m_plan->vertices[m_tasks[row].vertex].outputs.size()) return nullptr;
    const Value& value = m_values[m_tasks[row].firstValue + output];
    return value.there() ? &value : nullptr;
}

std::vector<std::uint16_t> RunTable::copiesOf(std::uint32_t row, std::uint16_t output) const
{
    const auto found = m_copies.find(m_tasks[row].firstValue + output);
    return found == m_copies.end() ? std::vector<std::uint16_t>() : found->second;
}

bool RunTable::isAt(std::uint32_t row, std::uint16_t output, std::uint16_t node) const
{
    const std::uint32_t at = m_tasks[row].firstValue + output;
    if (m_values[at].where != Value::Where::Store) return false;
    if (m_values[at].node == node) return true;
    const auto found = m_copies.find(at);
    return found != m_copies.end() && std::find(found->second.begin(), found->second.end(), node) != found->second.end();
}

std::uint32_t RunTable::rowOf(std::uint16_t vertex, std::uint32_t index) const
{
    if (vertex >= m_vertices.size() || !m_vertices[vertex].expanded || index >= m_vertices[vertex].width) return types::kNoRow;
    return m_vertices[vertex].firstRow + index;
}

} // namespace orrery::owner
