// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/head/walk_world.h"

using orrery::headtest::WalkWorld;

class tst_head_walk : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aThousandWorldsOfBrokenLinksAndDeathsKeepEveryPromise()
    {
        std::uint64_t homes = 0, headDeaths = 0, nodeDeaths = 0, finished = 0, drainStates = 0;
        for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
            WalkWorld world(seed);
            const auto broken = world.run(500);
            QVERIFY2(broken.empty(), ("seed " + std::to_string(seed) + ": " + broken).c_str());
            homes += world.homes();
            headDeaths += world.headDeaths;
            nodeDeaths += world.nodeDeaths;
            finished += world.finished;
            drainStates += world.drainStates;
        }
        // The walk is worth nothing where it never goes.
        qInfo("homes %llu, %llu times a node said how far it was with leaving, head deaths %llu, node deaths %llu, runs that succeeded %llu", static_cast<unsigned long long>(homes), static_cast<unsigned long long>(drainStates),
              static_cast<unsigned long long>(headDeaths), static_cast<unsigned long long>(nodeDeaths), static_cast<unsigned long long>(finished));
        QVERIFY(homes > 5000 && headDeaths > 300 && nodeDeaths > 300 && finished > 1000 && drainStates > 300);
    }
    void theSameSeedGivesTheSameWorld()
    {
        WalkWorld one(77), two(77);
        QVERIFY(one.run(300).empty());
        QVERIFY(two.run(300).empty());
        QCOMPARE(one.homes(), two.homes());
        QCOMPARE(one.nodeDeaths, two.nodeDeaths);
        QCOMPARE(one.finished, two.finished);
    }
};

QTEST_GUILESS_MAIN(tst_head_walk)
#include "tst_head_walk.moc"
