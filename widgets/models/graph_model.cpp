// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/graph_model.h"

#include <QFileInfo>
#include <QSet>
#include <QUndoCommand>
#include <algorithm>
#include <set>

namespace orrery::widgets {

namespace {

// One number a set of moved vertices, so that moves of others are steps of their own.
int moveId(const QHash<QString, QPoint>& to)
{
    QStringList ids = to.keys();
    ids.sort();
    return static_cast<int>(qHash(ids.join(u' ')) & 0x3fffffffu) + 1;
}

void pinPlugin(types::Graph& graph, const std::string& function)
{
    const std::string plugin = function.substr(0, function.find('.'));
    const bool named = std::any_of(graph.plugins.begin(), graph.plugins.end(), [&](const auto& pin) { return pin.name == plugin; });
    if (!named) graph.plugins.push_back({plugin, {}});
}

types::Graph without(const types::Graph& graph, const types::Edge& edge)
{
    types::Graph left = graph;
    std::erase(left.edges, edge);
    return left;
}

// What decides whether a wire at `end` is taken: its vertex and what makes that one wide, or what fills that input already.
types::Graph surroundings(const types::Graph& graph, const types::PortRef& end, bool outward)
{
    types::Graph part;
    std::set<std::string> wanted{end.vertex};
    if (outward) {
        for (bool grown = true; grown;) {
            grown = false;
            for (const auto& edge : graph.edges)
                if (wanted.count(edge.to.vertex)) grown = wanted.insert(edge.from.vertex).second || grown;
        }
    }
    for (const auto& vertex : graph.vertices)
        if (wanted.count(vertex.id)) part.vertices.push_back(vertex);
    for (const auto& edge : graph.edges)
        if (edge.to == end || (wanted.count(edge.from.vertex) && wanted.count(edge.to.vertex))) part.edges.push_back(edge);
    return part;
}

} // namespace

// One step of editing: the graph before and after.
class GraphEdit final : public QUndoCommand {
public:
    GraphEdit(GraphModel& model, types::Graph before, types::Graph after, const QString& text, int mergeId)
        : QUndoCommand(text), m_model(model), m_before(std::move(before)), m_after(std::move(after)), m_mergeId(mergeId)
    {
    }
    void undo() override { m_model.apply(m_before); }
    void redo() override { m_model.apply(m_after); }
    int id() const override { return m_mergeId; }
    bool mergeWith(const QUndoCommand* other) override
    {
        m_after = static_cast<const GraphEdit*>(other)->m_after;
        return true;
    }

private:
    GraphModel& m_model;
    types::Graph m_before;
    types::Graph m_after;
    int m_mergeId;
};

GraphModel::GraphModel(QObject* parent) : QObject(parent)
{
    connect(&m_undo, &QUndoStack::cleanChanged, this, &GraphModel::documentChanged);
}

void GraphModel::setGraph(types::Graph graph, const QString& path)
{
    m_undo.clear();
    types::sortGraph(graph);
    m_path = path;
    m_name.clear();
    Q_EMIT graphReplaced();
    apply(std::move(graph));
    Q_EMIT documentChanged();
}

void GraphModel::setPath(const QString& path)
{
    m_path = path;
    Q_EMIT documentChanged();
}

void GraphModel::setName(const QString& name)
{
    m_name = name;
    Q_EMIT documentChanged();
}

QString GraphModel::title() const
{
    if (!m_path.isEmpty()) return QFileInfo(m_path).fileName();
    return m_name.isEmpty() ? tr("Untitled") : m_name;
}

const types::FunctionInfo* GraphModel::functionOf(const types::Vertex& vertex) const
{
    const auto* function = m_catalog->function(vertex.function);
    const int at = function && function->computedPorts ? m_graph.indexOf(vertex.id) : -1; // few have such; finding costs vertices
    return at < 0 ? function : m_checked.vertices[static_cast<std::size_t>(at)].function;
}

void GraphModel::setCatalog(std::shared_ptr<const types::Catalog> catalog)
{
    m_catalog = std::move(catalog);
    m_checked = types::checkGraph(m_graph, *m_catalog);
    Q_EMIT graphChanged();
}

void GraphModel::apply(types::Graph graph)
{
    m_graph = std::move(graph);
    m_checked = types::checkGraph(m_graph, *m_catalog);
    Q_EMIT graphChanged();
}

void GraphModel::push(types::Graph after, const QString& text, int mergeId)
{
    types::sortGraph(after);
    if (after == m_graph) return;
    m_undo.push(new GraphEdit(*this, m_graph, std::move(after), text, mergeId));
}

QString GraphModel::freshId(const std::string& function, const types::Graph& graph) const
{
    std::string base = function.substr(function.find('.') + 1);
    if (!types::goodVertexId(base)) base = "task";
    base = base.substr(0, 56);
    std::string id = base;
    for (int n = 2; graph.find(id); ++n) id = base + "_" + std::to_string(n);
    return QString::fromStdString(id);
}

QString GraphModel::addVertex(const QString& function, QPoint at)
{
    types::Graph after = m_graph;
    types::Vertex vertex;
    vertex.function = function.toStdString();
    const QString id = freshId(vertex.function, after);
    vertex.id = id.toStdString();
    vertex.x = at.x();
    vertex.y = at.y();
    pinPlugin(after, vertex.function);
    after.vertices.push_back(std::move(vertex));
    push(std::move(after), tr("Add %1").arg(id));
    return id;
}

QString GraphModel::addWired(const QString& function, QPoint at, const types::PortRef& end, bool outward, const QString& port, QString* why)
{
    types::Graph after = m_graph;
    types::Vertex vertex;
    vertex.function = function.toStdString();
    const QString id = freshId(vertex.function, after);
    vertex.id = id.toStdString();
    vertex.x = at.x();
    vertex.y = at.y();
    pinPlugin(after, vertex.function);
    after.vertices.push_back(std::move(vertex));
    const types::PortRef other{id.toStdString(), port.toStdString()};
    const auto& from = outward ? end : other;
    const auto& to = outward ? other : end;
    const auto compatible = types::canConnect(after, *m_catalog, from, to);
    if (!compatible.yes) {
        if (why) *why = QString::fromStdString(compatible.why);
        return {};
    }
    after.edges.push_back({from, to, compatible.mode});
    push(std::move(after), tr("Add %1").arg(id));
    return id;
}

QList<WireFit> GraphModel::fitting(const types::PortRef& end, bool outward) const
{
    types::Graph part = surroundings(m_graph, end, outward);
    const std::string probe = freshId("x.probe", part).toStdString();
    part.vertices.push_back({probe, {}});
    QList<WireFit> found;
    for (const auto& plugin : m_catalog->plugins) {
        for (const auto& function : plugin.functions) {
            part.vertices.back().function = function.name;
            for (const auto& port : outward ? function.inputs : function.outputs) {
                const types::PortRef other{probe, port.name};
                if (!types::canConnect(part, *m_catalog, outward ? end : other, outward ? other : end).yes) continue;
                found.push_back({QString::fromStdString(function.name), QString::fromStdString(port.name)});
                break;
            }
        }
    }
    return found;
}

void GraphModel::moveVertices(const QHash<QString, QPoint>& to, const QString& text, bool mergeable)
{
    types::Graph after = m_graph;
    for (auto& vertex : after.vertices) {
        const auto found = to.constFind(QString::fromStdString(vertex.id));
        if (found == to.constEnd()) continue;
        vertex.x = found->x();
        vertex.y = found->y();
    }
    push(std::move(after), text, mergeable ? moveId(to) : -1);
}

void GraphModel::remove(const QStringList& vertices, const QList<types::Edge>& edges)
{
    types::Graph after = m_graph;
    const QSet<QString> gone(vertices.begin(), vertices.end());
    const auto isGone = [&](const std::string& id) { return gone.contains(QString::fromStdString(id)); };
    std::erase_if(after.vertices, [&](const auto& vertex) { return isGone(vertex.id); });
    std::erase_if(after.edges, [&](const auto& edge) { return isGone(edge.from.vertex) || isGone(edge.to.vertex) || edges.contains(edge); });
    for (auto& frame : after.frames) std::erase_if(frame.vertices, isGone);
    push(std::move(after), vertices.isEmpty() ? tr("Remove wire") : tr("Remove %n task(s)", nullptr, static_cast<int>(vertices.size())));
}

types::Compatibility GraphModel::canConnect(const types::PortRef& from, const types::PortRef& to) const
{
    return types::canConnect(m_graph, *m_catalog, from, to);
}

QString GraphModel::connectPorts(const types::PortRef& from, const types::PortRef& to)
{
    const auto compatible = canConnect(from, to);
    if (!compatible.yes) return QString::fromStdString(compatible.why);
    types::Graph after = m_graph;
    after.edges.push_back({from, to, compatible.mode});
    push(std::move(after), tr("Connect %1 to %2").arg(QString::fromStdString(from.text()), QString::fromStdString(to.text())));
    return {};
}

types::Compatibility GraphModel::canRewire(const types::Edge& edge, const types::PortRef& from, const types::PortRef& to) const
{
    return types::canConnect(without(m_graph, edge), *m_catalog, from, to);
}

QString GraphModel::rewire(const types::Edge& edge, const types::PortRef& from, const types::PortRef& to)
{
    types::Graph after = without(m_graph, edge);
    const auto compatible = types::canConnect(after, *m_catalog, from, to);
    if (!compatible.yes) return QString::fromStdString(compatible.why);
    after.edges.push_back({from, to, compatible.mode});
    push(std::move(after), tr("Connect %1 to %2").arg(QString::fromStdString(from.text()), QString::fromStdString(to.text())));
    return {};
}

void GraphModel::setEdgeMode(const types::Edge& edge, types::EdgeMode mode)
{
    types::Graph after = m_graph;
    for (auto& one : after.edges)
        if (one == edge) one.mode = mode;
    push(std::move(after), tr("Change wire"));
}

QByteArray GraphModel::copy(const QStringList& vertices) const
{
    types::Graph part;
    const QSet<QString> wanted(vertices.begin(), vertices.end());
    const auto in = [&](const std::string& id) { return wanted.contains(QString::fromStdString(id)); };
    for (const auto& vertex : m_graph.vertices)
        if (in(vertex.id)) part.vertices.push_back(vertex);
    for (const auto& edge : m_graph.edges)
        if (in(edge.from.vertex) && in(edge.to.vertex)) part.edges.push_back(edge);
    return QByteArray::fromStdString(types::formatDocument(part));
}

QStringList GraphModel::paste(const QByteArray& text, QPoint at)
{
    auto parsed = types::parseDocument(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    if (!parsed.ok() || parsed.graph.vertices.empty()) return {};
    types::Graph after = m_graph;
    QHash<QString, QString> renamed;
    QStringList ids;
    int left = parsed.graph.vertices.front().x, top = parsed.graph.vertices.front().y;
    for (const auto& vertex : parsed.graph.vertices) {
        left = std::min(left, vertex.x);
        top = std::min(top, vertex.y);
    }
    for (auto vertex : parsed.graph.vertices) {
        const QString id = freshId("x." + vertex.id, after);
        renamed.insert(QString::fromStdString(vertex.id), id);
        vertex.id = id.toStdString();
        vertex.x += at.x() - left;
        vertex.y += at.y() - top;
        pinPlugin(after, vertex.function);
        after.vertices.push_back(vertex);
        ids << id;
    }
    for (auto edge : parsed.graph.edges) {
        edge.from.vertex = renamed.value(QString::fromStdString(edge.from.vertex)).toStdString();
        edge.to.vertex = renamed.value(QString::fromStdString(edge.to.vertex)).toStdString();
        after.edges.push_back(edge);
    }
    push(std::move(after), tr("Paste"));
    return ids;
}

} // namespace orrery::widgets
