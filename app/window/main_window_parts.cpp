// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// MainWindow: its panels, where they lie, and what they say to each other; what leaves when the window gets narrow.
#include "app/window/canvas_area.h"
#include "app/window/join_control.h"
#include "app/window/main_window.h"
#include "app/window/tab_dock.h"
#include "app/window/tool_row.h"
#include "widgets/common/edge_grab.h"
#include "widgets/common/icons.h"
#include "widgets/common/refresh.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/logs/logs_panel.h"
#include "widgets/logs/problems_panel.h"
#include "widgets/objects/objects_panel.h"
#include "widgets/objects/tasks_panel.h"
#include "widgets/pages/add_node_panel.h"
#include "widgets/pages/cluster_page.h"
#include "widgets/pages/cluster_panel.h"
#include "widgets/pages/key_sheet.h"
#include "widgets/pages/library_panel.h"
#include "widgets/pages/omnibox.h"
#include "widgets/pages/outline_panel.h"
#include "widgets/pages/runs_panel.h"
#include "widgets/pages/status_strip.h"
#include "widgets/plots/metrics_panel.h"
#include "widgets/timeline/timeline_panel.h"

#include <QLabel>
#include <QMenuBar>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolBar>

namespace orrery::app {

namespace metric = widgets::metric;

namespace {

// What the window can hold; the table of the design.
enum WidthClass { Drawer, Rail, Tight, Plain, Wide };
WidthClass widthClass(int width) { return width >= 1680 ? Wide : width >= 1440 ? Plain : width >= 1280 ? Tight : width >= 1120 ? Rail : Drawer; }
constexpr int kLowHeight = 760;
constexpr int kLowBottom = 160;
constexpr int kBottom = 45, kClusterBottom = 55; // percent; four plots need more than a timeline
constexpr int kClusterHeight = 476; // three cards

QDockWidget* plainDock(const QString& name, const QString& title, QWidget* panel, QWidget* parent)
{
    auto* dock = new QDockWidget(title, parent);
    dock->setObjectName(name);
    dock->setTitleBarWidget(new QWidget(dock)); // the panel brings its own head
    dock->setWidget(panel);
    return dock;
}

} // namespace

void MainWindow::makePanels()
{
    m_middle = new QStackedWidget(this);
    m_area = new CanvasArea(m_graph, m_run, m_selection, m_middle);
    m_clusterPage = new widgets::ClusterPage(m_run, m_selection, m_middle);
    m_middle->addWidget(m_area);
    m_middle->addWidget(m_clusterPage);
    setCentralWidget(m_middle);
    m_library = new widgets::LibraryPanel(m_graph);
    m_cluster = new widgets::ClusterPanel(m_run, m_selection);
    m_cluster->setObjectName(u"cluster"_qs);
    m_addNode = new widgets::AddNodePanel(m_run);
    m_joins = new JoinControl(m_bridge, m_run, *m_addNode, this);
    m_inspector = new widgets::InspectorPanel(m_graph, m_run, m_selection, m_bridge, m_bridge);
    m_timeline = new widgets::TimelinePanel(m_run, m_selection);
    m_objects = new widgets::ObjectsPanel(m_run, m_selection, m_bridge, m_bridge);
    m_problems = new widgets::ProblemsPanel(m_graph, m_run, m_selection, m_bridge);
    m_omnibox = new widgets::Omnibox(m_graph, m_run, m_selection, m_bridge);
    m_keys = new widgets::KeySheet(this);
}

void MainWindow::makeDocks()
{
    setDockOptions(AllowNestedDocks); // what moves by itself arrives at once: a picture, a click never meets it half way
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);

    m_left = new TabDock(u"dock.left"_qs, tr("Library"), this);
    m_left->addPanel(u"library"_qs, tr("Library"), m_library);
    m_left->addPanel(u"outline"_qs, tr("Outline"), new widgets::OutlinePanel(m_graph, m_run, m_selection));
    auto* runs = new widgets::RunsPanel(m_run);
    m_left->addPanel(u"runs"_qs, tr("Runs"), runs);
    addDockWidget(Qt::LeftDockWidgetArea, m_left);
    m_clusterDock = plainDock(u"dock.cluster"_qs, tr("Cluster"), m_cluster, this);
    addDockWidget(Qt::LeftDockWidgetArea, m_clusterDock);
    splitDockWidget(m_left, m_clusterDock, Qt::Vertical);

    m_inspectorDock = new TabDock(u"dock.inspector"_qs, tr("Inspector"), this);
    m_inspectorDock->addPanel(u"inspector"_qs, tr("Inspector"), m_inspector);
    addDockWidget(Qt::RightDockWidgetArea, m_inspectorDock);

    m_addDock = new TabDock(u"dock.add_node"_qs, tr("Add node"), this);
    m_addDock->addPanel(u"add_node"_qs, tr("Add node"), m_addNode);
    addDockWidget(Qt::RightDockWidgetArea, m_addDock);
    m_addDock->hide();

    m_bottom = new TabDock(u"dock.bottom"_qs, tr("Panels"), this);
    m_bottom->addPanel(u"timeline"_qs, tr("Timeline"), m_timeline, m_timeline->corner());
    auto* tasks = new widgets::TasksPanel(m_run, m_selection, m_bridge);
    m_bottom->addPanel(u"tasks"_qs, tr("Tasks"), tasks);
    connect(m_problems, &widgets::ProblemsPanel::tasksRequested, this, [this, tasks](const QString& filter) {
        m_bottom->showPanel(u"tasks"_qs);
        tasks->setFilter(filter);
    });
    m_bottom->addPanel(u"objects"_qs, tr("Objects"), m_objects);
    m_bottom->addPanel(u"logs"_qs, tr("Logs"), new widgets::LogsPanel(m_run, m_selection));
    m_bottom->addPanel(u"problems"_qs, tr("Problems"), m_problems);
    m_bottom->addPanel(u"metrics"_qs, tr("Metrics"), new widgets::MetricsPanel(m_run));
    addDockWidget(Qt::BottomDockWidgetArea, m_bottom);

    connect(runs, &widgets::RunsPanel::showRunRequested, this, [this](const base::RunId& run) { m_bridge.showRun(run); });
    new widgets::EdgeGrab(this);
    statusBar()->setFixedHeight(metric::kStatusBar);
    statusBar()->setSizeGripEnabled(false);
    m_strip = new widgets::StatusStrip(m_run);
    statusBar()->addPermanentWidget(m_strip, 1);
}

void MainWindow::connectPanels()
{
    m_tools = new ToolRow(*m_actions, m_run, *m_omnibox, this);
    addToolBar(m_tools);
    m_rail = new QToolBar(tr("Panels at the left"), this);
    m_rail->setObjectName(u"rail"_qs);
    m_rail->setMovable(false);
    m_rail->setIconSize({metric::kIcon, metric::kIcon});
    for (const auto& [id, iconName] : {std::pair{u"library"_qs, u"library"_qs}, {u"outline"_qs, u"outline"_qs}, {u"runs"_qs, u"clock"_qs}})
        m_rail->addAction(widgets::icon(iconName), m_left->panelTitle(id), this, [this, id = id] {
            const bool hide = m_left->isVisible() && m_left->shownPanel() == id;
            hide ? m_left->hide() : m_left->showPanel(id);
        });
    m_rail->addAction(widgets::icon(u"cluster"_qs), tr("Cluster"), this, [this] { m_clusterDock->setVisible(!m_clusterDock->isVisible()); });
    addToolBar(Qt::LeftToolBarArea, m_rail);
    m_rail->hide();

    m_area->addButton(m_actions->get("graph.zoom_out"), u"minus"_qs);
    m_area->addButton(m_actions->get("graph.zoom_in"), u"plus"_qs);
    m_area->addButton(m_actions->get("graph.fit"), u"fit"_qs);
    m_bottom->addButton(m_actions->get("view.maximise"), u"maximise"_qs);
    m_documentName = new QLabel(menuBar());
    m_documentName->setFont(widgets::Theme::of().font(widgets::FontRole::Secondary));
    m_documentName->setContentsMargins(0, 0, metric::kTextInset, 0);
    m_documentName->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_documentName->setMinimumSize(360, metric::kMenuBar);
    menuBar()->setCornerWidget(m_documentName);
    const auto name = [this] {
        m_documentName->setText(m_graph.title() + (m_graph.isModified() ? u" \u2022"_qs : QString()));
        setWindowTitle(m_graph.title() + u"[*]"_qs);
        setWindowModified(m_graph.isModified());
    };
    connect(&m_graph, &widgets::GraphModel::documentChanged, this, name);
    connect(&m_graph.undoStack(), &QUndoStack::indexChanged, this, name);
    name();

    auto* canvas = &m_area->canvas();
    connect(m_library, &widgets::LibraryPanel::insertRequested, canvas, &widgets::GraphCanvas::insertFunction);
    connect(canvas, &widgets::GraphCanvas::fileDropped, this, [this](const QString& path) { if (m_documents->mayDiscard()) m_documents->open(path); });
    connect(canvas, &widgets::GraphCanvas::message, this, &MainWindow::say);
    connect(canvas, &widgets::GraphCanvas::inspectorRequested, this, [this] {
        m_inspectorDock->show();
        m_inspector->setFocus(Qt::OtherFocusReason);
    });
    connect(m_timeline, &widgets::TimelinePanel::message, this, &MainWindow::say);
    connect(&m_area->strip(), &widgets::RunStrip::showRunRequested, this, [this](const base::RunId& run) { m_bridge.showRun(run); });
    for (auto* panel : clusterPanels()) connectCluster(panel);
    connect(m_addNode, &widgets::AddNodePanel::addNodeRequested, this, [this](double cpus, quint64 storeBytes) { m_control->addNode({cpus, storeBytes}); });
    connect(m_inspector, &widgets::InspectorPanel::openRequested, this, [this](const types::ObjectAddress& object, const QString& fileName) { fileOf(object).open(fileName); });
    connect(m_inspector, &widgets::InspectorPanel::saveRequested, this, [this](const types::ObjectAddress& object, const QString& fileName) { fileOf(object).save(fileName); });
    connect(m_objects, &widgets::ObjectsPanel::openFileRequested, this, &MainWindow::openFile);
    connect(m_problems, &widgets::ProblemsPanel::countChanged, this, [this](int count) { m_bottom->setBadge(u"problems"_qs, count); });
    connect(&m_selection, &widgets::Selection::revealed, this, &MainWindow::reveal);
    connect(m_omnibox, &widgets::Omnibox::actionChosen, this, [](QAction* action) { action->trigger(); });
    connect(m_omnibox, &widgets::Omnibox::problemChosen, this, [this] { m_bottom->showPanel(u"problems"_qs); });

    connect(m_documents, &Documents::refused, this, &MainWindow::refuse);
    connect(m_documents, &Documents::opened, this, [this] {
        m_selection.clear();
        m_area->canvas().fitAll();
    });
    connect(m_control, &RunControl::refused, this, &MainWindow::refuse);
    connect(m_control, &RunControl::said, this, &MainWindow::say);
    connect(m_control, &RunControl::changed, this, &MainWindow::allowActions);
    connect(m_control, &RunControl::started, this, [this](const base::RunId& run) { m_lastStarted = run; });
    connect(&m_graph.undoStack(), &QUndoStack::indexChanged, this, &MainWindow::allowActions);
    connect(&m_run, &widgets::RunModel::shownRunChanged, this, [this] {
        if (const auto* run = m_run.shownRun(); run && m_run.graph()) m_documents->showRun(*m_run.graph(), QString::fromStdString(run->title));
    });
    connect(&m_run, &widgets::RunModel::catalogChanged, this, [this] { m_graph.setCatalog(m_run.catalog()); });
}

std::array<widgets::ClusterPanel*, 2> MainWindow::clusterPanels() const { return {m_cluster, &m_clusterPage->nodes()}; }

void MainWindow::connectCluster(widgets::ClusterPanel* panel)
{
    connect(panel, &widgets::ClusterPanel::killWorkerRequested, m_control, &RunControl::killWorker);
    connect(panel, &widgets::ClusterPanel::killNodeRequested, m_control, &RunControl::killNode);
    connect(panel, &widgets::ClusterPanel::removeNodeRequested, m_control, &RunControl::removeNode);
    connect(panel, &widgets::ClusterPanel::addNodeRequested, m_control, [this] { m_control->addNode(); });
}

void MainWindow::showJoining()
{
    if (m_perspective != Perspective::Cluster) setPerspective(Perspective::Cluster);
    m_addNode->setWay(widgets::AddNodePanel::Token);
    m_addDock->show();
    m_addNode->setFocus(Qt::OtherFocusReason);
}

void MainWindow::setPerspective(Perspective perspective)
{
    const auto was = std::exchange(m_perspective, perspective);
    const bool whole = perspective == Perspective::Analyse;
    const bool cluster = perspective == Perspective::Cluster;
    m_middle->setVisible(!whole);
    m_middle->setCurrentWidget(cluster ? static_cast<QWidget*>(m_clusterPage) : m_area);
    if (cluster) m_bottom->showPanel(u"metrics"_qs);
    else if (was == Perspective::Cluster && perspective != Perspective::Build) m_bottom->showPanel(u"timeline"_qs);
    m_bottom->setVisible(perspective != Perspective::Build);
    // The column at the right is the canvas' own, or the whole cluster's.
    setCorner(Qt::BottomRightCorner, cluster ? Qt::RightDockWidgetArea : Qt::BottomDockWidgetArea);
    m_widthClass = -1;
    fitWidth();
    if (m_tools) m_tools->showPerspective(static_cast<int>(perspective));
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    fitWidth();
}

// Only crossing a border changes anything, so that what a person has opened stays as it is while the window is dragged.
void MainWindow::fitWidth()
{
    if (!m_tools) return;
    const int now = widthClass(width()) * 2 + (height() < kLowHeight ? 1 : 0);
    if (std::exchange(m_widthClass, now) == now) return;
    const auto room = widthClass(width());
    const bool whole = m_perspective == Perspective::Analyse || m_perspective == Perspective::Cluster;
    m_tools->setRoom(room >= Wide, room >= Plain, room >= Tight);
    m_left->setVisible(room >= Tight && !whole);
    m_clusterDock->setVisible(room >= Tight && !whole);
    m_rail->setVisible(room < Tight && !whole);
    const bool drawer = room == Drawer && !whole;
    if (drawer) {
        m_area->setDrawer(m_inspectorDock->lend(u"inspector"_qs));
    } else {
        m_area->setDrawer(nullptr);
        m_inspectorDock->takeBack(u"inspector"_qs);
    }
    m_inspectorDock->setVisible(room > Drawer && !whole);
    m_addDock->setVisible(room >= Tight && m_perspective == Perspective::Cluster);
    resizeDocks({m_left, m_clusterDock}, {metric::kLeftDock, metric::kLeftDock}, Qt::Horizontal);
    const int column = room >= Plain ? metric::kInspector : 304;
    resizeDocks({m_inspectorDock, m_addDock}, {column, column}, Qt::Horizontal);
    const int inner = height() - metric::kMenuBar - metric::kToolBar - metric::kStatusBar;
    const int share = m_perspective == Perspective::Cluster ? kClusterBottom : kBottom;
    resizeDocks({m_bottom}, {height() < kLowHeight ? kLowBottom : inner * share / 100}, Qt::Vertical);
    const int cards = std::min(kClusterHeight, inner * 6 / 10);
    resizeDocks({m_left, m_clusterDock}, {inner - cards, cards}, Qt::Vertical);
}

} // namespace orrery::app
