// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/elided_label.h"

#include "widgets/common/color_math.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace orrery::widgets {

ElidedLabel::ElidedLabel(const QString& text, FontRole role, Token ink, QWidget* parent) : QWidget(parent), m_text(text), m_ink(ink)
{
    setFont(Theme::of().font(role));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAccessibleName(text);
}

void ElidedLabel::setText(const QString& text)
{
    if (text == m_text) return;
    const bool wider = fontMetrics().horizontalAdvance(text) != fontMetrics().horizontalAdvance(m_text);
    m_text = text;
    setAccessibleName(text);
    if (wider) updateGeometry();
    update();
}

void ElidedLabel::setInk(Token ink)
{
    if (ink == m_ink) return;
    m_ink = ink;
    update();
}

void ElidedLabel::setElide(Qt::TextElideMode mode)
{
    m_elide = mode;
    update();
}

void ElidedLabel::setAlignment(Qt::Alignment alignment)
{
    m_alignment = alignment & Qt::AlignHorizontal_Mask;
    update();
}

bool ElidedLabel::isCut() const { return fontMetrics().horizontalAdvance(m_text) > width(); }

QSize ElidedLabel::sizeHint() const { return {fontMetrics().horizontalAdvance(m_text) + 1, fontMetrics().height()}; }

QSize ElidedLabel::minimumSizeHint() const { return {std::min(sizeHint().width(), fontMetrics().horizontalAdvance(QStringLiteral("mmm…"))), fontMetrics().height()}; }

void ElidedLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setPen(isEnabled() ? color(m_ink) : faded(color(m_ink), kDisabledOpacity));
    painter.drawText(rect(), m_alignment | Qt::AlignVCenter | Qt::TextSingleLine, isCut() ? fontMetrics().elidedText(m_text, m_elide, width()) : m_text);
}

bool ElidedLabel::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && toolTip().isEmpty()) {
        if (isCut()) QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), m_text, this);
        else QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

TextLabel::TextLabel(const QString& text, FontRole role, Token ink, QWidget* parent) : QLabel(text, parent), m_ink(ink)
{
    setFont(Theme::of().font(role));
    dress();
    connect(&Theme::of(), &Theme::changed, this, &TextLabel::dress);
}

void TextLabel::setInk(Token ink)
{
    m_ink = ink;
    dress();
}

void TextLabel::dress()
{
    QPalette colors;
    for (const auto group : {QPalette::Active, QPalette::Inactive}) colors.setColor(group, QPalette::WindowText, color(m_ink));
    colors.setColor(QPalette::Disabled, QPalette::WindowText, mixed(color(Token::Panel), color(m_ink), kDisabledOpacity));
    setPalette(colors);
}

} // namespace orrery::widgets
