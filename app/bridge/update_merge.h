// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// mergeUpdate: two updates of the RunModel as one: taking the merged one leaves the model as taking both would (but for samples of
// node figures between them, and changes(), which only has to grow).
// Both come from one sender and each names the run that is shown as of it (`run`; null: none), so that a switch is seen here.
// Thread: any; plain values. Bound: the result holds no more than one entry a run, vertex, worker, tile and picture, and
// kLogLinesKept lines; lines beyond are counted in logsDropped.

#include "widgets/models/run_model.h"

namespace orrery::app {

void mergeUpdate(widgets::RunUpdate& into, widgets::RunUpdate&& later);

} // namespace orrery::app
