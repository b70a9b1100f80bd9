// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/imaging/exact.h"
#include "plugins/imaging/spiral.h"
#include "plugins/imaging/steps.h"

#include <algorithm>
#include <cmath>

namespace orrery::imaging {

using namespace orrery::plugin;

namespace {

struct MosaicParams {
    std::string order = "spiral";
    std::int64_t overlap = 4;
    double edges = 0.45;
    static void fields(Fields<MosaicParams>& f)
    {
        f("order", &MosaicParams::order, "The order the tiles come in, as tiles list made it").choices({"spiral", "rows"});
        f("overlap", &MosaicParams::overlap, "Pixels cut off each side of a tile, as tiles list added them").range(0, 256).unit("px");
        f("edges", &MosaicParams::edges, "How dark the edges are drawn").range(0, 1).step(0.05);
    }
};

// The middle of a tile over its place in the picture; where the edge image is bright the colour is darkened, in 65536ths.
void place(const ImageView& tile, const std::optional<ImageView>& edge, std::int64_t overlap, std::int64_t weight, const ImageSpan& out, const Cell& cell)
{
    const std::int64_t side = tile.width() - 2 * overlap;
    for (std::int64_t y = 0; y < side; ++y) {
        const std::uint8_t* from = tile.row(y + overlap) + overlap * 4;
        const std::uint8_t* dark = edge ? edge->row(y + overlap) + overlap * 4 : nullptr;
        std::uint8_t* to = out.row(cell.row * side + y) + cell.column * side * 4;
        if (dark == nullptr) {
            std::copy(from, from + side * 4, to);
            continue;
        }
        for (std::int64_t x = 0; x < side * 4; x += 4) {
            const std::int64_t keep = 65536 - weight * dark[x] / 255;
            for (int c = 0; c < 3; ++c) to[x + c] = static_cast<std::uint8_t>((from[x + c] * keep) >> 16);
            to[x + 3] = from[x + 3];
        }
    }
}

void mosaic(const List<ImageView>& tiles, const std::optional<List<ImageView>>& edges, const MosaicParams& p, Call& call, ImageOut& image)
{
    const auto count = static_cast<std::int64_t>(tiles.size());
    std::int64_t n = 0;
    while (n * n < count) ++n;
    if (count == 0 || n * n != count) throw Error(text("input `tiles` has ", count, " items; a square picture needs 1, 4, 9, 16 ... of them"));
    if (edges && edges->size() != tiles.size()) throw Error(text("input `edges` has ", edges->size(), " items and `tiles` ", count, "; each tile needs one"));
    const std::int64_t side = tiles[0].width();
    const std::vector<Cell> order = p.order == "spiral" ? spiralOrder(n) : rowOrder(n);
    const std::int64_t kept = side - 2 * p.overlap;
    if (kept < 1) throw Error(text("tiles of ", side, " pixels have nothing left between two overlaps of ", p.overlap, "; give the `overlap` that tiles list used"));
    const ImageSpan out = image.make(n * kept, n * kept);
    for (std::int64_t i = 0; i < count; ++i) {
        call.checkCancelled();
        call.progress(static_cast<double>(i) / static_cast<double>(count));
        const auto index = static_cast<std::uint64_t>(i);
        const ImageView tile = tiles[index];
        const std::optional<ImageView> edge = edges ? std::optional((*edges)[index]) : std::nullopt;
        for (const ImageView* part : {&tile, edge ? &*edge : &tile})
            if (part->width() != side || part->height() != side) throw Error(text("item ", i, " is ", part->width(), " x ", part->height(), " pixels; the first tile is ", side, " x ", side));
        place(tile, edge, p.overlap, static_cast<std::int64_t>(p.edges * 65536), out, order[static_cast<std::size_t>(i)]);
    }
}

struct HistogramParams {
    std::int64_t bins = 24;
    static void fields(Fields<HistogramParams>& f) { f("bins", &HistogramParams::bins, "Rows of the table").range(1, 10'000); }
};

// Bins of equal width on a logarithmic scale from the smallest number to the largest.
Table histogram(const List<TensorView<float>>& tiles, const HistogramParams& p, Call& call)
{
    double least = 0, most = 0;
    bool any = false;
    for (std::uint64_t i = 0; i < tiles.size(); ++i) {
        for (const float value : tiles[i].span()) {
            if (!std::isfinite(value)) continue;
            const double v = std::max<double>(value, 1);
            least = any ? std::min(least, v) : v;
            most = any ? std::max(most, v) : v;
            any = true;
        }
        call.checkCancelled();
    }
    if (!any) throw Error("input `tiles` holds no number to count");
    const double low = log2Exact(least), high = log2Exact(most);
    const double scale = high > low ? static_cast<double>(p.bins) / (high - low) : 0;
    std::vector<std::int64_t> count(static_cast<std::size_t>(p.bins));
    std::int64_t total = 0;
    for (std::uint64_t i = 0; i < tiles.size(); ++i) {
        call.checkCancelled();
        call.progress(static_cast<double>(i) / static_cast<double>(tiles.size()));
        for (const float value : tiles[i].span()) {
            if (!std::isfinite(value)) continue;
            const auto bin = static_cast<std::int64_t>((log2Exact(std::max<double>(value, 1)) - low) * scale);
            ++count[static_cast<std::size_t>(std::clamp<std::int64_t>(bin, 0, p.bins - 1))];
            ++total;
        }
    }
    std::vector<double> from, to, share;
    for (std::int64_t bin = 0; bin < p.bins; ++bin) {
        const auto bound = [&](std::int64_t b) { return b == 0 ? least : b == p.bins ? most : std::exp2(low + (high - low) * static_cast<double>(b) / static_cast<double>(p.bins)); };
        // Bounds are for reading: rounded, so that no CPU's last bit shows in them.
        from.push_back(std::round(bound(bin) * 1000) / 1000);
        to.push_back(std::round(bound(bin + 1) * 1000) / 1000);
        share.push_back(static_cast<double>(count[static_cast<std::size_t>(bin)]) / static_cast<double>(total));
    }
    return std::move(Table().add("from", from).add("to", to).add("count", count).add("share", share));
}

} // namespace

void addCompose(Plugin& plugin)
{
    const char* const kCompose = "Compose";
    plugin.function<mosaic>("mosaic", "Lays tiles into one picture, darkened along their edges.", in("tiles", "Square images of one size"), in("edges", "One for each tile"), out("image", "The picture"))
        .pure()
        .category(kCompose)
        .icon("grid");
    plugin.function<histogram>("histogram", "Counts how often which numbers occur in all tiles.", in("tiles", "Numbers of any shape"), out("table", "from, to, count, share")).pure().category(kCompose).icon("chart");
}

} // namespace orrery::imaging
