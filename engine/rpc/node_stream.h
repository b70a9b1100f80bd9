// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The node link over gRPC: one bidirectional stream a node, over a Unix socket or over TLS.
// NodeStreams: the head's side, a service that makes a net::NodeLink of every stream. StreamToHead: the node's side, a
// net::HeadLink that connects by itself, again and again with pauses, until it is destroyed.
// Thread: everything received, and every change of state, is posted to the owner's loop; send() may be called from any thread.
// Bound: kQueuedMax messages wait to be sent; beyond it the stream is broken (the peer does not read) and begins anew. What was
// received waits for the loop in an Intake; beyond its bound the stream is not read.

#include "engine/base/loop.h"
#include "engine/net/node_link.h"
#include "engine/rpc/secure.h"

#include <functional>
#include <memory>
#include <string>

namespace grpc {
class Service;
}

namespace orrery::rpc {

class NodeStreams {
public:
    struct Owner {
        base::Loop& loop;
        // On the loop. Takes the link, gives the number that later calls name. who: the id of the node by its certificate; empty:
        // it came over a Unix socket.
        std::function<std::uint64_t(std::unique_ptr<net::NodeLink>, const std::string& who)> accept;
        std::function<void(std::uint64_t, net::FromNode)> received;
        std::function<void(std::uint64_t)> broken;
        Admit<net::FromNode> admit = {}; // of nodes that come over the network; null: none does
    };
    explicit NodeStreams(Owner owner);
    ~NodeStreams();
    grpc::Service& service();
    // Ends every stream; no callback after it returned and the loop has run what was posted.
    void shutdown();

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

struct HeadEvents {
    std::function<void(net::ToNode)> message; // on the loop
    std::function<void(bool up)> state;       // on the loop
};
std::unique_ptr<net::HeadLink> connectToHead(const Target& head, base::Loop& loop, HeadEvents events);

} // namespace orrery::rpc
