// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// How what is ready is shared among nodes: a guest that thinks much of itself takes no more than its part, one that has nothing
// to do is given of what another has not begun.
// Found in a first run on three nodes: the first tasks took microseconds, so one guest asked for hundreds, and got all 254 of the
// next vertex, which took 30 ms each; home and the other guest looked on.
#include "engine/owner/guest_table.h"
#include "tests/support/map_plan.h"
#include "tests/support/silent_sink.h"

#include <QtTest/qtest.h>

using namespace orrery;

namespace {

constexpr std::uint16_t kHome = 0, kOne = 1, kTwo = 2;
constexpr std::uint64_t kEpoch = 1;
constexpr std::uint32_t kItems = 300;

struct World final : owner::GuestTable::Port {
    World()
    {
        table.start(0);
        types::ResultRecord result;
        result.row = table.take(0, 1, kHome, 0).at(0);
        result.attempt = 1;
        auto& output = result.outputs.emplace_back();
        output.isInline = true;
        output.items = kItems;
        table.finished(result, 0, kHome, 1);
        guests.setHomeWorkers({1});
        guests.add(kOne, nullptr);
        guests.add(kTwo, nullptr);
    }
    void send(std::uint16_t node, net::ToGuest message) override
    {
        if (const auto* push = std::get_if<net::PushTasks>(&message))
            for (const auto& task : push->tasks) at[node].push_back(task.row);
        else if (const auto* recall = std::get_if<net::RecallTasks>(&message)) recalled[node] += recall->count;
    }
    void facts(const std::vector<net::PeerOutput>*) override {}
    void facts(const net::ObjectKey&, const net::ValueFacts&) override {}
    void credit(std::uint16_t node, std::uint32_t window, std::uint32_t workers)
    {
        net::ToHome message = net::Credit{table.run(), kEpoch, {window}, {workers}};
        guests.on(node, message, now);
        guests.pump(now);
    }
    void giveBack(std::uint16_t node, std::size_t count)
    {
        for (; count > 0; --count) {
            net::ToHome message = net::TaskBack{table.run(), kEpoch, at[node].back(), 1, net::TaskBack::Why::Asked, {}, 0};
            at[node].pop_back();
            guests.on(node, message, now);
        }
    }
    struct Sink final : tests::SilentSink {
        void attempt(types::Attempt one, const std::string&) override
        {
            last = one;
            ++attempts;
        }
        types::Attempt last;
        int attempts = 0;
    } sink;
    owner::RunTable table{base::RunId{{1, 2}}, 1, tests::mapPlan(), sink, kHome};
    owner::GuestTable guests{table, kEpoch, *this};
    std::map<std::uint16_t, std::vector<std::uint32_t>> at;
    std::map<std::uint16_t, std::size_t> recalled;
    base::TimeNs now = base::kSecond;
};

} // namespace

class TestFairShare : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aLargeWindowTakesItsPartOnly()
    {
        World world;
        world.credit(kTwo, 0, 1); // it is there, and full of others' work
        world.credit(kOne, 4096, 1);
        QCOMPARE(world.at[kOne].size(), std::size_t{kItems} / 3);
        QCOMPARE(world.table.ready(0), std::size_t{kItems} - kItems / 3);
    }
    void partsGoByWorkers()
    {
        World world;
        world.credit(kTwo, 0, 1);
        world.credit(kOne, 4096, 8);
        QCOMPARE(world.at[kOne].size(), std::size_t{kItems} * 8 / 10);
    }
    void aSmallWindowHolds()
    {
        World world;
        world.credit(kOne, 2, 1);
        world.credit(kTwo, 2, 1);
        QCOMPARE(world.at[kOne].size(), std::size_t{2});
        QCOMPARE(world.at[kTwo].size(), std::size_t{2});
    }
    void anIdleGuestIsGivenOfWhatAnotherHasNotBegun()
    {
        World world;
        world.credit(kOne, 4096, 1);
        const auto before = world.at[kOne].size();
        while (!world.table.take(0, 32, kHome, world.now).empty()) {} // home has the rest
        world.now += owner::kHelpAgainNs;
        world.credit(kTwo, 2, 1);
        QCOMPARE(world.recalled[kOne], before / 2);
        world.giveBack(kOne, world.recalled[kOne]);
        world.credit(kOne, 4096, 1);
        QCOMPARE(world.at[kTwo].size(), std::size_t{2});
        QVERIFY(world.at[kOne].size() < before); // it did not get them back
        QVERIFY(world.guests.audit().empty());
    }
    // Promise: no view shows an effect before its cause, whatever the clock of a guest says.
    void timesOfAGuestLieBetweenGivingAndHearing()
    {
        World world;
        world.credit(kOne, 2, 1);
        const auto given = world.now;
        world.now += base::kMillisecond;
        for (const auto& [start, end] : {std::pair{given - base::kSecond, given - base::kMillisecond}, std::pair{world.now + base::kSecond, world.now + 2 * base::kSecond}}) {
            net::TaskDone done;
            done.run = world.table.run();
            done.epoch = kEpoch;
            done.row = world.at[kOne].back();
            world.at[kOne].pop_back();
            done.startNs = start;
            done.endNs = end;
            done.outputs.emplace_back();
            net::ToHome message = std::move(done);
            world.guests.on(kOne, message, world.now);
            QVERIFY(world.sink.last.submitNs <= world.sink.last.startNs);
            QVERIFY(world.sink.last.startNs <= world.sink.last.endNs);
            QVERIFY(world.sink.last.endNs <= world.now);
        }
        QCOMPARE(world.sink.attempts, 3); // the list, and both of these
    }
    void whoHasFewKeepsThem()
    {
        World world;
        world.credit(kOne, 1 + owner::kManyPerWorker, 1);
        net::ToHome began = net::TaskBegan{world.table.run(), kEpoch, world.at[kOne][0], 1, 0, world.now};
        world.guests.on(kOne, began, world.now);
        world.now += owner::kHelpAgainNs;
        while (!world.table.take(0, 32, kHome, world.now).empty()) {}
        world.credit(kTwo, 2, 1);
        QCOMPARE(world.recalled[kOne], std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(TestFairShare)
#include "tst_fair_share.moc"
