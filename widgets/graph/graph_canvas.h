// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// GraphCanvas: the drawn graph: cards and wires to look at and to edit, and what the shown run says of them, in place.
// It reads three models and writes to two of them (edits, selection); whatever else it wants leaves as a signal.
// Thread: UI; only the auto layout runs on another, on values. Lives: the models outlive it.
// Cost: a pan draws the strips that came into view, a change draws its cards; only what is visible is looked at.
// Files: graph_canvas.cpp models and camera, canvas_run.cpp states and motion, canvas_paint.cpp, canvas_mouse.cpp,
// canvas_wires.cpp dragging wires, canvas_keys.cpp, canvas_edit.cpp clipboard, palette, menu, layout, drops.

#include "widgets/graph/back_image.h"
#include "widgets/graph/card_painter.h"
#include "widgets/graph/scene.h"
#include "widgets/models/selection.h"

#include <QBasicTimer>
#include <QElapsedTimer>
#include <QPointer>
#include <QWidget>

#include <atomic>
#include <memory>

class QMenu;
class QMimeData;
class QVariantAnimation;

namespace orrery::widgets {

class Minimap;
class PickList;
class Refresh;
struct LayoutPoint;
struct PickRow;

class GraphCanvas final : public QWidget {
    Q_OBJECT
public:
    GraphCanvas(GraphModel& graph, RunModel& run, Selection& selection, QWidget* parent = nullptr);
    ~GraphCanvas() override;

    double zoom() const { return m_camera.scale; }
    void setBottomReserve(int pixels); // kept free of cards by fitAll(): a coach card or a toast lies there
    void setMinimapLeft(bool left);
    // What the last paint looked at.
    struct PaintCounts {
        int cards = 0, wires = 0;
    };
    const PaintCounts& lastPaint() const { return m_painted; }
    const CanvasScene& scene() const { return m_scene; }
    const CardRun& runOf(int card) const { return m_runs[static_cast<std::size_t>(card)]; }
    // In pixels of the widget; empty or the origin when there is no such thing.
    QRectF cardRect(const QString& vertex) const;
    QPointF portPoint(const types::PortRef& port, bool output) const;
    QRectF tileRect(const QString& vertex, std::uint32_t mapIndex) const;
    const QString& refusal() const
    {
        return m_wire.why;
    } // why the dragged wire may not end here; empty: it may, or none is dragged
    bool isChosen(const QString& vertex) const { return m_selectedCards.contains(m_scene.cardOf(vertex)); }
    bool isLayoutRunning() const { return m_layoutRuns; }
    QSize sizeHint() const override { return {1200, 600}; }
    QSize minimumSizeHint() const override { return {200, 120}; }

public Q_SLOTS:
    void fitAll();
    void fitSelection();
    void zoomTo(double scale); // round the middle
    void zoomIn();
    void zoomOut();
    void autoLayout(); // of the selection when it is more than one card
    void copy();
    void cut();
    void paste();
    void duplicate();
    void removeSelected();
    void selectAll();
    void openPalette();
    void insertFunction(const QString& function); // in the middle of the view
    void openWireList();                          // wires of the selected card without a mouse

Q_SIGNALS:
    void zoomChanged(double scale);
    void fileDropped(const QString& path);
    void inspectorRequested();
    void message(const QString& line); // why nothing happened

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void timerEvent(QTimerEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    enum class Gesture : std::uint8_t { None, Press, Move, Band, Wire, Pan };
    struct DraggedWire {
        Hit start;                      // the end that stays
        std::optional<types::Edge> old; // is being rewired
        Hit target;
        QString why; // the target refuses it; empty: it fits
    };
    // graph_canvas.cpp
    void rebuild();
    void fitNow();
    void setCamera(const Camera& camera);
    void animateTo(const Camera& camera);
    Camera fitted(const QRect& world, double scaleMax) const;
    Camera readable() const;
    void zoomAround(const QPointF& point, double factor);
    void scrollBy(int dx, int dy); // pixels of the image
    void reveal(const QRectF& world);
    void revealSelection();
    void placeMinimap();
    void updateMinimap();
    void invalidate(const QRectF& world, int margin = 6);
    void invalidateAll();
    void invalidateWire(int wire);
    void selectionChanged();
    QRectF visibleWorld() const;
    Hit hitAt(const QPointF& world) const;
    bool isCardSelected(int card) const { return m_selectedCards.contains(card); }
    std::vector<int> selectedCards() const;
    // canvas_run.cpp
    void matchRun();
    void refreshCounts();
    void refreshTiles(int runVertex);
    void tickTiles();
    void noteFlow(int card);
    void startMotion();
    void moveMotion();
    bool isMotionOn() const;
    std::optional<std::pair<int, std::uint32_t>> tileOf(const std::optional<TaskRef>& task) const; // card, map index
    std::optional<TaskRef> taskAt(int card, const QPointF& world) const;
    QRectF tileWorld(int card, std::uint32_t index) const;
    void hoverChanged();
    // canvas_paint.cpp
    void syncRatio();
    void draw(const QRect& clip);
    void drawGround(const QRect& clip);
    void drawNear(const QRect& clip);
    void drawFar(const QRect& clip);
    void drawWires(QPainter& painter);
    CardLook lookOf(int card);
    void paintOver(QPainter& painter, const QRegion& region);
    void paintFlow(QPainter& painter, const QRegion& region);
    void paintDraggedWire(QPainter& painter);
    void paintReason(QPainter& painter, const QPointF& at, const QString& text);
    void paintEmpty(QPainter& painter);
    // canvas_mouse.cpp
    void pressLeft(QMouseEvent* event);
    void startDrag(const QPoint& at);
    void dragCards(const QPoint& at);
    void dropCards();
    void dragBand(const QPoint& at);
    void endGesture();
    void cancelGesture();
    void hoverAt(const QPointF& point);
    void updateCursor();
    QString tipAt(const QPointF& point) const;
    // canvas_wires.cpp
    void startWire(const Hit& hit);
    Hit aim(const QPointF& point) const;
    QString judge(const Hit& target) const;
    void dragWire(const QPointF& point);
    void dropWire(const QPointF& point);
    std::pair<types::PortRef, types::PortRef> endsOf(const Hit& target) const; // from, to
    void openFitting(const QPointF& point, const Hit& end);
    void takeWireRow(const PickRow& row);
    // canvas_keys.cpp
    bool isOwnKey(const QKeyEvent& event) const;
    bool commandKey(const QKeyEvent& event);
    bool controlKey(const QKeyEvent& event);
    void walk(int dx, int dy);
    void nudge(int dx, int dy);
    // canvas_edit.cpp
    void openPaletteAt(const QPoint& popup, const QPoint& world);
    QPoint freePlace(QPoint wanted) const;
    QPoint placeForNew() const;
    PickRow rowOf(const types::FunctionInfo& function) const;
    void addCardMenu(QMenu& menu, int card);
    void addWireMenu(QMenu& menu, int wire);
    void addGroundMenu(QMenu& menu, const QPoint& at);
    bool takeDrop(const QMimeData& mime, const QPointF& point);
    void finishLayout(const QStringList& ids, const std::vector<LayoutPoint>& points, QPoint corner,
                      std::uint64_t revision);

    GraphModel& m_graph;
    RunModel& m_run;
    Selection& m_selection;
    CanvasScene m_scene;
    CanvasInk m_ink;
    CardPainter m_painter;
    Camera m_camera;
    BackImage m_back;
    PaintCounts m_painted;
    Minimap* m_minimap;
    Refresh* m_countsDue;
    Refresh* m_tilesDue;
    Refresh* m_minimapDue;
    QPointer<PickList> m_picker;
    QPointer<QVariantAnimation> m_flight;
    bool m_minimapLeft = false;
    int m_bottomReserve = 0;
    bool m_fitDue = true;     // at the next time that the size is known
    bool m_keepFitted = true; // until a person moves the camera
    bool m_fitWhole = false;  // asked for: also where words are too small to be read

    // the run
    std::vector<CardRun> m_runs;  // by card
    std::vector<int> m_runVertex; // by card; -1: not in the shown run
    QHash<int, int> m_cardOfRun;
    QHash<int, TileMosaic> m_mosaics; // by vertex of the run
    QHash<int, TileFades> m_fades;    // by card
    QHash<int, QHash<std::uint32_t, qint64>> m_fadeStart;
    QHash<QString, TileShape> m_shapes;
    QHash<int, QImage> m_previews; // scaled, by card
    QHash<int, qint64> m_flow;     // wire: when data moved last
    QBasicTimer m_motion;
    QElapsedTimer m_clock;

    // the hand
    Gesture m_gesture = Gesture::None;
    QPoint m_pressAt, m_lastAt;
    Hit m_pressHit, m_hover;
    std::optional<TaskRef> m_pressTask;
    bool m_pressToggles = false, m_space = false, m_hoverIsOurs = false, m_keyboard = false;
    QPoint m_moved;         // of the dragged cards, in the document
    QRectF m_band;          // of the document
    QStringList m_bandBase; // what was selected before, with Ctrl
    DraggedWire m_wire;
    QSet<int> m_selectedCards;
    QList<types::Edge> m_selectedEdges;
    std::optional<std::pair<int, std::uint32_t>> m_selectedTile, m_hoveredTile;

    std::vector<int> m_foundCards, m_foundWires; // of the pass that is being painted

    bool m_layoutRuns = false;
    std::shared_ptr<std::atomic<bool>> m_layoutStop;
    std::uint64_t m_revision = 0; // of the graph
};

} // namespace orrery::widgets
