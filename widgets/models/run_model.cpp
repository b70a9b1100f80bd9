// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/run_model.h"

#include "engine/base/clock.h"

#include <algorithm>

namespace orrery::widgets {

namespace {

// Replaces by key or appends.
template <typename Map, typename Key, typename Value>
void put(Map& map, Key key, const Value& value)
{
    map.insert_or_assign(key, value);
}

} // namespace

void RunModel::clear()
{
    m_run = {};
    m_runNumber = 0;
    m_graph.reset();
    m_vertices.clear();
    m_transfers = m_spans = std::make_shared<const types::SpanSet>();
    m_tiles.clear();
    m_previews.clear();
    m_objects = m_objectBytes = 0;
    ++m_changes;
}

void RunModel::forgetWorld()
{
    m_runs.clear();
    m_nodes.clear();
    m_workers.clear();
    m_netBefore.clear();
    m_logsDropped += m_logs.size();
    m_logsGone += m_logs.size();
    m_logs.clear();
}

void RunModel::take(const RunUpdate& update)
{
    const bool linkChange = m_link != update.link || m_linkText != update.linkText;
    m_link = update.link;
    m_linkText = update.linkText;
    if (update.nowNs > 0) {
        m_nowNs = update.nowNs;
        m_wallOffsetNs = update.wallOffsetNs;
    }
    if (update.newWorld) forgetWorld();
    const bool otherRun = update.resync || (!update.run.isNull() && update.run != m_run);
    if (otherRun) clear();
    if (!update.run.isNull()) m_run = update.run;
    for (const auto& run : update.runs) put(m_runs, run.number, run);
    if (otherRun || update.newWorld || m_runNumber == 0) {
        m_runNumber = 0;
        for (const auto& [number, run] : m_runs)
            if (!m_run.isNull() && run.id == m_run) m_runNumber = number;
    }
    if (update.graph) m_graph = update.graph;
    if (update.catalog) m_catalog = update.catalog;
    for (const auto& counts : update.vertices) {
        if (counts.vertex >= m_vertices.size()) m_vertices.resize(counts.vertex + 1u);
        m_vertices[counts.vertex] = counts;
    }
    takeNodes(update);
    for (const auto& worker : update.workers) put(m_workers, worker.track, worker);
    if (update.spans) m_spans = update.spans;
    if (update.transfers) m_transfers = update.transfers;
    for (const auto& change : update.tiles) takeTiles(change);
    for (const auto& [vertex, image] : update.previews) put(m_previews, vertex, image);
    takeLogs(update);
    const bool rows = update.changes > 0 || otherRun;
    if (update.changes > 0) ++m_changes;
    m_objects = update.objects;
    m_objectBytes = update.objectBytes;
    m_copies = update.copies;
    m_eventsPerSecond = update.eventsPerSecond;
    m_lagNs = update.lagNs;
    m_settling = update.settling;
    if (update.deltaBytes > 0) m_deltaBytes = update.deltaBytes;

    // Everything is in its place before the first listener reads.
    if (linkChange) Q_EMIT linkChanged();
    if (update.catalog) Q_EMIT catalogChanged();
    if (otherRun || update.graph) Q_EMIT shownRunChanged();
    if (!update.runs.empty() || otherRun || update.newWorld) Q_EMIT runsChanged();
    if (!update.nodes.empty() || update.newWorld) Q_EMIT nodesChanged();
    if (!update.workers.empty() || update.newWorld) Q_EMIT workersChanged();
    if (!update.vertices.empty() || otherRun) Q_EMIT countsChanged();
    if (update.spans || update.transfers || otherRun) Q_EMIT spansChanged();
    for (const auto& change : update.tiles) Q_EMIT tilesChanged(change.vertex);
    for (const auto& [vertex, image] : update.previews) Q_EMIT previewChanged(vertex);
    if (!update.logs.empty() || update.logsDropped > 0 || update.newWorld) Q_EMIT logsChanged();
    if (rows) Q_EMIT rowsChanged();
    Q_EMIT ticked();
}

void RunModel::takeTiles(const TileUpdate& change)
{
    VertexTiles& tiles = m_tiles[change.vertex];
    for (const auto& [index, tile] : change.tiles) {
        if (index >= kTilesMax) continue;
        if (index >= tiles.tiles.size()) tiles.tiles.resize(index + 1u);
        tiles.tiles[index] = tile;
    }
    for (const auto& [index, image] : change.images)
        if (index < kTilesMax) tiles.images.insert(index, image);
    if (!change.places.empty()) tiles.places = change.places;
    if (change.columns > 0) tiles.columns = change.columns;
    if (change.rows > 0) tiles.rows = change.rows;
}

void RunModel::note(base::LogLevel level, const QString& text)
{
    types::LogLine line;
    line.atNs = base::systemClock().wallNs() - m_wallOffsetNs; // as the lines of the cluster have it
    line.node = kThisWindow;
    line.level = static_cast<std::uint8_t>(level);
    line.text = text.toStdString();
    RunUpdate only;
    only.logs.push_back(std::move(line));
    takeLogs(only);
    Q_EMIT logsChanged();
}

void RunModel::takeLogs(const RunUpdate& update)
{
    m_logsDropped += update.logsDropped;
    for (const auto& line : update.logs) m_logs.push_back(line);
    while (m_logs.size() > kLogLinesKept) {
        m_logs.pop_front();
        ++m_logsDropped;
        ++m_logsGone;
    }
}

void RunModel::takeNodes(const RunUpdate& update)
{
    if (update.nodes.empty()) return;
    m_nodes = update.nodes;
    // One that is dead without a reason was taken out: nobody misses it.
    std::erase_if(m_nodes, [](const auto& node) { return node.state == types::NodeState::Dead && node.why.empty(); });
    std::sort(m_nodes.begin(), m_nodes.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
    for (const auto& node : m_nodes) {
        auto& kept = m_figures[node.node];
        const types::TimeNs at = node.heartbeatNs;
        if (update.newWorld && !kept.empty() && at < kept.back().atNs) kept.clear(); // another clock
        if (!kept.empty() && at <= kept.back().atNs) continue;
        NodeFigures figures{at, node.cpuShare, node.memoryBytes, node.storeBytes, 0, 0};
        const auto before = m_netBefore.find(node.node);
        if (before != m_netBefore.end() && !kept.empty()) {
            const double seconds = static_cast<double>(at - kept.back().atNs) / 1e9;
            const auto rate = [&](std::uint64_t now, std::uint64_t then) { return now >= then ? static_cast<double>(now - then) / seconds : 0.0; };
            figures.netInPerSecond = rate(node.netInBytes, before->second.first);
            figures.netOutPerSecond = rate(node.netOutBytes, before->second.second);
        }
        m_netBefore[node.node] = {node.netInBytes, node.netOutBytes};
        kept.push_back(figures);
        if (kept.size() > kFiguresKept) kept.pop_front();
    }
}

const types::RunRow* RunModel::shownRun() const
{
    const auto found = m_runs.find(m_runNumber);
    return m_runNumber == 0 || found == m_runs.end() ? nullptr : &found->second;
}

QString RunModel::vertexName(std::uint16_t vertex) const
{
    if (!m_graph || vertex >= m_graph->vertices.size()) return QStringLiteral("?");
    return QString::fromStdString(m_graph->vertices[vertex].id);
}

QString RunModel::functionOf(std::uint16_t vertex) const
{
    if (!m_graph || vertex >= m_graph->vertices.size()) return {};
    return QString::fromStdString(m_graph->vertices[vertex].function);
}

QString RunModel::taskName(std::uint16_t vertex, std::uint32_t mapIndex) const
{
    const bool wide = vertex < m_vertices.size() && m_vertices[vertex].tasks > 1;
    return wide ? QStringLiteral("%1 [%2]").arg(vertexName(vertex)).arg(mapIndex) : vertexName(vertex);
}

const types::NodeRow* RunModel::node(std::uint16_t number) const
{
    for (const auto& node : m_nodes)
        if (node.node == number) return &node;
    return nullptr;
}

QString RunModel::nodeLetter(std::uint16_t number)
{
    QString text;
    for (int n = number; n >= 0; n = n / 26 - 1) text.prepend(QLatin1Char(static_cast<char>('A' + n % 26)));
    return text;
}

int RunModel::workerNumber(std::uint16_t track) const
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return 0;
    int number = 0;
    for (const auto& [other, worker] : m_workers)
        if (worker.node == found->second.node && other <= track) ++number;
    return number;
}

const std::deque<NodeFigures>& RunModel::figures(std::uint16_t node) const
{
    static const std::deque<NodeFigures> none;
    const auto found = m_figures.find(node);
    return found == m_figures.end() ? none : found->second;
}

const VertexTiles* RunModel::tiles(std::uint16_t vertex) const
{
    const auto found = m_tiles.find(vertex);
    return found == m_tiles.end() ? nullptr : &found->second;
}

QImage RunModel::preview(std::uint16_t vertex) const
{
    const auto found = m_previews.find(vertex);
    return found == m_previews.end() ? QImage() : found->second;
}

bool RunModel::lacksPictures() const
{
    for (const auto& [vertex, tiles] : m_tiles)
        for (std::size_t i = 0; i < tiles.tiles.size(); ++i)
            if (types::isGood(tiles.tiles[i].state) && !tiles.images.contains(static_cast<std::uint32_t>(i))) return true;
    return false;
}

} // namespace orrery::widgets
