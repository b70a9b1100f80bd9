// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Inputs of the canvas's tests: a small catalog written by hand, graphs over it, and what a run of the deep zoom would say.
// Thread: UI.

#include "widgets/graph/graph_canvas.h"

#include <QImage>

namespace orrery::widgets::samples {

// numbers.make -> i64; numbers.add a, b -> sum; pictures.draw n -> image; pictures.tile n -> tensor; pictures.save image;
// numbers.range -> list<i64>; pictures.grey tensor -> tensor; pictures.join list<tensor> -> image
std::shared_ptr<const types::Catalog> catalog();
types::FunctionInfo function(const char* name, std::vector<types::Port> inputs, std::vector<types::Port> outputs,
                             const char* schema = "{}");
types::Vertex vertex(const std::string& id, const std::string& function, int x, int y);
types::Edge edge(const std::string& from, const std::string& to,
                 types::EdgeMode mode = types::EdgeMode::One); // "add.sum"
// range -> tile (a map of pictures) -> grey (a map that is a step) -> join -> save
types::Graph pictureGraph();
// Layers of add over add; one wire in fifty leads far up or down.
types::Graph wideGraph(int vertices, int perLayer);

// Counts of one vertex by state.
types::VertexCounts counts(int vertex, std::initializer_list<std::pair<types::TaskState, std::uint32_t>> states);
QImage picture(QRgb color, int side = kTilePixels);
base::RunId runId(std::uint8_t number);

} // namespace orrery::widgets::samples
