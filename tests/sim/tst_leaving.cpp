// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A guest that leaves, as the home of a run sees it: where each of its values goes, and when it is let go of. With faults beside it:
// tst_nodes_sim.
#include "engine/node/run_values.h"
#include "engine/owner/value_moves.h"
#include "tests/support/map_plan.h"
#include "tests/support/silent_sink.h"

#include <QtTest/qtest.h>

using namespace orrery;
using types::TaskState;

namespace {

constexpr std::uint16_t kHome = 1, kLeaves = 2, kStays = 3;

struct Said final : owner::GuestTable::Port {
    void send(std::uint16_t node, net::ToGuest message) override { all.emplace_back(node, std::move(message)); }
    void facts(const std::vector<net::PeerOutput>*) override {}
    void facts(const net::ObjectKey&, const net::ValueFacts&) override {}
    template <typename M>
    std::vector<M> to(std::uint16_t node) const
    {
        std::vector<M> found;
        for (const auto& [whom, message] : all)
            if (const auto* one = std::get_if<M>(&message); one && whom == node) found.push_back(*one);
        return found;
    }
    std::vector<std::pair<std::uint16_t, net::ToGuest>> all;
};

// Room for so many bytes; what is asked for comes at once.
struct Copies final : owner::HomeTasks::Copies {
    void bring(std::vector<net::WantedValue> wanted, std::function<void(base::Result<void>, const net::ObjectKey&)> done) override
    {
        ++asked;
        if (wanted.front().size > room) return done(base::fail(base::Errc::Refused, "the store is full"), wanted.front().key);
        room -= wanted.front().size;
        done({}, {});
    }
    const types::Place* find(const net::ObjectKey&) const override { return &place; }
    void unpin(const std::vector<net::ObjectKey>&) override {}
    void drop(const net::ObjectKey&) override {}
    void arrived() override { ++pumps; }
    int pumps = 0;
    types::Place place{1, 1, 100};
    std::uint64_t room = 10'000;
    int asked = 0;
};

struct World {
    static constexpr std::uint64_t kEpoch = 7;
    static constexpr std::uint32_t kWidth = 4;
    tests::SilentSink sink;
    Said said;
    Copies copies;
    owner::RunTable table{base::RunId{{1, 2}}, 1, tests::mapPlan(), sink, kHome};
    owner::GuestTable guests{table, kEpoch, said};
    owner::ValueMoves moves{table, guests, copies};

    void hear(std::uint16_t node, net::ToHome message)
    {
        guests.on(node, message, 50);
        moves.pump(50);
        guests.pump(50);
    }
    // Both guests are there, the list is made at home, and the one that will leave has all of the map.
    World()
    {
        table.start(1);
        for (const auto node : {kLeaves, kStays}) {
            guests.add(node, nullptr);
            hear(node, net::Inventory{table.run(), kEpoch, {}, true});
        }
        const auto rows = table.take(0, 1, kHome, 2);
        types::ResultRecord result;
        result.row = rows.front();
        result.attempt = 1;
        result.outputs.resize(1);
        result.outputs[0].isInline = true;
        result.outputs[0].items = kWidth;
        result.outputs[0].bytes = base::Bytes(8);
        (void)table.finished(result, 1, kHome, 3);
        hear(kLeaves, net::Credit{table.run(), kEpoch, {kWidth}, {kWidth}});
    }
    void begins(std::uint32_t index) { hear(kLeaves, net::TaskBegan{table.run(), kEpoch, table.rowOf(1, index), 1, 5, 60}); }
    void ends(std::uint32_t index)
    {
        net::TaskDone done{table.run(), kEpoch, table.rowOf(1, index), 1};
        done.outputs.push_back({false, {}, 100, 0, {}});
        hear(kLeaves, done);
    }
    void givesBack(std::uint32_t index) { hear(kLeaves, net::TaskBack{table.run(), kEpoch, table.rowOf(1, index), 1}); }
    std::uint16_t placeOf(std::uint32_t index) { return table.value(table.rowOf(1, index), 0)->node; }
    // What its home said when it let go of who leaves: values moved, and left. Nothing that can be: it did not, or twice.
    std::pair<std::uint32_t, std::uint32_t> closed() const
    {
        const auto told = said.to<net::CloseRun>(kLeaves);
        return told.size() == 1 ? std::pair(told[0].moved, told[0].left) : std::pair(~0u, ~0u);
    }
    // One leaves; home has room for three of its four values, so the other guest is to take one: that order. Of no epoch: there is none.
    net::BringValue threeHaveRoom()
    {
        copies.room = 300;
        for (std::uint32_t i = 0; i < kWidth; ++i) ends(i);
        guests.leave(kLeaves);
        moves.pump(60);
        const auto brought = said.to<net::BringValue>(kStays);
        return brought.size() == 1 ? brought.front() : net::BringValue();
    }
    std::string audit() { return table.audit() + guests.audit(); }
};

// Pulls are answered by the test.
struct Pulls final : node::RunValues::Port {
    void room(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done) override { done(types::Place{1, ++last, bytes}); }
    void pull(std::uint16_t from, const net::ObjectKey&, const types::Place&, std::function<void(base::Result<void>)> done) override { open.emplace_back(from, std::move(done)); }
    void freeObject(const types::Place&) override {}
    void after(base::TimeNs, std::function<void()>) override {}
    void copied(const net::ObjectKey&, bool) override {}
    std::uint64_t last = 0;
    std::vector<std::pair<std::uint16_t, std::function<void(base::Result<void>)>>> open;
};

} // namespace

class TestLeaving : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatBeganEndsThereAndTheRestComesBackUncounted()
    {
        World world;
        QCOMPARE(world.guests.tasksAt(kLeaves), std::size_t{4});
        world.begins(0);
        world.guests.leave(kLeaves);
        world.guests.leave(kLeaves); // said twice
        const auto recalled = world.said.to<net::RecallTasks>(kLeaves);
        QCOMPARE(recalled.size(), std::size_t{1});
        QCOMPARE(recalled.at(0).count, net::kGuestTasksMax);
        for (std::uint32_t i = 1; i < 4; ++i) world.givesBack(i);
        QCOMPARE(world.guests.tasksAt(kLeaves), std::size_t{1}); // it gets none of them again
        QVERIFY(world.said.to<net::CloseRun>(kLeaves).empty());
        world.ends(0);
        QCOMPARE(world.placeOf(0), kHome);
        QCOMPARE(world.closed(), std::pair(1u, 0u));
        QVERIFY(!world.guests.has(kLeaves));
        QCOMPARE(world.table.reexecuted(), 0u);
        QCOMPARE(world.table.attemptOf(world.table.rowOf(1, 1)), std::uint8_t{1});
        QVERIFY2(world.audit().empty(), world.audit().c_str());
    }
    void whatHasNoRoomAtHomeGoesToAGuestThatStays()
    {
        World world;
        world.copies.room = 250;
        for (std::uint32_t i = 0; i < 4; ++i) world.ends(i);
        world.guests.leave(kLeaves);
        world.moves.pump(60);
        QCOMPARE(world.copies.asked, 3); // another one as large is not worth the wait
        const auto brought = world.said.to<net::BringValue>(kStays);
        QCOMPARE(brought.size(), std::size_t{2});
        QCOMPARE(brought.at(0).what.at, std::vector<std::uint16_t>{kLeaves});
        QVERIFY(world.said.to<net::CloseRun>(kLeaves).empty());
        for (const auto& one : brought) world.hear(kStays, net::ValueKept{world.table.run(), World::kEpoch, one.what.key, true});
        for (const auto& one : brought) QCOMPARE(world.placeOf(one.what.key.index), kStays);
        QCOMPARE(world.closed(), std::pair(4u, 0u));
        QVERIFY2(world.audit().empty(), world.audit().c_str());
    }
    void whatFitsNowhereIsLeftAndSaid()
    {
        World world;
        world.copies.room = 0;
        for (std::uint32_t i = 0; i < 4; ++i) world.ends(i);
        world.guests.leave(kLeaves);
        world.moves.pump(60);
        for (const auto& one : world.said.to<net::BringValue>(kStays)) world.hear(kStays, net::ValueKept{world.table.run(), World::kEpoch, one.what.key, false});
        QCOMPARE(world.closed(), std::pair(0u, 4u));
        QVERIFY2(world.audit().empty(), world.audit().c_str());
    }
    void theDeathOfWhoWasToTakeItSendsItElsewhere()
    {
        World world;
        QVERIFY(world.threeHaveRoom().epoch == World::kEpoch);
        world.guests.gone(kStays, "its node is gone", 70);
        world.moves.pump(70);
        QCOMPARE(world.closed(), std::pair(3u, 1u)); // nobody else is there
        QVERIFY2(world.audit().empty(), world.audit().c_str());
    }
    void whoSaysThatItHasItAndDiesAtOnceHasNothing()
    {
        World world;
        const auto brought = world.threeHaveRoom();
        QVERIFY(brought.epoch == World::kEpoch);
        net::ToHome kept = net::ValueKept{world.table.run(), World::kEpoch, brought.what.key, true};
        world.guests.on(kStays, kept, 65);
        world.guests.gone(kStays, "its node is gone", 65); // in the same turn, before anybody looked
        world.moves.pump(70);
        const auto row = world.table.rowOf(1, brought.what.key.index);
        QVERIFY(world.table.value(row, 0) == nullptr); // nowhere any more, least of all where it was said to be
        QCOMPARE(world.closed(), std::pair(3u, 1u));
        QVERIFY2(world.audit().empty(), world.audit().c_str());
    }
    // Found by a seed: the value stayed under way for good, and the run stood still until the node was stopped.
    void whoWasToTakeItMayLeaveItself()
    {
        World world;
        QVERIFY(world.threeHaveRoom().epoch == World::kEpoch);
        world.guests.leave(kStays); // it has nothing, so it goes at once
        const int before = world.copies.pumps;
        world.moves.pump(70);
        QVERIFY(!world.guests.has(kStays));
        QVERIFY(world.copies.pumps > before); // somebody has to look again
        world.moves.pump(70);
        QCOMPARE(world.closed(), std::pair(3u, 1u));
        QVERIFY2(world.audit().empty(), world.audit().c_str());
    }
    void theDeathOfWhoLeavesIsLikeAnyOther()
    {
        World world;
        world.begins(0);
        world.ends(1);
        world.guests.leave(kLeaves);
        world.guests.gone(kLeaves, "its node is gone", 60);
        world.moves.pump(60);
        QCOMPARE(world.guests.leaving().size(), std::size_t{0});
        QVERIFY(world.said.to<net::CloseRun>(kLeaves).empty());
        QVERIFY(world.table.state(world.table.rowOf(1, 0)) == TaskState::PendingAssignment);
        QVERIFY2(world.audit().empty(), world.audit().c_str());
    }
    void aPullOfEarlierSourcesSaysNothingOfTheLaterOnes()
    {
        const auto port = std::make_shared<Pulls>();
        node::RunValues values(port);
        const net::ObjectKey one{1, 0, 0}, other{1, 0, 1};
        int failed = 0, came = 0;
        const auto done = [&](const base::Result<void>& outcome, const net::ObjectKey&) { ++(outcome ? came : failed); };
        values.bring({{one, 100, {2}}, {other, 100, {2}}}, done);
        QCOMPARE(port->open.size(), std::size_t{2});
        port->open[1].second(base::fail(base::Errc::NotFound, "it is not there")); // so the first is not wanted any more
        QCOMPARE(failed, 1);
        values.bring({{one, 100, {3}}}, done); // and is, from elsewhere
        port->open[0].second(base::fail(base::Errc::NotFound, "it is not there"));
        QCOMPARE(failed, 1);
        QCOMPARE(port->open.size(), std::size_t{3});
        QCOMPARE(port->open[2].first, std::uint16_t{3});
        port->open[2].second({});
        QCOMPARE(came, 1);
        QVERIFY(values.find(one) && values.audit().empty());
        port->open.clear(); // they hold the port that holds them
    }
};

QTEST_GUILESS_MAIN(TestLeaving)
#include "tst_leaving.moc"
