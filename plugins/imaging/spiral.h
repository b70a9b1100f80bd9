// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The order in which the tiles of a square picture are made: tiles list counts them so, mosaic puts them back.

#include <cstdint>
#include <vector>

namespace orrery::imaging {

struct Cell {
    std::int64_t row = 0;
    std::int64_t column = 0;
};

// All cells of an n x n square from its middle outward, clockwise: right, down, left, up, each run as long as it takes.
inline std::vector<Cell> spiralOrder(std::int64_t n)
{
    static constexpr std::int64_t kRow[] = {0, 1, 0, -1};
    static constexpr std::int64_t kColumn[] = {1, 0, -1, 0};
    std::vector<Cell> out;
    out.reserve(static_cast<std::size_t>(n * n));
    Cell at = {(n - 1) / 2, (n - 1) / 2};
    if (n > 0) out.push_back(at);
    for (std::int64_t run = 1, turn = 0; static_cast<std::int64_t>(out.size()) < n * n; ++turn) {
        for (std::int64_t i = 0; i < run && static_cast<std::int64_t>(out.size()) < n * n; ++i) {
            at.row += kRow[turn % 4];
            at.column += kColumn[turn % 4];
            out.push_back(at);
        }
        if (turn % 2 == 1) ++run;
    }
    return out;
}

inline std::vector<Cell> rowOrder(std::int64_t n)
{
    std::vector<Cell> out;
    for (std::int64_t i = 0; i < n * n; ++i) out.push_back({i / n, i % n});
    return out;
}

} // namespace orrery::imaging
