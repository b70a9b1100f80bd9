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

// address: as launch::headSocketAt() takes it, or HOST:PORT of a head that this user has joined (joinAsUser).
// Unavailable, Refused: nobody is there by that name; nobody has joined it from here.
base::Result<std::shared_ptr<client::Session>> attachSession(const std::string& address);

bool isNetworkAddress(const std::string& address); // HOST:PORT

// Makes this user a member with a token for a person: a key and a certificate in a folder of their own. The address to attach to.
// Blocks on the network and the disk. BadInput: the token or the head does not allow it.
base::Result<std::string> joinAsUser(std::string token);

} // namespace orrery::host
