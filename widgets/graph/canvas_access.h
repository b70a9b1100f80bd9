// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The canvas as assistive technology reads it: a list whose items are cards, each with a sentence of what it is and how far it is.
// Thread: UI. Lives: made by Qt when somebody asks; items go with the canvas.

#include <QString>

namespace orrery::widgets {

struct Card;
struct CardRun;

void installCanvasAccess(); // any number of times
// "blur, running, 812 of 1,000, 3 failed; 2 inputs, 1 output"
QString spokenCard(const Card& card, const CardRun& run);

} // namespace orrery::widgets
