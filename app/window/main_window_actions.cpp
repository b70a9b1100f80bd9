// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// MainWindow: its actions and menus. An action is there only when it works; disabled, it says why.
#include "app/window/canvas_area.h"
#include "app/window/main_window.h"
#include "app/window/tab_dock.h"
#include "widgets/common/theme.h"
#include "widgets/pages/add_node_panel.h"
#include "widgets/pages/cluster_panel.h"
#include "widgets/pages/key_sheet.h"
#include "widgets/pages/library_panel.h"
#include "widgets/pages/new_library_sheet.h"
#include "widgets/pages/omnibox.h"

#include <QActionGroup>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>

namespace orrery::app {

using Keys = QList<QKeySequence>;

namespace {

void group(Actions& actions, std::initializer_list<const char*> ids, const QString& name)
{
    for (const auto* id : ids) actions.get(id)->setProperty(widgets::kActionGroup, name);
}

} // namespace

void MainWindow::makeActions()
{
    auto& a = *m_actions;
    a.add({"file.new", tr("New graph"), Keys{QKeySequence::New}, u"plus"_qs}, [this] { if (m_documents->mayDiscard()) m_documents->startEmpty(); });
    a.add({"file.open", tr("Open..."), Keys{QKeySequence::Open}, u"file"_qs}, [this] {
        if (!m_documents->mayDiscard()) return;
        const QString path = QFileDialog::getOpenFileName(this, tr("Open a graph"), QFileInfo(m_graph.path()).path(), tr("Graphs (*.orrery)"));
        if (!path.isEmpty()) m_documents->open(path);
    });
    a.add({"file.save", tr("Save"), Keys{QKeySequence::Save}, u"disk"_qs}, [this] { m_documents->save(); });
    a.add({"file.save_as", tr("Save as..."), Keys{QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S)}}, [this] { m_documents->saveAs(); });
    a.add({"file.quit", tr("Quit"), Keys{QKeySequence(Qt::CTRL | Qt::Key_Q)}}, [this] { close(); });
    group(a, {"file.new", "file.open", "file.save", "file.save_as", "file.quit"}, tr("File"));
    makeGraphActions();
    makeRunActions();
    makeViewActions();
    makeLibraryActions();
    m_omnibox->setActions(a.all());
    m_keys->setActions(a.all());
}

void MainWindow::makeGraphActions()
{
    auto& a = *m_actions;
    auto* canvas = &m_area->canvas();
    a.add({"edit.undo", tr("Undo"), Keys{QKeySequence::Undo}}, [this] { m_graph.undoStack().undo(); });
    a.add({"edit.redo", tr("Redo"), Keys{QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)}}, [this] { m_graph.undoStack().redo(); });
    a.add({"edit.cut", tr("Cut"), Keys{QKeySequence::Cut}, {}, canvas}, [canvas] { canvas->cut(); });
    a.add({"edit.copy", tr("Copy"), Keys{QKeySequence::Copy}, u"copy"_qs, canvas}, [canvas] { canvas->copy(); });
    a.add({"edit.paste", tr("Paste"), Keys{QKeySequence::Paste}, {}, canvas}, [canvas] { canvas->paste(); });
    a.add({"edit.duplicate", tr("Duplicate"), Keys{QKeySequence(Qt::CTRL | Qt::Key_D)}, {}, canvas}, [canvas] { canvas->duplicate(); });
    a.add({"edit.remove", tr("Delete"), Keys{QKeySequence(Qt::Key_Delete)}, {}, canvas}, [canvas] { canvas->removeSelected(); });
    a.add({"edit.select_all", tr("Select all"), Keys{QKeySequence::SelectAll}, {}, canvas}, [canvas] { canvas->selectAll(); });
    group(a, {"edit.undo", "edit.redo", "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.remove", "edit.select_all"}, tr("Edit"));
    a.add({"graph.add", tr("Add a task..."), Keys{QKeySequence(Qt::Key_Tab)}, u"plus"_qs, canvas}, [canvas] { canvas->openPalette(); });
    a.add({"graph.layout", tr("Lay out"), Keys{QKeySequence(Qt::Key_L)}, u"layers"_qs, canvas}, [canvas] { canvas->autoLayout(); });
    a.add({"graph.fit", tr("Fit the graph"), Keys{QKeySequence(Qt::Key_Home)}, u"fit"_qs, canvas}, [canvas] { canvas->fitAll(); });
    a.add({"graph.fit_selection", tr("Fit the selection"), Keys{QKeySequence(Qt::Key_F)}, {}, canvas}, [canvas] { canvas->fitSelection(); });
    a.add({"graph.zoom_in", tr("Zoom in"), Keys{QKeySequence::ZoomIn}, u"plus"_qs}, [canvas] { canvas->zoomIn(); });
    a.add({"graph.zoom_out", tr("Zoom out"), Keys{QKeySequence::ZoomOut}, u"minus"_qs}, [canvas] { canvas->zoomOut(); });
    a.add({"graph.zoom_full", tr("100 %"), Keys{QKeySequence(Qt::Key_1)}, {}, canvas}, [canvas] { canvas->zoomTo(1); });
    group(a, {"graph.add", "graph.layout", "graph.fit", "graph.fit_selection", "graph.zoom_in", "graph.zoom_out", "graph.zoom_full"}, tr("Graph"));
}

void MainWindow::makeRunActions()
{
    auto& a = *m_actions;
    a.add({"run.start", tr("Run"), Keys{QKeySequence(Qt::Key_F5)}, u"run"_qs}, [this] { m_control->start(); });
    a.add({"run.stop", tr("Stop"), Keys{QKeySequence(Qt::SHIFT | Qt::Key_F5)}, u"stop"_qs}, [this] { m_control->stop(); });
    a.add({"run.pull_plug", tr("Pull the plug on the busiest worker"), {}, u"plug"_qs}, [this] { m_control->pullPlug(); });
    a.add({"cluster.pull_plug", tr("Pull the plug on the newest node"), {}, u"unplug"_qs}, [this] { if (const auto node = m_control->spareNode()) m_control->killNode(*node); });
    a.add({"cluster.remove_node", tr("Remove the newest node"), {}, u"minus"_qs}, [this] { if (const auto node = m_control->spareNode()) m_control->removeNode(*node); });
    a.add({"run.own_files", tr("A command on a folder..."), {}, u"folder"_qs}, [this] { chooseFolder(); });
    a.add({"cluster.add_node", tr("Add a node of this computer"), {}, u"node"_qs}, [this] { m_control->addNode(); });
    a.add({"cluster.join", tr("Let a machine join..."), {}, u"key"_qs}, [this] { showJoining(); });
    a.add({"cluster.rescan", tr("Read the plugins again"), {}, u"rerun"_qs}, [this] { m_bridge.rescanPlugins([this](const Outcome& outcome) { say(outcome.ok ? tr("The plugins are being read") : outcome.text); }); });
    group(a, {"run.start", "run.stop", "run.own_files", "run.pull_plug"}, tr("Run"));
    group(a, {"cluster.add_node", "cluster.join", "cluster.remove_node", "cluster.pull_plug", "cluster.rescan"}, tr("Cluster"));
}

void MainWindow::makeLibraryActions()
{
    m_newLibrary = new widgets::NewLibrarySheet(this);
    m_actions->add({"library.new", tr("New..."), {}, u"library"_qs}, [this] { m_newLibrary->ask(Workshop::usualFolder()); });
    group(*m_actions, {"library.new"}, tr("Library"));
    connect(m_library, &widgets::LibraryPanel::newRequested, m_actions->get("library.new"), &QAction::trigger);
    connect(m_newLibrary, &widgets::NewLibrarySheet::wanted, this, [this](const QString& name, const QString& folder) {
        m_newLibrary->setBusy();
        m_workshop->make(name, folder);
    });
    connect(m_workshop, &Workshop::refused, this, [this](const QString& sentence) {
        m_newLibrary->setProblem(sentence);
        m_run.note(base::LogLevel::Error, sentence);
        if (!m_newLibrary->isVisible()) refuse(sentence, {});
    });
    connect(m_workshop, &Workshop::made, this, [this](const QString& source, const QString& function) {
        m_newLibrary->setProblem({});
        m_newLibrary->accept();
        m_run.note(base::LogLevel::Info, tr("The task library %1 is made; saving %2 builds it again").arg(function.section(u'.', 0, 0), source));
        m_left->showPanel(u"library"_qs);
        m_library->reveal(function);
        readLibraries();
        openFile(source);
    });
    connect(m_workshop, &Workshop::built, this, [this](const QString& text) {
        m_run.note(base::LogLevel::Info, text);
        readLibraries();
    });
    connect(m_workshop, &Workshop::broken, this, [this](const QString& sentence) {
        m_run.note(base::LogLevel::Error, sentence);
        m_area->toast(sentence, types::TaskState::Failed, m_actions->get("view.logs"));
    });
}

// The catalog comes with the next update of the model; here only what was said.
void MainWindow::readLibraries()
{
    m_bridge.rescanPlugins([this](const Outcome& outcome) {
        if (outcome.ok) return say(tr("The next run uses the library as it was saved"));
        m_run.note(base::LogLevel::Warn, tr("The cluster does not know of the library yet: %1").arg(outcome.text));
    });
}

void MainWindow::makeViewActions()
{
    auto& a = *m_actions;
    a.add({"view.commands", tr("Search and commands"), Keys{QKeySequence(Qt::CTRL | Qt::Key_K)}, u"search"_qs}, [this] { m_omnibox->open(); });
    a.add({"view.commands_only", tr("Commands"), Keys{QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P)}}, [this] { m_omnibox->open(u">"_qs); });
    a.add({"view.keys", tr("Keys"), Keys{QKeySequence(Qt::Key_F1), QKeySequence(Qt::Key_Question)}}, [this] { m_keys->popUp(); });
    a.add({"view.build", tr("Build"), Keys{QKeySequence(Qt::CTRL | Qt::Key_1)}}, [this] { setPerspective(Perspective::Build); });
    a.add({"view.run", tr("Run and watch"), Keys{QKeySequence(Qt::CTRL | Qt::Key_2)}}, [this] { setPerspective(Perspective::Run); });
    a.add({"view.analyse", tr("Analyse"), Keys{QKeySequence(Qt::CTRL | Qt::Key_3)}}, [this] { setPerspective(Perspective::Analyse); });
    a.add({"view.cluster", tr("Cluster"), Keys{QKeySequence(Qt::CTRL | Qt::Key_4)}, u"cluster"_qs}, [this] { setPerspective(Perspective::Cluster); });
    a.add({"view.bottom", tr("Panels at the bottom"), Keys{QKeySequence(Qt::CTRL | Qt::Key_J)}, u"panel"_qs}, [this] { m_bottom->setVisible(!m_bottom->isVisible()); });
    a.add({"view.left", tr("Library and cluster"), Keys{}, u"library"_qs}, [this] {
        const bool show = !m_left->isVisible();
        m_left->setVisible(show);
        m_clusterDock->setVisible(show);
    });
    a.add({"view.inspector", tr("Inspector"), Keys{}, u"panel"_qs}, [this] { m_area->hasDrawer() ? m_area->toggleDrawer() : m_inspectorDock->setVisible(!m_inspectorDock->isVisible()); });
    for (const auto& id : m_bottom->panels()) {
        a.add({"view." + id.toLatin1(), m_bottom->panelTitle(id), {}}, [this, id] { m_bottom->showPanel(id); });
    }
    a.get("view.logs")->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_QuoteLeft));
    a.add({"view.maximise", tr("Panels in the whole window"), Keys{QKeySequence(Qt::Key_F12)}, u"maximise"_qs}, [this] { setPerspective(m_perspective == Perspective::Analyse ? Perspective::Run : Perspective::Analyse); });
    a.add({"view.full_screen", tr("Full screen"), Keys{QKeySequence(Qt::Key_F11)}}, [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    using Mode = widgets::Theme::Mode;
    a.add({"view.dark", tr("Dark theme"), {}}, [] { widgets::Theme::of().setMode(Mode::Dark); });
    a.add({"view.light", tr("Light theme"), {}}, [] { widgets::Theme::of().setMode(Mode::Light); });
    a.add({"view.system", tr("Theme of the system"), {}}, [] { widgets::Theme::of().setMode(Mode::System); });
    a.add({"view.reduce_motion", tr("Reduce motion"), {}}, [] { widgets::Theme::of().setReduceMotion(!widgets::Theme::of().reduceMotion()); });
    a.add({"help.first_minute", tr("First minute"), {}}, [this] { startFirstMinute(); });
    a.add({"help.about", tr("About Orrery"), {}}, [this] {
        QMessageBox::about(this, tr("About Orrery"), tr("Orrery %1: a desktop workbench for clusters. Programs Apache-2.0; the window GPL-3.0-or-later.").arg(QStringLiteral("0.1")));
    });
}

void MainWindow::makeMenus()
{
    const auto fill = [this](const QString& title, std::initializer_list<const char*> ids) {
        auto* menu = menuBar()->addMenu(title);
        for (const auto* id : ids) {
            if (*id == '-') menu->addSeparator();
            else menu->addAction(m_actions->get(id));
        }
        return menu;
    };
    auto* file = fill(tr("File"), {"file.new", "file.open"});
    auto* examples = file->addMenu(tr("Open an example"));
    for (const auto& name : Documents::examples())
        examples->addAction(name, this, [this, name] { if (m_documents->mayDiscard()) m_documents->openExample(name); });
    for (const auto* id : {"file.save", "file.save_as", "file.quit"}) file->addAction(m_actions->get(id));
    fill(tr("Edit"), {"edit.undo", "edit.redo", "-", "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.remove", "-", "edit.select_all"});
    auto* view = fill(tr("View"), {"view.commands", "-", "view.build", "view.run", "view.analyse", "view.cluster", "-", "view.left", "view.inspector", "view.bottom", "view.maximise", "view.full_screen", "-"});
    auto* theme = view->addMenu(tr("Theme"));
    for (const auto* id : {"view.dark", "view.light", "view.system"}) theme->addAction(m_actions->get(id));
    view->addAction(m_actions->get("view.reduce_motion"));
    fill(tr("Graph"), {"graph.add", "graph.layout", "-", "graph.zoom_in", "graph.zoom_out", "graph.zoom_full", "graph.fit", "graph.fit_selection"});
    fill(tr("Library"), {"library.new", "cluster.rescan"});
    fill(tr("Run"), {"run.start", "run.stop", "-", "run.own_files"});
    fill(tr("Cluster"), {"cluster.add_node", "cluster.remove_node", "-", "cluster.pull_plug", "run.pull_plug", "-", "cluster.rescan"});
    auto* window = menuBar()->addMenu(tr("Window"));
    for (const auto& id : m_bottom->panels()) window->addAction(m_actions->get("view." + id.toLatin1()));
    fill(tr("Help"), {"view.keys", "help.first_minute", "-", "help.about"});
}

void MainWindow::allowActions()
{
    auto& a = *m_actions;
    a.allow("run.start", m_control->whyNotStart());
    a.tint("run.start", m_control->running() ? widgets::Token::Muted : widgets::Token::Succeeded);
    a.allow("run.stop", m_control->whyNotStop());
    a.tint("run.stop", m_control->running() ? widgets::Token::Failed : widgets::Token::Muted);
    a.allow("run.pull_plug", m_control->whyNotKill());
    const auto add = m_bridge.can(types::Verb::AddNode);
    a.allow("cluster.add_node", add.yes ? QString() : QString::fromStdString(add.why));
    for (const auto* id : {"cluster.pull_plug", "cluster.remove_node"}) a.allow(id, m_control->whyNotSpare());
    const auto spare = m_control->spareNode();
    a.get("cluster.pull_plug")->setText(spare ? tr("Pull the plug on node %1").arg(widgets::RunModel::nodeLetter(*spare)) : tr("Pull the plug on the newest node"));
    a.get("cluster.remove_node")->setText(spare ? tr("Remove node %1").arg(widgets::RunModel::nodeLetter(*spare)) : tr("Remove the newest node"));
    m_addNode->setCanAdd(add);
    for (auto* panel : clusterPanels()) {
        panel->setCanAdd(add);
        panel->setCanRemove(m_bridge.can(types::Verb::RemoveNode));
        panel->setCanKill(m_bridge.can(types::Verb::KillWorker));
    }
    a.allow("edit.undo", m_graph.undoStack().canUndo() ? QString() : tr("Nothing to undo"));
    a.allow("edit.redo", m_graph.undoStack().canRedo() ? QString() : tr("Nothing to redo"));
}

} // namespace orrery::app
