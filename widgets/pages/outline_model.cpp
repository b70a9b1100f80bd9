// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/outline_model.h"

#include "widgets/common/format.h"
#include "widgets/models/leading_state.h"
#include "widgets/pages/line_delegate.h"
#include "widgets/pages/run_words.h"

#include <algorithm>

namespace orrery::widgets {

OutlineModel::OutlineModel(GraphModel& graph, RunModel& run, QObject* parent)
    : QAbstractListModel(parent), m_graph(graph), m_run(run)
{}

std::vector<OutlineModel::Row> OutlineModel::read() const
{
    const auto& vertices = m_graph.graph().vertices;
    const auto& order = m_graph.checked().order;
    std::vector<Row> rows;
    for (std::size_t i = 0; i < vertices.size(); ++i) {
        const auto& vertex = vertices[order.size() == vertices.size() ? order[i] : i]; // a cycle has no order
        Row row{QString::fromStdString(vertex.id), QString::fromStdString(vertex.function), {}, {}};
        if (const auto* function = m_graph.functionOf(vertex)) row.icon = QString::fromStdString(function->icon);
        const int at = m_run.graph() ? m_run.graph()->indexOf(vertex.id) : -1;
        if (at >= 0 && static_cast<std::size_t>(at) < m_run.vertices().size()) {
            const auto& counts = m_run.vertices()[static_cast<std::size_t>(at)];
            row.state = static_cast<int>(leadingState(counts.counts));
            if (counts.tasks > 1)
                row.figure =
                    QStringLiteral("%1 / %2").arg(countText(doneTasks(counts.counts)), countText(counts.tasks));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

void OutlineModel::refresh()
{
    std::vector<Row> rows = read();
    const bool same = std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                                 [](const Row& a, const Row& b) { return a.id == b.id; });
    if (!same) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] == m_rows[i]) continue;
        m_rows[i] = std::move(rows[i]);
        const QModelIndex at = index(static_cast<int>(i));
        Q_EMIT dataChanged(at, at);
    }
}

int OutlineModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant OutlineModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return row.id;
    case Qt::ToolTipRole: return row.function;
    case GlyphRole: return row.state < 0 ? QVariant() : row.state;
    case IconRole: return row.icon;
    case DetailRole:
        return row.function.section(QLatin1Char('.'), 1).replace(QLatin1Char('_'), QLatin1Char(' ')) ==
                       QString(row.id).replace(QLatin1Char('_'), QLatin1Char(' '))
                   ? QString()
                   : row.function;
    case FigureRole: return row.figure;
    default: return {};
    }
}

QString OutlineModel::vertexAt(int row) const
{
    return row < 0 || row >= rowCount() ? QString() : m_rows[static_cast<std::size_t>(row)].id;
}

int OutlineModel::rowOf(const QString& vertex) const
{
    for (int i = 0; i < rowCount(); ++i)
        if (m_rows[static_cast<std::size_t>(i)].id == vertex) return i;
    return -1;
}

} // namespace orrery::widgets
