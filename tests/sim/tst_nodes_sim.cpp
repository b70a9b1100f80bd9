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
    options.taskMaxNs = (random.chance(0.5) ? 50 : 400) * base::kMillisecond;
    options.partitionsPerSecond = random.chance(0.5) ? random.unit() * 3 : 0;
    options.headDeathsPerSecond = random.chance(0.2) ? random.unit() : 0;
    options.homeFaults = static_cast<std::uint32_t>(random.below(4));
    options.brokenPulls = random.unit() * 0.1;
    options.evictionsPerTask = random.unit() * 0.3;
    options.drainsPerSecond = random.chance(0.4) ? random.unit() * 2 : 0;
    options.fullHomes = random.chance(0.5) ? random.unit() : 0;
    options.liesPerSecond = random.chance(0.3) ? random.unit() * 20 : 0;
    return sim::simulateNodes(plan, options);
}

// Nodes are drained and workers die; no node does, and the network does what it likes.
sim::NodesSimReport drainSeed(std::uint64_t seed)
{
    base::Random random(seed * 9973 + 5);
    auto plan = sim::randomPlan(random, 3 + random.below(12));
    sim::NodesSimOptions options;
    options.seed = seed;
    options.nodes = static_cast<std::uint16_t>(2 + random.below(4));
    options.cpus = static_cast<double>(2 + random.below(3));
    options.killsPerTask = random.unit() * 0.1;
    options.lossPerFrame = random.unit() * 0.1;
    options.cutsPerSecond = random.unit() * 2;
    options.deathsPerSecond = 0;
    options.brokenPulls = random.unit() * 0.1;
    options.evictionsPerTask = random.unit() * 0.3;
    options.taskMaxNs = (random.chance(0.5) ? 50 : 400) * base::kMillisecond;
    options.drainsPerSecond = 0.2 + random.unit() * 2;
    options.fullHomes = random.chance(0.5) ? random.unit() : 0;
    return sim::simulateNodes(plan, options);
}

// The shape of the deep zoom: 12 vertices, 1,032 tasks.
std::shared_ptr<const types::Plan> deepZoom()
{
    using types::EdgeMode;
    auto plan = std::make_shared<types::Plan>();
    const auto add = [&](const char* id, const char* function, bool wide, std::vector<types::PlanSource> sources) {
        const auto v = static_cast<std::uint16_t>(plan->vertices.size());
        auto& vertex = plan->vertices.emplace_back();
        vertex.id = id;
        vertex.function = function;
        vertex.resources = types::Resources::cpus(1);
        vertex.retries = 1000;
        vertex.wide = wide;
        vertex.outputs.push_back({"out", "any", "", false});
        plan->order.push_back(v);
        for (const auto& source : sources) {
            vertex.inputs.push_back({{source}});
            plan->vertices[source.vertex].consumers.push_back({v, static_cast<std::uint16_t>(vertex.inputs.size() - 1), 0});
        }
        return v;
    };
    const auto window = add("zoom_window", "one", false, {});
    const auto list = add("tiles_list", "list:256", false, {{window, 0, EdgeMode::One}});
    const auto render = add("render", "one", true, {{list, 0, EdgeMode::Each}});
    const auto blur = add("blur", "one", true, {{render, 0, EdgeMode::Each}});
    const auto colour = add("colour_map", "one", true, {{blur, 0, EdgeMode::Each}});
    const auto edges = add("edges", "one", true, {{blur, 0, EdgeMode::Each}});
    const auto mosaic = add("mosaic", "one", false, {{colour, 0, EdgeMode::All}, {edges, 0, EdgeMode::All}});
    const auto sharpen = add("sharpen", "one", false, {{mosaic, 0, EdgeMode::One}});
    const auto histogram = add("histogram", "one", false, {{render, 0, EdgeMode::All}});
    const auto annotate = add("annotate", "one", false, {{sharpen, 0, EdgeMode::One}, {histogram, 0, EdgeMode::One}});
    const auto png = add("png_encode", "one", false, {{annotate, 0, EdgeMode::One}});
    add("save", "one", false, {{png, 0, EdgeMode::One}});
    return plan;
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
            sum.homeFaults += report.homeFaults;
            sum.partitions += report.partitions;
            sum.heads += report.heads;
            sum.adopted += report.adopted;
            sum.adoptedHere += report.adoptedHere;
            sum.unwanted += report.unwanted;
            sum.drained += report.drained;
            sum.drainedLate += report.drainedLate;
            sum.homesMoved += report.homesMoved;
            sum.fenced += report.fenced;
            sum.heldEarly += report.heldEarly;
            sum.lies += report.lies;
        }
        qInfo("%d seeds: %d attempts, %d results on other nodes, %d pulls, %d nodes and %d workers died, %d computed again, %d copies promoted, %d frames, %d of them lost", int(last - first + 1),
              int(sum.attempts), int(sum.away), int(sum.pulls), int(sum.deaths), int(sum.kills), int(sum.reexecuted), int(sum.promoted), int(sum.frames), int(sum.lostFrames));
        qInfo("homes: %d lost, %d by another head; %d nodes cut off from the head; %d results adopted, %d of them at the new home itself, %d of no use; %d messages of a past epoch", int(sum.homeFaults), int(sum.heads),
              int(sum.partitions), int(sum.adopted), int(sum.adoptedHere), int(sum.unwanted), int(sum.fenced));
        qInfo("%d nodes drained, %d more had not moved all they had; %d homes moved", int(sum.drained), int(sum.drainedLate), int(sum.homesMoved));
        qInfo("%d times a node said that it was home and was not; %d messages were held until the head had spoken, or for good", int(sum.lies), int(sum.heldEarly));
        QVERIFY(first == last || (sum.drained > 0 && sum.homesMoved > 0 && sum.lies > 0 && sum.heldEarly > 0));
        QVERIFY(first == last || (sum.homeFaults > 0 && sum.heads > 0 && sum.partitions > 0 && sum.adopted > sum.adoptedHere && sum.adoptedHere > 0 && sum.unwanted > 0 && sum.fenced > 0));
        QVERIFY(first == last || (sum.away > 0 && sum.pulls > 0 && sum.deaths > 0 && sum.kills > 0 && sum.reexecuted > 0 && sum.promoted > 0 && sum.lostFrames > 0));
    }
    void whatEndedOnADrainedNodeRunsNowhereAgain()
    {
        std::uint64_t first = 1, last = 300;
        if (qEnvironmentVariableIsSet("ORRERY_SEEDS")) last = qEnvironmentVariable("ORRERY_SEEDS").toULongLong();
        if (qEnvironmentVariableIsSet("ORRERY_SEED")) first = last = qEnvironmentVariable("ORRERY_SEED").toULongLong();
        std::vector<std::uint64_t> seeds{519, 5950, 6742, 8158}; // found faults: a guest let go while others' values were on their way to it; tasks to make again that nobody looked at
        if (first == last) seeds.clear();
        for (std::uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
        sim::NodesSimReport sum;
        for (const auto seed : seeds) {
            const auto report = drainSeed(seed);
            QVERIFY2(report.problem.empty(), qPrintable(QStringLiteral("seed %1: %2").arg(seed).arg(QString::fromStdString(report.problem))));
            QCOMPARE(report.outcome, types::RunState::Succeeded);
            QVERIFY2(report.drainedLate == 0, qPrintable(QStringLiteral("seed %1: a node did not get rid of what it had").arg(seed)));
            QVERIFY2(report.madeAgain == 0 || report.left > 0, qPrintable(QStringLiteral("seed %1: %2 tasks ran to their end again").arg(seed).arg(report.madeAgain)));
            sum.attempts += report.attempts;
            sum.drained += report.drained;
            sum.homesMoved += report.homesMoved;
            sum.movedToGuests += report.left == 0 ? report.movedToGuests : 0;
            sum.left += report.left;
            sum.kills += report.kills;
            sum.adopted += report.adopted;
            sum.away += report.away;
            sum.lostFrames += report.lostFrames;
            sum.heldEarly += report.heldEarly;
        }
        qInfo("%d messages were held until the head had spoken", int(sum.heldEarly));
        QVERIFY(first == last || sum.heldEarly > 0); // nobody lies here
        qInfo("%d seeds: %d nodes drained, %d runs moved to another home, %d results taken over there, %d brought to guests for want of room, %d had none anywhere, %d results made away from home, %d workers died, %d frames lost", int(seeds.size()), int(sum.drained),
              int(sum.homesMoved), int(sum.adopted), int(sum.movedToGuests), int(sum.left), int(sum.away), int(sum.kills), int(sum.lostFrames));
        QVERIFY(first == last || (sum.drained > 0 && sum.homesMoved > 0 && sum.movedToGuests > 0 && sum.adopted > 0 && sum.away > 0 && sum.kills > 0 && sum.lostFrames > 0));
    }
    void oneHundredNodesRunTheDeepZoom_data()
    {
        QTest::addColumn<bool>("faults");
        QTest::newRow("quiet") << false;
        QTest::newRow("with faults") << true;
    }
    void oneHundredNodesRunTheDeepZoom()
    {
        QFETCH(bool, faults);
        sim::NodesSimOptions options;
        options.nodes = 100;
        options.taskMaxNs = 200 * base::kMillisecond;
        if (!faults) options.killsPerTask = options.lossPerFrame = options.doublePerFrame = options.latePerFrame = options.cutsPerSecond = options.deathsPerSecond = options.brokenPulls = options.evictionsPerTask = 0;
        const auto report = sim::simulateNodes(deepZoom(), options);
        QVERIFY2(report.problem.empty(), report.problem.c_str());
        const double tasks = 1032;
        qInfo("100 nodes, %.0f tasks in %.2f s of virtual time: %.2f decisions and %.2f messages a task (%.2f frames), %d results away from home, %d pulls, %d computed again", tasks,
              static_cast<double>(report.endedNs) / 1e9, static_cast<double>(report.decisions) / tasks, static_cast<double>(report.messages) / tasks, static_cast<double>(report.frames) / tasks,
              int(report.away), int(report.pulls), int(report.reexecuted));
        QVERIFY(report.away > 0);
        // A push, a beginning, an end, a credit now and then; not a message for every pair of nodes and tasks.
        QVERIFY(faults || static_cast<double>(report.messages) / tasks < 8);
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
