// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the node role needs of others, as small ports; host plugs the others in. All calls on the node loop, plain functions.

#include "engine/base/result.h"
#include "engine/types/run.h"
#include "engine/types/task_record.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace orrery::node {

using base::TimeNs;
using Track = std::uint16_t;
using SubmitterId = std::uint32_t;

// The tasks of one submitter that lives in the node's own process: a run homed here, or calls made by tasks.
struct TaskSource {
    virtual ~TaskSource() = default;
    virtual std::span<const types::Resources> classes() const = 0;
    virtual std::size_t ready(std::size_t classIndex) const = 0;
    // Up to max rows of one template; they are submitted now.
    virtual std::vector<std::uint32_t> take(std::size_t classIndex, std::size_t max, TimeNs now) = 0;
    virtual types::TaskRecord record(std::uint32_t row, TimeNs now) = 0; // with its template id
    virtual void began(std::uint32_t row, std::uint8_t attempt, Track track, TimeNs now) = 0;
    // False: the attempt was over already; its places are freed by the node.
    virtual bool finished(const types::ResultRecord& result, Track track, TimeNs now) = 0;
    virtual void lost(std::uint32_t row, std::uint8_t attempt, Track track, types::Cause cause, const std::string& why, TimeNs now) = 0;
    virtual void recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now) = 0;
    virtual void refuse(std::uint32_t row, const std::string& why, TimeNs now) = 0;
};

// The node's store of sealed values.
struct ValueStore {
    virtual ~ValueStore() = default;
    // Calls back at once or when memory is there.
    virtual void takeWindow(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) = 0;
    virtual void releaseWindow(const types::Place& window) = 0;
    // REQUIRES: the place is a window or an object. Valid until it is released or freed.
    virtual std::span<std::byte> bytes(const types::Place& place) const = 0;
    virtual void addObject(const types::Place& place) = 0;
    virtual void freeObject(const types::Place& place) = 0;
    struct Segment {
        std::uint32_t id = 0;
        std::uint64_t bytes = 0;
        int fd = -1;
    };
    virtual std::vector<Segment> segments() const = 0;
};

// What the node tells the rest of its process.
struct NodeEvents {
    virtual ~NodeEvents() = default;
    virtual void workerChanged(const types::WorkerRow& row) = 0;
    virtual void logLine(types::LogLine line) = 0;
    // A running task calls another function. The node answers with Node::answerCall.
    struct CallPart {
        std::uint16_t port = 0;
        bool isCall = false;
        base::Bytes bytes;
        std::uint64_t call = 0;
        std::uint16_t output = 0;
    };
    virtual void callMade(Track track, std::uint64_t call, std::string function, std::string params, std::vector<CallPart> parts) = 0;
    // The call that made others on this worker is over: nobody waits for them any more.
    virtual void callerEnded(Track track) = 0;
};

} // namespace orrery::node
