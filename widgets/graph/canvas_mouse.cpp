// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/refresh.h"
#include "widgets/graph/graph_canvas.h"

#include <QApplication>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QVariantAnimation>
#include <QWheelEvent>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kSnap = 4; // of the document, for cards that are dragged
constexpr double kWheelStep = 120, kWheelZoom = 1.2, kWheelPan = 60;

int snapped(int value)
{
    return static_cast<int>(std::lround(value / static_cast<double>(kSnap))) * kSnap;
}

} // namespace

void GraphCanvas::mousePressEvent(QMouseEvent* event)
{
    m_keyboard = false;
    if (m_gesture != Gesture::None) { // a second button ends what the first began
        cancelGesture();
        return;
    }
    m_pressAt = m_lastAt = event->position().toPoint();
    if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && m_space)) {
        m_gesture = Gesture::Pan;
        updateCursor();
        return;
    }
    if (event->button() == Qt::LeftButton) pressLeft(event);
}

void GraphCanvas::pressLeft(QMouseEvent* event)
{
    const QPointF world = m_camera.worldOfWidget(event->position());
    const bool more = event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier);
    m_pressHit = hitAt(world);
    m_pressTask.reset();
    m_pressToggles = false;
    switch (m_pressHit.what) {
    case Hit::What::Input:
    case Hit::What::Output: startWire(m_pressHit); return;
    case Hit::What::Card: {
        const QString& id = m_scene.cards()[static_cast<std::size_t>(m_pressHit.card)].id;
        m_pressTask = more ? std::nullopt : taskAt(m_pressHit.card, world);
        if (more) {
            // A selected one is let go when the button comes up without a drag.
            if (isCardSelected(m_pressHit.card)) m_pressToggles = true;
            else m_selection.selectVertices(m_selection.vertices() + QStringList(id));
        } else if (!isCardSelected(m_pressHit.card)) {
            m_selection.selectVertices({id});
        }
        m_gesture = Gesture::Press;
        return;
    }
    case Hit::What::Wire: {
        const types::Edge edge = m_scene.wires()[static_cast<std::size_t>(m_pressHit.wire)].edge;
        if (!more) {
            m_selection.clear();
            for (const auto& old : m_selectedEdges) invalidateWire(m_scene.wireOf(old));
            m_selectedEdges.clear();
        }
        if (m_selectedEdges.contains(edge)) m_selectedEdges.removeOne(edge);
        else m_selectedEdges.push_back(edge);
        invalidateWire(m_pressHit.wire);
        return;
    }
    case Hit::What::Nothing:
        m_bandBase = more ? m_selection.vertices() : QStringList();
        if (!more) {
            m_selection.clear();
            for (const auto& old : m_selectedEdges) invalidateWire(m_scene.wireOf(old));
            m_selectedEdges.clear();
        }
        m_gesture = Gesture::Band;
        m_band = QRectF(world, QSizeF());
    }
}

void GraphCanvas::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    const QPoint by = at - m_lastAt;
    m_lastAt = at;
    switch (m_gesture) {
    case Gesture::None: hoverAt(event->position()); return;
    case Gesture::Pan:
        m_keepFitted = false;
        scrollBy(static_cast<int>(std::lround(by.x() * m_camera.ratio)),
                 static_cast<int>(std::lround(by.y() * m_camera.ratio)));
        return;
    case Gesture::Press:
        if ((at - m_pressAt).manhattanLength() >= QApplication::startDragDistance()) {
            m_gesture = Gesture::Move;
            m_moved = {};
            dragCards(at);
        }
        return;
    case Gesture::Move: dragCards(at); return;
    case Gesture::Band: dragBand(at); return;
    case Gesture::Wire: dragWire(event->position()); return;
    }
}

void GraphCanvas::dragCards(const QPoint& at)
{
    const QPointF far = (QPointF(at) - QPointF(m_pressAt)) / m_camera.scale;
    const QPoint wanted(snapped(static_cast<int>(std::lround(far.x()))),
                        snapped(static_cast<int>(std::lround(far.y()))));
    const QPoint step = wanted - m_moved;
    if (step.isNull()) return;
    const auto cards = selectedCards();
    const auto stale = [&] {
        for (const int card : cards) {
            invalidate(m_scene.cards()[static_cast<std::size_t>(card)].rect,
                       static_cast<int>(8 * std::max(1.0, m_camera.scale)));
            for (const int wire : m_scene.wiresOf(card)) invalidateWire(wire);
        }
    };
    stale();
    m_scene.moveCards(cards, step);
    m_moved = wanted;
    stale();
    m_minimapDue->ask();
}

// The model hears of the whole drag at once: one step of undo.
void GraphCanvas::dropCards()
{
    if (m_moved.isNull()) return;
    QHash<QString, QPoint> to;
    for (const int card : selectedCards())
        to.insert(m_scene.cards()[static_cast<std::size_t>(card)].id,
                  m_scene.cards()[static_cast<std::size_t>(card)].rect.topLeft());
    m_moved = {};
    m_gesture = Gesture::None;
    m_keepFitted = false;
    m_graph.moveVertices(to, tr("Move %n task(s)", nullptr, static_cast<int>(to.size())), false);
}

void GraphCanvas::dragBand(const QPoint& at)
{
    const QRectF before = m_band.normalized();
    m_band.setBottomRight(m_camera.worldOfWidget(at));
    const QRectF band = m_band.normalized();
    for (const QRectF& part : {before, band}) update(m_camera.widgetOf(part).toAlignedRect().adjusted(-2, -2, 2, 2));
    std::vector<int> cards;
    m_scene.cardsIn(band, cards);
    QStringList ids = m_bandBase;
    for (const int card : cards) {
        const Card& one = m_scene.cards()[static_cast<std::size_t>(card)];
        if (band.intersects(one.rect) && !ids.contains(one.id)) ids << one.id;
    }
    m_selection.selectVertices(ids);
}

void GraphCanvas::mouseReleaseEvent(QMouseEvent* event)
{
    const Gesture gesture = m_gesture;
    if (event->button() == Qt::LeftButton || event->button() == Qt::MiddleButton) {
        if (gesture == Gesture::Move) {
            dropCards();
        } else if (gesture == Gesture::Wire) {
            dropWire(event->position());
        } else if (gesture == Gesture::Press) {
            const QString id = m_scene.cards()[static_cast<std::size_t>(m_pressHit.card)].id;
            m_gesture = Gesture::None;
            if (m_pressToggles) {
                QStringList left = m_selection.vertices();
                left.removeAll(id);
                m_selection.selectVertices(left);
            } else if (m_pressTask) {
                m_selection.selectTask(*m_pressTask, id);
                m_selection.reveal();
            } else if (!(event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier))) {
                m_selection.selectVertices({id});
            }
        }
    }
    endGesture();
    hoverAt(event->position());
}

void GraphCanvas::endGesture()
{
    if (m_gesture == Gesture::Band)
        update(m_camera.widgetOf(m_band.normalized()).toAlignedRect().adjusted(-2, -2, 2, 2));
    m_gesture = Gesture::None;
    updateCursor();
}

// Escape, a second button, or an edit from elsewhere: nothing has happened.
void GraphCanvas::cancelGesture()
{
    if (m_gesture == Gesture::Move && !m_moved.isNull()) {
        const QPoint back = -m_moved;
        m_moved = {};
        m_gesture = Gesture::None;
        m_scene.moveCards(selectedCards(), back);
        m_minimapDue->ask();
        invalidateAll();
    }
    if (m_gesture == Gesture::Wire) {
        m_wire = {};
        invalidateAll();
    }
    endGesture();
}

void GraphCanvas::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) return;
    const QPointF world = m_camera.worldOfWidget(event->position());
    const Hit hit = hitAt(world);
    if (hit.what == Hit::What::Nothing) {
        endGesture();
        openPaletteAt(event->position().toPoint(), world.toPoint());
    } else if (hit.what == Hit::What::Card) {
        const QString id = m_scene.cards()[static_cast<std::size_t>(hit.card)].id;
        if (const auto task = taskAt(hit.card, world)) m_selection.selectTask(*task, id);
        else m_selection.selectVertices({id});
        m_selection.reveal();
    } else {
        mousePressEvent(event);
    }
}

// ---- what the mouse is over ----

void GraphCanvas::hoverAt(const QPointF& point)
{
    if (m_gesture != Gesture::None) return;
    const QPointF world = m_camera.worldOfWidget(point);
    const Hit hit = rect().contains(point.toPoint()) ? hitAt(world) : Hit();
    if (hit != m_hover) {
        if (m_hover.what == Hit::What::Wire) invalidateWire(m_hover.wire);
        if (hit.what == Hit::What::Wire) invalidateWire(hit.wire);
        m_hover = hit;
        updateCursor();
    }
    const auto task = hit.what == Hit::What::Card ? taskAt(hit.card, world) : std::nullopt;
    if (task || m_hoverIsOurs) m_selection.hover(task);
    m_hoverIsOurs = task.has_value();
}

void GraphCanvas::leaveEvent(QEvent*)
{
    hoverAt(QPointF(-1, -1));
}

void GraphCanvas::updateCursor()
{
    if (m_gesture == Gesture::Pan) setCursor(Qt::ClosedHandCursor);
    else if (m_space) setCursor(Qt::OpenHandCursor);
    else if (m_gesture == Gesture::Wire || m_hover.what == Hit::What::Input || m_hover.what == Hit::What::Output)
        setCursor(Qt::CrossCursor);
    else setCursor(Qt::ArrowCursor);
}

QString GraphCanvas::tipAt(const QPointF& point) const
{
    const QPointF world = m_camera.worldOfWidget(point);
    const Hit hit = hitAt(world);
    if (hit.what == Hit::What::Input || hit.what == Hit::What::Output) {
        const CardPort& port = m_scene.port(hit);
        QString tip = tr("%1: %2").arg(port.name, port.type);
        if (!port.doc.isEmpty()) tip += u'\n' + port.doc;
        if (!port.problem.isEmpty()) tip += u'\n' + port.problem;
        return tip;
    }
    if (hit.what == Hit::What::Wire) {
        const Wire& wire = m_scene.wires()[static_cast<std::size_t>(hit.wire)];
        const auto mode = types::edgeModeName(wire.edge.mode);
        QString tip =
            tr("%1 to %2\n%3, %4")
                .arg(QString::fromStdString(wire.edge.from.text()), QString::fromStdString(wire.edge.to.text()),
                     wire.type, QString::fromLatin1(mode.data(), static_cast<qsizetype>(mode.size())));
        if (!wire.problem.isEmpty()) tip += u'\n' + wire.problem;
        return tip;
    }
    if (hit.what != Hit::What::Card) return {};
    const Card& card = m_scene.cards()[static_cast<std::size_t>(hit.card)];
    const CardRun& run = m_runs[static_cast<std::size_t>(hit.card)];
    if (const auto task = taskAt(hit.card, world)) {
        const VertexTiles* tiles = m_run.tiles(task->vertex);
        const Tile& tile = tiles->tiles[task->mapIndex];
        const auto word = types::paletteName(tile.state);
        QString tip = tr("%1 [%2]: %3")
                          .arg(card.id)
                          .arg(task->mapIndex)
                          .arg(QString::fromLatin1(word.data(), static_cast<qsizetype>(word.size())));
        const auto worker = m_run.workers().find(tile.track);
        if (worker != m_run.workers().end())
            tip += tr("\nnode %1, worker %2")
                       .arg(RunModel::nodeLetter(worker->second.node))
                       .arg(m_run.workerNumber(tile.track));
        if (tile.attempt > 1) tip += tr("\nattempt %1").arg(tile.attempt);
        return tip;
    }
    QString tip = card.id + QStringLiteral(": ") + card.function;
    if (run.shown) tip += u'\n' + sentenceOf(run);
    if (!card.problem.isEmpty()) tip += u'\n' + card.problem;
    return tip;
}

// ---- wheel: plain pans, with Ctrl it zooms ----

void GraphCanvas::wheelEvent(QWheelEvent* event)
{
    event->accept();
    if (event->modifiers() & Qt::ControlModifier) {
        if (event->angleDelta().y() != 0)
            zoomAround(event->position(), std::pow(kWheelZoom, event->angleDelta().y() / kWheelStep));
        return;
    }
    QPointF by = event->pixelDelta();
    if (by.isNull()) by = QPointF(event->angleDelta()) / kWheelStep * kWheelPan;
    if (event->modifiers() & Qt::ShiftModifier && by.x() == 0) by = {by.y(), 0};
    if (by.isNull()) return;
    if (m_flight) m_flight->stop();
    m_keepFitted = false;
    scrollBy(static_cast<int>(std::lround(by.x() * m_camera.ratio)),
             static_cast<int>(std::lround(by.y() * m_camera.ratio)));
}

bool GraphCanvas::event(QEvent* event)
{
    switch (event->type()) {
    case QEvent::ToolTip: {
        auto* help = static_cast<QHelpEvent*>(event);
        const QString tip = m_gesture == Gesture::None ? tipAt(help->pos()) : QString();
        if (tip.isEmpty()) QToolTip::hideText();
        else QToolTip::showText(help->globalPos(), tip, this);
        return true;
    }
    case QEvent::ShortcutOverride:
        // Single letters and the keys of the clipboard are the canvas's own while it has the focus.
        if (isOwnKey(*static_cast<QKeyEvent*>(event))) event->accept();
        return true;
    case QEvent::KeyPress:
        if (static_cast<QKeyEvent*>(event)->key() == Qt::Key_Tab && !static_cast<QKeyEvent*>(event)->modifiers()) {
            openPalette(); // not the next widget
            return true;
        }
        break;
    default: break;
    }
    return QWidget::event(event);
}

} // namespace orrery::widgets
