// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/icons.h"
#include "widgets/graph/far_raster.h"
#include "widgets/graph/graph_canvas.h"
#include "widgets/graph/minimap.h"

#include <QPainter>
#include <QPaintEvent>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr double kGridStep = 24, kGridStart = 12, kGridMin = 10; // the last: pixels between dots below which they go
constexpr double kDashOn = 5, kDashOff = 11, kDashSpeed = 24, kSweepMs = 1'600;
constexpr int kCurveParts = 8;

} // namespace

void GraphCanvas::syncRatio()
{
    const double ratio = devicePixelRatioF();
    if (ratio != m_camera.ratio) {
        Camera camera = m_camera;
        camera.ratio = ratio;
        camera.put(m_camera.worldOfWidget({0, 0}), {0, 0});
        m_camera = camera;
        m_previews.clear();
        m_back.invalidateAll();
    }
    m_back.resize((QSizeF(size()) * ratio).toSize());
}

void GraphCanvas::paintEvent(QPaintEvent* event)
{
    syncRatio();
    m_painted = {};
    for (const QRect& stale : m_back.takeStale()) draw(stale);
    QPainter painter(this);
    QImage& image = m_back.image();
    image.setDevicePixelRatio(m_camera.ratio);
    painter.drawImage(QPoint(0, 0), image); // cut to the region of the event by the painter
    image.setDevicePixelRatio(1);
    paintOver(painter, event->region());
}

// One part of the backing image, in its pixels.
void GraphCanvas::draw(const QRect& clip)
{
    if (m_camera.scale < kScaleMiddle) drawFar(clip);
    else drawNear(clip);
}

void GraphCanvas::drawGround(const QRect& clip)
{
    FarRaster raster(m_back.image(), clip);
    raster.fill(clip, m_ink.canvas.rgb());
    if (kGridStep * m_camera.scale < kGridMin) return;
    const int unit = std::max(1, static_cast<int>(m_camera.ratio));
    const QRgb color = m_ink.grid.rgb(), faint = Theme::of().mix(m_ink.canvas, m_ink.grid, .5).rgb();
    const QRectF world = m_camera.worldOfImage(clip);
    const auto first = [](double from) { return std::floor((from - kGridStart) / kGridStep) * kGridStep + kGridStart; };
    for (double y = first(world.top()); y <= world.bottom(); y += kGridStep)
        for (double x = first(world.left()); x <= world.right(); x += kGridStep)
            raster.dot(m_camera.px(x), m_camera.py(y), unit, color, faint);
}

void GraphCanvas::drawWires(QPainter& painter)
{
    const bool own = m_wire.old && m_gesture == Gesture::Wire;
    for (const int number : m_foundWires) {
        const Wire& wire = m_scene.wires()[static_cast<std::size_t>(number)];
        if (own && wire.edge == *m_wire.old) continue; // it hangs on the cursor
        const bool lit =
            m_selectedEdges.contains(wire.edge) || (m_hover.what == Hit::What::Wire && m_hover.wire == number);
        const bool chosen = m_selectedEdges.contains(wire.edge);
        const QColor& color = !wire.problem.isEmpty() ? m_ink.failed : chosen ? m_ink.accent : m_ink.wire(wire.type);
        painter.setPen(lit ? QPen(color, 2 * m_camera.ratio / m_camera.k()) : QPen(color, 0));
        painter.drawPath(wire.path.path());
    }
    m_painted.wires += static_cast<int>(m_foundWires.size());
}

CardLook GraphCanvas::lookOf(int card)
{
    const auto at = static_cast<std::size_t>(card);
    const Card& shape = m_scene.cards()[at];
    const CardRun& run = m_runs[at];
    CardLook look;
    // A chosen tile carries the mark, not its card as well.
    look.selected = isCardSelected(card) && !(m_selectedTile && m_selectedTile->first == card);
    const auto& hovered = m_selection.hovered();
    look.related =
        hovered && shape.body != CardBody::Tiles && m_cardOfRun.value(hovered->vertex, -1) == card && !look.selected;
    if (run.shown && run.tasks == 1 && run.state == types::TaskState::Running && isMotionOn())
        look.sweep = std::fmod(static_cast<double>(m_clock.elapsed()), kSweepMs) / kSweepMs;
    const int vertex = m_runVertex[at];
    if (vertex < 0) return look;
    const auto mosaic = m_mosaics.find(vertex);
    if (shape.body == CardBody::Tiles) {
        look.tiles.tiles = m_run.tiles(static_cast<std::uint16_t>(vertex));
        look.tiles.mosaic = mosaic == m_mosaics.end() ? nullptr : &*mosaic;
        if (const auto fades = m_fades.constFind(card); fades != m_fades.constEnd()) look.tiles.fades = &*fades;
        if (m_selectedTile && m_selectedTile->first == card) look.tiles.selected = m_selectedTile->second;
        if (m_hoveredTile && m_hoveredTile->first == card) look.tiles.hovered = m_hoveredTile->second;
    } else if (shape.body == CardBody::Map) {
        const int line = std::max(1, static_cast<int>(m_camera.ratio));
        const QSize size = m_camera.map(QRectF(shape.picture())).size() - QSize(2 * line, 2 * line);
        if (!m_previews.contains(card) && size.isValid()) {
            if (mosaic != m_mosaics.end() && !mosaic->isEmpty()) m_previews.insert(card, mosaic->at(size));
            else if (const QImage picture = m_run.preview(static_cast<std::uint16_t>(vertex)); !picture.isNull())
                m_previews.insert(card, picture.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
        }
        if (const auto picture = m_previews.constFind(card); picture != m_previews.constEnd()) look.picture = &*picture;
    }
    return look;
}

void GraphCanvas::drawNear(const QRect& clip)
{
    drawGround(clip);
    const QRectF world = m_camera.worldOfImage(clip);
    QPainter painter(&m_back.image());
    painter.setClipRect(clip);
    painter.setRenderHint(QPainter::Antialiasing);
    // A line of one pixel is sharp when it runs through the middle of pixels.
    painter.setTransform(
        QTransform(m_camera.k(), 0, 0, m_camera.k(), m_camera.offset.x() + .5, m_camera.offset.y() + .5));
    m_scene.wiresIn(world, m_foundWires);
    drawWires(painter);
    painter.resetTransform();
    m_scene.cardsIn(world, m_foundCards);
    m_painter.begin(m_camera);
    for (const int card : m_foundCards)
        m_painter.paint(painter, m_scene.cards()[static_cast<std::size_t>(card)],
                        m_runs[static_cast<std::size_t>(card)], lookOf(card));
    m_painted.cards += static_cast<int>(m_foundCards.size());
}

void GraphCanvas::drawFar(const QRect& clip)
{
    drawGround(clip);
    const QRectF world = m_camera.worldOfImage(clip);
    FarRaster raster(m_back.image(), clip);
    m_scene.wiresIn(world, m_foundWires);
    const bool straight = m_camera.scale < kScaleFar;
    QPolygonF points;
    for (const int number : m_foundWires) {
        const Wire& wire = m_scene.wires()[static_cast<std::size_t>(number)];
        const QRgb color = (!wire.problem.isEmpty()               ? m_ink.failed
                            : m_selectedEdges.contains(wire.edge) ? m_ink.accent
                                                                  : m_ink.wire(wire.type))
                               .rgb();
        if (straight && wire.path.kind != WirePath::Kind::Back) {
            raster.line(m_camera.map(wire.path.from), m_camera.map(wire.path.to), color);
            continue;
        }
        wire.path.flatten(kCurveParts, points);
        for (int i = 1; i < points.size(); ++i)
            raster.line(m_camera.map(points[i - 1]), m_camera.map(points[i]), color);
    }
    m_painted.wires += static_cast<int>(m_foundWires.size());
    m_scene.cardsIn(world, m_foundCards);
    m_painted.cards += static_cast<int>(m_foundCards.size());
    std::vector<int> tiled;
    for (const int number : m_foundCards) {
        const Card& card = m_scene.cards()[static_cast<std::size_t>(number)];
        const CardRun& run = m_runs[static_cast<std::size_t>(number)];
        const QRect rect = m_camera.map(QRectF(card.rect));
        if (isCardSelected(number))
            raster.fill(rect.adjusted(-3, -3, 3, 3), m_ink.accent.rgb()),
                raster.fill(rect.adjusted(-1, -1, 1, 1), m_ink.canvas.rgb());
        if (straight) {
            raster.fill(QRect(rect.topLeft(), rect.size().expandedTo({2, 2})), (!card.problem.isEmpty() ? m_ink.failed
                                                                                : run.shown ? m_ink.block(run.state)
                                                                                            : m_ink.idleBlock)
                                                                                   .rgb());
        } else {
            const int head = std::max(1, m_camera.py(card.rect.top() + kHeader) - rect.top());
            raster.fill(rect, m_ink.border.rgb());
            raster.fill(rect.adjusted(1, 1, -1, -1), m_ink.panel.rgb());
            raster.fill(QRect(rect.left() + 1, rect.top() + 1, rect.width() - 2, head),
                        m_ink.header(card.function).rgb());
            raster.fill(QRect(rect.left(), rect.top(), std::max(2, rect.width() / 40), rect.height()),
                        (run.shown ? m_ink.state(run.state) : m_ink.idle).rgb());
            if (run.shown)
                raster.fill(
                    QRect(rect.left() + 2, rect.top() + head,
                          static_cast<int>((rect.width() - 2) * (types::isTerminal(run.state) ? 1 : run.share())), 2),
                    m_ink.state(run.state).rgb());
            if (!card.problem.isEmpty())
                raster.fill(QRect(rect.right() - head + 2, rect.top() + 2, head - 3, head - 3), m_ink.failed.rgb());
        }
        if (card.body == CardBody::Tiles) tiled.push_back(number);
    }
    QPainter painter(&m_back.image());
    painter.setClipRect(clip);
    TilePainter tiles(m_ink, m_run);
    for (const int number : tiled)
        tiles.paint(painter, m_camera, m_scene.cards()[static_cast<std::size_t>(number)],
                    m_runs[static_cast<std::size_t>(number)], lookOf(number).tiles);
}

// ---- what lies over the image: it changes with every move of the hand ----

void GraphCanvas::paintOver(QPainter& painter, const QRegion& region)
{
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_scene.cards().empty()) paintEmpty(painter);
    if (!m_flow.isEmpty() && isMotionOn() && m_camera.scale >= kScaleMiddle) paintFlow(painter, region);
    if (const QRectF band = m_band.normalized(); m_gesture == Gesture::Band && !band.isEmpty()) {
        QColor fill = m_ink.accent;
        fill.setAlphaF(.12f);
        painter.setPen(QPen(m_ink.accent, 1));
        painter.setBrush(fill);
        painter.drawRect(m_camera.widgetOf(band).toAlignedRect());
    }
    if (m_gesture == Gesture::Wire) paintDraggedWire(painter);
    if (hasFocus() && m_keyboard) {
        painter.setPen(QPen(m_ink.accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
}

void GraphCanvas::paintEmpty(QPainter& painter)
{
    painter.setFont(Theme::of().font(FontRole::Ui));
    painter.setPen(m_ink.muted);
    painter.drawText(rect().adjusted(0, 0, 0, -m_bottomReserve), Qt::AlignCenter,
                     tr("Press Tab to add a task, or drop a .orrery file."));
}

// Light parts that run along the wires on which data moved; never over a card.
void GraphCanvas::paintFlow(QPainter& painter, const QRegion& region)
{
    QRectF box;
    for (auto flow = m_flow.constBegin(); flow != m_flow.constEnd(); ++flow)
        box = box.united(m_scene.wires()[static_cast<std::size_t>(flow.key())].path.bounds());
    box &= visibleWorld();
    QRegion open = region;
    std::vector<int> cards;
    m_scene.cardsIn(box, cards);
    for (const int card : cards)
        open -= m_camera
                    .widgetOf(QRectF(m_scene.cards()[static_cast<std::size_t>(card)].rect)
                                  .adjusted(-kPortRadius - 2, 0, kPortRadius + 2, 0))
                    .toAlignedRect();
    painter.save();
    painter.setClipRegion(open);
    QPen pen(m_ink.dash, 2, Qt::CustomDashLine, Qt::FlatCap);
    pen.setDashPattern({kDashOn / 2, kDashOff / 2});
    pen.setDashOffset(-std::fmod(static_cast<double>(m_clock.elapsed()) * kDashSpeed / 1000, kDashOn + kDashOff) / 2);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    const double half = .5 / m_camera.ratio;
    const QTransform place(m_camera.scale, 0, 0, m_camera.scale, m_camera.offset.x() / m_camera.ratio + half,
                           m_camera.offset.y() / m_camera.ratio + half);
    for (auto flow = m_flow.constBegin(); flow != m_flow.constEnd(); ++flow)
        painter.drawPath(place.map(m_scene.wires()[static_cast<std::size_t>(flow.key())].path.path()));
    painter.restore();
}

void GraphCanvas::paintDraggedWire(QPainter& painter)
{
    const QPointF start = m_scene.portPoint(m_wire.start);
    const bool aimed = m_wire.target.what != Hit::What::Nothing, refused = aimed && !m_wire.why.isEmpty();
    const QPointF end = aimed && !refused ? m_scene.portPoint(m_wire.target) : m_camera.worldOfWidget(m_lastAt);
    const bool outward = m_wire.start.what == Hit::What::Output;
    const QPointF from = outward ? start : end, to = outward ? end : start;
    const WirePath path = leadsBack(from, to) ? WirePath{WirePath::Kind::Curve, from, to, 0} : routeForward(from, to);
    const QTransform place(m_camera.scale, 0, 0, m_camera.scale, m_camera.offset.x() / m_camera.ratio,
                           m_camera.offset.y() / m_camera.ratio);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(refused ? m_ink.failed : m_ink.port(m_scene.port(m_wire.start).type), 2));
    painter.drawPath(place.map(path.path()));
    if (!aimed) return;
    painter.setPen(QPen(refused ? m_ink.failed : m_ink.accent, 2));
    const double r = std::max(6.0, (kPortRadius + 3) * m_camera.scale);
    painter.drawEllipse(m_camera.widgetOf(m_scene.portPoint(m_wire.target)), r, r);
    if (refused) paintReason(painter, m_lastAt, m_wire.why);
}

void GraphCanvas::paintReason(QPainter& painter, const QPointF& at, const QString& text)
{
    painter.setFont(Theme::of().font(FontRole::Secondary));
    const QFontMetricsF metrics(painter.font());
    const double wide = std::min(metrics.horizontalAdvance(text), width() - 60.0);
    QRectF box(at.x() + 14, at.y() + 16, wide + 40, 26);
    box.moveLeft(std::clamp(box.left(), 4.0, std::max(4.0, width() - box.width() - 4)));
    box.moveTop(std::clamp(box.top(), 4.0, std::max(4.0, height() - box.height() - 4)));
    painter.setPen(m_ink.border);
    painter.setBrush(m_ink.panel);
    painter.drawRoundedRect(box.adjusted(.5, .5, -.5, -.5), metric::kRadius, metric::kRadius);
    drawStateGlyph(painter, QRectF(box.left() + 8, box.center().y() - 6, 12, 12), types::TaskState::Failed);
    painter.setPen(m_ink.text);
    painter.drawText(box.adjusted(28, 0, -8, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(text, Qt::ElideRight, wide + 1));
}

} // namespace orrery::widgets
