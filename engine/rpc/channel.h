// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How every gRPC channel and server of ours is made: over Unix sockets, and over TLS with certificates of the cluster on both
// sides. Nothing here listens on TCP: a TlsServer is handed sockets that a TcpDoor accepted.
// The end of a peer closes a Unix socket, so there keepalive serves only where something stands between: a tunnel to another machine,
// whose cable may be pulled. Over TCP both sides ping.

#include "engine/base/fd.h"
#include "engine/rpc/secure.h"

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace orrery::rpc {

// Watchful: a peer that answers nothing for two times kKeepaliveMs is given up, as if its socket had been closed. Over TCP it always is.
enum class Watchful : std::uint8_t { No, Yes };
std::shared_ptr<grpc::Channel> makeChannel(const Target& target, Watchful watchful = Watchful::No);
// Whether somebody listens at the socket now.
bool socketAnswers(const std::string& socket);
// A server with few threads. The folder of the socket must be 0700 and ours (ClusterDir sees to it). Null: it cannot listen.
std::unique_ptr<grpc::Server> startServer(const std::string& socket, const std::vector<grpc::Service*>& services);

// A server for sockets that were accepted elsewhere, each of which begins with a TLS handshake.
class TlsServer {
public:
    // Null: the credentials cannot be had, or gRPC does not start.
    static std::unique_ptr<TlsServer> make(const Secure& secure, const std::vector<grpc::Service*>& services);
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;
    void take(base::UniqueFd fd); // any thread; the socket does not block
    void end(std::chrono::milliseconds limit); // who does not let go until then is cut off

private:
    TlsServer() = default;
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> m_acceptor;
    std::unique_ptr<grpc::Server> m_server;
};

// The certificate that the peer of a call has shown; empty: it came over a Unix socket of ours. Error: over the network without one.
base::Result<std::string> certificateOf(const grpc::ServerContext& context);

inline constexpr int kKeepaliveMs = 3000;
inline constexpr int kHandshakeMs = 10'000;
inline constexpr int kMessageBytesMax = 33 << 20;
inline constexpr int kServerThreadsMax = 64; // a stream holds one while it lives

} // namespace orrery::rpc
