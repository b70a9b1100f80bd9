// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The icon set and the glyphs of states: one colour each, drawn at any scale. Icons are SVGs of a 16 grid with currentColor
// (resources/icons); state glyphs are painter paths in a 14 box, so that they cost nothing to draw ten thousand times.
// Thread: UI.

#include "widgets/common/theme.h"

#include <QIcon>
#include <QPainterPath>
#include <QRectF>

class QPainter;

namespace orrery::widgets {

// name: file name without ".svg". An icon follows the theme while it is drawn (an icon engine asks Theme for the colour):
// `normal`, Text under the mouse when `normal` is Muted, 40 % when disabled, Accent when on.
QIcon icon(const QString& name, Token normal = Token::Muted);
QPixmap iconPixmap(const QString& name, int size, const QColor& color, qreal ratio);
bool hasIcon(const QString& name);

// The glyph of a state inside `box` (square; 14 is the design size) in the state's colour, or in `color` when valid.
void drawStateGlyph(QPainter& painter, const QRectF& box, types::TaskState state, const QColor& color = {});
// Chevrons of trees, section heads and combos.
void drawChevron(QPainter& painter, const QRectF& box, bool open, const QColor& color);

} // namespace orrery::widgets
