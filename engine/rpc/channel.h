// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// gRPC over Unix sockets: how every channel and server of ours is made. No TCP listener exists here.
// Keepalive is not needed on a Unix socket: the peer's end closes it.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

namespace orrery::rpc {

std::shared_ptr<grpc::Channel> makeChannel(const std::string& socket);
// Whether somebody listens at the socket now.
bool socketAnswers(const std::string& socket);
// A server with few threads. The folder of the socket must be 0700 and ours (ClusterDir sees to it). Null: it cannot listen.
std::unique_ptr<grpc::Server> startServer(const std::string& socket, const std::vector<grpc::Service*>& services);

inline constexpr int kMessageBytesMax = 33 << 20;
inline constexpr int kServerThreadsMax = 64; // a stream holds one while it lives

} // namespace orrery::rpc
