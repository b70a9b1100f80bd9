// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/icons.h"

#include <QPainter>
#include <array>

namespace orrery::widgets {

namespace {

// In a 14 box: what is stroked (1.6), what is filled, and what is cut out of the filled part.
struct Glyph {
    QPainterPath stroke;
    QPainterPath fill;
};

constexpr qreal kBox = 14;
constexpr qreal kStroke = 1.6;

QPainterPath circle(qreal radius)
{
    QPainterPath path;
    path.addEllipse(QPointF(7, 7), radius, radius);
    return path;
}

QPainterPath lines(std::initializer_list<std::initializer_list<QPointF>> strokes)
{
    QPainterPath path;
    for (const auto& points : strokes) {
        auto at = points.begin();
        path.moveTo(*at);
        while (++at != points.end()) path.lineTo(*at);
    }
    return path;
}

QPainterPath octagon(qreal half)
{
    const qreal corner = half * .414;
    QPainterPath path;
    path.addPolygon(QPolygonF({{7 - corner, 7 - half}, {7 + corner, 7 - half}, {7 + half, 7 - corner}, {7 + half, 7 + corner}, {7 + corner, 7 + half},
                               {7 - corner, 7 + half}, {7 - half, 7 + corner}, {7 - half, 7 - corner}}));
    path.closeSubpath();
    return path;
}

// A stroke turned into an area, to be cut out of a filled shape.
QPainterPath outline(const QPainterPath& path, qreal width)
{
    QPainterPathStroker stroker;
    stroker.setWidth(width);
    stroker.setCapStyle(Qt::RoundCap);
    return stroker.createStroke(path);
}

QPainterPath mirrored(const QPainterPath& path) { return QTransform(-1, 0, 0, 1, kBox, 0).map(path); }

Glyph quarter()
{
    QPainterPath pie(QPointF(7, 7));
    pie.arcTo(QRectF(3.6, 3.6, 6.8, 6.8), 90, -90);
    pie.closeSubpath();
    return {circle(4.6), pie};
}

Glyph arrowDown() { return {lines({{{7, 1.6}, {7, 3}}, {{7, 5.2}, {7, 6.8}}, {{7, 9}, {7, 12}}, {{3.4, 8.6}, {7, 12.2}, {10.6, 8.6}}}), {}}; }

Glyph triangle()
{
    QPainterPath path(QPointF(3.4, 2.2));
    path.lineTo(11.8, 7);
    path.lineTo(3.4, 11.8);
    path.closeSubpath();
    return {{}, path};
}

// Three quarters of a circle with an arrow head at its upper left end.
QPainterPath loopLeft()
{
    QPainterPath path;
    const QRectF box(2.4, 2.6, 9.2, 9.2);
    path.arcMoveTo(box, 150);
    path.arcTo(box, 150, -290);
    const QPainterPath head = lines({{{2.6, 1.8}, {2.9, 5.0}, {6.1, 4.9}}});
    path.addPath(head);
    return path;
}

const Glyph& glyph(types::TaskState state)
{
    static const QPainterPath cross = lines({{{4.8, 4.8}, {9.2, 9.2}}, {{9.2, 4.8}, {4.8, 9.2}}});
    static const QPainterPath bars = lines({{{5.5, 4.9}, {5.5, 9.1}}, {{8.5, 4.9}, {8.5, 9.1}}});
    static const Glyph waiting{circle(4.6), {}}, ready = quarter(), fetching = arrowDown(), running = triangle(),
                       succeeded{lines({{{2.4, 7.4}, {5.6, 10.6}, {11.6, 3.8}}}), {}}, cached{loopLeft(), {}}, retrying{mirrored(loopLeft()), {}},
                       held{{}, octagon(6).subtracted(outline(bars, 1.5))}, failed{{}, circle(5.8).subtracted(outline(cross, 1.6))},
                       cancelled{[] {
                                     QPainterPath path = circle(4.8);
                                     path.addPath(lines({{{3.7, 10.3}, {10.3, 3.7}}}));
                                     return path;
                                 }(), {}};
    using S = types::TaskState;
    switch (state) {
    case S::PendingArgs: return waiting;
    case S::PendingAssignment:
    case S::Submitted: return ready;
    case S::PendingFetch: return fetching;
    case S::Held: return held;
    case S::Running: return running;
    case S::Retrying: return retrying;
    case S::Finished: return succeeded;
    case S::Cached: return cached;
    case S::Failed: return failed;
    case S::Cancelled:
    case S::Skipped: return cancelled;
    }
    return waiting;
}

} // namespace

void drawStateGlyph(QPainter& painter, const QRectF& box, types::TaskState state, const QColor& wanted)
{
    const Glyph& shape = glyph(state);
    const QColor ink = wanted.isValid() ? wanted : Theme::of().state(state);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(box.topLeft());
    painter.scale(box.width() / kBox, box.height() / kBox);
    if (!shape.fill.isEmpty()) painter.fillPath(shape.fill, ink);
    if (!shape.stroke.isEmpty()) painter.strokePath(shape.stroke, QPen(ink, kStroke, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.restore();
}

void drawChevron(QPainter& painter, const QRectF& box, bool open, const QColor& ink)
{
    constexpr qreal arm = 3.6;
    const QPointF c = box.center();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(ink, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    const QPolygonF down({{c.x() - arm, c.y() - arm / 2}, {c.x(), c.y() + arm / 2}, {c.x() + arm, c.y() - arm / 2}});
    const QPolygonF right({{c.x() - arm / 2, c.y() - arm}, {c.x() + arm / 2, c.y()}, {c.x() - arm / 2, c.y() + arm}});
    painter.drawPolyline(open ? down : right);
    painter.restore();
}

} // namespace orrery::widgets
