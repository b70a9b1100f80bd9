// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Which tasks a home keeps for itself: those that last no longer than their way to another node, as long as it gets through them.
#include "tests/support/map_plan.h"
#include "tests/support/silent_sink.h"

#include <QtTest/qtest.h>

using namespace orrery;
using base::kMicrosecond;
using base::kMillisecond;

namespace {

constexpr std::uint16_t kHome = 1, kGuest = 2;
constexpr std::uint32_t kItems = 1000;

struct World {
    World()
    {
        table.start(0);
        run(kHome, kMillisecond, kItems);
    }
    // The next task, from its begin to its end.
    void run(std::uint16_t node, base::TimeNs lasts, std::uint32_t items = 0)
    {
        const auto rows = table.take(0, 1, node, now);
        QCOMPARE(rows.size(), std::size_t{1});
        types::ResultRecord result;
        result.row = rows[0];
        result.attempt = 1;
        result.startNs = now;
        now += lasts;
        result.endNs = now;
        auto& output = result.outputs.emplace_back();
        output.isInline = true;
        output.items = items;
        QVERIFY(table.finished(result, 0, node, now));
    }
    tests::SilentSink sink;
    owner::RunTable table{base::RunId{{1, 2}}, 1, tests::mapPlan(), sink, kHome};
    base::TimeNs now = 0;
};

} // namespace

class TestShortTasks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatIsNotKnownGoesOut()
    {
        World world;
        QCOMPARE(world.table.ready(0), std::size_t{kItems});
        QVERIFY(!world.table.staysHome(0, world.now));
    }
    void shortOnesStayWhileHomeGetsThroughThem()
    {
        World world;
        world.run(kHome, 20 * kMicrosecond);
        QVERIFY(world.table.staysHome(0, world.now));
        QVERIFY(world.table.staysHome(0, world.now + owner::kKeepsUpNs));
        QVERIFY(!world.table.staysHome(0, world.now + owner::kKeepsUpNs + 1));
    }
    void longOnesGoOut()
    {
        World world;
        for (int i = 0; i < 20; ++i) world.run(kHome, 200 * kMicrosecond);
        QVERIFY(!world.table.staysHome(0, world.now));
    }
    void someThatLastLongAmongManyShortOnesChangeNothing()
    {
        World world;
        for (int i = 0; i < 200; ++i) world.run(kHome, i % 5 == 0 ? 3 * kMillisecond : 20 * kMicrosecond);
        QVERIFY(world.table.staysHome(0, world.now));
        for (int i = 0; i < 40; ++i) world.run(kHome, kMillisecond); // they became long
        QVERIFY(!world.table.staysHome(0, world.now));
    }
    void aHomeThatRunsNoneSendsThem()
    {
        World world;
        world.run(kGuest, 20 * kMicrosecond);
        world.now += owner::kKeepsUpNs;
        world.run(kGuest, 20 * kMicrosecond);
        QVERIFY(!world.table.staysHome(0, world.now));
    }
};

QTEST_GUILESS_MAIN(TestShortTasks)
#include "tst_short_tasks.moc"
