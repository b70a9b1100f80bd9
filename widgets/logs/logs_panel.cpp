// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/logs/logs_panel.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/search_field.h"
#include "widgets/logs/log_view.h"

#include <QVBoxLayout>

namespace orrery::widgets {

namespace {
constexpr int kHeadRow = 40, kFilterWidth = 360;
constexpr base::LogLevel kLevels[] = {base::LogLevel::Debug, base::LogLevel::Warn, base::LogLevel::Error};
} // namespace

LogsPanel::LogsPanel(RunModel& run, Selection& selection, QWidget* parent) : QWidget(parent), m_run(run), m_lines(run)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    makeHead(column);
    m_view = new LogView(run, selection, m_lines, this);
    column->addWidget(m_view, 1);
    m_empty = new EmptyState({}, {}, m_view->viewport());
    setFocusProxy(m_view);
    connect(m_view, &LogView::followsChanged, m_follow, &QToolButton::setChecked);
    connect(m_follow, &QToolButton::clicked, m_view, &LogView::setFollows);
    connect(m_view, &LogView::workerChosen, &selection, [&selection](int track) { selection.selectWorker(static_cast<std::uint16_t>(track)); });
    connect(m_empty, &EmptyState::triggered, m_filter, &QLineEdit::clear);
    connect(&run, &RunModel::logsChanged, this, [this] {
        if (isVisible()) takeLines();
    });
}

LogsPanel::~LogsPanel() = default;

void LogsPanel::makeHead(QVBoxLayout* column)
{
    auto* head = new QWidget(this);
    head->setFixedHeight(kHeadRow);
    m_filter = new SearchField(tr("Filter   killed  level:error  node:A"), {}, head);
    m_filter->setIconName(QStringLiteral("filter"));
    m_filter->setAccessibleName(tr("Filter log lines"));
    m_filter->setMinimumWidth(160);
    m_filter->setMaximumWidth(kFilterWidth);
    m_filter->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_levels = new Segments(head);
    m_levels->add(tr("All"), tr("Every line"));
    m_levels->add(tr("Warnings"), tr("Warnings and errors"));
    m_levels->add(tr("Errors"), tr("Errors only"));
    m_problem = new ElidedLabel({}, FontRole::Secondary, Token::Text, head);
    m_shown = new ElidedLabel({}, FontRole::Secondary, Token::Muted, head);
    m_follow = toolButton(QStringLiteral("end"), tr("Follow the newest line"), head);
    m_follow->setCheckable(true);
    m_follow->setChecked(true);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(metric::kPadding, 0, metric::kPadding, 0);
    row->setSpacing(8);
    row->addWidget(m_filter, 3);
    row->addWidget(m_levels);
    row->addWidget(m_problem, 4);
    row->addStretch(1);
    row->addWidget(m_shown);
    row->addWidget(m_follow);
    column->addWidget(head);
    connect(m_filter, &SearchField::searched, this, &LogsPanel::takeFilter);
    connect(m_levels, &Segments::chosen, this, [this](int index) {
        m_lines.setLevelMin(kLevels[index]);
        m_view->linesReplaced();
        showWords();
    });
}

void LogsPanel::setFilter(const QString& text)
{
    m_filter->setText(text);
    takeFilter(text);
}

void LogsPanel::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void LogsPanel::takeFilter(const QString& text)
{
    const QString problem = m_lines.setFilter(text);
    m_filter->setWrong(problem);
    m_problem->setText(problem);
    if (problem.isEmpty()) m_view->linesReplaced();
    showWords();
}

void LogsPanel::takeLines()
{
    m_view->takeLines();
    showWords();
}

QString LogsPanel::shownText() const { return m_shown->text(); }

void LogsPanel::showWords()
{
    const QString all = countText(m_run.logs().size());
    const bool whole = m_lines.size() == m_run.logs().size();
    QString text = whole ? (m_lines.size() == 1 ? tr("1 line") : tr("%1 lines").arg(all)) : tr("showing %1 of %2").arg(countText(m_lines.size()), all);
    if (m_run.logsDropped() > 0) text += tr("  ·  %1 older ones are gone").arg(countText(m_run.logsDropped()));
    m_shown->setText(text);
    m_empty->setVisible(m_lines.size() == 0);
    if (m_run.logs().empty()) m_empty->setWords(tr("No log line yet. What nodes and tasks say appears here."), {});
    else if (m_filter->text().isEmpty()) m_empty->setWords(tr("No line of this level."), {});
    else m_empty->setWords(tr("No lines match “%1”.").arg(m_filter->text()), tr("Clear filter"));
}

void LogsPanel::showEvent(QShowEvent*) { takeLines(); }

void LogsPanel::resizeEvent(QResizeEvent*) { m_empty->setGeometry(QRect(0, 0, width(), std::max(0, height() - kHeadRow))); }

} // namespace orrery::widgets
