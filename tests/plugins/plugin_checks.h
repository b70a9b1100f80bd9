// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every task library must keep, for the tests of each. Returns one line a problem; empty: none.

#include "plugins/sdk/testing/local_host.h"

#include <algorithm>
#include <set>

namespace orrery::plugin {

// [a-z][a-z0-9_]{0,62}
inline bool isName(std::string_view name)
{
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= 63 && lower(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) { return lower(c) || c == '_' || (c >= '0' && c <= '9'); });
}

inline bool isPortType(std::string_view type)
{
    if (type.starts_with("list<") && type.ends_with('>')) return isPortType(type.substr(5, type.size() - 6));
    static constexpr std::array<std::string_view, 10> kTypes = {"bool", "i64", "f64", "string", "bytes", "json", "tensor", "table", "image", "any"};
    return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

inline std::string pluginProblems(const orrery_plugin_v1_t& plugin)
{
    std::string out;
    const auto need = [&out](bool holds, const std::string& what) {
        if (!holds) out += what + "\n";
    };
    need(plugin.size == sizeof plugin && plugin.abi == ORRERY_ABI_V1, "the table's size or version");
    need(isName(plugin.name), text("the name `", plugin.name, "`"));
    std::set<std::string> names;
    for (std::uint32_t i = 0; i < plugin.function_count; ++i) {
        const orrery_function_v1_t& f = *plugin.functions[i];
        const std::string at = text(f.name, ": ");
        const std::string prefix = text(plugin.name, ".");
        need(f.size == sizeof f && f.run != nullptr, at + "size or run");
        need(names.insert(f.name).second, at + "twice");
        need(std::string(f.name).starts_with(prefix) && isName(f.name + prefix.size()), at + "its name");
        need(*f.label != '\0' && *f.category != '\0' && *f.icon != '\0', at + "no label, category or icon");
        need(std::string_view(f.doc).ends_with('.') && std::string_view(f.doc).size() > 8, at + "its documentation is no sentence");
        need(f.retries >= -1, at + "retries");
        for (const bool outputs : {false, true}) {
            std::set<std::string> ports;
            for (std::uint32_t p = 0; p < (outputs ? f.output_count : f.input_count); ++p) {
                const orrery_port_v1_t& port = *(outputs ? f.outputs : f.inputs)[p];
                need(port.size == sizeof port && isName(port.name) && ports.insert(port.name).second, at + "port " + port.name);
                need(isPortType(port.type), at + "type " + port.type);
                need(*port.doc != '\0', at + "port " + port.name + " has no documentation");
                need(!outputs || port.optional == 0, at + "an output is optional");
            }
        }
        for (std::uint32_t r = 0; r < f.resource_count; ++r) need(f.resources[r].amount > 0, at + "resource " + f.resources[r].name);
        if (!Json::accept(f.params)) {
            out += at + "its schema is not JSON\n";
            continue;
        }
        const Json schema = Json::parse(f.params);
        need(schema.dump() == f.params, at + "its schema is not canonical text");
        need(schema.value("type", "") == "object" && schema.contains("additionalProperties") && schema["additionalProperties"] == false, at + "its schema is not a closed object");
        std::set<std::int64_t> orders;
        for (const auto& [name, property] : schema["properties"].items()) {
            const std::string field = at + "parameter " + name;
            need(isName(name), field);
            need(!property.value("description", "").empty(), field + " has no description");
            need(orders.insert(property.value("x-order", std::int64_t{-1})).second, field + " has no place of its own");
            need(property.contains("default") || (schema.contains("required") && std::count(schema["required"].begin(), schema["required"].end(), name) == 1), field + " has no default and is not required");
            if (!property.contains("default") || !property.contains("type")) continue;
            const Json& value = property["default"];
            const std::string type = property["type"];
            need(type == "boolean" ? value.is_boolean() : type == "integer" ? value.is_number_integer() : type == "number" ? value.is_number() : type == "string" ? value.is_string() : value.is_array(),
                 field + ": its default is of another type");
            if (property.contains("minimum")) need(value >= property["minimum"], field + ": its default is below the minimum");
            if (property.contains("maximum")) need(value <= property["maximum"], field + ": its default is above the maximum");
            if (property.contains("enum")) need(std::find(property["enum"].begin(), property["enum"].end(), value) != property["enum"].end(), field + ": its default is no choice");
        }
    }
    return out;
}

} // namespace orrery::plugin
