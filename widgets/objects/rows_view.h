// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RowsView: joins a QTableView and a PagedTableModel: tells the model which rows are seen, sorts by a click on a head (up, down,
// natural), and keeps one row chosen by its key wherever an answer puts it.
// Thread: UI. Lives: as a child of the view; the model must outlive it.

#include "widgets/models/paged_table_model.h"

#include <QObject>

class QTableView;

namespace orrery::widgets {

class RowsView final : public QObject {
    Q_OBJECT
public:
    RowsView(QTableView* view, PagedTableModel& model);
    // Chooses without telling; an empty key: nothing is chosen.
    void setChosenKey(const QString& key);
    const QString& chosenKey() const { return m_key; }
    void showRow(int row);          // into the middle, unless it is seen
    void setCover(QWidget* cover);  // over the rows while it is visible: a sentence in their place
    void copyRow() const;           // the chosen one, with tabs between its cells

Q_SIGNALS:
    void chosen(int row); // by a person; the row is here
    void opened(int row); // double click or Enter

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void tellVisibleRows();
    void selectionChanged();
    void restore();
    void open();

    QTableView* m_view;
    PagedTableModel& m_model;
    QString m_key;
    QWidget* m_cover = nullptr;
    int m_awaited = -1;      // chosen by a person before it was here
    bool m_changing = false; // the model changes, or we set the row: no person chose
};

} // namespace orrery::widgets
