// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/string_table.h"

#include "widgets/common/table_view.h"

#include <algorithm>

namespace orrery::widgets {

void StringTable::set(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows)
{
    beginResetModel();
    m_columns.clear();
    m_rows.clear();
    for (const auto& column : columns) m_columns.push_back(QString::fromStdString(column));
    m_number.assign(m_columns.size(), rows.empty() ? 0 : 1);
    m_most.clear();
    for (const auto& column : m_columns) m_most.push_back(static_cast<int>(column.size()));
    m_rows.reserve(rows.size());
    for (const auto& row : rows) {
        auto& texts = m_rows.emplace_back(m_columns.size());
        for (std::size_t c = 0; c < m_columns.size() && c < row.size(); ++c) {
            texts[c] = QString::fromStdString(row[c]);
            m_most[c] = std::max(m_most[c], static_cast<int>(texts[c].size()));
            bool number = texts[c].isEmpty();
            if (!number) texts[c].toDouble(&number);
            if (!number) m_number[c] = 0;
        }
    }
    endResetModel();
}

QVariant StringTable::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const auto column = static_cast<std::size_t>(index.column());
    if (role == Qt::DisplayRole) return m_rows[static_cast<std::size_t>(index.row())][column];
    if (role == FontCellRole) return static_cast<int>(FontRole::Mono);
    if (role == Qt::TextAlignmentRole) return int((m_number[column] ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

QVariant StringTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
    if (role == Qt::DisplayRole) return m_columns[static_cast<std::size_t>(section)];
    if (role == Qt::TextAlignmentRole) return int((m_number[static_cast<std::size_t>(section)] ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

} // namespace orrery::widgets
