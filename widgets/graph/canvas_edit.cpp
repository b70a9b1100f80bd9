// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/refresh.h"
#include "widgets/graph/graph_canvas.h"
#include "widgets/graph/graph_layout.h"
#include "widgets/graph/pick_list.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QDragEnterEvent>
#include <QFuture>
#include <QMenu>
#include <QMimeData>
#include <QPromise>
#include <QThreadPool>
#include <QUrl>

#include <algorithm>
#include <atomic>

namespace orrery::widgets {

namespace {

constexpr int kPasteStep = 24, kNewGap = 32;

QString droppedDocument(const QMimeData& data)
{
    for (const QUrl& url : data.urls())
        if (url.isLocalFile() && url.toLocalFile().endsWith(u".orrery")) return url.toLocalFile();
    return {};
}

QString droppedFunction(const QMimeData& data)
{
    return QString::fromUtf8(data.data(kFunctionMime)).trimmed();
}

} // namespace

// ---- clipboard ----

void GraphCanvas::copy()
{
    if (m_selectedCards.isEmpty()) {
        Q_EMIT message(tr("Select tasks to copy them"));
        return;
    }
    QApplication::clipboard()->setText(QString::fromUtf8(m_graph.copy(m_selection.vertices())));
}

void GraphCanvas::cut()
{
    copy();
    if (!m_selectedCards.isEmpty()) removeSelected();
}

void GraphCanvas::paste()
{
    const QPoint mouse = mapFromGlobal(QCursor::pos());
    const QPointF spot =
        rect().contains(mouse) && underMouse() ? QPointF(mouse) : QPointF(width() / 3.0, height() / 3.0);
    const QStringList ids =
        m_graph.paste(QApplication::clipboard()->text().toUtf8(), freePlace(m_camera.worldOfWidget(spot).toPoint()));
    if (ids.isEmpty()) Q_EMIT message(tr("The clipboard holds no tasks"));
    else m_selection.selectVertices(ids);
}

void GraphCanvas::duplicate()
{
    if (m_selectedCards.isEmpty()) return;
    const QPoint corner = m_scene.boundsOf(selectedCards()).topLeft() + QPoint(kPasteStep, kPasteStep);
    const QStringList ids = m_graph.paste(m_graph.copy(m_selection.vertices()), freePlace(corner));
    if (!ids.isEmpty()) m_selection.selectVertices(ids);
}

void GraphCanvas::removeSelected()
{
    if (m_selectedCards.isEmpty() && m_selectedEdges.isEmpty()) return;
    const QStringList ids = m_selection.vertices();
    const QList<types::Edge> edges = m_selectedEdges;
    m_selectedEdges.clear();
    m_graph.remove(ids, edges);
}

void GraphCanvas::selectAll()
{
    QStringList ids;
    for (const Card& card : m_scene.cards()) ids << card.id;
    m_selection.selectVertices(ids);
}

// ---- palette ----

// No card's corner lies exactly there yet: what is pasted twice is seen twice.
QPoint GraphCanvas::freePlace(QPoint wanted) const
{
    wanted = QPoint(wanted.x() / 4 * 4, wanted.y() / 4 * 4);
    const auto taken = [&](const QPoint& at) {
        return std::any_of(m_scene.cards().begin(), m_scene.cards().end(),
                           [&](const Card& card) { return card.rect.topLeft() == at; });
    };
    while (taken(wanted)) wanted += QPoint(kPasteStep, kPasteStep);
    return wanted;
}

// Right of the selected card and clear of others, else in the middle of what is seen.
QPoint GraphCanvas::placeForNew() const
{
    const auto chosen = selectedCards();
    QPoint at = chosen.empty()
                    ? m_camera.worldOfWidget(QPointF(width() / 3.0, height() / 3.0)).toPoint()
                    : m_scene.boundsOf(chosen).topLeft() + QPoint(m_scene.boundsOf(chosen).width() + kNewGap, 0);
    std::vector<int> near;
    for (int tries = 0; tries < 64; ++tries) {
        const QRectF room(at.x() - 4, at.y() - 4, kCardMax + 8, 2 * kFirstPort + 8);
        m_scene.cardsIn(room, near);
        int bottom = at.y();
        for (const int card : near)
            if (room.intersects(m_scene.cards()[static_cast<std::size_t>(card)].rect))
                bottom = std::max(bottom, m_scene.cards()[static_cast<std::size_t>(card)].rect.bottom() + 17);
        if (bottom == at.y()) break;
        at.setY((bottom + 3) / 4 * 4);
    }
    return at;
}

PickRow GraphCanvas::rowOf(const types::FunctionInfo& function) const
{
    PickRow row;
    row.key = QString::fromStdString(function.name);
    row.title = function.label.empty() ? row.key.section(u'.', 1) : QString::fromStdString(function.label);
    row.detail = row.key.section(u'.', 0, 0);
    row.icon = QString::fromStdString(function.icon);
    for (const auto& port : function.inputs) row.takes << QString::fromStdString(port.type);
    for (const auto& port : function.outputs) row.gives << QString::fromStdString(port.type);
    return row;
}

void GraphCanvas::openPalette()
{
    const QPoint world = placeForNew();
    const QPoint at = m_camera.widgetOf(QPointF(world)).toPoint();
    openPaletteAt(rect().contains(at) ? at : rect().center() - QPoint(kPickWidth / 2, 120), world);
}

void GraphCanvas::openPaletteAt(const QPoint& popup, const QPoint& world)
{
    std::vector<PickRow> rows;
    for (const auto& plugin : m_graph.catalog().plugins)
        for (const auto& function : plugin.functions) rows.push_back(rowOf(function));
    if (rows.empty()) {
        Q_EMIT message(tr("No plug-ins are loaded yet"));
        return;
    }
    m_picker = new PickList(std::move(rows), tr("Add a task"), this);
    connect(m_picker, &PickList::picked, this, [this, world](const PickRow& row) {
        m_selection.selectVertices({m_graph.addVertex(row.key, freePlace(world))});
    });
    m_picker->popup(popup);
}

void GraphCanvas::insertFunction(const QString& function)
{
    const QPoint corner = m_camera.worldOfWidget(QRectF(rect()).center()).toPoint() - QPoint(kCardMin / 2, kHeader / 2);
    m_selection.selectVertices({m_graph.addVertex(function, freePlace(corner))});
    setFocus(Qt::OtherFocusReason);
}

// ---- menu ----

void GraphCanvas::contextMenuEvent(QContextMenuEvent* event)
{
    if (m_gesture != Gesture::None) return;
    const auto chosen = selectedCards();
    QPoint at = event->pos();
    if (event->reason() == QContextMenuEvent::Keyboard && !chosen.empty())
        at = m_camera.widgetOf(QPointF(m_scene.cards()[static_cast<std::size_t>(chosen.front())].rect.center()))
                 .toPoint();
    const Hit hit = hitAt(m_camera.worldOfWidget(at));
    QMenu menu(this);
    if (hit.what == Hit::What::Wire) {
        addWireMenu(menu, hit.wire);
    } else if (hit.what == Hit::What::Nothing) {
        addGroundMenu(menu, at);
    } else {
        if (!isCardSelected(hit.card))
            m_selection.selectVertices({m_scene.cards()[static_cast<std::size_t>(hit.card)].id});
        addCardMenu(menu, hit.card);
    }
    menu.exec(mapToGlobal(at));
}

void GraphCanvas::addCardMenu(QMenu& menu, int card)
{
    if (m_selectedCards.size() == 1) {
        menu.addAction(tr("Inspect"), Qt::Key_Return, this, &GraphCanvas::inspectorRequested);
        if (m_runs[static_cast<std::size_t>(card)].shown)
            menu.addAction(tr("Show in the timeline"), &m_selection, &Selection::reveal);
        menu.addAction(tr("Wires..."), Qt::Key_W, this, &GraphCanvas::openWireList);
        menu.addSeparator();
    }
    menu.addAction(tr("Cut"), QKeySequence::Cut, this, &GraphCanvas::cut);
    menu.addAction(tr("Copy"), QKeySequence::Copy, this, &GraphCanvas::copy);
    menu.addAction(tr("Duplicate"), QKeySequence(Qt::CTRL | Qt::Key_D), this, &GraphCanvas::duplicate);
    menu.addAction(tr("Delete"), QKeySequence::Delete, this, &GraphCanvas::removeSelected);
    menu.addSeparator();
    if (m_selectedCards.size() > 1) menu.addAction(tr("Lay out these"), Qt::Key_L, this, &GraphCanvas::autoLayout);
    menu.addAction(tr("Fit selection"), Qt::Key_F, this, &GraphCanvas::fitSelection);
}

// Only modes that the graph stays good with.
void GraphCanvas::addWireMenu(QMenu& menu, int wire)
{
    const types::Edge edge = m_scene.wires()[static_cast<std::size_t>(wire)].edge;
    const std::size_t before = m_graph.checked().problems.size();
    for (const auto mode :
         {types::EdgeMode::One, types::EdgeMode::Each, types::EdgeMode::All, types::EdgeMode::Transpose}) {
        types::Graph tried = m_graph.graph();
        for (auto& one : tried.edges)
            if (one == edge) one.mode = mode;
        if (mode != edge.mode && types::checkGraph(tried, m_graph.catalog()).problems.size() > before) continue;
        const auto name = types::edgeModeName(mode);
        QAction* action =
            menu.addAction(tr("Mode %1").arg(QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()))),
                           this, [this, edge, mode] { m_graph.setEdgeMode(edge, mode); });
        action->setCheckable(true);
        action->setChecked(mode == edge.mode);
    }
    menu.addSeparator();
    menu.addAction(tr("Delete wire"), this, [this, edge] { m_graph.remove({}, {edge}); });
}

void GraphCanvas::addGroundMenu(QMenu& menu, const QPoint& at)
{
    menu.addAction(tr("Add task..."), Qt::Key_Tab, this,
                   [this, at] { openPaletteAt(at, m_camera.worldOfWidget(at).toPoint()); });
    menu.addAction(tr("Paste"), QKeySequence::Paste, this, &GraphCanvas::paste);
    if (m_scene.cards().empty()) return;
    menu.addAction(tr("Select all"), QKeySequence::SelectAll, this, &GraphCanvas::selectAll);
    menu.addSeparator();
    menu.addAction(tr("Lay out"), Qt::Key_L, this, &GraphCanvas::autoLayout);
    menu.addAction(tr("Fit all"), Qt::Key_Home, this, &GraphCanvas::fitAll);
}

// ---- layout ----

void GraphCanvas::autoLayout()
{
    std::vector<int> cards = selectedCards();
    if (cards.size() < 2) {
        cards.resize(m_scene.cards().size());
        for (std::size_t i = 0; i < cards.size(); ++i) cards[i] = static_cast<int>(i);
    }
    if (cards.size() < 2 || m_layoutRuns) return;
    auto input = std::make_shared<LayoutInput>();
    QStringList ids;
    QHash<int, std::uint32_t> boxOf;
    for (const int card : cards) {
        const Card& one = m_scene.cards()[static_cast<std::size_t>(card)];
        boxOf.insert(card, static_cast<std::uint32_t>(input->boxes.size()));
        input->boxes.push_back({static_cast<double>(one.rect.width()), static_cast<double>(one.rect.height())});
        ids << one.id;
    }
    for (const Wire& wire : m_scene.wires()) {
        if (!boxOf.contains(wire.fromCard) || !boxOf.contains(wire.toCard)) continue;
        input->edges.push_back({boxOf[wire.fromCard], boxOf[wire.toCard],
                                static_cast<double>(kFirstPort + kPortStep * wire.fromPort),
                                static_cast<double>(kFirstPort + kPortStep * wire.toPort)});
    }
    const QPoint corner = m_scene.boundsOf(cards).topLeft();
    auto stop = std::make_shared<std::atomic<bool>>(false);
    m_layoutStop = stop;
    m_layoutRuns = true;
    auto promise = std::make_shared<QPromise<std::vector<LayoutPoint>>>();
    promise->start();
    promise->future().then(this, [this, ids, corner, revision = m_revision](const std::vector<LayoutPoint>& points) {
        finishLayout(ids, points, corner, revision);
    });
    QThreadPool::globalInstance()->start([promise, input, stop] {
        promise->addResult(layoutGraph(*input, stop.get()));
        promise->finish();
    });
}

void GraphCanvas::finishLayout(const QStringList& ids, const std::vector<LayoutPoint>& points, QPoint corner,
                               std::uint64_t revision)
{
    m_layoutRuns = false;
    if (revision != m_revision || points.size() != static_cast<std::size_t>(ids.size())) {
        Q_EMIT message(tr("The graph has changed meanwhile; press L again to lay it out"));
        return;
    }
    const auto snapped = [](double value) { return static_cast<int>(std::lround(value / 4)) * 4; };
    QHash<QString, QPoint> to;
    for (qsizetype i = 0; i < ids.size(); ++i)
        to.insert(ids[i], corner + QPoint(snapped(points[static_cast<std::size_t>(i)].x),
                                          snapped(points[static_cast<std::size_t>(i)].y)));
    m_graph.moveVertices(to, tr("Lay out"), false);
    if (ids.size() == static_cast<qsizetype>(m_scene.cards().size())) fitAll();
}

// ---- drops ----

void GraphCanvas::dragEnterEvent(QDragEnterEvent* event)
{
    if (!droppedFunction(*event->mimeData()).isEmpty() || !droppedDocument(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void GraphCanvas::dragMoveEvent(QDragMoveEvent* event)
{
    event->acceptProposedAction();
}

void GraphCanvas::dropEvent(QDropEvent* event)
{
    if (takeDrop(*event->mimeData(), event->position())) event->acceptProposedAction();
}

bool GraphCanvas::takeDrop(const QMimeData& mime, const QPointF& point)
{
    if (const QString path = droppedDocument(mime); !path.isEmpty()) {
        Q_EMIT fileDropped(path);
        return true;
    }
    const QString function = droppedFunction(mime);
    if (function.isEmpty()) return false;
    // The header lies under the cursor.
    const QPoint corner = m_camera.worldOfWidget(point).toPoint() - QPoint(kCardMin / 2, kHeader / 2);
    m_selection.selectVertices({m_graph.addVertex(function, freePlace(corner))});
    setFocus(Qt::OtherFocusReason);
    return true;
}

} // namespace orrery::widgets
