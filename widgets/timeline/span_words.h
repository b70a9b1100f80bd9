// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The timeline's words beyond common/format.h: instants, ticks, states.
// Pure. Thread: UI (texts are translated).

#include "engine/types/run.h"

#include <QString>

namespace orrery::widgets {

QString instantText(types::TimeNs sinceBegin);     // "3.335 s"
QString tickText(types::TimeNs sinceBegin, types::TimeNs step); // as many digits as steps need: "5.1 s"
QString stateText(types::TaskState outcome, bool cut, bool open); // "done", "cut off", "failed", "running"
// "killed by signal 9"; an exit that says nothing becomes "ended".
QString exitText(const types::WorkerRow& worker);

QString workersText(int workers); // "1 worker", "4 workers"

} // namespace orrery::widgets
