// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small bitmap font of our own, and the drawing that annotate needs. ASCII; another character is drawn as a question mark.
// Thread: constant; a Canvas belongs to its caller.

#include "plugins/imaging/palette.h"

#include <cstdint>
#include <string_view>

namespace orrery::imaging {

constexpr std::int64_t kTextAbove = 7; // glyph pixels from the top of a capital to the base line
constexpr std::int64_t kTextBelow = 2;

// RGBA pixels of an image being made. What lies outside is not drawn.
struct Canvas {
    std::uint8_t* pixels;
    std::int64_t width;
    std::int64_t height;
    // alpha: 0 (nothing) to 255 (the colour alone)
    void blend(std::int64_t x, std::int64_t y, Rgb colour, int alpha) const
    {
        if (x < 0 || y < 0 || x >= width || y >= height || alpha == 0) return;
        std::uint8_t* p = pixels + (y * width + x) * 4;
        const auto mix = [alpha](std::uint8_t below, std::uint8_t above) { return static_cast<std::uint8_t>((below * (255 - alpha) + above * alpha + 127) / 255); };
        p[0] = mix(p[0], colour.r);
        p[1] = mix(p[1], colour.g);
        p[2] = mix(p[2], colour.b);
        p[3] = mix(p[3], 255);
    }
    void fill(std::int64_t x, std::int64_t y, std::int64_t w, std::int64_t h, Rgb colour, int alpha) const
    {
        for (std::int64_t row = y; row < y + h; ++row)
            for (std::int64_t column = x; column < x + w; ++column) blend(column, row, colour, alpha);
    }
};

// Pixels the text is wide; a glyph pixel is `scale` of them.
std::int64_t textWidth(std::string_view text, std::int64_t scale);
// (x, y): the top left of the first letter.
void drawText(const Canvas& canvas, std::int64_t x, std::int64_t y, std::string_view text, std::int64_t scale, Rgb colour);

} // namespace orrery::imaging
