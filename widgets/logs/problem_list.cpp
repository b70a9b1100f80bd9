// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/logs/problem_list.h"

#include "widgets/common/format.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <algorithm>
#include <map>

namespace orrery::widgets {

namespace {

struct Tr {
    Q_DECLARE_TR_FUNCTIONS(ProblemList)
};

QString sentence(const std::string& text) { return QString::fromStdString(text).simplified(); }

// "/vertices/3/params/size": the id of vertex 3; "/edges/2/to": the id of the vertex that the edge ends at.
QString vertexOf(const std::string& pointer, const types::Graph& graph)
{
    const QStringList parts = QString::fromStdString(pointer).split(u'/', Qt::SkipEmptyParts);
    if (parts.size() < 2) return {};
    bool isNumber = false;
    const auto index = static_cast<std::size_t>(parts[1].toULongLong(&isNumber));
    if (!isNumber) return {};
    if (parts[0] == u"vertices" && index < graph.vertices.size()) return QString::fromStdString(graph.vertices[index].id);
    if (parts[0] == u"edges" && index < graph.edges.size()) return QString::fromStdString(graph.edges[index].to.vertex);
    return {};
}

void addLink(std::vector<Problem>& out, const RunModel& run)
{
    if (run.link() != LinkState::Away && run.link() != LinkState::Failed) return;
    Problem problem;
    problem.kind = Problem::Kind::Link;
    problem.where = Tr::tr("head");
    problem.text = run.link() == LinkState::Failed ? Tr::tr("The head could not be started.") : Tr::tr("The head does not answer.");
    if (!run.linkText().isEmpty()) problem.text = run.linkText();
    out.push_back(std::move(problem));
}

// Cells of a page by name.
class Cells {
public:
    explicit Cells(const types::Page& page) : m_page(page) {}
    const types::Cell* find(std::size_t row, std::string_view column) const
    {
        const auto at = static_cast<std::size_t>(std::find(m_page.columns.begin(), m_page.columns.end(), column) - m_page.columns.begin());
        return at < m_page.rows[row].size() ? &m_page.rows[row][at] : nullptr;
    }
    std::string text(std::size_t row, std::string_view column) const
    {
        const auto* cell = find(row, column);
        const auto* value = cell == nullptr ? nullptr : std::get_if<std::string>(cell);
        return value == nullptr ? std::string() : *value;
    }
    std::int64_t number(std::size_t row, std::string_view column, std::int64_t otherwise) const
    {
        const auto* cell = find(row, column);
        const auto* value = cell == nullptr ? nullptr : std::get_if<std::int64_t>(cell);
        return value == nullptr ? otherwise : *value;
    }

private:
    const types::Page& m_page;
};

QString quoted(QString text)
{
    text.replace(u'\\', QStringLiteral("\\\\")).replace(u'"', QStringLiteral("\\\""));
    return u'"' + text + u'"';
}

} // namespace

std::vector<Problem> plainProblems(const GraphModel& graph, const RunModel& run)
{
    std::vector<Problem> out;
    addLink(out, run);
    for (const auto& node : run.nodes()) {
        if (node.state != types::NodeState::Dead) continue;
        Problem problem;
        problem.kind = Problem::Kind::Node;
        problem.nodes << RunModel::nodeLetter(node.node);
        problem.text = node.why.empty() ? Tr::tr("Node %1 is lost.").arg(problem.nodes.front()) : Tr::tr("Node %1 is lost: %2").arg(problem.nodes.front(), sentence(node.why));
        problem.where = sentence(node.name);
        out.push_back(std::move(problem));
    }
    for (const auto& plugin : run.catalog()->problems) {
        Problem problem;
        problem.kind = Problem::Kind::Plugin;
        problem.text = sentence(plugin.message);
        problem.where = QFileInfo(QString::fromStdString(plugin.path)).fileName();
        out.push_back(std::move(problem));
    }
    for (const auto& one : graph.checked().problems) {
        Problem problem;
        problem.kind = Problem::Kind::Graph;
        problem.text = sentence(one.message);
        if (!problem.text.isEmpty()) problem.text[0] = problem.text[0].toUpper();
        problem.vertex = vertexOf(one.pointer, graph.graph());
        problem.where = problem.vertex.isEmpty() ? Tr::tr("graph") : problem.vertex;
        out.push_back(std::move(problem));
    }
    return out;
}

types::Query failedTasksQuery(const base::RunId& run)
{
    types::Query query;
    query.table = "tasks";
    query.run = run;
    query.filter = "state = FAILED";
    query.sort = "end_ns";
    query.columns = {"row", "vertex", "map_index", "node", "error_type", "error_message", "end_ns"};
    query.count = kFailedTasksRead;
    return query;
}

std::vector<Problem> taskProblems(const types::Page& page, const RunModel& run)
{
    std::vector<Problem> out;
    std::map<std::string, std::size_t> groupOf;
    const Cells cells(page);
    for (std::size_t row = 0; row < page.rows.size(); ++row) {
        std::string error = cells.text(row, "error_message");
        const bool told = !error.empty();
        if (!told) error = cells.text(row, "error_type");
        const auto [at, fresh] = groupOf.try_emplace(error, out.size());
        const QString node = sentence(cells.text(row, "node"));
        const QString vertex = sentence(cells.text(row, "vertex"));
        if (fresh) {
            Problem problem;
            problem.kind = Problem::Kind::Tasks;
            problem.text = sentence(error);
            problem.count = 0;
            problem.firstNs = cells.number(row, "end_ns", -1);
            problem.vertex = vertex;
            problem.where = vertex;
            const int index = run.graph() == nullptr ? -1 : run.graph()->indexOf(vertex.toStdString());
            if (index >= 0)
                problem.task = TaskRef{static_cast<std::uint32_t>(cells.number(row, "row", types::kNoRow)), static_cast<std::uint16_t>(index),
                                       static_cast<std::uint32_t>(cells.number(row, "map_index", 0))};
            problem.filter = QStringLiteral("state:failed and %1 = %2").arg(told ? QStringLiteral("error") : QStringLiteral("cause"), quoted(QString::fromStdString(error)));
            out.push_back(std::move(problem));
        }
        Problem& group = out[at->second];
        ++group.count;
        if (!node.isEmpty() && !group.nodes.contains(node)) group.nodes << node;
        if (vertex != group.vertex && !group.where.endsWith(u'…')) group.where += QStringLiteral(", …");
    }
    if (page.total > page.rows.size()) {
        Problem rest;
        rest.kind = Problem::Kind::Tasks;
        rest.count = page.total - page.rows.size();
        rest.text = Tr::tr("More tasks failed after these.");
        rest.filter = QStringLiteral("state:failed");
        out.push_back(std::move(rest));
    }
    for (Problem& problem : out) problem.nodes.sort();
    return out;
}

} // namespace orrery::widgets
