// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/graph_model.h"

#include <QFileInfo>
#include <QSet>
#include <QUndoCommand>
#include <algorithm>

namespace orrery::widgets {

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
    apply(std::move(graph));
    Q_EMIT documentChanged();
}

void GraphModel::setPath(const QString& path)
{
    m_path = path;
    Q_EMIT documentChanged();
}

QString GraphModel::title() const
{
    if (!m_path.isEmpty()) return QFileInfo(m_path).fileName();
    return tr("Untitled");
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
    after.vertices.push_back(std::move(vertex));
    const std::string plugin = function.section(QLatin1Char('.'), 0, 0).toStdString();
    const bool named = std::any_of(after.plugins.begin(), after.plugins.end(), [&](const auto& pin) { return pin.name == plugin; });
    if (!named) after.plugins.push_back({plugin, {}});
    push(std::move(after), tr("Add %1").arg(id));
    return id;
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
    push(std::move(after), text, mergeable ? 1 : -1);
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
