// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/imaging/exact.h"
#include "plugins/imaging/palette.h"
#include "plugins/imaging/steps.h"

#include <algorithm>
#include <cmath>

namespace orrery::imaging {

using namespace orrery::plugin;

namespace {

struct Plane {
    std::int64_t height, width;
    std::span<const float> data;
};

Plane planeOf(const TensorView<float>& tile)
{
    if (tile.rank() != 2) throw Error(text("input `tile` has ", tile.rank(), " dimensions; this function reads two"));
    return {tile.size(0), tile.size(1), tile.span()};
}

// Position i mirrored into 0..size-1. The edge is not repeated, so a slope goes on through it.
std::int64_t mirrored(std::int64_t i, std::int64_t size)
{
    if (size == 1) return 0;
    const std::int64_t period = 2 * (size - 1);
    i = i % period;
    if (i < 0) i += period;
    return i < size ? i : period - i;
}

struct BlurParams {
    double radius = 1.5;
    static void fields(Fields<BlurParams>& f) { f("radius", &BlurParams::radius, "How far the blur reaches").range(0, 64).unit("px").step(0.5); }
};

// Weights (1 - (d / (r + 1))^2)^2: bell-shaped, zero at the end of its reach, and made of exact operations only.
void blur(const TensorView<float>& tile, const BlurParams& p, Call& call, TensorOut<float>& out)
{
    const Plane in = planeOf(tile);
    const auto reach = static_cast<std::int64_t>(std::ceil(p.radius));
    std::vector<float> weights;
    double total = 0;
    for (std::int64_t d = -reach; d <= reach; ++d) {
        const double q = static_cast<double>(d) / (p.radius + 1);
        const double weight = q * q < 1 ? (1 - q * q) * (1 - q * q) : 0;
        weights.push_back(static_cast<float>(weight));
        total += weight;
    }
    for (float& weight : weights) weight = static_cast<float>(weight / total);

    std::vector<float> across(in.data.size());
    std::vector<float> line(static_cast<std::size_t>(in.width + 2 * reach));
    for (std::int64_t y = 0; y < in.height; ++y) {
        call.checkCancelled();
        const float* from = in.data.data() + y * in.width;
        for (std::int64_t x = -reach; x < in.width + reach; ++x) line[static_cast<std::size_t>(x + reach)] = from[mirrored(x, in.width)];
        float* to = across.data() + y * in.width;
        for (std::int64_t x = 0; x < in.width; ++x) {
            float sum = 0;
            for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * line[static_cast<std::size_t>(x) + k];
            to[x] = sum;
        }
    }
    const TensorSpan<float> result = out.make({in.height, in.width});
    for (std::int64_t y = 0; y < in.height; ++y) {
        call.checkCancelled();
        float* to = result.data.data() + y * in.width;
        std::fill(to, to + in.width, 0.0f);
        for (std::int64_t k = -reach; k <= reach; ++k) {
            const float weight = weights[static_cast<std::size_t>(k + reach)];
            const float* from = across.data() + mirrored(y + k, in.height) * in.width;
            for (std::int64_t x = 0; x < in.width; ++x) to[x] += weight * from[x];
        }
    }
}

struct ColourParams {
    std::string palette = "seahorse";
    double cycles = 0.55;
    double phase = 0.0;
    double inside = 900;
    static void fields(Fields<ColourParams>& f)
    {
        f("palette", &ColourParams::palette, "Which colours").choices({"seahorse", "ember", "ice", "grey"});
        f("cycles", &ColourParams::cycles, "How often the colours come round each time the number doubles").range(0, 16).step(0.05);
        f("phase", &ColourParams::phase, "Where in the round they begin").range(0, 1).step(0.01);
        f("inside", &ColourParams::inside, "From this number on a point is inside and dark").min(1);
    }
};

void colourMap(const TensorView<float>& tile, const ColourParams& p, Call& call, ImageOut& image)
{
    const Plane in = planeOf(tile);
    const Palette& palette = paletteNamed(p.palette);
    const ImageSpan out = image.make(in.width, in.height);
    for (std::int64_t y = 0; y < in.height; ++y) {
        call.checkCancelled();
        std::uint8_t* to = out.row(y);
        for (std::int64_t x = 0; x < in.width; ++x, to += 4) {
            const double value = in.data[static_cast<std::size_t>(y * in.width + x)];
            Rgb colour = palette.inside;
            if (value < p.inside) {
                const double turn = log2Exact(std::max(value, 1.0)) * p.cycles + p.phase;
                colour = palette.at(turn - std::floor(turn));
            }
            to[0] = colour.r;
            to[1] = colour.g;
            to[2] = colour.b;
            to[3] = 255;
        }
    }
}

struct EdgesParams {
    double gain = 1.0;
    static void fields(Fields<EdgesParams>& f) { f("gain", &EdgesParams::gain, "How bright a slope is drawn").range(0, 100).step(0.1); }
};

// Sobel's slope of the logarithm: the same step counts the same whether numbers are small or large.
void edges(const TensorView<float>& tile, const EdgesParams& p, Call& call, ImageOut& image)
{
    const Plane in = planeOf(tile);
    // One row or column more on each side, continued along its slope, so that no seam shows between tiles.
    const std::int64_t w = in.width + 2;
    std::vector<double> log(static_cast<std::size_t>(w * (in.height + 2)));
    const auto at = [&](std::int64_t y, std::int64_t x) -> double& { return log[static_cast<std::size_t>((y + 1) * w + x + 1)]; };
    for (std::int64_t y = 0; y < in.height; ++y)
        for (std::int64_t x = 0; x < in.width; ++x) at(y, x) = log2Exact(std::max<double>(in.data[static_cast<std::size_t>(y * in.width + x)], 1.0));
    const auto beyond = [](double edge, double inner) { return edge + (edge - inner); };
    const std::int64_t right = in.width - 1, below = in.height - 1;
    for (std::int64_t y = 0; y < in.height; ++y) {
        at(y, -1) = beyond(at(y, 0), at(y, std::min<std::int64_t>(1, right)));
        at(y, in.width) = beyond(at(y, right), at(y, std::max<std::int64_t>(0, right - 1)));
    }
    for (std::int64_t x = -1; x <= in.width; ++x) {
        at(-1, x) = beyond(at(0, x), at(std::min<std::int64_t>(1, below), x));
        at(in.height, x) = beyond(at(below, x), at(std::max<std::int64_t>(0, below - 1), x));
    }
    const ImageSpan out = image.make(in.width, in.height);
    for (std::int64_t y = 0; y < in.height; ++y) {
        call.checkCancelled();
        std::uint8_t* to = out.row(y);
        for (std::int64_t x = 0; x < in.width; ++x, to += 4) {
            const double dx = at(y - 1, x + 1) + 2 * at(y, x + 1) + at(y + 1, x + 1) - at(y - 1, x - 1) - 2 * at(y, x - 1) - at(y + 1, x - 1);
            const double dy = at(y + 1, x - 1) + 2 * at(y + 1, x) + at(y + 1, x + 1) - at(y - 1, x - 1) - 2 * at(y - 1, x) - at(y - 1, x + 1);
            const double slope = std::sqrt(dx * dx + dy * dy) * p.gain;
            const auto grey = static_cast<std::uint8_t>(255 * slope / (1 + slope)); // never clipped
            to[0] = to[1] = to[2] = grey;
            to[3] = 255;
        }
    }
}

struct SharpenParams {
    double amount = 0.6;
    static void fields(Fields<SharpenParams>& f) { f("amount", &SharpenParams::amount, "How much of the difference to its neighbours is added to a pixel").range(0, 4).step(0.1); }
};

// Whole numbers only: 1024ths of the difference to the mean of the eight neighbours.
void sharpen(const ImageView& image, const SharpenParams& p, Call& call, ImageOut& out)
{
    const auto amount = static_cast<int>(p.amount * 1024);
    const std::int64_t width = image.width(), height = image.height();
    const ImageSpan result = out.make(width, height);
    for (std::int64_t y = 0; y < height; ++y) {
        call.checkCancelled();
        call.progress(static_cast<double>(y) / static_cast<double>(height));
        const std::uint8_t* rows[3] = {image.row(mirrored(y - 1, height)), image.row(y), image.row(mirrored(y + 1, height))};
        std::uint8_t* to = result.row(y);
        for (std::int64_t x = 0; x < width; ++x, to += 4) {
            const std::int64_t columns[3] = {mirrored(x - 1, width) * 4, x * 4, mirrored(x + 1, width) * 4};
            for (int c = 0; c < 3; ++c) {
                int sum = 0;
                for (const std::uint8_t* row : rows)
                    for (const std::int64_t column : columns) sum += row[column + c];
                const int middle = rows[1][x * 4 + c];
                const int difference = middle * 8 - (sum - middle);
                to[c] = static_cast<std::uint8_t>(std::clamp(middle + difference * amount / (8 * 1024), 0, 255));
            }
            to[3] = rows[1][x * 4 + 3];
        }
    }
}

} // namespace

void addFilters(Plugin& plugin)
{
    const char* const kFilter = "Filter";
    plugin.function<blur>("blur", "Smooths a tile.", in("tile", "Numbers in two dimensions"), out("tile", "The same, smoother")).pure().category(kFilter).icon("drop");
    plugin.function<colourMap>("colour_map", "Gives each number of a tile its colour.", in("tile", "Steps until escape"), out("image", "The tile in colour")).pure().category(kFilter).icon("palette");
    plugin.function<edges>("edges", "Draws where the numbers of a tile change fast.", in("tile", "Steps until escape"), out("image", "Bright where it is steep")).pure().category(kFilter).icon("curve");
    plugin.function<sharpen>("sharpen", "Makes fine detail of an image stand out.", in("image", "An image"), out("image", "The same, crisper")).pure().category(kFilter).icon("triangle");
}

} // namespace orrery::imaging
