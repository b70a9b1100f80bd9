// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/logs/problems_panel.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/table_view.h"

#include <QHeaderView>
#include <QPointer>
#include <QShortcut>
#include <QVBoxLayout>

namespace orrery::widgets {

namespace {
constexpr int kHeadRow = 40, kSoonMs = 100, kAskAgainMs = 500;
} // namespace

ProblemsPanel::ProblemsPanel(GraphModel& graph, RunModel& run, Selection& selection, RowSource& rows, QWidget* parent)
    : QWidget(parent), m_graph(graph), m_run(run), m_selection(selection), m_rows(rows)
{
    m_model = new ProblemsModel(this);
    makeLayout();
    m_soon.setSingleShot(true);
    m_soon.setInterval(kSoonMs);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kAskAgainMs);
    connect(&m_soon, &QTimer::timeout, this, &ProblemsPanel::collect);
    connect(&m_pause, &QTimer::timeout, this, &ProblemsPanel::collect);
    // A refusal speaks of what was tried; it is over with the next edit or run.
    connect(&graph, &GraphModel::graphChanged, this, [this] { setRefusal({}, {}); });
    connect(&run, &RunModel::shownRunChanged, this, [this] { setRefusal({}, {}); });
    connect(&run, &RunModel::linkChanged, this, &ProblemsPanel::soon);
    connect(&run, &RunModel::catalogChanged, this, &ProblemsPanel::soon);
    connect(&run, &RunModel::nodesChanged, this, &ProblemsPanel::soon);
    connect(&run, &RunModel::countsChanged, this, &ProblemsPanel::soon);
    collect();
}

ProblemsPanel::~ProblemsPanel()
{
    if (m_ticket != 0) m_rows.drop(m_ticket);
}

void ProblemsPanel::makeLayout()
{
    auto* head = new QWidget(this);
    head->setFixedHeight(kHeadRow);
    m_words = new ElidedLabel({}, FontRole::Secondary, Token::Muted, head);
    m_goTo = new FlatButton(tr("Go to"), FlatButton::Kind::Plain, head);
    m_tasks = new FlatButton(tr("Show tasks"), FlatButton::Kind::Plain, head);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(metric::kTextInset, 0, metric::kPadding, 0);
    row->setSpacing(8);
    row->addWidget(m_words, 1);
    row->addWidget(m_goTo);
    row->addWidget(m_tasks);
    m_table = tableView(this);
    m_table->setModel(m_model);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setAccessibleName(tr("Problems"));
    QHeaderView* columns = m_table->horizontalHeader();
    columns->setStretchLastSection(false);
    columns->setSectionResizeMode(ProblemsModel::Text, QHeaderView::Stretch);
    columns->resizeSection(ProblemsModel::Count, 88);
    columns->resizeSection(ProblemsModel::Where, 160);
    columns->resizeSection(ProblemsModel::Nodes, 96);
    columns->resizeSection(ProblemsModel::First, 104);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(head);
    column->addWidget(m_table, 1);
    m_empty = new EmptyState(tr("No problems."), {}, m_table);
    setFocusProxy(m_table);

    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ProblemsPanel::showWords);
    connect(m_table, &QTableView::doubleClicked, this, [this](const QModelIndex& index) { goTo(index.row()); });
    auto* enter = new QShortcut(Qt::Key_Return, m_table, {}, {}, Qt::WidgetShortcut);
    connect(enter, &QShortcut::activated, this, [this] { goTo(m_table->currentIndex().row()); });
    connect(m_goTo, &QPushButton::clicked, this, [this] { goTo(m_table->currentIndex().row()); });
    connect(m_tasks, &QPushButton::clicked, this, [this] {
        if (const Problem* problem = chosen()) Q_EMIT tasksRequested(problem->filter);
    });
}

void ProblemsPanel::soon()
{
    if (!m_soon.isActive()) m_soon.start();
}

void ProblemsPanel::collect()
{
    askFailed();
    std::vector<Problem> problems = m_refusal;
    const std::vector<Problem> plain = plainProblems(m_graph, m_run);
    problems.insert(problems.end(), plain.begin(), plain.end());
    problems.insert(problems.end(), m_failed.begin(), m_failed.end());
    m_model->set(std::move(problems));
    showWords();
    if (m_told == count()) return;
    m_told = count();
    Q_EMIT countChanged(m_told);
}

void ProblemsPanel::setRefusal(const QString& what, const QStringList& problems)
{
    m_refusal.clear();
    for (const auto& problem : problems.isEmpty() && !what.isEmpty() ? QStringList{what} : problems) {
        Problem row;
        row.kind = Problem::Kind::Refusal;
        row.text = problem;
        row.where = problems.isEmpty() ? QString() : what;
        m_refusal.push_back(row);
    }
    soon();
}

// Asks when the number of failed tasks is another than the one that was asked about.
void ProblemsPanel::askFailed()
{
    std::uint64_t failed = 0;
    for (const auto& vertex : m_run.vertices()) failed += vertex.counts[static_cast<std::size_t>(types::TaskState::Failed)];
    const auto* run = m_run.shownRun();
    const base::RunId id = run == nullptr ? base::RunId{} : run->id;
    if (id != m_failedRun) {
        m_failedRun = id;
        m_failedCount = 0;
        m_failed.clear();
        ++m_number;
        if (const Ticket ticket = std::exchange(m_ticket, 0); ticket != 0) m_rows.drop(ticket);
    }
    if (failed == 0) m_failed.clear();
    if (failed == m_failedCount || id.isNull() || m_ticket != 0 || m_pause.isActive()) return;
    m_failedCount = failed;
    if (failed == 0) return;
    m_pause.start();
    const std::uint64_t number = ++m_number;
    m_ticket = m_rows.ask(failedTasksQuery(id), [self = QPointer<ProblemsPanel>(this), number](base::Result<types::Page> answer) {
        if (self && self->m_number == number) self->takeFailed(std::move(answer));
    });
}

void ProblemsPanel::takeFailed(base::Result<types::Page> answer)
{
    m_ticket = 0;
    ++m_number;
    if (answer) m_failed = taskProblems(*answer, m_run);
    else m_failedCount = 0; // asked again after the pause
    collect();
}

// ---- what is shown, what is chosen ----

const Problem* ProblemsPanel::chosen() const
{
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() && m_table->selectionModel()->isRowSelected(index.row()) ? &m_model->at(index.row()) : nullptr;
}

void ProblemsPanel::showWords()
{
    const Problem* problem = chosen();
    m_goTo->setEnabled(problem != nullptr && !problem->vertex.isEmpty());
    m_goTo->setToolTip(problem == nullptr ? tr("Choose a problem first.") : problem->vertex.isEmpty() ? tr("This problem has no place in the graph.") : QString());
    m_tasks->setVisible(problem != nullptr && !problem->filter.isEmpty());
    m_empty->setVisible(count() == 0);
    std::uint64_t failed = 0;
    for (int row = 0; row < count(); ++row)
        if (m_model->at(row).kind == Problem::Kind::Tasks) failed += m_model->at(row).count;
    QStringList words;
    if (count() > 0) words << (count() == 1 ? tr("1 problem") : tr("%1 problems").arg(countText(static_cast<std::uint64_t>(count()))));
    if (failed > 0) words << (failed == 1 ? tr("1 failed task") : tr("%1 failed tasks").arg(countText(failed)));
    m_words->setText(words.join(QStringLiteral("  ·  ")));
}

void ProblemsPanel::goTo(int row)
{
    if (row < 0 || row >= count()) return;
    const Problem& problem = m_model->at(row);
    if (problem.task) m_selection.selectTask(*problem.task, problem.vertex);
    else if (!problem.vertex.isEmpty()) m_selection.selectVertices({problem.vertex});
    else return;
    m_selection.reveal();
}

void ProblemsPanel::resizeEvent(QResizeEvent*) { m_empty->setGeometry(0, 0, m_table->width(), m_table->height()); }

} // namespace orrery::widgets
