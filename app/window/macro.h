// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Macro: a recorded list of intents and of conditions to wait for, as data (JSON). run.sh, the GUI test and the screenshots play
// the same one. Format: {"macro": 1, "title": "...", "steps": [{"do": "run"}, {"wait": "run_ended", "seconds": 120}, ...]};
// a step has "do" or "wait", and the arguments of its verb. Unknown verbs and fields refuse the whole macro.
// Thread: plain values. Bounds: kMacroStepsMax steps, a wait of kMacroWaitMaxSeconds.

#include "engine/base/result.h"

#include <QJsonObject>
#include <QString>
#include <vector>

namespace orrery::app {

inline constexpr std::size_t kMacroStepsMax = 1000;
inline constexpr int kMacroWaitMaxSeconds = 600;

struct MacroStep {
    bool wait = false;
    QString verb;
    QJsonObject arguments;
    int seconds = 60;    // of a wait; then the macro has failed
    QString text() const; // "wait for run_ended"
};

struct Macro {
    QString title;
    std::vector<MacroStep> steps;
};

base::Result<Macro> parseMacro(const QByteArray& text);

} // namespace orrery::app
