// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Graph: what a person draws. A plain value; the document format and its rules are in graph_document.h.
// Order of vertices and edges is that of the canonical document (sorted), so equal graphs are equal values.

#include "engine/types/resources.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace orrery::types {

// How the values of an edge reach the consumer's map indexes (formats page).
enum class EdgeMode : std::uint8_t { One, Each, All, Transpose };
std::string_view edgeModeName(EdgeMode mode);
std::optional<EdgeMode> edgeModeFromName(std::string_view name);

struct PortRef {
    std::string vertex;
    std::string port;
    auto operator<=>(const PortRef&) const = default;
    std::string text() const { return vertex + "." + port; }
};

struct Vertex {
    std::string id;
    std::string function;         // "imaging.render"
    std::string params = "{}";    // a JSON object as canonical text (keys sorted, no spaces)
    std::int32_t x = 0;
    std::int32_t y = 0;
    std::optional<Resources> resources; // absent: the function's default
    std::optional<std::int32_t> retries; // absent: the function's default
    std::string note;
    bool operator==(const Vertex&) const = default;
};

struct Edge {
    PortRef from;
    PortRef to;
    EdgeMode mode = EdgeMode::One;
    bool operator==(const Edge&) const = default;
};

struct Frame {
    std::string id;
    std::string title;
    std::vector<std::string> vertices;
    bool operator==(const Frame&) const = default;
};

struct PluginPin {
    std::string name;
    std::string interfaceHash; // "sha256:..." or empty: not pinned
    bool operator==(const PluginPin&) const = default;
};

struct Graph {
    std::string title;
    std::vector<PluginPin> plugins;
    std::vector<Vertex> vertices;
    std::vector<Edge> edges;
    std::vector<Frame> frames;
    bool operator==(const Graph&) const = default;
    const Vertex* find(std::string_view id) const;
    int indexOf(std::string_view id) const; // -1: unknown
};

} // namespace orrery::types
