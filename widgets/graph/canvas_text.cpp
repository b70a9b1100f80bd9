// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/canvas_text.h"

#include <QFontMetricsF>

#include <cmath>

namespace orrery::widgets {

namespace {

constexpr double kBaseline = .36; // of the size, below the middle of a line
constexpr double kSizeStep = .25; // pixels: fewer sizes, fewer glyphs to make while zooming
constexpr double kDotsPerInch = 96, kPointsPerInch = 72;

double sizeOf(const QFont& font, double k)
{
    return std::max(1.0, std::round(font.pixelSize() * k / kSizeStep) * kSizeStep);
}

} // namespace

void CanvasText::setScale(double k)
{
    if (m_k == k) return;
    m_k = k;
    m_entries.clear();
    for (std::size_t role = 0; role < m_fonts.size(); ++role) {
        QFont font = Theme::of().font(static_cast<FontRole>(role));
        const double size = sizeOf(font, k);
        if (size == std::floor(size)) font.setPixelSize(static_cast<int>(size));
        else font.setPointSizeF(size * kPointsPerInch / kDotsPerInch);
        m_fonts[role] = font;
        m_ascents[role] = QFontMetricsF(font).ascent();
    }
}

const CanvasText::Entry& CanvasText::entry(const QString& text, FontRole role)
{
    const QString key = QChar(u'a' + static_cast<int>(role)) + text;
    const auto known = m_entries.constFind(key);
    if (known != m_entries.constEnd()) return *known;
    if (m_entries.size() >= kTextsKept) m_entries.clear();
    Entry made{QStaticText(text), 0};
    made.text.setTextFormat(Qt::PlainText);
    made.text.setPerformanceHint(QStaticText::AggressiveCaching);
    made.text.prepare({}, fontOf(role));
    made.width = made.text.size().width();
    return *m_entries.insert(key, made);
}

void CanvasText::left(QPainter& painter, double x, double y, const QString& text, FontRole role, const QColor& color)
{
    if (text.isEmpty()) return;
    const Entry& found = entry(text, role);
    const double baseline = std::round(y + kBaseline * Theme::of().font(role).pixelSize() * m_k);
    painter.setPen(color);
    painter.setFont(fontOf(role));
    painter.drawStaticText(QPointF(std::round(x), baseline - m_ascents[static_cast<std::size_t>(role)]), found.text);
}

void CanvasText::right(QPainter& painter, double x, double y, const QString& text, FontRole role, const QColor& color)
{
    if (!text.isEmpty()) left(painter, x - entry(text, role).width, y, text, role, color);
}

QString CanvasText::elided(const QString& text, FontRole role, double width) const
{
    return QFontMetricsF(fontOf(role)).elidedText(text, Qt::ElideMiddle, width);
}

} // namespace orrery::widgets
