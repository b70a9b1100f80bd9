// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LooseGrid: which things lie in a rectangle. Each thing is in exactly one cell, that of the level whose cells are at least as
// large as the thing (256 * 2^level), by its middle; a query is widened by half a cell on each level. Insert and remove O(1).
// Thread: any one. Bounds: levels 0..kLevels-1; a larger thing is on the last level, which is widened by the largest seen.

#include <QRectF>

#include <array>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace orrery::widgets {

class LooseGrid {
public:
    void clear();
    void insert(int thing, const QRectF& rect);
    // REQUIRES: rect is that of the insert
    void remove(int thing, const QRectF& rect);
    // Things that may touch the rectangle, unordered; the caller looks at each one's own shape.
    void query(const QRectF& rect, std::vector<int>& found) const;

private:
    static constexpr int kLevels = 10;
    static constexpr double kCell = 256;
    using Cells = std::unordered_map<std::uint64_t, std::vector<int>>;
    static int levelOf(const QRectF& rect);
    static double cellOf(int level) { return std::ldexp(kCell, level); }
    static std::uint64_t keyOf(double x, double y);
    std::array<Cells, kLevels> m_levels;
    double m_widest = 0; // of things too large for the last level
};

} // namespace orrery::widgets
