// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Words that the pages share: counts, and a run as lists and menus name it. Pure.

#include "engine/types/run.h"

#include <QString>

namespace orrery::widgets {

QString counted(std::int64_t number, const QString& one, const QString& many); // "1 node", "3 nodes"

// A run as lists and menus name it: the state's glyph, "Run 2 · live".
types::TaskState runGlyph(types::RunState state);
QString runLabel(const types::RunRow& run);
std::uint32_t doneTasks(const types::StateCounts& counts);
types::TimeNs runDuration(const types::RunRow& run, types::TimeNs nowNs); // so far, or in all

QString runTimeText(types::TimeNs duration); // a tenth of a second is enough: "12.2 s", "2 min 05 s"

} // namespace orrery::widgets
