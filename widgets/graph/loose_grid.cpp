// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/loose_grid.h"

#include <algorithm>

namespace orrery::widgets {

void LooseGrid::clear()
{
    for (auto& cells : m_levels) cells.clear();
    m_widest = 0;
}

int LooseGrid::levelOf(const QRectF& rect)
{
    const double size = std::max(rect.width(), rect.height());
    int level = 0;
    while (level < kLevels - 1 && cellOf(level) < size) ++level;
    return level;
}

std::uint64_t LooseGrid::keyOf(double x, double y)
{
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(static_cast<std::int32_t>(x))) << 32) |
           static_cast<std::uint32_t>(static_cast<std::int32_t>(y));
}

void LooseGrid::insert(int thing, const QRectF& rect)
{
    const int level = levelOf(rect);
    const double cell = cellOf(level);
    if (level == kLevels - 1) m_widest = std::max({m_widest, rect.width(), rect.height()});
    m_levels[static_cast<std::size_t>(level)]
            [keyOf(std::floor(rect.center().x() / cell), std::floor(rect.center().y() / cell))]
                .push_back(thing);
}

void LooseGrid::remove(int thing, const QRectF& rect)
{
    const int level = levelOf(rect);
    const double cell = cellOf(level);
    auto& cells = m_levels[static_cast<std::size_t>(level)];
    const auto found = cells.find(keyOf(std::floor(rect.center().x() / cell), std::floor(rect.center().y() / cell)));
    if (found == cells.end()) return;
    std::erase(found->second, thing);
    if (found->second.empty()) cells.erase(found);
}

void LooseGrid::query(const QRectF& rect, std::vector<int>& found) const
{
    for (int level = 0; level < kLevels; ++level) {
        const auto& cells = m_levels[static_cast<std::size_t>(level)];
        if (cells.empty()) continue;
        const double cell = cellOf(level);
        const double wider = level == kLevels - 1 ? std::max(cell, m_widest) / 2 : cell / 2;
        const double left = std::floor((rect.left() - wider) / cell), right = std::floor((rect.right() + wider) / cell);
        const double top = std::floor((rect.top() - wider) / cell), bottom = std::floor((rect.bottom() + wider) / cell);
        if ((right - left + 1) * (bottom - top + 1) > static_cast<double>(cells.size())) {
            // Fewer cells are filled than are asked for.
            for (const auto& [key, things] : cells) {
                const auto x = static_cast<std::int32_t>(static_cast<std::uint32_t>(key >> 32)),
                           y = static_cast<std::int32_t>(static_cast<std::uint32_t>(key));
                if (x >= left && x <= right && y >= top && y <= bottom)
                    found.insert(found.end(), things.begin(), things.end());
            }
            continue;
        }
        for (double x = left; x <= right; ++x) {
            for (double y = top; y <= bottom; ++y) {
                const auto at = cells.find(keyOf(x, y));
                if (at != cells.end()) found.insert(found.end(), at->second.begin(), at->second.end());
            }
        }
    }
}

} // namespace orrery::widgets
