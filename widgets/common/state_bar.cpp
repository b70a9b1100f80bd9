// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/state_bar.h"

#include "widgets/common/format.h"
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"

#include <QAccessible>
#include <QPainter>
#include <numeric>

namespace orrery::widgets {

namespace {

using S = types::TaskState;

// PendingArgs is the empty part. Submitted is drawn with Ready: neither has begun.
constexpr S kOrder[] = {S::Finished, S::Cached, S::Failed, S::Cancelled, S::Skipped, S::Retrying, S::Held, S::Running, S::PendingFetch, S::Submitted, S::PendingAssignment};
constexpr int kGlyphGap = 6;

} // namespace

QString stateWord(S state)
{
    switch (state) {
    case S::PendingArgs: return QWidget::tr("waiting");
    case S::PendingAssignment: return QWidget::tr("ready");
    case S::PendingFetch: return QWidget::tr("fetching");
    case S::Held: return QWidget::tr("paused");
    case S::Submitted: return QWidget::tr("submitted");
    case S::Running: return QWidget::tr("running");
    case S::Retrying: return QWidget::tr("retrying");
    case S::Finished: return QWidget::tr("done");
    case S::Cached: return QWidget::tr("cached");
    case S::Failed: return QWidget::tr("failed");
    case S::Cancelled: return QWidget::tr("cancelled");
    case S::Skipped: return QWidget::tr("skipped");
    }
    return {};
}

void paintStateBar(QPainter& painter, const QRectF& bar, const types::StateCounts& counts)
{
    paint::fillRound(painter, bar, color(Token::BarEmpty), 2);
    const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
    if (total <= 0) return;
    painter.save();
    QPainterPath shape;
    shape.addRoundedRect(bar, 2, 2);
    painter.setRenderHint(QPainter::Antialiasing);
    double x = bar.left();
    for (const S state : kOrder) {
        const auto count = counts[static_cast<std::size_t>(state)];
        if (count == 0) continue;
        // The least share is still one pixel: a single failure among a million is seen.
        const double right = std::min(bar.right(), x + std::max(1.0, bar.width() * count / total));
        QPainterPath part;
        part.addRect(QRectF(x, bar.top(), right - x, bar.height()));
        painter.fillPath(part.intersected(shape), Theme::of().state(state));
        x = right;
    }
    painter.restore();
}

StateBar::StateBar(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void StateBar::setCounts(const types::StateCounts& counts)
{
    if (counts == m_counts) return;
    m_counts = counts;
    update();
    if (!QAccessible::isActive()) return;
    QStringList words;
    for (int state = 0; state < types::kTaskStates; ++state)
        if (const auto count = counts[static_cast<std::size_t>(state)]) words << countText(count) + u' ' + stateWord(static_cast<S>(state));
    setAccessibleName(words.join(QStringLiteral(", ")));
}

void StateBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintStateBar(painter, QRectF(0, (height() - 6) / 2, width(), 6), m_counts);
}

StateCount::StateCount(S state, QWidget* parent) : QWidget(parent), m_state(state), m_word(stateWord(state))
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(text());
}

QString StateCount::text() const { return m_word.isEmpty() ? countText(m_count) : countText(m_count) + u' ' + m_word; }

void StateCount::setCount(std::uint64_t count)
{
    if (count == m_count) return;
    const QSize before = sizeHint();
    m_count = count;
    setAccessibleName(text());
    if (sizeHint() != before) updateGeometry();
    update();
}

void StateCount::setWord(const QString& word)
{
    m_word = word;
    setAccessibleName(text());
    updateGeometry();
    update();
}

QSize StateCount::sizeHint() const
{
    const QFontMetrics metrics(Theme::of().font(FontRole::Medium));
    return {metric::kGlyph + kGlyphGap + metrics.horizontalAdvance(text()) + 1, std::max(metric::kGlyph, metrics.height())};
}

void StateCount::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = Theme::of();
    const bool any = m_count > 0;
    drawStateGlyph(painter, QRectF(0, (height() - metric::kGlyph) / 2, metric::kGlyph, metric::kGlyph), m_state, any ? QColor() : color(Token::Muted));
    QRect rest = rect().adjusted(metric::kGlyph + kGlyphGap, 0, 0, 0);
    const QString number = countText(m_count);
    painter.setFont(theme.font(any ? FontRole::Medium : FontRole::Ui));
    painter.setPen(color(any ? Token::Text : Token::Muted));
    painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft, number);
    if (m_word.isEmpty()) return;
    rest.setLeft(rest.left() + painter.fontMetrics().horizontalAdvance(number + u' '));
    painter.setFont(theme.font(FontRole::Ui));
    painter.setPen(color(Token::Muted));
    painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft, m_word);
}

} // namespace orrery::widgets
