// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/graph/far_raster.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace orrery::widgets {

FarRaster::FarRaster(QImage& image, const QRect& clip)
    : m_bits(reinterpret_cast<QRgb*>(image.bits())), m_stride(image.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb))), m_clip(clip & image.rect())
{
}

void FarRaster::fill(const QRect& rect, QRgb color)
{
    const QRect part = rect & m_clip;
    for (int y = part.top(); y <= part.bottom(); ++y) std::fill_n(m_bits + y * m_stride + part.left(), part.width(), color);
}

void FarRaster::blend(int x, int y, QRgb color, unsigned cover)
{
    if (x < m_clip.left() || x > m_clip.right() || y < m_clip.top() || y > m_clip.bottom()) return;
    QRgb& pixel = m_bits[y * m_stride + x];
    const unsigned rest = 256 - cover;
    const QRgb odd = ((pixel & 0xff00ffu) * rest + (color & 0xff00ffu) * cover) >> 8;
    const QRgb even = ((pixel & 0x00ff00u) * rest + (color & 0x00ff00u) * cover) >> 8;
    pixel = 0xff000000u | (odd & 0xff00ffu) | (even & 0x00ff00u);
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
    if (!side(-dx, a.x() - m_clip.left() + 1) || !side(dx, m_clip.right() + 1 - a.x()) || !side(-dy, a.y() - m_clip.top() + 1) || !side(dy, m_clip.bottom() + 1 - a.y())) return false;
    const QPointF start = a;
    a = {start.x() + dx * from, start.y() + dy * from};
    b = {start.x() + dx * to, start.y() + dy * to};
    return true;
}

void FarRaster::line(QPointF a, QPointF b, QRgb color)
{
    // The ends before the cut decide the slope, so that strips of a panned image meet.
    const bool steep = std::abs(b.y() - a.y()) > std::abs(b.x() - a.x());
    double ax = a.x(), ay = a.y(), bx = b.x(), by = b.y();
    if (!cut(a, b)) return;
    if (steep) {
        std::swap(ax, ay);
        std::swap(bx, by);
    }
    const double first = steep ? a.y() : a.x(), last = steep ? b.y() : b.x();
    const double slope = bx == ax ? 0 : (by - ay) / (bx - ax);
    const int from = static_cast<int>(std::floor(std::min(first, last))), to = static_cast<int>(std::ceil(std::max(first, last)));
    const int low = static_cast<int>(std::floor(std::min(ax, bx))), high = static_cast<int>(std::ceil(std::max(ax, bx)));
    for (int along = std::max(from, low); along <= std::min(to, high); ++along) {
        const double across = ay + slope * (along - ax);
        const int at = static_cast<int>(std::floor(across));
        const auto cover = static_cast<unsigned>((across - at) * 256);
        if (steep) {
            blend(at, along, color, 256 - cover);
            blend(at + 1, along, color, cover);
        } else {
            blend(along, at, color, 256 - cover);
            blend(along, at + 1, color, cover);
        }
    }
}

} // namespace orrery::widgets
