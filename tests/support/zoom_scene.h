// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ZoomScene: the finished run of a deep zoom (1,032 tasks on ten workers of three nodes) for tests of panels: real trace blocks in
// a real RunStore, whose tables answer the FakeRowSource by the code that answers in production; real values behind the
// FakeByteSource. Times are made by a plain schedule, so that it is the same each time.
// Thread: the test's.

#include "engine/trace/run_query.h"
#include "engine/types/graph_document.h"
#include "plugins/sdk/encode.h"
#include "plugins/sdk/table.h"
#include "tests/support/fake_byte_source.h"
#include "tests/support/fake_row_source.h"
#include "widgets/models/run_model.h"

#include <QFile>
#include <cmath>
#include <memory>

namespace orrery::tests {

class ZoomScene {
public:
    struct Wish {
        std::uint32_t tiles = 256;
        std::uint32_t failed = 0;  // of the edges, with two kinds of error
        std::uint32_t again = 0;   // of the renders: a worker died, a second attempt did it
        bool copies = false;       // A has brought the coloured tiles of the others, and the mosaic has a copy
    };
    static constexpr std::uint16_t kWorkers = 10;
    static constexpr base::TimeNs kBegin = 1000 * base::kSecond;

    explicit ZoomScene(Wish wanted) : wish(wanted), m_writer(runId(), 0, 1), store(runId())
    {
        graph = readGraph();
        fillWorld();
        makeTasks();
        rows.reply = [this](const types::Query& query) { return page(query); };
        rows.byItself = true;
        makeValues();
    }
    ZoomScene() : ZoomScene(Wish{}) {}

    static base::RunId runId() { return base::RunId{{0x200, 1}}; }
    std::uint16_t vertex(const char* id) const { return static_cast<std::uint16_t>(graph->indexOf(id)); }
    std::uint32_t row(const char* id, std::uint32_t index = 0) const { return store.rowOf(vertex(id), index); }

    // Everything the bridge would tell of it.
    widgets::RunUpdate update() const
    {
        widgets::RunUpdate update;
        update.nowNs = store.lastNs() + 400 * base::kMillisecond;
        update.run = runId();
        types::RunRow run;
        run.id = runId();
        run.number = 1;
        run.title = "deep_zoom";
        run.state = wish.failed > 0 ? types::RunState::Failed : types::RunState::Succeeded;
        run.startNs = kBegin;
        run.endNs = store.lastNs();
        store.fill(run);
        update.runs = {run};
        for (std::size_t v = 0; v < store.vertices(); ++v) update.vertices.push_back(store.vertex(v));
        update.nodes = nodes;
        update.workers = workers;
        update.graph = graph;
        update.catalog = catalog();
        update.changes = 1;
        const auto& totals = store.objectTotals();
        for (const auto state : {types::ObjectState::Inline, types::ObjectState::Memory, types::ObjectState::InFlight}) {
            update.objects += totals.count[static_cast<std::size_t>(state)];
            update.objectBytes += totals.bytes[static_cast<std::size_t>(state)];
        }
        update.copies = store.copies();
        return update;
    }

    base::Result<types::Page> page(const types::Query& query)
    {
        trace::RunWorld now = world;
        now.nowNs = store.lastNs();
        auto made = trace::RunQuery::make(query, store, std::move(now));
        if (!made) return made.error();
        made->work([] { return false; });
        types::Page page = made->page(query.first, query.count);
        page.epoch = 1;
        page.seq = store.blocks();
        return page;
    }

    const Wish wish;
    std::shared_ptr<const types::Graph> graph;
    std::vector<types::NodeRow> nodes;
    std::vector<types::WorkerRow> workers;
    trace::RunWorld world;

private:
    trace::BlockWriter m_writer;

public:
    trace::RunStore store;
    FakeRowSource rows;
    FakeByteSource bytes;

    static std::shared_ptr<const types::Catalog> catalog()
    {
        types::PluginInfo plugin;
        plugin.name = "imaging";
        const auto add = [&plugin](const char* name, const char* port, const char* type) {
            types::FunctionInfo info;
            info.name = std::string("imaging.") + name;
            info.outputs = {{port, type, "", false}};
            plugin.functions.push_back(std::move(info));
        };
        add("zoom_window", "window", "json");
        add("tiles_list", "tiles", "list<json>");
        add("render", "value", "tensor");
        add("blur", "tile", "tensor");
        add("colour_map", "image", "image");
        add("edges", "image", "image");
        add("histogram", "table", "table");
        add("mosaic", "image", "image");
        add("sharpen", "image", "image");
        add("annotate", "image", "image");
        add("png_encode", "bytes", "bytes");
        auto made = std::make_shared<types::Catalog>();
        made->plugins.push_back(std::move(plugin));
        return made;
    }

private:
    static std::shared_ptr<const types::Graph> readGraph()
    {
        QFile file(QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/deep_zoom.orrery"));
        const bool open = file.open(QIODevice::ReadOnly);
        ORRERY_ASSERT_NOTE(open, "the example is in the tree");
        return std::make_shared<const types::Graph>(types::parseDocument(file.readAll().toStdString()).graph);
    }

    void fillWorld()
    {
        static constexpr std::uint64_t kMiB = 1 << 20;
        static constexpr std::uint64_t kUsed[] = {344 * kMiB, 83 * kMiB, 42 * kMiB}, kCapacity[] = {512 * kMiB, 512 * kMiB, 256 * kMiB};
        for (std::uint16_t n = 0; n < 3; ++n) {
            types::NodeRow node;
            node.node = n;
            node.id = base::NodeId{{7, n}};
            node.name = "local";
            node.storeBytes = kUsed[n];
            node.storeCapacityBytes = kCapacity[n];
            node.heartbeatNs = kBegin;
            world.addNode(node);
            nodes.push_back(std::move(node));
        }
        for (std::uint16_t track = 0; track < kWorkers; ++track) {
            types::WorkerRow worker;
            worker.track = track;
            worker.node = nodeOf(track);
            worker.id = base::WorkerId{{8, track}};
            worker.pid = 4000 + track;
            world.addWorker(worker);
            workers.push_back(std::move(worker));
        }
        world.graph = graph;
        world.catalog = catalog();
    }
    static std::uint16_t nodeOf(std::uint16_t track) { return track < 4 ? 0 : track < 8 ? 1 : 2; }

    // A stage begins when the one before it is done; inside it, the worker that is free first takes the next task.
    void makeTasks()
    {
        std::uint32_t next = 0;
        base::TimeNs now = kBegin + 40 * base::kMillisecond;
        const auto stage = [&](const char* id, std::uint32_t count, base::TimeNs least, types::ObjectRecord result) {
            m_writer.add(types::RowRange{next, count, 0, vertex(id), types::TaskState::PendingArgs, now});
            std::array<base::TimeNs, kWorkers> free;
            free.fill(now);
            for (std::uint32_t i = 0; i < count; ++i) {
                const auto track = static_cast<std::uint16_t>(std::min_element(free.begin(), free.end()) - free.begin());
                const base::TimeNs takes = least + (i * 7919u % 97u) * least / 80;
                runTask(id, next + i, i, track, free[track], takes, result);
                free[track] += takes + 200'000;
            }
            next += count;
            now = *std::max_element(free.begin(), free.end());
        };
        const auto value = [](types::ValueType type, types::DType dtype, std::vector<std::uint32_t> shape, std::uint64_t size) {
            types::ObjectRecord record;
            record.type = static_cast<std::uint8_t>(type);
            record.dtype = static_cast<std::uint8_t>(dtype);
            record.rank = static_cast<std::uint8_t>(shape.size());
            std::copy(shape.begin(), shape.end(), record.shape.begin());
            record.bytes = size;
            record.refs = 1;
            record.state = size <= 8192 ? types::ObjectState::Inline : types::ObjectState::Memory;
            return record;
        };
        using enum types::ValueType;
        using D = types::DType;
        constexpr std::uint64_t kTile = 256 * 1024 + 192, kWhole = (64ull << 20) + 192;
        auto list = value(List, D::None, {}, 6144);
        list.items = wish.tiles;
        stage("zoom_window", 1, 2 * base::kMillisecond, value(Json, D::None, {}, 160));
        stage("tiles_list", 1, 3 * base::kMillisecond, list);
        stage("render", wish.tiles, 120 * base::kMillisecond, value(Tensor, D::F32, {256, 256}, kTile));
        stage("blur", wish.tiles, 9 * base::kMillisecond, value(Tensor, D::F32, {256, 256}, kTile));
        stage("colour_map", wish.tiles, 4 * base::kMillisecond, value(Image, D::U8, {256, 256, 4}, kTile));
        stage("edges", wish.tiles, 6 * base::kMillisecond, value(Image, D::U8, {160, 160, 4}, 102'592));
        stage("histogram", 1, 30 * base::kMillisecond, value(Table, D::None, {}, 2048));
        stage("mosaic", 1, 210 * base::kMillisecond, value(Image, D::U8, {4096, 4096, 4}, kWhole));
        stage("sharpen", 1, 340 * base::kMillisecond, value(Image, D::U8, {4096, 4096, 4}, kWhole));
        stage("annotate", 1, 60 * base::kMillisecond, value(Image, D::U8, {4096, 4096, 4}, kWhole));
        stage("png_encode", 1, 900 * base::kMillisecond, value(Bytes, D::None, {}, 22'020'096));
        stage("save", 1, 20 * base::kMillisecond, value(None, D::None, {}, 0));
        if (!m_writer.empty()) seal();
    }

    void runTask(const char* id, std::uint32_t taskRow, std::uint32_t index, std::uint16_t track, base::TimeNs start, base::TimeNs takes, types::ObjectRecord result)
    {
        types::Attempt attempt;
        attempt.row = taskRow;
        attempt.mapIndex = index;
        attempt.vertex = vertex(id);
        attempt.worker = track;
        attempt.submitNs = start - 60'000;
        attempt.startNs = start;
        attempt.endNs = start + takes;
        attempt.waitUs = 400 + index % 50 * 10;
        attempt.cpuUs = static_cast<std::uint32_t>(takes / 1100);
        attempt.outputs = 1;
        attempt.bytesOut = result.bytes;
        const std::string_view name(id);
        if (name == "edges" && index < wish.failed) {
            attempt.outcome = types::TaskState::Failed;
            attempt.cause = types::Cause::Threw;
            attempt.bytesOut = 0;
            attempt.error = m_writer.addError(index % 3 == 0 ? "edges: the picture is empty" : "edges: 160 x 160 is smaller than the kernel (radius 81)");
            m_writer.add(attempt);
            return;
        }
        if (name == "render" && index % 8 == 5 && index / 8 < wish.again) {
            attempt.outcome = types::TaskState::Retrying;
            attempt.cause = types::Cause::WorkerDied;
            attempt.error = m_writer.addError("worker 1 of node C died: killed by signal 9");
            attempt.endNs = start + takes / 2;
            m_writer.add(attempt);
            attempt.attempt = 2;
            attempt.submitNs = attempt.startNs = start + takes / 2;
            attempt.endNs = start + takes;
            attempt.error = 0;
            attempt.cause = types::Cause::None;
        }
        attempt.outcome = types::TaskState::Finished;
        m_writer.add(attempt);
        if (result.bytes > 0) {
            result.row = taskRow;
            result.node = nodeOf(track);
            result.attempt = attempt.attempt;
            result.atNs = attempt.endNs;
            m_writer.add(result);
            if (wish.copies && name == "colour_map" && result.node != 0) m_writer.add(types::CopyRecord{taskRow, 0, 0, result.node, false, attempt.endNs + 1'000'000, attempt.endNs + 3'000'000});
            if (wish.copies && name == "mosaic") m_writer.add(types::CopyRecord{taskRow, 0, static_cast<std::uint16_t>(result.node + 1), result.node, false, attempt.endNs, attempt.endNs + 9'000'000});
        }
        if (m_writer.full()) seal();
    }
    void seal()
    {
        const auto applied = store.apply(m_writer.seal(store.blocks() + 1));
        ORRERY_ASSERT_NOTE(applied.ok() && *applied == trace::Applied::Now, "the scene is a possible run");
    }

    // ---- values ----
    template <class T>
    void put(const char* id, std::uint32_t index, const T& value)
    {
        const auto owned = plugin::OwnedValue::of(value);
        const auto* data = reinterpret_cast<const std::byte*>(owned.data());
        bytes.values[{row(id, index), 0}] = base::Bytes(data, data + owned.bytes());
    }
    static double julia(double x, double y)
    {
        double a = x, b = y;
        int i = 0;
        for (; i < 200 && a * a + b * b < 16; ++i) {
            const double t = a * a - b * b - 0.7436;
            b = 2 * a * b + 0.1318;
            a = t;
        }
        return i == 200 ? 0 : std::sqrt(i / 200.0);
    }
    static plugin::Image picture(int side)
    {
        plugin::Image image{side, side, {}};
        image.pixels.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 4);
        for (int y = 0; y < side; ++y)
            for (int x = 0; x < side; ++x) {
                const double v = julia((x - side / 2.0) * 2.4 / side, (y - side / 2.0) * 2.4 / side);
                for (const double c : {40 + 200 * v, 60 + 120 * std::sin(v * 3.1), 120 - 60 * v}) image.pixels.push_back(static_cast<std::uint8_t>(c));
                image.pixels.push_back(255);
            }
        return image;
    }
    void makeValues()
    {
        static const plugin::Image large = picture(512), small = picture(64);
        put("annotate", 0, large);
        put("colour_map", 0, small);
        put("zoom_window", 0, plugin::Json{{"re", -0.743643}, {"im", 0.131826}, {"width", 4.41e-4}});
        std::vector<plugin::Json> tiles;
        for (int i = 0; i < 256; ++i) tiles.push_back({{"column", i % 16}, {"row", i / 16}});
        put("tiles_list", 0, tiles);
        plugin::Table table;
        std::vector<std::string> names;
        std::vector<std::int64_t> counts;
        for (int i = 0; i < 24; ++i) {
            names.push_back("bin " + std::to_string(i));
            counts.push_back(100 + i * 37 % 500);
        }
        table.add("bin", names).add("count", counts);
        put("histogram", 0, table);
    }
};

} // namespace orrery::tests
