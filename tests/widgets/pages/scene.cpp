// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/widgets/pages/scene.h"

#include "engine/types/graph_document.h"

#include <QFile>

#include <cmath>

namespace orrery::tests {

using types::TaskState;

namespace {

constexpr std::uint64_t kMiB = 1024 * 1024, kGiB = 1024 * kMiB;
constexpr base::TimeNs kNow = kBegin + 5'600 * base::kMillisecond;

types::FunctionInfo function(const char* name, const char* label, const char* category, const char* icon,
                             std::vector<types::Port> inputs, std::vector<types::Port> outputs,
                             const char* schema = "{}")
{
    types::FunctionInfo info;
    info.name = name;
    info.label = label;
    info.category = category;
    info.icon = icon;
    info.doc = std::string("What ") + label + " does.";
    info.inputs = std::move(inputs);
    info.outputs = std::move(outputs);
    info.paramSchema = schema;
    info.resources = types::Resources::cpus(1);
    return info;
}

constexpr char kRenderSchema[] = R"({"type":"object","additionalProperties":false,"properties":{
  "iterations":{"type":"integer","default":2000,"minimum":1,"maximum":1000000,"x-order":0,"description":"How long a point is followed"},
  "bailout":{"type":"number","default":256,"minimum":2,"x-order":1,"description":"When a point has escaped"},
  "smooth":{"type":"boolean","default":true,"x-order":2,"description":"Fractions of an iteration"}}})";

} // namespace

base::RunId runId(std::uint64_t number)
{
    return base::RunId{{0x5eed, number}};
}

types::NodeRow node(std::uint16_t number, int workers, base::TimeNs now)
{
    types::NodeRow row;
    row.node = number;
    row.id = base::NodeId{{0xabc, number}};
    row.name = "local";
    row.host = "here";
    row.total = types::Resources::cpus(workers);
    row.workers = row.workersBusy = static_cast<std::uint32_t>(workers);
    row.cpuShare = 0.98;
    row.memoryBytes = 640 * kMiB - number * 120 * kMiB;
    row.memoryTotalBytes = (number == 2 ? 2 : 4) * kGiB;
    row.storeBytes = (57 - number * 16) * kMiB;
    row.storeCapacityBytes = (number == 2 ? 256 : 512) * kMiB;
    row.heartbeatNs = now - (number + 1) * 60 * base::kMillisecond;
    return row;
}

types::WorkerRow worker(std::uint16_t track, std::uint16_t node, const std::string& running)
{
    types::WorkerRow row;
    row.track = track;
    row.node = node;
    row.id = base::WorkerId{{0xdef, track}};
    row.pid = 4000 + track;
    row.running = running;
    row.startNs = kBegin - 2 * base::kSecond;
    row.tasksDone = 150;
    row.rssBytes = 80 * kMiB;
    return row;
}

types::RunRow run(std::uint32_t number, std::uint32_t done, types::RunState state)
{
    types::RunRow row;
    row.id = runId(number);
    row.number = number;
    row.title = "Deep zoom";
    row.state = state;
    row.startNs = kBegin;
    row.tasks = 1'032;
    row.counts[static_cast<std::size_t>(TaskState::Finished)] = done;
    if (types::isTerminal(state)) {
        row.endNs = kBegin + 12'200 * base::kMillisecond;
        return row;
    }
    row.counts[static_cast<std::size_t>(TaskState::Running)] = 10;
    row.counts[static_cast<std::size_t>(TaskState::PendingAssignment)] = 100;
    row.counts[static_cast<std::size_t>(TaskState::PendingArgs)] = 1'032 - 110 - done;
    return row;
}

types::Graph deepZoom()
{
    QFile file(QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/deep_zoom.orrery"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    return types::parseDocument(file.readAll().toStdString()).graph;
}

types::VertexCounts counts(std::uint16_t vertex, std::initializer_list<std::pair<TaskState, std::uint32_t>> states)
{
    types::VertexCounts counts;
    counts.vertex = vertex;
    for (const auto& [state, count] : states) {
        counts.counts[static_cast<std::size_t>(state)] += count;
        counts.tasks += count;
    }
    return counts;
}

std::shared_ptr<const types::Catalog> catalog()
{
    auto made = std::make_shared<types::Catalog>();
    types::PluginInfo imaging;
    imaging.name = "imaging";
    imaging.version = "0.1";
    imaging.doc = "Pictures";
    const types::Port tile{"tile", "tensor", "", false}, image{"image", "image", "", false},
        bytes{"bytes", "bytes", "", false}, json{"window", "json", "", false};
    imaging.functions = {
        function("imaging.zoom_window", "zoom window", "Fractal", "maximise", {}, {json}),
        function("imaging.tiles_list", "tiles list", "Fractal", "list", {{"in", "json", "", false}},
                 {{"tiles", "list<json>", "", false}}),
        function("imaging.render", "render", "Fractal", "tensor", {{"tile", "json", "", false}},
                 {{"value", "tensor", "", false}}, kRenderSchema),
        function("imaging.blur", "blur", "Filter", "drop", {tile}, {tile}),
        function("imaging.colour_map", "colour map", "Filter", "palette", {tile}, {image}),
        function("imaging.edges", "edges", "Filter", "curve", {tile}, {image}),
        function("imaging.sharpen", "sharpen", "Filter", "triangle", {image}, {image}),
        function("imaging.mosaic", "mosaic", "Compose", "grid",
                 {{"tiles", "list<image>", "", false}, {"edges", "list<image>", "", true}}, {image}),
        function("imaging.annotate", "annotate", "Compose", "tag", {image, {"legend", "table", "", true}}, {image}),
        function("imaging.histogram", "histogram", "Compose", "chart", {{"tiles", "list<tensor>", "", false}},
                 {{"table", "table", "", false}}),
        function("imaging.png_encode", "PNG encode", "Files", "image", {image}, {bytes}),
        function("imaging.save", "save", "Files", "disk", {bytes}, {}),
    };
    types::PluginInfo basic;
    basic.name = "basic";
    basic.functions = {function("basic.add", "add", "Numbers", "plus",
                                {{"a", "i64", "", false}, {"b", "i64", "", false}}, {{"sum", "i64", "", false}}),
                       function("basic.sleep", "sleep", "Time", "clock", {}, {{"done", "bool", "", false}})};
    made->plugins = {imaging, basic};
    return made;
}

widgets::RunUpdate scene()
{
    widgets::RunUpdate update;
    update.nowNs = kNow;
    update.run = runId(1);
    update.runs = {run(1, 595)};
    update.graph = std::make_shared<const types::Graph>(deepZoom());
    update.catalog = catalog();
    const auto vertex = [&](const char* id) { return static_cast<std::uint16_t>(update.graph->indexOf(id)); };
    for (const char* id : {"zoom_window", "tiles_list"})
        update.vertices.push_back(counts(vertex(id), {{TaskState::Finished, 1}}));
    update.vertices.push_back(counts(
        vertex("render"), {{TaskState::Finished, 149}, {TaskState::Running, 8}, {TaskState::PendingAssignment, 99}}));
    for (const char* id : {"blur", "colour_map", "edges"})
        update.vertices.push_back(
            counts(vertex(id), {{TaskState::Finished, 148}, {TaskState::Running, 1}, {TaskState::PendingArgs, 107}}));
    for (const char* id : {"mosaic", "sharpen", "histogram", "annotate", "png_encode", "save"})
        update.vertices.push_back(counts(vertex(id), {{TaskState::PendingArgs, 1}}));
    for (std::uint16_t n = 0; n < 3; ++n) update.nodes.push_back(node(n, n == 2 ? 2 : 4, kNow));
    for (std::uint16_t track = 0; track < 10; ++track)
        update.workers.push_back(worker(track,
                                        static_cast<std::uint16_t>(track < 4   ? 0
                                                                   : track < 8 ? 1
                                                                               : 2),
                                        "imaging.render"));
    update.eventsPerSecond = 412;
    update.lagNs = 38 * base::kMillisecond;
    update.changes = 1;
    return update;
}

void tell(widgets::RunModel& model, const widgets::RunUpdate& update)
{
    constexpr int kBeats = 300;
    constexpr base::TimeNs kStep = 200 * base::kMillisecond;
    std::vector<double> sent(update.nodes.size(), 0); // bytes since the start
    for (int i = 0; i <= kBeats; ++i) {
        widgets::RunUpdate beat = i == kBeats ? update : widgets::RunUpdate();
        beat.nowNs = update.nowNs - (kBeats - i) * kStep;
        const double load =
            beat.nowNs < kBegin ? 0.04 : std::min(0.97, 0.2 + static_cast<double>(beat.nowNs - kBegin) / 1e9);
        beat.nodes.clear();
        for (std::size_t n = 0; n < update.nodes.size(); ++n) {
            types::NodeRow row = update.nodes[n];
            sent[n] +=
                load * (2.0 + std::sin(i * 0.6 + static_cast<double>(n) * 2)) * 600'000 * static_cast<double>(n + 1);
            row.netInBytes = static_cast<std::uint64_t>(sent[n]);
            row.netOutBytes = row.netInBytes / 2;
            if (i < kBeats) {
                row.heartbeatNs -= (kBeats - i) * kStep;
                row.state = types::NodeState::Alive;
                row.cpuShare = load + 0.02 * std::sin(i * 1.7 + static_cast<double>(n));
                row.memoryBytes = static_cast<std::uint64_t>(static_cast<double>(row.memoryBytes) * (0.3 + 0.7 * load));
                row.storeBytes = static_cast<std::uint64_t>(static_cast<double>(row.storeBytes) * load);
            }
            beat.nodes.push_back(row);
        }
        model.take(beat);
    }
}

} // namespace orrery::tests
