// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the columns of the tables of tasks and objects show, as CellLook. Pure, but for the theme's colours. Thread: UI.

#include "widgets/objects/table_panel.h"

namespace orrery::widgets {

TablePanel::Shape taskShape(RunModel& run);
TablePanel::Shape objectShape(RunModel& run);

// "FINISHED" and what it means; nothing for other words.
std::optional<types::TaskState> taskStateOf(const QString& word);
QString objectStateWord(const QString& word); // "MEMORY": "in memory"
// "256 x 256" and "f32" as people read them: "256 × 256  f32".
QString shapeOf(const QString& shape, const QString& dtype, std::int64_t items);

} // namespace orrery::widgets
