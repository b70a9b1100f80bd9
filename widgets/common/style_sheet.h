// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one style sheet of the application: edits and push buttons. Everything that scrolls or repeats goes
// through the style instead, which costs nothing per widget. Tokens are written @name and filled in here.
// Thread: UI.

#include <QString>

namespace orrery::widgets {

class Theme;

QString styleSheet(const Theme& theme);

} // namespace orrery::widgets
