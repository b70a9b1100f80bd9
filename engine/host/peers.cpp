// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/peers.h"

#include "engine/base/log.h"
#include "engine/net/wire.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace orrery::host {

using base::Errc;
using base::fail;

std::string bulkSocket(const std::string& peerSocket) { return peerSocket + ".bulk"; }

Peers::Peers(base::Loop& loop, Owner owner) : m_loop(loop), m_owner(std::move(owner)) {}

void Peers::useNetwork(Network network)
{
    std::vector<std::uint16_t> beyond;
    for (const auto& [number, node] : m_nodes)
        if (number != m_self && node.alive && !reachable(node)) beyond.push_back(number);
    m_network = std::move(network);
    m_admit->set(m_network.admit);
    for (const auto number : beyond)
        if (reachable(m_nodes[number])) m_owner.here(number);
}

Peers::~Peers()
{
    *m_alive = false;
    if (m_pokeTimer != 0) m_loop.cancel(m_pokeTimer);
    if (m_flushTimer != 0) m_loop.cancel(m_flushTimer);
    m_guests.clear();
    m_homes.clear();
    m_links.clear();
    m_server.reset();
    if (!m_address.empty()) ::unlink(m_address.c_str());
}

void Peers::makeServer()
{
    if (m_server) return;
    m_server = std::make_unique<rpc::PeerServer>(rpc::PeerServer::Owner{m_loop,
        [this](std::unique_ptr<rpc::PeerEnd> end, const std::string& who) {
            m_links[++m_lastLink] = {std::move(end), who};
            return m_lastLink;
        },
        [this](std::uint64_t link, net::PeerFrame frame) { served(link, std::move(frame)); },
        [this](std::uint64_t link) {
            m_links.erase(link);
            for (auto& [node, home] : m_homes) {
                if (home.link != link) continue;
                home.end.reset();
                home.link = 0;
                home.channel->down();
            }
        },
        [admit = m_admit](const std::string& pem) -> base::Result<rpc::Admitted<net::PeerFrame>> {
            const auto known = admit->get();
            if (!known) return fail(Errc::Refused, "this node is on no network");
            return known(pem);
        }});
}

base::Result<void> Peers::listen(const std::string& socket)
{
    ::unlink(socket.c_str()); // left by one that was killed
    makeServer();
    if (!m_server->listen(socket)) return fail(Errc::Failed, "this node cannot listen for others at " + socket);
    m_address = socket;
    return {};
}

base::Result<void> Peers::secure()
{
    makeServer();
    if (!m_server->secure(*m_network.secure)) return fail(Errc::Failed, "this node cannot listen for others over the network: its certificate cannot be used");
    return {};
}

// A path that a node of another machine names says nothing here, and such a node has no socket in our folder.
bool Peers::viaSocket(const net::PeerNode& node) const
{
    return !m_address.empty() && !node.address.empty() && std::filesystem::path(node.address).parent_path() == std::filesystem::path(m_address).parent_path();
}

void Peers::setSelf(std::uint16_t number, std::uint64_t life)
{
    if (number == m_self && life == m_life) return;
    m_self = number;
    m_life = life;
    m_lastChannel = 0;
    m_guests.clear();
    m_homes.clear();
}

void Peers::deny(const std::vector<std::string>& ids)
{
    m_denied = {ids.begin(), ids.end()};
    for (auto& [number, node] : m_nodes)
        if (node.alive && m_denied.count(node.node.text()) > 0) {
            node.alive = false;
            lost(number, "it was taken out of the cluster");
        }
    noteGone();
}

void Peers::use(const std::vector<net::PeerNode>& nodes)
{
    std::map<std::uint16_t, net::PeerNode> known;
    for (const auto& node : nodes) {
        auto& now = known[node.number] = node;
        if (m_denied.count(node.node.text()) > 0) now.alive = false;
        // A head that began anew has not heard of it yet: what is known of this life of it holds.
        const auto then = m_nodes.find(node.number);
        if (now.address.empty() && now.tcp.empty() && then != m_nodes.end() && then->second.incarnation == now.incarnation) {
            now.address = then->second.address;
            now.tcp = then->second.tcp;
            now.total = then->second.total;
        }
    }
    const auto before = std::exchange(m_nodes, std::move(known));
    noteGone();
    for (const auto& [number, node] : before) {
        const auto now = m_nodes.find(number);
        const bool same = now != m_nodes.end() && now->second.incarnation == node.incarnation;
        if (node.alive && !(same && now->second.alive)) lost(number, same ? "the head gave it up" : "it began anew");
    }
    for (const auto& [number, node] : m_nodes) {
        const auto then = before.find(number);
        const bool was = then != before.end() && then->second.alive && reachable(then->second) && then->second.incarnation == node.incarnation;
        if (number != m_self && node.alive && reachable(node) && !was) m_owner.here(number);
        if (number != m_self && isLeaving(number) && !(was && then->second.draining)) m_owner.leaves(number);
    }
}

std::vector<std::uint16_t> Peers::alive() const
{
    std::vector<std::uint16_t> numbers;
    for (const auto& [number, node] : m_nodes)
        if (number != m_self && node.alive && reachable(node)) numbers.push_back(number);
    return numbers;
}

bool Peers::isAlive(std::uint16_t node) const
{
    const auto found = m_nodes.find(node);
    return found != m_nodes.end() && found->second.alive;
}

bool Peers::isLeaving(std::uint16_t node) const
{
    const auto found = m_nodes.find(node);
    return found != m_nodes.end() && found->second.alive && found->second.draining;
}

types::Resources Peers::totalOf(std::uint16_t node) const
{
    const auto found = m_nodes.find(node);
    return found == m_nodes.end() ? types::Resources() : found->second.total;
}

std::vector<Peers::Gone> Peers::gone() const
{
    std::vector<Gone> all;
    for (const auto& [number, since] : m_goneNs) all.push_back({number, totalOf(number), since});
    std::stable_sort(all.begin(), all.end(), [](const Gone& a, const Gone& b) { return a.sinceNs < b.sinceNs; });
    return all;
}

void Peers::noteGone()
{
    std::map<std::uint16_t, base::TimeNs> now;
    for (const auto& [number, node] : m_nodes) {
        const auto then = m_goneNs.find(number);
        if (!node.alive) now[number] = then != m_goneNs.end() ? then->second : m_loop.nowNs();
    }
    m_goneNs = std::move(now);
}

rpc::BulkPeer Peers::bulkPeer(std::uint16_t node) const
{
    const auto found = m_nodes.find(node);
    if (found == m_nodes.end() || !reachable(found->second)) return {};
    if (viaSocket(found->second)) return {"unix:" + bulkSocket(found->second.address), {}};
    return {found->second.tcp, found->second.node.text()};
}

void Peers::lost(std::uint16_t node, const std::string& why)
{
    if (node == m_self) return;
    m_guests.erase(node);
    m_homes.erase(node);
    m_owner.gone(node, why);
}

template <typename Message>
std::unique_ptr<net::PeerChannel> Peers::makeChannel(std::uint16_t node, bool asHome)
{
    return std::make_unique<net::PeerChannel>(m_self, node, newLife(), net::PeerChannel::Events{
        [this, node, asHome](net::PeerFrame frame) {
            const auto found = channels(asHome).find(node);
            if (found != channels(asHome).end() && found->second.end) found->second.end->send(frame);
            pokeSoon();
        },
        [this, node, asHome](std::span<const std::byte> body) {
            base::ByteReader in(body);
            while (in.ok() && !in.atEnd()) {
                const auto bytes = in.blob();
                auto message = net::fromWire<Message>(bytes);
                if (in.ok() && message) {
                    deliver(node, std::move(*message));
                    continue;
                }
                return beginAnew(node, asHome, "a message of it cannot be read: " + (message ? std::string("its frame is cut short") : message.error().message));
            }
        },
        [this, node, asHome] {
            channels(asHome)[node].batch.clear(); // it was meant for the earlier one
            if (asHome) m_owner.guestAnew(node, "it began anew");
            else m_owner.homeAnew(node);
        }});
}

Peers::Channel& Peers::guest(std::uint16_t node)
{
    Channel& channel = m_guests[node];
    if (channel.channel) return channel;
    channel.channel = makeChannel<net::ToHome>(node, true);
    const auto found = m_nodes.find(node);
    if (found == m_nodes.end() || !reachable(found->second)) return channel; // gone already: nothing is sent
    const auto& at = found->second;
    const rpc::Target target = viaSocket(at) ? rpc::Target(at.address) : rpc::Target(at.tcp, at.node.text(), m_network.secure);
    channel.end = rpc::connectToPeer(target, m_loop, {
        [this, node, life = found->second.incarnation](net::PeerFrame frame) {
            const auto to = m_guests.find(node);
            if (to != m_guests.end() && frame.from == node && frame.to == m_self && frame.life / kChannelsMax == life) to->second.channel->on(frame);
        },
        [this, node](bool up) {
            const auto to = m_guests.find(node);
            if (to == m_guests.end()) return;
            if (up) to->second.channel->up();
            else to->second.channel->down();
        }});
    return channel;
}

// A frame of a node that connected: its home channel is made by the first one.
void Peers::served(std::uint64_t link, net::PeerFrame frame)
{
    const auto known = m_nodes.find(frame.from);
    // Whom the head does not call alive is not listened to; it says hello again.
    if (frame.to != m_self || known == m_nodes.end() || !known->second.alive || known->second.incarnation != frame.life / kChannelsMax) return;
    const std::uint16_t node = frame.from;
    const auto by = m_links.find(link);
    if (by == m_links.end()) return;
    if (!by->second.who.empty() && by->second.who != known->second.node.text()) {
        base::logf(base::LogLevel::Error, "node", "node {} spoke in the name of another one and was cut off", by->second.who);
        m_links.erase(by); // its end closes the connection, where no channel has it
        return;
    }
    Channel& home = m_homes[node];
    if (!home.channel) home.channel = makeChannel<net::ToGuest>(node, false);
    if (by->second.end) {
        home.end = std::move(by->second.end);
        home.link = link;
        home.channel->up();
    }
    if (home.link != link) return; // of a connection that was replaced
    home.channel->on(frame);
    pokeSoon();
}

void Peers::toGuest(std::uint16_t node, const net::ToGuest& message)
{
    if (!isAlive(node)) return;
    guest(node);
    put(node, true, net::toWire(message));
}

void Peers::toHome(std::uint16_t node, const net::ToHome& message)
{
    if (m_homes.count(node) > 0) put(node, false, net::toWire(message));
}

void Peers::put(std::uint16_t node, bool asHome, const base::Bytes& message)
{
    Channel& channel = channels(asHome).at(node);
    if (!channel.batch.empty() && channel.batch.size() + message.size() > kBatchBytesMax) flush(node, asHome);
    base::ByteWriter out(std::move(channel.batch));
    out.put(message);
    channel.batch = out.take();
    if (m_flushTimer == 0) m_flushTimer = m_loop.after(0, [this] { flushAll(); });
}

void Peers::flush(std::uint16_t node, bool asHome)
{
    Channel& channel = channels(asHome).at(node);
    if (!channel.batch.empty() && !channel.channel->send(std::exchange(channel.batch, {}))) beginAnew(node, asHome, "it does not take what is sent to it");
}

void Peers::flushAll()
{
    m_flushTimer = 0;
    for (const bool asHome : {true, false})
        for (auto& [node, channel] : channels(asHome)) flush(node, asHome);
    pokeSoon();
}

// What was said to it, or by it, is not whole any more: the channel begins anew, and with it what hangs on it.
void Peers::beginAnew(std::uint16_t node, bool asHome, const std::string& why)
{
    m_loop.after(0, [this, node, asHome, why, alive = m_alive] {
        if (!*alive) return;
        base::logf(base::LogLevel::Error, "node", "the connection with node {} begins anew: {}", node, why);
        if (asHome && m_guests.erase(node) > 0) m_owner.guestAnew(node, why);
        if (!asHome && m_homes.erase(node) > 0) m_owner.homeAnew(node);
    });
}

void Peers::pokeSoon()
{
    if (m_pokeTimer == 0) m_pokeTimer = m_loop.after(kPokeNs, [this] { poke(); });
}

void Peers::poke()
{
    m_pokeTimer = 0;
    bool more = false;
    for (auto* all : {&m_guests, &m_homes}) {
        for (auto& [node, channel] : *all) {
            channel.channel->poke();
            more = more || channel.channel->restless();
        }
    }
    if (more) pokeSoon(); // an idle node arms nothing
}

} // namespace orrery::host
