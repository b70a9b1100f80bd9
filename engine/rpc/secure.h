// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How links over the network are secured, and what a peer on one may say. Declared here, filled by whoever knows certificates
// (this folder sees none of them): without it no link leaves the machine.
// Thread: the functions are called on gRPC's threads and on those of streams, several at once.

#include "engine/base/result.h"

#include <functional>
#include <memory>
#include <string>

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
} // namespace grpc

namespace orrery::rpc {

struct Secure {
    // Of one connection. peer: the id of the node at the other end; empty: it must be a head.
    std::function<std::shared_ptr<grpc::ChannelCredentials>(const std::string& peer)> connect;
    // Of one server; a peer without a certificate of the cluster ends in the handshake. Null: they cannot be had.
    std::function<std::shared_ptr<grpc::ServerCredentials>()> serve;
};

// Where to connect to. A Unix socket's folder is its authentication; TCP is always secured.
struct Target {
    Target(std::string path) : socket(std::move(path)) {}
    Target(const char* path) : socket(path) {}
    Target(std::string address, std::string peerId, std::shared_ptr<const Secure> how) : tcp(std::move(address)), peer(std::move(peerId)), secure(std::move(how)) {}
    std::string socket; // path of a Unix socket; empty: tcp
    std::string tcp;    // "<numeric address>:<port>"
    std::string peer;
    std::shared_ptr<const Secure> secure;
    const std::string& text() const { return socket.empty() ? tcp : socket; }
};

// Who came over the network, and what of him is let in. check may change the message (what only the server knows is put in there);
// Refused: the stream ends with that sentence.
template <typename In>
struct Admitted {
    std::string id;
    std::function<base::Result<void>(In&)> check;
};
// By the certificate the peer has shown. Of a service without it, nobody from the network is let in.
template <typename In>
using Admit = std::function<base::Result<Admitted<In>>(const std::string& pem)>;

} // namespace orrery::rpc
