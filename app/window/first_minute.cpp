// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/first_minute.h"

namespace orrery::app {

namespace {

constexpr std::uint32_t kManyTasks = 100'000;
constexpr std::string_view kOwnFunction = "command.run"; // what makes a graph one of the person's own programs and files

QString nodesJoined(unsigned nodes)
{
    const QStringList words{FirstMinute::tr("A node"), FirstMinute::tr("Two nodes"), FirstMinute::tr("Three nodes"), FirstMinute::tr("Four nodes")};
    return FirstMinute::tr("%1 joined, the run started itself").arg(nodes >= 1 && nodes <= 4 ? words[static_cast<int>(nodes) - 1] : FirstMinute::tr("%1 nodes").arg(nodes));
}

} // namespace

QString PlugReport::text() const
{
    const double seconds = static_cast<double>(costNs) / 1e9;
    return FirstMinute::tr("%n task(s) computed again", nullptr, static_cast<int>(again)) + u" · "_qs +
           FirstMinute::tr("%1%2 s against run %3").arg(seconds < 0 ? u"\u2212"_qs : u"+"_qs).arg(std::abs(seconds), 0, 'f', 1).arg(againstNumber) + u" · "_qs +
           (identical ? FirstMinute::tr("picture identical") : FirstMinute::tr("picture differs"));
}

QStringList FirstMinute::lines(unsigned nodes, std::optional<std::uint16_t> plug)
{
    return {nodesJoined(nodes), tr("Click a tile: its value, bytes and span"), plugLine(plug), tr("Run 100,000 tasks, filter dur>1ms"), tr("Your own files: a command on a folder")};
}

QString FirstMinute::plugLine(std::optional<std::uint16_t> plug)
{
    return plug ? tr("F5, then pull the plug on node %1").arg(widgets::RunModel::nodeLetter(*plug)) : tr("F5, then pull the plug on a worker");
}

FirstMinute::FirstMinute(widgets::RunModel& run, widgets::Selection& selection, widgets::RowSource& rows, widgets::ByteSource& bytes, QObject* parent)
    : QObject(parent), m_run(run), m_selection(selection), m_picture(run, rows, bytes, this)
{
    connect(&run, &widgets::RunModel::ticked, this, &FirstMinute::look);
    connect(&selection, &widgets::Selection::changed, this, [this] {
        if (m_selection.task() && m_run.tiles(m_selection.task()->vertex)) tick(ClickTile);
    });
    connect(&m_picture, &ResultPicture::fetched, this, &FirstMinute::takePicture);
    connect(&m_picture, &ResultPicture::failed, this, [this](const base::RunId& id, const QString& why) {
        m_comparing = false;
        const auto ended = m_ended.find(id);
        if (ended != m_ended.end() && ended->second.plugged) Q_EMIT failed(tr("Run %1 could not be compared: %2").arg(ended->second.number).arg(why));
    });
}

void FirstMinute::tick(Line line)
{
    if (std::exchange(m_done[line], true)) return;
    Q_EMIT done(line);
}

// The answer may come after the run's end.
void FirstMinute::plugPulled(const base::RunId& run)
{
    m_plugged.insert(run);
    const auto ended = m_ended.find(run);
    if (ended == m_ended.end() || std::exchange(ended->second.plugged, true)) return;
    if (ended->second.picture) compare(run);
}

void FirstMinute::filtered(const QString& text)
{
    m_filteredLong = text.contains(u"dur"_qs);
    look();
}

void FirstMinute::look()
{
    const auto* run = m_run.shownRun();
    if (!run) return;
    if (run->state != types::RunState::Queued && !m_run.nodes().empty()) tick(NodesJoined);
    if (!types::isTerminal(run->state)) return;
    if (run->tasks >= kManyTasks && run->state == types::RunState::Succeeded && m_filteredLong) tick(ManyTasks);
    const auto& graph = m_run.graph();
    if (run->state == types::RunState::Succeeded && graph && std::any_of(graph->vertices.begin(), graph->vertices.end(), [](const auto& vertex) { return vertex.function == kOwnFunction; }))
        tick(OwnFiles);
    if (m_ended.count(run->id) == 0 && m_run.graph()) takeEnd(*run);
}

void FirstMinute::takeEnd(const types::RunRow& row)
{
    m_ended[row.id] = {row.number, row.endNs - row.startNs, row.reexecuted, m_run.graph(), m_plugged.count(row.id) > 0, {}};
    if (row.state != types::RunState::Succeeded || !resultPort(*m_run.graph(), *m_run.catalog())) return;
    m_comparing = true;
    m_picture.fetch();
}

void FirstMinute::takePicture(const base::RunId& run, const PictureDigest& digest)
{
    m_comparing = false;
    const auto ended = m_ended.find(run);
    if (ended == m_ended.end()) return;
    ended->second.picture = digest;
    if (ended->second.plugged) compare(run);
}

void FirstMinute::compare(const base::RunId& id)
{
    const Ended& now = m_ended.at(id);
    const Ended* before = nullptr;
    base::RunId against;
    for (const auto& [other, ended] : m_ended) {
        if (ended.plugged || !ended.picture || ended.number >= now.number || !(*ended.graph == *now.graph)) continue;
        if (before && ended.number < before->number) continue;
        before = &ended;
        against = other;
    }
    tick(PullPlug);
    if (!before) {
        Q_EMIT failed(tr("Run %1 finished all the same; there is no earlier run of this graph to compare it with").arg(now.number));
        return;
    }
    m_report = PlugReport{id, against, now.number, before->number, now.again, now.durationNs - before->durationNs, *now.picture == *before->picture};
    Q_EMIT reported(*m_report);
}

} // namespace orrery::app
