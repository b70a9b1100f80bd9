// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// PluginLoader: opens plugin libraries inside a worker and finds their functions. A library stays open until the process
// ends (static destructors and thread_local of a plugin make closing unsafe); a new build of a plugin means a new worker.
// Thread: the worker's main thread only.

#include "engine/base/result.h"
#include "plugins/sdk/orrery_plugin.h"

#include <map>
#include <string>

namespace orrery::worker {

class PluginLoader {
public:
    // Failed: not there, no symbol, another ABI, or a table that breaks the header's rules; says which.
    base::Result<const orrery_plugin_v1_t*> open(const std::string& path);
    // name: "imaging.render"
    base::Result<const orrery_function_v1_t*> function(const std::string& path, const std::string& name);

private:
    std::map<std::string, const orrery_plugin_v1_t*> m_open;
};

} // namespace orrery::worker
