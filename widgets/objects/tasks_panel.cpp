// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/tasks_panel.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/common/refresh.h"
#include "widgets/objects/cells.h"

#include <QHBoxLayout>
#include <QTableView>

namespace orrery::widgets {

TasksPanel::TasksPanel(RunModel& run, Selection& selection, RowSource& rows, QWidget* parent)
    : TablePanel(run, selection, rows, taskShape(run), parent)
{
    m_shown = new ElidedLabel({}, FontRole::Secondary, Token::Muted, head());
    headRow()->addStretch(1);
    headRow()->addWidget(m_shown);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(head());
    column->addWidget(table(), 1);
    setFocusProxy(table());
    connect(&selection, &Selection::changed, this, &TasksPanel::takeSelection);
    connect(&run, &RunModel::countsChanged, this, [this] {
        if (isVisible()) updateHead();
    });
    // Durations of what runs grow between two answers.
    auto* running = new Refresh(table(), kAskAgainMs, [this] { table()->viewport()->update(); });
    connect(&run, &RunModel::ticked, running, [this, running] {
        if (const auto* shown = m_run.shownRun(); shown != nullptr && !types::isTerminal(shown->state)) running->ask();
    });
    showWords();
}

void TasksPanel::rowChosen(int row, bool opened)
{
    const QString vertex = model().text(row, "vertex");
    const int index = m_run.graph() == nullptr ? -1 : m_run.graph()->indexOf(vertex.toStdString());
    if (index < 0) return;
    TaskRef task;
    task.row = static_cast<std::uint32_t>(model().integer(row, "row", types::kNoRow));
    task.vertex = static_cast<std::uint16_t>(index);
    task.mapIndex = static_cast<std::uint32_t>(model().integer(row, "map_index"));
    m_selection.selectTask(task, vertex);
    if (opened) m_selection.reveal();
}

void TasksPanel::takeSelection()
{
    if (!isVisible()) return; // showEvent() catches up
    if (const auto& task = m_selection.task(); task && task->row != types::kNoRow) choose({{"row", task->row}}, true);
    else choose({}, false);
}

void TasksPanel::showEvent(QShowEvent* event)
{
    TablePanel::showEvent(event);
    updateHead();
    takeSelection();
}

QString TasksPanel::emptySentence() const { return m_run.shownRun() == nullptr ? tr("No run yet. F5 runs the graph.") : tr("This run has no tasks yet."); }

QString TasksPanel::shownText() const { return m_shown->text(); }

void TasksPanel::updateHead()
{
    const auto* run = m_run.shownRun();
    const std::uint64_t all = run == nullptr ? 0 : std::max<std::uint64_t>(run->tasks, model().filter().isEmpty() ? static_cast<std::uint64_t>(model().rowCount()) : 0);
    m_shown->setText(run == nullptr ? QString() : tr("showing %1 of %2").arg(countText(static_cast<std::uint64_t>(model().rowCount())), countText(all)));
}

} // namespace orrery::widgets
