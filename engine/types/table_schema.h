// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TableSchema: the one home of the tables' column names, kinds and units. Filters, sorting, pages and `orreryctl` read it.
// Names are Ray's where Ray has the column (one row a task and not one an attempt), ours where it has none. The enums below
// are in the order of the columns.
// Every value is a number (int64, kNoNumber: none) or a text. Instants are the wall clock in ms since 1970, as Ray has them;
// durations are ns, and start_ns, end_ns, created_ns count from the begin of the run.
// Thread: constants.

#include "engine/base/result.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orrery::types {

using FieldId = std::uint8_t;
inline constexpr FieldId kNoField = 0xff;
inline constexpr std::size_t kFieldsMax = 64; // of one table, so that a set of fields is one word
inline constexpr std::int64_t kNoNumber = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kShareOne = 1'000'000; // a Share of 100 %

enum class FieldKind : std::uint8_t {
    Count,    // plain number
    Bytes,
    Duration, // ns
    Instant,  // ms since 1970
    Share,    // of 1, in millionths
    Word,     // one of a list; the number is its index
    Level,    // a word of a list that rises: "<" and its sisters compare
    Flag,     // 0 or 1
    Label,    // short text that is a name: ":" means equal
    Id,       // ":" means begins with
    Text,     // ":" means contains
};
constexpr bool isText(FieldKind kind) { return kind >= FieldKind::Label; }

// A word that a person may write, and the index that it stands for. The first of an index is its canonical name.
struct FieldWord {
    std::string_view text;
    std::int64_t index = 0;
};

struct Field {
    std::string_view name;
    FieldKind kind = FieldKind::Text;
    std::string_view shorts = {};          // other names, a space between
    std::span<const FieldWord> words = {}; // Word, Flag
    std::string_view doc = {};             // a few words, for help and tool tips
};

struct TableSchema {
    std::string_view name;
    std::span<const Field> fields;
    FieldId bare = 0; // column that a bare word of a filter looks into
    // By name or short, any case; kNoField: there is none.
    FieldId find(std::string_view name) const;
    // The same, or NotFound with the nearest name: "there is no column "stat" in tasks; did you mean "state"?"
    base::Result<FieldId> field(std::string_view name) const;
    const Field& at(FieldId field) const { return fields[field]; }
};

enum class TaskField : FieldId {
    TaskId, Name, State, JobId, Function, Vertex, MapIndex, Attempt, Node, NodeId, Worker, WorkerId, WorkerPid, Track, ErrorType, ErrorMessage,
    Resources, WaitReason, Args, Returns, Wait, Duration, Cpu, BytesOut, Peak, Start, End, CreationTime, StartTime, EndTime, Row
};
enum class ObjectField : FieldId {
    ObjectId, Name, State, Size, Type, DType, Shape, Items, Refs, Node, NodeId, Copies, TaskId, TaskStatus, JobId, Vertex, MapIndex, Output, Attempt, Created,
    CreationTime, Row
};
enum class WorkerField : FieldId {
    WorkerId, IsAlive, Node, NodeId, Worker, Track, Pid, Running, TasksDone, Rss, ExitDetail, StartTime, EndTime
};
enum class NodeField : FieldId {
    NodeId, Node, NodeName, State, StateMessage, Host, Pid, ResourcesTotal, ResourcesAvailable, CpuShare, Memory, MemoryTotal, Store, StoreCapacity,
    StoreObjects, NetIn, NetOut, Workers, WorkersBusy, HeartbeatTime
};
enum class JobField : FieldId {
    JobId, Number, Title, Status, Message, Tasks, Finished, Running, Pending, Failed, Reexecuted, Duration, SubmitTime, StartTime, EndTime
};
enum class LogField : FieldId { Number, Time, Level, Node, Worker, Track, Row, Text };

const TableSchema& taskSchema();
const TableSchema& objectSchema();
const TableSchema& workerSchema();
const TableSchema& nodeSchema();
const TableSchema& jobSchema();
const TableSchema& logSchema();
// tasks, objects, workers, nodes, jobs (or runs), logs; null: no such table.
const TableSchema* findTable(std::string_view name);

// "A", "B", ... "Z", "AA": how people call node number 0, 1, ...
std::string nodeLetter(std::uint16_t node);
// ASCII letters small, all else as it is.
std::string folded(std::string_view text);

} // namespace orrery::types
