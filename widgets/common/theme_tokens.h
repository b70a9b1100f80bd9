// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The table of colours: two themes, every token. The values come from the design's palette, the mixes are computed here, once.
// Thread: any (pure).

#include "widgets/common/theme.h"

namespace orrery::widgets {

using TokenTable = std::array<QColor, static_cast<std::size_t>(Token::Count)>;

TokenTable tokenTable(bool dark);
// Hue in degrees, and chroma, of a port type's element name: "list<image>" and "image" share one.
struct PortTint {
    double hue;
    double chroma;
};
PortTint portTint(const QString& type);
double nodeHue(int number);
double functionHue(const QString& name);

} // namespace orrery::widgets
