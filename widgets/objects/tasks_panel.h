// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TasksPanel: the tasks of the shown run as a table: filter, sort, choose. A click chooses everywhere; Enter or a double click
// shows the task in the timeline, too; a task that was chosen elsewhere scrolls into view.
// Thread: UI. Asks its RowSource while it is visible, for the rows that are visible.

#include "widgets/objects/table_panel.h"

namespace orrery::widgets {

class TasksPanel final : public TablePanel {
    Q_OBJECT
public:
    TasksPanel(RunModel& run, Selection& selection, RowSource& rows, QWidget* parent = nullptr);
    QString shownText() const; // "showing 12 of 1,032"

protected:
    void rowChosen(int row, bool opened) override;
    QString emptySentence() const override;
    void updateHead() override;
    void showEvent(QShowEvent* event) override;

private:
    void takeSelection();
    ElidedLabel* m_shown;
};

} // namespace orrery::widgets
