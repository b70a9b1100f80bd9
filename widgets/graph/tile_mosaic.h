// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TileMosaic: the pictures of a map's tiles as one image, ready for the size at which it is drawn. A new tile is scaled once
// into its place; another size scales the whole once. Where no picture has come, the image is clear.
// Thread: UI. Bounds: kMosaicSide pixels a side, whatever the number of tiles; kSizesKept sizes.

#include "widgets/models/run_model.h"

#include <QImage>
#include <QRect>

namespace orrery::widgets {

inline constexpr int kMosaicSide = 1'152;

class TileMosaic {
public:
    // Takes over new pictures: their map indexes.
    std::vector<std::uint32_t> take(const VertexTiles& tiles);
    void clear();
    bool isEmpty() const { return m_native.isNull(); }
    // In `size` pixels; kept until another size is wanted.
    const QImage& at(const QSize& size);

private:
    QRect nativeCell(std::uint32_t index) const;
    int m_columns = 0, m_rows = 0, m_cell = 0;
    std::vector<std::pair<std::uint16_t, std::uint16_t>> m_places;
    QHash<std::uint32_t, qint64> m_seen; // cache key of the picture in place
    QImage m_native, m_scaled;
};

// Column and row of a tile; row by row where the run does not say.
std::pair<int, int> placeOf(const VertexTiles& tiles, std::uint32_t index);
int columnsOf(const VertexTiles& tiles);
int rowsOf(const VertexTiles& tiles);

} // namespace orrery::widgets
