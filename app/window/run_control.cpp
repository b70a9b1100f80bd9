// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/run_control.h"

namespace orrery::app {

RunControl::RunControl(Bridge& bridge, widgets::GraphModel& graph, widgets::RunModel& run, QObject* parent)
    : QObject(parent), m_bridge(bridge), m_graph(graph), m_run(run)
{
    connect(&run, &widgets::RunModel::runsChanged, this, &RunControl::changed);
    connect(&run, &widgets::RunModel::shownRunChanged, this, &RunControl::changed);
    connect(&run, &widgets::RunModel::linkChanged, this, &RunControl::changed);
    connect(&run, &widgets::RunModel::nodesChanged, this, &RunControl::changed);
    connect(&run, &widgets::RunModel::workersChanged, this, &RunControl::changed);
    connect(&graph, &widgets::GraphModel::graphChanged, this, &RunControl::changed);
}

bool RunControl::running() const
{
    const auto* run = m_run.shownRun();
    return run && !types::isTerminal(run->state);
}

QString RunControl::whyNotStart() const
{
    if (m_graph.graph().vertices.empty()) return tr("The graph is empty: add a task first (Tab)");
    if (m_starting) return tr("The run is being sent to the head");
    if (const auto can = m_bridge.can(types::Verb::Run); !can.yes) return QString::fromStdString(can.why);
    return {};
}

QString RunControl::whyNotStop() const
{
    if (!running()) return tr("Nothing runs");
    if (const auto can = m_bridge.can(types::Verb::Stop); !can.yes) return QString::fromStdString(can.why);
    return {};
}

QString RunControl::whyNotKill() const
{
    const auto& workers = m_run.workers();
    if (std::none_of(workers.begin(), workers.end(), [](const auto& one) { return one.second.alive; })) return tr("No worker has been started yet");
    if (const auto can = m_bridge.can(types::Verb::KillWorker); !can.yes) return QString::fromStdString(can.why);
    return {};
}

QString RunControl::whyNotSpare() const
{
    if (const auto can = m_bridge.can(types::Verb::RemoveNode); !can.yes) return QString::fromStdString(can.why);
    if (!spareNode()) return tr("The only node cannot be spared: nothing could go on without it");
    return {};
}

std::optional<std::uint16_t> RunControl::spareNode() const
{
    std::optional<std::uint16_t> newest;
    int living = 0;
    for (const auto& node : m_run.nodes()) {
        if (node.state != types::NodeState::Alive) continue;
        ++living;
        newest = std::max(newest.value_or(0), node.node);
    }
    return living > 1 ? newest : std::nullopt;
}

base::RunId RunControl::openRun() const { return running() ? m_run.shownRun()->id : base::RunId(); }

void RunControl::tell(const QString& what, const Outcome& outcome)
{
    if (!outcome.ok) Q_EMIT refused(outcome.problems.isEmpty() ? tr("%1: %2").arg(what, outcome.text) : what, outcome.problems);
    else if (!outcome.text.isEmpty()) Q_EMIT said(outcome.text);
}

void RunControl::start()
{
    if (const auto why = whyNotStart(); !why.isEmpty()) return Q_EMIT refused(why, {});
    m_starting = true;
    Q_EMIT changed();
    m_bridge.showRun({}); // the newest: the one that starts now
    m_bridge.run(m_graph.documentText(), {}, m_graph.title(), [this](const Outcome& outcome) {
        m_starting = false;
        tell(tr("The run was refused"), outcome);
        if (outcome.ok) Q_EMIT started(outcome.run);
        Q_EMIT changed();
    });
}

void RunControl::stop()
{
    const auto* run = m_run.shownRun();
    if (const auto why = whyNotStop(); !why.isEmpty() || !run) return Q_EMIT refused(why, {});
    m_bridge.stop(run->id, [this](const Outcome& outcome) { tell(tr("The run was not stopped"), outcome); });
}

void RunControl::killWorker(std::uint16_t track)
{
    m_bridge.killWorker(track, [this, track, run = openRun()](const Outcome& outcome) {
        tell(tr("The worker was not killed"), outcome);
        if (!outcome.ok) return;
        Q_EMIT killed(track);
        if (!run.isNull()) Q_EMIT plugPulled(run);
    });
}

void RunControl::pullPlug()
{
    if (const auto why = whyNotKill(); !why.isEmpty()) return Q_EMIT refused(why, {});
    // The one whose death costs most: it runs something, and longest.
    std::uint16_t worst = types::kNoWorker;
    types::TimeNs since = 0;
    for (const auto& track : m_run.spans()->tracks) {
        const auto worker = m_run.workers().find(track.track);
        if (worker == m_run.workers().end() || !worker->second.alive || track.open.empty()) continue;
        if (worst != types::kNoWorker && track.open.front().startNs >= since) continue;
        worst = track.track;
        since = track.open.front().startNs;
    }
    for (const auto& [track, worker] : m_run.workers())
        if (worst == types::kNoWorker && worker.alive) worst = track;
    killWorker(worst);
}

void RunControl::killNode(std::uint16_t node) { takeOut(node, true); }

void RunControl::removeNode(std::uint16_t node) { takeOut(node, false); }

void RunControl::takeOut(std::uint16_t number, bool kill)
{
    const auto* node = m_run.node(number);
    const QString letter = widgets::RunModel::nodeLetter(number);
    if (!node) return Q_EMIT refused(tr("There is no node %1").arg(letter), {});
    if (!kill) Q_EMIT said(tr("Node %1 leaves; what it alone has is made again elsewhere").arg(letter));
    m_bridge.removeNode(node->id, kill, [this, number, letter, kill, run = openRun()](const Outcome& outcome) {
        tell(kill ? tr("Node %1 was not killed").arg(letter) : tr("Node %1 was not removed").arg(letter), outcome);
        if (!outcome.ok || !kill) return;
        Q_EMIT nodeKilled(number);
        if (!run.isNull()) Q_EMIT plugPulled(run);
    });
}

void RunControl::addNode(const types::AddNode& wish)
{
    m_bridge.addNode(wish, [this](const Outcome& outcome) { tell(tr("No node was added"), outcome); });
}

void RunControl::probe()
{
    const QString document = m_graph.path() + QLatin1Char('|') + m_graph.title() + QString::fromStdString(m_graph.graph().title);
    if (m_probedDocument == document) return Q_EMIT probed();
    m_probing = true;
    m_bridge.probeSample(m_graph.documentText(), [this, document](base::Result<Probed> result) {
        m_probing = false;
        if (!result) {
            Q_EMIT said(tr("The sample keeps its size: %1").arg(QString::fromStdString(result.error().message)));
        } else {
            m_probedDocument = document;
            m_graph.setParameter(QString::fromStdString(result->vertex), QStringLiteral("samples"), QByteArray::number(result->samples));
            Q_EMIT said(tr("A tile takes %1 ms here: %2 samples a point").arg(static_cast<double>(result->tileNs) / 1e6, 0, 'f', 1).arg(result->samples));
        }
        Q_EMIT probed();
    });
}

} // namespace orrery::app
