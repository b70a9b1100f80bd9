// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/graph_canvas.h"

#include "widgets/common/refresh.h"
#include "widgets/graph/canvas_access.h"
#include "widgets/graph/minimap.h"
#include "widgets/graph/pick_list.h"

#include <QAccessible>
#include <QVariantAnimation>

#include <algorithm>
#include <atomic>

namespace orrery::widgets {

namespace {

constexpr int kFitMargin = 16, kCornerInset = 12, kFlightMs = 180, kTilesMs = 100, kMinimapMs = 100;
constexpr int kLowWindow = 760, kLowCanvas = 330; // below: the small minimap
constexpr double kZoomStep = 1.25, kReadableScale = .6;
constexpr std::size_t kReadableCards = 200; // more are looked at from afar
constexpr double kHitPixels = 6, kPortReach = 8,
                 kPortReachMax = 11; // the last two: of the document, half the step of ports

} // namespace

GraphCanvas::GraphCanvas(GraphModel& graph, RunModel& run, Selection& selection, QWidget* parent)
    : QWidget(parent), m_graph(graph), m_run(run), m_selection(selection), m_painter(m_ink, run),
      m_minimap(new Minimap(this))
{
    setAttribute(Qt::WA_OpaquePaintEvent);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAcceptDrops(true);
    setAccessibleName(tr("Graph"));
    installCanvasAccess();
    m_clock.start();
    m_ink.mix();
    m_countsDue = new Refresh(this, kFrameMs, [this] { refreshCounts(); });
    m_tilesDue = new Refresh(this, kTilesMs, [this] { tickTiles(); });
    m_minimapDue = new Refresh(this, kMinimapMs, [this] { updateMinimap(); });

    connect(&graph, &GraphModel::graphReplaced, this, [this] {
        m_fitDue = m_keepFitted = true;
        m_fitWhole = false;
        m_shapes.clear();
        m_selectedEdges.clear();
    });
    connect(&graph, &GraphModel::graphChanged, this, &GraphCanvas::rebuild);
    connect(&run, &RunModel::shownRunChanged, this, [this] {
        m_mosaics.clear();
        matchRun();
        m_countsDue->ask();
    });
    connect(&run, &RunModel::countsChanged, this, [this] { m_countsDue->ask(); });
    connect(&run, &RunModel::tilesChanged, this, &GraphCanvas::refreshTiles);
    connect(&run, &RunModel::previewChanged, this, [this](int vertex) {
        const int card = m_cardOfRun.value(vertex, -1);
        if (card < 0) return;
        m_previews.remove(card);
        invalidate(m_scene.cards()[static_cast<std::size_t>(card)].rect);
    });
    connect(&run, &RunModel::ticked, this, [this] { m_tilesDue->ask(); });
    connect(&selection, &Selection::changed, this, &GraphCanvas::selectionChanged);
    connect(&selection, &Selection::hoverChanged, this, &GraphCanvas::hoverChanged);
    connect(&selection, &Selection::revealed, this, &GraphCanvas::revealSelection);
    connect(&Theme::of(), &Theme::changed, this, [this] {
        m_ink.mix();
        m_painter.forget();
        m_minimapDue->ask();
        invalidateAll();
    });
    connect(m_minimap, &Minimap::lookAt, this, [this](const QPointF& world) {
        m_keepFitted = false;
        Camera camera = m_camera;
        camera.put(world, QPointF(width() / 2.0, height() / 2.0));
        setCamera(camera);
    });
    rebuild();
}

GraphCanvas::~GraphCanvas()
{
    if (m_layoutStop) m_layoutStop->store(true);
}

// ---- models ----

void GraphCanvas::rebuild()
{
    ++m_revision;
    if (m_layoutStop) m_layoutStop->store(true);
    m_scene.rebuild(m_graph, m_shapes);
    m_hover = {};
    m_flow.clear();
    m_moved = {}; // the cards lie where the model has them
    if (m_gesture != Gesture::None && m_gesture != Gesture::Pan) cancelGesture();
    // What is gone cannot stay selected.
    QStringList left;
    for (const QString& id : m_selection.vertices())
        if (m_scene.cardOf(id) >= 0) left << id;
    m_selectedEdges.removeIf([&](const types::Edge& edge) { return m_scene.wireOf(edge) < 0; });
    matchRun();
    if (left != m_selection.vertices() && !m_selection.vertices().isEmpty()) m_selection.selectVertices(left);
    selectionChanged();
    refreshCounts();
    m_minimap->setVisible(!m_scene.cards().empty());
    m_minimapDue->ask();
    if (m_scene.cards().empty()) m_fitDue = m_keepFitted = false; // the first card stays where it is put
    if (m_fitDue && isVisible()) fitNow();
    invalidateAll();
}

std::vector<int> GraphCanvas::selectedCards() const
{
    std::vector<int> cards(m_selectedCards.begin(), m_selectedCards.end());
    std::sort(cards.begin(), cards.end());
    return cards;
}

void GraphCanvas::selectionChanged()
{
    QSet<int> now;
    for (const QString& id : m_selection.vertices())
        if (const int card = m_scene.cardOf(id); card >= 0) now.insert(card);
    const auto& cards = m_scene.cards();
    for (const int card : (now - m_selectedCards) + (m_selectedCards - now))
        if (card < static_cast<int>(cards.size())) invalidate(cards[static_cast<std::size_t>(card)].rect);
    m_selectedCards = now;
    if (hasFocus() && now.size() == 1 && QAccessible::isActive()) {
        QAccessibleEvent told(this, QAccessible::Focus);
        told.setChild(*now.begin());
        QAccessible::updateAccessibility(&told);
    }
    if (!now.isEmpty() && !m_selectedEdges.isEmpty()) {
        for (const auto& edge : m_selectedEdges) invalidateWire(m_scene.wireOf(edge));
        m_selectedEdges.clear();
    }
    const auto tile = tileOf(m_selection.task());
    if (tile == m_selectedTile) return;
    for (const auto& one : {m_selectedTile, tile})
        if (one && one->first < static_cast<int>(cards.size()))
            invalidate(cards[static_cast<std::size_t>(one->first)].rect);
    m_selectedTile = tile;
}

// Ports are no target where they are not drawn.
Hit GraphCanvas::hitAt(const QPointF& world) const
{
    const double slack = kHitPixels / m_camera.scale;
    return m_scene.hit(world, slack, m_camera.scale < kScaleMiddle ? 0 : std::clamp(slack, kPortReach, kPortReachMax));
}

// ---- what is out of date ----

QRectF GraphCanvas::visibleWorld() const
{
    return m_camera.worldOfImage(QRect(QPoint(0, 0), m_back.image().size()));
}

void GraphCanvas::invalidate(const QRectF& world, int margin)
{
    const int grow = static_cast<int>(std::ceil(margin * m_camera.ratio));
    const QRect pixels = m_camera.map(world).adjusted(-grow, -grow, grow, grow) & m_back.image().rect();
    if (pixels.isEmpty()) return;
    m_back.invalidate(pixels);
    update(QRectF(QPointF(pixels.topLeft()) / m_camera.ratio, QSizeF(pixels.size()) / m_camera.ratio).toAlignedRect());
}

void GraphCanvas::invalidateAll()
{
    m_back.invalidateAll();
    update();
}

void GraphCanvas::invalidateWire(int wire)
{
    if (wire >= 0) invalidate(m_scene.wires()[static_cast<std::size_t>(wire)].path.bounds());
}

// ---- camera ----

void GraphCanvas::setCamera(const Camera& camera)
{
    if (camera == m_camera) return;
    if (camera.scale == m_camera.scale && camera.ratio == m_camera.ratio) {
        scrollBy(camera.offset.x() - m_camera.offset.x(), camera.offset.y() - m_camera.offset.y());
        return;
    }
    const bool zoomed = camera.scale != m_camera.scale;
    m_camera = camera;
    m_previews.clear();
    invalidateAll();
    m_minimap->setView(m_camera.worldOfImage(QRect(QPoint(0, 0), size() * m_camera.ratio)));
    if (zoomed) Q_EMIT zoomChanged(m_camera.scale);
}

void GraphCanvas::scrollBy(int dx, int dy)
{
    if (dx == 0 && dy == 0) return;
    m_camera.offset += QPoint(dx, dy);
    m_back.scroll(dx, dy);
    update();
    m_minimap->setView(m_camera.worldOfImage(QRect(QPoint(0, 0), size() * m_camera.ratio)));
}

void GraphCanvas::animateTo(const Camera& camera)
{
    if (m_flight) m_flight->stop();
    if (!isVisible() || Theme::of().reduceMotion() || m_gesture != Gesture::None || camera == m_camera) {
        setCamera(camera);
        return;
    }
    const Camera from = m_camera;
    m_flight = new QVariantAnimation(this);
    m_flight->setDuration(kFlightMs);
    m_flight->setStartValue(0.0);
    m_flight->setEndValue(1.0);
    m_flight->setEasingCurve(QEasingCurve::OutCubic);
    connect(m_flight, &QVariantAnimation::valueChanged, this, [this, from, camera](const QVariant& value) {
        const double t = value.toDouble();
        if (t >= 1) {
            setCamera(camera);
            return;
        }
        Camera between = from;
        between.scale = from.scale * std::pow(camera.scale / from.scale, t);
        const QPointF middle(width() / 2.0, height() / 2.0);
        between.put(from.worldOfWidget(middle) * (1 - t) + camera.worldOfWidget(middle) * t, middle);
        setCamera(between);
    });
    m_flight->start(QAbstractAnimation::DeleteWhenStopped);
}

// In the middle across; where there is room above and below, most of it stays below.
Camera GraphCanvas::fitted(const QRect& world, double scaleMax) const
{
    const double high = std::max(60, height() - m_bottomReserve);
    Camera camera = m_camera;
    if (world.isEmpty()) return camera;
    const double fit = std::min((width() - 2 * kFitMargin) / static_cast<double>(world.width()),
                                (high - 2 * kFitMargin) / static_cast<double>(world.height()));
    camera.scale = std::clamp(std::min(fit, scaleMax), kScaleMin, kScaleMax);
    const double left = (width() - world.width() * camera.scale) / 2, slack = high - world.height() * camera.scale;
    camera.put(world.topLeft(),
               QPointF(std::round(left), std::round(std::max(std::min<double>(kFitMargin, slack / 2), slack * .18))));
    return camera;
}

// A graph that was just opened: whole, or at full size round its picture where whole would be too small to read.
Camera GraphCanvas::readable() const
{
    const QRect bounds = m_scene.bounds();
    Camera camera = fitted(bounds, 1);
    const auto& cards = m_scene.cards();
    if (camera.scale >= kReadableScale || cards.size() > kReadableCards) return camera;
    const auto picture =
        std::find_if(cards.begin(), cards.end(), [](const Card& card) { return card.body == CardBody::Tiles; });
    camera.scale = 1;
    const double left = picture == cards.end() ? bounds.left() - kFitMargin
                                               : std::max(picture->rect.center().x() - width() / 2.0,
                                                          bounds.left() - static_cast<double>(kFitMargin));
    camera.put({left, static_cast<double>(picture == cards.end() ? bounds.top() : picture->rect.top())},
               {0, kFitMargin});
    return camera;
}

void GraphCanvas::fitNow()
{
    m_fitDue = false;
    if (m_flight) m_flight->stop();
    setCamera(m_fitWhole ? fitted(m_scene.bounds(), 1) : readable());
}

void GraphCanvas::fitAll()
{
    m_keepFitted = m_fitWhole = true;
    if (m_scene.cards().empty()) zoomTo(1);
    else animateTo(fitted(m_scene.bounds(), 1));
}

void GraphCanvas::fitSelection()
{
    if (m_selectedCards.isEmpty()) {
        fitAll();
        return;
    }
    m_keepFitted = false;
    animateTo(fitted(m_scene.boundsOf(selectedCards()), 1.5));
}

void GraphCanvas::zoomAround(const QPointF& point, double factor)
{
    if (m_flight) m_flight->stop();
    m_keepFitted = false;
    const QPointF world = m_camera.worldOfWidget(point);
    Camera camera = m_camera;
    camera.scale = std::clamp(m_camera.scale * factor, kScaleMin, kScaleMax);
    if (std::abs(camera.scale - 1) < .02) camera.scale = 1; // sharp where it nearly is
    camera.put(world, point);
    setCamera(camera);
}

void GraphCanvas::zoomTo(double scale)
{
    zoomAround(QPointF(width() / 2.0, height() / 2.0), scale / m_camera.scale);
}
void GraphCanvas::zoomIn()
{
    zoomTo(m_camera.scale * kZoomStep);
}
void GraphCanvas::zoomOut()
{
    zoomTo(m_camera.scale / kZoomStep);
}

// Brings it into view by the shortest way; what is seen already moves nothing.
void GraphCanvas::reveal(const QRectF& world)
{
    const QRectF target = m_camera.widgetOf(world).adjusted(-kFitMargin, -kFitMargin, kFitMargin, kFitMargin);
    const QRectF seen(0, 0, width(), std::max(60, height() - m_bottomReserve));
    if (seen.contains(target)) return;
    const auto shift = [](double from, double to, double low, double high) {
        if (to - from > high - low) return (low + high) / 2 - (from + to) / 2;
        return from < low ? low - from : to > high ? high - to : 0.0;
    };
    Camera camera = m_camera;
    camera.offset += (QPointF(shift(target.left(), target.right(), seen.left(), seen.right()),
                              shift(target.top(), target.bottom(), seen.top(), seen.bottom())) *
                      m_camera.ratio)
                         .toPoint();
    m_keepFitted = false;
    animateTo(camera);
}

void GraphCanvas::revealSelection()
{
    if (m_selectedTile) {
        reveal(tileWorld(m_selectedTile->first, m_selectedTile->second));
        return;
    }
    if (!m_selectedCards.isEmpty()) reveal(m_scene.boundsOf(selectedCards()));
}

// ---- corners ----

void GraphCanvas::setBottomReserve(int pixels)
{
    if (m_bottomReserve == pixels) return;
    m_bottomReserve = pixels;
    if (m_keepFitted && isVisible() && !m_scene.cards().empty()) fitNow();
}

void GraphCanvas::setMinimapLeft(bool left)
{
    m_minimapLeft = left;
    placeMinimap();
}

void GraphCanvas::placeMinimap()
{
    m_minimap->setSmall(window()->height() < kLowWindow || height() < kLowCanvas);
    m_minimap->move(m_minimapLeft ? kCornerInset : width() - kCornerInset - m_minimap->width(),
                    height() - kCornerInset - m_minimap->height());
}

void GraphCanvas::updateMinimap()
{
    std::vector<MinimapBlock> blocks;
    blocks.reserve(m_scene.cards().size());
    for (std::size_t card = 0; card < m_scene.cards().size(); ++card)
        blocks.push_back({QRectF(m_scene.cards()[card].rect),
                          m_runs[card].shown ? m_ink.block(m_runs[card].state) : m_ink.idleBlock});
    m_minimap->setBlocks(std::move(blocks));
    m_minimap->setView(m_camera.worldOfImage(QRect(QPoint(0, 0), size() * m_camera.ratio)));
}

void GraphCanvas::resizeEvent(QResizeEvent*)
{
    syncRatio();
    placeMinimap();
    if ((m_fitDue || m_keepFitted) && isVisible() && !m_scene.cards().empty()) fitNow();
    m_minimap->setView(m_camera.worldOfImage(QRect(QPoint(0, 0), size() * m_camera.ratio)));
}

void GraphCanvas::showEvent(QShowEvent*)
{
    syncRatio();
    placeMinimap();
    if ((m_fitDue || m_keepFitted) && !m_scene.cards().empty()) fitNow();
}

// ---- for tests and for those who point at things ----

QRectF GraphCanvas::cardRect(const QString& vertex) const
{
    const int card = m_scene.cardOf(vertex);
    return card < 0 ? QRectF() : m_camera.widgetOf(QRectF(m_scene.cards()[static_cast<std::size_t>(card)].rect));
}

QPointF GraphCanvas::portPoint(const types::PortRef& port, bool output) const
{
    const int number = m_scene.cardOf(QString::fromStdString(port.vertex));
    if (number < 0) return {};
    const Card& card = m_scene.cards()[static_cast<std::size_t>(number)];
    const auto& ports = output ? card.outputs : card.inputs;
    for (std::size_t i = 0; i < ports.size(); ++i)
        if (ports[i].name == QString::fromStdString(port.port))
            return m_camera.widgetOf(
                QPointF(output ? card.outputAt(static_cast<int>(i)) : card.inputAt(static_cast<int>(i))));
    return {};
}

QRectF GraphCanvas::tileRect(const QString& vertex, std::uint32_t mapIndex) const
{
    const int card = m_scene.cardOf(vertex);
    return card < 0 ? QRectF() : m_camera.widgetOf(tileWorld(card, mapIndex));
}

} // namespace orrery::widgets
