// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/hover_card.h"

#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QFontMetrics>
#include <QPainter>
#include <algorithm>

namespace orrery::widgets {

namespace {
constexpr int kLine = 18, kInset = 8, kOffset = 14, kGlyphSide = 12;
}

HoverCard::HoverCard(QWidget* parent) : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    hide();
    m_rest.setSingleShot(true);
    m_rest.setInterval(kHoverMs);
    connect(&m_rest, &QTimer::timeout, this, [this] {
        place();
        QWidget::show();
        raise();
    });
}

void HoverCard::show(QPoint at, const QStringList& lines, std::optional<types::TaskState> glyph)
{
    m_at = at;
    m_lines = lines;
    m_glyph = glyph;
    if (!isVisible()) {
        m_rest.start();
        return;
    }
    place();
    update();
}

void HoverCard::dismiss()
{
    m_rest.stop();
    hide();
}

void HoverCard::place()
{
    const QFontMetrics metrics(Theme::of().font(FontRole::Secondary));
    int wide = 0;
    for (const QString& line : m_lines) wide = std::max(wide, metrics.horizontalAdvance(line));
    resize(wide + 2 * kInset + (m_glyph ? kGlyphSide + 4 : 0), static_cast<int>(m_lines.size()) * kLine + kInset);
    QPoint at = m_at + QPoint(kOffset, kOffset);
    if (at.x() + width() > parentWidget()->width()) at.setX(m_at.x() - kOffset - width());
    if (at.y() + height() > parentWidget()->height()) at.setY(m_at.y() - kOffset / 2 - height());
    move(std::max(0, at.x()), std::max(0, at.y()));
}

void HoverCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(color(Token::Border));
    painter.setBrush(color(Token::Panel));
    painter.drawRoundedRect(QRectF(rect()).adjusted(.5, .5, -.5, -.5), metric::kRadius, metric::kRadius);
    painter.setFont(Theme::of().font(FontRole::Secondary));
    for (qsizetype i = 0; i < m_lines.size(); ++i) {
        QRectF line(kInset, kInset / 2.0 + static_cast<double>(i) * kLine, width() - 2 * kInset, kLine);
        if (m_glyph && i == m_lines.size() - 1) {
            drawStateGlyph(painter, {line.left(), line.center().y() - kGlyphSide / 2.0, kGlyphSide, kGlyphSide}, *m_glyph);
            line.setLeft(line.left() + kGlyphSide + 4);
        }
        painter.setPen(color(i == 0 ? Token::Text : Token::Muted));
        painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft, m_lines.at(i));
    }
}

} // namespace orrery::widgets
