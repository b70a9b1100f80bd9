// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/wire_path.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace orrery::widgets {

namespace {

constexpr double kGapMin = 10; // between two rows, or the wire goes elsewhere
constexpr double kLaneStep = 4;

double reach(const WirePath& wire)
{
    return std::max((wire.to.x() - wire.from.x()) / 2, 24.0);
}

double distanceToSegment(const QPointF& point, const QPointF& a, const QPointF& b)
{
    const QPointF d = b - a;
    const double length = QPointF::dotProduct(d, d);
    const double t = length > 0 ? std::clamp(QPointF::dotProduct(point - a, d) / length, 0.0, 1.0) : 0.0;
    const QPointF off = point - (a + d * t);
    return std::sqrt(QPointF::dotProduct(off, off));
}

struct Corners {
    QPointF points[6];
};

Corners cornersOf(const WirePath& wire)
{
    const double right = wire.from.x() + kWireLead, left = wire.to.x() - kWireLead;
    return {{wire.from, {right, wire.from.y()}, {right, wire.gap}, {left, wire.gap}, {left, wire.to.y()}, wire.to}};
}

} // namespace

bool leadsBack(const QPointF& from, const QPointF& to)
{
    return to.x() < from.x() + 8;
}

WirePath routeForward(const QPointF& from, const QPointF& to)
{
    return {std::abs(from.y() - to.y()) < .5 && to.x() >= from.x() ? WirePath::Kind::Straight : WirePath::Kind::Curve,
            from, to, 0};
}

WirePath routeBack(const QPointF& from, const QPointF& to, const std::vector<QRectF>& cards, int lane)
{
    std::vector<std::pair<double, double>> taken;
    const double left = std::min(from.x(), to.x()) - kWireLead, right = std::max(from.x(), to.x()) + kWireLead;
    for (const auto& card : cards)
        if (card.right() > left && card.left() < right) taken.emplace_back(card.top(), card.bottom());
    std::sort(taken.begin(), taken.end());
    const double step = (lane % 2 ? 1 : -1) * kLaneStep * ((lane + 1) / 2);
    // The nearest gap to the target, judged by where the wire would turn.
    const double wanted = from.y() <= to.y() ? to.y() - 30 : to.y() + 30;
    double best = wanted, bestDistance = std::numeric_limits<double>::max();
    const auto offer = [&](double top, double bottom, double y) {
        if (bottom - top < kGapMin) return;
        const double distance = std::abs(y - wanted) + std::abs(y - from.y()) / 4;
        if (distance >= bestDistance) return;
        bestDistance = distance;
        best = y + std::clamp(step, top - y + 3, bottom - y - 3);
    };
    if (!taken.empty()) {
        double end = taken.front().first;
        offer(end - 64, end, end - 12);
        for (const auto& [top, bottom] : taken) {
            if (top > end)
                offer(end, top,
                      top - end > 48 ? (std::abs(end + 16 - wanted) < std::abs(top - 16 - wanted) ? end + 16 : top - 16)
                                     : (end + top) / 2);
            end = std::max(end, bottom);
        }
        offer(end, end + 64, end + 12);
    }
    return {WirePath::Kind::Back, from, to, best};
}

QRectF WirePath::bounds() const
{
    QRectF box = QRectF(from, to).normalized();
    if (kind == Kind::Curve && to.x() - from.x() < 48) box.adjust(-24, 0, 24, 0);
    if (kind == Kind::Back) {
        box.adjust(-kWireLead, 0, kWireLead, 0);
        box.setTop(std::min(box.top(), gap));
        box.setBottom(std::max(box.bottom(), gap));
    }
    return box.adjusted(-2, -2, 2, 2);
}

QPainterPath WirePath::path() const
{
    QPainterPath path(from);
    if (kind == Kind::Straight) {
        path.lineTo(to);
    } else if (kind == Kind::Curve) {
        const double d = reach(*this);
        path.cubicTo(from.x() + d, from.y(), to.x() - d, to.y(), to.x(), to.y());
    } else {
        const Corners corners = cornersOf(*this);
        for (int i = 1; i < 5; ++i) {
            const QPointF corner = corners.points[i], in = corner - corners.points[i - 1],
                          out = corners.points[i + 1] - corner;
            const double inLength = std::hypot(in.x(), in.y()), outLength = std::hypot(out.x(), out.y());
            const double r = std::min({kWireCorner, inLength / 2, outLength / 2});
            if (r < .5) {
                path.lineTo(corner);
                continue;
            }
            path.lineTo(corner - in * (r / inLength));
            path.quadTo(corner, corner + out * (r / outLength));
        }
        path.lineTo(to);
    }
    return path;
}

void WirePath::flatten(int segments, QPolygonF& points) const
{
    points.clear();
    if (kind == Kind::Straight) {
        points << from << to;
    } else if (kind == Kind::Back) {
        for (const auto& point : cornersOf(*this).points) points << point;
    } else {
        const double d = reach(*this);
        const QPointF a(from.x() + d, from.y()), b(to.x() - d, to.y());
        for (int i = 0; i <= segments; ++i) {
            const double t = i / static_cast<double>(segments), u = 1 - t;
            points << from * (u * u * u) + a * (3 * u * u * t) + b * (3 * u * t * t) + to * (t * t * t);
        }
    }
}

double WirePath::distanceTo(const QPointF& point) const
{
    QPolygonF points;
    flatten(24, points);
    double best = std::numeric_limits<double>::max();
    for (int i = 1; i < points.size(); ++i) best = std::min(best, distanceToSegment(point, points[i - 1], points[i]));
    return best;
}

} // namespace orrery::widgets
