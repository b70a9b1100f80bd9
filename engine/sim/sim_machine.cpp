// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/net/wire.h"
#include "engine/sim/sim_home.h"

#include <algorithm>

namespace orrery::sim {

using net::ObjectKey;
using net::PeerChannel;

void SimValues::room(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) { done(machine.place().newPlace(base::Bytes(bytes))); }
void SimValues::freeObject(const types::Place& place) { machine.place().freePlace(place); }

SimMachine::Guest::Guest(SimMachine& itsMachine, std::uint16_t itsHome, std::uint64_t epoch)
    : machine(itsMachine), home(itsHome),
      values(std::make_shared<SimValues>(machine.m_cluster, machine, [this, epoch](const ObjectKey& key, bool gone) { send(net::ValueCopied{machine.m_cluster.run, epoch, key, gone}); })),
      tasks(machine.m_cluster.run, epoch, machine.m_cluster.plan, values, *this)
{
}

std::uint32_t SimMachine::Guest::workersFor(const types::Resources& resources) { return machine.workersFor(resources); }

std::uint32_t SimMachine::workersFor(const types::Resources& resources) const
{
    return static_cast<std::uint32_t>(m_place.total().amount(types::kCpu) / std::max(resources.amount(types::kCpu), 0.5));
}

std::uint32_t SimMachine::Guest::items(const types::Place& place) { return static_cast<std::uint32_t>(machine.m_place.read(place)->size() / 8); }

SimMachine::SimMachine(SimCluster& cluster, std::uint16_t number, std::uint64_t life)
    : m_cluster(cluster), m_number(number), m_life(life),
      m_place(cluster.world, number, types::Resources::cpus(number == 0 ? cluster.options.cpus : static_cast<double>(1 + (number + cluster.options.seed) % 4)), {cluster.options.killsPerTask, cluster.options.taskMaxNs}),
      m_orphans([this](const types::Place& place) { m_place.freePlace(place); })
{
}

SimMachine::~SimMachine()
{
    *m_alive = false;
    m_place.stop();
}

// ---- from the head ----

void SimMachine::usePeers(const SimPeers& peers)
{
    const auto before = std::exchange(m_peers, peers);
    for (const auto& [number, peer] : before) {
        const auto now = m_peers.find(number);
        if (peer.alive && (now == m_peers.end() || !now->second.same(peer))) lost(number);
    }
    for (const auto& [number, peer] : m_peers) {
        const auto then = before.find(number);
        if (number != m_number && peer.alive && (then == before.end() || !then->second.same(peer)) && m_home) addGuest(number);
        if (number != m_number && isLeaving(number) && m_home) m_home->guestLeaves(number);
    }
}

void SimMachine::useHomes(const net::UseHomes& word)
{
    for (const auto& one : word.homes) {
        if (one.node == types::kNoNode || one.node == m_number) continue;
        if (m_home && m_home->epoch() < one.epoch) orphanHome();
        if (m_guest && m_guest->tasks.epoch() < one.epoch) orphanGuest();
    }
    for (auto& [home, said] : m_knownHomes.use(word)) fromHome(home, std::move(said));
}

void SimMachine::addGuest(std::uint16_t peer)
{
    if (isLeaving(peer) && m_home->table().started()) return;
    m_home->addGuest(peer);
    if (isLeaving(peer)) m_home->guestLeaves(peer);
}

void SimMachine::drain()
{
    m_draining = true;
    if (m_home) m_home->rest();
}

void SimMachine::lost(std::uint16_t peer)
{
    if (peer == m_number) return;
    m_guests.erase(peer);
    m_homes.erase(peer);
    m_knownHomes.gone(peer);
    if (m_home) m_home->guestGone(peer);
    if (m_guest && m_guest->home == peer) orphanGuest();
}

void SimMachine::orphanGuest()
{
    m_place.stop();
    m_orphans.put(m_cluster.run, m_guest->tasks.epoch(), m_guest->values.give(), m_cluster.world.now());
    m_guest.reset();
}

void SimMachine::orphanHome()
{
    m_orphans.put(m_cluster.run, m_home->epoch(), m_home->give(), m_cluster.world.now());
    m_home.reset();
}

bool SimMachine::isNext(std::uint64_t epoch) const
{
    const bool past = (m_guest && m_guest->tasks.epoch() >= epoch) || (m_home && m_home->epoch() >= epoch) || m_orphans.isPast(m_cluster.run, epoch);
    m_cluster.report.fenced += past ? 1 : 0;
    return !past;
}

void SimMachine::startRun(std::uint64_t epoch, bool again, bool moved)
{
    if (m_drained || !isNext(epoch)) return; // said twice, or of a head before
    if (m_home) orphanHome();
    if (m_guest) orphanGuest();
    const auto kept = m_orphans.take(m_cluster.run);
    m_home = std::make_unique<SimHome>(m_cluster, *this, epoch);
    for (const auto& [number, peer] : m_peers)
        if (number != m_number && peer.alive && (again || !peer.draining)) addGuest(number);
    m_home->start(kept, again, moved);
    if (m_draining) m_home->rest();
}

void SimMachine::forgetRun()
{
    if (m_home) m_home->forget();
    m_home.reset();
    if (m_guest) m_place.stop();
    m_guest.reset();
    m_orphans.forget(m_cluster.run);
}

void SimMachine::startAnew(std::uint64_t life)
{
    m_home.reset();
    m_place.stop();
    m_guest.reset();
    m_orphans.clear();
    m_guests.clear();
    m_homes.clear();
    m_knownHomes.clear();
    m_peers.clear();
    m_life = life;
    m_draining = m_drained = false;
}

// ---- the network ----

PeerChannel& SimMachine::guestChannel(std::uint16_t node)
{
    auto& channel = m_guests[node];
    if (channel) return *channel;
    channel = std::make_unique<PeerChannel>(m_number, node, m_life, PeerChannel::Events{
        [this, node](net::PeerFrame frame) { m_cluster.carry(m_number, node, true, std::move(frame)); },
        [this, node](std::span<const std::byte> body) {
            auto message = net::fromWire<net::ToHome>(body);
            if (!message) m_cluster.say("a message of a guest cannot be read: " + message.error().message);
            else if (m_home) m_home->said(node, *message);
        },
        [] {}});
    if (m_cluster.isUp(m_number, node)) channel->up();
    return *channel;
}

void SimMachine::toGuest(std::uint16_t node, const net::ToGuest& message)
{
    if (!believes(node)) return;
    if (!guestChannel(node).send(net::toWire(message))) m_cluster.say("too much waits for a guest");
}

void SimMachine::toHome(std::uint16_t node, const net::ToHome& message)
{
    ++m_cluster.report.messages;
    const auto found = m_homes.find(node);
    if (found != m_homes.end() && !found->second->send(net::toWire(message))) m_cluster.say("too much waits for a home");
}

void SimMachine::frame(std::uint16_t from, bool toGuest, const net::PeerFrame& frame)
{
    // Whom the head does not call alive is not listened to.
    if (!believes(from) || m_peers.at(from).life != frame.life) return;
    if (!toGuest) {
        if (const auto found = m_guests.find(from); found != m_guests.end()) found->second->on(frame);
        return;
    }
    auto& channel = m_homes[from];
    if (!channel) {
        channel = std::make_unique<PeerChannel>(m_number, from, m_life, PeerChannel::Events{
            [this, from](net::PeerFrame out) { m_cluster.carry(from, m_number, false, std::move(out)); },
            [this, from](std::span<const std::byte> body) {
                auto message = net::fromWire<net::ToGuest>(body);
                if (!message) m_cluster.say("a message of a home cannot be read: " + message.error().message);
                else fromHome(from, std::move(*message));
            },
            [] {}});
        channel->up();
    }
    channel->on(frame);
}

void SimMachine::linkChanged(std::uint16_t peer, bool asHome, bool up)
{
    auto& channels = asHome ? m_guests : m_homes;
    const auto found = channels.find(peer);
    if (found == channels.end()) return;
    if (up) found->second->up();
    else found->second->down();
}

void SimMachine::fromHome(std::uint16_t home, net::ToGuest message)
{
    const auto epoch = std::visit([](const auto& held) { return held.epoch; }, message);
    using Verdict = node::KnownHomes::Verdict;
    const auto verdict = m_knownHomes.said(home, message);
    m_cluster.report.heldEarly += verdict == Verdict::Held ? 1 : 0;
    m_cluster.report.fenced += verdict == Verdict::Refused ? 1 : 0;
    if (verdict == Verdict::Full) m_cluster.say("more is said before the head's word than a node holds");
    if (verdict != Verdict::Deliver) return;
    if (std::holds_alternative<net::OpenRun>(message)) {
        if (m_drained || !isNext(epoch)) return;
        if (m_home) orphanHome();
        if (m_guest) orphanGuest();
        m_guest = std::make_unique<Guest>(*this, home, epoch);
        m_place.run(m_guest->tasks);
        m_place.setCompute([this](const types::TaskRecord& task, const std::vector<std::uint64_t>& inputs) { return m_cluster.compute(m_guest->tasks.vertexOf(task.row), task, inputs); });
        m_guest->tasks.open(m_orphans.take(m_cluster.run));
    } else if (!m_guest || m_guest->tasks.epoch() != epoch || m_guest->home != home) {
        ++m_cluster.report.fenced;
    } else if (std::holds_alternative<net::CloseRun>(message)) {
        m_place.stop();
        m_guest.reset();
    } else {
        m_guest->tasks.on(message, m_cluster.world.now());
    }
    m_cluster.check();
}

void SimMachine::poke()
{
    for (auto* all : {&m_guests, &m_homes})
        for (auto& [node, channel] : *all) channel->poke();
    auto& random = m_cluster.world.random();
    if (random.chance(m_cluster.options.evictionsPerTask)) {
        if (m_guest) m_guest->values.evict(1 + random.below(200));
        if (m_home) m_home->evict(1 + random.below(200));
    }
    m_orphans.expire(m_cluster.world.now());
    if (!m_draining) return;
    m_drained = m_drained || ((!m_home || m_home->table().ended()) && !m_guest && m_orphans.size() == 0);
    m_cluster.drainSaid(m_number, m_life, m_home && m_home->resting() ? m_home->epoch() : 0, m_drained);
}

void SimMachine::pumpSoon()
{
    if (std::exchange(m_pumpComing, true)) return;
    m_cluster.world.later(0, [this, alive = m_alive] {
        if (!*alive) return;
        m_pumpComing = false;
        if (m_home) m_home->pump();
        else m_place.pump();
    });
}

// ---- reports ----

const base::Bytes* SimMachine::bytesAt(const ObjectKey& key) const
{
    if (m_home) return m_home->bytesAt(key);
    const auto* place = m_guest ? m_guest->values.find(key) : nullptr;
    return place ? m_place.read(*place) : nullptr;
}

std::size_t SimMachine::waitingFor(std::uint16_t guest, std::uint64_t life) const
{
    const auto found = m_guests.find(guest);
    return found != m_guests.end() && believes(guest) && m_peers.at(guest).life == life ? found->second->waiting() : 0;
}

std::size_t SimMachine::waitingForHome(std::uint16_t home, std::uint64_t life) const
{
    const auto found = m_homes.find(home);
    return found != m_homes.end() && believes(home) && m_peers.at(home).life == life ? found->second->waiting() : 0;
}

std::string SimMachine::audit() const
{
    std::string wrong = m_home ? m_home->audit() : m_guest ? m_guest->tasks.audit() : std::string();
    if (wrong.empty() && m_home && m_guest) wrong = "it is home and guest of one run";
    if (wrong.empty() && m_orphans.size() > 0 && (m_home || m_guest)) wrong = "what an earlier home left lies there beside the run";
    return wrong.empty() ? wrong : "node " + std::to_string(m_number) + ": " + wrong;
}

std::string SimMachine::text() const
{
    std::string text = "; node " + std::to_string(m_number);
    if (m_home) text += ", home of epoch " + std::to_string(m_home->epoch()) + m_home->openRows();
    if (m_guest) text += ", guest of " + std::to_string(m_guest->home) + " epoch " + std::to_string(m_guest->tasks.epoch()) + ", has " + std::to_string(m_guest->tasks.tasks());
    if (m_orphans.size() > 0) text += ", orphans";
    if (m_draining) text += m_drained ? ", drained" : ", drains";
    for (const auto& [peer, channel] : m_guests) text += ", for " + std::to_string(peer) + " wait " + std::to_string(channel->waiting());
    for (const auto& [peer, channel] : m_homes) text += ", for home " + std::to_string(peer) + " wait " + std::to_string(channel->waiting());
    return text + ", " + std::to_string(m_place.places()) + " places";
}

} // namespace orrery::sim
