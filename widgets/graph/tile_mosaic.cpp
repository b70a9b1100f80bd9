// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/tile_mosaic.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace orrery::widgets {

namespace {

constexpr int kCellMin = 4, kCellMax = 36;

QRect scaledCell(const QRect& cell, const QSize& from, const QSize& to)
{
    const double fx = to.width() / static_cast<double>(from.width()),
                 fy = to.height() / static_cast<double>(from.height());
    const auto snap = [](double value) { return static_cast<int>(std::lround(value)); };
    const int left = snap(cell.left() * fx), top = snap(cell.top() * fy);
    return {left, top, snap((cell.left() + cell.width()) * fx) - left, snap((cell.top() + cell.height()) * fy) - top};
}

} // namespace

int columnsOf(const VertexTiles& tiles)
{
    if (tiles.columns > 0) return tiles.columns;
    return std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(tiles.tiles.size())))));
}

int rowsOf(const VertexTiles& tiles)
{
    if (tiles.rows > 0) return tiles.rows;
    const int columns = columnsOf(tiles);
    return std::max(1, (static_cast<int>(tiles.tiles.size()) + columns - 1) / columns);
}

std::pair<int, int> placeOf(const VertexTiles& tiles, std::uint32_t index)
{
    if (index < tiles.places.size()) return {tiles.places[index].first, tiles.places[index].second};
    const int columns = columnsOf(tiles);
    return {static_cast<int>(index) % columns, static_cast<int>(index) / columns};
}

void TileMosaic::clear()
{
    *this = {};
}

QRect TileMosaic::nativeCell(std::uint32_t index) const
{
    const auto [column, row] = index < m_places.size() ? std::pair<int, int>(m_places[index])
                                                       : std::pair<int, int>(static_cast<int>(index) % m_columns,
                                                                             static_cast<int>(index) / m_columns);
    return {column * m_cell, row * m_cell, m_cell, m_cell};
}

std::vector<std::uint32_t> TileMosaic::take(const VertexTiles& tiles)
{
    const int columns = columnsOf(tiles), rows = rowsOf(tiles);
    std::vector<std::uint32_t> fresh;
    if (columns != m_columns || rows != m_rows || tiles.places != m_places) {
        clear();
        m_columns = columns;
        m_rows = rows;
        m_places = tiles.places;
        m_cell = std::clamp(kMosaicSide / std::max(columns, rows), kCellMin, kCellMax);
    }
    for (auto image = tiles.images.constBegin(); image != tiles.images.constEnd(); ++image) {
        if (image.value().isNull() || m_seen.value(image.key(), -1) == image.value().cacheKey()) continue;
        const QRect cell = nativeCell(image.key());
        if (cell.right() >= m_columns * m_cell || cell.bottom() >= m_rows * m_cell) continue;
        if (m_native.isNull()) {
            m_native = QImage(m_columns * m_cell, m_rows * m_cell, QImage::Format_ARGB32_Premultiplied);
            m_native.fill(Qt::transparent);
        }
        m_seen.insert(image.key(), image.value().cacheKey());
        for (QImage* into : {&m_native, &m_scaled}) {
            if (into->isNull()) continue;
            const QRect place = scaledCell(cell, m_native.size(), into->size());
            if (place.isEmpty()) continue;
            QPainter painter(into);
            painter.setCompositionMode(QPainter::CompositionMode_Source);
            painter.drawImage(place.topLeft(),
                              image.value().scaled(place.size(), Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
        }
        fresh.push_back(image.key());
    }
    return fresh;
}

const QImage& TileMosaic::at(const QSize& size)
{
    if (m_scaled.size() != size && !m_native.isNull())
        m_scaled = m_native.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
                       .convertToFormat(QImage::Format_ARGB32_Premultiplied);
    return m_scaled;
}

} // namespace orrery::widgets
