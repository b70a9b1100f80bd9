// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the tiles of a map lie. The list that a map runs over may say it: items that are JSON objects with whole numbers `column`
// and `row`. A map over another map's results has the places of that map. Otherwise tiles lie row by row in a square.
// Thread: any; pure. The list's bytes come from a task: checked, bounded, and refused as a whole when they are no grid.

#include "engine/types/graph_check.h"

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace orrery::app {

struct TileLayout {
    std::vector<std::pair<std::uint16_t, std::uint16_t>> places; // column, row by map index; empty: row by row
    int columns = 0, rows = 0;
    bool operator==(const TileLayout&) const = default;
};

struct ListSource { // an output whose value is the list
    std::uint16_t vertex = 0;
    std::uint16_t output = 0;
    auto operator<=>(const ListSource&) const = default;
};

// Which list of JSON items the map runs over, itself or through the maps before it.
std::optional<ListSource> listSourceOf(const types::Graph& graph, const types::CheckedGraph& checked, std::uint16_t vertex);
// The places of the first kTilesMax items; nothing when an item has none, two share one, or they lie too scattered to draw.
std::optional<TileLayout> layoutOfList(std::span<const std::byte> list);
TileLayout squareLayout(std::uint64_t tiles);

} // namespace orrery::app
