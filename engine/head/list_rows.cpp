// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/list_rows.h"

#include <cmath>

namespace orrery::head {

using types::FieldId;
using types::JobField;
using types::kNoNumber;
using types::LogField;
using types::NodeField;
using types::TaskState;
using types::WorkerField;

namespace {

std::int64_t signedOf(std::uint64_t value) { return static_cast<std::int64_t>(std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max())); }

std::string_view keep(std::string& scratch, std::string text)
{
    scratch = std::move(text);
    return scratch;
}

template <char Kind>
std::string_view idText(const base::Id<Kind>& id, std::string& scratch)
{
    return id.isNull() ? std::string_view() : keep(scratch, id.text());
}

std::int64_t countOf(const types::StateCounts& counts, std::initializer_list<TaskState> states)
{
    std::int64_t sum = 0;
    for (const auto state : states) sum += counts[static_cast<std::size_t>(state)];
    return sum;
}

} // namespace

// ---- nodes ----

NodeRows::NodeRows(const HeadTable& table, trace::RunWorld world) : ListRows(table, std::move(world), types::nodeSchema())
{
    for (const auto& [number, member] : table.members().members()) m_numbers.push_back(number);
}

const types::NodeRow* NodeRows::find(std::uint32_t row) const
{
    const auto* member = m_table.members().find(static_cast<std::uint16_t>(m_numbers[row]));
    return member ? &member->row : nullptr;
}

std::int64_t NodeRows::number(FieldId field, std::uint32_t row) const
{
    const auto* node = find(row);
    if (!node) return kNoNumber;
    switch (static_cast<NodeField>(field)) {
    case NodeField::State: return static_cast<std::int64_t>(node->state);
    case NodeField::Pid: return node->pid;
    case NodeField::CpuShare: return std::llround(std::clamp(node->cpuShare, 0.0, 1e6) * static_cast<double>(types::kShareOne));
    case NodeField::Memory: return signedOf(node->memoryBytes);
    case NodeField::MemoryTotal: return signedOf(node->memoryTotalBytes);
    case NodeField::Store: return signedOf(node->storeBytes);
    case NodeField::StoreCapacity: return signedOf(node->storeCapacityBytes);
    case NodeField::StoreObjects: return signedOf(node->storeObjects);
    case NodeField::NetIn: return signedOf(node->netInBytes);
    case NodeField::NetOut: return signedOf(node->netOutBytes);
    case NodeField::Workers: return node->workers;
    case NodeField::WorkersBusy: return node->workersBusy;
    case NodeField::HeartbeatTime: return wallMs(node->heartbeatNs);
    default: return kNoNumber;
    }
}

std::string_view NodeRows::text(FieldId field, std::uint32_t row, std::string& scratch) const
{
    const auto* node = find(row);
    if (!node) return {};
    switch (static_cast<NodeField>(field)) {
    case NodeField::NodeId: return idText(node->id, scratch);
    case NodeField::Node: return keep(scratch, types::nodeLetter(node->node));
    case NodeField::NodeName: return node->name;
    case NodeField::StateMessage: return node->why;
    case NodeField::Host: return node->host;
    case NodeField::ResourcesTotal: return keep(scratch, node->total.text());
    case NodeField::ResourcesAvailable: return keep(scratch, node->free.text());
    default: return {};
    }
}

std::int64_t NodeRows::textKey(FieldId field, std::uint32_t row) const
{
    if (static_cast<NodeField>(field) == NodeField::Node) return m_numbers[row]; // Z before AA
    return ListRows::textKey(field, row);
}

// ---- workers ----

WorkerRows::WorkerRows(const HeadTable& table, trace::RunWorld world) : ListRows(table, std::move(world), types::workerSchema())
{
    for (const auto& [track, worker] : table.members().workers()) m_numbers.push_back(track);
}

const types::WorkerRow* WorkerRows::find(std::uint32_t row) const
{
    const auto* worker = m_table.members().worker(static_cast<std::uint16_t>(m_numbers[row]));
    return worker ? &worker->row : nullptr;
}

std::int64_t WorkerRows::number(FieldId field, std::uint32_t row) const
{
    const auto* worker = find(row);
    if (!worker) return kNoNumber;
    switch (static_cast<WorkerField>(field)) {
    case WorkerField::IsAlive: return worker->alive ? 1 : 0;
    case WorkerField::Worker: return m_world.worker(worker->track) ? m_world.worker(worker->track)->number : kNoNumber;
    case WorkerField::Track: return worker->track;
    case WorkerField::Pid: return worker->pid;
    case WorkerField::TasksDone: return signedOf(worker->tasksDone);
    case WorkerField::Rss: return worker->rssBytes == 0 ? kNoNumber : signedOf(worker->rssBytes); // 0: not sampled
    case WorkerField::StartTime: return wallMs(worker->startNs);
    case WorkerField::EndTime: return wallMs(worker->endNs);
    default: return kNoNumber;
    }
}

std::string_view WorkerRows::text(FieldId field, std::uint32_t row, std::string& scratch) const
{
    const auto* worker = find(row);
    if (!worker) return {};
    switch (static_cast<WorkerField>(field)) {
    case WorkerField::WorkerId: return idText(worker->id, scratch);
    case WorkerField::Node: return keep(scratch, types::nodeLetter(worker->node));
    case WorkerField::NodeId: return idText(m_world.node(worker->node), scratch);
    case WorkerField::Running: return worker->running;
    case WorkerField::ExitDetail: return worker->exit;
    default: return {};
    }
}

std::int64_t WorkerRows::textKey(FieldId field, std::uint32_t row) const
{
    const auto* worker = find(row);
    if (worker && static_cast<WorkerField>(field) == WorkerField::Node) return worker->node;
    return ListRows::textKey(field, row);
}

// ---- jobs ----

// A run that is not durable yet does not exist for anybody.
JobRows::JobRows(const HeadTable& table, trace::RunWorld world) : ListRows(table, std::move(world), types::jobSchema())
{
    for (const auto& [number, run] : table.runs().all())
        if (run.recorded) m_numbers.push_back(number);
}

const types::RunRow* JobRows::find(std::uint32_t row) const
{
    const auto found = m_table.runs().all().find(m_numbers[row]);
    return found == m_table.runs().all().end() ? nullptr : &found->second.row;
}

std::int64_t JobRows::number(FieldId field, std::uint32_t row) const
{
    using enum TaskState;
    const auto* run = find(row);
    if (!run) return kNoNumber;
    switch (static_cast<JobField>(field)) {
    case JobField::Number: return run->isProbe() ? kNoNumber : run->number;
    case JobField::Status: return static_cast<std::int64_t>(run->state);
    case JobField::Tasks: return run->tasks;
    case JobField::Finished: return countOf(run->counts, {Finished, Cached});
    case JobField::Running: return countOf(run->counts, {Running});
    case JobField::Pending: return countOf(run->counts, {PendingArgs, PendingAssignment, PendingFetch, Held, Submitted, Retrying});
    case JobField::Failed: return countOf(run->counts, {Failed});
    case JobField::Reexecuted: return signedOf(run->reexecuted);
    case JobField::Duration: {
        if (run->startNs == 0) return kNoNumber;
        return std::max<TimeNs>(0, (run->endNs != 0 ? run->endNs : m_world.nowNs) - run->startNs);
    }
    case JobField::SubmitTime: return run->submitWallNs == 0 ? kNoNumber : run->submitWallNs / base::kMillisecond;
    case JobField::StartTime: return wallMs(run->startNs);
    case JobField::EndTime: return wallMs(run->endNs);
    default: return kNoNumber;
    }
}

std::string_view JobRows::text(FieldId field, std::uint32_t row, std::string& scratch) const
{
    const auto* run = find(row);
    if (!run) return {};
    switch (static_cast<JobField>(field)) {
    case JobField::JobId: return idText(run->id, scratch);
    case JobField::Title: return run->title;
    case JobField::Message: return run->error;
    default: return {};
    }
}

// ---- logs ----

LogRows::LogRows(const HeadTable& table, trace::RunWorld world)
    : ListRows(table, std::move(world), types::logSchema()), m_first(table.logs().first()), m_count(static_cast<std::uint32_t>(table.logs().next() - m_first))
{
}

std::int64_t LogRows::number(FieldId field, std::uint32_t row) const
{
    const auto* line = find(row);
    if (!line) return kNoNumber;
    const auto* worker = m_world.worker(line->worker);
    switch (static_cast<LogField>(field)) {
    case LogField::Number: return signedOf(m_first + row);
    case LogField::Time: return wallMs(line->atNs);
    case LogField::Level: return line->level;
    case LogField::Worker: return worker ? worker->number : kNoNumber;
    case LogField::Track: return line->worker == types::kNoWorker ? kNoNumber : line->worker;
    case LogField::Row: return line->row == types::kNoRow ? kNoNumber : line->row;
    default: return kNoNumber;
    }
}

std::string_view LogRows::text(FieldId field, std::uint32_t row, std::string& scratch) const
{
    const auto* line = find(row);
    if (!line) return {};
    switch (static_cast<LogField>(field)) {
    case LogField::Node: return keep(scratch, types::nodeLetter(line->node));
    case LogField::Text: return line->text;
    default: return {};
    }
}

std::int64_t LogRows::textKey(FieldId field, std::uint32_t row) const
{
    const auto* line = find(row);
    if (line && static_cast<LogField>(field) == LogField::Node) return line->node;
    return ListRows::textKey(field, row);
}

std::unique_ptr<trace::TableRows> listRows(const std::string& table, const HeadTable& head, trace::RunWorld world)
{
    const types::TableSchema* schema = types::findTable(table);
    if (schema == &types::nodeSchema()) return std::make_unique<NodeRows>(head, std::move(world));
    if (schema == &types::workerSchema()) return std::make_unique<WorkerRows>(head, std::move(world));
    if (schema == &types::jobSchema()) return std::make_unique<JobRows>(head, std::move(world));
    if (schema == &types::logSchema()) return std::make_unique<LogRows>(head, std::move(world));
    return nullptr;
}

} // namespace orrery::head
