// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/plugin_json.h"

#include "engine/types/vertex_ports.h"

#include <nlohmann/json.hpp>
#include <set>

namespace orrery::types {

using base::Errc;
using base::fail;
using nlohmann::json;

namespace {

constexpr std::size_t kDescriptionBytesMax = 8u << 20;
constexpr std::size_t kFunctionsMax = 4096;

std::vector<Port> ports(const json& from)
{
    std::vector<Port> all;
    for (const auto& one : from) all.push_back({one.at("name").get<std::string>(), one.at("type").get<std::string>(), one.value("doc", std::string()), one.value("optional", false)});
    return all;
}

json portNames(const std::vector<Port>& from)
{
    json all = json::array();
    for (const auto& port : from) all.push_back({{"name", port.name}, {"type", port.type}, {"optional", port.optional}});
    return all;
}

} // namespace

base::Result<PluginInfo> parsePluginInfo(std::string_view text)
{
    if (text.size() > kDescriptionBytesMax) return fail(Errc::BadInput, "the plugin's description is larger than " + std::to_string(kDescriptionBytesMax) + " bytes");
    const json document = json::parse(text, nullptr, false);
    if (!document.is_object() || document.value("orrery", json()) != json("plugin")) return fail(Errc::BadInput, "what the plugin printed is no description of a plugin");
    try {
        PluginInfo plugin;
        plugin.name = document.at("name").get<std::string>();
        plugin.version = document.value("version", std::string());
        plugin.doc = document.value("doc", std::string());
        plugin.forkSafe = document.value("fork_safe", false);
        for (const auto& page : document.value("pages", json::array())) plugin.pages.push_back(page.get<std::string>());
        if (document.at("functions").size() > kFunctionsMax) return fail(Errc::BadInput, "the plugin " + plugin.name + " offers more than " + std::to_string(kFunctionsMax) + " functions");
        std::set<std::string> names;
        for (const auto& one : document.at("functions")) {
            FunctionInfo function;
            function.name = one.at("name").get<std::string>();
            if (function.name.rfind(plugin.name + ".", 0) != 0) return fail(Errc::BadInput, "the function " + function.name + " of plugin " + plugin.name + " must be named " + plugin.name + ".something");
            if (!names.insert(function.name).second) return fail(Errc::BadInput, "the plugin " + plugin.name + " offers " + function.name + " twice");
            function.label = one.value("label", std::string());
            function.doc = one.value("doc", std::string());
            function.category = one.value("category", std::string());
            function.icon = one.value("icon", std::string());
            function.inputs = ports(one.at("inputs"));
            function.outputs = ports(one.at("outputs"));
            function.paramSchema = one.value("params", std::string("{}"));
            if (!json::parse(function.paramSchema, nullptr, false).is_object()) return fail(Errc::BadInput, "the parameter schema of " + function.name + " is no JSON object");
            const json resources = one.value("resources", json::object()); // items() refers to it
            for (const auto& [name, amount] : resources.items()) ORRERY_TRY(function.resources.set(name, amount.get<double>()));
            function.retries = one.value("retries", 3);
            function.pure = one.value("pure", false);
            function.computedPorts = one.value("computed_ports", false);
            // Until a vertex says otherwise: what its parameters list by default.
            std::vector<Problem> wrong;
            if (function.computedPorts) function = FunctionInfo(*withPorts(function, "{}", {}, wrong));
            plugin.functions.push_back(std::move(function));
        }
        return plugin;
    } catch (const json::exception& wrong) {
        return fail(Errc::BadInput, std::string("the plugin's description lacks a field or has one of the wrong kind: ") + wrong.what());
    }
}

std::string canonicalInterface(const PluginInfo& plugin)
{
    json functions = json::object();
    for (const auto& function : plugin.functions)
        functions[function.name] = {{"inputs", portNames(function.inputs)}, {"outputs", portNames(function.outputs)}, {"params", json::parse(function.paramSchema, nullptr, false)}};
    return json{{"functions", functions}, {"name", plugin.name}}.dump();
}

} // namespace orrery::types
