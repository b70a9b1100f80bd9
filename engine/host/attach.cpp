// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/attach.h"

#include "engine/client/session_service.h"
#include "engine/launch/cluster_dir.h"

namespace orrery::host {

base::Result<std::shared_ptr<client::Session>> attachSession(const std::string& address)
{
    auto socket = launch::headSocketAt(address);
    if (!socket) return socket.error();
    return std::shared_ptr<client::Session>(client::connectSession(*socket, rpc::Watchful::Yes));
}

} // namespace orrery::host
