// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A run over several nodes in virtual time: node and worker deaths, cut links, lost, doubled and late frames, broken pulls, by seed.
// ORRERY_SEED=n repeats one seed and prints it; ORRERY_SEEDS=n runs that many.
#include "engine/sim/nodes_sim.h"

#include <QtTest/qtest.h>

using namespace orrery;

namespace {

sim::NodesSimReport runSeed(std::uint64_t seed)
{
    base::Random random(seed * 6151 + 3);
    auto plan = sim::randomPlan(random, 3 + random.below(12));
    sim::NodesSimOptions options;
    options.seed = seed;
    options.nodes = static_cast<std::uint16_t>(2 + random.below(4));
    options.cpus = static_cast<double>(2 + random.below(3));
    options.killsPerTask = random.unit() * 0.1;
    options.lossPerFrame = random.chance(0.5) ? random.unit() * 0.1 : 0;
    options.doublePerFrame = random.unit() * 0.1;
    options.latePerFrame = random.unit() * 0.2;
    options.cutsPerSecond = random.unit() * 2;
    options.deathsPerSecond = random.chance(0.7) ? random.unit() * 3 : 0;
    options.brokenPulls = random.unit() * 0.1;
    options.evictionsPerTask = random.unit() * 0.3;
    return sim::simulateNodes(plan, options);
}

} // namespace

class TestNodesSim : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everySeedGivesTheReferenceResultWhateverDies()
    {
        std::uint64_t first = 1, last = 300;
        if (qEnvironmentVariableIsSet("ORRERY_SEEDS")) last = qEnvironmentVariable("ORRERY_SEEDS").toULongLong();
        if (qEnvironmentVariableIsSet("ORRERY_SEED")) first = last = qEnvironmentVariable("ORRERY_SEED").toULongLong();
        sim::NodesSimReport sum;
        for (std::uint64_t seed = first; seed <= last; ++seed) {
            const auto report = runSeed(seed);
            QVERIFY2(report.problem.empty(), qPrintable(QStringLiteral("seed %1: %2").arg(seed).arg(QString::fromStdString(report.problem))));
            QCOMPARE(report.outcome, types::RunState::Succeeded);
            sum.attempts += report.attempts;
            sum.frames += report.frames;
            sum.lostFrames += report.lostFrames;
            sum.pulls += report.pulls;
            sum.deaths += report.deaths;
            sum.kills += report.kills;
            sum.reexecuted += report.reexecuted;
            sum.promoted += report.promoted;
            sum.away += report.away;
        }
        qInfo("%d seeds: %d attempts, %d results on other nodes, %d pulls, %d nodes and %d workers died, %d computed again, %d copies promoted, %d frames, %d of them lost", int(last - first + 1),
              int(sum.attempts), int(sum.away), int(sum.pulls), int(sum.deaths), int(sum.kills), int(sum.reexecuted), int(sum.promoted), int(sum.frames), int(sum.lostFrames));
        QVERIFY(first == last || (sum.away > 0 && sum.pulls > 0 && sum.deaths > 0 && sum.kills > 0 && sum.reexecuted > 0 && sum.promoted > 0 && sum.lostFrames > 0));
    }
    void theSameSeedGivesTheSameHistory()
    {
        const auto a = runSeed(17), b = runSeed(17);
        QCOMPARE(a.events, b.events);
        QCOMPARE(a.endedNs, b.endedNs);
        QCOMPARE(a.frames, b.frames);
    }
};

QTEST_GUILESS_MAIN(TestNodesSim)
#include "tst_nodes_sim.moc"
