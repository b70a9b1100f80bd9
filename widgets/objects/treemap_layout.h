// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Places of a treemap: a squarified split of a rectangle by weight, and the grid of equal cells inside one part.
// Pure. Thread: any.

#include <QRect>
#include <cstdint>
#include <vector>

namespace orrery::widgets {

// weights: falling, above zero. Parts touch (their borders are whole pixels) and fill the place; a part may be empty when the
// place has too few pixels. Same order as the weights.
std::vector<QRect> squarify(const std::vector<double>& weights, const QRect& place);

// `count` cells of about square shape in a place, row by row.
struct CellGrid {
    QRect place;
    int columns = 0, rows = 0;
    std::uint32_t count = 0;
    QRect cell(std::uint32_t index) const;
    // -1: no cell there.
    std::int64_t at(QPoint point) const;
};
CellGrid gridOf(std::uint32_t count, const QRect& place);

} // namespace orrery::widgets
