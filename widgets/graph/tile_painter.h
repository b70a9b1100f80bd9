// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Paints the body of a map whose tiles are the picture: a grid of cells in place, done ones as their picture with the tint of
// the node that made them. Thread: UI. Cost: one image and at most kTilesMax small marks.

#include "widgets/graph/camera.h"
#include "widgets/graph/canvas_ink.h"
#include "widgets/graph/card.h"
#include "widgets/graph/card_run.h"
#include "widgets/graph/tile_mosaic.h"

#include <optional>

class QPainter;

namespace orrery::widgets {

struct TileFades {                        // pictures that came just now
    QHash<std::uint32_t, double> opacity; // by map index
};

struct TileLook {
    const VertexTiles* tiles = nullptr; // null: nothing has come yet
    TileMosaic* mosaic = nullptr;
    const TileFades* fades = nullptr; // null: none
    std::optional<std::uint32_t> selected, hovered;
};

class TilePainter {
public:
    TilePainter(CanvasInk& ink, const RunModel& model) : m_ink(ink), m_model(model) {}
    void paint(QPainter& painter, const Camera& camera, const Card& card, const CardRun& run, const TileLook& look);
    // Where a tile lies in the document; empty when the run has no such tile.
    static QRectF tileRect(const Card& card, const VertexTiles& tiles, std::uint32_t index);
    static std::optional<std::uint32_t> tileAt(const Card& card, const VertexTiles& tiles, const QPointF& world);

private:
    void paintCells(QPainter& painter, const Camera& camera, const Card& card, const QRect& box);
    void paintTile(QPainter& painter, const QRect& cell, const Tile& tile, std::uint32_t index, const CardRun& run,
                   const TileLook& look);
    void outline(QPainter& painter, const QRect& cell, bool selected);
    double progressOf(const Tile& tile, const CardRun& run) const;
    CanvasInk& m_ink;
    const RunModel& m_model;
    double m_k = 1, m_ratio = 1;
};

// How many tiles each node has done, and how many had more than one attempt.
struct TileCounts {
    std::map<std::uint16_t, std::uint32_t> byNode;
    std::uint32_t again = 0;
};
TileCounts countTiles(const VertexTiles& tiles, const RunModel& model);

} // namespace orrery::widgets
