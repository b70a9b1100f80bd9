// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/imaging/exact.h"
#include "plugins/imaging/font.h"
#include "plugins/imaging/steps.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace orrery::imaging {

using namespace orrery::plugin;

namespace {

constexpr Rgb kPanel = {14, 16, 22};
constexpr Rgb kText = {240, 238, 230};
constexpr Rgb kMuted = {170, 172, 178};

struct AnnotateParams {
    std::string title = "Seahorse valley";
    std::string caption;
    std::string palette = "seahorse";
    double cycles = 0.55;
    double phase = 0.0;
    double inside = 900;
    double size = 1;
    static void fields(Fields<AnnotateParams>& f)
    {
        f("title", &AnnotateParams::title, "The first line");
        f("caption", &AnnotateParams::caption, "The second line, smaller");
        f("palette", &AnnotateParams::palette, "Colours of the legend, as in colour map").choices({"seahorse", "ember", "ice", "grey"});
        f("cycles", &AnnotateParams::cycles, "As in colour map").range(0, 16).step(0.05);
        f("phase", &AnnotateParams::phase, "As in colour map").range(0, 1).step(0.01);
        f("inside", &AnnotateParams::inside, "As in colour map").min(1);
        f("size", &AnnotateParams::size, "Size of the text; 1 suits the picture").range(0.25, 4).step(0.25);
    }
};

struct Bar {
    double value; // in the middle of its bin
    std::int64_t count;
};

struct Legend {
    std::vector<Bar> bars;
    std::string least, most;
};

std::string shortNumber(double value)
{
    char out[32];
    std::snprintf(out, sizeof out, value < 100 ? "%.1f" : "%.0f", value);
    return out;
}

Legend legendOf(const TableView& table)
{
    const auto from = table.column<double>("from"), to = table.column<double>("to");
    const auto count = table.column<std::int64_t>("count");
    Legend out;
    for (std::uint64_t row = 0; row < table.rows(); ++row) out.bars.push_back({(from[row] + to[row]) / 2, count[row]});
    if (out.bars.empty()) return out;
    out.least = shortNumber(from[0]);
    out.most = shortNumber(to[table.rows() - 1]);
    return out;
}

// Heights are on a logarithmic scale: a bin with one in a million is still seen.
void drawLegend(const Canvas& canvas, const Legend& legend, const AnnotateParams& p, std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height, std::int64_t unit)
{
    const Palette& palette = paletteNamed(p.palette);
    std::int64_t most = 1;
    for (const Bar& bar : legend.bars) most = std::max(most, bar.count);
    const double scale = static_cast<double>(height) / log2Exact(static_cast<double>(most) + 1);
    const auto bars = static_cast<std::int64_t>(legend.bars.size());
    for (std::int64_t i = 0; i < bars; ++i) {
        const Bar& bar = legend.bars[static_cast<std::size_t>(i)];
        const double turn = log2Exact(std::max(bar.value, 1.0)) * p.cycles + p.phase;
        const Rgb colour = bar.value >= p.inside ? palette.inside : palette.at(turn - std::floor(turn));
        const auto tall = std::clamp<std::int64_t>(static_cast<std::int64_t>(log2Exact(static_cast<double>(std::max<std::int64_t>(bar.count, 0)) + 1) * scale), bar.count > 0 ? 1 : 0, height);
        const std::int64_t left = x + width * i / bars, right = x + width * (i + 1) / bars;
        canvas.fill(left, y + height - tall, std::max<std::int64_t>(right - left - std::max<std::int64_t>(unit / 2, 1), 1), tall, colour, 255);
    }
    canvas.fill(x, y + height, width, std::max<std::int64_t>(unit / 4, 1), kMuted, 255);
    drawText(canvas, x, y + height + 2 * unit, legend.least, unit, kMuted);
    drawText(canvas, x + width - textWidth(legend.most, unit), y + height + 2 * unit, legend.most, unit, kMuted);
}

void annotate(const ImageView& image, const std::optional<TableView>& table, const AnnotateParams& p, Call& call, ImageOut& out)
{
    const ImageSpan result = out.make(image.width(), image.height());
    std::copy(image.pixels().begin(), image.pixels().end(), result.pixels.begin());
    call.checkCancelled();
    const Canvas canvas = {result.pixels.data(), image.width(), image.height()};
    const auto unit = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(std::min(image.width(), image.height())) / 700 * p.size));
    const Legend legend = table ? legendOf(*table) : Legend{};
    const std::int64_t line = kTextAbove + kTextBelow;
    const std::int64_t textTall = (p.title.empty() ? 0 : (2 * line + 2) * unit) + (p.caption.empty() ? 0 : (line + 2) * unit);
    const std::int64_t legendTall = legend.bars.empty() ? 0 : 44 * unit;
    if (textTall + legendTall == 0) return;
    const std::int64_t pad = 8 * unit;
    const std::int64_t wide = std::max({textWidth(p.title, 2 * unit), textWidth(p.caption, unit), legend.bars.empty() ? std::int64_t{0} : 150 * unit});
    const std::int64_t tall = textTall + legendTall;
    const std::int64_t left = pad, top = image.height() - tall - 3 * pad;
    canvas.fill(left, top, wide + 2 * pad, tall + 2 * pad, kPanel, 205);
    std::int64_t y = top + pad;
    if (!p.title.empty()) {
        drawText(canvas, left + pad, y, p.title, 2 * unit, kText);
        y += (2 * line + 2) * unit;
    }
    if (!p.caption.empty()) {
        drawText(canvas, left + pad, y + unit, p.caption, unit, kMuted);
        y += (line + 2) * unit;
    }
    if (!legend.bars.empty()) drawLegend(canvas, legend, p, left + pad, y + 4 * unit, wide, 28 * unit, unit);
}

} // namespace

void addAnnotate(Plugin& plugin)
{
    plugin.function<annotate>("annotate", "Writes a title and a legend into a corner of an image.", in("image", "An image"), in("legend", "A table from, to, count; drawn as bars in the picture's colours"), out("image", "The same, with text"))
        .pure()
        .category("Compose")
        .icon("tag");
}

} // namespace orrery::imaging
