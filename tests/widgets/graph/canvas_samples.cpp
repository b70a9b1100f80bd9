// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/widgets/graph/canvas_samples.h"

namespace orrery::widgets::samples {

types::FunctionInfo function(const char* name, std::vector<types::Port> inputs, std::vector<types::Port> outputs,
                             const char* schema)
{
    types::FunctionInfo info;
    info.name = name;
    info.label = info.name.substr(info.name.find('.') + 1);
    info.inputs = std::move(inputs);
    info.outputs = std::move(outputs);
    info.paramSchema = schema;
    return info;
}

std::shared_ptr<const types::Catalog> catalog()
{
    static const auto made = [] {
        auto catalog = std::make_shared<types::Catalog>();
        const char* number = R"({"type":"object","properties":{"value":{"type":"integer","default":7,"x-order":0}}})";
        types::PluginInfo numbers;
        numbers.name = "numbers";
        numbers.functions = {
            function("numbers.make", {}, {{"out", "i64", "", false}}, number),
            function("numbers.add", {{"a", "i64", "", false}, {"b", "i64", "", true}}, {{"sum", "i64", "", false}}),
            function("numbers.range", {}, {{"items", "list<i64>", "", false}}, number)};
        types::PluginInfo pictures;
        pictures.name = "pictures";
        pictures.functions = {
            function("pictures.draw", {{"n", "i64", "", false}}, {{"image", "image", "", false}}),
            function("pictures.tile", {{"n", "i64", "", false}}, {{"tile", "tensor", "", false}}),
            function("pictures.grey", {{"tile", "tensor", "", false}}, {{"tile", "tensor", "", false}}),
            function("pictures.join", {{"tiles", "list<tensor>", "", false}}, {{"image", "image", "", false}}),
            function("pictures.save", {{"image", "image", "", false}}, {})};
        catalog->plugins = {numbers, pictures};
        return catalog;
    }();
    return made;
}

types::Vertex vertex(const std::string& id, const std::string& function, int x, int y)
{
    types::Vertex made;
    made.id = id;
    made.function = function;
    made.x = x;
    made.y = y;
    return made;
}

types::Edge edge(const std::string& from, const std::string& to, types::EdgeMode mode)
{
    const auto ref = [](const std::string& text) {
        return types::PortRef{text.substr(0, text.find('.')), text.substr(text.find('.') + 1)};
    };
    return {ref(from), ref(to), mode};
}

types::Graph pictureGraph()
{
    types::Graph graph;
    graph.plugins = {{"numbers", {}}, {"pictures", {}}};
    graph.vertices = {vertex("range", "numbers.range", 0, 0), vertex("tile", "pictures.tile", 160, 0),
                      vertex("grey", "pictures.grey", 520, 0), vertex("join", "pictures.join", 720, 0),
                      vertex("save", "pictures.save", 900, 0)};
    graph.edges = {edge("range.items", "tile.n", types::EdgeMode::Each),
                   edge("tile.tile", "grey.tile", types::EdgeMode::Each),
                   edge("grey.tile", "join.tiles", types::EdgeMode::All), edge("join.image", "save.image")};
    return graph;
}

types::Graph wideGraph(int vertices, int perLayer)
{
    types::Graph graph;
    graph.plugins = {{"numbers", {}}};
    const auto id = [](int number) { return "v" + std::to_string(100'000 + number); };
    for (int i = 0; i < vertices; ++i) {
        const int layer = i / perLayer, row = i % perLayer;
        graph.vertices.push_back(vertex(id(i), layer == 0 ? "numbers.make" : "numbers.add", layer * 220, row * 110));
        if (layer == 0) continue;
        const std::string out = layer == 1 ? ".out" : ".sum";
        graph.edges.push_back(edge(id(i - perLayer) + out, id(i) + ".a"));
        graph.edges.push_back(edge(
            id((layer - 1) * perLayer + (i % 50 == 0 ? row * 7 + layer : row + 3 - layer % 7 + perLayer) % perLayer) +
                out,
            id(i) + ".b"));
    }
    return graph;
}

types::VertexCounts counts(int vertex, std::initializer_list<std::pair<types::TaskState, std::uint32_t>> states)
{
    types::VertexCounts made;
    made.vertex = static_cast<std::uint16_t>(vertex);
    for (const auto& [state, count] : states) {
        made.counts[static_cast<std::size_t>(state)] = count;
        made.tasks += count;
    }
    return made;
}

QImage picture(QRgb color, int side)
{
    QImage image(side, side, QImage::Format_RGB32);
    image.fill(color);
    return image;
}

base::RunId runId(std::uint8_t number)
{
    base::RunId id;
    id.bits.low = number;
    return id;
}

} // namespace orrery::widgets::samples
