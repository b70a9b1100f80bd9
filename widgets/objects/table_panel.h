// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TablePanel: what the panels of tasks and objects share: a head with the filter and its error, a table over a PagedTableModel,
// a sentence where there are no rows, a search for a row that was chosen elsewhere.
// Thread: UI. While hidden it asks nothing.

#include "widgets/models/paged_table_model.h"
#include "widgets/models/selection.h"
#include "widgets/objects/cell_delegate.h"
#include "widgets/objects/row_finder.h"
#include "widgets/objects/rows_view.h"

#include <QWidget>

class QHBoxLayout;
class QTableView;

namespace orrery::widgets {

class ElidedLabel;
class EmptyState;
class SearchField;

inline constexpr int kHeadRow = 40;

class TablePanel : public QWidget {
    Q_OBJECT
public:
    struct Shape {
        std::string table;
        std::vector<TableColumn> columns;
        std::vector<int> widths;       // of columns; 0: takes what is left
        std::vector<std::string> key, extra;
        CellLookOf look;
        QString hint;                  // in the empty filter
        QString things;                // "tasks", for the accessible name
    };
    QString filter() const;
    void setFilter(const QString& text); // as if a person had typed it
    void focusFilter();
    QTableView* table() const { return m_table; }
    PagedTableModel& model() { return *m_model; }

protected:
    TablePanel(RunModel& run, Selection& selection, RowSource& rows, Shape shape, QWidget* parent);
    QHBoxLayout* headRow() const { return m_headRow; }
    QWidget* head() const { return m_head; }
    // The chosen row by its key columns; empty: none.
    void choose(const std::vector<std::pair<std::string, std::int64_t>>& key, bool show);
    void showWords();                                       // of the sentence in place of rows, and of the head
    virtual void rowChosen(int row, bool opened) = 0;       // by a person
    virtual QString emptySentence() const = 0;              // no filter, no row
    virtual void updateHead() = 0;                          // counts changed

    RunModel& m_run;
    Selection& m_selection;
    RowSource& m_source;

private:
    void makeTable(const Shape& shape);
    void takeProblem(const QString& sentence);
    QWidget* m_head;
    QHBoxLayout* m_headRow;
    SearchField* m_filter;
    ElidedLabel* m_problem;
    QWidget* m_problemGlyph;
    QTableView* m_table;
    PagedTableModel* m_model;
    RowsView* m_view;
    RowFinder* m_finder;
    EmptyState* m_empty;
};

} // namespace orrery::widgets
