// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/member_table.h"

#include <QtTest/QTest>

#include <set>

using namespace orrery;
using head::MemberTable;
using How = MemberTable::Joined::How;
using base::kSecond;

namespace {

net::RegisterNode hello(std::uint64_t id, std::uint64_t incarnation = 1, const std::string& name = "local")
{
    net::RegisterNode message;
    message.node = {{id, id}};
    message.incarnation = incarnation;
    message.name = name;
    message.host = "here";
    message.pid = static_cast<std::int64_t>(100 + id);
    message.total = types::Resources::cpus(4);
    return message;
}

net::Heartbeat beat(std::uint64_t id, std::vector<types::WorkerRow> workers = {})
{
    net::Heartbeat message;
    if (id != 0) message.row.id = {{id, id}};
    message.row.cpuShare = 0.5;
    message.workers = std::move(workers);
    return message;
}

types::WorkerRow worker(std::uint16_t track, bool alive = true)
{
    types::WorkerRow row;
    row.track = track;
    row.alive = alive;
    if (!alive) row.exit = "killed by signal 9";
    return row;
}

} // namespace

class tst_member_table : public QObject {
    Q_OBJECT
    std::uint64_t m_version = 0;

private Q_SLOTS:
    void init() { m_version = 0; }

    void nodesGetNumbersAndDisjointTracksAndNamesOfTheirOwn()
    {
        MemberTable table(m_version);
        QCOMPARE(table.join(1, hello(7), 0).number, std::uint16_t{0});
        QCOMPARE(table.join(2, hello(8), 0).number, std::uint16_t{1});
        const auto& a = *table.find(0);
        const auto& b = *table.find(1);
        QVERIFY(a.firstTrack + a.tracks <= b.firstTrack);
        QCOMPARE(a.row.name, std::string("local"));
        QCOMPARE(b.row.name, std::string("local-2"));
        QCOMPARE(head::nodeText(b.row), std::string("node B (local-2)"));
        QCOMPARE(table.audit(), std::string());
    }
    void aNodeThatConnectsAgainKeepsItsNumberAndItsOldLinkIsClosed()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        const auto first = table.find(0)->firstTrack;
        const auto again = table.join(2, hello(7), kSecond);
        QVERIFY(again.how == How::Again);
        QCOMPARE(again.oldLink, 1u);
        QVERIFY(table.byLink(1) == nullptr);
        QCOMPARE(table.byLink(2)->firstTrack, first);
        QCOMPARE(table.audit(), std::string());
    }
    void aHelloSaidTwiceOnOneLinkChangesNothing()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        const auto again = table.join(1, hello(7), 1);
        QVERIFY(again.how == How::Again);
        QCOMPARE(again.oldLink, 0u);
        QVERIFY(table.byLink(1) != nullptr);
    }
    void aLowerIncarnationIsRefusedAndAHigherOneIsAnotherLife()
    {
        MemberTable table(m_version);
        table.join(1, hello(7, 5), 0);
        const auto firstTrack = table.find(0)->firstTrack;
        table.heartbeat(1, beat(7, {worker(firstTrack)}), 1);
        QVERIFY(table.join(2, hello(7, 4), 1).how == How::Refused);
        QVERIFY(table.byLink(1) != nullptr);
        QVERIFY(table.join(3, hello(7, 6), 2).how == How::NewLife);
        QVERIFY(table.find(0)->firstTrack != firstTrack);
        QVERIFY(!table.worker(firstTrack)->row.alive);
        QCOMPARE(table.audit(), std::string());
    }
    void aNodeIsOverdueAtSixSecondsAndNotBefore()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        table.heartbeat(1, beat(7), kSecond);
        QCOMPARE(table.nextDeadlineNs(), 7 * kSecond);
        QVERIFY(table.overdue(7 * kSecond - 1).empty());
        QCOMPARE(table.overdue(7 * kSecond), std::vector<std::uint16_t>{0});
        table.markDead(*table.find(0), "nothing was heard of it", 7 * kSecond);
        QVERIFY(table.overdue(100 * kSecond).empty());
        QCOMPARE(table.nextDeadlineNs(), -1);
    }
    void heartbeatsOfAReplacedLinkAreIgnored()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        table.join(2, hello(7), 0);
        QVERIFY(!table.heartbeat(1, beat(7), 5 * kSecond));
        QCOMPARE(table.find(0)->heardNs, 0);
        QVERIFY(table.heartbeat(2, beat(7), 5 * kSecond));
        QCOMPARE(table.find(0)->heardNs, 5 * kSecond);
    }
    void workersAreToldOnceAndADeadOneStaysDead()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        table.heartbeat(1, beat(0, {worker(3)}), 1);
        const auto version = table.worker(3)->version;
        table.heartbeat(1, beat(0, {worker(3)}), 2);
        QCOMPARE(table.worker(3)->version, version);
        table.heartbeat(1, beat(0, {worker(3, false)}), 3);
        QVERIFY(table.worker(3)->version > version);
        table.heartbeat(1, beat(0, {worker(3)}), 4); // an older message that comes late
        QVERIFY(!table.worker(3)->row.alive);
    }
    void aNodeThatWasThoughtDeadComesBackWithItsWorkers()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        table.heartbeat(1, beat(0, {worker(3), worker(4, false)}), 1);
        table.markDead(*table.find(0), "nothing was heard of it", 8 * kSecond);
        QVERIFY(!table.worker(3)->row.alive);
        const auto back = table.join(2, hello(7), 9 * kSecond);
        QVERIFY(back.how == How::Again && back.wasDead);
        table.heartbeat(2, beat(7, {worker(3), worker(4)}), 9 * kSecond);
        QVERIFY(table.worker(3)->row.alive);
        QVERIFY(!table.worker(4)->row.alive);
        QCOMPARE(table.audit(), std::string());
    }
    void aWorkerNumberOfAnotherNodesBlockIsRefused()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        table.join(2, hello(8), 0);
        const auto foreign = table.find(1)->firstTrack;
        table.heartbeat(1, beat(7, {worker(foreign)}), 1);
        QVERIFY(table.worker(foreign) == nullptr);
        QCOMPARE(table.audit(), std::string());
    }
    void aNodeThatRunsLowOnTracksCanHaveMore()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        auto& member = *table.find(0);
        QVERIFY(!table.tracksLow(member));
        table.heartbeat(1, beat(7, {worker(static_cast<std::uint16_t>(member.firstTrack + member.tracks - 1))}), 1);
        QVERIFY(table.tracksLow(member));
        const auto before = member.firstTrack;
        QVERIFY(table.grantTracks(member));
        QVERIFY(member.firstTrack > before);
        QVERIFY(!table.tracksLow(member));
        QCOMPARE(table.audit(), std::string());
    }
    void numbersOfLivesThatAreOverAreGivenAgainWhenAllAreGiven()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        table.join(2, hello(8), 0); // it stays
        const auto stays = table.find(1)->firstTrack;
        const auto first = table.find(0)->firstTrack;
        table.heartbeat(1, beat(7, {worker(first)}), 1);
        table.heartbeat(2, beat(8, {worker(stays)}), 1);
        std::set<std::uint16_t> given{first};
        bool again = false;
        for (std::uint64_t life = 2; life < 2000; ++life) {
            table.markDead(*table.find(0), "it was killed", static_cast<base::TimeNs>(life));
            QVERIFY(table.join(100 + life, hello(7, life), static_cast<base::TimeNs>(life)).how == How::NewLife);
            const auto block = table.find(0)->firstTrack;
            QVERIFY(block != stays);
            if (!given.insert(block).second && !std::exchange(again, true)) QCOMPARE(block, first); // who ended first
            QVERIFY(table.worker(block) == nullptr || !again);
            QVERIFY2(table.audit().empty(), table.audit().c_str());
        }
        QVERIFY(again);
        QVERIFY(table.worker(stays)->row.alive);
    }
    void aWorkerThatOutlivesTheLifeOfItsNodeKeepsItsNumber()
    {
        MemberTable table(m_version);
        table.join(1, hello(7), 0);
        const auto first = table.find(0)->firstTrack;
        table.heartbeat(1, beat(7, {worker(first)}), 1);
        table.markDead(*table.find(0), "it started anew", 2);
        QVERIFY(table.join(2, hello(7, 2), 2).how == How::NewLife);
        table.heartbeat(2, beat(7, {worker(first)}), 3); // it was idle and goes on
        QVERIFY(table.worker(first)->row.alive);
        std::uint64_t id = 100;
        while (table.join(id, hello(id), 4).how == How::New) {
            QVERIFY(table.find(hello(id).node)->firstTrack != first);
            table.markDead(*table.find(hello(id).node), "it was killed", 4);
            if (++id > 1000) break;
        }
        QVERIFY(id > 1000); // those that are over are given again
        QVERIFY(table.worker(first)->row.alive);
        QVERIFY2(table.audit().empty(), table.audit().c_str());
    }
    void nobodyIsTakenInWhenTheTracksAreUsedUp()
    {
        MemberTable table(m_version);
        std::uint64_t id = 1;
        while (table.join(id, hello(id), 0).how == How::New) ++id;
        QVERIFY(id > 200);
        const auto refused = table.join(id, hello(id), 0);
        QVERIFY(refused.how == How::Refused);
        QVERIFY(!refused.why.empty());
        QVERIFY(table.byLink(id) == nullptr);
        QCOMPARE(table.audit(), std::string());
    }
    void aHeadThatStartsAnewWaitsForTheNodesItFinds()
    {
        head::StoredNode stored;
        stored.id = {{7, 7}};
        stored.incarnation = 3;
        stored.number = 2;
        stored.firstTrack = 2048;
        stored.tracks = 1024;
        MemberTable table(m_version);
        table.restore({stored}, 100 * kSecond);
        QVERIFY(table.find(2)->row.state == types::NodeState::Joining);
        QCOMPARE(table.overdue(106 * kSecond), std::vector<std::uint16_t>{2});
        const auto back = table.join(1, hello(7, 3), 101 * kSecond);
        QVERIFY(back.how == How::Again && back.number == 2);
        QCOMPARE(table.find(2)->firstTrack, std::uint16_t{2048});
        const auto other = table.join(2, hello(8), 101 * kSecond);
        QCOMPARE(other.number, std::uint16_t{3});
        QVERIFY(table.find(3)->firstTrack >= 3072);
        // Its workers in earlier blocks are taken in, and nobody gets their numbers.
        table.heartbeat(1, beat(7, {worker(17), worker(3400)}), 102 * kSecond);
        QVERIFY(table.worker(17) && table.worker(17)->row.alive && table.worker(3400));
        table.heartbeat(2, beat(8, {worker(18)}), 102 * kSecond); // the earlier head did not know this one
        QVERIFY(table.worker(18) == nullptr);
        for (std::uint64_t id = 9; id < 14; ++id) QVERIFY(table.join(id, hello(id), 103 * kSecond).how == How::New);
        QCOMPARE(table.audit(), std::string());
    }
};

QTEST_GUILESS_MAIN(tst_member_table)
#include "tst_member_table.moc"
