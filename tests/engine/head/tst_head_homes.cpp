// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Who is home of a run in the head's table, who is its next home, and who hears of it.
#include "tests/engine/head/table_world.h"

using namespace orrery;
using namespace orrery::headtest;
using types::RunState;

#define QSTR(text) QString::fromStdString(text)
#define SOUND(world) QVERIFY2((world).broken.empty(), (world).broken.c_str())

class tst_head_homes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aRunMovesToAnotherNodeWithTheNextEpochWhenItsHomeDies()
    {
        TableWorld world;
        world.oneRun();
        const auto second = world.join(2);
        world.block(1, 1, 1);
        QCOMPARE(world.run(1).row.tasks, 1u);
        const auto viewEpoch = world.table().viewEpoch();
        world.apply(NodeExited{101, "its process was killed by signal 9"});
        QCOMPARE(world.sent<net::HomeRun>(second).size(), std::size_t{1});
        QCOMPARE(world.sent<net::HomeRun>(second)[0]->homeEpoch, nthHome(2));
        QCOMPARE(world.run(1).row.tasks, 0u);
        QVERIFY(world.sent<net::HomeRun>(second)[0]->again);
        QCOMPARE(world.run(1).row.reexecuted, 0u); // what had finished may be taken over
        QVERIFY(world.table().viewEpoch() > viewEpoch);
        world.block(second, 1, 1);
        QCOMPARE(world.run(1).row.tasks, 1u);
        world.ended(second, 1);
        QVERIFY(world.run(1).row.state == RunState::Succeeded);
        QCOMPARE(world.run(1).row.reexecuted, 1u);
        SOUND(world);
    }
    // Nobody but the one that the head names may open a run at another node, so all hear of it, and who comes later as well.
    void everyNodeHearsWhoIsHomeBeforeTheHomeItselfAndWhenNobodyIs()
    {
        TableWorld world;
        world.plugins();
        const LinkId first = world.join(1), second = world.join(2);
        world.start();
        const auto& run = world.run(1);
        const auto named = [&](LinkId link, std::uint16_t node, std::uint64_t epoch, bool all = false) {
            const auto words = world.sent<net::UseHomes>(link);
            return words.size() == 1 && words[0]->all == all && words[0]->homes.size() == 1 && words[0]->homes[0].run == run.row.id && words[0]->homes[0].node == node && words[0]->homes[0].epoch == epoch;
        };
        QVERIFY(named(first, run.home, nthHome(1)) && named(second, run.home, nthHome(1)));
        const auto place = [&](const auto& isIt) { return std::find_if(world.effects.begin(), world.effects.end(), isIt) - world.effects.begin(); };
        const auto sends = [](const Effect& effect, auto&& what) {
            const auto* send = std::get_if<Send>(&effect);
            return send && what(send->message);
        };
        QVERIFY(place([&](const Effect& e) { return sends(e, [](const net::ToNode& m) { return std::holds_alternative<net::UseHomes>(m); }); })
                < place([&](const Effect& e) { return sends(e, [](const net::ToNode& m) { return std::holds_alternative<net::HomeRun>(m); }); }));
        const LinkId third = world.join(3);
        QVERIFY(named(third, run.home, nthHome(1), true));
        QVERIFY(world.sent<net::UseHomes>(second).empty());
        world.apply(NodeExited{101, "it was killed"});
        QVERIFY(run.homed && run.home != 0);
        QVERIFY(named(second, run.home, nthHome(2)) && named(third, run.home, nthHome(2)));
        world.ended(run.home == 1 ? second : third, 1);
        QVERIFY(named(second, types::kNoNode, nthHome(2)) && named(third, types::kNoNode, nthHome(2)));
        const LinkId fourth = world.join(4);
        QVERIFY(world.sent<net::UseHomes>(fourth).size() == 1 && world.sent<net::UseHomes>(fourth)[0]->homes.empty());
    }
    void aNodeThatWasGivenUpOnStartsAnewAndHoldsNothing()
    {
        TableWorld world;
        world.oneRun();
        world.join(2);
        world.apply(LinkGone{1});
        world.now += 3 * kSecond;
        world.beat(2);
        world.pass(3 * kSecond);
        QCOMPARE(world.run(1).home, std::uint16_t{1});
        const auto back = world.join(1); // as if nothing had been
        QCOMPARE(world.sent<net::StartAnew>(back).size(), std::size_t{1});
        QVERIFY(world.sent<net::Welcome>(back).empty());
        world.effects.clear();
        world.apply(FromLink{back, helloOf(1, 2)});
        QCOMPARE(world.sent<net::Welcome>(back).size(), std::size_t{1});
        QVERIFY(world.sent<net::HomeRun>(back).empty() && world.sent<net::ForgetRun>(back).empty());
        QCOMPARE(world.table().members().find(0)->incarnation, std::uint64_t{2}); // the letter stays
        SOUND(world);
    }
    void aNodeThatBecomesHomeAgainIsOfAnotherEpoch()
    {
        TableWorld world;
        world.oneRun();
        world.apply(LinkGone{1});
        world.pass(6 * kSecond);
        QVERIFY(world.run(1).row.state == RunState::Queued);
        const auto back = world.join(1, 2);
        QCOMPARE(world.sent<net::HomeRun>(back).size(), std::size_t{1});
        QCOMPARE(world.run(1).homeEpoch, nthHome(2));
        world.block(back, 1, 1, nthHome(1)); // was under way: of the earlier epoch
        QCOMPARE(world.run(1).row.tasks, 0u);
        world.block(back, 1, 1, nthHome(2));
        QCOMPARE(world.run(1).row.tasks, 1u);
        SOUND(world);
    }
    void aRunWhoseHomesKeepDyingFailsInsteadOfKillingThemAll()
    {
        TableWorld world;
        world.plugins();
        for (std::uint64_t id = 1; id <= 5; ++id) world.join(id);
        world.start();
        for (int i = 0; i < 3; ++i) {
            const auto* home = world.table().members().find(world.run(1).home);
            world.apply(NodeExited{home->row.pid, "its process was killed by signal 11"});
        }
        QVERIFY(world.run(1).row.state == RunState::Failed);
        QVERIFY(QSTR(world.run(1).row.error).contains(QStringLiteral("signal 11")));
        QCOMPARE(world.table().members().usableCount(), std::size_t{2});
        SOUND(world);
    }
    void aBrokenLinkIsNoDeathAndTheHomeIsToldAgainWhatItMayHaveMissed()
    {
        TableWorld world;
        world.oneRun();
        world.block(1, 1, 1);
        world.want(types::StopRun{world.run(1).row.id});
        world.apply(LinkGone{1});
        world.pass(2 * kSecond);
        QVERIFY(world.run(1).row.state == RunState::Stopping);
        const auto back = world.join(1);
        QCOMPARE(world.run(1).homeEpoch, nthHome(1));
        QCOMPARE(world.sent<net::HomeRun>(back).at(0)->homeEpoch, nthHome(1));
        QCOMPARE(world.sent<net::StopHomeRun>(back).size(), std::size_t{1});
        QCOMPARE(world.sent<net::AckBlocks>(back).at(0)->upTo, 1u);
        SOUND(world);
    }
    void theLeastBusyNodeThatFitsBecomesHome()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        const auto second = world.join(2);
        auto gpu = helloOf(3);
        QVERIFY(gpu.total.set("GPU", 1).ok());
        const LinkId third = ++world.lastLink;
        world.apply(FromLink{third, gpu});
        world.start(oneVertex("a"));
        QCOMPARE(world.sent<net::HomeRun>(1).size(), std::size_t{1});
        world.start(oneVertex("b"));
        QCOMPARE(world.sent<net::HomeRun>(second).size(), std::size_t{1});
        world.start(oneVertex("c", "test.make", R"(,"resources":{"GPU":1})"));
        QCOMPARE(world.sent<net::HomeRun>(third).size(), std::size_t{1});
        world.start(oneVertex("d", "test.make", R"(,"resources":{"GPU":1})"));
        QCOMPARE(world.sent<net::HomeRun>(third).size(), std::size_t{1}); // busy, but the only one that fits
        SOUND(world);
    }
};

QTEST_GUILESS_MAIN(tst_head_homes)
#include "tst_head_homes.moc"
