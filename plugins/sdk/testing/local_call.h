// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// LocalCall: one call inside LocalHost; what the host table's context points at. Thread and lifetime: that of run().

#include "plugins/sdk/testing/local_host.h"

namespace orrery::plugin {

class LocalCall {
public:
    // Throws Error when the inputs do not fit the ports.
    LocalCall(LocalHost& host, const orrery_function_v1_t& function, const Json& params, const LocalInputs& inputs, const LocalOptions& options);
    LocalCall(const LocalCall&) = delete;
    LocalCall& operator=(const LocalCall&) = delete;
    LocalResult run();

private:
    struct Slot {
        std::unique_ptr<OwnedValue> value;
        std::vector<OwnedValue> items;
        bool isList = false; // append was called
    };
    static LocalCall& of(void* context) { return *static_cast<LocalCall*>(context); }
    static orrery_host_v1_t table(bool offersTasks);
    void* refuse(std::string why);
    void* allocate(std::uint32_t output, std::uint64_t bytes);
    void* append(std::uint32_t output, std::uint64_t bytes);
    std::int32_t submit(const orrery_submit_v1_t& what, orrery_ref_v1_t* outputs, std::uint32_t count);
    std::int32_t get(const orrery_ref_v1_t& ref, orrery_view_v1_t* view);
    std::int32_t put(const void* value, std::uint64_t bytes, orrery_ref_v1_t* ref);
    orrery_ref_v1_t keep(LocalValue value, std::string error);
    LocalValue seal(Slot& slot) const;

    LocalHost& m_host;
    const orrery_function_v1_t& m_function;
    const std::string m_params;
    const LocalOptions& m_options;
    const orrery_host_v1_t m_table;
    std::vector<LocalPort> m_outputPorts;
    std::vector<LocalValue> m_held; // the inputs
    std::vector<std::vector<orrery_view_v1_t>> m_views;
    std::vector<orrery_input_v1_t> m_inputs;
    std::vector<Slot> m_slots;
    std::vector<OwnedValue> m_puts;
    struct Object {
        LocalValue value; // null: failed
        std::string error;
    };
    std::vector<Object> m_objects;
    std::uint64_t m_memoryLeft;
    std::string m_lastError;
    LocalResult m_result;
};

} // namespace orrery::plugin
