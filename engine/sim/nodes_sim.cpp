// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/nodes_sim.h"

#include "engine/net/peer_channel.h"
#include "engine/net/wire.h"
#include "engine/node/guest_run.h"
#include "engine/owner/guest_table.h"
#include "engine/owner/home_tasks.h"
#include "engine/sim/sim_node.h"

#include <algorithm>
#include <set>

namespace orrery::sim {

namespace {

using base::TimeNs;
using net::ObjectKey;

constexpr TimeNs kGivenUpNs = 6 * base::kSecond;
constexpr TimeNs kPokeNs = 100 * base::kMillisecond;
constexpr std::uint64_t kEpoch = 1;

// The home's tasks as a source of work for its own workers.
class HomeSource final : public node::TaskSource {
public:
    HomeSource(owner::RunTable& table, owner::HomeTasks& tasks, std::size_t fetchingMax) : m_table(table), m_tasks(tasks), m_fetchingMax(fetchingMax) {}
    std::span<const types::Resources> classes() const override { return m_table.classes(); }
    std::size_t ready(std::size_t i) const override { return m_tasks.ready(i); }
    std::vector<std::uint32_t> take(std::size_t i, std::size_t max, TimeNs now) override { return m_tasks.take(i, max, m_fetchingMax, now); }
    types::TaskRecord record(std::uint32_t row, TimeNs now) override { return m_tasks.record(row, m_table.vertexOf(row) + 1u, now); }
    void began(std::uint32_t row, std::uint8_t attempt, node::Track track, TimeNs now) override { m_table.began(row, attempt, track, now); }
    bool finished(const types::ResultRecord& result, node::Track track, TimeNs now) override
    {
        m_tasks.left(result.row);
        return m_table.finished(result, track, 0, now);
    }
    void lost(std::uint32_t row, std::uint8_t attempt, node::Track track, types::Cause cause, const std::string& why, TimeNs now) override
    {
        m_tasks.left(row);
        m_table.lost(row, attempt, track, cause, why, 0, now);
    }
    void recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now) override
    {
        m_tasks.left(row);
        m_table.recalled(row, attempt, now);
    }
    void refuse(std::uint32_t row, const std::string& why, TimeNs now) override { m_table.refuse(row, why, now); }

private:
    owner::RunTable& m_table;
    owner::HomeTasks& m_tasks;
    const std::size_t m_fetchingMax;
};

class NodesSim final : public owner::TraceSink, public owner::GuestTable::Port, public owner::HomeTasks::Copies {
public:
    NodesSim(std::shared_ptr<const types::Plan> plan, const NodesSimOptions& options)
        : m_options(options), m_world(options.seed), m_plan(std::move(plan)), m_table(base::RunId{{2, options.seed}}, 7, m_plan, *this, 0),
          m_guests(m_table, kEpoch, *this), m_tasks(m_table, *this, 0), m_source(m_table, m_tasks, 4),
          m_homeNode(m_world, 0, types::Resources::cpus(options.cpus), nodeOptions()), m_homeValues(std::make_shared<ValuesPort>(*this, std::uint16_t{0}, m_homeNode))
    {
        m_homeNode.run(m_source);
        m_homeNode.setCompute([this](const types::TaskRecord& task, const std::vector<std::uint64_t>& inputs) { return compute(m_table.vertexOf(task.row), task, inputs); });
    }

    NodesSimReport go()
    {
        m_table.start(m_world.now());
        for (std::uint16_t n = 1; n < m_options.nodes; ++n) join(n);
        m_homeNode.setChanged([this] { pump(); });
        pump();
        m_world.later(kPokeNs, [this] { poke(); });
        if (m_options.deathsPerSecond > 0) nextDeath();
        if (m_options.cutsPerSecond > 0) nextCut();
        loop([this] { return m_table.ended(); }, "the run does not end");
        loop([this] { return quiet(); }, "the guests do not come to rest");
        if (m_report.problem.empty()) compare();
        m_report.endedNs = m_world.now();
        m_report.reexecuted = m_table.reexecuted();
        if (m_table.ended()) m_report.outcome = m_table.outcome();
        if (m_report.problem.empty()) clean();
        m_report.kills = m_world.kills;
        return m_report;
    }

    // ---- TraceSink ----
    void range(const types::RowRange&) override {}
    void mark(const types::StateMark&) override {}
    void attempt(types::Attempt, const std::string&) override { ++m_report.attempts; }
    void made(std::uint32_t, std::uint16_t, std::uint8_t, const owner::Value& value, TimeNs) override { m_report.away += value.where == owner::Value::Where::Store && value.node != 0 ? 1 : 0; }
    void dropped(std::uint32_t row, std::uint16_t output, const owner::Value& value, TimeNs) override
    {
        if (value.where != owner::Value::Where::Store) return;
        const auto key = m_guests.keyOf(row, output);
        auto holders = m_table.copiesOf(row, output);
        holders.push_back(value.node);
        for (const auto node : holders) {
            if (node != 0) m_guests.free(node, key);
            else if (value.node == 0) m_homeNode.freePlace(value.place);
            else m_homeValues.free(key);
        }
    }
    void vanished(std::uint32_t, std::uint16_t, const owner::Value&, TimeNs) override {}
    std::optional<types::Place> promoted(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs) override
    {
        ++m_report.promoted;
        const auto key = m_guests.keyOf(row, output);
        if (node == 0) {
            const auto* place = m_homeValues.find(key);
            if (!place) return std::nullopt;
            return m_homeNode.newPlace(*m_homeNode.read(*place)); // as holding the same memory once more
        }
        m_guests.keep(node, key);
        return types::Place{};
    }
    void unwanted(std::uint32_t row, std::uint16_t output, const owner::Value& value) override
    {
        if (value.where != owner::Value::Where::Store) return;
        if (value.node == 0) m_homeNode.freePlace(value.place);
        else if (!m_table.isAt(row, output, value.node)) m_guests.free(value.node, m_guests.keyOf(row, output));
    }
    // ---- GuestTable::Port ----
    void send(std::uint16_t node, net::ToGuest message) override
    {
        ++m_report.messages;
        if (!m_links.at(node).home->send(net::toWire(message))) m_report.problem = "too much waits for a guest";
    }
    void facts(const std::vector<net::PeerOutput>*) override {}
    // ---- HomeTasks::Copies ----
    void bring(std::vector<net::WantedValue> wanted, std::function<void(base::Result<void>, const ObjectKey&)> done) override { m_homeValues.bring(std::move(wanted), std::move(done)); }
    const types::Place* find(const ObjectKey& key) const override { return m_homeValues.find(key); }
    void unpin(const std::vector<ObjectKey>& keys) override { m_homeValues.unpin(keys); }
    void arrived() override { m_world.later(0, [this] { pump(); }); }

private:
    // What RunValues of one node needs.
    struct ValuesPort final : public node::RunValues::Port {
        ValuesPort(NodesSim& owner, std::uint16_t node, SimNode& place) : sim(owner), number(node), at(place) {}
        void room(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) override { done(at.newPlace(base::Bytes(bytes))); }
        void pull(std::uint16_t node, const ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done) override { sim.pull(number, node, key, into, std::move(done)); }
        void freeObject(const types::Place& place) override { at.freePlace(place); }
        void after(TimeNs delay, std::function<void()> run) override { sim.m_world.later(delay, std::move(run)); }
        void copied(const ObjectKey& key, bool gone) override { sim.copied(number, key, gone); }
        NodesSim& sim;
        const std::uint16_t number;
        SimNode& at;
    };
    // A guest and all that dies with it.
    struct Guest final : public node::GuestRun::Port {
        Guest(NodesSim& owner, std::uint16_t node, std::uint64_t itsLife)
            : sim(owner), number(node), life(itsLife), place(sim.m_world, number, types::Resources::cpus(static_cast<double>(1 + (number + sim.m_options.seed) % 4)), sim.nodeOptions()), port(std::make_shared<ValuesPort>(sim, number, place)) {}
        void send(net::ToHome message) override { sim.toHome(*this, std::move(message)); }
        std::uint32_t templateId(const types::Template&) override { return ++lastTemplate; }
        std::uint32_t workersFor(const types::Resources& resources) override { return static_cast<std::uint32_t>(place.total().amount(types::kCpu) / std::max(resources.amount(types::kCpu), 0.5)); }
        TimeNs cluster(TimeNs nodeNs) override { return nodeNs; }
        std::uint64_t bytesAhead() override { return 100; }
        net::ValueFacts facts(const types::Place&) override { return {}; }
        void ready() override { sim.m_world.later(0, [this, alive = alive] { if (*alive) place.pump(); }); }
        ~Guest() override { *alive = false; }
        NodesSim& sim;
        const std::uint16_t number;
        const std::uint64_t life;
        std::uint32_t lastTemplate = 0;
        SimNode place;
        std::shared_ptr<ValuesPort> port;
        std::unique_ptr<node::RunValues> values;
        std::unique_ptr<node::GuestRun> run;
        std::unique_ptr<net::PeerChannel> channel;
        std::shared_ptr<bool> alive = std::make_shared<bool>(true);
    };
    struct Link {
        std::uint64_t generation = 0; // frames of an earlier one arrive nowhere
        bool up = false;
        std::unique_ptr<net::PeerChannel> home;
        std::unique_ptr<Guest> guest; // null: dead
    };

    std::vector<std::uint64_t> compute(std::uint16_t vertex, const types::TaskRecord& task, const std::vector<std::uint64_t>& inputs) const
    {
        return simFunction(m_plan->vertices[vertex].function, vertex, task.mapIndex, inputs);
    }
    SimNodeOptions nodeOptions() const { return {m_options.killsPerTask, m_options.taskMaxNs}; }

    void join(std::uint16_t n)
    {
        Link& link = m_links[n];
        const std::uint64_t generation = ++link.generation;
        link.guest = std::make_unique<Guest>(*this, n, ++m_lastLife);
        Guest& guest = *link.guest;
        link.home = std::make_unique<net::PeerChannel>(std::uint16_t{0}, n, std::uint64_t{1}, net::PeerChannel::Events{
            [this, n, generation](net::PeerFrame frame) { carry(n, generation, std::move(frame), true); },
            [this, n](std::span<const std::byte> body) { fromGuest(n, body); }, [] {}});
        guest.channel = std::make_unique<net::PeerChannel>(n, std::uint16_t{0}, guest.life, net::PeerChannel::Events{
            [this, n, generation](net::PeerFrame frame) { carry(n, generation, std::move(frame), false); },
            [this, &guest](std::span<const std::byte> body) { fromHome(guest, body); }, [] {}});
        setUp(n, true);
        m_guests.add(n, nullptr);
    }

    void setUp(std::uint16_t n, bool up)
    {
        Link& link = m_links.at(n);
        if (link.up == up || !link.home) return;
        link.up = up;
        if (up) {
            link.home->up();
            if (link.guest) link.guest->channel->up();
        } else {
            link.home->down();
            if (link.guest) link.guest->channel->down();
        }
    }

    // One frame over the network, by way of its bytes.
    void carry(std::uint16_t n, std::uint64_t generation, net::PeerFrame sent, bool toGuest)
    {
        ++m_report.frames;
        auto& random = m_world.random();
        if (random.chance(m_options.lossPerFrame)) {
            ++m_report.lostFrames;
            return;
        }
        const int times = random.chance(m_options.doublePerFrame) ? 2 : 1;
        const auto bytes = std::make_shared<base::Bytes>(net::toWire(sent));
        for (int i = 0; i < times; ++i) {
            const TimeNs late = random.chance(m_options.latePerFrame) ? static_cast<TimeNs>(random.below(20 * base::kMillisecond)) : 0;
            m_world.later(base::kMillisecond / 2 + late, [this, n, generation, bytes, toGuest] {
                Link& link = m_links.at(n);
                if (link.generation != generation || !link.up) return;
                auto frame = net::fromWire<net::PeerFrame>(*bytes);
                if (!frame) m_report.problem = "a frame cannot be read: " + frame.error().message;
                else if (!toGuest) link.home->on(*frame);
                else if (link.guest) link.guest->channel->on(*frame);
            });
        }
    }

    void fromHome(Guest& guest, std::span<const std::byte> body)
    {
        auto message = net::fromWire<net::ToGuest>(body);
        if (!message) {
            m_report.problem = "a message to a guest cannot be read: " + message.error().message;
        } else if (std::holds_alternative<net::OpenRun>(*message)) {
            guest.values = std::make_unique<node::RunValues>(guest.port);
            guest.run = std::make_unique<node::GuestRun>(m_table.run(), kEpoch, m_plan, *guest.values, guest);
            guest.place.run(*guest.run);
            guest.place.setCompute([this, &guest](const types::TaskRecord& task, const std::vector<std::uint64_t>& inputs) { return compute(guest.run->vertexOf(task.row), task, inputs); });
        } else if (std::holds_alternative<net::CloseRun>(*message)) {
            guest.place.stop();
            guest.run.reset();
            guest.values.reset();
        } else if (guest.run) {
            guest.run->on(*message, m_world.now());
            check();
        }
    }

    void toHome(Guest& guest, net::ToHome message)
    {
        ++m_report.messages;
        if (!guest.channel->send(net::toWire(message))) m_report.problem = "too much waits for the home";
    }

    void fromGuest(std::uint16_t n, std::span<const std::byte> body)
    {
        auto message = net::fromWire<net::ToHome>(body);
        if (!message) {
            m_report.problem = "a message of a guest cannot be read: " + message.error().message;
            return;
        }
        m_guests.on(n, *message, m_world.now());
        pump();
    }

    void copied(std::uint16_t n, const ObjectKey& key, bool gone)
    {
        if (n != 0) return toHome(*m_links.at(n).guest, net::ValueCopied{m_table.run(), kEpoch, key, gone});
        const auto row = m_table.rowOf(key.vertex, key.index);
        if (gone) m_table.copyGone(row, key.output, 0);
        else if (m_table.value(row, key.output)) m_table.copied(row, key.output, 0);
        else m_homeValues.free(key);
    }

    void pull(std::uint16_t to, std::uint16_t from, const ObjectKey& key, const types::Place& into, std::function<void(base::Result<void>)> done)
    {
        ++m_report.pulls;
        ++m_openPulls;
        const std::uint64_t life = lifeOf(to);
        m_world.later(static_cast<TimeNs>(m_world.random().below(5 * base::kMillisecond)), [this, to, from, key, into, life, done = std::move(done)] {
            --m_openPulls;
            if (lifeOf(to) != life || life == 0) return; // who wanted it is dead
            if (m_world.random().chance(m_options.brokenPulls)) return done(base::fail(base::Errc::Unavailable, "the connection broke"));
            // A dead node is silent until it was given up on.
            if (from != 0 && !m_links.at(from).guest && m_links.at(from).home) return done(base::fail(base::Errc::Unavailable, "it does not answer"));
            const base::Bytes* bytes = bytesAt(from, key);
            if (!bytes) return done(base::fail(base::Errc::NotFound, "it is not there"));
            if (bytes->size() != into.bytes) m_report.problem = "a value has another size than its home says";
            (to == 0 ? m_homeNode : m_links.at(to).guest->place).write(into, *bytes);
            done({});
        });
    }

    std::uint64_t lifeOf(std::uint16_t n) const
    {
        if (n == 0) return 1;
        const auto& link = m_links.at(n);
        return link.guest ? link.guest->life : 0;
    }

    const base::Bytes* bytesAt(std::uint16_t n, const ObjectKey& key)
    {
        if (n != 0) {
            const auto& guest = m_links.at(n).guest;
            const auto* place = guest && guest->values ? guest->values->find(key) : nullptr;
            return place ? guest->place.read(*place) : nullptr;
        }
        const auto row = m_table.rowOf(key.vertex, key.index);
        const auto* value = row == types::kNoRow ? nullptr : m_table.value(row, key.output);
        if (value && value->where == owner::Value::Where::Store && value->node == 0) return m_homeNode.read(value->place);
        const auto* copy = m_homeValues.find(key);
        return copy ? m_homeNode.read(*copy) : nullptr;
    }

    void pump()
    {
        if (std::exchange(m_pumping, true)) return;
        ++m_report.decisions;
        m_homeNode.pump();
        m_guests.pump(m_world.now());
        for (std::size_t i = 0; i < m_table.classes().size(); ++i)
            if (m_tasks.ready(i) == 0 && m_homeNode.idle()) m_guests.recall(i);
        m_pumping = false;
        check();
    }

    void check()
    {
        if (!m_report.problem.empty()) return;
        m_report.problem = m_world.problem;
        const auto look = [this](const std::string& what, const std::string& wrong) {
            if (m_report.problem.empty() && !wrong.empty()) m_report.problem = what + ": " + wrong;
        };
        look("run table", m_table.audit());
        look("guest table", m_guests.audit());
        look("home's copies", m_homeValues.audit());
        for (const auto& [n, link] : m_links)
            if (link.guest && link.guest->run) look("guest " + std::to_string(n), link.guest->run->audit());
    }

    void poke()
    {
        m_world.later(kPokeNs, [this] { poke(); });
        for (auto& [n, link] : m_links) {
            if (link.home) link.home->poke();
            if (link.guest) link.guest->channel->poke();
        }
        for (auto& [n, link] : m_links)
            if (link.guest && link.guest->values && m_world.random().chance(m_options.evictionsPerTask)) link.guest->values->evict(1 + m_world.random().below(200));
        if (m_world.random().chance(m_options.evictionsPerTask)) m_homeValues.evict(1 + m_world.random().below(200));
    }

    void nextDeath()
    {
        m_world.later(static_cast<TimeNs>(static_cast<double>(m_world.random().below(2 * base::kSecond)) / m_options.deathsPerSecond), [this] {
            nextDeath();
            if (m_table.ended() || m_links.empty()) return;
            const auto n = static_cast<std::uint16_t>(1 + m_world.random().below(m_options.nodes - 1u));
            Link& link = m_links.at(n);
            if (!link.guest) return;
            ++m_report.deaths;
            link.guest.reset();
            // The process' end may be seen at once, or only its silence.
            const TimeNs seen = m_world.random().chance(0.5) ? base::kMillisecond : kGivenUpNs;
            m_world.later(seen, [this, n] {
                Link& gone = m_links.at(n);
                setUp(n, false);
                gone.home.reset();
                ++gone.generation;
                m_guests.gone(n, "node " + std::to_string(n) + " is gone", m_world.now());
                pump();
                if (m_world.random().chance(0.7)) m_world.later(base::kSecond, [this, n] {
                    if (m_table.ended()) return;
                    join(n);
                    pump();
                });
            });
        });
    }

    void nextCut()
    {
        m_world.later(static_cast<TimeNs>(static_cast<double>(m_world.random().below(2 * base::kSecond)) / m_options.cutsPerSecond), [this] {
            nextCut();
            const auto n = static_cast<std::uint16_t>(1 + m_world.random().below(m_options.nodes - 1u));
            if (!m_links.at(n).up) return;
            setUp(n, false);
            m_world.later(static_cast<TimeNs>(m_world.random().below(base::kSecond)), [this, n] { setUp(n, true); });
        });
    }

    void loop(const std::function<bool()>& over, const std::string& otherwise)
    {
        const TimeNs limit = m_world.now() + 3600 * base::kSecond;
        while (m_report.problem.empty() && !over()) {
            if (!m_world.step()) m_report.problem = otherwise + ": nothing happens any more;" + openRows();
            if (++m_report.events > 5'000'000 || m_world.now() > limit) m_report.problem = otherwise + ": " + std::to_string(m_report.events) + " events, " + std::to_string(m_world.now() / base::kSecond) + " s;" + openRows();
            if (m_report.problem.empty()) m_report.problem = m_world.problem;
        }
    }

    // Everything that was said has been heard, by those who live.
    bool quiet() const
    {
        return m_openPulls == 0 && std::all_of(m_links.begin(), m_links.end(), [](const auto& entry) {
            const Link& link = entry.second;
            return !link.guest || !link.home || (link.home->waiting() == 0 && link.guest->channel->waiting() == 0);
        });
    }

    // What is left undone, for the report of a run that stands still.
    std::string openRows() const
    {
        std::string text;
        for (std::uint32_t row = 0; row < m_table.rows() && text.size() < 1000; ++row)
            if (!types::isTerminal(m_table.state(row))) text += " " + std::to_string(row) + "=" + m_plan->vertices[m_table.vertexOf(row)].id + "[" + std::to_string(m_table.indexOf(row)) + "] " + std::string(types::jsonName(m_table.state(row)));
        text += "; home fetches " + std::to_string(m_tasks.fetching());
        for (const auto& [n, link] : m_links)
            text += "; node " + std::to_string(n) + (link.guest ? (link.up ? " up" : " cut") : " dead") + ", has " + std::to_string(m_guests.tasksAt(n)) + " by home, " + (link.guest && link.guest->run ? std::to_string(link.guest->run->tasks()) : "no run") + " by itself, waiting " +
                (link.home ? std::to_string(link.home->waiting()) : "-") + "/" + (link.guest ? std::to_string(link.guest->channel->waiting()) : "-");
        return text;
    }

    void compare()
    {
        const Reference wanted = referenceRun(*m_plan);
        if (wanted.size() != m_table.rows()) m_report.problem = "the run has " + std::to_string(m_table.rows()) + " tasks and the reference " + std::to_string(wanted.size());
        for (const auto& [place, words] : wanted) {
            const std::string name = m_plan->vertices[place.first].id + "[" + std::to_string(place.second) + "]";
            const auto row = m_table.rowOf(place.first, place.second);
            if (row == types::kNoRow || !types::isGood(m_table.state(row))) {
                m_report.problem = name + (row == types::kNoRow ? " was never made" : " ended " + std::string(types::jsonName(m_table.state(row))));
                return;
            }
            const owner::Value* value = m_table.value(row, 0);
            if (!value) continue; // lost after its last reader
            const bool isInline = value->where == owner::Value::Where::Inline;
            const base::Bytes* bytes = isInline ? value->bytes.get() : bytesAt(value->node, m_guests.keyOf(row, 0));
            if (!bytes && value->node != 0 && !m_links.at(value->node).guest) continue; // dead and not given up on yet
            if (!bytes || decodeWords(*bytes) != words) {
                m_report.problem = name + (bytes ? " differs from the reference" : " is not where its home says");
                return;
            }
        }
    }

    // The run is forgotten: nothing of it is left anywhere.
    void clean()
    {
        m_table.forget(m_world.now());
        m_guests.pump(m_world.now());
        m_guests.close();
        loop([this] {
            for (const auto& [n, link] : m_links)
                if (link.guest && link.guest->run) return false;
            return quiet();
        }, "a guest does not let go of a run that was forgotten");
        for (const auto& [n, link] : m_links)
            if (m_report.problem.empty() && link.guest && link.guest->place.places() > 0) m_report.problem = "guest " + std::to_string(n) + " still holds " + std::to_string(link.guest->place.places()) + " values";
        m_homeNode.stop();
        if (m_report.problem.empty() && m_homeNode.places() > m_homeValues.size()) m_report.problem = "the home still holds " + std::to_string(m_homeNode.places()) + " values";
    }

    const NodesSimOptions m_options;
    SimWorld m_world;
    const std::shared_ptr<const types::Plan> m_plan;
    owner::RunTable m_table;
    owner::GuestTable m_guests;
    owner::HomeTasks m_tasks;
    HomeSource m_source;
    SimNode m_homeNode;
    node::RunValues m_homeValues;
    std::map<std::uint16_t, Link> m_links;
    std::uint64_t m_lastLife = 1;
    std::size_t m_openPulls = 0;
    bool m_pumping = false;
    NodesSimReport m_report;
};

} // namespace

NodesSimReport simulateNodes(std::shared_ptr<const types::Plan> plan, const NodesSimOptions& options)
{
    return NodesSim(std::move(plan), options).go();
}

} // namespace orrery::sim
