// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of one vertex: what the property editor does.
#include "widgets/models/graph_model.h"

#include "engine/types/param_check.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kFirstGestureId = 1'000; // merge ids below are those of moves

QJsonObject paramsOf(const types::Vertex& vertex) { return QJsonDocument::fromJson(QByteArray::fromStdString(vertex.params)).object(); }

std::string compact(const QJsonObject& params) { return QJsonDocument(params).toJson(QJsonDocument::Compact).toStdString(); }

std::vector<types::Problem> problemsOf(const types::FunctionInfo& function, const std::string& params)
{
    std::vector<types::Problem> problems;
    types::completeParams(function, params, "", problems);
    return problems;
}

} // namespace

void GraphModel::changeVertex(const QString& id, const QString& text, const std::function<void(types::Vertex&)>& change)
{
    types::Graph after = m_graph;
    for (auto& vertex : after.vertices)
        if (vertex.id == id.toStdString()) change(vertex);
    push(std::move(after), text);
}

QString GraphModel::pushParameters(const QString& id, const std::string& params, const QString& text, int gesture)
{
    types::Graph after = m_graph;
    for (auto& vertex : after.vertices) {
        if (vertex.id != id.toStdString()) continue;
        if (const auto* function = functionOf(vertex)) {
            // Another parameter may be wrong or missing already; that must not stand in the way of this one.
            const auto before = problemsOf(*function, vertex.params);
            for (const auto& problem : problemsOf(*function, params)) {
                const bool old = std::any_of(before.begin(), before.end(), [&](const auto& one) { return one.pointer == problem.pointer && one.message == problem.message; });
                if (!old) return QString::fromStdString(problem.message);
            }
        }
        vertex.params = params;
    }
    push(std::move(after), text, gesture > 0 ? kFirstGestureId + gesture : -1);
    return {};
}

QString GraphModel::setParameter(const QString& id, const QString& name, const QByteArray& value, int gesture)
{
    const auto* vertex = m_graph.find(id.toStdString());
    if (!vertex) return tr("there is no task \"%1\"").arg(id);
    const QJsonDocument wrapped = QJsonDocument::fromJson("[" + value + "]");
    if (!wrapped.isArray() || wrapped.array().size() != 1) return tr("this is no value");
    QJsonObject params = paramsOf(*vertex);
    params.insert(name, wrapped.array().first());
    return pushParameters(id, compact(params), tr("Set %1").arg(name), gesture);
}

QString GraphModel::resetParameter(const QString& id, const QString& name)
{
    const auto* vertex = m_graph.find(id.toStdString());
    if (!vertex) return tr("there is no task \"%1\"").arg(id);
    QJsonObject params = paramsOf(*vertex);
    params.remove(name);
    return pushParameters(id, compact(params), tr("Reset %1").arg(name), 0);
}

QString GraphModel::renameVertex(const QString& id, const QString& to)
{
    if (id == to) return {};
    const std::string before = id.toStdString(), name = to.toStdString();
    if (!types::goodVertexId(name)) return tr("a name begins with a-z and goes on with a-z, 0-9 or _, at most 63 in all");
    if (m_graph.find(name)) return tr("another task is called \"%1\"").arg(to);
    types::Graph after = m_graph;
    const auto follow = [&](std::string& one) {
        if (one == before) one = name;
    };
    for (auto& vertex : after.vertices) follow(vertex.id);
    for (auto& edge : after.edges) {
        follow(edge.from.vertex);
        follow(edge.to.vertex);
    }
    for (auto& frame : after.frames)
        for (auto& vertex : frame.vertices) follow(vertex);
    push(std::move(after), tr("Rename %1 to %2").arg(id, to));
    return {};
}

void GraphModel::setNote(const QString& id, const QString& note)
{
    changeVertex(id, tr("Note of %1").arg(id), [&](types::Vertex& vertex) { vertex.note = note.toStdString(); });
}

void GraphModel::setRetries(const QString& id, std::optional<std::int32_t> retries)
{
    changeVertex(id, tr("Retries of %1").arg(id), [&](types::Vertex& vertex) { vertex.retries = retries; });
}

void GraphModel::setResources(const QString& id, std::optional<types::Resources> resources)
{
    changeVertex(id, tr("Resources of %1").arg(id), [&](types::Vertex& vertex) { vertex.resources = std::move(resources); });
}

} // namespace orrery::widgets
