// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Palettes: colours on a closed round, mixed between their stops. Shared by colour map and the legend of annotate.
// Thread: constant after first use.

#include "plugins/sdk/error.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace orrery::imaging {

struct Rgb {
    std::uint8_t r = 0, g = 0, b = 0;
    bool operator==(const Rgb&) const = default;
};

struct Palette {
    static constexpr int kSteps = 4096;
    std::array<Rgb, kSteps> round;
    Rgb inside;
    // REQUIRES: 0 <= turn < 1
    Rgb at(double turn) const { return round[static_cast<std::size_t>(turn * kSteps) % kSteps]; }
};

namespace detail {

struct Stop {
    double at;
    Rgb colour;
};

// Smooth steps between the stops; the last leads back to the first.
template <std::size_t N>
Palette mixed(const std::array<Stop, N>& stops, Rgb inside)
{
    Palette out{};
    out.inside = inside;
    for (int i = 0; i < Palette::kSteps; ++i) {
        const double turn = static_cast<double>(i) / Palette::kSteps;
        std::size_t k = 0;
        while (k + 1 < N && stops[k + 1].at <= turn) ++k;
        const Stop& from = stops[k];
        const Stop& to = stops[(k + 1) % N];
        const double end = k + 1 < N ? to.at : 1.0;
        double t = (turn - from.at) / (end - from.at);
        t = t * t * (3 - 2 * t);
        const auto mix = [t](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a + (b - a) * t + 0.5); };
        out.round[static_cast<std::size_t>(i)] = {mix(from.colour.r, to.colour.r), mix(from.colour.g, to.colour.g), mix(from.colour.b, to.colour.b)};
    }
    return out;
}

} // namespace detail

inline const Palette& paletteNamed(std::string_view name)
{
    using detail::Stop;
    static const Palette kSeahorse = detail::mixed(std::to_array<Stop>({{0.00, {9, 16, 52}}, {0.18, {28, 74, 142}}, {0.40, {214, 236, 242}}, {0.52, {252, 240, 205}}, {0.66, {240, 158, 52}}, {0.84, {104, 34, 44}}}), {6, 8, 22});
    static const Palette kEmber = detail::mixed(std::to_array<Stop>({{0.0, {18, 6, 20}}, {0.35, {160, 28, 44}}, {0.65, {248, 142, 40}}, {0.85, {255, 236, 170}}}), {8, 3, 10});
    static const Palette kIce = detail::mixed(std::to_array<Stop>({{0.0, {10, 20, 40}}, {0.4, {46, 120, 160}}, {0.7, {180, 226, 232}}, {0.85, {245, 252, 255}}}), {5, 10, 22});
    static const Palette kGrey = detail::mixed(std::to_array<Stop>({{0.0, {20, 20, 22}}, {0.6, {236, 236, 232}}}), {8, 8, 9});
    if (name == "seahorse") return kSeahorse;
    if (name == "ember") return kEmber;
    if (name == "ice") return kIce;
    if (name == "grey") return kGrey;
    throw plugin::Error(plugin::text("there is no palette `", name, "`"));
}

} // namespace orrery::imaging
