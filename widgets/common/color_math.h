// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Arithmetic of colours: mixes, OKLCH, contrast. Pure.
// Thread: any.

#include <QColor>

namespace orrery::widgets {

QColor mixed(const QColor& a, const QColor& b, double t); // a + (b - a) t per channel of sRGB
// Lightness 0 to 1, hue in degrees. A colour outside sRGB loses chroma, never hue or lightness.
QColor oklch(double lightness, double chroma, double hue);
double relativeLuminance(const QColor& color);          // WCAG 2
double contrast(const QColor& a, const QColor& b);      // 1 to 21
QColor faded(const QColor& color, double opacity);      // the same colour, less opaque

} // namespace orrery::widgets
