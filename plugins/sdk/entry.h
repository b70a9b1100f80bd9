// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// FunctionEntry: one remote function while it is described, and its C table for as long as the library is loaded.
// Thread: written while the plugin describes itself, constant after finish(). What the table points at lies in the entry.

#include "plugins/sdk/listed_ports.h"
#include "plugins/sdk/orrery_plugin.h"

#include <string_view>

namespace orrery::plugin {

// Where a function with computed ports puts them.
class PortSink {
public:
    explicit PortSink(const orrery_ports_sink_v1_t* sink) : m_sink(sink) {}
    void input(const PortText& port) { give(m_sink->input, port); }
    void output(const PortText& port) { give(m_sink->output, port); }

private:
    void give(void (*to)(void*, const orrery_port_v1_t*), const PortText& port)
    {
        const orrery_port_v1_t raw = {sizeof raw, port.optional ? 1u : 0u, port.name.c_str(), port.type.c_str(), port.doc.c_str()};
        to(m_sink->sink, &raw);
    }
    const orrery_ports_sink_v1_t* m_sink;
};

// One function while it is described, and its C table for ever after. Not movable: the tables point into it.
class FunctionEntry {
public:
    using Ports = void (*)(const Json& params, PortSink& sink);

    FunctionEntry(std::string name, const char* doc) : m_name(std::move(name)), m_label(m_name.substr(m_name.find('.') + 1)), m_doc(doc)
    {
        for (char& c : m_label)
            if (c == '_') c = ' ';
        m_raw.size = sizeof m_raw;
        m_raw.retries = 3;
        cpus(1);
    }
    FunctionEntry(const FunctionEntry&) = delete;
    FunctionEntry& operator=(const FunctionEntry&) = delete;

    FunctionEntry& label(const char* label) { m_label = label; return *this; }
    FunctionEntry& category(const char* category) { m_category = category; return *this; }
    FunctionEntry& icon(const char* icon) { m_icon = icon; return *this; }
    // Equal inputs and parameters give equal results: the result may be kept and used again.
    FunctionEntry& pure() { m_raw.pure = 1; return *this; }
    FunctionEntry& retries(std::int32_t count) { m_raw.retries = count; return *this; }
    FunctionEntry& cpus(double count) { return resource("CPU", count); }
    FunctionEntry& gpus(double count) { return resource("GPU", count); }
    FunctionEntry& memory(double bytes) { return resource("memory", bytes); }
    FunctionEntry& resource(const char* name, double amount) // 0 takes it out
    {
        std::erase_if(m_resources, [name](const orrery_resource_v1_t& r) { return std::string_view(r.name) == name; });
        if (amount != 0) m_resources.push_back({name, amount});
        return *this;
    }
    FunctionEntry& params(std::string schema) { m_params = std::move(schema); return *this; }
    FunctionEntry& input(PortText port) { m_inputs.push_back(std::move(port)); return *this; }
    FunctionEntry& output(PortText port) { m_outputs.push_back(std::move(port)); return *this; }
    FunctionEntry& computedPorts(Ports ports)
    {
        m_ports = ports;
        m_raw.ports = &FunctionEntry::computePorts;
        return *this;
    }
    // Its ports are those that its parameters list (Fields::inputPorts, outputPorts), so a graph can be checked without the library.
    // REQUIRES: params() before
    FunctionEntry& listedPorts()
    {
        m_listing = Json::parse(m_params);
        m_raw.ports = &FunctionEntry::computePorts;
        return *this;
    }
    FunctionEntry& runner(std::int32_t (*run)(const orrery_call_v1_t*, void*)) { m_raw.run = run; return *this; }

    const orrery_function_v1_t& table() const { return m_raw; }
    // Nothing is added afterwards. `self` of the table is this entry.
    const orrery_function_v1_t* finish()
    {
        m_raw.name = m_name.c_str();
        m_raw.label = m_label.c_str();
        m_raw.doc = m_doc.c_str();
        m_raw.category = m_category.c_str();
        m_raw.icon = m_icon.c_str();
        m_raw.params = m_params.c_str();
        m_raw.inputs = lay(m_inputs, m_inputTable);
        m_raw.outputs = lay(m_outputs, m_outputTable);
        m_raw.input_count = static_cast<std::uint32_t>(m_inputs.size());
        m_raw.output_count = static_cast<std::uint32_t>(m_outputs.size());
        m_raw.resources = m_resources.data();
        m_raw.resource_count = static_cast<std::uint32_t>(m_resources.size());
        m_raw.self = this;
        return &m_raw;
    }

private:
    struct PortTable {
        std::vector<orrery_port_v1_t> ports;
        std::vector<const orrery_port_v1_t*> pointers;
    };
    static const orrery_port_v1_t* const* lay(const std::vector<PortText>& texts, PortTable& table)
    {
        for (const PortText& port : texts)
            table.ports.push_back({sizeof(orrery_port_v1_t), port.optional ? 1u : 0u, port.name.c_str(), port.type.c_str(), port.doc.c_str()});
        for (const orrery_port_v1_t& port : table.ports) table.pointers.push_back(&port);
        return table.pointers.data();
    }
    static std::int32_t computePorts(const char* params, std::uint64_t bytes, const orrery_ports_sink_v1_t* sink, void* self)
    {
        try {
            PortSink to(sink);
            const FunctionEntry& entry = *static_cast<FunctionEntry*>(self);
            const Json values = Json::parse(std::string_view(params, bytes));
            if (entry.m_ports != nullptr) {
                entry.m_ports(values, to);
                return ORRERY_OK;
            }
            const ListedPorts listed(entry.m_listing, values);
            for (const PortText& port : listed.inputs) to.input(port);
            for (const PortText& port : listed.outputs) to.output(port);
            return ORRERY_OK;
        } catch (const std::exception& e) {
            sink->fail(sink->sink, e.what());
        } catch (...) {
            sink->fail(sink->sink, "an exception that is not a std::exception");
        }
        return ORRERY_FAILED;
    }

    orrery_function_v1_t m_raw = {};
    std::string m_name, m_label, m_doc, m_category, m_icon;
    std::string m_params = R"({"additionalProperties":false,"properties":{},"type":"object"})";
    std::vector<PortText> m_inputs, m_outputs;
    PortTable m_inputTable, m_outputTable;
    Json m_listing; // the schema, when the ports are listed in the parameters
    std::vector<orrery_resource_v1_t> m_resources;
    Ports m_ports = nullptr;
};

} // namespace orrery::plugin
