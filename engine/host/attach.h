// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// attachSession: a session with a head that this program is not and leaves as it is. The head may be far, behind a tunnel: one that
// answers nothing for some seconds is told as away, and the session comes back by itself.
// Thread: any; does not wait for the head.

#include "engine/base/result.h"
#include "engine/client/session.h"

#include <memory>
#include <string>

namespace orrery::host {

// address: as launch::headSocketAt() takes it. Unavailable, Refused: as there.
base::Result<std::shared_ptr<client::Session>> attachSession(const std::string& address);

} // namespace orrery::host
