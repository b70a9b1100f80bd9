// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A task library of one's own, from its source to the cluster: newPlugin() writes its folder and builds it, buildPlugin() builds
// what is there. A build that loads is put among this user's libraries under a name of its own, <folder>/builds/<name>-<hash>.so,
// to which <folder>/<name>.so points; the workers that run take it as another library than the one before, which stays open
// where it is used. rescanClusters() then tells what runs.
// Errors: BadInput, one sentence; a build that failed changes nothing among the libraries, a new library that failed leaves nothing.
// Thread: blocks the caller for as long as compiling takes; call it off any loop. stopFd: see bounded_program.h.

#include "engine/types/plugin_info.h"

#include <string>
#include <vector>

namespace orrery::host {

inline constexpr int kBuildLimitMs = 300'000;
inline constexpr int kBuildsKept = 4; // of one library: runs that began with an earlier build may open it once more
inline constexpr std::size_t kPluginNameMax = 32;

// parent: the folder in which the folder `name` is made; made itself when missing. Gives what was built, as the workers see it.
base::Result<types::PluginInfo> newPlugin(const std::string& name, const std::string& parent, int stopFd = -1);
// Afresh: what was compiled before is not trusted.
enum class Compile : std::uint8_t { Changed, Afresh };
base::Result<types::PluginInfo> buildPlugin(const std::string& folder, int stopFd = -1, Compile compile = Compile::Changed);

// The files of a new library, by their names; the first is its source.
std::vector<std::pair<std::string, std::string>> pluginTemplate(const std::string& name);

// Every living cluster of this user reads its plugins again. One line for each: what it says, or why not.
std::vector<std::string> rescanClusters();

} // namespace orrery::host
