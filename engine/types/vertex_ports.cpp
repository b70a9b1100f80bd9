// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/vertex_ports.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace orrery::types {

using nlohmann::json;

namespace {

// "name" or "name:type"; the reason when it is no port.
std::string readPort(const std::string& text, const std::vector<std::string>& types, const std::vector<Port>& taken,
                     Port& port)
{
    const auto colon = text.find(':');
    port.name = text.substr(0, colon);
    port.type = colon == std::string::npos ? types.front() : text.substr(colon + 1);
    if (!goodVertexId(port.name))
        return "\"" + port.name +
               "\" is no name of a port: a small letter, then small letters, digits and _, 63 at most";
    if (std::find(types.begin(), types.end(), port.type) == types.end())
        return "a port listed here cannot be of type \"" + port.type + "\"; types are " + json(types).dump();
    if (std::any_of(taken.begin(), taken.end(), [&](const Port& other) { return other.name == port.name; }))
        return "the port \"" + port.name + "\" is listed twice";
    if (taken.size() == kListedPortsMax) return "more than " + std::to_string(kListedPortsMax) + " ports are listed";
    return {};
}

} // namespace

std::shared_ptr<const FunctionInfo> withPorts(const FunctionInfo& function, std::string_view params,
                                              const std::string& pointer, std::vector<Problem>& problems)
{
    if (!function.computedPorts) return {std::shared_ptr<const FunctionInfo>(), &function};
    auto made = std::make_shared<FunctionInfo>(function);
    const json schema = json::parse(function.paramSchema, nullptr, false), values = json::parse(params, nullptr, false);
    const json properties = schema.is_object() ? schema.value("properties", json::object()) : json::object();
    bool lists = false;
    for (const auto& [name, property] : properties.items()) {
        const std::string side = property.is_object() ? property.value("x-ports", std::string()) : std::string();
        if (side != "inputs" && side != "outputs") continue;
        auto& ports = side == "inputs" ? made->inputs : made->outputs;
        // The first list of a side takes the place of what the description says.
        if (!lists) made->inputs.clear(), made->outputs.clear();
        lists = true;
        const auto types = property.value("x-port-types", std::vector<std::string>{"any"});
        const json texts =
            values.is_object() && values.contains(name) ? values[name] : property.value("default", json::array());
        for (std::size_t i = 0; !types.empty() && texts.is_array() && i < texts.size(); ++i) {
            if (!texts[i].is_string()) continue; // the schema says what is wrong
            Port port;
            const std::string why = readPort(texts[i].get<std::string>(), types, ports, port);
            if (why.empty()) ports.push_back(std::move(port));
            else problems.push_back({pointer + "/" + name + "/" + std::to_string(i), why});
        }
    }
    if (!lists)
        problems.push_back({pointer, "the ports of " + function.name +
                                         " are known to its library alone, which may not be asked here; its parameters "
                                         "must list them (x-ports)"});
    return made;
}

std::shared_ptr<const FunctionInfo> functionOf(const Catalog& catalog, const Vertex& vertex)
{
    const FunctionInfo* function = catalog.function(vertex.function);
    std::vector<Problem> ignored;
    return function ? withPorts(*function, vertex.params, {}, ignored) : nullptr;
}

} // namespace orrery::types
