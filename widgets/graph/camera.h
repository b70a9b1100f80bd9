// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Camera: from the document's plane to pixels of the backing image and back. Its offset is whole pixels, so that panning moves
// an image without sampling it. Thread: plain value.

#include <QPointF>
#include <QRect>
#include <QRectF>

#include <cmath>

namespace orrery::widgets {

inline constexpr double kScaleMin = 0.02, kScaleMax = 4.0;
// Below the first, bodies become blocks of one colour; below the second, cards have no text and are drawn by our own raster.
inline constexpr double kScaleFar = 0.15, kScaleMiddle = 0.45, kScaleCaptions = 0.6;

struct Camera {
    double scale = 1; // pixels of the window a unit of the document
    double ratio = 1; // pixels of the image a pixel of the window
    QPoint offset;    // of the document's origin in the image

    double k() const { return scale * ratio; }
    double x(double world) const { return world * k() + offset.x(); }
    double y(double world) const { return world * k() + offset.y(); }
    int px(double world) const { return static_cast<int>(std::lround(x(world))); }
    int py(double world) const { return static_cast<int>(std::lround(y(world))); }
    QPointF map(const QPointF& world) const { return {x(world.x()), y(world.y())}; }
    // Edges snap to pixels, each by itself: neighbours stay neighbours.
    QRect map(const QRectF& world) const
    {
        const int left = px(world.left()), top = py(world.top());
        return {left, top, px(world.left() + world.width()) - left, py(world.top() + world.height()) - top};
    }
    QPointF worldOfImage(const QPointF& pixel) const
    {
        return {(pixel.x() - offset.x()) / k(), (pixel.y() - offset.y()) / k()};
    }
    QPointF worldOfWidget(const QPointF& point) const { return worldOfImage(point * ratio); }
    QRectF worldOfImage(const QRect& pixels) const
    {
        return {worldOfImage(QPointF(pixels.topLeft())),
                worldOfImage(QPointF(pixels.left() + pixels.width(), pixels.top() + pixels.height()))};
    }
    QPointF widgetOf(const QPointF& world) const { return map(world) / ratio; }
    QRectF widgetOf(const QRectF& world) const { return {widgetOf(world.topLeft()), widgetOf(world.bottomRight())}; }
    // The world point lies under the point of the widget.
    void put(const QPointF& world, const QPointF& point)
    {
        offset = QPoint(static_cast<int>(std::lround(point.x() * ratio - world.x() * k())),
                        static_cast<int>(std::lround(point.y() * ratio - world.y() * k())));
    }
    bool operator==(const Camera&) const = default;
};

} // namespace orrery::widgets
