// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/imaging/exact.h"
#include "plugins/imaging/spiral.h"
#include "plugins/imaging/steps.h"

#include <cmath>

namespace orrery::imaging {

using namespace orrery::plugin;

namespace {

constexpr std::int64_t kIterationsMax = 10'000'000;

struct WindowParams {
    double re = -0.743643;
    double im = 0.131826;
    double width = 4.41e-4;
    std::int64_t iterations = 900;
    static void fields(Fields<WindowParams>& f)
    {
        f("re", &WindowParams::re, "Real part of the middle").range(-4, 4);
        f("im", &WindowParams::im, "Imaginary part of the middle").range(-4, 4);
        f("width", &WindowParams::width, "How much of the plane the picture shows; below 1e-12 the numbers are too coarse").range(1e-12, 8);
        f("iterations", &WindowParams::iterations, "After so many steps a point counts as inside").range(1, kIterationsMax);
    }
};

Json zoomWindow(const WindowParams& p) { return {{"im", p.im}, {"iterations", p.iterations}, {"re", p.re}, {"width", p.width}}; }

struct TilesParams {
    std::int64_t tiles = 16;
    std::int64_t pixels = 256;
    std::int64_t overlap = 4;
    std::string order = "spiral";
    static void fields(Fields<TilesParams>& f)
    {
        f("tiles", &TilesParams::tiles, "Tiles along a side").range(1, 256);
        f("pixels", &TilesParams::pixels, "Pixels along a tile's side, its overlap included").range(1, 4096).unit("px");
        f("overlap", &TilesParams::overlap, "Pixels that a tile shows of what lies beyond each of its sides, so that a blur leaves no seam; mosaic cuts them off").range(0, 256).unit("px");
        f("order", &TilesParams::order, "Which tile comes first").choices({"spiral", "rows"});
    }
};

// A field of a JSON argument that must be a number.
double numberOf(const Json& json, const char* port, const char* key)
{
    if (!json.is_object() || !json.contains(key) || !json[key].is_number()) throw Error(text("input `", port, "` has no number `", key, "`: ", json.dump().substr(0, 200)));
    return json[key].get<double>();
}

// The same, a whole number between two bounds.
std::int64_t wholeOf(const Json& json, const char* port, const char* key, std::int64_t lowest, std::int64_t highest)
{
    const double number = numberOf(json, port, key);
    if (!(number >= static_cast<double>(lowest) && number <= static_cast<double>(highest)))
        throw Error(text("input `", port, "` says `", key, "` is ", json[key].dump(), "; ", lowest, " to ", highest, " is possible"));
    return static_cast<std::int64_t>(number);
}

std::vector<Json> tilesList(const Json& window, const TilesParams& p)
{
    const double re = numberOf(window, "in", "re"), im = numberOf(window, "in", "im"), width = numberOf(window, "in", "width");
    const std::int64_t iterations = wholeOf(window, "in", "iterations", 1, kIterationsMax);
    if (2 * p.overlap >= p.pixels) throw Error(text("a tile of ", p.pixels, " pixels has nothing left between two overlaps of ", p.overlap, "; make `pixels` larger or `overlap` smaller"));
    const double side = width / static_cast<double>(p.tiles);
    const double shown = side * static_cast<double>(p.pixels) / static_cast<double>(p.pixels - 2 * p.overlap);
    const double middle = static_cast<double>(p.tiles - 1) / 2;
    std::vector<Json> out;
    for (const Cell cell : p.order == "spiral" ? spiralOrder(p.tiles) : rowOrder(p.tiles)) {
        out.push_back({{"column", cell.column},
                       {"im", im + (static_cast<double>(cell.row) - middle) * side}, // both axes as an image has them: right and down
                       {"iterations", iterations},
                       {"pixels", p.pixels},
                       {"re", re + (static_cast<double>(cell.column) - middle) * side},
                       {"row", cell.row},
                       {"width", shown}});
    }
    return out;
}

struct RenderParams {
    std::int64_t samples = 1;
    std::int64_t iterations = 0;
    static void fields(Fields<RenderParams>& f)
    {
        f("samples", &RenderParams::samples, "Points computed for each pixel: smoother, and so many times the work").range(1, 4096);
        f("iterations", &RenderParams::iterations, "Steps before a point counts as inside; 0: as the window says").range(0, kIterationsMax);
    }
};

constexpr int kLanes = 8;
typedef double Doubles __attribute__((vector_size(kLanes * sizeof(double))));
typedef std::int64_t Longs __attribute__((vector_size(kLanes * sizeof(std::int64_t))));
constexpr double kBailout = 65536; // |z|^2: far out, so that the count is smooth

// Steps of z = z^2 + c for eight points at once. count: steps until |z|^2 passed the bailout, `limit` when it never did;
// norm: |z|^2 then. The lanes do what one point would do, in the same order, so the width of the machine's registers
// changes the time and not the result.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void escape(const double* re, const double* im, std::int64_t limit, std::int64_t* count, double* norm)
{
    Doubles cr, ci;
    __builtin_memcpy(&cr, re, sizeof cr);
    __builtin_memcpy(&ci, im, sizeof ci);
    Doubles zr = {}, zi = {};
    Longs steps = {};
    for (std::int64_t n = 0; n < limit;) {
        const std::int64_t until = n + 16 < limit ? n + 16 : limit;
        Longs active = {};
        for (; n < until; ++n) {
            const Doubles rr = zr * zr, ii = zi * zi;
            const Doubles square = rr + ii;
            active = square <= kBailout; // -1 in lanes that go on
            const Doubles nextI = (zr + zr) * zi + ci;
            const Doubles nextR = rr - ii + cr;
            zi = active ? nextI : zi; // a point that is out stays where it is
            zr = active ? nextR : zr;
            steps -= active;
        }
        std::int64_t any = 0;
        for (int lane = 0; lane < kLanes; ++lane) any |= active[lane];
        if (any == 0) break;
    }
    __builtin_memcpy(count, &steps, sizeof steps);
    const Doubles last = zr * zr + zi * zi;
    __builtin_memcpy(norm, &last, sizeof last);
}

void render(const Json& tile, const RenderParams& p, Call& call, TensorOut<float>& value)
{
    const double re = numberOf(tile, "tile", "re"), im = numberOf(tile, "tile", "im"), width = numberOf(tile, "tile", "width");
    const std::int64_t pixels = wholeOf(tile, "tile", "pixels", 1, 4096);
    const std::int64_t limit = p.iterations != 0 ? p.iterations : wholeOf(tile, "tile", "iterations", 1, kIterationsMax);
    const double step = width / static_cast<double>(pixels);
    const double half = static_cast<double>(pixels) / 2;
    // Sample points that fill a pixel evenly for any number of them (multiples of the plastic number's powers, modulo one).
    std::vector<double> offsetX, offsetY;
    for (std::int64_t i = 0; i < p.samples; ++i) {
        const double x = 0.5 + static_cast<double>(i) * 0.7548776662466927, y = 0.5 + static_cast<double>(i) * 0.5698402909980532;
        offsetX.push_back(x - std::floor(x));
        offsetY.push_back(y - std::floor(y));
    }
    const TensorSpan<float> out = value.make({pixels, pixels});
    alignas(64) double cr[kLanes], ci[kLanes], norm[kLanes];
    alignas(64) std::int64_t count[kLanes];
    for (std::int64_t y = 0; y < pixels; ++y) {
        call.checkCancelled();
        call.progress(static_cast<double>(y) / static_cast<double>(pixels));
        for (std::int64_t x0 = 0; x0 < pixels; x0 += kLanes) {
            double sum[kLanes] = {};
            for (std::size_t s = 0; s < offsetX.size(); ++s) {
                for (int lane = 0; lane < kLanes; ++lane) {
                    cr[lane] = re + (static_cast<double>(x0 + lane) + offsetX[s] - half) * step;
                    ci[lane] = im + (static_cast<double>(y) + offsetY[s] - half) * step;
                }
                escape(cr, ci, limit, count, norm);
                for (int lane = 0; lane < kLanes; ++lane) {
                    // Between n and n + 1: |z|^2 lies between 2^16 and 2^32 when it passes the bailout.
                    const bool inside = count[lane] >= limit || norm[lane] <= kBailout;
                    sum[lane] += inside ? static_cast<double>(limit) : static_cast<double>(count[lane]) + 4 - log2Exact(log2Exact(norm[lane]) * 0.5);
                }
            }
            for (int lane = 0; lane < kLanes && x0 + lane < pixels; ++lane) out(y, x0 + lane) = static_cast<float>(sum[lane] / static_cast<double>(p.samples));
        }
    }
    call.progress(1);
}

} // namespace

void addFractal(Plugin& plugin)
{
    const char* const kFractal = "Fractal";
    plugin.function<zoomWindow>("zoom_window", "The part of the plane a picture shows.", out("window", "Middle, width and iterations")).pure().category(kFractal).icon("square");
    plugin.function<tilesList>("tiles_list", "Cuts a window into tiles, from the middle outward.", in("in", "A window"), out("tiles", "One entry a tile")).pure().category(kFractal).icon("list");
    plugin.function<render>("render", "Computes one tile of the Mandelbrot set: how soon each point escapes, as a smooth number.", in("tile", "Where it lies"), out("value", "Steps until escape"))
        .pure()
        .category(kFractal)
        .icon("tensor");
}

} // namespace orrery::imaging
