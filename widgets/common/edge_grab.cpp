// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/edge_grab.h"

#include <QApplication>
#include <QHoverEvent>
#include <QMainWindow>
#include <QMouseEvent>

namespace orrery::widgets {

EdgeGrab::EdgeGrab(QMainWindow* window) : QObject(window), m_window(window) { qApp->installEventFilter(this); }

std::optional<QPoint> EdgeGrab::separatorNear(const QPoint& at) const
{
    constexpr int slack = 2; // isSeparator() itself says yes this far from a separator of 1 px
    constexpr int away = kGrabPixels / 2 - slack;
    for (const QPoint step : {QPoint(away, 0), QPoint(-away, 0), QPoint(0, away), QPoint(0, -away)})
        if (m_window->rect().contains(at + step) && m_window->isSeparator(at + step)) return at + step;
    return std::nullopt;
}

void EdgeGrab::hand(QEvent::Type type, const QPoint& at, const QMouseEvent& event)
{
    QMouseEvent moved(type, QPointF(at), QPointF(m_window->mapToGlobal(at)), event.button(), event.buttons(), event.modifiers());
    QCoreApplication::sendEvent(m_window, &moved);
}

// The window hears of every hover over it and chooses its cursor by them; widgets without a cursor of their own show it.
bool EdgeGrab::hover(const QPoint& at)
{
    const auto separator = separatorNear(at);
    if (m_hovering || !separator) return false;
    m_hovering = true;
    QHoverEvent moved(QEvent::HoverMove, QPointF(*separator), QPointF(m_window->mapToGlobal(*separator)), QPointF(at));
    QCoreApplication::sendEvent(m_window, &moved);
    m_hovering = false;
    return true;
}

bool EdgeGrab::press(const QMouseEvent& event, const QPoint& at)
{
    if (event.button() != Qt::LeftButton) return false;
    const auto separator = separatorNear(at);
    if (!separator) return false;
    m_offset = *separator - at;
    m_dragging = true;
    hand(QEvent::MouseButtonPress, *separator, event);
    return true;
}

bool EdgeGrab::eventFilter(QObject* object, QEvent* event)
{
    const auto type = event->type();
    if (type == QEvent::HoverMove && object == m_window) return hover(static_cast<QHoverEvent*>(event)->position().toPoint());
    if (type != QEvent::MouseMove && type != QEvent::MouseButtonPress && type != QEvent::MouseButtonRelease) return false;
    const auto* widget = qobject_cast<const QWidget*>(object);
    if (!widget || widget == m_window || widget->window() != m_window) return false;
    const auto& mouse = *static_cast<const QMouseEvent*>(event);
    const QPoint at = m_window->mapFromGlobal(mouse.globalPosition().toPoint());
    if (m_dragging) {
        if (type == QEvent::MouseButtonRelease) m_dragging = false;
        hand(type, at + m_offset, mouse);
        return true;
    }
    return type == QEvent::MouseButtonPress && press(mouse, at);
}

} // namespace orrery::widgets
