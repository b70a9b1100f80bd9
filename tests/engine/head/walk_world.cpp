// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/head/walk_world.h"

namespace orrery::headtest {

using types::RunState;

WalkWorld::WalkWorld(std::uint64_t seed) : m_random(seed)
{
    m_nodes.resize(3);
    for (std::size_t i = 0; i < m_nodes.size(); ++i) m_nodes[i].id = i + 1;
    restartHead();
}

void WalkWorld::fail(const std::string& what)
{
    if (m_broken.empty()) m_broken = what + "\n" + m_table->story().text({}, 60);
}

WalkWorld::Node* WalkWorld::byLink(LinkId link)
{
    for (auto& node : m_nodes)
        if (node.link == link && link != 0) return &node;
    return nullptr;
}

void WalkWorld::apply(Event event)
{
    m_events.push_back(std::move(event));
    if (m_applying) return; // an effect caused it: the loop below takes it next, as the shell does
    m_applying = true;
    while (!m_events.empty()) {
        Event next = std::move(m_events.front());
        m_events.pop_front();
        Effects effects;
        m_table->apply(std::move(next), Now{m_now, m_now}, effects);
        const auto audit = m_table->audit();
        if (!audit.empty()) fail(audit);
        for (const auto& effect : effects) carry(effect);
    }
    m_applying = false;
}

void WalkWorld::carry(const Effect& effect)
{
    const auto answered = [this](Ticket ticket) {
        if (m_open.erase(ticket) == 0) fail("ticket " + std::to_string(ticket) + " was answered twice");
    };
    if (const auto* send = std::get_if<Send>(&effect)) {
        // A message into a link that breaks is lost; sometimes that is noticed only now.
        if (Node* node = byLink(send->link)) toNode(*node, send->message);
    } else if (const auto* close = std::get_if<CloseLink>(&effect)) {
        if (Node* node = byLink(close->link)) node->link = 0;
    } else if (const auto* record = std::get_if<RecordRun>(&effect)) {
        m_journal.push_back(*record);
    } else if (const auto* node = std::get_if<RecordNode>(&effect)) {
        auto& nodes = m_durable.nodes;
        std::erase_if(nodes, [&](const StoredNode& known) { return known.id == node->node.id; });
        if (!node->node.gone) nodes.push_back(node->node);
    } else if (const auto* append = std::get_if<AppendRecord>(&effect)) {
        m_recorder.push_back(*append);
    } else if (const auto* intent = std::get_if<AnswerIntent>(&effect)) {
        answered(intent->ticket);
    } else if (const auto* preview = std::get_if<AnswerPreview>(&effect)) {
        answered(preview->ticket);
    } else if (const auto* bytes = std::get_if<AnswerBytes>(&effect)) {
        answered(bytes->ticket);
    } else if (const auto* start = std::get_if<StartNode>(&effect)) {
        m_launches.push_back({start->launch, m_random.chance(0.2)});
    } else if (const auto* kill = std::get_if<KillNode>(&effect)) {
        for (auto& killed : m_nodes)
            if (killed.lives && killed.pid == kill->pid) killed.lives = false; // told in a later step
    }
}

void WalkWorld::toNode(Node& node, const net::ToNode& message)
{
    if (!node.lives) return;
    if (std::holds_alternative<net::Welcome>(message)) {
        for (auto& [id, held] : node.runs) {
            for (const auto& block : held.unacknowledged) say(node, block, false);
            if (held.ended) say(node, net::RunEnded{id, held.epoch, held.outcome, {}, 0}, false);
        }
    } else if (const auto* home = std::get_if<net::HomeRun>(&message)) {
        const auto [known, first] = m_homeOf.emplace(std::pair(home->run, home->homeEpoch), node.id * 1000 + node.incarnation);
        if (known->second != node.id * 1000 + node.incarnation) fail("epoch " + std::to_string(home->homeEpoch) + " of a run was given to two nodes");
        if (const auto held = node.runs.find(home->run); held != node.runs.end() && held->second.epoch >= home->homeEpoch) return; // as a real node: said twice
        Held held;
        held.epoch = home->homeEpoch;
        held.wanted = 1 + m_random.below(5);
        node.runs[home->run] = held;
    } else if (const auto* stop = std::get_if<net::StopHomeRun>(&message)) {
        if (const auto found = node.runs.find(stop->run); found != node.runs.end()) found->second.stop = true;
    } else if (const auto* forget = std::get_if<net::ForgetRun>(&message)) {
        node.runs.erase(forget->run);
    } else if (const auto* ack = std::get_if<net::AckBlocks>(&message)) {
        const auto found = node.runs.find(ack->run);
        if (found == node.runs.end()) return;
        auto& waiting = found->second.unacknowledged;
        while (!waiting.empty() && waiting.front().number <= ack->upTo) waiting.pop_front();
    } else if (const auto* ask = std::get_if<net::AskPreview>(&message)) {
        node.asked.push_back(ask->request);
    } else if (const auto* read = std::get_if<net::AskBytes>(&message)) {
        node.asked.push_back(read->request);
    } else if (const auto* plug = std::get_if<net::AskKillWorker>(&message)) {
        node.asked.push_back(plug->request);
    } else if (std::holds_alternative<net::StartAnew>(message)) {
        ++node.incarnation;
        node.runs.clear();
        node.asked.clear();
        node.drains = false;
        say(node, helloFrom(node), false);
    } else if (std::holds_alternative<net::DrainNode>(message)) {
        node.drains = true;
    } else if (std::holds_alternative<net::StopNode>(message)) {
        if (m_kind || m_random.chance(0.7)) node.lives = false; // told in a later step; else it hangs
    }
}

void WalkWorld::say(Node& node, net::FromNode message, bool remember)
{
    if (remember) {
        node.past.push_back(message);
        if (node.past.size() > 30) node.past.pop_front();
    }
    const LinkId link = node.link;
    if (link == 0) return;
    const bool twice = !m_kind && m_random.chance(0.1);
    if (twice) apply(FromLink{link, message});
    apply(FromLink{link, std::move(message)});
}

void WalkWorld::connect(Node& node)
{
    if (!node.lives || node.link != 0) return;
    node.link = ++m_lastLink;
    apply(LinkMade{node.link});
    if (!m_kind && m_random.chance(0.1)) return breakLink(node);
    say(node, helloFrom(node), false);
}

net::RegisterNode WalkWorld::helloFrom(const Node& node)
{
    auto hello = helloOf(node.id, node.incarnation);
    hello.pid = node.pid;
    hello.address = "a socket"; // what it has could go to others
    hello.draining = node.drains;
    return hello;
}

// What others took over is theirs, as a real node hears from them.
void WalkWorld::sayHowFar(Node& node)
{
    std::erase_if(node.runs, [this](const auto& held) { return std::any_of(m_homeOf.begin(), m_homeOf.end(), [&](const auto& home) { return home.first.first == held.first && home.first.second > held.second.epoch; }); });
    net::DrainState state;
    state.done = true;
    for (const auto& [id, held] : node.runs) {
        if (held.ended) continue;
        state.done = false;
        if (m_random.chance(0.5)) state.resting.emplace_back(id, held.epoch);
    }
    ++drainStates;
    say(node, state);
}

void WalkWorld::breakLink(Node& node)
{
    if (node.link == 0) return;
    const LinkId link = std::exchange(node.link, 0);
    apply(LinkGone{link});
}

void WalkWorld::die(Node& node, bool told)
{
    node.lives = false;
    node.drains = false;
    node.runs.clear();
    node.asked.clear();
    node.past.clear();
    ++nodeDeaths;
    breakLink(node);
    if (told) apply(NodeExited{node.pid, "its process was killed by signal 9"});
}

void WalkWorld::work(Node& node)
{
    if (!node.asked.empty()) {
        const auto request = node.asked.front();
        node.asked.pop_front();
        const auto kind = m_random.below(4);
        net::Answer answer{request, base::fail(base::Errc::NotFound, "not there")};
        if (kind == 0) answer.value = types::Preview{};
        if (kind == 1) answer.value = types::Chunk{};
        if (kind == 2) answer.value = types::Reply{};
        say(node, answer);
    }
    if (node.drains && m_random.chance(0.5)) return sayHowFar(node);
    for (auto& [id, held] : node.runs) {
        if (held.ended || (!m_kind && m_random.chance(0.6))) continue;
        if (held.blocks < held.wanted && !held.stop) {
            net::TraceBlock block{id, held.blocks + 1, blockOf(id, held.epoch, held.blocks + 1, static_cast<std::uint32_t>(held.blocks * 3), 3, 0, m_now)};
            ++held.blocks;
            m_rows[{id, held.epoch}] += 3;
            held.unacknowledged.push_back(block);
            return say(node, block); // may change the runs of this node
        }
        held.ended = true;
        held.outcome = held.stop ? RunState::Stopped : m_random.chance(0.2) ? RunState::Failed : RunState::Succeeded;
        return say(node, net::RunEnded{id, held.epoch, held.outcome, {}, 0});
    }
}

void WalkWorld::answerJournal(bool all)
{
    while (!m_journal.empty()) {
        const RecordRun record = m_journal.front();
        m_journal.pop_front();
        const bool lost = !m_kind && m_random.chance(0.05);
        if (!lost) {
            auto& runs = m_durable.runs;
            const auto known = std::find_if(runs.begin(), runs.end(), [&](const StoredRun& run) { return run.row.id == record.run.row.id; });
            if (known == runs.end()) runs.push_back(record.run);
            else *known = record.run;
        }
        if (record.tell) apply(RunRecorded{record.run.row.id, lost ? "the disk is full" : ""});
        if (!all) return;
    }
}

void WalkWorld::restartHead()
{
    if (m_table) ++headDeaths;
    for (auto& node : m_nodes) node.link = 0;
    // What was issued and not answered may be durable or not.
    m_journal.clear();
    m_recorder.clear();
    m_launches.clear();
    m_events.clear();
    m_open.clear(); // who waited sees the link break
    ++m_durable.headEpoch;
    Stored stored = m_durable;
    std::sort(stored.runs.begin(), stored.runs.end(), [](const StoredRun& a, const StoredRun& b) { return a.row.number < b.row.number; });
    Effects effects;
    m_table = std::make_unique<HeadTable>(std::move(stored), TableOptions{"here", {}}, Now{m_now, m_now}, effects);
    const auto audit = m_table->audit();
    if (!audit.empty()) fail("after the restart: " + audit);
    for (const auto& effect : effects) carry(effect);
    apply(PluginsScanned{testCatalog(), {}});
}

void WalkWorld::person()
{
    const auto& runs = m_table->runs().all();
    const auto anyRun = [&]() -> base::RunId {
        if (runs.empty()) return {{1, 1}};
        auto run = runs.begin();
        std::advance(run, m_random.below(runs.size()));
        return run->second.row.id;
    };
    switch (m_random.below(9)) {
    case 0:
    case 1:
    case 2: {
        types::StartRun wish;
        wish.document = m_random.chance(0.9) ? oneVertex("doc " + std::to_string(m_random.below(6))) : oneVertex("bad", "no.function");
        wish.probe = m_random.chance(0.2);
        return apply(Wanted{ticket(), wish});
    }
    case 3: return apply(Wanted{ticket(), types::StopRun{anyRun()}});
    case 4: return apply(PreviewWanted{ticket(), {{anyRun()}}});
    case 5: return apply(BytesWanted{ticket(), {anyRun()}, {}});
    case 6: return apply(Wanted{ticket(), types::KillWorker{static_cast<std::uint16_t>(m_random.below(2048))}});
    case 7:
        if (m_random.chance(0.3)) return apply(Wanted{ticket(), types::RemoveNode{{{1 + m_random.below(3), 1}}, m_random.chance(0.5)}});
        return;
    default:
        if (m_random.chance(0.3)) apply(Wanted{ticket(), types::AddNode{}});
    }
}

void WalkWorld::step()
{
    auto& node = m_nodes[m_random.below(m_nodes.size())];
    switch (m_random.below(16)) {
    case 0:
    case 1:
    case 2: return person();
    case 3:
        if (!node.lives && node.link == 0) {
            node.lives = true;
            node.pid = ++m_lastPid;
            ++node.incarnation;
            node.runs.clear();
            node.drains = false;
        }
        return connect(node);
    case 4: return connect(node);
    case 5:
        if (m_random.chance(0.3)) breakLink(node);
        return;
    case 6:
        if (node.lives && m_random.chance(0.15)) die(node, m_random.chance(0.7));
        else if (!node.lives && node.pid != 0) { // what was killed is noticed now
            breakLink(node);
            apply(NodeExited{node.pid, "its process ended"});
        }
        return;
    case 7: {
        net::Heartbeat beat;
        beat.row.id = helloOf(node.id).node;
        types::WorkerRow worker;
        worker.track = static_cast<std::uint16_t>(m_random.below(3000));
        worker.alive = m_random.chance(0.8);
        beat.workers = {worker};
        if (node.lives) say(node, beat);
        return;
    }
    case 8:
        if (node.lives && !node.past.empty()) { // an old message, again
            const auto late = node.past[m_random.below(node.past.size())];
            say(node, late, false);
        }
        return;
    case 9:
        m_now += static_cast<base::TimeNs>(m_random.below(3 * kSecond));
        return apply(Tick{});
    case 10: return answerJournal(m_random.chance(0.5));
    case 11:
        if (!m_recorder.empty()) {
            const auto written = m_recorder.front();
            m_recorder.pop_front();
            apply(BlocksRecorded{written.run, written.homeEpoch, written.number, m_random.chance(0.05) ? "no space is left" : ""});
        }
        return;
    case 12:
        if (!m_launches.empty()) {
            const auto [launch, fails] = m_launches.front();
            m_launches.pop_front();
            apply(NodeStarted{launch, fails ? 0 : node.pid, fails ? "no such file" : ""});
        }
        return;
    case 13:
        if (m_random.chance(0.03)) restartHead();
        return;
    default:
        if (node.lives) work(node);
    }
}

// From here on nothing goes wrong any more: whatever was accepted has to end.
void WalkWorld::heal()
{
    m_kind = true;
    for (int round = 0; round < 400 && m_broken.empty(); ++round) {
        answerJournal(true);
        while (!m_recorder.empty()) {
            const auto written = m_recorder.front();
            m_recorder.pop_front();
            apply(BlocksRecorded{written.run, written.homeEpoch, written.number, {}});
        }
        while (!m_launches.empty()) {
            const auto launch = m_launches.front().first;
            m_launches.pop_front();
            apply(NodeStarted{launch, 0, "no more nodes"});
        }
        for (auto& node : m_nodes) {
            if (!node.lives) {
                breakLink(node);
                if (node.pid != 0) apply(NodeExited{node.pid, "its process ended"});
                node.lives = true;
                node.pid = ++m_lastPid;
                ++node.incarnation;
                node.runs.clear();
                node.asked.clear();
                node.drains = false;
            }
            connect(node);
            net::Heartbeat beat;
            beat.row.id = helloOf(node.id).node;
            say(node, beat);
            work(node);
        }
        m_now += kSecond / 2;
        apply(Tick{});
    }
    if (m_table->runs().active() > 0) fail("a run never ended");
    if (!m_open.empty()) fail("ticket " + std::to_string(*m_open.begin()) + " was never answered");
    if (m_table->openTickets() != 0) fail("the table still holds tickets");
}

std::string WalkWorld::run(int steps)
{
    for (int i = 0; i < steps && m_broken.empty(); ++i) step();
    heal();
    for (const auto& [number, run] : m_table->runs().all()) {
        if (run.row.state != RunState::Succeeded || run.homeEpoch == 0 || !run.store) continue;
        ++finished;
        const auto told = m_rows[{run.row.id, run.homeEpoch}];
        if (run.row.tasks != told) fail(run.name() + " has " + std::to_string(run.row.tasks) + " rows and its home told " + std::to_string(told));
        if (const auto audit = run.store->audit(); !audit.empty()) fail(run.name() + ": " + audit);
    }
    return m_broken;
}

} // namespace orrery::headtest
