// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/plugin_loader.h"

#include <dlfcn.h>

namespace orrery::worker {

using base::Errc;
using base::fail;

base::Result<const orrery_plugin_v1_t*> PluginLoader::open(const std::string& path)
{
    if (const auto found = m_open.find(path); found != m_open.end()) return found->second;
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char* why = dlerror();
        return fail(Errc::Failed, "the plugin " + path + " cannot be loaded: " + (why ? why : "unknown reason"));
    }
    const auto entry = reinterpret_cast<orrery_plugin_entry_v1_t>(dlsym(library, "orrery_plugin_v1"));
    if (!entry) return fail(Errc::Failed, path + " is no Orrery plugin: it has no symbol orrery_plugin_v1");
    const orrery_plugin_v1_t* plugin = entry();
    if (!plugin || plugin->size < sizeof(orrery_plugin_v1_t) || plugin->abi != ORRERY_ABI_V1)
        return fail(Errc::Failed, "the plugin " + path + " was built for another version of the plugin interface; build it again with this Orrery's SDK");
    if (!plugin->name || !plugin->functions) return fail(Errc::Failed, "the plugin " + path + " has no name or no table of functions");
    m_open.emplace(path, plugin);
    return plugin;
}

base::Result<const orrery_function_v1_t*> PluginLoader::function(const std::string& path, const std::string& name)
{
    auto plugin = open(path);
    if (!plugin) return plugin.error();
    for (std::uint32_t i = 0; i < (*plugin)->function_count; ++i) {
        const orrery_function_v1_t* function = (*plugin)->functions[i];
        if (function && function->name && name == function->name && function->run) return function;
    }
    return fail(Errc::NotFound, "the plugin " + path + " has no function " + name + "; was it built again since the run was planned?");
}

} // namespace orrery::worker
