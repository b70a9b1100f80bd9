// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/log_page.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QBoxLayout>
#include <QPlainTextEdit>
#include <QScrollBar>

#include <algorithm>

namespace orrery::widgets {

LogPage::LogPage(RunModel& run, QWidget* parent) : QWidget(parent), m_run(run), m_view(new QPlainTextEdit(this))
{
    m_view->setReadOnly(true);
    m_view->setFont(Theme::of().font(FontRole::MonoSmall));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    m_view->setMaximumBlockCount(kLogLinesShown);
    m_view->setAccessibleName(tr("Log"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metric::kPadding, metric::kPadding, metric::kPadding, metric::kPadding);
    column->addWidget(m_view);
}

void LogPage::setOwner(std::uint32_t row, std::uint16_t worker)
{
    if (m_row == row && m_worker == worker) return;
    m_row = row;
    m_worker = worker;
    m_seen = 0;
    m_lines = 0;
    m_view->clear();
    take();
}

void LogPage::take()
{
    const auto& logs = m_run.logs();
    if (m_run.logsSeen() < m_seen) { // another run: everything before is gone
        m_seen = 0;
        m_lines = 0;
        m_view->clear();
    }
    const std::uint64_t first = std::max(m_seen, m_run.logsDropped());
    m_seen = m_run.logsSeen();
    if (m_row == types::kNoRow && m_worker == types::kNoWorker) return;
    const auto* run = m_run.shownRun();
    const types::TimeNs begin = run ? run->startNs : 0;
    QStringList fresh;
    for (std::size_t i = static_cast<std::size_t>(first - m_run.logsDropped()); i < logs.size(); ++i) {
        const types::LogLine& line = logs[i];
        const bool mine = m_row != types::kNoRow ? line.row == m_row : line.worker == m_worker;
        if (mine)
            fresh << QStringLiteral("%1  %2").arg(clockText(std::max<types::TimeNs>(0, line.atNs - begin)),
                                                  QString::fromStdString(line.text));
    }
    if (fresh.isEmpty()) return;
    m_lines += static_cast<int>(fresh.size());
    const bool atEnd = m_view->verticalScrollBar()->value() == m_view->verticalScrollBar()->maximum();
    m_view->appendPlainText(fresh.join(QLatin1Char('\n')));
    if (atEnd) m_view->verticalScrollBar()->setValue(m_view->verticalScrollBar()->maximum());
}

QString LogPage::text() const
{
    return m_view->toPlainText();
}

} // namespace orrery::widgets
