// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the widgets of this folder are to a screen reader. Names come from the widgets (accessibleName); here are roles, and the
// state and actions of sections.
// Thread: UI. Called once, by installTheme().

namespace orrery::widgets {

void installAccessibility();

} // namespace orrery::widgets
