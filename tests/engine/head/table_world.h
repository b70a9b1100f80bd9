// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TableWorld: a HeadTable with everything around it played by the test: the control store and the recorder answer at once (or
// when told to), nodes are numbers, time is a member. Every apply() is followed by an audit; a broken invariant is kept in
// `broken` with the story of the head.

#include "engine/head/head_table.h"
#include "engine/trace/block.h"
#include "tests/engine/head/test_catalog.h"

#include <QtTest/QTest>

#include <algorithm>

namespace orrery::headtest {

using namespace orrery::head;
using base::kSecond;

inline net::RegisterNode helloOf(std::uint64_t id, std::uint64_t incarnation = 1)
{
    net::RegisterNode message;
    message.node = {{id, 1}};
    message.incarnation = incarnation;
    message.name = "local";
    message.host = "here";
    message.pid = static_cast<std::int64_t>(100 + id);
    message.total = types::Resources::cpus(4);
    return message;
}

// A sealed block of a run: `rows` new rows from firstRow on, each with one attempt that finished.
inline types::BlockBytes blockOf(base::RunId run, std::uint64_t homeEpoch, std::uint64_t number, std::uint32_t firstRow = 0, std::uint32_t rows = 1,
                                 std::uint16_t vertex = 0, base::TimeNs atNs = kSecond)
{
    trace::BlockWriter writer(run, 0, homeEpoch);
    if (rows > 0) writer.add(types::RowRange{firstRow, rows, firstRow, vertex, types::TaskState::PendingArgs, atNs});
    for (std::uint32_t row = firstRow; row < firstRow + rows; ++row) {
        types::Attempt attempt;
        attempt.row = row;
        attempt.mapIndex = row;
        attempt.vertex = vertex;
        attempt.worker = 0;
        attempt.submitNs = atNs + 1;
        attempt.startNs = atNs + 2;
        attempt.endNs = atNs + 1000;
        writer.add(attempt);
    }
    return writer.seal(number);
}

// Epoch of the n-th home that the first head gives to a run.
constexpr std::uint64_t nthHome(std::uint32_t n) { return homeEpochOf(1, n); }

class TableWorld {
public:
    explicit TableWorld(Stored stored = {base::ClusterId{{1, 2}}, 1, {}, {}}, TableOptions options = {"here", {}})
    {
        m_table = std::make_unique<HeadTable>(std::move(stored), std::move(options), Now{now, now}, effects);
        check();
        react(effects);
    }
    HeadTable& table() { return *m_table; }

    // Applies the event; what came out, the reactions of the played ports included, is in `effects`.
    TableWorld& apply(Event event)
    {
        effects.clear();
        step(std::move(event));
        return *this;
    }
    void plugins() { apply(PluginsScanned{testCatalog(), {}}); }
    LinkId join(std::uint64_t id, std::uint64_t incarnation = 1)
    {
        const LinkId link = ++lastLink;
        apply(LinkMade{link});
        apply(FromLink{link, helloOf(id, incarnation)});
        return link;
    }
    Ticket start(const std::string& document = oneVertex("doc"), bool probe = false)
    {
        const Ticket ticket = ++lastTicket;
        types::StartRun wish;
        wish.document = document;
        wish.probe = probe;
        apply(Wanted{ticket, wish});
        return ticket;
    }
    Ticket want(types::Intent intent)
    {
        const Ticket ticket = ++lastTicket;
        apply(Wanted{ticket, std::move(intent)});
        return ticket;
    }
    // Plugins, one node on link 1, one run on it.
    const Run& oneRun()
    {
        plugins();
        join(1);
        start();
        return run(1);
    }
    const Run& run(std::uint32_t number) { return m_table->runs().all().at(number); }
    void block(LinkId link, std::uint32_t runNumber, std::uint64_t number, std::uint64_t epoch = 0)
    {
        const Run& of = run(runNumber);
        const auto homeEpoch = epoch == 0 ? of.homeEpoch : epoch;
        apply(FromLink{link, net::TraceBlock{of.row.id, number, blockOf(of.row.id, homeEpoch, number, static_cast<std::uint32_t>(number - 1))}});
    }
    void ended(LinkId link, std::uint32_t runNumber, types::RunState state = types::RunState::Succeeded, std::uint64_t epoch = 0)
    {
        const Run& of = run(runNumber);
        net::RunEnded message;
        message.run = of.row.id;
        message.homeEpoch = epoch == 0 ? of.homeEpoch : epoch;
        message.state = state;
        apply(FromLink{link, message});
    }
    void beat(LinkId link)
    {
        net::Heartbeat message;
        if (const auto* member = const_cast<MemberTable&>(m_table->members()).byLink(link)) message.row.id = member->row.id;
        apply(FromLink{link, message});
    }
    void pass(base::TimeNs timeNs)
    {
        now += timeNs;
        apply(Tick{});
    }

    // ---- what came out ----
    template <typename E>
    std::vector<const E*> all() const
    {
        std::vector<const E*> found;
        for (const auto& effect : effects)
            if (const auto* one = std::get_if<E>(&effect)) found.push_back(one);
        return found;
    }
    template <typename M>
    std::vector<const M*> sent(LinkId link) const
    {
        std::vector<const M*> found;
        for (const auto* one : all<Send>())
            if (const auto* message = one->link == link ? std::get_if<M>(&one->message) : nullptr) found.push_back(message);
        return found;
    }
    const base::Result<types::Reply>* reply(Ticket ticket) const
    {
        for (const auto* one : all<AnswerIntent>())
            if (one->ticket == ticket) return &one->reply;
        return nullptr;
    }

    base::TimeNs now = 10 * kSecond;
    Effects effects;
    std::string broken;
    bool journalAnswers = true; // false: RunRecorded is left to the test
    bool recorderAnswers = true;
    std::string journalProblem;
    LinkId lastLink = 0;
    Ticket lastTicket = 0;

private:
    void step(Event event)
    {
        Effects out;
        m_table->apply(std::move(event), Now{now, now + kSecond * 1'000'000}, out);
        check();
        effects.insert(effects.end(), out.begin(), out.end());
        react(out);
    }
    void react(const Effects& out)
    {
        const Effects mine = out;
        for (const auto& effect : mine) {
            if (const auto* record = std::get_if<RecordRun>(&effect); record && record->tell && journalAnswers)
                step(RunRecorded{record->run.row.id, journalProblem});
            if (const auto* append = std::get_if<AppendRecord>(&effect); append && recorderAnswers)
                step(BlocksRecorded{append->run, append->homeEpoch, append->number, {}});
        }
    }
    void check()
    {
        const auto problem = m_table->audit();
        if (broken.empty() && !problem.empty()) broken = problem + "\n" + m_table->story().text({}, 40);
    }
    std::unique_ptr<HeadTable> m_table;
};

} // namespace orrery::headtest
