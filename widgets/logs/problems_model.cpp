// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/logs/problems_model.h"

#include "widgets/common/format.h"
#include "widgets/common/table_view.h"

namespace orrery::widgets {

void ProblemsModel::set(std::vector<Problem> problems)
{
    if (problems == m_problems) return;
    // The rows that are the same stay rows: only what follows them is made anew, counts of groups grow in place.
    const auto same = [](const Problem& a, const Problem& b) { return a.kind == b.kind && a.text == b.text && a.vertex == b.vertex; };
    std::size_t keep = 0;
    while (keep < problems.size() && keep < m_problems.size() && same(problems[keep], m_problems[keep])) ++keep;
    if (keep < m_problems.size()) {
        beginRemoveRows({}, static_cast<int>(keep), rowCount() - 1);
        m_problems.resize(keep);
        endRemoveRows();
    }
    std::copy(problems.begin(), problems.begin() + static_cast<std::ptrdiff_t>(keep), m_problems.begin());
    if (keep > 0) Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(keep) - 1, Columns - 1));
    if (keep == problems.size()) return;
    beginInsertRows({}, static_cast<int>(keep), static_cast<int>(problems.size()) - 1);
    m_problems = std::move(problems);
    endInsertRows();
}

QString ProblemsModel::text(const Problem& problem, int column) const
{
    switch (column) {
    case Text: return problem.text;
    case Count: return problem.count > 1 ? QStringLiteral("×") + countText(problem.count) : QString();
    case Where: return problem.where;
    case First: return problem.firstNs >= 0 ? QStringLiteral("%1 s").arg(static_cast<double>(problem.firstNs) / 1e9, 0, 'f', 3) : QString();
    default: return {};
    }
}

QVariant ProblemsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Problem& problem = at(index.row());
    switch (role) {
    case Qt::DisplayRole: return text(problem, index.column());
    case Qt::ToolTipRole: return index.column() == Text ? problem.text : QVariant();
    case Qt::TextAlignmentRole:
        return int((index.column() == Count || index.column() == First ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case FontCellRole:
        return static_cast<int>(index.column() == Text ? FontRole::Ui : index.column() == Count || index.column() == First ? FontRole::Mono : FontRole::Secondary);
    case MutedCellRole: return index.column() != Text && index.column() != Count;
    case StateCellRole: return index.column() == Text ? QVariant(static_cast<int>(types::TaskState::Failed)) : QVariant();
    case NodesCellRole: {
        if (index.column() != Nodes || problem.nodes.isEmpty()) return {};
        QVariantList nodes;
        for (const QString& letter : problem.nodes) {
            int number = 0;
            for (const QChar c : letter) number = number * 26 + (c.unicode() - u'A' + 1);
            nodes << QVariantMap{{QStringLiteral("number"), number - 1}, {QStringLiteral("letter"), letter}, {QStringLiteral("lost"), problem.kind == Problem::Kind::Node}};
        }
        return nodes;
    }
    default: return {};
    }
}

QVariant ProblemsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole) return int((section == Count || section == First ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (section) {
    case Text: return tr("problem");
    case Count: return tr("count");
    case Where: return tr("where");
    case Nodes: return tr("nodes");
    case First: return tr("first seen");
    default: return {};
    }
}

} // namespace orrery::widgets
