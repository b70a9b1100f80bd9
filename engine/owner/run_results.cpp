// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What happens to a task after it was submitted: results, losses, retries, skipping, stopping.
#include "engine/base/plant.h"
#include "engine/owner/run_table.h"

namespace orrery::owner {

using types::Cause;
using types::EdgeMode;

template <typename Fn>
void RunTable::eachReader(const types::PlanConsumer& consumer, std::uint32_t row, Fn fn)
{
    const VertexState& reader = m_vertices[consumer.vertex];
    if (!reader.expanded || reader.dead) return;
    const auto& source = m_plan->vertices[consumer.vertex].inputs[consumer.input].sources[consumer.source];
    const bool byIndex = source.mode == EdgeMode::Each && m_plan->vertices[source.vertex].wide;
    if (byIndex) {
        fn(reader.firstRow + m_tasks[row].index);
        return;
    }
    for (std::uint32_t i = 0; i < reader.width; ++i) fn(reader.firstRow + i);
}

bool RunTable::placed(std::uint32_t row) const
{
    const TaskState state = m_tasks[row].state;
    return state == TaskState::PendingFetch || state == TaskState::Submitted || state == TaskState::Running;
}

void RunTable::reach(std::uint32_t row, TaskState to)
{
    if (m_tasks[row].state == TaskState::PendingFetch) go(row, TaskState::Submitted);
    if (to == TaskState::Running && m_tasks[row].state == TaskState::Submitted) go(row, TaskState::Running);
}

void RunTable::began(std::uint32_t row, std::uint8_t attempt, std::uint16_t worker, TimeNs now)
{
    if (row >= m_tasks.size() || m_tasks[row].attempt != attempt || !placed(row) || m_tasks[row].state == TaskState::Running) return;
    reach(row, TaskState::Running);
    m_tasks[row].startNs = now;
    m_tasks[row].worker = worker;
}

void RunTable::emitAttempt(const Task& task, std::uint32_t row, const types::ResultRecord* result, TaskState outcome, Cause cause,
                           const std::string& why, std::uint16_t worker, TimeNs startNs, TimeNs endNs)
{
    types::Attempt made;
    made.row = row;
    made.mapIndex = task.index;
    made.vertex = task.vertex;
    made.worker = worker;
    made.attempt = task.attempt;
    made.outcome = outcome;
    made.cause = cause;
    made.submitNs = task.submitNs;
    made.startNs = startNs;
    made.endNs = endNs;
    made.waitUs = static_cast<std::uint32_t>(std::min<TimeNs>(std::max<TimeNs>(task.submitNs - task.readyNs, 0) / base::kMicrosecond, 0xffffffff));
    if (result) {
        made.cpuUs = result->cpuUs;
        made.peakKiB = result->peakKiB;
        made.outputs = static_cast<std::uint8_t>(result->outputs.size());
        for (const auto& output : result->outputs) made.bytesOut += output.isInline ? output.bytes.size() : output.place.bytes;
    }
    m_sink.attempt(made, why);
}

bool RunTable::finished(const types::ResultRecord& result, std::uint16_t worker, std::uint16_t node, TimeNs now)
{
    if (result.row >= m_tasks.size()) return false;
    Task& task = m_tasks[result.row];
    if (ORRERY_PLANTED("double a result") && task.state == TaskState::Finished) {
        --m_vertices[task.vertex].good;
        ++m_openRows;
        task.state = TaskState::Running;
    }
    const std::uint32_t row = result.row;
    if (task.attempt != result.attempt || !placed(row)) return false;
    const auto& plan = m_plan->vertices[task.vertex];
    reach(row, TaskState::Running);
    if (result.status == types::ResultRecord::Status::Ok && result.outputs.size() == plan.outputs.size()) {
        emitAttempt(task, row, &result, TaskState::Finished, Cause::None, {}, worker, result.startNs, result.endNs);
        for (std::size_t i = 0; i < result.outputs.size(); ++i) {
            const auto& output = result.outputs[i];
            Value value;
            value.items = output.items;
            if (output.isInline) {
                value.where = Value::Where::Inline;
                value.bytes = std::make_shared<const base::Bytes>(output.bytes);
            } else {
                value.where = Value::Where::Store;
                value.place = output.place;
                value.node = node;
            }
            Value& kept = m_values[task.firstValue + i];
            if (kept.there()) { // another output of it was lost; who reads this one goes on reading it
                m_sink.unwanted(row, static_cast<std::uint16_t>(i), value);
                continue;
            }
            m_away += value.where == Value::Where::Store && node != m_home ? 1 : 0;
            kept = value;
            m_sink.made(row, static_cast<std::uint16_t>(i), task.attempt, value, now);
        }
        go(row, TaskState::Finished);
        --m_openRows;
        ++m_vertices[task.vertex].good;
        took(task.vertex, result.endNs - result.startNs, node, now);
        valueArrived(row, now);
        return true;
    }
    const bool cancelled = result.status == types::ResultRecord::Status::Cancelled;
    std::string why = result.error;
    Cause cause = result.cause == Cause::None ? Cause::Threw : result.cause;
    if (result.status == types::ResultRecord::Status::Ok) {
        cause = Cause::BadOutputs;
        why = "it returned " + std::to_string(result.outputs.size()) + " outputs and declares " + std::to_string(plan.outputs.size());
    }
    if (cause == Cause::InputLost) {
        emitAttempt(task, row, &result, TaskState::Retrying, cause, why, worker, result.startNs, result.endNs);
        retryOrFail(row, cause, why, now);
        return true;
    }
    const TaskState outcome = cancelled ? TaskState::Cancelled : TaskState::Failed;
    emitAttempt(task, row, &result, outcome, cancelled ? Cause::Cancelled : cause, why, worker, result.startNs, result.endNs);
    if (!cancelled) noteError(row, why);
    end(row, outcome, now);
    return true;
}

void RunTable::lost(std::uint32_t row, std::uint8_t attempt, std::uint16_t worker, Cause cause, const std::string& why, TimeNs startNs, TimeNs now)
{
    if (row >= m_tasks.size()) return;
    Task& task = m_tasks[row];
    if (task.attempt != attempt || !placed(row)) return;
    reach(row, TaskState::Running);
    if (startNs == 0) startNs = task.startNs != 0 ? task.startNs : task.submitNs;
    if (m_stopping) {
        emitAttempt(task, row, nullptr, TaskState::Cancelled, Cause::Cancelled, why, worker, startNs, now);
        end(row, TaskState::Cancelled, now);
        return;
    }
    const bool again = task.lostAttempts < m_plan->vertices[task.vertex].retries;
    emitAttempt(task, row, nullptr, again ? TaskState::Retrying : TaskState::Failed, cause, why, worker, startNs, now);
    retryOrFail(row, cause, why, now);
}

void RunTable::retryOrFail(std::uint32_t row, Cause cause, const std::string& why, TimeNs now)
{
    Task& task = m_tasks[row];
    const auto& plan = m_plan->vertices[task.vertex];
    if (m_stopping) return end(row, TaskState::Cancelled, now);
    if (task.lostAttempts >= plan.retries) {
        noteError(row, why + " (attempt " + std::to_string(task.attempt) + " of " + std::to_string(plan.retries + 1) + "; cause: " + std::string(types::causeName(cause)) + ")");
        end(row, TaskState::Failed, now);
        return;
    }
    ++task.lostAttempts;
    ++task.attempt;
    ++m_reexecuted;
    go(row, TaskState::Retrying);
    if (ORRERY_PLANTED("skip a retry")) return;
    task.missing = countMissing(task.vertex, task.index);
    if (task.missing > 0) {
        go(row, TaskState::PendingArgs);
        if (anyBad(task.vertex, task.index)) end(row, TaskState::Skipped, now);
        return;
    }
    makeReady(row, now);
}

void RunTable::recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now)
{
    if (row >= m_tasks.size()) return;
    Task& task = m_tasks[row];
    if (task.attempt != attempt || (task.state != TaskState::Submitted && task.state != TaskState::PendingFetch)) return;
    const TimeNs readyNs = task.readyNs;
    // An input may have been lost while it lay in the lane.
    task.missing = countMissing(task.vertex, task.index);
    if (task.missing > 0 && !m_stopping) {
        go(row, TaskState::PendingAssignment);
        go(row, TaskState::PendingArgs);
        if (anyBad(task.vertex, task.index)) end(row, TaskState::Skipped, now);
        return;
    }
    makeReady(row, now);
    if (task.state == TaskState::PendingAssignment) task.readyNs = readyNs;
}

void RunTable::refuse(std::uint32_t row, const std::string& why, TimeNs now)
{
    Task& task = m_tasks[row];
    if (task.state == TaskState::PendingAssignment) unready(row);
    noteError(row, why);
    emitAttempt(task, row, nullptr, TaskState::Failed, Cause::BadOutputs, why, types::kNoWorker, now, now);
    end(row, TaskState::Failed, now);
}

void RunTable::noteError(std::uint32_t row, const std::string& why)
{
    m_anyFailed = true;
    if (!m_error.empty()) return;
    const Task& task = m_tasks[row];
    const auto& vertex = m_plan->vertices[task.vertex];
    m_error = vertex.id + (m_vertices[task.vertex].width > 1 ? "[" + std::to_string(task.index) + "]" : "") + " (" + vertex.function + "): " + why;
}

void RunTable::end(std::uint32_t row, TaskState as, TimeNs now)
{
    Task& task = m_tasks[row];
    go(row, as);
    if (as == TaskState::Skipped || as == TaskState::Cancelled || as == TaskState::Cached) m_sink.mark({row, as, task.attempt, types::kNoWorker, now});
    if (as == TaskState::Failed) m_anyFailed = true;
    --m_openRows;
    ++m_vertices[task.vertex].bad;
    wentBad(row, now);
}

void RunTable::valueArrived(std::uint32_t row, TimeNs now)
{
    const std::uint16_t vertex = m_tasks[row].vertex;
    const bool complete = m_vertices[vertex].good == m_vertices[vertex].width;
    // Whoever expands now counts this value among what is there; only those that were there before count down. A consumer
    // may read us through several inputs, so the two groups are told apart before anything expands.
    std::vector<const types::PlanConsumer*> waiting;
    std::vector<std::uint16_t> unexpanded;
    for (const auto& consumer : m_plan->vertices[vertex].consumers) {
        if (m_vertices[consumer.vertex].expanded) waiting.push_back(&consumer);
        else unexpanded.push_back(consumer.vertex);
    }
    for (const auto reader : unexpanded) tryExpand(reader, now);
    for (const auto* one : waiting) {
        const auto& consumer = *one;
        const auto& source = m_plan->vertices[consumer.vertex].inputs[consumer.input].sources[consumer.source];
        if ((source.mode == EdgeMode::All || source.mode == EdgeMode::Transpose) && !complete) continue;
        eachReader(consumer, row, [&](std::uint32_t reader) {
            Task& task = m_tasks[reader];
            if (task.state != TaskState::PendingArgs || task.missing == 0) return;
            if (--task.missing == 0) makeReady(reader, now);
        });
    }
}

void RunTable::wentBad(std::uint32_t row, TimeNs now)
{
    for (const auto& consumer : m_plan->vertices[m_tasks[row].vertex].consumers) {
        if (!m_vertices[consumer.vertex].expanded) {
            tryExpand(consumer.vertex, now);
            continue;
        }
        eachReader(consumer, row, [&](std::uint32_t reader) {
            const TaskState state = m_tasks[reader].state;
            if (state != TaskState::PendingArgs) return;
            end(reader, m_stopping ? TaskState::Cancelled : TaskState::Skipped, now);
        });
    }
}

// A lost value is made again only if somebody still needs it: a consumer that is not through, or nobody reads it at all (a
// sink: the person does). The values it was made from are looked at in turn.
bool RunTable::needed(std::uint32_t row)
{
    const auto& consumers = m_plan->vertices[m_tasks[row].vertex].consumers;
    if (consumers.empty()) return true;
    for (const auto& consumer : consumers) {
        if (!m_vertices[consumer.vertex].expanded) return true;
        bool open = false;
        eachReader(consumer, row, [&](std::uint32_t reader) { open = open || !types::isTerminal(m_tasks[reader].state); });
        if (open) return true;
    }
    return false;
}

void RunTable::valueLost(std::uint32_t row, std::uint16_t output, TimeNs now)
{
    if (row >= m_tasks.size() || output >= m_plan->vertices[m_tasks[row].vertex].outputs.size()) return;
    Value& value = m_values[m_tasks[row].firstValue + output];
    if (!value.there()) return;
    // Who said so may be wrong, or late: if it lies there after all, it does so for nobody.
    if (value.where == Value::Where::Store && value.node != m_home) m_sink.leftOver({m_tasks[row].vertex, output, m_tasks[row].index}, value.node, {});
    if (inherit(row, output, now)) return;
    m_sink.vanished(row, output, value, now);
    clear(row, output, now);
    // What a run left behind that is over is made again by the next run.
    if (!ended() && types::isGood(m_tasks[row].state) && needed(row)) rerun(row, now);
}

void RunTable::nodeLost(std::uint16_t node, TimeNs now)
{
    adoptableLost(node);
    std::vector<std::pair<std::uint32_t, std::uint16_t>> gone;
    for (std::uint32_t row = 0; row < rows(); ++row) {
        for (std::uint16_t output = 0; output < m_plan->vertices[m_tasks[row].vertex].outputs.size(); ++output) {
            const Value& value = m_values[m_tasks[row].firstValue + output];
            if (!m_copies.empty()) dropCopy(row, output, node, now);
            if (value.where == Value::Where::Store && value.node == node && !inherit(row, output, now)) gone.emplace_back(row, output);
        }
    }
    // First all of it is gone, then what is needed is made again: else one would be made from another that is gone too.
    for (const auto& [row, output] : gone) {
        m_sink.vanished(row, output, m_values[m_tasks[row].firstValue + output], now);
        clear(row, output, now);
    }
    if (ended()) return;
    for (const auto& [row, output] : gone)
        if (types::isGood(m_tasks[row].state) && needed(row)) rerun(row, now);
}

void RunTable::rerun(std::uint32_t row, TimeNs now)
{
    Task& task = m_tasks[row];
    if (!types::isGood(task.state)) return;
    const std::uint16_t vertex = task.vertex;
    const bool wasComplete = m_vertices[vertex].good == m_vertices[vertex].width;
    --m_vertices[vertex].good;
    ++m_openRows;
    ++m_reexecuted;
    ++task.attempt;
    go(row, TaskState::PendingArgs);
    // Readers that wait must wait for this input again.
    for (const auto& consumer : m_plan->vertices[vertex].consumers) {
        const auto& source = m_plan->vertices[consumer.vertex].inputs[consumer.input].sources[consumer.source];
        if ((source.mode == EdgeMode::All || source.mode == EdgeMode::Transpose) && !wasComplete) continue;
        eachReader(consumer, row, [&](std::uint32_t reader) {
            Task& other = m_tasks[reader];
            if (other.state == TaskState::PendingAssignment) {
                unready(reader);
                go(reader, TaskState::PendingArgs);
                ++other.missing;
            } else if (other.state == TaskState::PendingArgs) {
                ++other.missing;
            }
        });
    }
    // Its own inputs may be gone too.
    for (const auto& input : m_plan->vertices[vertex].inputs) {
        for (const auto& source : input.sources) {
            const VertexState& from = m_vertices[source.vertex];
            const bool byIndex = source.mode == EdgeMode::Each && m_plan->vertices[source.vertex].wide;
            for (std::uint32_t i = byIndex ? task.index : 0; i < (byIndex ? task.index + 1 : from.width); ++i) {
                const std::uint32_t sourceRow = from.firstRow + i;
                if (types::isGood(m_tasks[sourceRow].state) && !m_values[m_tasks[sourceRow].firstValue + source.output].there()) rerun(sourceRow, now);
            }
        }
    }
    Task& again = m_tasks[row];
    again.missing = countMissing(vertex, again.index);
    if (again.missing == 0) makeReady(row, now);
    else if (anyBad(vertex, again.index)) end(row, TaskState::Skipped, now);
}

void RunTable::dropValues(std::uint32_t row, TimeNs now)
{
    const std::size_t outputs = m_plan->vertices[m_tasks[row].vertex].outputs.size();
    for (std::size_t i = 0; i < outputs; ++i) {
        const Value& value = m_values[m_tasks[row].firstValue + i];
        const auto output = static_cast<std::uint16_t>(i);
        if (!value.there()) continue;
        if (!ORRERY_PLANTED("drop a release")) m_sink.dropped(row, output, value, now);
        clear(row, output, now);
    }
}

void RunTable::stop(TimeNs now)
{
    if (m_stopping) return;
    m_stopping = true;
    for (std::uint32_t row = 0; row < rows(); ++row) {
        const TaskState state = m_tasks[row].state;
        if (state == TaskState::PendingAssignment) unready(row);
        if (state == TaskState::PendingArgs || state == TaskState::PendingAssignment || state == TaskState::Retrying || state == TaskState::Held)
            end(row, TaskState::Cancelled, now);
    }
    for (const auto vertex : m_plan->order) tryExpand(vertex, now);
}

// What a person asked the graph for: never given up by itself.
bool RunTable::isResult(std::uint16_t vertex, std::uint16_t output) const
{
    bool read = false;
    for (const auto& consumer : m_plan->vertices[vertex].consumers) {
        const auto& reader = m_plan->vertices[consumer.vertex];
        if (reader.inputs[consumer.input].sources[consumer.source].output != output) continue;
        if (reader.outputs.empty()) return true;
        read = true;
    }
    return !read;
}

bool RunTable::readersThrough(std::uint32_t row, std::uint16_t output)
{
    for (const auto& consumer : m_plan->vertices[m_tasks[row].vertex].consumers) {
        if (m_plan->vertices[consumer.vertex].inputs[consumer.input].sources[consumer.source].output != output) continue;
        if (!m_vertices[consumer.vertex].expanded) return false;
        bool through = true;
        eachReader(consumer, row, [&](std::uint32_t reader) { through = through && types::isTerminal(m_tasks[reader].state); });
        if (!through) return false;
    }
    return true;
}

std::uint64_t RunTable::release(std::uint64_t bytesWanted, std::uint16_t node, TimeNs now)
{
    std::uint64_t freed = 0;
    for (const auto vertex : m_plan->order) {
        const VertexState& state = m_vertices[vertex];
        if (!state.expanded || state.dead) continue;
        for (std::uint16_t output = 0; output < m_plan->vertices[vertex].outputs.size(); ++output) {
            if (isResult(vertex, output)) continue;
            for (std::uint32_t row = state.firstRow; row < state.firstRow + state.width; ++row) {
                const Value& value = m_values[m_tasks[row].firstValue + output];
                if (value.where != Value::Where::Store || value.node != node || !readersThrough(row, output)) continue;
                freed += value.place.bytes;
                m_sink.dropped(row, output, value, now);
                clear(row, output, now);
                if (freed >= bytesWanted) return freed;
            }
        }
    }
    return freed;
}

std::string RunTable::audit() const
{
    std::uint32_t open = 0;
    std::size_t readyRows = 0;
    for (std::uint32_t row = 0; row < rows(); ++row) {
        const Task& task = m_tasks[row];
        if (!types::isTerminal(task.state)) ++open;
        for (std::uint16_t output = 0; !types::isGood(task.state) && task.attempt == 1 && output < m_plan->vertices[task.vertex].outputs.size(); ++output)
            if (m_values[task.firstValue + output].there()) return "row " + std::to_string(row) + " holds a result and is not good";
        if (task.state == TaskState::PendingAssignment) ++readyRows;
        if (task.state == TaskState::PendingArgs && task.missing != countMissing(task.vertex, task.index))
            return "row " + std::to_string(row) + " waits for " + std::to_string(task.missing) + " inputs and " + std::to_string(countMissing(task.vertex, task.index)) + " are missing";
        if (task.state == TaskState::PendingArgs && task.missing == 0) return "row " + std::to_string(row) + " has all inputs and waits";
    }
    if (open != m_openRows) return "the table counts " + std::to_string(m_openRows) + " open rows and has " + std::to_string(open);
    std::size_t queued = 0;
    for (std::size_t v = 0; v < m_vertices.size(); ++v) {
        const VertexState& vertex = m_vertices[v];
        queued += vertex.ready.size();
        std::uint32_t good = 0;
        for (std::uint32_t i = 0; vertex.expanded && i < vertex.width; ++i) good += types::isGood(m_tasks[vertex.firstRow + i].state) ? 1 : 0;
        if (good != vertex.good) return "vertex " + m_plan->vertices[v].id + " counts " + std::to_string(vertex.good) + " results and has " + std::to_string(good);
    }
    for (const auto& [key, value] : m_adoptable)
        if (value.holders.empty() || m_vertices[key.vertex].expanded) return "a value of an earlier home is kept in mind and of no use";
    if (queued != readyRows) return std::to_string(queued) + " rows are queued and " + std::to_string(readyRows) + " are ready";
    return {};
}

} // namespace orrery::owner
