// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Nodes that are to leave, in the head's table.
#include "tests/engine/head/table_world.h"

using namespace orrery;
using namespace orrery::headtest;
using types::NodeState;
using types::RunState;

#define SOUND(world) QVERIFY2((world).broken.empty(), (world).broken.c_str())

namespace {

// Nodes that others can reach; the first two are there, with one run at home on the first.
struct DrainWorld : TableWorld {
    using TableWorld::TableWorld;
    LinkId come(std::uint64_t id, std::uint64_t incarnation = 1, bool draining = false)
    {
        auto hello = helloOf(id, incarnation);
        hello.address = "/run/node-" + std::to_string(id);
        hello.draining = draining;
        const LinkId link = ++lastLink;
        apply(LinkMade{link});
        apply(FromLink{link, hello});
        return link;
    }
    void two()
    {
        plugins();
        come(1);
        start();
        come(2);
    }
    Ticket drain(std::uint64_t id) { return want(types::RemoveNode{helloOf(id).node, false}); }
    void says(LinkId link, net::DrainState state) { apply(FromLink{link, std::move(state)}); }
    net::DrainState rests() { return {0, 0, 0, 0, {{run(1).row.id, run(1).homeEpoch}}, false}; }
    static net::DrainState done(std::uint32_t moved = 0, std::uint32_t left = 0) { return {0, 0, moved, left, {}, true}; }
    const types::NodeRow& row(std::uint16_t node) { return table().members().find(node)->row; }
    void beats(std::initializer_list<LinkId> links, int seconds)
    {
        for (int i = 0; i < seconds; ++i) {
            now += kSecond;
            for (const LinkId link : links) beat(link);
            apply(Tick{});
        }
    }
};

// Of the newest UsePeers to this link: alive, draining.
std::pair<bool, bool> toldOf(const DrainWorld& world, LinkId link, std::uint16_t node)
{
    const auto told = world.sent<net::UsePeers>(link);
    if (told.empty()) return {};
    for (const auto& peer : told.back()->peers)
        if (peer.number == node) return {peer.alive, peer.draining};
    return {};
}

} // namespace

class tst_head_drain : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aGuestIsStoppedWhenNothingIsLeftThereAndNotBefore()
    {
        DrainWorld world;
        world.two();
        const auto ticket = world.drain(2);
        QCOMPARE(world.sent<net::DrainNode>(2).size(), std::size_t{1});
        QVERIFY(world.sent<net::StopNode>(2).empty());
        QCOMPARE(toldOf(world, 1, 1), std::pair(true, true));
        QVERIFY(world.row(1).state == NodeState::Draining);
        world.says(2, {3, 14, 2, 0, {}, false});
        QVERIFY(world.row(1).state == NodeState::Draining);
        QCOMPARE(world.row(1).why, std::string("14 values to move, 3 tasks run"));
        QVERIFY(world.sent<net::StopNode>(2).empty());
        world.says(2, DrainWorld::done(16));
        QVERIFY(!world.sent<net::StopNode>(2).at(0)->now);
        world.apply(NodeExited{102, "its process ended with status 0"});
        QVERIFY(world.reply(ticket) && world.reply(ticket)->ok());
        QCOMPARE((**world.reply(ticket)).text, std::string("node B (local-2) is gone; 16 values moved"));
        QVERIFY(world.row(1).state == NodeState::Dead && world.row(1).why.empty());
        QCOMPARE(world.run(1).home, std::uint16_t{0});
        SOUND(world);
    }
    void aRunMovesWhenItRestsWithTheNextEpochAndNoStrike()
    {
        DrainWorld world;
        world.two();
        world.block(1, 1, 1);
        const auto epoch = world.run(1).homeEpoch;
        world.drain(1);
        QVERIFY(world.sent<net::HomeRun>(2).empty());
        world.says(1, DrainWorld::done()); // it can not be
        QVERIFY(world.sent<net::StopNode>(1).empty());
        world.says(1, world.rests());
        const auto* moved = world.sent<net::HomeRun>(2).at(0);
        QVERIFY(moved->again && moved->moved && moved->homeEpoch > epoch);
        QVERIFY(world.sent<net::ForgetRun>(1).empty());
        QCOMPARE(world.run(1).homeDeaths, 0u);
        world.says(1, {0, 0, 0, 0, {{world.run(1).row.id, epoch}}, false}); // said late: of an epoch that is past
        QVERIFY(world.sent<net::HomeRun>(2).empty());
        world.says(1, DrainWorld::done(3));
        QCOMPARE(world.sent<net::StopNode>(1).size(), std::size_t{1});
        world.apply(NodeExited{101, "its process ended with status 0"});
        QVERIFY(world.run(1).row.state == RunState::Running);
        QCOMPARE(world.run(1).home, std::uint16_t{1});
        SOUND(world);
    }
    void aNodeThatDrainsGetsNoRun()
    {
        DrainWorld world;
        world.two();
        world.drain(2);
        world.start(oneVertex("second"));
        QCOMPARE(world.run(2).home, std::uint16_t{0});
        world.apply(LinkGone{2});
        world.come(2);
        QCOMPARE(world.sent<net::DrainNode>(3).size(), std::size_t{1});
        QCOMPARE(toldOf(world, 1, 1), std::pair(true, true));
        world.start(oneVertex("third"));
        QCOMPARE(world.run(3).home, std::uint16_t{0});
        SOUND(world);
    }
    void whatTakesTooLongIsCutShort()
    {
        DrainWorld world;
        world.two();
        world.drain(1);
        world.beats({1, 2}, static_cast<int>(kDrainHomesNs / kSecond));
        QCOMPARE(world.run(1).home, std::uint16_t{1}); // though something runs still
        QVERIFY(world.sent<net::StopNode>(1).empty());
        world.beats({1, 2}, static_cast<int>((kDrainNs - kDrainHomesNs) / kSecond));
        QCOMPARE(world.sent<net::StopNode>(1).size(), std::size_t{1});
        world.beats({1, 2}, static_cast<int>(kNodeStopNs / kSecond));
        QCOMPARE(world.all<KillNode>().at(0)->pid, 101);
        SOUND(world);
    }
    void withNobodyToTakeAnythingANodeIsStoppedAtOnce()
    {
        DrainWorld world;
        world.two();
        world.drain(2);
        QVERIFY(world.sent<net::StopNode>(2).empty());
        world.drain(1); // nobody stays
        QCOMPARE(world.sent<net::StopNode>(1).size(), std::size_t{1});
        QCOMPARE(world.sent<net::StopNode>(2).size(), std::size_t{1});
        SOUND(world);
    }
    void theDeathOfWhoWasToTakeItEndsTheWait()
    {
        DrainWorld world;
        world.two();
        world.drain(2);
        world.apply(NodeExited{101, "its process was killed by signal 9"});
        QCOMPARE(world.sent<net::StopNode>(2).size(), std::size_t{1});
        SOUND(world);
    }
    void aSecondDrainWaitsForTheFirstAndAKillDoesNot()
    {
        DrainWorld world;
        world.two();
        const auto first = world.drain(2), second = world.drain(2);
        QVERIFY(world.sent<net::StopNode>(2).empty() && world.sent<net::DrainNode>(2).empty());
        world.beats({1, 2}, 8); // longer than who is told to stop may take
        QVERIFY(world.all<KillNode>().empty());
        const auto third = world.want(types::RemoveNode{helloOf(2).node, true});
        QCOMPARE(world.all<KillNode>().at(0)->pid, 102);
        world.apply(NodeExited{102, "its process was killed by signal 9"});
        for (const auto ticket : {first, second, third}) QVERIFY(world.reply(ticket) && world.reply(ticket)->ok());
        QCOMPARE(world.table().openTickets(), std::size_t{0});
        SOUND(world);
    }
    void aNodeThatFellSilentWhileItDrainedIsToldToStopWhenItIsBack()
    {
        DrainWorld world;
        world.two();
        const auto ticket = world.drain(2);
        for (int i = 0; i < 7; ++i) {
            world.now += kSecond;
            world.beat(1);
            world.apply(Tick{});
            if (world.reply(ticket)) break;
        }
        QVERIFY(world.reply(ticket) && world.reply(ticket)->ok());
        QVERIFY(world.row(1).state == NodeState::Dead);
        const auto back = world.come(2);
        QCOMPARE(world.sent<net::StopNode>(back).size(), std::size_t{1});
        SOUND(world);
    }
    void theNextHeadGoesOnWithADrain()
    {
        DrainWorld world;
        world.plugins();
        world.come(1);
        const auto link = world.come(2, 1, true);
        QCOMPARE(world.sent<net::DrainNode>(link).size(), std::size_t{1});
        QVERIFY(world.row(1).state == NodeState::Draining);
        world.start();
        QCOMPARE(world.run(1).home, std::uint16_t{0});
        world.says(link, DrainWorld::done());
        QCOMPARE(world.sent<net::StopNode>(link).size(), std::size_t{1});
        world.beats({1, link}, static_cast<int>(kNodeStopNs / kSecond));
        QCOMPARE(world.all<KillNode>().at(0)->pid, 102);
        SOUND(world);
    }
    void whatOthersHaveOfAnEndedRunGoesWithItsHome()
    {
        DrainWorld world;
        world.two();
        world.ended(1, 1);
        world.drain(1);
        world.says(1, DrainWorld::done());
        world.apply(NodeExited{101, "its process ended with status 0"});
        QCOMPARE(world.sent<net::ForgetRun>(2).size(), std::size_t{1}); // no other home will ask for it
        QVERIFY(!world.run(1).objectsKept);
        SOUND(world);
    }
    void aShutdownDoesNotWaitForADrain()
    {
        DrainWorld world;
        world.two();
        world.drain(2);
        world.want(types::Shutdown{});
        QVERIFY(world.sent<net::StopNode>(2).at(0)->now);
        world.apply(NodeExited{101, "its process ended with status 0"});
        world.apply(NodeExited{102, "its process ended with status 0"});
        QCOMPARE(world.all<EndHead>().size(), std::size_t{1});
        SOUND(world);
    }
};

QTEST_GUILESS_MAIN(tst_head_drain)
#include "tst_head_drain.moc"
