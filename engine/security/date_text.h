// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Instants of the wall clock in the sentences of this folder, "2026-11-25 09:30 UTC": the same on every machine that
// says them.
// Thread: any; pure.

#include "engine/base/clock.h"

#include <string>

namespace orrery::security {

std::string dateText(base::TimeNs wallNs);

} // namespace orrery::security
