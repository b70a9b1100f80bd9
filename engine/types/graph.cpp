// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/graph.h"

namespace orrery::types {

namespace {
constexpr std::string_view kModes[] = {"one", "each", "all", "transpose"};
}

std::string_view edgeModeName(EdgeMode mode) { return kModes[static_cast<int>(mode)]; }

std::optional<EdgeMode> edgeModeFromName(std::string_view name)
{
    for (int i = 0; i < 4; ++i)
        if (kModes[i] == name) return static_cast<EdgeMode>(i);
    return std::nullopt;
}

int Graph::indexOf(std::string_view id) const
{
    for (std::size_t i = 0; i < vertices.size(); ++i)
        if (vertices[i].id == id) return static_cast<int>(i);
    return -1;
}

const Vertex* Graph::find(std::string_view id) const
{
    const int index = indexOf(id);
    return index < 0 ? nullptr : &vertices[static_cast<std::size_t>(index)];
}

} // namespace orrery::types
