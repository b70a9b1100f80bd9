// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/far_raster.h"

#include <algorithm>
#include <cmath>

namespace orrery::widgets {

FarRaster::FarRaster(QImage& image, const QRect& clip)
    : m_bits(reinterpret_cast<QRgb*>(image.bits())),
      m_stride(image.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb))), m_clip(clip & image.rect())
{}

void FarRaster::fill(const QRect& rect, QRgb color)
{
    const QRect part = rect & m_clip;
    for (int y = part.top(); y <= part.bottom(); ++y)
        std::fill_n(m_bits + y * m_stride + part.left(), part.width(), color);
}

void FarRaster::dot(int x, int y, int unit, QRgb color, QRgb faint)
{
    fill(QRect(x, y, unit, unit), color);
    const int half = (unit + 1) / 2;
    fill(QRect(x + unit, y, half, unit), faint);
    fill(QRect(x, y + unit, unit, half), faint);
}

// Liang-Barsky, with a margin of a pixel for the soft edge.
bool FarRaster::cut(QPointF& a, QPointF& b) const
{
    const double dx = b.x() - a.x(), dy = b.y() - a.y();
    double from = 0, to = 1;
    const auto side = [&](double p, double q) {
        if (p == 0) return q >= 0;
        const double t = q / p;
        if (p < 0) from = std::max(from, t);
        else to = std::min(to, t);
        return from <= to;
    };
    if (!side(-dx, a.x() - m_clip.left() + 1) || !side(dx, m_clip.right() + 1 - a.x()) ||
        !side(-dy, a.y() - m_clip.top() + 1) || !side(dy, m_clip.bottom() + 1 - a.y()))
        return false;
    const QPointF start = a;
    a = {start.x() + dx * from, start.y() + dy * from};
    b = {start.x() + dx * to, start.y() + dy * to};
    return true;
}

void FarRaster::line(QPointF a, QPointF b, QRgb color)
{
    // The ends before the cut decide the slope, so that strips of a panned image meet.
    const bool steep = std::abs(b.y() - a.y()) > std::abs(b.x() - a.x());
    const double along = steep ? a.y() : a.x(), across = steep ? a.x() : a.y();
    const double dAlong = steep ? b.y() - a.y() : b.x() - a.x(), dAcross = steep ? b.x() - a.x() : b.y() - a.y();
    if (!cut(a, b)) return;
    const double slope = dAlong == 0 ? 0 : dAcross / dAlong;
    const double first = steep ? std::min(a.y(), b.y()) : std::min(a.x(), b.x()),
                 last = steep ? std::max(a.y(), b.y()) : std::max(a.x(), b.x());
    const int low = std::max(static_cast<int>(std::floor(first)), steep ? m_clip.top() : m_clip.left());
    const int high = std::min(static_cast<int>(std::ceil(last)), steep ? m_clip.bottom() : m_clip.right());
    const int min = steep ? m_clip.left() : m_clip.top(), max = steep ? m_clip.right() : m_clip.bottom();
    const qsizetype step = steep ? m_stride : 1, side = steep ? 1 : m_stride; // in memory: along the line, across it
    // Fixed point, 16 bits below the pixel; from the line's own start, whatever the clip is.
    const auto slopeBits = static_cast<std::int64_t>(std::lround(slope * 65536));
    auto at = static_cast<std::int64_t>(std::lround(across * 65536)) +
              static_cast<std::int64_t>(std::lround(slope * (low - along) * 65536));
    const QRgb odd = color & 0xff00ffu, even = color & 0x00ff00u;
    const auto blend = [&](QRgb& pixel, unsigned cover) {
        const unsigned rest = 256 - cover;
        pixel = 0xff000000u | ((((pixel & 0xff00ffu) * rest + odd * cover) >> 8) & 0xff00ffu) |
                ((((pixel & 0x00ff00u) * rest + even * cover) >> 8) & 0x00ff00u);
    };
    QRgb* row = m_bits + low * step;
    for (int i = low; i <= high; ++i, row += step, at += slopeBits) {
        const auto pixel = static_cast<int>(at >> 16);
        const auto cover = static_cast<unsigned>(at >> 8) & 0xffu;
        if (pixel >= min && pixel <= max) blend(row[pixel * side], 256 - cover);
        if (pixel + 1 >= min && pixel < max) blend(row[(pixel + 1) * side], cover);
    }
}

} // namespace orrery::widgets
