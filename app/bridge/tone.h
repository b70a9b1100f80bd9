// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Tone: the pictures of one map's tensors in one scale. A preview of a tensor is grey between the tensor's own least and greatest value;
// side by side such tiles are a patchwork. Tone undoes that with the two values the preview tells, and paints every tile between
// the least and the greatest value of all, in a ramp from slate to white.
// Runs on: view thread. Pure. Bound: keeps one small picture a tile, at most kTilesMax.
// The range grows in steps of at least kToneStep of itself, so that a run repaints all its tiles a few times, not each time.

#include <QImage>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace orrery::types {
struct Preview;
}

namespace orrery::app {

inline constexpr double kToneStep = 0.05;

struct ValueRange {
    double least = 0, most = 0;
};
// Of a tensor's preview; nothing for other pictures, which have their own colours.
std::optional<ValueRange> rangeOf(const types::Preview& preview);

class Tone {
public:
    // The pictures that are to be shown now: this one, or all when the scale has changed.
    std::vector<std::pair<std::uint32_t, QImage>> add(std::uint32_t index, const QImage& grey, const ValueRange& range);

private:
    QImage paint(const QImage& grey, const ValueRange& range) const;
    std::map<std::uint32_t, std::pair<QImage, ValueRange>> m_tiles;
    std::optional<ValueRange> m_range;
};

} // namespace orrery::app
