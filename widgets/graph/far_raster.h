// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// FarRaster: filled rectangles and thin lines straight into the pixels of an image, for scales at which thousands of cards are
// seen: some ten times as fast as a painter. Lines are 1 pixel with smooth edges. Thread: any one.
// REQUIRES: the image is RGB32; nothing else writes to it meanwhile.

#include <QColor>
#include <QImage>
#include <QPointF>
#include <QRect>

namespace orrery::widgets {

class FarRaster {
public:
    FarRaster(QImage& image, const QRect& clip);
    void fill(const QRect& rect, QRgb color);
    void line(QPointF a, QPointF b, QRgb color);
    // A dot of 1.5 * unit pixels with its corner at the pixel.
    void dot(int x, int y, int unit, QRgb color, QRgb faint);

private:
    bool cut(QPointF& a, QPointF& b) const;
    QRgb* m_bits;
    qsizetype m_stride; // in pixels
    QRect m_clip;
};

} // namespace orrery::widgets
