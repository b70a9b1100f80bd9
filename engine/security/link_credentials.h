// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What gRPC links over the network are made from: certificates of the cluster on both sides, and the peer's name decided by
// peerIdentity() before a call begins. A host name means nothing.
// Each call makes credentials of their own: two that share an options object free it twice (gRPC 1.51).
// Thread: any; the check runs on gRPC's threads. The clock lives longer than every link.

#include "engine/security/identity.h"

#include <memory>

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
} // namespace grpc

namespace orrery::security {

// The other end must be this: a head (id empty), or the node of that id.
std::shared_ptr<grpc::ChannelCredentials> linkClient(const Identity& me, const std::string& nodeId, const base::Clock& clock);
// Whoever connects must show a certificate of the same cluster; what it may do is looked at call by call. Read from the files of
// the folder (Identity), and again when they change, so a renewed certificate is shown without a new start. Null: it cannot be.
std::shared_ptr<grpc::ServerCredentials> linkServer(const std::filesystem::path& folder);

} // namespace orrery::security
