// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ControlLink: the worker's end of its socket to the node, with the thread that reads it. Lanes, templates, memory grants and
// results of nested calls arrive here; the main thread takes lanes and templates from it.
// Thread: the control thread runs read(); the main thread calls everything else. The process exits when the node is gone:
// a worker without a node has nobody to answer for its work.

#include "engine/base/seq_socket.h"
#include "engine/lane/lane.h"
#include "engine/worker/call.h"
#include "engine/worker/memory.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace orrery::worker {

class ControlLink final : public CallServices {
public:
    explicit ControlLink(base::SeqSocket socket);
    // Reads until Hello has come; then the thread takes over.
    base::Result<void> begin();

    struct AttachedLane {
        std::uint64_t id = 0;
        std::shared_ptr<lane::WorkerLane> lane;
    };
    // The lanes as they are now; changes() says whether to look again.
    std::vector<AttachedLane> lanes();
    std::uint64_t changes() const { return m_changes.load(std::memory_order_acquire); }
    // Waits until the node has sent it (it was sent before the task, but on another path).
    base::Result<std::shared_ptr<const types::Template>> findTemplate(std::uint32_t id);
    bool leaving() const { return m_leaving.load(std::memory_order_acquire); }

    Memory& memory() { return m_memory; }
    lane::Doorbell& doorbell() { return *m_doorbell; }
    lane::Doorbell& nodeDoorbell() { return *m_nodeDoorbell; }
    const lane::GatePage* gates() const { return m_gates.get(); }
    // Results written so far, told with each request for memory so that the node knows when old windows are done with.
    void countResult() { m_results.fetch_add(1, std::memory_order_relaxed); }
    void setRunning(std::uint64_t laneId, std::uint64_t position);

    void log(std::uint32_t owner, std::uint32_t row, int level, std::string_view text) override;
    bool cancelled() override;
    base::Result<std::uint64_t> submit(std::string_view function, std::string_view params, std::vector<Part> parts) override;
    base::Result<std::vector<types::Output>> wait(std::uint64_t call, std::int64_t timeoutNs) override;

private:
    void read();
    void handle(base::SeqMessage message);
    void send(const base::ByteWriter& out);
    void askWindow(std::uint64_t bytes);

    base::SeqSocket m_socket;
    Memory m_memory;
    std::unique_ptr<lane::Doorbell> m_doorbell;
    std::unique_ptr<lane::Doorbell> m_nodeDoorbell;
    std::unique_ptr<lane::GatePage> m_gates;
    std::atomic<std::uint64_t> m_changes{0};
    std::atomic<std::uint64_t> m_results{0};
    std::atomic<bool> m_leaving{false};
    std::atomic<std::uint64_t> m_runningLane{0};
    std::atomic<std::uint64_t> m_runningPosition{0};
    std::atomic<bool> m_cancelRunning{false};
    std::mutex m_sendMutex;
    std::mutex m_mutex; // guards the rest
    std::condition_variable m_changed;
    std::map<std::uint64_t, AttachedLane> m_lanes;
    std::map<std::uint32_t, std::shared_ptr<const types::Template>> m_templates;
    struct CallResult {
        bool done = false;
        bool ok = false;
        std::vector<types::Output> outputs;
        std::string error;
    };
    std::map<std::uint64_t, CallResult> m_calls;
    std::uint64_t m_lastCall = 0;
    std::thread m_thread;
};

} // namespace orrery::worker
