// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/tile_board.h"

#include "engine/types/value.h"

#include <algorithm>

namespace orrery::app {

using types::ObjectState;

namespace {

bool isPicture(const types::ObjectRecord& record)
{
    const auto type = static_cast<types::ValueType>(record.type);
    return type == types::ValueType::Image || (type == types::ValueType::Tensor && record.rank == 2);
}

bool isThere(ObjectState state) { return state != ObjectState::Freed && state != ObjectState::Lost; }

std::optional<std::uint16_t> outputOfType(const types::FunctionInfo& function, std::string_view type)
{
    for (std::size_t i = 0; i < function.outputs.size(); ++i)
        if (function.outputs[i].type == type) return static_cast<std::uint16_t>(i);
    return std::nullopt;
}

} // namespace

void TileBoard::setGraph(const types::Graph& graph, const types::Catalog& catalog)
{
    const auto checked = types::checkGraph(graph, catalog);
    std::map<std::uint16_t, Vertex> vertices;
    for (std::size_t i = 0; i < graph.vertices.size(); ++i) {
        const auto& info = checked.vertices[i];
        if (!info.function) continue;
        auto output = outputOfType(*info.function, "image");
        if (!output) output = outputOfType(*info.function, "tensor");
        if (!output && (info.wide || !outputOfType(*info.function, "any"))) continue;
        const auto number = static_cast<std::uint16_t>(i);
        Vertex& vertex = vertices[number];
        vertex.tiles = info.wide;
        if (!info.wide) continue;
        vertex.output = output;
        vertex.source = listSourceOf(graph, checked, number);
        if (vertex.source) m_lists.try_emplace(*vertex.source);
    }
    m_vertices = std::move(vertices);
}

void TileBoard::rescan(const trace::RunStore& store)
{
    if (idle()) return;
    for (auto& [number, vertex] : m_vertices) {
        if (!vertex.tiles || number >= store.vertices()) continue;
        const auto tasks = std::min<std::uint32_t>(store.vertex(number).tasks, widgets::kTilesMax);
        for (std::uint32_t index = 0; index < tasks; ++index) vertex.changed.push_back(index);
    }
    for (std::uint32_t i = 0; i < store.objects(); ++i) {
        const std::uint16_t vertex = store.vertexOf(store.objectRow(i));
        const bool list = std::any_of(m_lists.begin(), m_lists.end(), [&](const auto& entry) { return entry.first.vertex == vertex; });
        if (list || m_vertices.count(vertex)) objectTold(store, store.object(i));
    }
}

void TileBoard::changed(std::uint16_t number, std::uint32_t index)
{
    if (index >= widgets::kTilesMax) return;
    const auto found = m_vertices.find(number);
    if (found != m_vertices.end() && found->second.tiles) found->second.changed.push_back(index);
}

void TileBoard::blockTold(const trace::RunStore& store, std::uint64_t number)
{
    if (idle()) return;
    const auto view = trace::BlockView::trusted(*store.block(number));
    const auto& header = view.header();
    for (std::uint32_t i = 0; i < header.ranges; ++i) {
        const auto range = view.range(i);
        const auto end = std::min<std::uint64_t>(std::uint64_t{range.firstIndex} + range.count, widgets::kTilesMax);
        for (std::uint64_t index = range.firstIndex; index < end; ++index) changed(range.vertex, static_cast<std::uint32_t>(index));
    }
    for (std::uint32_t i = 0; i < header.marks; ++i) {
        const auto mark = view.mark(i);
        changed(store.vertexOf(mark.row), store.mapIndex(mark.row));
    }
    view.eachAttempt([&](std::uint32_t, const types::Attempt& attempt) { changed(attempt.vertex, attempt.mapIndex); });
    for (std::uint32_t i = 0; i < header.objects; ++i) objectTold(store, view.object(i));
}

void TileBoard::objectTold(const trace::RunStore& store, const types::ObjectRecord& record)
{
    if (!isThere(record.state)) return;
    const std::uint16_t number = store.vertexOf(record.row);
    const auto list = m_lists.find({number, record.output});
    if (list != m_lists.end() && list->second.state == List::State::NotMade) {
        list->second.row = record.row;
        list->second.state = List::State::Ready;
    }
    const auto found = m_vertices.find(number);
    if (found == m_vertices.end() || !isPicture(record)) return;
    Vertex& vertex = found->second;
    if (!vertex.output) vertex.output = record.output;
    const std::uint32_t index = store.mapIndex(record.row);
    if (*vertex.output != record.output || index >= widgets::kTilesMax) return;
    m_pictures.want({number, index, record.row, record.output, record.attempt, !vertex.tiles, record.atNs});
}

bool TileBoard::waits() const
{
    const auto open = [](const auto& entry) { return entry.second.state == List::State::Ready || entry.second.state == List::State::Asked; };
    return !m_pictures.empty() || std::any_of(m_lists.begin(), m_lists.end(), open);
}

std::optional<ListWish> TileBoard::nextList()
{
    for (auto& [source, list] : m_lists) {
        if (list.state != List::State::Ready) continue;
        list.state = List::State::Asked;
        return ListWish{source, list.row};
    }
    return std::nullopt;
}

void TileBoard::gotList(const ListSource& source, std::optional<TileLayout> layout)
{
    List& list = m_lists[source];
    list.state = List::State::Told;
    list.layout = std::move(layout);
    for (auto& [number, vertex] : m_vertices) {
        if (vertex.source != source || !list.layout) continue;
        vertex.card = {}; // the tiles themselves are the picture
        vertex.laidOut = 0;
    }
}

bool TileBoard::placed(const Vertex& vertex) const
{
    if (!vertex.source) return false;
    const auto list = m_lists.find(*vertex.source);
    return list != m_lists.end() && (list->second.state != List::State::Told || list->second.layout);
}

std::optional<PictureWish> TileBoard::nextPicture(const trace::RunStore& store)
{
    return m_pictures.next([&](const PictureWish& wish) {
        const auto object = store.findObject(wish.row, wish.output);
        return object != trace::kNone && isThere(store.objectState(object));
    });
}

void TileBoard::gotPicture(const PictureWish& wish, const types::Preview& preview)
{
    QImage image = imageOf(preview);
    const auto found = m_vertices.find(wish.vertex);
    if (found == m_vertices.end() || image.isNull()) return;
    m_pictures.got(wish);
    Vertex& vertex = found->second;
    if (vertex.tiles) {
        if (const auto range = rangeOf(preview)) {
            for (auto& toned : vertex.tone.add(wish.index, image, *range)) vertex.images.push_back(std::move(toned));
        } else {
            vertex.images.emplace_back(wish.index, image);
        }
    }
    if (vertex.tiles && placed(vertex)) return;
    if (wish.atNs < vertex.cardAtNs) return;
    vertex.cardAtNs = wish.atNs;
    vertex.card = std::move(image);
}

void TileBoard::fillTiles(const trace::RunStore& store, std::uint16_t number, Vertex& vertex, widgets::RunUpdate& update)
{
    widgets::TileUpdate change;
    change.vertex = number;
    change.images = std::exchange(vertex.images, {});
    auto indexes = std::exchange(vertex.changed, {});
    std::sort(indexes.begin(), indexes.end());
    indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
    std::unordered_map<std::uint32_t, types::TimeNs> starts;
    if (!indexes.empty())
        for (const auto& span : store.openSpans()) starts[span.row] = span.startNs;
    for (const auto index : indexes) {
        const auto row = store.rowOf(number, index);
        if (row == types::kNoRow) continue;
        widgets::Tile tile{store.state(row), store.attemptOf(row), store.workerOf(row), row, 0};
        if (const auto start = starts.find(row); start != starts.end()) tile.startNs = start->second;
        change.tiles.emplace_back(index, tile);
    }
    const std::uint32_t tasks = number < store.vertices() ? store.vertex(number).tasks : 0;
    const List* list = vertex.source ? &m_lists[*vertex.source] : nullptr;
    if (tasks != vertex.laidOut && (!list || list->state == List::State::Told)) {
        const TileLayout layout = list && list->layout ? *list->layout : squareLayout(tasks);
        vertex.laidOut = tasks;
        change.places = layout.places;
        change.columns = layout.columns;
        change.rows = layout.rows;
    }
    if (!change.tiles.empty() || !change.images.empty() || change.columns > 0) update.tiles.push_back(std::move(change));
}

void TileBoard::fill(const trace::RunStore& store, widgets::RunUpdate& update)
{
    for (auto& [number, vertex] : m_vertices) {
        if (vertex.tiles) fillTiles(store, number, vertex, update);
        if (!vertex.card.isNull()) update.previews.emplace_back(number, std::exchange(vertex.card, {}));
    }
}

} // namespace orrery::app
