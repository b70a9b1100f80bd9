// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/label_atlas.h"

#include "widgets/common/theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace orrery::widgets {

namespace {

int blended(int from, int to, int alpha) { return from + (to - from) * alpha / 255; }

} // namespace

LabelAtlas::LabelAtlas(const QFont& font, qreal ratio) : m_font(font)
{
    m_font.setPixelSize(std::max(6, qRound(font.pixelSize() * ratio)));
    const QFontMetricsF metrics(m_font);
    m_advance = std::max(1, qRound(metrics.horizontalAdvance(u'0')));
    m_ascent = static_cast<int>(std::ceil(metrics.ascent()));
    m_height = m_ascent + static_cast<int>(std::ceil(metrics.descent()));
    m_middle = m_ascent - qRound(.36 * m_font.pixelSize());
}

const QImage& LabelAtlas::cell(QChar letter)
{
    const auto known = m_cells.constFind(letter);
    if (known != m_cells.constEnd()) return *known;
    if (m_cells.size() >= kAtlasCells) m_cells.clear();
    QImage made(m_advance, m_height, QImage::Format_ARGB32_Premultiplied);
    made.fill(Qt::transparent);
    QPainter painter(&made);
    painter.setFont(m_font);
    painter.setPen(color(Token::OnAccent)); // any that is opaque
    painter.drawText(QPointF(0, m_ascent), QString(letter));
    painter.end();
    return *m_cells.insert(letter, made);
}

void LabelAtlas::draw(QImage& image, int x, int middle, QStringView text, QRgb color, int clipLeft, int clipRight)
{
    clipLeft = std::max(clipLeft, 0);
    clipRight = std::min(clipRight, image.width());
    const int top = middle - m_middle;
    for (const QChar letter : text) {
        if (x + m_advance > clipLeft && x < clipRight && letter != u' ') {
            const QImage& mask = cell(letter);
            for (int row = std::max(0, -top); row < m_height && top + row < image.height(); ++row) {
                const auto* from = reinterpret_cast<const QRgb*>(mask.constScanLine(row));
                auto* to = reinterpret_cast<QRgb*>(image.scanLine(top + row)) + x;
                for (int i = std::max(0, clipLeft - x); i < std::min(m_advance, clipRight - x); ++i) {
                    const int alpha = qAlpha(from[i]);
                    if (alpha != 0) to[i] = qRgb(blended(qRed(to[i]), qRed(color), alpha), blended(qGreen(to[i]), qGreen(color), alpha), blended(qBlue(to[i]), qBlue(color), alpha));
                }
            }
        }
        x += m_advance;
    }
}

} // namespace orrery::widgets
