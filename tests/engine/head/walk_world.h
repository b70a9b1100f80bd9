// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// WalkWorld: a HeadTable among nodes, a control store, a recorder and people that do what a seed says: links break and lose
// what was under way, messages come twice and late, nodes die and come back, the head dies and another one starts from what
// was durable. After every event the table is audited. What it promises to the world outside is checked here:
//   every ticket is answered at most once, and all of them in the end;
//   an epoch of a run is given to one node, ever;
//   a run that Succeeded has exactly the rows that its last home told, each once;
//   when the world is kind again every run ends.

#include "engine/base/random.h"
#include "tests/engine/head/table_world.h"

#include <deque>
#include <map>
#include <set>

namespace orrery::headtest {

class WalkWorld {
public:
    explicit WalkWorld(std::uint64_t seed);
    std::string run(int steps); // "" or the first broken promise, with the story
    std::uint64_t homes() const { return m_homeOf.size(); }
    std::uint64_t headDeaths = 0, nodeDeaths = 0, finished = 0, drainStates = 0;

private:
    struct Held {
        std::uint64_t epoch = 0;
        std::uint64_t blocks = 0;
        std::uint64_t wanted = 1;
        bool stop = false;
        bool ended = false;
        types::RunState outcome = types::RunState::Succeeded;
        std::deque<net::TraceBlock> unacknowledged;
    };
    struct Node {
        std::uint64_t id = 0;
        std::uint64_t incarnation = 1;
        std::int64_t pid = 0;
        bool lives = false;
        bool drains = false;
        LinkId link = 0;
        std::map<base::RunId, Held> runs;
        std::deque<net::FromNode> past; // for messages that come late
        std::deque<std::uint64_t> asked;
    };

    void step();
    void heal();
    void apply(Event event);
    void carry(const Effect& effect);
    void toNode(Node& node, const net::ToNode& message);
    void say(Node& node, net::FromNode message, bool remember = true);
    void connect(Node& node);
    void breakLink(Node& node);
    void die(Node& node, bool told);
    void work(Node& node);
    net::RegisterNode helloFrom(const Node& node);
    void sayHowFar(Node& node);
    void person();
    void restartHead();
    void answerJournal(bool all);
    Node* byLink(LinkId link);
    void fail(const std::string& what);
    Ticket ticket() { return *m_open.insert(++m_lastTicket).first; }

    base::Random m_random;
    base::TimeNs m_now = 10 * kSecond;
    std::unique_ptr<HeadTable> m_table;
    Stored m_durable{base::ClusterId{{3, 4}}, 0, {}, {}};
    std::deque<RecordRun> m_journal;      // not durable yet
    std::deque<AppendRecord> m_recorder;  // not written yet
    std::deque<std::pair<std::uint64_t, bool>> m_launches;
    std::vector<Node> m_nodes;
    LinkId m_lastLink = 0;
    Ticket m_lastTicket = 0;
    std::set<Ticket> m_open;
    std::map<std::pair<base::RunId, std::uint64_t>, std::uint64_t> m_homeOf; // (run, epoch) -> node
    std::map<std::pair<base::RunId, std::uint64_t>, std::uint64_t> m_rows;   // told by that home
    std::int64_t m_lastPid = 1000;
    std::deque<Event> m_events;
    bool m_applying = false;
    bool m_kind = false;
    std::string m_broken;
};

} // namespace orrery::headtest
