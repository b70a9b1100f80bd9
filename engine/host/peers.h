// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Peers: the other nodes as this one reaches them: who is alive by the head's word, and a channel to each that a run needs. As a
// home this node connects to its guests; as a guest it is connected to.
// Each channel has a life of its own, the node's incarnation and a counter: one that is made anew is another life to the other end.
// Nodes of the head's machine reach each other through Unix sockets in one private folder; all others over the network, where each
// frame must come from the node that its sender's certificate names.
// A peer that the head gave up on, or that began another life, is told of as gone, once; its channels are closed, so nothing that
// it says afterwards arrives.
// What is said to a peer in one turn of the loop goes as one frame: a frame costs some 20 us on its way, a message in it one.
// Runs on: node loop.

#include "engine/base/late.h"
#include "engine/base/loop.h"
#include "engine/net/node_link.h"
#include "engine/net/peer_link.h"
#include "engine/rpc/bulk_puller.h"
#include "engine/rpc/peer_stream.h"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace orrery::host {

class Peers {
public:
    struct Owner {
        std::function<void(std::uint16_t node, net::ToGuest message)> toGuest; // from a home
        std::function<void(std::uint16_t node, net::ToHome message)> toHome;   // from a guest
        std::function<void(std::uint16_t node)> here;                          // it may be a guest now
        std::function<void(std::uint16_t node)> leaves;                        // it drains: once, after here()
        std::function<void(std::uint16_t node, const std::string& why)> gone; // as guest and as home
        std::function<void(std::uint16_t node, const std::string& why)> guestAnew; // it knows nothing of what it was told as a guest
        std::function<void(std::uint16_t node)> homeAnew; // what it said as a home is void
    };
    // How the network is used; without it no address of the network is.
    struct Network {
        std::shared_ptr<const rpc::Secure> secure;
        rpc::Admit<net::PeerFrame> admit;
    };
    Peers(base::Loop& loop, Owner owner);
    ~Peers();

    // Failed: the socket cannot be made.
    base::Result<void> listen(const std::string& socket);
    // From now on over the network too.
    void useNetwork(Network network);
    // Ready for connections that a TcpDoor accepted. Failed: there are no credentials.
    base::Result<void> secure();
    void take(base::UniqueFd fd) { m_server->take(std::move(fd)); } // REQUIRES: secure()
    const std::string& address() const { return m_address; }
    // What the head calls this node, and its life: every channel begins anew.
    void setSelf(std::uint16_t number, std::uint64_t life);
    void use(const std::vector<net::PeerNode>& nodes);
    // Members that were taken out are gone, whatever the head's list says of them.
    void deny(const std::vector<std::string>& ids);
    std::vector<std::uint16_t> alive() const; // without this node
    bool isAlive(std::uint16_t node) const;
    bool isLeaving(std::uint16_t node) const;
    types::Resources totalOf(std::uint16_t node) const; // nothing: it is not known
    struct Gone {
        std::uint16_t node = 0;
        types::Resources total;
        base::TimeNs sinceNs = 0; // when this node heard of it
    };
    std::vector<Gone> gone() const; // those that are dead, the last one last
    // Where its objects are asked for; an empty address: unknown.
    rpc::BulkPeer bulkPeer(std::uint16_t node) const;

    // What this home says is void: its channel begins anew, soon.
    void cutHome(std::uint16_t node, const std::string& why) { beginAnew(node, false, why); }

    void toGuest(std::uint16_t node, const net::ToGuest& message);
    void toHome(std::uint16_t node, const net::ToHome& message);

private:
    struct Channel {
        std::unique_ptr<net::PeerChannel> channel;
        std::unique_ptr<rpc::PeerEnd> end;
        std::uint64_t link = 0; // of the server, where the peer connected
        base::Bytes batch;      // messages that go together: each its size (u32) and its bytes
    };
    using Channels = std::map<std::uint16_t, Channel>;
    // Message: what the other end sends. asHome: it is our guest.
    template <typename Message>
    std::unique_ptr<net::PeerChannel> makeChannel(std::uint16_t node, bool asHome);
    Channels& channels(bool asHome) { return asHome ? m_guests : m_homes; }
    void deliver(std::uint16_t node, net::ToHome message) { m_owner.toHome(node, std::move(message)); }
    void deliver(std::uint16_t node, net::ToGuest message) { m_owner.toGuest(node, std::move(message)); }
    void put(std::uint16_t node, bool asHome, const base::Bytes& message);
    void flush(std::uint16_t node, bool asHome);
    void flushAll();
    struct Link {
        std::unique_ptr<rpc::PeerEnd> end; // null: its node is known
        std::string who;                   // by its certificate; empty: of this machine
    };
    bool viaSocket(const net::PeerNode& node) const; // both in one private folder
    bool reachable(const net::PeerNode& node) const { return viaSocket(node) || (m_network.secure && !node.tcp.empty()); }
    Channel& guest(std::uint16_t node);
    std::uint64_t newLife() { return m_life * kChannelsMax + ++m_lastChannel; }
    void beginAnew(std::uint16_t node, bool asHome, const std::string& why); // its channel, soon
    void makeServer();
    void served(std::uint64_t link, net::PeerFrame frame);
    void noteGone();
    void lost(std::uint16_t node, const std::string& why);
    void pokeSoon();
    void poke();

    base::Loop& m_loop;
    const Owner m_owner;
    Network m_network;
    const std::shared_ptr<base::Late<rpc::Admit<net::PeerFrame>>> m_admit = std::make_shared<base::Late<rpc::Admit<net::PeerFrame>>>(); // m_network's, for the server's threads
    std::string m_address;
    std::uint16_t m_self = 0;
    std::uint64_t m_life = 1;
    std::uint64_t m_lastChannel = 0;
    static constexpr std::uint64_t kChannelsMax = 1u << 20; // of one life of a node
    std::map<std::uint16_t, net::PeerNode> m_nodes;
    std::map<std::uint16_t, base::TimeNs> m_goneNs; // of dead ones: since when that is known here
    std::set<std::string> m_denied; // ids
    Channels m_guests; // we are the home
    Channels m_homes;  // they are
    std::map<std::uint64_t, Link> m_links; // accepted
    std::uint64_t m_lastLink = 0;
    base::TimerId m_pokeTimer = 0;
    base::TimerId m_flushTimer = 0;
    std::unique_ptr<rpc::PeerServer> m_server;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

inline constexpr base::TimeNs kPokeNs = 100 * base::kMillisecond;
inline constexpr std::size_t kBatchBytesMax = 64 * 1024; // a message that is larger goes alone

// Where a node's bulk server listens, by where it listens for peers.
std::string bulkSocket(const std::string& peerSocket);

} // namespace orrery::host
