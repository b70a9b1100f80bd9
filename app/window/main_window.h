// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// MainWindow: plugs models, bridge, head and panels together; menus, tool bar, docks and perspectives; the stage on which macros
// are played. What happens to a document is Documents' business, to a run RunControl's.
// Thread: UI. The window is painted before the head is started, and works without one; it then says why.

#include "app/window/actions.h"
#include "app/window/documents.h"
#include "app/window/first_minute.h"
#include "app/window/macro_player.h"
#include "app/window/run_control.h"
#include "app/window/workshop.h"
#include "engine/host/embedded_head.h"

#include <QMainWindow>
#include <QSize>

class QLabel;
class QStackedWidget;

namespace orrery::widgets {
class AddNodePanel;
class ClusterPage;
class ClusterPanel;
class InspectorPanel;
class KeySheet;
class LibraryPanel;
class NewLibrarySheet;
class ObjectsPanel;
class Omnibox;
class ProblemsPanel;
class StatusStrip;
class TimelinePanel;
class ValueFile;
}

namespace orrery::app {

class CanvasArea;
class JoinControl;
struct JoinedNode;
class TabDock;
class ToolRow;

struct WindowOptions {
    QString file;            // document to open
    std::string data;        // folder of runs; empty: the user's
    QString attach;          // head to attach to, as host::attachSession() takes it; empty: the newest of this user, or our own
    unsigned nodes = 1;      // of this computer, where the cluster has none
    bool nodesSaid = false;  // by a person: a cluster that has fewer gets the rest
    bool firstMinute = false;
    QString macro;           // played without a person, then the program ends
    QString picture;         // where "picture" of a macro saves
    QSize size{1920, 1080};  // of the window, when a macro is played or nothing was saved
    bool startHead = true;   // tests of the window alone do without
};

enum class Perspective : std::uint8_t { Build, Run, Analyse, Cluster };

class MainWindow final : public QMainWindow, private MacroStage {
    Q_OBJECT
public:
    explicit MainWindow(WindowOptions options);
    ~MainWindow() override;

    widgets::GraphModel& graph() { return m_graph; }
    widgets::RunModel& run() { return m_run; }
    widgets::Selection& selection() { return m_selection; }
    Bridge& bridge() { return m_bridge; }
    RunControl& control() { return *m_control; }
    Actions& actions() { return *m_actions; }
    Documents& documents() { return *m_documents; }
    const FirstMinute* firstMinute() const { return m_minute; }
    CanvasArea& area() { return *m_area; }
    TabDock& bottomDock() { return *m_bottom; }
    widgets::TimelinePanel& timeline() { return *m_timeline; }
    widgets::InspectorPanel& inspector() { return *m_inspector; }
    widgets::LibraryPanel& library() { return *m_library; }
    void setPerspective(Perspective perspective);
    bool savePicture(const QString& path); // of the full window
    QString headCluster() const { return m_headCluster; } // its name; empty: not up

Q_SIGNALS:
    void played(const QString& problem); // a macro has ended

protected:
    void showEvent(QShowEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    // main_window.cpp
    void startHead();
    void attachTo(const QString& address);
    void takeHead(const host::EmbeddedHead::Status& status);
    void openFirst();
    void refuse(const QString& what, const QStringList& problems);
    void say(const QString& text);
    void reveal();
    widgets::ValueFile& fileOf(const types::ObjectAddress& object); // saved or opened for the inspector
    void openFile(const QString& path); // with the desktop's program for it
    void startFirstMinute();
    void startWithNodes();
    void doLine(int line); // of the coach card
    void chooseFolder();
    bool runOnFolder(const QString& folder); // the person's program over its files; shows what came of it
    void leave();
    // main_window_parts.cpp
    void makePanels();
    void makeDocks();
    void connectPanels();
    void connectCluster(widgets::ClusterPanel* panel);
    void showJoining(); // the panel where another machine is let in
    std::array<widgets::ClusterPanel*, 2> clusterPanels() const; // of the dock and of the page
    void fitWidth();
    // main_window_actions.cpp
    void makeActions();
    void makeGraphActions();
    void makeRunActions();
    void makeViewActions();
    void makeLibraryActions();
    void readLibraries();
    void makeMenus();
    void allowActions();
    // main_window_stage.cpp
    void play(const QString& path);
    QString perform(const MacroStep& step) override;
    bool holds(const MacroStep& step) override;
    QString broken() override;
    QString selectObject(const QString& vertex);
    QString joinFromHere(const QString& name);

    const WindowOptions m_options;
    widgets::GraphModel m_graph;
    widgets::RunModel m_run;
    widgets::Selection m_selection;
    Bridge m_bridge;
    std::unique_ptr<host::EmbeddedHead> m_head;
    QString m_headCluster;
    Actions* m_actions;
    Documents* m_documents;
    RunControl* m_control;
    Workshop* m_workshop;
    FirstMinute* m_minute = nullptr;
    MacroPlayer* m_player = nullptr;
    std::unique_ptr<JoinedNode> m_joined; // of a macro

    QStackedWidget* m_middle = nullptr; // the canvas, or the cluster
    CanvasArea* m_area = nullptr;
    widgets::ClusterPage* m_clusterPage = nullptr;
    ToolRow* m_tools = nullptr;
    TabDock* m_left = nullptr;
    QDockWidget* m_clusterDock = nullptr;
    TabDock* m_inspectorDock = nullptr;
    TabDock* m_addDock = nullptr;
    TabDock* m_bottom = nullptr;
    QToolBar* m_rail = nullptr;
    widgets::LibraryPanel* m_library = nullptr;
    widgets::NewLibrarySheet* m_newLibrary = nullptr;
    widgets::ClusterPanel* m_cluster = nullptr;
    widgets::AddNodePanel* m_addNode = nullptr;
    JoinControl* m_joins = nullptr;
    widgets::StatusStrip* m_strip = nullptr;
    widgets::InspectorPanel* m_inspector = nullptr;
    widgets::TimelinePanel* m_timeline = nullptr;
    widgets::ObjectsPanel* m_objects = nullptr;
    widgets::ProblemsPanel* m_problems = nullptr;
    widgets::Omnibox* m_omnibox = nullptr;
    widgets::KeySheet* m_keys = nullptr;
    QLabel* m_documentName = nullptr;

    Perspective m_perspective = Perspective::Run;
    int m_widthClass = -1;
    bool m_painted = false;
    bool m_leaving = false;
    base::RunId m_lastStarted; // by this window
};

} // namespace orrery::app
