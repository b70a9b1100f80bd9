// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values that describe a run while it lives: rows, attempts, objects, nodes, workers. They are what the trace carries, what
// deltas push and what tables show. Times are ns of the head's cluster clock (nodes are corrected by offset) unless said.
// A task is a row (u32) inside its run; ids are derived: TaskId = derive(run, vertex, mapIndex).

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/types/resources.h"
#include "engine/types/task_state.h"

#include <array>
#include <string>
#include <vector>

namespace orrery::types {

using base::TimeNs;
inline constexpr std::uint32_t kNoRow = 0xffffffffu;
inline constexpr std::uint16_t kNoWorker = 0xffffu;
inline constexpr std::uint16_t kNoNode = 0xffffu;

enum class RunState : std::uint8_t { Queued, Running, Stopping, Succeeded, Failed, Stopped };
std::string_view runStateName(RunState state); // PENDING RUNNING STOPPING SUCCEEDED FAILED STOPPED
constexpr bool isTerminal(RunState state) { return state >= RunState::Succeeded; }

// Tasks [firstRow, firstRow + count) of one vertex came to be, with map indexes from firstIndex.
struct RowRange {
    std::uint32_t firstRow = 0;
    std::uint32_t count = 0;
    std::uint32_t firstIndex = 0;
    std::uint16_t vertex = 0; // index into the run's graph
    TaskState state = TaskState::PendingArgs;
    TimeNs atNs = 0;
};

// The state of one row at the moment a batch was closed; only for states that lasted until then (never a terminal one
// that an attempt record tells, but Skipped, Cancelled and Cached come as marks).
struct StateMark {
    std::uint32_t row = 0;
    TaskState state = TaskState::PendingArgs;
    std::uint8_t attempt = 0;
    std::uint16_t worker = kNoWorker; // track, while Running
    TimeNs atNs = 0;
};

enum class Cause : std::uint8_t { None, Threw, WorkerDied, NodeDied, Cancelled, TimedOut, BadOutputs, InputLost, Oom };
std::string_view causeName(Cause cause);

// One attempt, as it ended. A retry is another attempt of the same row. 64 bytes.
struct Attempt {
    std::uint32_t row = 0;
    std::uint32_t mapIndex = 0;
    std::uint16_t vertex = 0;
    std::uint16_t worker = kNoWorker; // track number of the worker, given by the head's node
    std::uint8_t attempt = 1;         // from 1
    TaskState outcome = TaskState::Finished; // Finished, Failed, Retrying (lost or to be tried again), Cancelled
    Cause cause = Cause::None;
    std::uint8_t outputs = 0;
    TimeNs submitNs = 0; // into the lane
    TimeNs startNs = 0;
    TimeNs endNs = 0;
    std::uint32_t waitUs = 0;  // ready until submitted
    std::uint32_t cpuUs = 0;
    std::uint64_t bytesOut = 0;
    std::uint32_t peakKiB = 0; // 0: not sampled
    std::uint32_t error = 0;   // index of a text in the same trace, 0: none
};
static_assert(sizeof(Attempt) == 64);

enum class ObjectState : std::uint8_t { Inline, Memory, Spilled, InFlight, Lost, Freed };
std::string_view objectStateName(ObjectState state);

// A sealed result. The last record of an id holds.
struct ObjectRecord {
    std::uint32_t row = 0;
    std::uint16_t output = 0;
    std::uint16_t node = 0;      // node number inside the cluster (A is 0)
    ObjectState state = ObjectState::Memory;
    std::uint8_t type = 0;       // ValueType of value.h
    std::uint8_t dtype = 0;
    std::uint8_t rank = 0;
    std::array<std::uint32_t, 4> shape{};
    std::uint64_t bytes = 0;
    std::uint32_t items = 0;     // of a list
    std::uint32_t refs = 0;
    std::uint8_t attempt = 1;
    TimeNs atNs = 0;
};

// A copy of a value came to lie on a node beside its primary, or lies there no more. What a node brought: from where, and when.
struct CopyRecord {
    std::uint32_t row = 0;
    std::uint16_t output = 0;
    std::uint16_t node = 0;       // where it lies
    std::uint16_t from = kNoNode; // kNoNode: it was there before this was told, or is gone
    bool gone = false;
    TimeNs startNs = 0;           // of its way; as endNs where that is not known
    TimeNs endNs = 0;             // since then it is there, or is not
};

struct WorkerRow {
    std::uint16_t track = 0;     // number inside the cluster; of one that lives nobody else has it
    std::uint16_t node = 0;
    base::WorkerId id;
    std::int64_t pid = 0;
    bool alive = true;
    std::string exit;            // "killed by signal 9", empty while alive
    std::uint64_t rssBytes = 0;
    std::uint64_t tasksDone = 0;
    std::string running;         // function it runs now, empty when idle
    TimeNs startNs = 0;
    TimeNs endNs = 0;
};

enum class NodeState : std::uint8_t { Joining, Alive, Draining, Dead };
std::string_view nodeStateName(NodeState state);

// How a node became a member, as it measured it itself: for people.
struct JoinSteps {
    TimeNs enrolNs = 0;        // from the first connection to the head's certificate; 0: it is none that a token let in, or in an earlier life
    TimeNs linkNs = 0;         // from the link until the head took it in
    TimeNs pluginsNs = 0;      // until the plugins of the head were here; 0: it has its own
    std::uint32_t plugins = 0; // that came
    TimeNs atNs = 0;           // when this life of it was taken in
};

struct NodeRow {
    std::uint16_t node = 0;      // number: A is 0
    base::NodeId id;
    std::string name;            // "local"
    std::string host;
    NodeState state = NodeState::Alive;
    std::int64_t pid = 0;
    Resources total;
    Resources free;
    double cpuShare = 0;         // 0..1 of its CPUs, process tree of the node
    std::uint64_t memoryBytes = 0, memoryTotalBytes = 0;
    std::uint64_t storeBytes = 0, storeCapacityBytes = 0, storeObjects = 0;
    std::uint64_t netInBytes = 0, netOutBytes = 0; // counters since start
    std::uint32_t workers = 0, workersBusy = 0;
    TimeNs heartbeatNs = 0;      // when the head last heard
    std::string why;             // reason of death or of a problem
    bool remote = false;         // it joined over the network: its pid says nothing on the head's machine
    std::string address;         // where nodes of other machines reach it; empty: they do not
    TimeNs clockOffsetNs = 0;    // its clock and this give the cluster's,
    TimeNs clockErrorNs = -1;    // with at most this error; -1: not measured yet
    JoinSteps join;
};

inline constexpr std::uint32_t kProbeNumbers = 0x8000'0000; // probes are counted from here, apart from the runs of people

struct RunRow {
    base::RunId id;
    std::uint32_t number = 0;    // 1, 2, ... of this cluster's life; "Run 1". kProbeNumbers + 1, ...: "Probe 1"
    std::string title;
    RunState state = RunState::Queued;
    TimeNs submitWallNs = 0;
    TimeNs startNs = 0, endNs = 0; // cluster clock; 0: not yet
    StateCounts counts{};
    std::uint32_t tasks = 0;
    std::uint64_t reexecuted = 0; // attempts made again because a result or a worker was lost
    std::string error;           // first failure, one sentence
    // A program started it to measure something: it stands in no list of runs that people read, and is never "the newest".
    bool isProbe() const { return number > kProbeNumbers; }
};

// Pushed per vertex at 10 Hz.
struct VertexCounts {
    std::uint16_t vertex = 0;
    std::uint32_t tasks = 0;     // 0: width not known yet
    StateCounts counts{};
    std::uint64_t busyNs = 0;    // sum of finished durations
    bool operator==(const VertexCounts&) const = default;
};

struct LogLine {
    TimeNs atNs = 0;
    std::uint16_t node = 0;
    std::uint16_t worker = kNoWorker;
    std::uint32_t row = kNoRow;
    std::uint8_t level = 1;      // base::LogLevel
    std::string text;
};

} // namespace orrery::types
