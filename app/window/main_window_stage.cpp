// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// MainWindow as the stage of macros: each intent does what a person's action does, each condition is what a person would see.
#include "app/window/canvas_area.h"
#include "app/window/join_control.h"
#include "app/window/joined_node.h"
#include "app/window/main_window.h"
#include "app/window/tab_dock.h"
#include "widgets/common/theme.h"
#include "widgets/common/value_preview.h"
#include "engine/launch/cluster_dir.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/pages/add_node_panel.h"
#include "widgets/pages/token_page.h"
#include "widgets/timeline/timeline_panel.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTextStream>

namespace orrery::app {

namespace {

void print(const QString& line)
{
    QTextStream(stdout) << line << Qt::endl;
}

QString runLine(const types::RunRow& run)
{
    const double seconds = static_cast<double>(run.endNs - run.startNs) / 1e9;
    QString text = QStringLiteral("run %1: %2, %3 tasks in %4 s").arg(run.number).arg(QString::fromStdString(std::string(types::runStateName(run.state)))).arg(run.tasks).arg(seconds, 0, 'f', 3);
    if (run.reexecuted > 0) text += QStringLiteral(", %1 computed again").arg(run.reexecuted);
    if (!run.error.empty()) text += QStringLiteral(": ") + QString::fromStdString(run.error);
    return text;
}

std::uint32_t doneTasks(const types::RunRow& run)
{
    std::uint32_t done = 0;
    for (int state = 0; state < types::kTaskStates; ++state)
        if (types::isTerminal(static_cast<types::TaskState>(state))) done += run.counts[static_cast<std::size_t>(state)];
    return done;
}

} // namespace

void MainWindow::play(const QString& path)
{
    QFile file(path);
    const auto macro = file.open(QIODevice::ReadOnly) ? parseMacro(file.readAll()) : base::fail(base::Errc::BadInput, tr("the macro %1 cannot be read: %2").arg(path, file.errorString()).toStdString());
    if (!macro) {
        print(QString::fromStdString(macro.error().message));
        QApplication::exit(2);
        return;
    }
    startFirstMinute();
    connect(m_minute, &FirstMinute::reported, this, [](const PlugReport& report) { print(QStringLiteral("          ") + report.text()); });
    m_player = new MacroPlayer(*macro, *this, this);
    connect(&m_run, &widgets::RunModel::ticked, m_player, &MacroPlayer::nudge);
    connect(m_player, &MacroPlayer::said, this, print);
    connect(m_player, &MacroPlayer::finished, this, [this](const QString& problem) {
        if (!problem.isEmpty()) print(tr("stopped at %1").arg(problem));
        Q_EMIT played(problem);
        QApplication::exit(problem.isEmpty() ? 0 : 1);
    });
    m_player->start();
}

QString MainWindow::perform(const MacroStep& step)
{
    const auto text = [&](const QString& field) { return step.arguments.value(field).toString(); };
    const auto number = [&](const QString& field) { return step.arguments.value(field).toInt(); };
    if (step.verb == u"open"_qs) {
        const QString file = text(u"file"_qs);
        const bool opened = Documents::examples().contains(file) ? m_documents->openExample(file) : m_documents->open(file);
        m_area->canvas().fitAll();
        return opened ? QString() : tr("%1 was not opened").arg(file);
    }
    if (step.verb == u"run"_qs || step.verb == u"stop"_qs) {
        if (const auto why = step.verb == u"run"_qs ? m_control->whyNotStart() : m_control->whyNotStop(); !why.isEmpty()) return why;
        if (step.verb == u"stop"_qs) return m_control->stop(), QString();
        m_lastStarted = {};
        m_control->start();
    } else if (step.verb == u"probe"_qs) {
        m_control->probe();
    } else if (step.verb == u"pull_plug"_qs) {
        if (const auto why = m_control->whyNotKill(); !why.isEmpty()) return why;
        m_control->pullPlug();
    } else if (step.verb == u"kill_node"_qs) {
        if (const auto why = m_control->whyNotSpare(); !why.isEmpty()) return why;
        m_control->killNode(*m_control->spareNode());
    } else if (step.verb == u"add_node"_qs) {
        m_control->addNode();
    } else if (step.verb == u"listen"_qs) {
        m_joins->openPort(text(u"address"_qs));
    } else if (step.verb == u"token"_qs) {
        m_joins->makeToken(u"node"_qs);
    } else if (step.verb == u"join"_qs) {
        return joinFromHere(text(u"name"_qs));
    } else if (step.verb == u"own_files"_qs) {
        if (const auto why = m_control->whyNotStart(); !why.isEmpty()) return why;
        // A relative one lies beside the examples.
        m_lastStarted = {};
        const QString folder = QFileInfo(Documents::examplePath({})).dir().filePath(text(u"folder"_qs));
        if (!runOnFolder(QDir::cleanPath(folder))) return tr("nothing ran on the files of %1").arg(folder);
    } else if (step.verb == u"select"_qs) {
        m_selection.selectVertices({text(u"vertex"_qs)});
    } else if (step.verb == u"select_tile"_qs) {
        const int vertex = m_run.graph() ? m_run.graph()->indexOf(text(u"vertex"_qs).toStdString()) : -1;
        const auto* tiles = vertex < 0 ? nullptr : m_run.tiles(static_cast<std::uint16_t>(vertex));
        const auto index = static_cast<std::uint32_t>(number(u"index"_qs));
        if (!tiles || index >= tiles->tiles.size()) return tr("there is no such tile");
        m_selection.selectTask({tiles->tiles[index].row, static_cast<std::uint16_t>(vertex), index}, text(u"vertex"_qs));
        m_selection.reveal();
    } else if (step.verb == u"select_object"_qs) {
        return selectObject(text(u"vertex"_qs));
    } else if (step.verb == u"whole_run"_qs) {
        m_timeline->showWholeRun();
    } else if (step.verb == u"perspective"_qs) {
        const QString name = text(u"name"_qs);
        setPerspective(name == u"analyse"_qs ? Perspective::Analyse : name == u"cluster"_qs ? Perspective::Cluster : name == u"build"_qs ? Perspective::Build : Perspective::Run);
    } else if (step.verb == u"show"_qs) {
        if (!m_bottom->panels().contains(text(u"panel"_qs))) return tr("there is no panel %1").arg(text(u"panel"_qs));
        m_bottom->showPanel(text(u"panel"_qs));
    } else if (step.verb == u"filter"_qs) {
        m_timeline->setFilterText(text(u"text"_qs));
    } else if (step.verb == u"theme"_qs) {
        widgets::Theme::of().setMode(text(u"name"_qs) == u"light"_qs ? widgets::Theme::Mode::Light : widgets::Theme::Mode::Dark);
    } else if (step.verb == u"size"_qs) {
        resize(number(u"width"_qs), number(u"height"_qs));
    } else if (step.verb == u"fit"_qs) {
        m_area->canvas().fitAll();
    } else if (step.verb == u"picture"_qs) {
        // A name alone lies beside the picture that was asked for.
        const QString path = text(u"file"_qs).isEmpty() ? m_options.picture : QFileInfo(m_options.picture).dir().filePath(text(u"file"_qs));
        if (path.isEmpty() || !savePicture(path)) return tr("the picture %1 cannot be written").arg(path);
    }
    return {};
}

// What the panel's command does on another machine, on this one: with a folder of its own, it knows nothing but the token.
QString MainWindow::joinFromHere(const QString& name)
{
    const QString secret = m_addNode->token().secret();
    if (secret.isEmpty()) return tr("there is no token to join with");
    m_joined = std::make_unique<JoinedNode>();
    if (!m_joined->folder.isValid()) return tr("no folder can be made: %1").arg(m_joined->folder.errorString());
    m_joined->process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_joined->process.start(QString::fromStdString(launch::siblingProgram("orreryd")), {u"node"_qs, u"--join"_qs, u"-"_qs, u"--name"_qs, name, u"--cpus"_qs, u"1"_qs, u"--data"_qs, m_joined->folder.filePath(u"member"_qs)});
    m_joined->process.write(secret.toUtf8() + '\n');
    m_joined->process.closeWriteChannel();
    return {};
}

// The first result of a vertex, in every panel.
QString MainWindow::selectObject(const QString& vertex)
{
    const int number = m_run.graph() ? m_run.graph()->indexOf(vertex.toStdString()) : -1;
    if (number < 0) return tr("the shown run has no vertex %1").arg(vertex);
    types::Query query;
    query.table = "tasks";
    query.filter = "vertex=" + vertex.toStdString();
    query.columns = {"row"};
    query.count = 1;
    m_bridge.ask(query, [this, vertex, number](base::Result<types::Page> page) {
        const auto* row = page && !page->rows.empty() ? std::get_if<std::int64_t>(&page->rows.front().front()) : nullptr;
        if (row) m_selection.selectObject({{static_cast<std::uint32_t>(*row), static_cast<std::uint16_t>(number), 0}, 0}, vertex);
    });
    return {};
}

bool MainWindow::holds(const MacroStep& step)
{
    const auto* run = m_run.shownRun();
    const bool mine = run && !m_lastStarted.isNull() && run->id == m_lastStarted;
    if (step.verb == u"painted"_qs) return m_painted;
    if (step.verb == u"head"_qs) return m_run.link() == widgets::LinkState::Up;
    if (step.verb == u"nodes"_qs)
        return std::count_if(m_run.nodes().begin(), m_run.nodes().end(), [](const auto& node) { return node.state == types::NodeState::Alive; }) >= step.arguments.value(u"count"_qs).toInt(static_cast<int>(m_options.nodes));
    if (step.verb == u"listening"_qs) return m_addNode->token().listens();
    if (step.verb == u"token"_qs) return !m_addNode->token().secret().isEmpty();
    if (step.verb == u"joined"_qs) // with its plugins
        return std::any_of(m_run.nodes().begin(), m_run.nodes().end(), [](const auto& node) { return node.join.plugins > 0 && node.clockErrorNs >= 0; });
    if (step.verb == u"probed"_qs) return !m_control->probing();
    if (step.verb == u"run_started"_qs) return mine && run->state != types::RunState::Queued;
    if (step.verb == u"run_ended"_qs) {
        if (!mine || !types::isTerminal(run->state)) return false;
        print(QStringLiteral("          ") + runLine(*run));
        return true;
    }
    if (step.verb == u"done"_qs) return mine && run->tasks > 0 && doneTasks(*run) * 100.0 >= run->tasks * step.arguments.value(u"percent"_qs).toDouble();
    if (step.verb == u"compared"_qs) return m_minute->settled();
    if (step.verb == u"tiles"_qs) {
        const int vertex = m_run.graph() ? m_run.graph()->indexOf(step.arguments.value(u"vertex"_qs).toString().toStdString()) : -1;
        const auto* tiles = vertex < 0 ? nullptr : m_run.tiles(static_cast<std::uint16_t>(vertex));
        return mine && tiles && tiles->images.size() >= step.arguments.value(u"count"_qs).toInt();
    }
    if (step.verb == u"preview_shown"_qs) {
        const auto* shown = m_inspector->findChild<widgets::ValuePreview*>();
        return shown && shown->preview() && !shown->isLoading();
    }
    return m_bridge.quiet() && !m_run.lacksPictures(); // settled
}

QString MainWindow::broken()
{
    if (m_run.link() == widgets::LinkState::Failed) return m_run.linkText();
    const auto* run = m_run.shownRun();
    if (run && !m_lastStarted.isNull() && run->id == m_lastStarted && run->state == types::RunState::Failed) return runLine(*run);
    return {};
}

} // namespace orrery::app
