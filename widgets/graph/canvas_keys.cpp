// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/graph_canvas.h"

#include <QKeyEvent>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kNudge = 8;

QPoint arrowOf(int key)
{
    switch (key) {
    case Qt::Key_Left: return {-1, 0};
    case Qt::Key_Right: return {1, 0};
    case Qt::Key_Up: return {0, -1};
    case Qt::Key_Down: return {0, 1};
    default: return {};
    }
}

} // namespace

// Keys that the window's menus may want, too; here they are the canvas's.
bool GraphCanvas::isOwnKey(const QKeyEvent& event) const
{
    const auto modifiers = event.modifiers() & ~Qt::KeypadModifier;
    if (modifiers == Qt::ControlModifier) {
        constexpr int kKeys[] = {Qt::Key_A,    Qt::Key_C,     Qt::Key_D,  Qt::Key_V,   Qt::Key_X,
                                 Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down};
        return std::find(std::begin(kKeys), std::end(kKeys), event.key()) != std::end(kKeys);
    }
    if (modifiers != Qt::NoModifier) return false;
    constexpr int kKeys[] = {Qt::Key_Tab,   Qt::Key_Delete, Qt::Key_Backspace, Qt::Key_Escape, Qt::Key_Return,
                             Qt::Key_Enter, Qt::Key_Left,   Qt::Key_Right,     Qt::Key_Up,     Qt::Key_Down,
                             Qt::Key_F,     Qt::Key_Home,   Qt::Key_L,         Qt::Key_W,      Qt::Key_1,
                             Qt::Key_Plus,  Qt::Key_Minus,  Qt::Key_Equal,     Qt::Key_Space};
    return std::find(std::begin(kKeys), std::end(kKeys), event.key()) != std::end(kKeys);
}

bool GraphCanvas::controlKey(const QKeyEvent& event)
{
    if (const QPoint arrow = arrowOf(event.key()); !arrow.isNull()) {
        nudge(arrow.x() * kNudge, arrow.y() * kNudge);
        return true;
    }
    switch (event.key()) {
    case Qt::Key_A: selectAll(); return true;
    case Qt::Key_C: copy(); return true;
    case Qt::Key_D: duplicate(); return true;
    case Qt::Key_V: paste(); return true;
    case Qt::Key_X: cut(); return true;
    case Qt::Key_Y: m_graph.undoStack().redo(); return true;
    case Qt::Key_Z:
        if (event.modifiers() & Qt::ShiftModifier) m_graph.undoStack().redo();
        else m_graph.undoStack().undo();
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomIn(); return true;
    case Qt::Key_Minus: zoomOut(); return true;
    default: return false;
    }
}

bool GraphCanvas::commandKey(const QKeyEvent& event)
{
    if (const QPoint arrow = arrowOf(event.key()); !arrow.isNull()) {
        walk(arrow.x(), arrow.y());
        return true;
    }
    switch (event.key()) {
    case Qt::Key_Delete:
    case Qt::Key_Backspace: removeSelected(); return true;
    case Qt::Key_Escape:
        if (m_gesture != Gesture::None) cancelGesture();
        else m_selection.clear();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: Q_EMIT inspectorRequested(); return true;
    case Qt::Key_F: fitSelection(); return true;
    case Qt::Key_Home: fitAll(); return true;
    case Qt::Key_L: autoLayout(); return true;
    case Qt::Key_W: openWireList(); return true;
    case Qt::Key_1: zoomTo(1); return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomIn(); return true;
    case Qt::Key_Minus: zoomOut(); return true;
    case Qt::Key_Space:
        m_space = true;
        updateCursor();
        return true;
    default: return false;
    }
}

void GraphCanvas::keyPressEvent(QKeyEvent* event)
{
    const auto modifiers = event->modifiers() & ~Qt::KeypadModifier;
    const bool control = modifiers & Qt::ControlModifier, other = modifiers & (Qt::AltModifier | Qt::MetaModifier);
    if (event->key() == Qt::Key_Space && event->isAutoRepeat()) return;
    const bool taken =
        !other && (control                                                            ? controlKey(*event)
                   : !(modifiers & Qt::ShiftModifier) || event->key() == Qt::Key_Plus ? commandKey(*event)
                                                                                      : false);
    if (!taken) QWidget::keyPressEvent(event);
}

void GraphCanvas::keyReleaseEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Space || event->isAutoRepeat()) {
        QWidget::keyReleaseEvent(event);
        return;
    }
    m_space = false;
    updateCursor();
}

void GraphCanvas::focusInEvent(QFocusEvent* event)
{
    m_keyboard = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason ||
                 event->reason() == Qt::ShortcutFocusReason;
    update();
    QWidget::focusInEvent(event);
}

void GraphCanvas::focusOutEvent(QFocusEvent* event)
{
    m_space = m_keyboard = false;
    if (m_gesture != Gesture::None) cancelGesture();
    update();
    QWidget::focusOutEvent(event);
}

// To the nearest card in that direction; straight ahead counts for more than near by.
void GraphCanvas::walk(int dx, int dy)
{
    const auto& cards = m_scene.cards();
    if (cards.empty()) return;
    const auto middleOf = [&](std::size_t card) {
        return QPointF(cards[card].rect.left() + (dx == 0 ? cards[card].rect.width() / 2.0 : 0),
                       cards[card].rect.top() + (dy == 0 ? kFirstPort : 0));
    };
    const auto chosen = selectedCards();
    int best = -1;
    if (chosen.empty()) {
        double first = 0;
        const QRectF seen = visibleWorld();
        for (std::size_t card = 0; card < cards.size(); ++card) {
            const double far =
                cards[card].rect.left() + cards[card].rect.top() + (seen.intersects(cards[card].rect) ? 0 : 1e6);
            if (best < 0 || far < first) {
                best = static_cast<int>(card);
                first = far;
            }
        }
    } else {
        const QPointF from = middleOf(static_cast<std::size_t>(chosen.back()));
        double nearest = 0;
        for (std::size_t card = 0; card < cards.size(); ++card) {
            const QPointF by = middleOf(card) - from;
            const double along = by.x() * dx + by.y() * dy, across = std::abs(by.x() * dy) + std::abs(by.y() * dx);
            if (along < 1) continue;
            const double far = along + 3 * across;
            if (best < 0 || far < nearest) {
                best = static_cast<int>(card);
                nearest = far;
            }
        }
    }
    if (best < 0) return;
    m_selection.selectVertices({cards[static_cast<std::size_t>(best)].id});
    reveal(cards[static_cast<std::size_t>(best)].rect);
}

void GraphCanvas::nudge(int dx, int dy)
{
    QHash<QString, QPoint> to;
    for (const int card : selectedCards()) {
        const Card& one = m_scene.cards()[static_cast<std::size_t>(card)];
        to.insert(one.id, one.rect.topLeft() + QPoint(dx, dy));
    }
    if (to.isEmpty()) return;
    m_keepFitted = false;
    m_graph.moveVertices(to, tr("Move %n task(s)", nullptr, static_cast<int>(to.size())), true);
}

} // namespace orrery::widgets
