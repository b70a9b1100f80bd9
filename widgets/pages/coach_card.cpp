// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/coach_card.h"

#include "widgets/common/icons.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace orrery::widgets {

namespace {
constexpr int kWidth = 312, kHead = 30, kLine = 18, kInset = 6, kBottom = 8;
} // namespace

CoachCard::CoachCard(const QString& title, QWidget* parent) : QWidget(parent), m_title(title)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(title);
    resize(sizeHint());
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize CoachCard::sizeHint() const
{
    if (m_compact) return {kWidth, kHead + (m_current < 0 ? 0 : kLine + kBottom)};
    return {kWidth, kHead + static_cast<int>(m_lines.size()) * kLine + kBottom};
}

void CoachCard::setLines(const QStringList& lines)
{
    m_lines.clear();
    for (const QString& line : lines) m_lines.push_back({line, false});
    setCurrent(m_lines.empty() ? -1 : 0);
}

void CoachCard::setText(int index, const QString& text)
{
    if (index < 0 || index >= static_cast<int>(m_lines.size())) return;
    m_lines[static_cast<std::size_t>(index)].text = text;
    update();
}

void CoachCard::setDone(int index)
{
    if (index < 0 || index >= static_cast<int>(m_lines.size())) return;
    m_lines[static_cast<std::size_t>(index)].done = true;
    const auto next = std::find_if(m_lines.begin(), m_lines.end(), [](const Line& line) { return !line.done; });
    setCurrent(next == m_lines.end() ? -1 : static_cast<int>(next - m_lines.begin()));
}

void CoachCard::setCurrent(int index)
{
    m_current = index;
    resize(sizeHint());
    updateGeometry();
    update();
}

void CoachCard::setCompact(bool compact)
{
    m_compact = compact;
    setCurrent(m_current);
}

bool CoachCard::isDone(int index) const
{
    return index >= 0 && index < static_cast<int>(m_lines.size()) && m_lines[static_cast<std::size_t>(index)].done;
}

int CoachCard::doneCount() const
{
    return static_cast<int>(std::count_if(m_lines.begin(), m_lines.end(), [](const Line& line) { return line.done; }));
}

QRect CoachCard::lineRect(int index) const
{
    if (m_compact) return index == m_current ? QRect(kInset, kHead, width() - 2 * kInset, kLine) : QRect();
    return {kInset, kHead + index * kLine, width() - 2 * kInset, kLine};
}

QRect CoachCard::closeRect() const
{
    return {width() - 28, 2, 24, 24};
}

int CoachCard::lineAt(const QPoint& at) const
{
    for (int i = 0; i < static_cast<int>(m_lines.size()); ++i)
        if (lineRect(i).contains(at)) return i;
    return -1;
}

void CoachCard::close()
{
    hide();
    Q_EMIT closed();
}

void CoachCard::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::of();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(hasFocus() ? color(Token::Accent) : color(Token::Border), 1));
    painter.setBrush(color(Token::Panel));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);

    painter.setFont(theme.font(FontRole::Title));
    painter.setPen(color(Token::Text));
    const QRect head(12, 0, width() - 44, kHead);
    painter.drawText(head, Qt::AlignVCenter, m_title);
    const int titleWidth = painter.fontMetrics().horizontalAdvance(m_title);
    painter.setFont(theme.font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    painter.drawText(head.adjusted(titleWidth + 9, 0, 0, 0), Qt::AlignVCenter,
                     tr("%1 of %2").arg(doneCount()).arg(m_lines.size()));
    if (m_closeHovered) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(Token::Hover));
        painter.drawRoundedRect(closeRect(), 4, 4);
    }
    icon(QStringLiteral("close"), Token::Muted).paint(&painter, closeRect().adjusted(4, 4, -4, -4));

    for (int i = 0; i < static_cast<int>(m_lines.size()); ++i) {
        const Line& line = m_lines[static_cast<std::size_t>(i)];
        const QRect at = lineRect(i);
        if (at.isEmpty()) continue;
        painter.setPen(Qt::NoPen);
        if (i == m_current || i == m_hovered) {
            painter.setBrush(color(i == m_current ? Token::Selection : Token::Hover));
            painter.drawRoundedRect(at, 4, 4);
        }
        const QRectF mark(at.left() + 7.5, at.top() + 2.5, 13, 13);
        if (line.done) {
            painter.setBrush(theme.mix(color(Token::Panel), color(Token::Succeeded), 0.3));
            painter.drawEllipse(mark);
            drawStateGlyph(painter, mark.adjusted(2, 2, -2, -2), types::TaskState::Finished);
        } else {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(color(i == m_current ? Token::Accent : Token::Waiting), 1.4));
            painter.drawEllipse(mark.adjusted(0.5, 0.5, -0.5, -0.5));
        }
        painter.setFont(theme.font(i == m_current ? FontRole::Medium : FontRole::Secondary));
        QFont font = painter.font();
        font.setPixelSize(12);
        painter.setFont(font);
        painter.setPen(color(line.done ? Token::Muted : Token::Text));
        const QRect text = at.adjusted(30, 0, -8, 0);
        painter.drawText(text, Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(line.text, Qt::ElideRight, text.width()));
    }
}

void CoachCard::mousePressEvent(QMouseEvent* event)
{
    event->accept(); // the canvas below must not see it
}

void CoachCard::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) return;
    if (closeRect().contains(event->pos())) return close();
    if (const int line = lineAt(event->pos()); line >= 0) Q_EMIT lineActivated(line);
}

void CoachCard::mouseMoveEvent(QMouseEvent* event)
{
    m_hovered = lineAt(event->pos());
    m_closeHovered = closeRect().contains(event->pos());
    setCursor(m_hovered >= 0 || m_closeHovered ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void CoachCard::leaveEvent(QEvent*)
{
    m_hovered = -1;
    m_closeHovered = false;
    update();
}

void CoachCard::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) return close();
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && m_current >= 0)
        Q_EMIT lineActivated(m_current);
    else QWidget::keyPressEvent(event);
}

bool CoachCard::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const int line = lineAt(help->pos()); line >= 0)
            QToolTip::showText(help->globalPos(), m_lines[static_cast<std::size_t>(line)].text, this);
    }
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) update();
    return QWidget::event(event);
}

} // namespace orrery::widgets
