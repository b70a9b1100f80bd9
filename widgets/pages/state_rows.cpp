// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/state_rows.h"

#include "widgets/common/chips.h"
#include "widgets/common/icons.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace orrery::widgets {

namespace {
constexpr int kTextLeft = metric::kTextInset + 22, kWordLeft = 128, kValueRoom = 72, kWidth = 240;
}

StateRows::StateRows(const QString& name, QWidget* parent) : QWidget(parent)
{
    setAccessibleName(name);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void StateRows::setRows(const QList<StateRow>& rows)
{
    if (rows == m_rows) return;
    const bool taller = rows.size() != m_rows.size();
    m_rows = rows;
    QStringList spoken;
    for (const auto& row : m_rows) spoken << QStringList{row.text, row.word + row.letter, row.value}.join(u' ');
    setAccessibleDescription(spoken.join(QStringLiteral("; ")));
    if (taller) updateGeometry();
    update();
}

QSize StateRows::sizeHint() const { return {kWidth, static_cast<int>(m_rows.size()) * metric::kRow}; }

QRect StateRows::textRect(const StateRow& row, int top) const
{
    const int right = row.word.isEmpty() ? width() - metric::kTextInset - (row.value.isEmpty() ? 0 : kValueRoom) : kWordLeft;
    return {kTextLeft, top, right - kTextLeft - 4, metric::kRow};
}

void StateRows::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::of();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    int top = 0;
    for (const auto& row : m_rows) {
        drawStateGlyph(painter, QRectF(metric::kTextInset, top + 5, metric::kGlyph, metric::kGlyph), row.glyph);
        painter.setFont(theme.font(row.isId ? FontRole::Mono : FontRole::Secondary));
        painter.setPen(color(Token::Text));
        const QRect text = textRect(row, top);
        painter.drawText(text, Qt::AlignVCenter, painter.fontMetrics().elidedText(row.text, row.isId ? Qt::ElideMiddle : Qt::ElideRight, text.width()));
        painter.setFont(theme.font(FontRole::Secondary));
        painter.setPen(color(Token::Muted));
        if (!row.word.isEmpty()) {
            const QRect word(kWordLeft, top, width() - kWordLeft - metric::kTextInset - kValueRoom, metric::kRow);
            const QString shown = painter.fontMetrics().elidedText(row.word, Qt::ElideRight, word.width() - (row.node >= 0 ? kChip + 6 : 0));
            painter.drawText(word, Qt::AlignVCenter, shown);
            if (row.node >= 0) paintNodeChip(painter, QRectF(word.left() + painter.fontMetrics().horizontalAdvance(shown) + 6, top + 4, kChip, kChip), row.node, row.letter);
        }
        painter.setFont(theme.font(FontRole::Mono));
        painter.setPen(color(Token::Muted));
        painter.drawText(QRect(width() - metric::kTextInset - kValueRoom, top, kValueRoom, metric::kRow), Qt::AlignVCenter | Qt::AlignRight, row.value);
        top += metric::kRow;
    }
}

bool StateRows::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int at = help->pos().y() / metric::kRow;
    QString cut;
    if (at >= 0 && at < m_rows.size()) {
        const StateRow& row = m_rows[at];
        const QFontMetrics metrics(Theme::of().font(row.isId ? FontRole::Mono : FontRole::Secondary));
        if (metrics.horizontalAdvance(row.text) > textRect(row, 0).width()) cut = row.text;
    }
    if (cut.isEmpty()) QToolTip::hideText();
    else QToolTip::showText(help->globalPos(), cut, this);
    return true;
}

} // namespace orrery::widgets
