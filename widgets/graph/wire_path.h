// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// WirePath: how a wire runs from an output to an input. Straight when the ports are level, else a cubic; a wire that leads back
// runs in a gap between the rows of cards, with round corners. Pure: cards' places in, a shape out. Thread: plain value.

#include <QPainterPath>
#include <QPointF>
#include <QPolygonF>
#include <QRectF>

#include <vector>

namespace orrery::widgets {

inline constexpr double kWireCorner = 8, kWireLead = 16;

struct WirePath {
    enum class Kind : std::uint8_t { Straight, Curve, Back };
    Kind kind = Kind::Straight;
    QPointF from, to;
    double gap = 0; // y of the long part of Back

    QRectF bounds() const;
    QPainterPath path() const;
    // Corner points for hit tests and our own raster; a curve in `segments` parts.
    void flatten(int segments, QPolygonF& points) const;
    double distanceTo(const QPointF& point) const;
    bool operator==(const WirePath&) const = default;
};

bool leadsBack(const QPointF& from, const QPointF& to);
WirePath routeForward(const QPointF& from, const QPointF& to);
// cards: those that touch the strip between both ends. `lane`: 0, 1, ... for wires that share a gap.
WirePath routeBack(const QPointF& from, const QPointF& to, const std::vector<QRectF>& cards, int lane);

} // namespace orrery::widgets
