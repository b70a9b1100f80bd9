// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/widgets/graph/deep_zoom_run.h"

#include "engine/types/graph_document.h"
#include "engine/types/plugin_json.h"
#include "tests/widgets/graph/canvas_samples.h"

#include <QFile>
#include <QHash>
#include <QProcess>

#include <cmath>

namespace orrery::widgets::samples {

using types::TaskState;

std::shared_ptr<const types::Catalog> imagingCatalog()
{
    QProcess worker;
    worker.start(QStringLiteral(ORRERY_BUILD_DIR "/bin/orrery-worker"),
                 {QStringLiteral("--describe"), QStringLiteral(ORRERY_BUILD_DIR "/plugins/imaging.so")});
    if (!worker.waitForFinished()) return nullptr;
    auto plugin = types::parsePluginInfo(worker.readAllStandardOutput().toStdString());
    if (!plugin.ok()) return nullptr;
    auto catalog = std::make_shared<types::Catalog>();
    catalog->plugins.push_back(plugin.value());
    return catalog;
}

types::Graph deepZoom()
{
    QFile file(QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/deep_zoom.orrery"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    return types::parseDocument(file.readAll().toStdString()).graph;
}

std::vector<std::pair<std::uint16_t, std::uint16_t>> spiral(int side)
{
    std::vector<std::pair<std::uint16_t, std::uint16_t>> places;
    int x = side / 2 - 1, y = side / 2 - 1, dx = 1, dy = 0;
    for (int run = 1; static_cast<int>(places.size()) < side * side; ++run) {
        for (int half = 0; half < 2; ++half) {
            for (int step = 0; step < run; ++step) {
                if (x >= 0 && y >= 0 && x < side && y < side) places.emplace_back(x, y);
                x += dx;
                y += dy;
            }
            std::tie(dx, dy) = std::pair(-dy, dx);
        }
    }
    return places;
}

namespace {

constexpr int kSide = 16, kTile = 40;

double escape(double re, double im)
{
    double x = 0, y = 0;
    for (int i = 0; i < 400; ++i) {
        const double xx = x * x, yy = y * y;
        if (xx + yy > 64) return i + 1 - std::log2(std::log2(xx + yy) / 2);
        y = 2 * x * y + im;
        x = xx - yy + re;
    }
    return 0;
}

const QImage& tileImage(int column, int row, int kind)
{
    static QHash<int, QImage> made; // the same in every scene
    const int key = (kind * kSide + row) * kSide + column;
    if (const auto known = made.constFind(key); known != made.constEnd()) return *known;
    QImage image(kTile, kTile, QImage::Format_RGB32);
    constexpr double kWidth = .0075;
    for (int py = 0; py < kTile; ++py) {
        for (int px = 0; px < kTile; ++px) {
            const double re = -.7436 + ((column + px / double(kTile)) / kSide - .5) * kWidth,
                         im = .1318 + ((row + py / double(kTile)) / kSide - .5) * kWidth;
            const double t = std::min(1.0, std::pow(escape(re, im) / 220, .75));
            const auto mix = [&](int a, int b) { return static_cast<int>(a + (b - a) * t); };
            if (kind == 0) image.setPixel(px, py, qRgb(mix(36, 232), mix(42, 226), mix(60, 210)));
            else if (kind == 1) image.setPixel(px, py, qRgb(mix(20, 250), mix(60, 180), mix(90, 90)));
            else image.setPixel(px, py, qRgb(mix(0, 140), mix(0, 140), mix(0, 140)));
        }
    }
    return *made.insert(key, image);
}

} // namespace

RunUpdate deepZoomRun(std::shared_ptr<const types::Graph> graph, int done, bool again)
{
    RunUpdate update;
    update.run = runId(1);
    update.graph = graph;
    update.nowNs = 10'000'000'000;
    for (std::uint16_t node = 0; node < 3; ++node) {
        types::NodeRow row;
        row.node = node;
        row.heartbeatNs = update.nowNs;
        update.nodes.push_back(row);
    }
    for (std::uint16_t track = 0; track < 10; ++track) {
        types::WorkerRow worker;
        worker.track = track;
        worker.node = static_cast<std::uint16_t>(track < 4 ? 0 : track < 8 ? 1 : 2);
        update.workers.push_back(worker);
    }
    const auto index = [&](const char* id) { return graph->indexOf(id); };
    const auto places = spiral(kSide);
    const bool all = done >= 256;
    for (const auto& [id, kind, behind] : {std::tuple("render", 0, 0), std::tuple("blur", 0, 0),
                                           std::tuple("colour_map", 1, 1), std::tuple("edges", 2, 2)})
    {
        const int ready = all ? 256 : std::max(0, done - behind), running = all                           ? 0
                                                                            : id == std::string("render") ? 8
                                                                            : id == std::string("blur")   ? 0
                                                                                                          : 1;
        auto counted =
            counts(index(id), {{TaskState::Finished, ready},
                               {TaskState::Running, running},
                               {id == std::string("render") ? TaskState::PendingAssignment : TaskState::PendingArgs,
                                256 - ready - running}});
        counted.busyNs = static_cast<std::uint64_t>(ready) * 300'000'000u;
        update.vertices.push_back(counted);
        TileUpdate tiles;
        tiles.vertex = static_cast<std::uint16_t>(index(id));
        tiles.columns = tiles.rows = kSide;
        tiles.places = places;
        for (std::uint32_t i = 0; i < 256; ++i) {
            Tile tile;
            tile.row = i;
            tile.track = static_cast<std::uint16_t>((i * 7 + i / 9) % 10);
            tile.state = static_cast<int>(i) < ready             ? TaskState::Finished
                         : static_cast<int>(i) < ready + running ? TaskState::Running
                                                                 : TaskState::PendingAssignment;
            if (tile.state == TaskState::Running)
                tile.startNs = update.nowNs - static_cast<types::TimeNs>(40'000'000 * (i % 8));
            if (again && i % 8 == 3) tile.attempt = 2;
            tiles.tiles.emplace_back(i, tile);
            if (static_cast<int>(i) < ready)
                tiles.images.emplace_back(i, tileImage(places[i].first, places[i].second, kind));
        }
        update.tiles.push_back(tiles);
    }
    for (const char* id : {"zoom_window", "tiles_list"})
        update.vertices.push_back(counts(index(id), {{TaskState::Finished, 1}}));
    for (const char* id : {"mosaic", "sharpen", "histogram", "annotate", "png_encode", "save"})
        update.vertices.push_back(counts(index(id), {{all ? TaskState::Finished : TaskState::PendingArgs, 1}}));
    return update;
}

} // namespace orrery::widgets::samples
