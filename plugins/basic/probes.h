// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Probes: functions that misbehave on purpose, so that tests and a person can see what the cluster does about it.

#include "plugins/sdk/orrery.h"

namespace orrery::basic {

void addProbes(plugin::Plugin& plugin);

} // namespace orrery::basic
