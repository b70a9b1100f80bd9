// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Driver: a program attached to the node of its machine by shared memory. It submits tasks straight into the rings of leased
// workers and reads results from them; the node follows and is not on the path.
// Thread: one thread uses a Driver. Calls that wait: get(), wait(), function(), put() (when memory must be asked for).
// Lifetime: when the driver goes its leases, tasks and objects go with it.
// Failure: a worker's death costs an attempt (retries as the function declares are the node's affair for runs; here
// kDriverRetries); a node's death makes every later call fail with Closed.

#include "engine/base/seq_socket.h"
#include "engine/lane/lane.h"
#include "engine/lane/work_estimate.h"
#include "engine/types/driver_messages.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace orrery::client {

inline constexpr int kDriverRetries = 3;
inline constexpr std::size_t kDriverPendingMax = 2'000'000; // tasks not answered; submit() waits beyond it

// Names an output of a task or a value that was put, there or not yet. A plain number: whoever got it gives it to release().
struct RefId {
    std::uint64_t slot = 0;
    std::uint16_t output = 0;
};

struct Function {
    std::uint32_t templateId = 0;
    std::uint32_t classIndex = 0;
    std::uint16_t outputs = 1;
};

class Driver {
public:
    // socket: path of the node's driver socket.
    static base::Result<std::unique_ptr<Driver>> attach(const std::string& socket);
    ~Driver();
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    // Resolves a remote function once; params as JSON text.
    base::Result<Function> function(const std::string& name, const std::string& params = "{}");

    struct Arg {
        std::uint16_t port = 0;
        bool isRef = false;
        RefId ref;
        std::span<const std::byte> value; // a sealed value, copied
    };
    // Returns at once. The task's outputs are {slot, 0..outputs-1}. The caller releases the slot.
    RefId submit(const Function& function, std::span<const Arg> args = {});
    // Waits for the value. The bytes are valid until the slot is released. Failed: the task's own error.
    base::Result<std::span<const std::byte>> get(RefId ref);
    // Waits until all of them are over, well or not: get() answers at once then. Cheaper than one get() after another, because a
    // worker wakes this program once and not at every result.
    base::Result<void> wait(std::span<const RefId> refs);
    // Lets tasks of the batch go before somebody waits for them.
    void flush();
    base::Result<RefId> put(std::span<const std::byte> value);
    void release(RefId ref);
    std::uint64_t attemptsLost() const { return m_attemptsLost; }
    std::uint64_t lanesTaken() const { return m_lanesTaken; } // leases granted since the start

private:
    enum class SlotState : std::uint8_t { Free, Queued, InLane, Done, Failed };
    struct Slot {
        SlotState state = SlotState::Free;
        std::uint8_t attempt = 1;
        bool released = false;
        bool awaited = false;            // by the wait() under way
        std::uint32_t pins = 0;          // tasks under way that read it
        Function function;
        std::vector<Arg> args;           // refs only; values live in record
        base::Bytes record;              // kept for a second attempt
        std::uint64_t lease = 0;
        std::uint64_t position = 0;
        std::vector<types::Output> outputs;
        std::string error;
    };
    struct Lane {
        std::uint64_t id = 0;
        std::uint32_t classIndex = 0;
        lane::Region region;
        lane::Doorbell worker;
        lane::TaskWriter tasks;
        lane::ResultReader results;
        lane::Follower eye;              // for the worker's started cursor only
        std::deque<std::uint64_t> inFlight; // slots, by position from `first`
        std::uint64_t first = 0;
        std::uint32_t unpublished = 0;
        base::TimeNs unpublishedSinceNs = 0;
        std::uint32_t batch = 0; // tasks a publish; grows while the worker sleeps again at each
        bool closed = false;
        bool distrusted = false; // its worker wrote what it may not; nothing of it is read any more
        Lane(std::uint64_t leaseId, std::uint32_t index, lane::Region made, lane::Doorbell bell)
            : id(leaseId), classIndex(index), region(std::move(made)), worker(std::move(bell)), tasks(region), results(region), eye(region)
        {
        }
    };
    explicit Driver(base::SeqSocket socket) : m_socket(std::move(socket)) {}
    base::Result<void> begin();
    base::Result<void> pollControl(bool block);
    void handle(base::SeqMessage message);
    bool reap(Lane& lane);
    void distrust(Lane& lane);
    bool reapAll();
    void dispatch();
    bool push(Lane& lane, std::uint64_t slot);
    bool isBatchFull(const Lane& lane) const;
    void publish(Lane& lane);
    void takeBack(Lane& lane, bool dead, const std::string& why);
    void settle(std::uint64_t slot);
    void free(std::uint64_t slot);
    void uplink(const types::UplinkRecord& record);
    void wakeNode();
    std::size_t room(const Lane& lane, std::uint32_t templateId) const;
    void wantMore(const Function& function);
    bool ready(const Slot& slot) const;
    bool over(RefId ref) const { return m_slots[ref.slot].state == SlotState::Done || m_slots[ref.slot].state == SlotState::Failed; }
    base::Result<void> checkHeld(RefId ref) const;
    base::Result<void> waitOnce(RefId first);
    void setMarks();
    base::Result<std::span<std::byte>> map(const types::Place& place);
    base::Result<types::Place> allocate(std::uint64_t bytes);

    base::SeqSocket m_socket;
    std::unique_ptr<lane::Doorbell> m_doorbell;
    std::unique_ptr<lane::Doorbell> m_node;
    lane::Region m_uplink;
    std::unique_ptr<lane::TaskWriter> m_uplinkWriter;
    std::vector<std::unique_ptr<Lane>> m_lanes; // the one used last at the back
    std::vector<Slot> m_slots;
    std::vector<std::uint64_t> m_free;
    std::deque<std::uint64_t> m_queue; // slots without a lane, in order
    std::uint64_t m_dependents = 0;    // tasks not answered that read results of others
    std::unordered_map<std::uint32_t, lane::WorkEstimate> m_estimates; // by template
    std::map<std::uint32_t, std::uint32_t> m_wanted; // by template: what was asked for
    std::map<std::uint32_t, base::Mapping> m_segments;
    std::map<std::uint64_t, std::pair<bool, base::Bytes>> m_answers;
    std::uint64_t m_lastRequest = 0;
    types::Place m_window;
    std::uint64_t m_windowUsed = 0;
    bool m_windowAsked = false;
    std::string m_windowRefused;
    std::uint64_t m_lastPut = 0;
    std::uint64_t m_pending = 0;
    std::uint64_t m_attemptsLost = 0;
    std::uint64_t m_lanesTaken = 0;
    base::Error m_closed{base::Errc::Closed, {}};
    bool m_isClosed = false;
    base::ByteWriter m_scratch;
    base::Bytes m_bytes;
    types::ResultRecord m_result;
    std::uint32_t m_sinceControl = 0;
};

} // namespace orrery::client
