// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ports of a vertex: those of its function, or those that its parameters list. A plugin is opened in workers only, so nobody can ask
// it here; a list of ports is a parameter whose schema says so, and is read from the schema's words (plugins/sdk/README.md):
//   "outputs": {"type": "array", "items": {"type": "string"}, "x-ports": "outputs", "x-port-types": ["string", "bytes"], "default": ["stdout"]}
// A port is "name", of the first of the types, or "name:type".
// Thread: pure functions.

#include "engine/types/graph_document.h"
#include "engine/types/plugin_info.h"

namespace orrery::types {

inline constexpr std::size_t kListedPortsMax = 64; // of one side of one vertex

// The function with the ports that these parameters give it; itself, not owned, where its ports are fixed. Lists that are absent have
// their default. What cannot be read is a problem (`pointer` is put before its place) and no port.
std::shared_ptr<const FunctionInfo> withPorts(const FunctionInfo& function, std::string_view params,
                                              const std::string& pointer, std::vector<Problem>& problems);
// The function of a vertex with the vertex's ports, without a word on problems: those are the check's. Null: unknown. REQUIRES: the
// catalog outlives it.
std::shared_ptr<const FunctionInfo> functionOf(const Catalog& catalog, const Vertex& vertex);

} // namespace orrery::types
