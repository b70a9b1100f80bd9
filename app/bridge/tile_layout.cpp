// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/tile_layout.h"

#include "engine/types/value.h"
#include "widgets/models/run_model.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <cmath>
#include <set>

namespace orrery::app {

namespace {

constexpr int kScatterMax = 4; // cells of the grid for each tile in it, at most

std::optional<std::uint16_t> wholeField(const QJsonObject& object, QLatin1StringView name)
{
    const QJsonValue value = object.value(name);
    if (!value.isDouble()) return std::nullopt;
    const double number = value.toDouble();
    if (!(number >= 0 && number <= 65'535) || number != std::floor(number)) return std::nullopt;
    return static_cast<std::uint16_t>(number);
}

std::optional<std::pair<std::uint16_t, std::uint16_t>> placeOf(std::span<const std::byte> item)
{
    const auto view = types::ValueView::open(item);
    if (!view || view->type() != types::ValueType::Json) return std::nullopt;
    const auto text = view->text();
    const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromRawData(text.data(), static_cast<qsizetype>(text.size()))).object();
    const auto column = wholeField(object, QLatin1StringView("column")), row = wholeField(object, QLatin1StringView("row"));
    if (!column || !row) return std::nullopt;
    return std::pair(*column, *row);
}

std::optional<std::uint16_t> outputIndex(const types::FunctionInfo& function, std::string_view port)
{
    for (std::size_t i = 0; i < function.outputs.size(); ++i)
        if (function.outputs[i].name == port) return static_cast<std::uint16_t>(i);
    return std::nullopt;
}

} // namespace

std::optional<ListSource> listSourceOf(const types::Graph& graph, const types::CheckedGraph& checked, std::uint16_t vertex)
{
    std::set<std::uint16_t> seen; // a graph in the window may be anything
    std::vector<std::uint16_t> open{vertex};
    while (!open.empty()) {
        const std::uint16_t at = open.back();
        open.pop_back();
        if (!seen.insert(at).second) continue;
        for (const auto& edge : graph.edges) {
            if (edge.mode != types::EdgeMode::Each || edge.to.vertex != graph.vertices[at].id) continue;
            const int from = graph.indexOf(edge.from.vertex);
            if (from < 0 || static_cast<std::size_t>(from) >= checked.vertices.size()) continue;
            const auto& source = checked.vertices[static_cast<std::size_t>(from)];
            if (source.wide) {
                open.push_back(static_cast<std::uint16_t>(from));
                continue;
            }
            const auto output = source.function ? outputIndex(*source.function, edge.from.port) : std::nullopt;
            if (output && source.function->outputs[*output].type == "list<json>") return ListSource{static_cast<std::uint16_t>(from), *output};
        }
    }
    return std::nullopt;
}

std::optional<TileLayout> layoutOfList(std::span<const std::byte> list)
{
    const auto view = types::ValueView::open(list);
    if (!view || view->type() != types::ValueType::List) return std::nullopt;
    const std::uint64_t count = std::min<std::uint64_t>(view->length(), widgets::kTilesMax);
    TileLayout layout;
    std::set<std::pair<std::uint16_t, std::uint16_t>> taken;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto place = placeOf(view->item(i));
        if (!place || !taken.insert(*place).second) return std::nullopt;
        layout.places.push_back(*place);
        layout.columns = std::max(layout.columns, place->first + 1);
        layout.rows = std::max(layout.rows, place->second + 1);
    }
    // Of a list that was cut, the cells of the others are part of the grid.
    const auto cells = std::int64_t{layout.columns} * layout.rows;
    if (count == 0 || cells > kScatterMax * static_cast<std::int64_t>(view->length())) return std::nullopt;
    return layout;
}

TileLayout squareLayout(std::uint64_t tiles)
{
    const auto shown = static_cast<int>(std::min<std::uint64_t>(tiles, widgets::kTilesMax));
    if (shown == 0) return {};
    const int columns = static_cast<int>(std::ceil(std::sqrt(shown)));
    return {{}, columns, (shown + columns - 1) / columns};
}

} // namespace orrery::app
