// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Frames between two nodes (net/peer_channel.h) over gRPC: PeerServer is the end that others connect to, connectToPeer() the other.
// Thread: everything received, and every change of state, is on the owner's loop; send() may be called from any thread.

#include "engine/base/loop.h"
#include "engine/base/fd.h"
#include "engine/net/peer_channel.h"
#include "engine/rpc/secure.h"

#include <functional>
#include <memory>
#include <string>

namespace orrery::rpc {

struct PeerEnd {
    virtual ~PeerEnd() = default; // closes it
    virtual void send(const net::PeerFrame& frame) = 0; // lost while the link is down
};

class PeerServer {
public:
    struct Owner {
        base::Loop& loop;
        // who: the id of the node by its certificate; empty: it came over a Unix socket. The number that the other two name.
        std::function<std::uint64_t(std::unique_ptr<PeerEnd>, const std::string& who)> accept;
        std::function<void(std::uint64_t, net::PeerFrame)> received;
        std::function<void(std::uint64_t)> broken;
        Admit<net::PeerFrame> admit = {}; // of nodes that come over the network; null: none does
    };
    explicit PeerServer(Owner owner);
    ~PeerServer(); // on the loop's thread
    // False: it cannot listen there.
    bool listen(const std::string& socket);
    // Also takes sockets that a TcpDoor accepted. False: there are no credentials for it.
    bool secure(const Secure& secure);
    void take(base::UniqueFd fd); // REQUIRES: secure()

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

struct PeerEvents {
    std::function<void(net::PeerFrame)> received;
    std::function<void(bool up)> state;
};
// Again and again, until it is destroyed.
std::unique_ptr<PeerEnd> connectToPeer(const Target& peer, base::Loop& loop, PeerEvents events);

} // namespace orrery::rpc
