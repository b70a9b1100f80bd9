// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ProblemsModel: problems as rows of a table, for RowDelegate. Equal lists change nothing, so a selection stays.
// Thread: UI.

#include "widgets/logs/problem_list.h"

#include <QAbstractTableModel>

namespace orrery::widgets {

class ProblemsModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column : int { Text, Count, Where, Nodes, First, Columns };
    using QAbstractTableModel::QAbstractTableModel;
    void set(std::vector<Problem> problems);
    const Problem& at(int row) const { return m_problems[static_cast<std::size_t>(row)]; } // REQUIRES: row < rowCount()
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(m_problems.size()); }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : Columns; }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const Problem& problem, int column) const;
    std::vector<Problem> m_problems;
};

} // namespace orrery::widgets
