// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// EdgeGrab: the separators between the docks of a window are drawn 1 px wide and grabbed kGrabPixels wide. A press beside one is
// handed to the window, and so is the drag that follows. (Splitters widen their handles by themselves.)
// Thread: UI. Lives: with its window. Cost: four looks for a separator a mouse move over that window.

#include <QEvent>
#include <QObject>
#include <QPoint>
#include <optional>

class QMainWindow;
class QMouseEvent;

namespace orrery::widgets {

inline constexpr int kGrabPixels = 7;

class EdgeGrab final : public QObject {
    Q_OBJECT
public:
    explicit EdgeGrab(QMainWindow* window);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    std::optional<QPoint> separatorNear(const QPoint& at) const; // in the window
    bool press(const QMouseEvent& event, const QPoint& at);
    void hand(QEvent::Type type, const QPoint& at, const QMouseEvent& event);
    bool hover(const QPoint& at);
    QMainWindow* m_window;
    QPoint m_offset;         // from the mouse to the separator it drags
    bool m_dragging = false;
    bool m_hovering = false; // a hover of ours is under way
};

} // namespace orrery::widgets
