// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What two nodes say to each other about one run: the home, which owns its tasks, and a guest, which runs some of them and keeps
// what they made. The home connects; a pair of nodes has one link a direction, for all runs that are at home at its beginning.
//
// OpenRun first. The guest answers with its Inventory: what lies there of the run already, made or brought for an earlier home;
// mostly nothing. It is the first that a home hears of a guest, so what is freed of it is freed before anything new is made.
// Then Offer says how many tasks of each resource class are ready; the guest says by Credit, how many of a
// class it takes at once, and the home sends Tasks up to that. Each task comes back as exactly one Done, Lost, Back or Refused.
// Arguments and results that are not inline are named by ObjectKey and pulled over the bulk plane from where they lie.
// Times are those of the cluster's clock. Epoch: of the run's home; a message of another epoch is not of this home and is dropped.
// Order and once-only are the channel's promise (peer_channel.h), also over a broken connection.

#include "engine/net/node_link.h"
#include "engine/types/task_record.h"

namespace orrery::net {

// A value of a run, whatever attempt made it: equal keys have equal bytes.
struct ObjectKey {
    std::uint16_t vertex = 0;
    std::uint16_t output = 0;
    std::uint32_t index = 0;
    auto operator<=>(const ObjectKey&) const = default;
};

// Where a value may be had.
struct WantedValue {
    ObjectKey key;
    std::uint64_t size = 0;
    std::vector<std::uint16_t> at; // numbers of nodes, the best first
};

struct PeerArgument {
    std::uint16_t port = 0;
    std::int32_t item = -1;
    bool isInline = false;
    base::Bytes bytes;             // inline
    ObjectKey key;                 // else
    std::uint64_t size = 0;        // of the sealed value
    std::vector<std::uint16_t> at; // numbers of nodes that have it, the primary first
};

struct PeerTask {
    std::uint32_t row = 0;
    std::uint8_t attempt = 1;
    std::uint16_t vertex = 0;
    std::uint32_t mapIndex = 0, mapCount = 1;
    std::vector<PeerArgument> args;
};

// What a value is, for tables and pictures of where it is not.
struct ValueFacts {
    std::uint8_t type = 0, dtype = 0, rank = 0;
    std::array<std::uint32_t, 4> shape{};
};

struct PeerOutput {
    bool isInline = true;
    base::Bytes bytes;      // inline
    std::uint64_t size = 0;
    std::uint32_t items = 0;
    ValueFacts facts;
};

inline constexpr std::uint32_t kGuestTasksMax = 4096;          // of a class, at one guest
inline constexpr std::size_t kPushBytesMax = 1u << 20;         // of inline arguments in one message; a task with more stays at home

// ---- home -> guest ----
struct OpenRun { base::RunId run; std::uint64_t epoch = 0; std::shared_ptr<const types::Graph> graph; };
struct Offer { base::RunId run; std::uint64_t epoch = 0; std::vector<std::uint32_t> ready; }; // by class
struct PushTasks { base::RunId run; std::uint64_t epoch = 0; std::vector<PeerTask> tasks; };
struct RecallTasks { base::RunId run; std::uint64_t epoch = 0; std::uint32_t classIndex = 0, count = 0; }; // that have not begun; kGuestTasksMax: all, also those whose arguments are under way
struct CancelTasks { base::RunId run; std::uint64_t epoch = 0; };
struct FreeValues { base::RunId run; std::uint64_t epoch = 0; std::vector<ObjectKey> keys; };
struct KeepValue { base::RunId run; std::uint64_t epoch = 0; ObjectKey key; }; // its copy is the primary now
// All of it may go. To a guest that drains: so many of its values lie elsewhere now, and so many could not be moved.
struct CloseRun { base::RunId run; std::uint64_t epoch = 0; std::uint32_t moved = 0, left = 0; };
// A value of a guest that drains is to lie at this one, as a primary; the answer is ValueKept.
struct BringValue { base::RunId run; std::uint64_t epoch = 0; WantedValue what; };
using ToGuest = std::variant<OpenRun, Offer, PushTasks, RecallTasks, CancelTasks, FreeValues, KeepValue, CloseRun, BringValue>;

// ---- guest -> home ----
struct Credit { base::RunId run; std::uint64_t epoch = 0; std::vector<std::uint32_t> window, workers; }; // by class: tasks it holds at most, and runs at once
struct TaskBegan { base::RunId run; std::uint64_t epoch = 0; std::uint32_t row = 0; std::uint8_t attempt = 1; std::uint16_t track = 0; types::TimeNs atNs = 0; };
struct TaskDone {
    base::RunId run;
    std::uint64_t epoch = 0;
    std::uint32_t row = 0;
    std::uint8_t attempt = 1;
    std::uint16_t track = 0;
    types::ResultRecord::Status status = types::ResultRecord::Status::Ok;
    types::Cause cause = types::Cause::None;
    types::TimeNs startNs = 0, endNs = 0;
    std::uint32_t cpuUs = 0, peakKiB = 0;
    std::vector<PeerOutput> outputs;
    std::string error;
};
struct TaskLost { base::RunId run; std::uint64_t epoch = 0; std::uint32_t row = 0; std::uint8_t attempt = 1; std::uint16_t track = 0; types::Cause cause = types::Cause::WorkerDied; std::string why; };
// It never began. NotFound: of its arguments `missing` lies nowhere it should; Refused: there is no room for them here.
struct TaskBack {
    base::RunId run;
    std::uint64_t epoch = 0;
    std::uint32_t row = 0;
    std::uint8_t attempt = 1;
    enum class Why : std::uint8_t { Asked, NotFound, NoRoom, Other };
    Why why = Why::Asked;
    ObjectKey missing;
    std::uint16_t from = 0; // NotFound: where it should have lain, as the task said
};
struct NeedRoom { base::RunId run; std::uint64_t epoch = 0; std::uint64_t bytes = 0; }; // values that nobody needs any more may go
struct TaskRefused { base::RunId run; std::uint64_t epoch = 0; std::uint32_t row = 0; std::uint8_t attempt = 1; std::string why; };
struct ValueCopied { base::RunId run; std::uint64_t epoch = 0; ObjectKey key; bool gone = false; std::uint16_t from = types::kNoNode; types::TimeNs startNs = 0, endNs = 0; }; // from a node, in that time
struct ValueKept { base::RunId run; std::uint64_t epoch = 0; ObjectKey key; bool kept = false; }; // false: there is no room, or it was not to be had
// One value of an earlier home's that lies at the guest, whole. Inline ones it has of that home itself, which was here: nobody else has
// them, and it keeps them no longer. So does a task without outputs say that it is done: key.output is kDoneMark.
struct HeldValue {
    ObjectKey key;
    std::uint64_t size = 0;
    std::uint32_t items = 0; // of a list
    bool primary = false;    // it stays until it is freed; else a copy that may be given up, which is told
    ValueFacts facts;
    bool isInline = false;
    base::Bytes bytes;       // inline
};
struct Inventory { base::RunId run; std::uint64_t epoch = 0; std::vector<HeldValue> values; bool last = true; };
using ToHome = std::variant<Inventory, Credit, TaskBegan, TaskDone, TaskLost, TaskBack, TaskRefused, ValueCopied, NeedRoom, ValueKept>;

inline constexpr std::uint16_t kDoneMark = 0xffff;
inline constexpr std::size_t kInventoryPiece = 1024;            // values in one message
inline constexpr std::size_t kInventoryInlineMax = 64u << 20;   // bytes of inline values of one guest; what is beyond is made again
inline constexpr std::size_t kInventoryValuesMax = 1u << 20;    // of one guest; what is said beyond is not heard

} // namespace orrery::net
