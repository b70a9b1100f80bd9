// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/code_box.h"

#include "widgets/common/house_paint.h"

#include <QPainter>

#include <cmath>

namespace orrery::widgets {

namespace {

constexpr int kEdge = 10;

QTextOption wrap()
{
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAnywhere);
    return option;
}

} // namespace

CodeBox::CodeBox(QWidget* parent) : QWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    connect(&Theme::of(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CodeBox::setText(const QString& text)
{
    if (text == m_text) return;
    m_text = text;
    setAccessibleDescription(text);
    updateGeometry();
    update();
}

// The font has one width, so lines can be counted.
int CodeBox::heightForWidth(int width) const
{
    const QFontMetricsF metrics(Theme::of().font(FontRole::Mono));
    const int fits = std::max(1, static_cast<int>((width - 2 * kEdge) / metrics.horizontalAdvance(u'0')));
    int lines = 0;
    for (const auto& line : m_text.split(u'\n')) lines += std::max(1, (static_cast<int>(line.size()) + fits - 1) / fits);
    return 2 * kEdge + static_cast<int>(std::ceil(lines * metrics.lineSpacing()));
}

void CodeBox::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paint::fillRound(painter, rect(), color(Token::Canvas));
    paint::strokeRound(painter, rect(), color(Token::Border));
    painter.setFont(Theme::of().font(FontRole::Mono));
    painter.setPen(color(Token::Text));
    painter.drawText(QRectF(rect()).adjusted(kEdge, kEdge, -kEdge, -kEdge), m_text, wrap());
}

} // namespace orrery::widgets
