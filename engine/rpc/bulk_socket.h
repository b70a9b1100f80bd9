// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The sockets of the bulk plane: how they are connected, listened at, tuned. Nothing here blocks. Thread: any.

#include "engine/base/fd.h"
#include "engine/base/result.h"

#include <cstdint>

namespace orrery::rpc {

// "unix:<path>", or "<numeric address>:<port>" ("[<address>]:<port>" for IPv6): nothing here asks a name service.
// The connection may still be in progress; the socket becomes writable then.
base::Result<base::UniqueFd> connectBulk(const std::string& address);
// Binds and listens; a file that nobody listens at any more is replaced. Mode 0600; the folder is the caller's, 0700.
base::Result<base::UniqueFd> listenBulk(const std::string& path);
// Listens at "<numeric address>:<port>"; port 0: the system chooses. Nobody else may share the port.
base::Result<base::UniqueFd> listenTcp(const std::string& address);
// "<numeric address>:<port>" of this end and of the other; empty: it has none.
std::string localAddress(int fd);
std::string peerAddress(int fd);
// Numeric address of this machine from which the other one is reached; nothing is sent.
base::Result<std::string> addressTowards(const std::string& address);
// Not blocking; over TCP no delay, a congestion control that does not pace, and a limit on how long bytes go unacknowledged.
void tuneBulkSocket(int fd, std::uint64_t stallMs);
bool isUnixSocket(int fd);
// Of a Unix socket: the peer runs as the same user as we do.
bool isOurUser(int fd);

} // namespace orrery::rpc
