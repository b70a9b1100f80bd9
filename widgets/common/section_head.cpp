// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/section_head.h"

#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace orrery::widgets {

namespace {
constexpr int kAbove = 4, kChevronLeft = 7, kTitleLeft = 28;
}

SectionHead::SectionHead(const QString& title, QWidget* parent) : QWidget(parent), m_title(title)
{
    setFocusPolicy(Qt::TabFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    describe();
}

void SectionHead::setBody(QWidget* body)
{
    m_body = body;
    if (m_body) m_body->setVisible(m_open);
}

void SectionHead::setTitle(const QString& title)
{
    m_title = title;
    describe();
    update();
}

void SectionHead::setValue(const QString& value)
{
    if (value == m_value) return;
    m_value = value;
    describe();
    update();
}

void SectionHead::setLine(bool line)
{
    m_line = line;
    update();
}

void SectionHead::setOpen(bool open)
{
    if (open == m_open) return;
    m_open = open;
    if (m_body) m_body->setVisible(open);
    describe();
    update();
    Q_EMIT toggled(open);
}

void SectionHead::describe()
{
    setAccessibleName(m_title);
    setAccessibleDescription(m_open ? m_value : tr("%1 closed").arg(m_value).trimmed());
}

QSize SectionHead::sizeHint() const { return {160, metric::kSectionHead + kAbove}; }

void SectionHead::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (m_line) painter.fillRect(QRect(0, 0, width(), 1), color(Token::LineInside));
    const QRect row(0, kAbove, width(), height() - kAbove);
    const Theme& theme = Theme::of();
    QStyleOption option;
    option.initFrom(this);
    drawChevron(painter, QRectF(kChevronLeft, row.top(), metric::kIcon, row.height()), m_open, color(option.state & QStyle::State_MouseOver ? Token::Text : Token::Muted));
    QRect text = row.adjusted(kTitleLeft, 0, -metric::kTextInset, 0);
    painter.setFont(theme.font(FontRole::Section));
    painter.setPen(color(Token::Text));
    painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft, m_title);
    text.setLeft(text.left() + painter.fontMetrics().horizontalAdvance(m_title) + metric::kPadding);
    painter.setFont(theme.font(FontRole::Secondary));
    painter.setPen(color(Token::Muted));
    painter.drawText(text, Qt::AlignVCenter | Qt::AlignRight, painter.fontMetrics().elidedText(m_value, Qt::ElideRight, text.width()));
    paint::focusRing(painter, option, row.adjusted(2, 0, -2, 0));
}

void SectionHead::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) setOpen(!m_open);
    else QWidget::mousePressEvent(event);
}

void SectionHead::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter: setOpen(!m_open); break;
    case Qt::Key_Left: setOpen(false); break;
    case Qt::Key_Right: setOpen(true); break;
    default: QWidget::keyPressEvent(event);
    }
}

} // namespace orrery::widgets
