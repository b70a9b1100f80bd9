// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/scrub_label.h"

#include "widgets/common/theme.h"

#include <QAbstractSpinBox>
#include <QMouseEvent>
#include <QPainter>

namespace orrery::widgets {

namespace {
constexpr int kPixelsAStep = 4, kFast = 10;
}

ScrubLabel::ScrubLabel(const QString& text, QAbstractSpinBox* box, QWidget* parent) : QWidget(parent), m_text(text), m_box(box)
{
    setFont(Theme::of().font(FontRole::Secondary));
    setCursor(Qt::SizeHorCursor);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    if (box && box->accessibleName().isEmpty()) box->setAccessibleName(text);
}

QSize ScrubLabel::sizeHint() const { return {fontMetrics().horizontalAdvance(m_text) + 1, metric::kLineEdit}; }

void ScrubLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setPen(color(isEnabled() ? Token::Muted : Token::Disabled));
    painter.drawText(rect(), Qt::AlignVCenter | Qt::AlignLeft, fontMetrics().elidedText(m_text, Qt::ElideRight, width()));
}

void ScrubLabel::mousePressEvent(QMouseEvent* event)
{
    m_from = event->pos().x();
    m_moved = false;
}

void ScrubLabel::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_box || !(event->buttons() & Qt::LeftButton)) return;
    const int steps = (event->pos().x() - m_from) / kPixelsAStep;
    if (steps == 0) return;
    m_from += steps * kPixelsAStep;
    if (!m_moved) Q_EMIT scrubStarted();
    m_moved = true;
    m_box->stepBy(event->modifiers() & Qt::ShiftModifier ? steps * kFast : steps);
}

void ScrubLabel::mouseReleaseEvent(QMouseEvent*)
{
    if (m_moved) Q_EMIT scrubEnded();
    else if (m_box) m_box->setFocus(Qt::MouseFocusReason);
}

} // namespace orrery::widgets
