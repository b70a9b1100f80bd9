// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/attempts_list.h"

#include "widgets/common/chips.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"

#include <QPainter>

#include <algorithm>

namespace orrery::widgets {

WorkerPlace placeOf(const RunModel& run, std::uint16_t track)
{
    const auto found = run.workers().find(track);
    if (found == run.workers().end()) return {-1, QStringLiteral("?"), QObject::tr("unknown worker")};
    const auto* node = run.node(found->second.node);
    return {found->second.node, RunModel::nodeLetter(found->second.node),
            QObject::tr("worker %1").arg(run.workerNumber(track)), node && node->state == types::NodeState::Dead};
}

AttemptsList::AttemptsList(RunModel& run, QWidget* parent) : QWidget(parent), m_run(run)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void AttemptsList::setAttempts(std::vector<AttemptFacts> attempts, const QString& cause)
{
    if (m_attempts == attempts && m_cause == cause) return;
    const bool grew = m_attempts.size() != attempts.size();
    m_attempts = std::move(attempts);
    m_cause = cause;
    setAccessibleName(texts().join(QStringLiteral("; ")));
    if (grew) updateGeometry();
    update();
}

QSize AttemptsList::sizeHint() const
{
    return {200, static_cast<int>(m_attempts.size()) * metric::kRow};
}

QString AttemptsList::endText(const AttemptFacts& attempt) const
{
    const bool last = &attempt == &m_attempts.back();
    if (attempt.outcome == types::TaskState::Retrying) return last && !m_cause.isEmpty() ? m_cause : tr("cut off");
    if (attempt.outcome == types::TaskState::Failed && last && !m_cause.isEmpty()) return m_cause;
    return durationText(attempt.durationNs);
}

QStringList AttemptsList::texts() const
{
    QStringList texts;
    for (const AttemptFacts& attempt : m_attempts) {
        const WorkerPlace place = placeOf(m_run, attempt.track);
        texts << QStringLiteral("%1 %2 %3 %4").arg(attempt.number).arg(place.letter, place.worker, endText(attempt));
    }
    return texts;
}

void AttemptsList::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::of();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto* run = m_run.shownRun();
    int top = 0;
    for (const AttemptFacts& attempt : m_attempts) {
        const QRect row(metric::kPadding, top, width() - 2 * metric::kPadding, metric::kRow);
        if (&attempt == &m_attempts.back()) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(color(Token::Zebra));
            painter.drawRoundedRect(row, 4, 4);
        }
        const bool cut = attempt.outcome == types::TaskState::Retrying || attempt.outcome == types::TaskState::Failed;
        drawStateGlyph(painter, QRectF(row.left() + 20, row.center().y() - 6, 14, 14),
                       cut ? types::TaskState::Failed : attempt.outcome);
        painter.setFont(theme.font(FontRole::Mono));
        painter.setPen(color(Token::Text));
        painter.drawText(row.adjusted(40, 0, 0, 0), Qt::AlignVCenter, QString::number(attempt.number));
        const WorkerPlace place = placeOf(m_run, attempt.track);
        if (place.node >= 0)
            paintNodeChip(painter, QRectF(row.left() + 58, row.center().y() - 7, kChip, kChip), place.node,
                          place.letter, place.lost);
        painter.setFont(theme.font(FontRole::Mono));
        painter.setPen(color(Token::Text));
        painter.drawText(row.adjusted(80, 0, 0, 0), Qt::AlignVCenter, place.worker);

        const QString end = endText(attempt);
        painter.setPen(color(cut ? Token::Failed : Token::Text));
        const QRect right = row.adjusted(80, 0, -8, 0);
        painter.drawText(right, Qt::AlignRight | Qt::AlignVCenter, end);
        const int used = painter.fontMetrics().horizontalAdvance(end) + 10;
        if (run && run->startNs != 0 && right.width() - used > 140) {
            painter.setPen(color(Token::Muted));
            painter.drawText(right.adjusted(0, 0, -used, 0), Qt::AlignRight | Qt::AlignVCenter,
                             durationText(attempt.startNs - run->startNs));
        }
        top += metric::kRow;
    }
}

} // namespace orrery::widgets
