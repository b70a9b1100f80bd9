// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/tile_painter.h"

#include "widgets/common/icons.h"

#include <QPainter>

#include <algorithm>

namespace orrery::widgets {

using types::TaskState;

namespace {

constexpr double kTickWidth = 2, kTickInset = 3, kMarkSize = 12, kGlyph = 10, kTriangle = 9, kDot = 2;
constexpr double kMarksMin = 10; // pixels of a cell below which only fills are drawn

void ring(QPainter& painter, const QRect& outer, int width, const QColor& color)
{
    painter.fillRect(QRect(outer.left(), outer.top(), outer.width(), width), color);
    painter.fillRect(QRect(outer.left(), outer.bottom() - width + 1, outer.width(), width), color);
    painter.fillRect(QRect(outer.left(), outer.top() + width, width, outer.height() - 2 * width), color);
    painter.fillRect(QRect(outer.right() - width + 1, outer.top() + width, width, outer.height() - 2 * width), color);
}

int nodeOf(const RunModel& model, const Tile& tile)
{
    const auto found = model.workers().find(tile.track);
    return found == model.workers().end() ? -1 : found->second.node;
}

} // namespace

TileCounts countTiles(const VertexTiles& tiles, const RunModel& model)
{
    TileCounts counts;
    for (const Tile& tile : tiles.tiles) {
        if (tile.attempt > 1) ++counts.again;
        if (!types::isGood(tile.state)) continue;
        if (const int node = nodeOf(model, tile); node >= 0) ++counts.byNode[static_cast<std::uint16_t>(node)];
    }
    return counts;
}

QRectF TilePainter::tileRect(const Card& card, const VertexTiles& tiles, std::uint32_t index)
{
    if (card.columns <= 0 || index >= tiles.tiles.size()) return {};
    const auto [column, row] = placeOf(tiles, index);
    if (column >= card.columns || row >= card.rows) return {};
    return card.cell(column, row);
}

std::optional<std::uint32_t> TilePainter::tileAt(const Card& card, const VertexTiles& tiles, const QPointF& world)
{
    if (card.columns <= 0 || !QRectF(card.tiles()).contains(world)) return std::nullopt;
    for (std::uint32_t index = 0; index < tiles.tiles.size(); ++index)
        if (tileRect(card, tiles, index).contains(world)) return index;
    return std::nullopt;
}

// A task does not say how far it is; the mean of those that are done is the best guess.
double TilePainter::progressOf(const Tile& tile, const CardRun& run) const
{
    if (run.done() == 0 || run.busyNs == 0 || tile.startNs <= 0) return .12;
    const double mean = static_cast<double>(run.busyNs) / run.done();
    return std::clamp(static_cast<double>(m_model.nowNs() - tile.startNs) / mean, .06, 1.0);
}

void TilePainter::paintCells(QPainter& painter, const Camera& camera, const Card& card, const QRect& box)
{
    painter.fillRect(box, m_ink.cell);
    if (card.columns <= 0) return;
    const double size = card.cell(0, 0).width() * m_k;
    if (size < 4) return;
    for (int column = 0; column <= card.columns; ++column) {
        const int x = camera.px(card.cell(column, 0).left());
        painter.fillRect(QRect(x, box.top(), 1, box.height()), m_ink.cellLine);
    }
    for (int row = 0; row <= card.rows; ++row) {
        const int y = camera.py(card.cell(0, row).top());
        painter.fillRect(QRect(box.left(), y, box.width(), 1), m_ink.cellLine);
    }
}

void TilePainter::outline(QPainter& painter, const QRect& cell, bool selected)
{
    const int thin = std::max(1, static_cast<int>(m_ratio)),
              thick = std::max(2, static_cast<int>(std::lround(2 * m_ratio)));
    if (selected) {
        ring(painter, cell, thin, m_ink.canvas);
        ring(painter, cell.adjusted(-thick, -thick, thick, thick), thick, m_ink.accent);
    } else {
        ring(painter, cell.adjusted(-thin, -thin, thin, thin), thin, m_ink.accent);
    }
}

void TilePainter::paintTile(QPainter& painter, const QRect& cell, const Tile& tile, std::uint32_t index,
                            const CardRun& run, const TileLook& look)
{
    const bool marks = cell.width() >= kMarksMin;
    const auto square = [&](double size) {
        return QRectF(cell.x() + (cell.width() - size * m_k) / 2, cell.y() + (cell.height() - size * m_k) / 2,
                      size * m_k, size * m_k);
    };
    const bool pictured = look.tiles->images.contains(index);
    if (pictured && !types::isGood(tile.state)) painter.fillRect(cell, m_ink.cell); // its result is lost
    switch (tile.state) {
    case TaskState::Running: {
        painter.fillRect(cell, m_ink.cellRunning);
        const int filled = static_cast<int>(std::lround(cell.height() * progressOf(tile, run)));
        painter.fillRect(QRect(cell.left(), cell.bottom() + 1 - filled, cell.width(), filled), m_ink.cellFilled);
        if (marks) drawStateGlyph(painter, square(kTriangle), TaskState::Running, m_ink.onAccent);
        break;
    }
    case TaskState::PendingAssignment:
    case TaskState::Submitted:
    case TaskState::PendingFetch: {
        const double dot = std::max(1.0, std::round(kDot * m_k));
        if (marks)
            painter.fillRect(QRectF(std::floor(cell.x() + (cell.width() - dot) / 2),
                                    std::floor(cell.y() + (cell.height() - dot) / 2), dot, dot),
                             m_ink.muted);
        break;
    }
    case TaskState::Failed:
        painter.fillRect(cell, m_ink.cellFailed);
        if (marks) drawStateGlyph(painter, square(kGlyph), tile.state);
        break;
    case TaskState::Finished:
    case TaskState::Cached:
        if (!pictured) painter.fillRect(cell, m_ink.block(tile.state));
        if (look.fades && look.fades->opacity.contains(index)) {
            painter.fillRect(cell, m_ink.cell);
            painter.setOpacity(look.fades->opacity.value(index));
            painter.drawImage(cell, look.tiles->images.value(index));
            painter.setOpacity(1);
        }
        break;
    case TaskState::PendingArgs: break;
    default:
        if (marks) drawStateGlyph(painter, square(kGlyph), tile.state);
    }
    const int node = tile.state == TaskState::Running || types::isGood(tile.state) ? nodeOf(m_model, tile) : -1;
    if (marks && node >= 0)
        painter.fillRect(QRectF(cell.left(), std::round(cell.top() + kTickInset * cell.height() / 18.0),
                                std::max(1.0, std::round(kTickWidth * m_k)), std::round(cell.height() * 12 / 18.0)),
                         m_ink.node(node));
    if (tile.attempt > 1 || tile.state == TaskState::Retrying) {
        ring(painter, cell, std::max(1, static_cast<int>(m_ratio)), m_ink.retrying);
        if (marks && tile.state != TaskState::Running) {
            const QRectF mark(cell.right() - kMarkSize * m_k, cell.bottom() - kMarkSize * m_k, kMarkSize * m_k,
                              kMarkSize * m_k);
            painter.fillRect(mark, m_ink.canvas);
            const double inset = (kMarkSize - kGlyph) / 2 * m_k;
            drawStateGlyph(painter, mark.adjusted(inset, inset, -inset, -inset), TaskState::Retrying);
        }
    }
}

void TilePainter::paint(QPainter& painter, const Camera& camera, const Card& card, const CardRun& run,
                        const TileLook& look)
{
    m_k = camera.k();
    m_ratio = camera.ratio;
    const QRect box = camera.map(QRectF(card.tiles()));
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(box.adjusted(-1, -1, 1, 1), m_ink.cellLine);
    paintCells(painter, camera, card, box);
    if (!look.tiles || card.columns <= 0 || !run.shown) return;
    if (look.mosaic && !look.mosaic->isEmpty()) {
        const QRectF whole = card.cell(0, 0).united(card.cell(card.columns - 1, card.rows - 1));
        const QRect place = camera.map(whole);
        painter.drawImage(place.topLeft(), look.mosaic->at(place.size()));
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
    for (std::uint32_t index = 0; index < look.tiles->tiles.size(); ++index) {
        const QRectF world = tileRect(card, *look.tiles, index);
        if (world.isEmpty()) continue;
        paintTile(painter, camera.map(world), look.tiles->tiles[index], index, run, look);
    }
    for (const auto& [index, selected] : {std::pair(look.hovered, false), std::pair(look.selected, true)})
        if (index && *index < look.tiles->tiles.size())
            outline(painter, camera.map(tileRect(card, *look.tiles, *index)), selected);
}

} // namespace orrery::widgets
