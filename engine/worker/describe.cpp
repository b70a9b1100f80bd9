// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/describe.h"

#include "engine/worker/plugin_loader.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace orrery::worker {
namespace {

using nlohmann::json;

const char* text(const char* from) { return from ? from : ""; }

json ports(const orrery_port_v1_t* const* from, std::uint32_t count)
{
    json all = json::array();
    for (std::uint32_t i = 0; i < count; ++i)
        all.push_back({{"name", text(from[i]->name)}, {"type", text(from[i]->type)}, {"doc", text(from[i]->doc)}, {"optional", from[i]->optional != 0}});
    return all;
}

json describeFunction(const orrery_function_v1_t& function)
{
    json resources = json::object();
    for (std::uint32_t i = 0; i < function.resource_count; ++i) resources[text(function.resources[i].name)] = function.resources[i].amount;
    return {{"name", text(function.name)},
            {"label", text(function.label)},
            {"doc", text(function.doc)},
            {"category", text(function.category)},
            {"icon", text(function.icon)},
            {"inputs", ports(function.inputs, function.input_count)},
            {"outputs", ports(function.outputs, function.output_count)},
            {"params", text(function.params)},
            {"resources", resources},
            {"retries", function.retries},
            {"pure", function.pure != 0},
            {"computed_ports", function.ports != nullptr}};
}

} // namespace

int describe(const std::string& path)
{
    PluginLoader loader;
    const auto plugin = loader.open(path);
    if (!plugin) {
        std::fprintf(stderr, "%s\n", plugin.error().message.c_str());
        return 1;
    }
    json functions = json::array();
    for (std::uint32_t i = 0; i < (*plugin)->function_count; ++i) functions.push_back(describeFunction(*(*plugin)->functions[i]));
    json pages = json::array();
    for (std::uint32_t i = 0; i < (*plugin)->page_count; ++i) pages.push_back(text((*plugin)->pages[i]));
    const json document = {{"orrery", "plugin"}, {"version", text((*plugin)->version)}, {"name", text((*plugin)->name)}, {"doc", text((*plugin)->doc)},
                           {"fork_safe", (*plugin)->fork_safe != 0}, {"functions", functions}, {"pages", pages}};
    const std::string out = document.dump(-1, ' ', false, json::error_handler_t::replace);
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fputc('\n', stdout);
    return std::fflush(stdout) == 0 ? 0 : 1;
}

} // namespace orrery::worker
