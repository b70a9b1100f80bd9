// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/switch_box.h"

#include "widgets/common/theme.h"

#include <QPainter>

namespace orrery::widgets {

SwitchBox::SwitchBox(QWidget* parent) : QAbstractButton(parent)
{
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
}

void SwitchBox::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!isEnabled()) painter.setOpacity(0.4);
    const QRectF track(1, height() / 2.0 - 8, 28, 16);
    painter.setPen(Qt::NoPen);
    painter.setBrush(isChecked()    ? color(Token::Accent)
                     : underMouse() ? color(Token::ScrollThumbHover)
                                    : color(Token::ScrollThumb));
    painter.drawRoundedRect(track, 8, 8);
    painter.setBrush(isChecked() ? color(Token::OnAccent) : color(Token::Text));
    painter.drawEllipse(QRectF(isChecked() ? track.right() - 14 : track.left() + 2, track.top() + 2, 12, 12));
    if (!hasFocus()) return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color(Token::Accent), 1));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 2.5, -0.5, -2.5), 9.5, 9.5);
}

} // namespace orrery::widgets
