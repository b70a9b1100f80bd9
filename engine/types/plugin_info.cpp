// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/plugin_info.h"

namespace orrery::types {

namespace {
const Port* findPort(const std::vector<Port>& ports, std::string_view name)
{
    for (const auto& port : ports)
        if (port.name == name) return &port;
    return nullptr;
}
} // namespace

const Port* FunctionInfo::input(std::string_view port) const { return findPort(inputs, port); }
const Port* FunctionInfo::output(std::string_view port) const { return findPort(outputs, port); }

const PluginInfo* Catalog::pluginOf(std::string_view function) const
{
    for (const auto& plugin : plugins)
        for (const auto& one : plugin.functions)
            if (one.name == function) return &plugin;
    return nullptr;
}

const FunctionInfo* Catalog::function(std::string_view name) const
{
    for (const auto& plugin : plugins)
        for (const auto& one : plugin.functions)
            if (one.name == name) return &one;
    return nullptr;
}

} // namespace orrery::types
