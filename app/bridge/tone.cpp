// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/tone.h"

#include "engine/types/session_values.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace orrery::app {

namespace {

// Slate in the shadows, white in the lights: more steps to see than grey has.
QRgb ramp(double share)
{
    const auto level = [](double value) { return static_cast<int>(std::lround(std::clamp(value, 0.0, 1.0) * 255)); };
    return qRgb(level(std::pow(share, 1.25)), level(0.04 + 0.96 * std::pow(share, 1.1)), level(0.12 + 0.88 * std::pow(share, 0.9)));
}

const std::array<QRgb, 256>& rampTable()
{
    static const auto table = [] {
        std::array<QRgb, 256> colours{};
        for (std::size_t i = 0; i < colours.size(); ++i) colours[i] = ramp(static_cast<double>(i) / 255);
        return colours;
    }();
    return table;
}

} // namespace

std::optional<ValueRange> rangeOf(const types::Preview& preview)
{
    if (!preview.type.starts_with("tensor")) return std::nullopt;
    std::optional<double> least, most;
    for (const auto& [name, value] : preview.facts) {
        if (name == "min") least = std::strtod(value.c_str(), nullptr);
        if (name == "max") most = std::strtod(value.c_str(), nullptr);
    }
    if (!least || !most || !std::isfinite(*least) || !std::isfinite(*most) || *most < *least) return std::nullopt;
    return ValueRange{*least, *most};
}

std::vector<std::pair<std::uint32_t, QImage>> Tone::add(std::uint32_t index, const QImage& grey, const ValueRange& range)
{
    m_tiles[index] = {grey, range};
    std::vector<std::pair<std::uint32_t, QImage>> shown;
    const double slack = m_range ? (m_range->most - m_range->least) * kToneStep : 0;
    if (m_range && range.least >= m_range->least - slack && range.most <= m_range->most + slack) {
        shown.emplace_back(index, paint(grey, range));
        return shown;
    }
    if (!m_range) m_range = range;
    m_range->least = std::min(m_range->least, range.least);
    m_range->most = std::max(m_range->most, range.most);
    for (const auto& [at, tile] : m_tiles) shown.emplace_back(at, paint(tile.first, tile.second));
    return shown;
}

QImage Tone::paint(const QImage& grey, const ValueRange& range) const
{
    const double whole = m_range->most - m_range->least;
    std::array<QRgb, 256> colours{};
    for (std::size_t i = 0; i < colours.size(); ++i) {
        // A preview's grey is the root of the share, as this one is again: engine/types/preview.cpp.
        const double root = static_cast<double>(i) / 255;
        const double value = range.least + root * root * (range.most - range.least);
        const double share = whole > 0 ? std::clamp((value - m_range->least) / whole, 0.0, 1.0) : 0;
        colours[i] = rampTable()[static_cast<std::size_t>(std::lround(std::sqrt(share) * 255))];
    }
    QImage toned = grey.convertToFormat(QImage::Format_RGB32);
    for (int y = 0; y < toned.height(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(toned.scanLine(y));
        for (int x = 0; x < toned.width(); ++x) line[x] = colours[static_cast<std::size_t>(qRed(line[x]))];
    }
    return toned;
}

} // namespace orrery::app
