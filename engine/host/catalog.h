// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// scanPlugins: describes every plugin of some folders. Of two with one name the first found is taken, the
// other is a problem. All folders but the first may be missing. Opening a plugin runs its code, so each is opened in a throw-away
// orrery-worker that may take kDescribeLimitMs; one that crashes, hangs or prints nonsense becomes a PluginProblem.
// Thread: blocks the caller for as long as the slowest plugin takes; call it off the loop.

#include "engine/types/plugin_info.h"

#include <memory>
#include <string>
#include <vector>

namespace orrery::host {

inline constexpr int kDescribeLimitMs = 10'000;
inline constexpr std::size_t kPluginsMax = 1000;

std::shared_ptr<const types::Catalog> scanPlugins(const std::string& workerProgram, const std::vector<std::string>& folders);
base::Result<types::PluginInfo> describePlugin(const std::string& workerProgram, const std::string& path);

} // namespace orrery::host
