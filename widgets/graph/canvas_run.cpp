// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/refresh.h"
#include "widgets/graph/graph_canvas.h"

#include <QTimerEvent>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kMotionMs = 33, kFadeMs = 120, kFadesMax = 48;
constexpr qint64 kFlowMs = 1'000;
constexpr qsizetype kFlowsMax = 64;

} // namespace

// Which vertex of the shown run each card is. A run of another document says nothing of these cards.
void GraphCanvas::matchRun()
{
    const auto& cards = m_scene.cards();
    m_runs.assign(cards.size(), {});
    m_runVertex.assign(cards.size(), -1);
    m_cardOfRun.clear();
    m_fades.clear();
    m_fadeStart.clear();
    m_previews.clear();
    const auto& graph = m_run.graph();
    if (graph) {
        for (std::size_t v = 0; v < graph->vertices.size(); ++v) {
            const int card = m_scene.cardOf(QString::fromStdString(graph->vertices[v].id));
            if (card < 0 ||
                cards[static_cast<std::size_t>(card)].function != QString::fromStdString(graph->vertices[v].function))
                continue;
            m_cardOfRun.insert(static_cast<int>(v), card);
        }
        // An edit or two leaves it the same document; half of it does not.
        if (static_cast<std::size_t>(m_cardOfRun.size()) * 2 <= graph->vertices.size()) m_cardOfRun.clear();
    }
    for (auto at = m_cardOfRun.constBegin(); at != m_cardOfRun.constEnd(); ++at)
        m_runVertex[static_cast<std::size_t>(at.value())] = at.key();
    for (auto at = m_cardOfRun.constBegin(); at != m_cardOfRun.constEnd(); ++at)
        if (const VertexTiles* tiles = m_run.tiles(static_cast<std::uint16_t>(at.key())))
            m_mosaics[at.key()].take(*tiles);
    m_selectedTile = tileOf(m_selection.task());
    m_hoveredTile = tileOf(m_selection.hovered());
    invalidateAll();
}

void GraphCanvas::refreshCounts()
{
    const auto& counts = m_run.vertices();
    bool changed = false;
    for (std::size_t card = 0; card < m_runs.size(); ++card) {
        CardRun now;
        if (const int vertex = m_runVertex[card]; vertex >= 0) {
            types::VertexCounts none;
            none.vertex = static_cast<std::uint16_t>(vertex);
            now = cardRun(static_cast<std::size_t>(vertex) < counts.size() ? counts[static_cast<std::size_t>(vertex)]
                                                                           : none);
        }
        CardRun& known = m_runs[card];
        if (now == known) continue;
        if (known.shown && now.started() > known.started()) noteFlow(static_cast<int>(card));
        known = now;
        changed = true;
        invalidate(m_scene.cards()[card].rect, 0);
    }
    if (!changed) return;
    m_minimapDue->ask();
    startMotion();
}

QRectF GraphCanvas::tileWorld(int card, std::uint32_t index) const
{
    const int vertex = m_runVertex[static_cast<std::size_t>(card)];
    const VertexTiles* tiles = vertex < 0 ? nullptr : m_run.tiles(static_cast<std::uint16_t>(vertex));
    const Card& shape = m_scene.cards()[static_cast<std::size_t>(card)];
    return tiles && shape.body == CardBody::Tiles ? TilePainter::tileRect(shape, *tiles, index) : QRectF();
}

std::optional<std::pair<int, std::uint32_t>> GraphCanvas::tileOf(const std::optional<TaskRef>& task) const
{
    if (!task) return std::nullopt;
    const int card = m_cardOfRun.value(task->vertex, -1);
    if (card < 0 || tileWorld(card, task->mapIndex).isEmpty()) return std::nullopt;
    return std::pair(card, task->mapIndex);
}

std::optional<TaskRef> GraphCanvas::taskAt(int card, const QPointF& world) const
{
    const int vertex = m_runVertex[static_cast<std::size_t>(card)];
    const Card& shape = m_scene.cards()[static_cast<std::size_t>(card)];
    const VertexTiles* tiles =
        vertex < 0 || shape.body != CardBody::Tiles ? nullptr : m_run.tiles(static_cast<std::uint16_t>(vertex));
    if (!tiles) return std::nullopt;
    const auto index = TilePainter::tileAt(shape, *tiles, world);
    if (!index) return std::nullopt;
    return TaskRef{tiles->tiles[*index].row, static_cast<std::uint16_t>(vertex), *index};
}

void GraphCanvas::refreshTiles(int runVertex)
{
    const int card = m_cardOfRun.value(runVertex, -1);
    const VertexTiles* tiles = m_run.tiles(static_cast<std::uint16_t>(runVertex));
    if (card < 0 || !tiles) return;
    const Card& shape = m_scene.cards()[static_cast<std::size_t>(card)];
    const auto fresh = m_mosaics[runVertex].take(*tiles);
    m_previews.remove(card);
    if (shape.body == CardBody::Tiles) {
        const TileShape now{columnsOf(*tiles), rowsOf(*tiles)};
        if (m_shapes.value(shape.id) != now) {
            // The card takes the shape of its picture; the wires below it are routed anew.
            m_shapes.insert(shape.id, now);
            m_scene.rebuild(m_graph, m_shapes);
            if (m_gesture == Gesture::Move) m_scene.moveCards(selectedCards(), m_moved);
            m_selectedTile = tileOf(m_selection.task());
            m_minimapDue->ask();
            if (m_keepFitted && isVisible()) fitNow();
            invalidateAll();
        }
        if (const auto selected = tileOf(m_selection.task()); selected != m_selectedTile) { // the tiles of another run have come
            m_selectedTile = selected;
            invalidateAll();
        }
        if (isMotionOn() && isVisible() && fresh.size() <= kFadesMax) {
            for (const std::uint32_t index : fresh) m_fadeStart[card].insert(index, m_clock.elapsed());
            startMotion();
        }
    }
    invalidate(m_scene.cards()[static_cast<std::size_t>(card)].rect, 0);
}

// Running tiles fill as time goes by.
void GraphCanvas::tickTiles()
{
    for (auto at = m_cardOfRun.constBegin(); at != m_cardOfRun.constEnd(); ++at) {
        const Card& card = m_scene.cards()[static_cast<std::size_t>(at.value())];
        if (card.body != CardBody::Tiles ||
            m_runs[static_cast<std::size_t>(at.value())].count(types::TaskState::Running) == 0)
            continue;
        const VertexTiles* tiles = m_run.tiles(static_cast<std::uint16_t>(at.key()));
        for (std::uint32_t index = 0; tiles && index < tiles->tiles.size(); ++index)
            if (tiles->tiles[index].state == types::TaskState::Running)
                invalidate(TilePainter::tileRect(card, *tiles, index), 1);
    }
}

// ---- motion: data on wires, new tiles, single tasks that run ----

bool GraphCanvas::isMotionOn() const
{
    return !Theme::of().reduceMotion();
}

// A task that starts has taken its inputs: data moved along the wires into its card.
void GraphCanvas::noteFlow(int card)
{
    if (!isVisible() || m_flow.size() >= kFlowsMax) return;
    for (const int wire : m_scene.wiresOf(card))
        if (m_scene.wires()[static_cast<std::size_t>(wire)].toCard == card) m_flow.insert(wire, m_clock.elapsed());
}

void GraphCanvas::startMotion()
{
    if (!m_motion.isActive() && isVisible()) m_motion.start(kMotionMs, this);
}

void GraphCanvas::moveMotion()
{
    const qint64 now = m_clock.elapsed();
    const bool still = m_gesture != Gesture::None && m_gesture != Gesture::Pan;
    bool busy = false;
    for (auto flow = m_flow.begin(); flow != m_flow.end();) {
        invalidateWire(flow.key());
        if (now - flow.value() > kFlowMs) flow = m_flow.erase(flow);
        else ++flow;
    }
    busy = busy || !m_flow.isEmpty();
    for (auto card = m_fadeStart.begin(); card != m_fadeStart.end();) {
        m_fades[card.key()].opacity.clear();
        for (auto fade = card.value().begin(); fade != card.value().end();) {
            invalidate(tileWorld(card.key(), fade.key()), 1);
            const double t = static_cast<double>(now - fade.value()) / kFadeMs;
            if (t < 1) {
                m_fades[card.key()].opacity.insert(fade.key(), std::max(t, 0.0));
                ++fade;
            } else {
                fade = card.value().erase(fade);
            }
        }
        if (card.value().isEmpty()) {
            m_fades.remove(card.key());
            card = m_fadeStart.erase(card);
        } else {
            ++card;
        }
    }
    busy = busy || !m_fadeStart.isEmpty();
    if (isMotionOn() && !still) {
        for (std::size_t card = 0; card < m_runs.size(); ++card) {
            if (m_runs[card].tasks != 1 || m_runs[card].state != types::TaskState::Running) continue;
            busy = true;
            const QRect& rect = m_scene.cards()[card].rect;
            invalidate(QRectF(rect.left(), rect.top() + kHeader, rect.width(), kProgress), 0);
        }
    }
    if (!busy || !isVisible()) m_motion.stop();
}

void GraphCanvas::timerEvent(QTimerEvent* event)
{
    if (event->timerId() == m_motion.timerId()) moveMotion();
    else QWidget::timerEvent(event);
}

void GraphCanvas::hoverChanged()
{
    const auto tile = tileOf(m_selection.hovered());
    if (tile == m_hoveredTile) return;
    for (const auto& one : {m_hoveredTile, tile})
        if (one) invalidate(tileWorld(one->first, one->second));
    m_hoveredTile = tile;
}

} // namespace orrery::widgets
