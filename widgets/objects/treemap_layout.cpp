// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/treemap_layout.h"

#include <algorithm>
#include <cmath>

namespace orrery::widgets {

namespace {

// Worst shape of a strip: weights [first, end) of `sum`, laid along a side of `side` pixels; scale: square pixels a weight.
double worst(const std::vector<double>& weights, std::size_t first, std::size_t end, double sum, double side, double scale)
{
    const double thick = sum * scale / side;
    double most = 0;
    for (std::size_t i = first; i < end; ++i) {
        const double length = weights[i] * scale / thick;
        most = std::max(most, std::max(length / thick, thick / length));
    }
    return most;
}

} // namespace

std::vector<QRect> squarify(const std::vector<double>& weights, const QRect& place)
{
    std::vector<QRect> parts(weights.size());
    double left = 0;
    for (const double weight : weights) left += weight;
    QRect rest = place;
    for (std::size_t first = 0; first < weights.size() && left > 0 && !rest.isEmpty();) {
        const bool upright = rest.width() >= rest.height(); // the strip is a column at the left
        const double side = upright ? rest.height() : rest.width();
        const double scale = static_cast<double>(rest.width()) * rest.height() / left;
        std::size_t end = first + 1;
        double sum = weights[first];
        while (end < weights.size()) {
            const double now = worst(weights, first, end, sum, side, scale);
            const double then = worst(weights, first, end + 1, sum + weights[end], side, scale);
            if (then > now) break;
            sum += weights[end++];
        }
        const int thick = end == weights.size() ? (upright ? rest.width() : rest.height()) : static_cast<int>(std::lround(sum * scale / side));
        double before = 0;
        for (std::size_t i = first; i < end; ++i) {
            const int from = static_cast<int>(std::lround(side * before / sum));
            before += weights[i];
            const int to = static_cast<int>(std::lround(side * before / sum));
            parts[i] = upright ? QRect(rest.x(), rest.y() + from, thick, to - from) : QRect(rest.x() + from, rest.y(), to - from, thick);
        }
        if (upright) rest.setLeft(rest.left() + thick);
        else rest.setTop(rest.top() + thick);
        left -= sum;
        first = end;
    }
    return parts;
}

CellGrid gridOf(std::uint32_t count, const QRect& place)
{
    CellGrid grid;
    grid.place = place;
    grid.count = count;
    if (count == 0 || place.isEmpty()) return grid;
    const double side = std::sqrt(static_cast<double>(place.width()) * place.height() / count);
    grid.columns = std::clamp(static_cast<int>(std::lround(place.width() / side)), 1, static_cast<int>(count));
    grid.rows = static_cast<int>((count + static_cast<std::uint32_t>(grid.columns) - 1) / static_cast<std::uint32_t>(grid.columns));
    return grid;
}

QRect CellGrid::cell(std::uint32_t index) const
{
    if (columns == 0 || index >= count) return {};
    const int column = static_cast<int>(index) % columns, row = static_cast<int>(index) / columns;
    const auto edge = [](int from, int size, int n, int of) { return from + static_cast<int>(static_cast<std::int64_t>(size) * n / of); };
    const int x0 = edge(place.x(), place.width(), column, columns), x1 = edge(place.x(), place.width(), column + 1, columns);
    const int y0 = edge(place.y(), place.height(), row, rows), y1 = edge(place.y(), place.height(), row + 1, rows);
    return {x0, y0, x1 - x0, y1 - y0};
}

std::int64_t CellGrid::at(QPoint point) const
{
    if (columns == 0 || !place.contains(point)) return -1;
    // The cell whose borders hold the point; the division is right but for rounding by one.
    int column = static_cast<int>(static_cast<std::int64_t>(point.x() - place.x()) * columns / place.width());
    int row = static_cast<int>(static_cast<std::int64_t>(point.y() - place.y()) * rows / place.height());
    for (int dy = 0; dy <= 1; ++dy)
        for (int dx = 0; dx <= 1; ++dx) {
            const int c = column + dx, r = row + dy;
            if (c >= columns || r >= rows) continue;
            const std::int64_t index = static_cast<std::int64_t>(r) * columns + c;
            if (index < count && cell(static_cast<std::uint32_t>(index)).contains(point)) return index;
        }
    return -1;
}

} // namespace orrery::widgets
