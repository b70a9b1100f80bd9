// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/sdk/testing/local_host.h"

#include "plugins/sdk/testing/local_call.h"

#include <dlfcn.h>

namespace orrery::plugin {

const orrery_plugin_v1_t* LocalHost::load(const std::string& path, std::string& problem)
{
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        problem = dlerror();
        return nullptr;
    }
    const auto entry = reinterpret_cast<orrery_plugin_entry_v1_t>(dlsym(library, "orrery_plugin_v1"));
    if (entry == nullptr) {
        problem = path + " is not an Orrery plugin: it exports no orrery_plugin_v1";
        return nullptr;
    }
    const orrery_plugin_v1_t* plugin = entry();
    if (plugin == nullptr || plugin->abi != ORRERY_ABI_V1) {
        problem = path + (plugin == nullptr ? " could not describe itself" : " speaks another version of the ABI");
        return nullptr;
    }
    for (std::uint32_t i = 0; i < plugin->function_count; ++i) m_functions[plugin->functions[i]->name] = plugin->functions[i];
    return plugin;
}

const orrery_function_v1_t* LocalHost::find(const std::string& function) const
{
    const auto found = m_functions.find(function);
    return found == m_functions.end() ? nullptr : found->second;
}

Json LocalHost::withDefaults(const std::string& schema, const Json& params)
{
    const Json parsed = Json::parse(schema);
    const Json& properties = parsed.at("properties");
    for (const auto& [name, value] : params.items())
        if (!properties.contains(name)) throw Error(text("there is no parameter `", name, "`"));
    Json out = params;
    for (const auto& [name, property] : properties.items())
        if (!out.contains(name) && property.contains("default")) out[name] = property["default"];
    for (const Json& name : parsed.value("required", Json::array()))
        if (!out.contains(name.get<std::string>())) throw Error(text("parameter `", name.get<std::string>(), "` must be given"));
    return out;
}

std::vector<LocalPort> LocalHost::ports(const orrery_function_v1_t& function, const Json& params, bool outputs)
{
    struct Collected {
        std::vector<LocalPort> inputs, outputs;
        std::string error;
    } collected;
    const auto port = [](const orrery_port_v1_t* p) { return LocalPort{p->name, p->type, p->optional != 0}; };
    if (function.ports == nullptr) {
        for (std::uint32_t i = 0; i < function.input_count; ++i) collected.inputs.push_back(port(function.inputs[i]));
        for (std::uint32_t i = 0; i < function.output_count; ++i) collected.outputs.push_back(port(function.outputs[i]));
        return outputs ? collected.outputs : collected.inputs;
    }
    orrery_ports_sink_v1_t sink = {};
    sink.size = sizeof sink;
    sink.sink = &collected;
    sink.input = [](void* to, const orrery_port_v1_t* p) { static_cast<Collected*>(to)->inputs.push_back({p->name, p->type, p->optional != 0}); };
    sink.output = [](void* to, const orrery_port_v1_t* p) { static_cast<Collected*>(to)->outputs.push_back({p->name, p->type, p->optional != 0}); };
    sink.fail = [](void* to, const char* why) { static_cast<Collected*>(to)->error = why; };
    const std::string json = params.dump();
    if (function.ports(json.c_str(), json.size(), &sink, function.self) != ORRERY_OK) throw Error(collected.error);
    return outputs ? collected.outputs : collected.inputs;
}

bool LocalHost::fits(const orrery_value_t& value, std::string_view type)
{
    if (type == "any") return true;
    if (!type.starts_with("list<")) return type == typeName(value.type) || (type == "f64" && value.type == ORRERY_TYPE_I64);
    if (value.type != ORRERY_TYPE_LIST) return false;
    const std::string_view item = type.substr(5, type.size() - 6);
    for (const AnyView each : List<AnyView>(AnyView(&value)))
        if (!fits(each.raw(), item)) return false;
    return true;
}

LocalResult LocalHost::run(const std::string& function, const LocalInputs& inputs, const Json& params, const LocalOptions& options)
{
    LocalResult result;
    try {
        const orrery_function_v1_t* found = find(function);
        if (found == nullptr) throw Error(text("there is no function `", function, "`"));
        LocalCall call(*this, *found, withDefaults(found->params, params), inputs, options);
        result = call.run();
    } catch (const std::exception& e) {
        result.status = ORRERY_FAILED;
        result.error = e.what();
    }
    return result;
}

} // namespace orrery::plugin
