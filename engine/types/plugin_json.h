// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `orrery-worker --describe FILE` prints, and its reader. The text comes from a process that ran foreign code: every
// field is checked and bounded.
// {"orrery": "plugin", "name", "version", "doc", "fork_safe", "pages": [..], "functions": [{"name", "label", "doc", "category", "icon",
//  "inputs": [{"name", "type", "doc", "optional"}], "outputs": [..], "params": schema as text, "resources": {..}, "retries", "pure",
//  "computed_ports"}]}

#include "engine/types/plugin_info.h"

namespace orrery::types {

base::Result<PluginInfo> parsePluginInfo(std::string_view text);
// Names, ports and schemas as canonical JSON: what interfaceHash is the SHA-256 of. Not documentation, not the build.
std::string canonicalInterface(const PluginInfo& plugin);

} // namespace orrery::types
