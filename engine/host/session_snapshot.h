// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// sessionSnapshot: what a cluster looks like now: its nodes, workers and runs, as the first delta of a watch tells them.
// Thread: any but the session's own; waits for the answer, at most the limit (Unavailable).

#include "engine/client/session.h"

#include <chrono>

namespace orrery::host {

base::Result<types::Delta> sessionSnapshot(client::Session& session, std::chrono::milliseconds limit = std::chrono::seconds(10));

} // namespace orrery::host
