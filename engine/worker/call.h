// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Call: one attempt of one task as the plugin sees it: inputs as views, outputs built in place, host services.
// Small outputs are built in the worker's own memory and ride in the result record; large ones in the store.
// Thread: the worker's main thread; isCancelled may be read on any thread until the call is over.

#include "engine/types/task_record.h"
#include "engine/types/worker_messages.h"
#include "engine/worker/memory.h"
#include "plugins/sdk/orrery_plugin.h"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <vector>

namespace orrery::worker {

// What a call may ask of its node beyond memory; the control link implements it.
struct CallServices {
    virtual ~CallServices() = default;
    virtual void log(std::uint32_t owner, std::uint32_t row, int level, std::string_view text) = 0;
    virtual bool cancelled() = 0;
    struct Part {
        std::uint16_t port = 0;
        bool isCall = false;
        base::Bytes bytes;       // !isCall
        std::uint64_t call = 0;  // isCall
        std::uint16_t output = 0;
    };
    // Gives the call's number.
    virtual base::Result<std::uint64_t> submit(std::string_view function, std::string_view params, std::vector<Part> parts) = 0;
    // Waits; the outputs of the call. Failed with the call's own error.
    virtual base::Result<std::vector<types::Output>> wait(std::uint64_t call, std::int64_t timeoutNs) = 0;
};

// 64-byte aligned memory of our own.
class AlignedBytes {
public:
    explicit AlignedBytes(std::uint64_t bytes);
    std::byte* data() const { return m_at.get(); }
    std::uint64_t size() const { return m_size; }

private:
    struct Free {
        void operator()(std::byte* at) const { std::free(at); }
    };
    std::unique_ptr<std::byte, Free> m_at;
    std::uint64_t m_size;
};

class Call {
public:
    Call(Memory& memory, CallServices& services) : m_memory(memory), m_services(services) {}
    // Runs the function on the record; fills status, outputs, error and times of the result.
    void run(const orrery_function_v1_t& function, const types::Template& made, const types::TaskRecord& task, types::ResultRecord& result);

private:
    struct Built {
        bool given = false;
        bool isList = false;
        std::unique_ptr<AlignedBytes> own;      // inline, or a list item
        std::optional<Memory::Room> room;       // in the store
        std::vector<std::unique_ptr<AlignedBytes>> items;
    };
    base::Result<void> loadArgs(const types::TaskRecord& task); // those that lie in the store
    base::Result<void> loadInputs(const orrery_function_v1_t& function, const types::Template& made, const types::TaskRecord& task);
    base::Result<void> seal(const orrery_function_v1_t& function, types::ResultRecord& result);
    base::Result<types::Output> sealOne(Built& built);
    base::Result<types::Output> sealList(Built& built);
    static const orrery_host_v1_t& hostTable();

    void* allocate(std::uint32_t output, std::uint64_t bytes);
    void* append(std::uint32_t output, std::uint64_t bytes);
    std::int32_t submit(const orrery_submit_v1_t* what, orrery_ref_v1_t* outputs, std::uint32_t count);
    std::int32_t get(const orrery_ref_v1_t* ref, std::int64_t timeoutNs, orrery_view_v1_t* view);
    void* refuse(std::string why);
    std::uint64_t cpuNow(base::TimeNs now);

    Memory& m_memory;
    CallServices& m_services;
    const types::TaskRecord* m_task = nullptr;
    types::TaskRecord m_stored; // arguments that did not fit the lane
    std::vector<std::unique_ptr<AlignedBytes>> m_copies; // inline inputs, aligned
    std::vector<std::vector<orrery_view_v1_t>> m_views;
    std::vector<orrery_input_v1_t> m_inputs;
    std::vector<Built> m_outputs;
    std::uint64_t m_cpuReadNs = 0;      // thread CPU time when last read, and when that was
    base::TimeNs m_cpuReadAtNs = 0;
    std::string m_failure;
    std::string m_lastError;
};

} // namespace orrery::worker
