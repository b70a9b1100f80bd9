// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// StringTable: a small table of texts as a model. A column whose texts are all numbers is right-aligned. Thread: UI.

#include <QAbstractTableModel>
#include <string>
#include <vector>

namespace orrery::widgets {

class StringTable final : public QAbstractTableModel {
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;
    void set(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows);
    int charactersMost(int column) const { return m_most[static_cast<std::size_t>(column)]; } // with its title
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(m_rows.size()); }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(m_columns.size()); }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<QString> m_columns;
    std::vector<char> m_number; // by column
    std::vector<int> m_most;    // by column
    std::vector<std::vector<QString>> m_rows;
};

} // namespace orrery::widgets
