// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of nodes and workers, and descriptions of plugins, as bytes of an .orun. Readers refuse bytes that are not exactly such
// a list. The format changes only together with a new migration of the .orun.

#include "engine/base/bytes.h"
#include "engine/types/plugin_info.h"
#include "engine/types/run.h"

#include <vector>

namespace orrery::archive {

base::Bytes writeNodes(const std::vector<types::NodeRow>& nodes);
base::Result<std::vector<types::NodeRow>> readNodes(std::span<const std::byte> bytes);
base::Bytes writeWorkers(const std::vector<types::WorkerRow>& workers);
base::Result<std::vector<types::WorkerRow>> readWorkers(std::span<const std::byte> bytes);
base::Bytes writePlugin(const types::PluginInfo& plugin);
base::Result<types::PluginInfo> readPlugin(std::span<const std::byte> bytes);

} // namespace orrery::archive
