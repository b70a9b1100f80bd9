// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/table_schema.h"

#include "engine/base/log.h"
#include "engine/types/graph_check.h"
#include "engine/types/run.h"
#include "engine/types/value.h"

#include <array>
#include <vector>

namespace orrery::types {

namespace {

using enum FieldKind;

template <typename E>
constexpr std::int64_t at(E value)
{
    return static_cast<std::int64_t>(value);
}

// Names as JSON has them, and the words of the palette (formats page) where they are others.
constexpr FieldWord kTaskStateWords[] = {
    {"PENDING_ARGS_AVAIL", at(TaskState::PendingArgs)}, {"PENDING_NODE_ASSIGNMENT", at(TaskState::PendingAssignment)}, {"PENDING_ARGS_FETCH", at(TaskState::PendingFetch)},
    {"HELD", at(TaskState::Held)}, {"SUBMITTED_TO_WORKER", at(TaskState::Submitted)}, {"RUNNING", at(TaskState::Running)}, {"RETRYING", at(TaskState::Retrying)},
    {"FINISHED", at(TaskState::Finished)}, {"CACHED", at(TaskState::Cached)}, {"FAILED", at(TaskState::Failed)}, {"CANCELLED", at(TaskState::Cancelled)},
    {"SKIPPED", at(TaskState::Skipped)}, {"waiting", at(TaskState::PendingArgs)}, {"ready", at(TaskState::PendingAssignment)}, {"ready", at(TaskState::Submitted)},
    {"fetching", at(TaskState::PendingFetch)}, {"paused", at(TaskState::Held)}, {"succeeded", at(TaskState::Finished)}};
constexpr FieldWord kCauseWords[] = {{"NONE", at(Cause::None)}, {"THREW", at(Cause::Threw)}, {"WORKER_DIED", at(Cause::WorkerDied)}, {"NODE_DIED", at(Cause::NodeDied)},
    {"CANCELLED", at(Cause::Cancelled)}, {"TIMED_OUT", at(Cause::TimedOut)}, {"BAD_OUTPUTS", at(Cause::BadOutputs)}, {"INPUT_LOST", at(Cause::InputLost)},
    {"OUT_OF_MEMORY", at(Cause::Oom)}};
constexpr FieldWord kObjectStateWords[] = {{"INLINE", at(ObjectState::Inline)}, {"MEMORY", at(ObjectState::Memory)}, {"SPILLED", at(ObjectState::Spilled)},
    {"IN_FLIGHT", at(ObjectState::InFlight)}, {"LOST", at(ObjectState::Lost)}, {"FREED", at(ObjectState::Freed)}};
constexpr FieldWord kValueTypeWords[] = {{"none", at(ValueType::None)}, {"bool", at(ValueType::Bool)}, {"i64", at(ValueType::I64)}, {"f64", at(ValueType::F64)},
    {"string", at(ValueType::String)}, {"bytes", at(ValueType::Bytes)}, {"json", at(ValueType::Json)}, {"tensor", at(ValueType::Tensor)},
    {"table", at(ValueType::Table)}, {"image", at(ValueType::Image)}, {"list", at(ValueType::List)}};
constexpr FieldWord kDTypeWords[] = {{"none", at(DType::None)}, {"bool", at(DType::Bool)}, {"u8", at(DType::U8)}, {"i8", at(DType::I8)}, {"u16", at(DType::U16)},
    {"i16", at(DType::I16)}, {"u32", at(DType::U32)}, {"i32", at(DType::I32)}, {"u64", at(DType::U64)}, {"i64", at(DType::I64)}, {"f16", at(DType::F16)},
    {"f32", at(DType::F32)}, {"f64", at(DType::F64)}, {"string", at(DType::String)}};
constexpr FieldWord kNodeStateWords[] = {{"JOINING", at(NodeState::Joining)}, {"ALIVE", at(NodeState::Alive)}, {"DRAINING", at(NodeState::Draining)}, {"DEAD", at(NodeState::Dead)}};
constexpr FieldWord kRunStateWords[] = {{"PENDING", at(RunState::Queued)}, {"RUNNING", at(RunState::Running)}, {"STOPPING", at(RunState::Stopping)},
    {"SUCCEEDED", at(RunState::Succeeded)}, {"FAILED", at(RunState::Failed)}, {"STOPPED", at(RunState::Stopped)}};
constexpr FieldWord kFlagWords[] = {{"false", 0}, {"true", 1}, {"no", 0}, {"yes", 1}, {"0", 0}, {"1", 1}};
constexpr FieldWord kLevelWords[] = {{"DEBUG", at(base::LogLevel::Debug)}, {"INFO", at(base::LogLevel::Info)}, {"WARN", at(base::LogLevel::Warn)},
    {"ERROR", at(base::LogLevel::Error)}, {"warning", at(base::LogLevel::Warn)}};
constexpr Field kTaskFields[] = {
    {"task_id", Id},
    {"name", Text, {}, {}, "vertex and map index"},
    {"state", Word, {}, kTaskStateWords, "of the newest attempt"},
    {"job_id", Id, "run", {}, "run that it belongs to"},
    {"func_or_class_name", Text, "fn function", {}, "remote function"},
    {"vertex", Text, {}, {}, "of the graph"},
    {"map_index", Count, "index", {}, "of a vertex that is a map"},
    {"attempt", Count, {}, {}, "newest one, from 1"},
    {"node", Label, {}, {}, "letter of the node it ran on last"},
    {"node_id", Id},
    {"worker", Count, {}, {}, "number on its node"},
    {"worker_id", Id},
    {"worker_pid", Count, "pid"},
    {"track", Count, {}, {}, "number of the worker in the cluster"},
    {"error_type", Word, "cause", kCauseWords, "why the newest attempt ended badly"},
    {"error_message", Text, "error"},
    {"required_resources", Text, "resources"},
    {"wait_reason", Text, "why", {}, "what it waits for"},
    {"args", Text, {}, {}, "outputs that it reads"},
    {"returns", Text, {}, {}, "ids of its results"},
    {"wait_ns", Duration, "wait", {}, "ready until given to a worker"},
    {"duration_ns", Duration, "dur duration", {}, "of the newest attempt; so far while it runs"},
    {"cpu_ns", Duration, "cpu", {}, "CPU time of the newest attempt"},
    {"bytes_out", Bytes, "bytes", {}, "size of its results"},
    {"peak_bytes", Bytes, "peak", {}, "highest memory of the newest attempt, where sampled"},
    {"start_ns", Duration, "start", {}, "begin, from the begin of the run"},
    {"end_ns", Duration, "end", {}, "end, from the begin of the run"},
    {"creation_time_ms", Instant},
    {"start_time_ms", Instant},
    {"end_time_ms", Instant},
    {"row", Count, {}, {}, "number in its run"},
};
static_assert(std::size(kTaskFields) == at(TaskField::Row) + 1 && std::size(kTaskFields) <= kFieldsMax);
constexpr Field kObjectFields[] = {
    {"object_id", Id, "id"},
    {"name", Text, "producer", {}, "task that made it, and the output when it has several"},
    {"state", Word, {}, kObjectStateWords, "where it is"},
    {"object_size", Bytes, "bytes size"},
    {"type", Word, {}, kValueTypeWords, "of the value"},
    {"dtype", Word, {}, kDTypeWords, "of its elements"},
    {"shape", Text},
    {"items", Count, {}, {}, "of a list"},
    {"refs", Count, {}, {}, "that hold it"},
    {"node", Label, {}, {}, "letter of the node that holds it"},
    {"node_id", Id},
    {"copies", Text, {}, {}, "letters of the nodes that hold a copy beside it"},
    {"task_id", Id, "task", {}, "task that made it"},
    {"task_status", Word, {}, kTaskStateWords, "state of the task that made it"},
    {"job_id", Id, "run"},
    {"vertex", Text},
    {"map_index", Count, "index"},
    {"output", Count, {}, {}, "number of the output port"},
    {"attempt", Count, {}, {}, "that made it"},
    {"created_ns", Duration, "created", {}, "when, from the begin of the run"},
    {"creation_time_ms", Instant},
    {"row", Count, {}, {}, "of the task that made it"},
};
static_assert(std::size(kObjectFields) == at(ObjectField::Row) + 1 && std::size(kObjectFields) <= kFieldsMax);
constexpr Field kWorkerFields[] = {
    {"worker_id", Id, "id"},
    {"is_alive", Flag, "alive", kFlagWords},
    {"node", Label, {}, {}, "letter of its node"},
    {"node_id", Id},
    {"worker", Count, "number", {}, "number on its node"},
    {"track", Count, {}, {}, "number in the cluster"},
    {"pid", Count, "worker_pid"},
    {"running", Text, "fn function", {}, "function that it runs now"},
    {"tasks_done", Count, "tasks"},
    {"rss_bytes", Bytes, "rss bytes", {}, "resident memory"},
    {"exit_detail", Text, "exit", {}, "how it ended"},
    {"start_time_ms", Instant},
    {"end_time_ms", Instant},
};
static_assert(std::size(kWorkerFields) == at(WorkerField::EndTime) + 1 && std::size(kWorkerFields) <= kFieldsMax);
constexpr Field kNodeFields[] = {
    {"node_id", Id, "id"},
    {"node", Label, {}, {}, "letter"},
    {"node_name", Text, "name"},
    {"state", Word, {}, kNodeStateWords},
    {"state_message", Text, "why", {}, "why it is not well"},
    {"host", Text},
    {"pid", Count},
    {"resources_total", Text},
    {"resources_available", Text},
    {"cpu_share", Share, "cpu", {}, "of its CPUs, its process tree"},
    {"memory_bytes", Bytes, "memory", {}, "of its process tree"},
    {"memory_total_bytes", Bytes},
    {"store_bytes", Bytes, "store", {}, "in its object store"},
    {"store_capacity_bytes", Bytes},
    {"store_objects", Count, "objects"},
    {"net_in_bytes", Bytes, {}, {}, "since its start"},
    {"net_out_bytes", Bytes, {}, {}, "since its start"},
    {"workers", Count},
    {"workers_busy", Count, "busy"},
    {"heartbeat_time_ms", Instant, {}, {}, "when the head last heard of it"},
};
static_assert(std::size(kNodeFields) == at(NodeField::HeartbeatTime) + 1 && std::size(kNodeFields) <= kFieldsMax);
constexpr Field kJobFields[] = {
    {"job_id", Id, "id run"},
    {"number", Count, {}, {}, "Run 1, 2, ..."},
    {"title", Text, "name"},
    {"status", Word, "state", kRunStateWords},
    {"message", Text, "error", {}, "first failure"},
    {"tasks", Count},
    {"finished", Count, "done"},
    {"running", Count},
    {"pending", Count, {}, {}, "not begun"},
    {"failed", Count},
    {"reexecuted", Count, {}, {}, "attempts made again for what was lost"},
    {"duration_ns", Duration, "dur duration", {}, "so far while it runs"},
    {"submission_time_ms", Instant},
    {"start_time_ms", Instant},
    {"end_time_ms", Instant},
};
static_assert(std::size(kJobFields) == at(JobField::EndTime) + 1 && std::size(kJobFields) <= kFieldsMax);
constexpr Field kLogFields[] = {
    {"number", Count, {}, {}, "of the line, from 1"},
    {"time_ms", Instant},
    {"level", Level, {}, kLevelWords},
    {"node", Label, {}, {}, "letter"},
    {"worker", Count, {}, {}, "number on its node"},
    {"track", Count},
    {"row", Count, {}, {}, "of the task that wrote it"},
    {"text", Text, "message"},
};
static_assert(std::size(kLogFields) == at(LogField::Text) + 1 && std::size(kLogFields) <= kFieldsMax);

constexpr TableSchema kTables[] = {
    {"tasks", kTaskFields, static_cast<FieldId>(TaskField::Name)},
    {"objects", kObjectFields, static_cast<FieldId>(ObjectField::Name)},
    {"workers", kWorkerFields, static_cast<FieldId>(WorkerField::Running)},
    {"nodes", kNodeFields, static_cast<FieldId>(NodeField::NodeName)},
    {"jobs", kJobFields, static_cast<FieldId>(JobField::Title)},
    {"logs", kLogFields, static_cast<FieldId>(LogField::Text)},
};

} // namespace

const TableSchema& taskSchema() { return kTables[0]; }
const TableSchema& objectSchema() { return kTables[1]; }
const TableSchema& workerSchema() { return kTables[2]; }
const TableSchema& nodeSchema() { return kTables[3]; }
const TableSchema& jobSchema() { return kTables[4]; }
const TableSchema& logSchema() { return kTables[5]; }

const TableSchema* findTable(std::string_view name)
{
    if (name == "runs") return &jobSchema();
    for (const auto& table : kTables)
        if (table.name == name) return &table;
    return nullptr;
}

namespace {

// fn(name) for the name and the shorts of a field, until it gives true.
template <typename Fn>
bool anyName(const Field& field, Fn fn)
{
    if (fn(field.name)) return true;
    for (std::string_view rest = field.shorts; !rest.empty();) {
        const auto space = rest.find(' ');
        if (fn(rest.substr(0, space))) return true;
        rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
    }
    return false;
}

} // namespace

FieldId TableSchema::find(std::string_view wanted) const
{
    const std::string small = folded(wanted);
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (anyName(fields[i], [&](std::string_view one) { return one == small; })) return static_cast<FieldId>(i);
    return kNoField;
}

base::Result<FieldId> TableSchema::field(std::string_view wanted) const
{
    const FieldId found = find(wanted);
    if (found != kNoField) return found;
    std::vector<std::string> names;
    for (const auto& column : fields)
        anyName(column, [&](std::string_view one) {
            names.emplace_back(one);
            return false;
        });
    std::string text = "there is no column \"" + std::string(wanted.substr(0, 64)) + "\" in " + std::string(name);
    const std::string near = nearestName(folded(wanted.substr(0, 64)), names);
    if (!near.empty()) return base::fail(base::Errc::NotFound, text + "; did you mean \"" + near + "\"?");
    text += "; its columns are";
    for (const auto& column : fields) text += " " + std::string(column.name);
    return base::fail(base::Errc::NotFound, text);
}

std::string nodeLetter(std::uint16_t node)
{
    std::string text;
    for (int n = node; n >= 0; n = n / 26 - 1) text.insert(text.begin(), static_cast<char>('A' + n % 26));
    return text;
}

std::string folded(std::string_view text)
{
    std::string small(text);
    for (char& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return small;
}

} // namespace orrery::types
