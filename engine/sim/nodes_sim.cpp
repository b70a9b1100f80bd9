// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The network, the head, what goes wrong, and the oracle.
#include "engine/sim/nodes_sim.h"

#include "engine/net/wire.h"
#include "engine/sim/sim_home.h"

#include <algorithm>

namespace orrery::sim {

namespace {

using base::TimeNs;
using net::ObjectKey;

constexpr TimeNs kGivenUpNs = 6 * base::kSecond;
constexpr TimeNs kPokeNs = 100 * base::kMillisecond;
constexpr std::uint64_t kLieEpochs = 1u << 20; // above what any run here comes to
constexpr TimeNs kDrainNs = 30 * base::kSecond, kDrainHomesNs = 15 * base::kSecond; // as the head has them

class NodesSim final : public SimCluster {
public:
    NodesSim(std::shared_ptr<const types::Plan> itsPlan, const NodesSimOptions& itsOptions) : SimCluster(std::move(itsPlan), itsOptions), m_homeFaultsLeft(itsOptions.homeFaults)
    {
        for (std::uint16_t n = 0; n < options.nodes; ++n) m_nodes.emplace_back();
    }

    NodesSimReport go()
    {
        for (std::uint16_t n = 0; n < options.nodes; ++n) boot(n);
        placeRun(0);
        world.later(kPokeNs, [this] { poke(); });
        if (options.deathsPerSecond > 0) nextFault(options.deathsPerSecond, &NodesSim::death);
        if (options.partitionsPerSecond > 0) nextFault(options.partitionsPerSecond, &NodesSim::partition);
        if (options.cutsPerSecond > 0) nextFault(options.cutsPerSecond, &NodesSim::cut);
        if (options.headDeathsPerSecond > 0) nextFault(options.headDeathsPerSecond, &NodesSim::headAnew);
        if (options.drainsPerSecond > 0) nextFault(options.drainsPerSecond, &NodesSim::drain);
        if (options.liesPerSecond > 0) nextFault(options.liesPerSecond, &NodesSim::lie);
        loop([this] { return home() && home()->table().ended(); }, "the run does not end");
        m_over = true;
        loop([this] { return quiet(); }, "the nodes do not come to rest");
        if (report.problem.empty()) {
            compare();
            compareKept();
            report.reexecuted = home()->table().reexecuted();
            report.outcome = home()->table().outcome();
        }
        report.endedNs = world.now();
        if (report.problem.empty()) clean();
        report.kills = world.kills;
        return report;
    }

    // ---- SimCluster ----
    bool isUp(std::uint16_t home, std::uint16_t guest) const override
    {
        const auto found = m_connections.find({home, guest});
        return found != m_connections.end() && found->second.up;
    }
    // One frame over the network, by way of its bytes.
    void carry(std::uint16_t home, std::uint16_t guest, bool toGuest, net::PeerFrame sent) override
    {
        ++report.frames;
        auto& random = world.random();
        if (random.chance(options.lossPerFrame)) {
            ++report.lostFrames;
            return;
        }
        const int times = random.chance(options.doublePerFrame) ? 2 : 1;
        const auto bytes = std::make_shared<base::Bytes>(net::toWire(sent));
        const std::uint64_t generation = m_connections[{home, guest}].generation;
        for (int i = 0; i < times; ++i) {
            const TimeNs late = random.chance(options.latePerFrame) ? static_cast<TimeNs>(random.below(20 * base::kMillisecond)) : 0;
            world.later(base::kMillisecond / 2 + late, [this, home, guest, toGuest, generation, bytes] {
                const auto& connection = m_connections[{home, guest}];
                if (connection.generation != generation || !connection.up) return;
                auto frame = net::fromWire<net::PeerFrame>(*bytes);
                if (!frame) say("a frame cannot be read: " + frame.error().message);
                else m_nodes[toGuest ? guest : home].machine->frame(toGuest ? home : guest, toGuest, *frame);
            });
        }
    }
    void pull(SimMachine& to, std::uint16_t from, const ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done) override
    {
        ++report.pulls;
        ++m_openPulls;
        world.later(static_cast<TimeNs>(world.random().below(5 * base::kMillisecond)), [this, &to, alive = to.alive(), from, key, into, done = std::move(done)] {
            --m_openPulls;
            if (!*alive) return; // who wanted it is dead
            if (world.random().chance(options.brokenPulls)) return done(base::fail(base::Errc::Unavailable, "the connection broke"));
            if (!to.believes(from)) return done(base::fail(base::Errc::Lost, "its node is gone"));
            // A dead node is silent until it is given up on.
            if (!m_nodes[from].machine || m_nodes[from].isolated || m_nodes[to.number()].isolated) return done(base::fail(base::Errc::Unavailable, "it does not answer"));
            const base::Bytes* bytes = m_nodes[from].machine->bytesAt(key);
            if (!bytes) return done(base::fail(base::Errc::NotFound, "it is not there"));
            if (bytes->size() != into.bytes) say("a value has another size than its home says");
            to.place().write(into, *bytes);
            done({});
        });
    }
    void drainSaid(std::uint16_t n, std::uint64_t life, std::uint64_t restingEpoch, bool done) override
    {
        if (m_nodes[n].cutOff) return;
        world.later(static_cast<TimeNs>(world.random().below(5 * base::kMillisecond)), [this, n, life, restingEpoch, done] {
            const SimPeer& member = m_members[n];
            if (m_over || m_nodes[n].cutOff || member.life != life || !member.alive || !member.draining) return;
            if (restingEpoch > 0 && m_homed && m_homeAt == n && restingEpoch == m_epoch) moveHome();
            if (done) stopDrained(n, life, report.drained);
            check();
        });
    }
    void check() override
    {
        if (report.problem.empty()) report.problem = world.problem;
        for (const auto& node : m_nodes)
            if (report.problem.empty() && node.machine) report.problem = node.machine->audit();
    }

private:
    struct Node {
        std::unique_ptr<SimMachine> machine; // null: its process is dead
        bool cutOff = false;                 // from the head
        bool isolated = false;               // from the others
        TimeNs heardUntil = 0;               // what the head says arrives in order
    };
    struct Connection {
        std::uint64_t generation = 0; // frames of an earlier one arrive nowhere
        bool up = false;
        bool cut = false;
    };
    using Fault = void (NodesSim::*)();

    // ---- the network ----
    void refresh(std::uint16_t h, std::uint16_t g)
    {
        auto& connection = m_connections[{h, g}];
        const Node &home = m_nodes[h], &guest = m_nodes[g];
        const bool up = home.machine && guest.machine && !home.isolated && !guest.isolated && !connection.cut;
        if (up == connection.up) return;
        connection.up = up;
        ++connection.generation;
        if (home.machine) home.machine->linkChanged(g, true, up);
        if (guest.machine) guest.machine->linkChanged(h, false, up);
    }
    void refresh(std::uint16_t n)
    {
        for (std::uint16_t other = 0; other < options.nodes; ++other) {
            if (other == n) continue;
            refresh(n, other);
            refresh(other, n);
        }
    }

    // ---- the head ----
    SimHome* home() const
    {
        const Node& node = m_nodes[m_homeAt];
        SimHome* found = m_homed && node.machine && !node.cutOff ? node.machine->home() : nullptr;
        return found && found->epoch() == m_epoch ? found : nullptr;
    }
    void toNode(std::uint16_t n, std::function<void(SimMachine&)> tell)
    {
        auto& random = world.random();
        const TimeNs delay = static_cast<TimeNs>(random.below((random.chance(0.2) ? 400 : 5) * base::kMillisecond));
        m_nodes[n].heardUntil = std::max(m_nodes[n].heardUntil, world.now() + delay);
        ++m_headMessages;
        world.later(m_nodes[n].heardUntil - world.now(), [this, n, life = m_members[n].life, tell = std::move(tell)] {
            --m_headMessages;
            const Node& node = m_nodes[n];
            if (node.machine && node.machine->life() == life && !node.cutOff) tell(*node.machine);
            check();
        });
    }
    void tellPeers()
    {
        for (const auto& [n, member] : m_members)
            if (member.alive) toNode(n, [peers = m_members](SimMachine& machine) { machine.usePeers(peers); });
    }
    void placeRun(int wish = -1, bool moved = false)
    {
        std::vector<std::uint16_t> candidates;
        for (const auto& [n, member] : m_members)
            if (member.alive && !member.draining) candidates.push_back(n);
        if (candidates.empty()) return; // the next one that joins
        m_homeAt = wish >= 0 ? static_cast<std::uint16_t>(wish) : candidates[world.random().below(candidates.size())];
        m_homed = true;
        m_moved = moved;
        ++m_epoch;
        for (const auto& [n, member] : m_members)
            if (member.alive) toNode(n, [word = net::UseHomes{{{run, m_homeAt, m_epoch}}, false}](SimMachine& machine) { machine.useHomes(word); });
        tellHome();
    }
    void moveHome()
    {
        const auto before = m_epoch;
        placeRun(-1, true);
        report.homesMoved += m_epoch > before ? 1 : 0;
    }
    void stopDrained(std::uint16_t n, std::uint64_t life, std::uint64_t& counter)
    {
        if (m_over || !m_nodes[n].machine || m_members[n].life != life || !m_members[n].alive || !m_members[n].draining) return;
        ++counter;
        if (m_nodes[n].cutOff) return nodeDead(n, life); // it does not hear it
        m_nodes[n].machine.reset();
        refresh(n);
        nodeDead(n, life);
        comesBack(n);
    }
    void comesBack(std::uint16_t n)
    {
        if (world.random().chance(0.7) || living() < 2)
            world.later(base::kSecond, [this, n] {
                if (!m_over) boot(n);
            });
    }
    void tellHomes(std::uint16_t n)
    {
        net::UseHomes word{{}, true};
        if (m_homed) word.homes.push_back({run, m_homeAt, m_epoch});
        toNode(n, [word](SimMachine& machine) { machine.useHomes(word); });
    }
    void tellHome()
    {
        toNode(m_homeAt, [epoch = m_epoch, moved = m_moved](SimMachine& machine) { machine.startRun(epoch, epoch > 1, moved); });
    }
    void nodeDead(std::uint16_t n, std::uint64_t life)
    {
        SimPeer& member = m_members[n];
        if (!member.alive || member.life != life) return;
        member.alive = false;
        tellPeers();
        if (!m_homed || m_homeAt != n) return;
        m_homed = false;
        placeRun();
    }
    void joined(std::uint16_t n, std::uint64_t life)
    {
        m_members[n] = {life, true};
        tellHomes(n);
        tellPeers();
        if (!m_homed && m_epoch > 0) placeRun();
    }
    void boot(std::uint16_t n)
    {
        m_nodes[n].machine = std::make_unique<SimMachine>(*this, n, ++m_lastLife);
        refresh(n);
        joined(n, m_lastLife);
    }

    // ---- what goes wrong ----
    void nextFault(double perSecond, Fault fault)
    {
        world.later(static_cast<TimeNs>(static_cast<double>(world.random().below(2 * base::kSecond)) / perSecond), [this, perSecond, fault] {
            if (m_over) return;
            nextFault(perSecond, fault);
            (this->*fault)();
            check();
        });
    }
    std::size_t living() const
    {
        return static_cast<std::size_t>(std::count_if(m_nodes.begin(), m_nodes.end(), [](const Node& node) { return node.machine && !node.cutOff; }));
    }
    // A node to which something may happen; -1: not this time. Somebody lives on, and homes are not lost without end.
    int victim()
    {
        const auto n = static_cast<std::uint16_t>(world.random().below(options.nodes));
        if (!m_nodes[n].machine || m_nodes[n].cutOff || living() < 2) return -1;
        if (n == m_homeAt && m_homeFaultsLeft == 0) return -1;
        if (n == m_homeAt) {
            --m_homeFaultsLeft;
            ++report.homeFaults;
        }
        return n;
    }
    void death()
    {
        const int chosen = victim();
        if (chosen < 0) return;
        const auto n = static_cast<std::uint16_t>(chosen);
        ++report.deaths;
        const std::uint64_t life = m_nodes[n].machine->life();
        m_nodes[n].machine.reset();
        refresh(n);
        // The process' end may be seen at once, or only its silence.
        const TimeNs seen = world.random().chance(0.5) ? base::kMillisecond : kGivenUpNs;
        world.later(seen, [this, n, life] {
            nodeDead(n, life);
            comesBack(n);
        });
    }
    // It has nowhere to go if it is the last one.
    void drain()
    {
        const auto n = static_cast<std::uint16_t>(world.random().below(options.nodes));
        SimPeer& member = m_members[n];
        const auto stays = std::count_if(m_members.begin(), m_members.end(), [&](const auto& other) { return other.first != n && other.second.alive && !other.second.draining; });
        if (!m_nodes[n].machine || m_nodes[n].cutOff || !member.alive || member.draining || stays == 0) return;
        member.draining = true;
        tellPeers();
        toNode(n, [](SimMachine& machine) { machine.drain(); });
        world.later(kDrainHomesNs, [this, n, life = member.life] {
            if (!m_over && m_members[n].life == life && m_members[n].alive && m_homed && m_homeAt == n) moveHome();
        });
        world.later(kDrainNs, [this, n, life = member.life] { stopDrained(n, life, report.drainedLate); });
    }
    // The head does not hear it, and gives it up after six seconds; it lives on, and speaks to the others with the epoch that it had.
    void partition()
    {
        const int chosen = victim();
        if (chosen < 0) return;
        const auto n = static_cast<std::uint16_t>(chosen);
        ++report.partitions;
        Node& node = m_nodes[n];
        const std::uint64_t life = node.machine->life();
        node.cutOff = true;
        const TimeNs until = 3 * base::kSecond + static_cast<TimeNs>(world.random().below(10 * base::kSecond));
        if (world.random().chance(0.5)) {
            node.isolated = true;
            refresh(n);
            world.later(static_cast<TimeNs>(world.random().below(static_cast<std::uint64_t>(until))), [this, n] {
                m_nodes[n].isolated = false;
                refresh(n);
            });
        }
        world.later(kGivenUpNs, [this, n, life] {
            if (m_nodes[n].cutOff) nodeDead(n, life);
        });
        world.later(until, [this, n, life] {
            m_nodes[n].cutOff = false;
            if (m_members[n].life != life) return;
            if (m_members[n].alive) { // the head did not notice
                tellHomes(n);
                toNode(n, [peers = m_members](SimMachine& machine) { machine.usePeers(peers); });
                if (m_homed && m_homeAt == n) tellHome();
                if (m_members[n].draining) toNode(n, [](SimMachine& machine) { machine.drain(); });
                return;
            }
            SimMachine& machine = *m_nodes[n].machine;
            machine.startAnew(++m_lastLife);
            joined(n, m_lastLife);
        });
    }
    void lie()
    {
        const auto liar = static_cast<std::uint16_t>(world.random().below(options.nodes)), guest = static_cast<std::uint16_t>(world.random().below(options.nodes));
        if (liar == guest || liar == m_homeAt || !m_nodes[liar].machine || !m_nodes[guest].machine) return;
        ++report.lies;
        const std::uint64_t epoch = world.random().chance(0.5) ? m_epoch : m_epoch + kLieEpochs;
        m_nodes[liar].machine->toGuest(guest, net::OpenRun{run, epoch, plan->graph});
        m_nodes[liar].machine->toGuest(guest, net::CancelTasks{run, epoch});
    }
    void cut()
    {
        const auto h = static_cast<std::uint16_t>(world.random().below(options.nodes)), g = static_cast<std::uint16_t>(world.random().below(options.nodes));
        if (h == g || m_connections[{h, g}].cut) return;
        m_connections[{h, g}].cut = true;
        refresh(h, g);
        world.later(static_cast<TimeNs>(world.random().below(base::kSecond)), [this, h, g] {
            m_connections[{h, g}].cut = false;
            refresh(h, g);
        });
    }
    // Another head found the run open and gave it a home; who had it before lives.
    void headAnew()
    {
        if (!m_homed || m_homeFaultsLeft == 0) return;
        --m_homeFaultsLeft;
        ++report.heads;
        placeRun();
    }
    void poke()
    {
        world.later(kPokeNs, [this] { poke(); });
        for (auto& node : m_nodes)
            if (node.machine) node.machine->poke();
    }

    void loop(const std::function<bool()>& over, const std::string& otherwise)
    {
        const TimeNs limit = world.now() + 3600 * base::kSecond;
        while (report.problem.empty() && !over()) {
            if (!world.step()) say(otherwise + ": nothing happens any more;" + text());
            if (++report.events > 5'000'000 || world.now() > limit) say(otherwise + ": " + std::to_string(report.events) + " events, " + std::to_string(world.now() / base::kSecond) + " s;" + text());
            if (!world.problem.empty()) say(world.problem);
        }
    }

    // ---- the oracle ----
    // Everything that was said has been heard, by those who live.
    bool quiet() const
    {
        if (m_openPulls > 0 || m_headMessages > 0 || !home()) return false;
        for (const auto& node : m_nodes) {
            if (node.cutOff) return false;
            for (const auto& other : m_nodes) {
                if (!node.machine || !other.machine || &node == &other) continue;
                if (node.machine->waitingFor(other.machine->number(), other.machine->life()) > 0 || other.machine->waitingForHome(node.machine->number(), node.machine->life()) > 0) return false;
            }
        }
        return true;
    }

    void compare()
    {
        const Reference wanted = referenceRun(*plan);
        const auto& table = home()->table();
        if (wanted.size() != table.rows()) say("the run has " + std::to_string(table.rows()) + " tasks and the reference " + std::to_string(wanted.size()));
        for (const auto& [place, words] : wanted) {
            const std::string name = plan->vertices[place.first].id + "[" + std::to_string(place.second) + "]";
            const auto row = table.rowOf(place.first, place.second);
            if (row == types::kNoRow || !types::isGood(table.state(row))) return say(name + (row == types::kNoRow ? " was never made" : " ended " + std::string(types::jsonName(table.state(row)))));
            const owner::Value* value = table.value(row, 0);
            if (!value) continue; // lost after its last reader
            const bool isInline = value->where == owner::Value::Where::Inline;
            if (!isInline && !m_nodes[value->node].machine) continue; // dead and not given up on yet
            const base::Bytes* bytes = isInline ? value->bytes.get() : m_nodes[value->node].machine->bytesAt(home()->keyOf(row));
            if (!bytes || decodeWords(*bytes) != words) return say(name + (bytes ? " differs from the reference" : " is not where its home says"));
        }
    }

    // A guest keeps nothing that its home does not know of, so nothing lies there for the whole run.
    void compareKept()
    {
        const auto& table = home()->table();
        for (const auto& node : m_nodes) {
            if (!node.machine || node.machine->home()) continue;
            for (const auto& one : node.machine->keptFor(m_epoch)) {
                const auto row = table.rowOf(one.key.vertex, one.key.index);
                if (row == types::kNoRow || !table.value(row, one.key.output) || !table.isAt(row, one.key.output, node.machine->number()))
                    return say("node " + std::to_string(node.machine->number()) + " keeps " + plan->vertices[one.key.vertex].id + "[" + std::to_string(one.key.index) + "] and its home does not know it");
                if (table.value(row, one.key.output)->node == node.machine->number() && !one.primary)
                    return say("node " + std::to_string(node.machine->number()) + " may give " + plan->vertices[one.key.vertex].id + "[" + std::to_string(one.key.index) + "] up, and it is the primary");
            }
        }
    }

    // The run is forgotten: nothing of it is left anywhere, not even what no home has asked for again.
    void clean()
    {
        m_nodes[m_homeAt].machine->forgetRun();
        if (m_nodes[m_homeAt].machine->place().places() > m_openPulls) say("the home still holds " + std::to_string(m_nodes[m_homeAt].machine->place().places()) + " values");
        const TimeNs limit = world.now() + node::kOrphanGraceNs + 10 * base::kSecond;
        loop([this, limit] {
            if (world.now() > limit) say("a run that was forgotten is not let go of;" + text());
            return std::all_of(m_nodes.begin(), m_nodes.end(), [](const Node& node) { return !node.machine || node.machine->place().places() == 0; });
        }, "a run that was forgotten is not let go of");
    }

    std::string text() const
    {
        std::string text = " home is " + std::to_string(m_homeAt) + " epoch " + std::to_string(m_epoch) + (m_homed ? "" : " (none)");
        for (std::uint16_t n = 0; n < options.nodes; ++n) {
            const Node& node = m_nodes[n];
            text += node.machine ? node.machine->text() : "; node " + std::to_string(n) + " is dead";
            if (node.cutOff) text += ", cut off";
            if (node.isolated) text += ", isolated";
        }
        return text;
    }

    std::vector<Node> m_nodes;
    std::map<std::pair<std::uint16_t, std::uint16_t>, Connection> m_connections; // home, guest
    SimPeers m_members;                                                          // as the head knows them
    std::uint16_t m_homeAt = 0;
    bool m_homed = false, m_moved = false;
    std::uint64_t m_epoch = 0, m_lastLife = 0;
    std::uint32_t m_homeFaultsLeft = 0;
    std::size_t m_openPulls = 0, m_headMessages = 0;
    bool m_over = false;
};

} // namespace

NodesSimReport simulateNodes(std::shared_ptr<const types::Plan> plan, const NodesSimOptions& options)
{
    return NodesSim(std::move(plan), options).go();
}

} // namespace orrery::sim
