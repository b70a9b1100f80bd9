// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// gRPC over Unix sockets: how every channel and server of ours is made. No TCP listener exists here.
// The end of a peer closes a Unix socket, so keepalive serves only where something stands between: a tunnel to another machine, whose
// cable may be pulled.

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace orrery::rpc {

// Watchful: a peer that answers nothing for kSilenceMs is given up, as if its socket had been closed.
enum class Watchful : std::uint8_t { No, Yes };
std::shared_ptr<grpc::Channel> makeChannel(const std::string& socket, Watchful watchful = Watchful::No);
// Whether somebody listens at the socket now.
bool socketAnswers(const std::string& socket);
// A server with few threads. The folder of the socket must be 0700 and ours (ClusterDir sees to it). Null: it cannot listen.
std::unique_ptr<grpc::Server> startServer(const std::string& socket, const std::vector<grpc::Service*>& services);

inline constexpr int kPingMs = 3000, kPingAnswerMs = 3000, kSilenceMs = kPingMs + kPingAnswerMs;
inline constexpr int kMessageBytesMax = 33 << 20;
inline constexpr int kServerThreadsMax = 64; // a stream holds one while it lives

} // namespace orrery::rpc
