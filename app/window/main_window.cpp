// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// MainWindow: its life, its head and what it says.
#include "app/window/main_window.h"

#include "app/window/canvas_area.h"
#include "app/window/english_plurals.h"
#include "app/window/joined_node.h"
#include "app/window/tab_dock.h"
#include "app/window/tool_row.h"
#include "engine/host/attach.h"
#include "widgets/common/value_file.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/logs/problems_panel.h"
#include "widgets/pages/cluster_panel.h"
#include "widgets/pages/coach_card.h"
#include "widgets/pages/status_strip.h"
#include "widgets/timeline/timeline_panel.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QStatusBar>
#include <QSysInfo>
#include <QTimer>
#include <QUrl>

namespace orrery::app {

namespace {

constexpr int kNodesPatienceMs = 5'000; // from the first node on

} // namespace

MainWindow::MainWindow(WindowOptions options)
    : m_options(std::move(options)), m_bridge(m_run), m_actions(new Actions(this)), m_documents(new Documents(m_graph, this)), m_control(new RunControl(m_bridge, m_graph, m_run, this)), m_workshop(new Workshop(this))
{
    m_documents->setParent(this);
    static auto* plurals = new EnglishPlurals(qApp);
    QCoreApplication::installTranslator(plurals);
    setObjectName(QStringLiteral("orrery"));
    setWindowTitle(QStringLiteral("Orrery"));
    m_bridge.setLink(widgets::LinkState::Starting, tr("The head starts"));
    makePanels();
    makeDocks();
    makeActions();
    makeMenus();
    connectPanels();
    setMinimumSize(1024, 640);
    resize(m_options.size);
    if (m_options.macro.isEmpty()) {
        const QSettings settings;
        restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
        restoreState(settings.value(QStringLiteral("window/state")).toByteArray());
    }
    setPerspective(Perspective::Run);
    openFirst();
    allowActions();
}

MainWindow::~MainWindow()
{
    leave();
    delete std::exchange(m_workshop, nullptr); // its threads speak to it
    // What models say while they go has no listener here any more.
    for (QObject* model : std::initializer_list<QObject*>{&m_graph, &m_graph.undoStack(), &m_run, &m_selection}) model->disconnect(this);
    // Panels read the models, which are members: they go first.
    qDeleteAll(findChildren<QDockWidget*>(QString(), Qt::FindDirectChildrenOnly));
    delete takeCentralWidget();
    qDeleteAll(findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly));
    qDeleteAll(findChildren<widgets::ValueFile*>()); // they ask the bridge until their end
    delete std::exchange(m_minute, nullptr);
    delete std::exchange(m_player, nullptr);
}

void MainWindow::openFirst()
{
    if (!m_options.file.isEmpty()) {
        if (!m_documents->open(m_options.file)) m_documents->startEmpty();
    } else if (m_options.firstMinute || !m_options.macro.isEmpty()) {
        m_documents->openExample(QStringLiteral("deep_zoom"));
    } else {
        m_documents->startEmpty();
    }
    if (m_options.firstMinute && m_options.macro.isEmpty()) startFirstMinute();
}

void MainWindow::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    fitWidth();
}

// The head starts only when a person sees the window: nothing it does may be in the way of that.
void MainWindow::paintEvent(QPaintEvent* event)
{
    QMainWindow::paintEvent(event);
    if (std::exchange(m_painted, true)) return;
    QTimer::singleShot(0, this, [this] {
        m_area->canvas().fitAll();
        if (m_options.startHead) startHead();
        if (!m_options.macro.isEmpty()) play(m_options.macro);
    });
}

// A head that we are not and that we leave as it is. It may be far: the session watches whether it answers, and comes back by itself.
void MainWindow::attachTo(const QString& address)
{
    auto session = host::attachSession(address.toStdString());
    if (!session) {
        m_bridge.detach(widgets::LinkState::Failed, QString::fromStdString(session.error().message));
        return refuse(tr("The cluster is not there: %1").arg(QString::fromStdString(session.error().message)), {});
    }
    m_headCluster = address;
    const QString name = host::isNetworkAddress(address.toStdString()) ? address : QFileInfo(address).completeBaseName(); // of a socket; a cluster's name stays what it is
    m_tools->setCluster(name);
    for (auto* panel : clusterPanels()) panel->setHeadHost(address);
    m_strip->setHead(tr("head of %1").arg(name));
    m_bridge.attach(std::move(*session));
    allowActions();
}

void MainWindow::startHead()
{
    if (!m_options.attach.isEmpty()) return attachTo(m_options.attach);
    host::EmbeddedHeadOptions wish;
    wish.head.dataDir = m_options.data;
    wish.nodes = m_options.nodes;
    wish.fill = m_options.nodesSaid;
    if (!m_options.macro.isEmpty()) wish.attach = false; // what is played needs a cluster that nobody else uses
    m_head = std::make_unique<host::EmbeddedHead>(wish);
    m_head->start([this](host::EmbeddedHead::Status status) {
        QMetaObject::invokeMethod(this, [this, status = std::move(status)] { takeHead(status); }, Qt::QueuedConnection);
    });
}

void MainWindow::takeHead(const host::EmbeddedHead::Status& status)
{
    using State = host::EmbeddedHead::State;
    if (m_leaving) return;
    if (status.state == State::Up) {
        if (m_headCluster.isEmpty()) {
            m_bridge.attach(status.session);
            if (m_options.macro.isEmpty()) m_workshop->watchAgain(); // what is played has the machine to itself
        }
        m_headCluster = QString::fromStdString(status.cluster);
        for (auto* panel : clusterPanels()) panel->setHeadHost(QSysInfo::machineHostName()); // own or attached to: it listens on a socket of this computer
        if (!status.why.empty()) refuse(tr("A node is missing: %1").arg(QString::fromStdString(status.why)), {});
    } else if (status.state == State::Failed) {
        m_bridge.detach(widgets::LinkState::Failed, QString::fromStdString(status.why));
        refuse(tr("The cluster is not there: %1").arg(QString::fromStdString(status.why)), {});
    }
    allowActions();
}

void MainWindow::startFirstMinute()
{
    if (m_minute) return;
    m_minute = new FirstMinute(m_run, m_selection, m_bridge, m_bridge, this);
    auto* card = new widgets::CoachCard(tr("First minute"), m_area);
    const auto plug = [this] { return m_control->spareNode(); };
    card->setLines(FirstMinute::lines(m_options.nodes, m_options.nodes > 1 ? std::optional(static_cast<std::uint16_t>(m_options.nodes - 1)) : std::nullopt));
    m_area->setCoach(card);
    const auto mark = [this, card, plug] {
        if (card->isDone(FirstMinute::PullPlug) || m_minute->plugIsPulled()) return m_cluster->setPlugMarked(std::nullopt);
        card->setText(FirstMinute::PullPlug, FirstMinute::plugLine(plug()));
        m_cluster->setPlugMarked(card->current() == FirstMinute::PullPlug && m_control->running() ? plug() : std::nullopt);
    };
    connect(m_control, &RunControl::changed, card, [this, mark] { if (!m_run.nodes().empty()) mark(); });
    connect(m_minute, &FirstMinute::done, card, [mark] { mark(); });
    connect(m_minute, &FirstMinute::done, card, &widgets::CoachCard::setDone);
    connect(m_minute, &FirstMinute::reported, this, [this](const PlugReport& report) {
        m_area->toast(report.text(), report.identical ? types::TaskState::Retrying : types::TaskState::Failed);
        say(report.text());
    });
    connect(m_minute, &FirstMinute::failed, this, &MainWindow::say);
    connect(m_control, &RunControl::plugPulled, m_minute, &FirstMinute::plugPulled);
    connect(m_timeline, &widgets::TimelinePanel::filterChanged, m_minute, &FirstMinute::filtered);
    connect(card, &widgets::CoachCard::lineActivated, this, &MainWindow::doLine);
    connect(card, &widgets::CoachCard::closed, this, [this] {
        m_area->setCoach(nullptr);
        m_cluster->setPlugMarked(std::nullopt);
    });
    if (m_options.macro.isEmpty()) startWithNodes(); // else the macro does the rest
}

void MainWindow::doLine(int line)
{
    if (line == FirstMinute::PullPlug) {
        const auto spare = m_control->spareNode();
        if (!m_control->running()) m_control->start();
        else if (spare) m_control->killNode(*spare);
        else m_control->pullPlug();
    } else if (line == FirstMinute::ManyTasks) {
        if (!m_documents->mayDiscard() || !m_documents->openExample(QStringLiteral("flood"))) return;
        m_control->start();
        m_timeline->setFilterText(QStringLiteral("dur>1ms"));
    } else if (line == FirstMinute::OwnFiles) {
        chooseFolder();
    }
}

// The run starts itself, sized by a probe, once the nodes are there; those that take much longer than the first are not waited for.
void MainWindow::startWithNodes()
{
    auto* waiting = new QObject(this);
    auto* patience = new QTimer(waiting);
    patience->setSingleShot(true);
    patience->setInterval(kNodesPatienceMs);
    const auto go = [this, waiting] {
        waiting->deleteLater();
        disconnect(&m_run, nullptr, waiting, nullptr);
        connect(m_control, &RunControl::probed, this, [this] { m_control->start(); }, Qt::SingleShotConnection);
        m_control->probe();
    };
    connect(patience, &QTimer::timeout, waiting, go);
    connect(&m_run, &widgets::RunModel::nodesChanged, waiting, [this, patience, go] {
        const auto& nodes = m_run.nodes();
        const auto living = std::count_if(nodes.begin(), nodes.end(), [](const auto& node) { return node.state == types::NodeState::Alive; });
        const bool own = m_head && m_head->status().own; // an attached cluster has the nodes that it has
        if (living >= static_cast<std::ptrdiff_t>(own ? m_options.nodes : 1)) go();
        else if (living > 0 && !patience->isActive()) patience->start();
    });
}

void MainWindow::chooseFolder()
{
    if (!m_documents->mayDiscard()) return;
    auto* dialog = new QFileDialog(this, tr("A folder whose files a command reads"), QDir::homePath());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::runOnFolder);
    dialog->open();
}

bool MainWindow::runOnFolder(const QString& folder)
{
    if (!m_documents->openOnFolder(folder)) return false;
    m_control->start();
    // The list of the sums is what a person wants to see; the card of a vertex shows it as soon as it is there.
    m_selection.selectVertices({QStringLiteral("list")});
    m_inspector->showPage(widgets::InspectorPanel::Page::Value);
    return true;
}

void MainWindow::refuse(const QString& what, const QStringList& problems)
{
    m_problems->setRefusal(what, problems);
    m_area->toast(what, types::TaskState::Failed, problems.isEmpty() ? nullptr : m_actions->get("view.problems"));
    Q_EMIT m_control->said(what);
}

void MainWindow::say(const QString& text) { statusBar()->showMessage(text, 8000); }

void MainWindow::reveal()
{
    if (m_selection.task()) m_bottom->showPanel(QStringLiteral("timeline"));
}

widgets::ValueFile& MainWindow::fileOf(const types::ObjectAddress& object)
{
    auto* made = new widgets::ValueFile(m_bridge, object, this);
    connect(made, &widgets::ValueFile::ended, this, [this, made](widgets::ValueFile::End end, const QString& text) {
        using End = widgets::ValueFile::End;
        made->deleteLater();
        if (end == End::Saved) say(tr("Saved %1").arg(text));
        else if (end == End::Opened) openFile(text);
        else if (end == End::Failed) refuse(tr("The value was not saved: %1").arg(text), {});
    });
    return *made;
}

void MainWindow::openFile(const QString& path)
{
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(path))) refuse(tr("No program here opens %1").arg(path), {});
}

bool MainWindow::savePicture(const QString& path)
{
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest); // a size that was just set has reached every part
    return grab().save(path, "PNG");
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    const bool alone = !m_options.macro.isEmpty();
    if (!alone && !m_documents->mayDiscard()) return event->ignore();
    if (!alone && m_head && m_control->running() && m_head->status().own) {
        QMessageBox box(this);
        box.setText(tr("A run is going on."));
        box.setInformativeText(tr("Kept running, a head without a window takes the cluster over; open runs begin again there, and the next window shows them."));
        auto* keep = box.addButton(tr("Keep running"), QMessageBox::AcceptRole);
        auto* stop = box.addButton(tr("Stop the run and close"), QMessageBox::DestructiveRole);
        box.addButton(QMessageBox::Cancel);
        box.setDefaultButton(keep);
        box.exec();
        if (box.clickedButton() == keep) m_head->close(host::EmbeddedHead::Nodes::Keep);
        else if (box.clickedButton() != stop) return event->ignore();
    }
    if (!alone) {
        QSettings settings;
        settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
        settings.setValue(QStringLiteral("window/state"), saveState());
    }
    event->accept();
    leave();
    QApplication::quit();
}

void MainWindow::leave()
{
    if (std::exchange(m_leaving, true)) return;
    m_bridge.detach(widgets::LinkState::Away, tr("The window is closing"));
    if (m_head) m_head->close();
    m_head.reset();
}

} // namespace orrery::app
