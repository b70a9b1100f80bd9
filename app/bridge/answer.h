// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Answer: what comes back for a ticket of the Bridge. Thread: a plain value that crosses from the view thread to the UI.

#include "app/bridge/probe.h"
#include "engine/types/session_values.h"

#include <variant>

namespace orrery::app {

using Answer = std::variant<base::Error, types::Page, types::Preview, types::Chunk, types::Reply, Probed>;

} // namespace orrery::app
