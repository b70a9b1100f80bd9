// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// LabelAtlas: text of one mono-spaced font, blended straight into an image. A label costs what its pixels cost, so thousands a
// frame are fine where QPainter::drawText is not. One code unit is one cell: what is no letter of the plane shows as a box.
// Thread: UI. Bounds: kAtlasCells letters, then it begins anew.

#include <QFont>
#include <QHash>
#include <QImage>
#include <QString>

namespace orrery::widgets {

inline constexpr qsizetype kAtlasCells = 512;

class LabelAtlas {
public:
    // font: in device-independent pixels.
    LabelAtlas(const QFont& font, qreal ratio);
    int width(QStringView text) const { return static_cast<int>(text.size()) * m_advance; }
    int advance() const { return m_advance; }
    // Device pixels; middle: where the middle of digits lies. Clipped to the columns [clipLeft, clipRight) and to the image.
    void draw(QImage& image, int x, int middle, QStringView text, QRgb color, int clipLeft, int clipRight);

private:
    const QImage& cell(QChar letter);
    QFont m_font;
    int m_advance = 1, m_height = 1, m_ascent = 1, m_middle = 0;
    QHash<QChar, QImage> m_cells; // ARGB32_Premultiplied; the alpha is the letter
};

} // namespace orrery::widgets
