// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ProblemsPanel: what is wrong, in one list, with a way to the place: Go to chooses the vertex or the first failed task and shows
// it, Show tasks asks for the table of tasks with a filter. The count is for a badge, so it is kept while the panel is hidden.
// Thread: UI. Asks for failed tasks only when their number changes, at most twice a second, one question at a time.

#include "widgets/logs/problems_model.h"
#include "widgets/models/ports.h"

#include <QTimer>
#include <QWidget>

class QTableView;

namespace orrery::widgets {

class ElidedLabel;
class EmptyState;
class FlatButton;

class ProblemsPanel final : public QWidget {
    Q_OBJECT
public:
    ProblemsPanel(GraphModel& graph, RunModel& run, Selection& selection, RowSource& rows, QWidget* parent = nullptr);
    ~ProblemsPanel() override;
    int count() const { return m_model->rowCount(); }
    QTableView* table() const { return m_table; }
    ProblemsModel& model() { return *m_model; }
    // What was wanted last and refused (a document, a run), with every reason; stays until the next or until it is emptied.
    void setRefusal(const QString& what, const QStringList& problems);

Q_SIGNALS:
    void countChanged(int count);
    void tasksRequested(const QString& filter); // show the table of tasks with this filter

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeLayout();
    void soon();
    void collect();
    void askFailed();
    void takeFailed(base::Result<types::Page> answer);
    void showWords();
    void goTo(int row);
    const Problem* chosen() const;

    GraphModel& m_graph;
    RunModel& m_run;
    Selection& m_selection;
    RowSource& m_rows;
    ProblemsModel* m_model;
    QTableView* m_table;
    ElidedLabel* m_words;
    FlatButton *m_goTo, *m_tasks;
    EmptyState* m_empty;
    std::vector<Problem> m_failed;
    std::vector<Problem> m_refusal;
    std::uint64_t m_failedCount = 0; // that m_failed, or the question on its way, speaks of
    base::RunId m_failedRun;
    Ticket m_ticket = 0;
    std::uint64_t m_number = 0;
    int m_told = 0;
    QTimer m_soon, m_pause;
};

} // namespace orrery::widgets
