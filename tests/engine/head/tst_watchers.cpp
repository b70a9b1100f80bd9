// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/watchers.h"
#include "engine/net/wire.h"
#include "tests/engine/head/table_world.h"

using namespace orrery;
using namespace orrery::headtest;
using types::Delta;

#define QSTR(text) QString::fromStdString(text)

namespace {

// A table with one watch on it, and the clock.
struct WatchWorld : TableWorld {
    Watchers watchers{table()};
    explicit WatchWorld(types::Interest interest = {}) { watch(1, interest); }
    void watch(WatchId id, types::Interest interest) { QVERIFY(watchers.add(id, interest).ok()); }
    std::optional<Delta> next()
    {
        auto due = watchers.due({now, now + 5});
        if (due.empty()) return std::nullopt;
        return std::move(due.front().delta);
    }
    // Takes everything there is until the world is told.
    std::vector<Delta> all()
    {
        std::vector<Delta> deltas;
        while (true) {
            watchers.taken(1);
            const auto at = watchers.nextDueNs();
            if (at < 0) return deltas;
            now = std::max(now, at);
            auto delta = next();
            if (!delta) return deltas;
            deltas.push_back(std::move(*delta));
        }
    }
};

std::uint64_t bytesOf(const Delta& delta) { return net::toWire(delta).size(); }

} // namespace

class tst_watchers : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theFirstDeltaTellsTheWorldAsItIs()
    {
        WatchWorld world;
        world.oneRun();
        world.block(1, 1, 1);
        const auto delta = world.next();
        QVERIFY(delta);
        QCOMPARE(delta->seq, 1u);
        QVERIFY(!delta->resync);
        QCOMPARE(delta->run, world.run(1).row.id);
        QCOMPARE(delta->runs.size(), std::size_t{1});
        QCOMPARE(delta->nodes.size(), std::size_t{1});
        QCOMPARE(delta->blocks.size(), std::size_t{1});
        QCOMPARE(delta->firstBlock, 1u);
        QCOMPARE(delta->vertices.size(), std::size_t{1});
        QVERIFY(delta->graph && delta->graph->vertices[0].id == "a");
        QVERIFY(delta->catalog == world.table().catalog());
        QVERIFY(!delta->logs.empty());
        QCOMPARE(delta->nowNs, world.now);
        QCOMPARE(delta->wallOffsetNs, 5);
    }
    void anEmptyClusterIsToldToo()
    {
        WatchWorld world;
        const auto delta = world.next();
        QVERIFY(delta);
        QVERIFY(delta->run.isNull() && delta->nodes.empty() && delta->runs.empty());
    }
    void nothingIsSentWhileADeltaIsOutstandingAndThenEverythingSinceInOne()
    {
        WatchWorld world;
        world.oneRun();
        QVERIFY(world.next());
        for (std::uint64_t i = 1; i <= 50; ++i) {
            world.now += kSecond;
            world.block(1, 1, i);
            QVERIFY(!world.next());
        }
        QCOMPARE(world.watchers.nextDueNs(), -1);
        world.watchers.taken(1);
        const auto delta = world.next();
        QVERIFY(delta);
        QCOMPARE(delta->seq, 2u);
        QCOMPARE(delta->blocks.size(), std::size_t{50});
        QCOMPARE(delta->runs.size(), std::size_t{1});
        QCOMPARE(delta->runs[0].tasks, 50u);
        QCOMPARE(delta->vertices.size(), std::size_t{1});
        QVERIFY(!delta->graph && !delta->catalog);
    }
    void deltasKeepTheIntervalOfTheWatch()
    {
        WatchWorld world;
        world.oneRun();
        QVERIFY(world.next());
        world.watchers.taken(1);
        world.block(1, 1, 1);
        QVERIFY(!world.next());
        QCOMPARE(world.watchers.nextDueNs(), world.now + 100 * base::kMillisecond);
        world.now += 100 * base::kMillisecond - 1;
        QVERIFY(!world.next());
        world.now += 1;
        QVERIFY(world.next());
    }
    void whatHappensAfterAQuietTimeIsToldAtOnce()
    {
        WatchWorld world;
        world.oneRun();
        QVERIFY(world.next());
        world.watchers.taken(1);
        world.now += kSecond;
        QCOMPARE(world.watchers.nextDueNs(), -1); // and no timer runs meanwhile
        world.block(1, 1, 1);
        QVERIFY(world.watchers.nextDueNs() <= world.now);
        QVERIFY(world.next());
    }
    void whatTheWatchDoesNotWantMakesNoDelta()
    {
        types::Interest interest;
        interest.logs = false;
        interest.blocks = false;
        WatchWorld world(interest);
        world.oneRun();
        world.block(1, 1, 1);
        const auto first = world.next();
        QVERIFY(first && first->blocks.empty() && first->logs.empty());
        QCOMPARE(first->vertices.size(), std::size_t{1});
        world.watchers.taken(1);
        world.now += kSecond;
        world.apply(FromLink{1, net::LogLines{{types::LogLine{}}}});
        QVERIFY(!world.next());
        QCOMPARE(world.watchers.nextDueNs(), -1);
    }
    void onlyVerticesThatChangedAreTold()
    {
        WatchWorld world;
        world.plugins();
        world.join(1);
        world.start(mapDocument("map"));
        const auto& run = world.run(1);
        const auto tell = [&](std::uint64_t number, std::uint32_t row, std::uint16_t vertex) {
            world.apply(FromLink{1, net::TraceBlock{run.row.id, number, blockOf(run.row.id, run.homeEpoch, number, row, 1, vertex)}});
        };
        tell(1, 0, 0);
        tell(2, 1, 1);
        QCOMPARE(world.next()->vertices.size(), std::size_t{2});
        world.watchers.taken(1);
        world.now += kSecond;
        tell(3, 2, 1);
        const auto delta = world.next();
        QCOMPARE(delta->vertices.size(), std::size_t{1});
        QCOMPARE(delta->vertices[0].vertex, std::uint16_t{1});
        QCOMPARE(delta->vertices[0].tasks, 2u);
    }
    void blocksComeInOrderInBoundedBatchesWithoutWaiting()
    {
        TableWorld world;
        world.oneRun();
        std::uint64_t bytes = 0;
        for (std::uint64_t i = 1; i <= 100; ++i) {
            world.block(1, 1, i);
            bytes = world.run(1).store->block(i)->size();
        }
        Watchers watchers(world.table(), bytes * 10);
        QVERIFY(watchers.add(1, {}).ok());
        std::uint64_t next = 1;
        int deltas = 0;
        while (true) {
            auto due = watchers.due({world.now, world.now}); // the clock stands still
            if (due.empty()) break;
            const auto& delta = due[0].delta;
            ++deltas;
            if (!delta.blocks.empty()) QCOMPARE(delta.firstBlock, next);
            std::uint64_t size = 0;
            for (const auto& block : delta.blocks) size += block->size();
            QVERIFY(size <= bytes * 10 || delta.blocks.size() == 1);
            next += delta.blocks.size();
            watchers.taken(1);
        }
        QCOMPARE(next, 101u);
        QVERIFY(deltas >= 10);
    }
    void aBlockLargerThanTheBoundGoesAlone()
    {
        TableWorld world;
        world.oneRun();
        for (std::uint64_t i = 1; i <= 3; ++i) world.block(1, 1, i);
        Watchers watchers(world.table(), 10);
        QVERIFY(watchers.add(1, {}).ok());
        std::uint64_t blocks = 0;
        for (int i = 0; i < 100 && blocks < 3; ++i) {
            auto due = watchers.due({world.now, world.now});
            QCOMPARE(due.size(), std::size_t{1});
            QVERIFY(due[0].delta.blocks.size() <= 1);
            blocks += due[0].delta.blocks.size();
            watchers.taken(1);
        }
        QCOMPARE(blocks, 3u);
    }
    void aMirrorThatHasBlocksGetsOnlyTheRest()
    {
        TableWorld world;
        world.oneRun();
        for (std::uint64_t i = 1; i <= 5; ++i) world.block(1, 1, i);
        Watchers watchers(world.table());
        types::Interest interest;
        interest.run = world.run(1).row.id;
        interest.haveBlocks = 3;
        interest.haveTrace = world.run(1).homeEpoch;
        QVERIFY(watchers.add(1, interest).ok());
        auto due = watchers.due({world.now, world.now});
        QCOMPARE(due[0].delta.firstBlock, 4u);
        QCOMPARE(due[0].delta.blocks.size(), std::size_t{2});
        QVERIFY(!due[0].delta.resync);
        interest.haveBlocks = 9; // more than there are: it is of another life of this run
        QVERIFY(watchers.add(2, interest).ok());
        due = watchers.due({world.now, world.now});
        QCOMPARE(due[0].watch, 2u);
        QVERIFY(due[0].delta.resync);
        QCOMPARE(due[0].delta.firstBlock, 1u);
        QCOMPARE(due[0].delta.blocks.size(), std::size_t{5});
        interest.haveBlocks = 3;
        interest.haveTrace = world.run(1).homeEpoch - 1; // of an earlier home: the trace began anew since
        QVERIFY(watchers.add(3, interest).ok());
        due = watchers.due({world.now, world.now});
        QVERIFY(due[0].delta.resync);
        QCOMPARE(due[0].delta.firstBlock, 1u);
    }
    void whoNamesNoRunFollowsTheNewest()
    {
        WatchWorld world;
        world.oneRun();
        world.block(1, 1, 1);
        world.all();
        world.start(oneVertex("second"));
        world.block(1, 2, 1);
        world.watchers.taken(1);
        world.now += kSecond;
        const auto delta = world.next();
        QCOMPARE(delta->run, world.run(2).row.id);
        QVERIFY(delta->graph && delta->graph->title == "second");
        QCOMPARE(delta->firstBlock, 1u);
        QCOMPARE(delta->blocks.size(), std::size_t{1});
        QVERIFY(!delta->resync);
    }
    void whoNamesARunStaysWithIt()
    {
        TableWorld world;
        world.oneRun();
        Watchers watchers(world.table());
        types::Interest interest;
        interest.run = world.run(1).row.id;
        QVERIFY(watchers.add(1, interest).ok());
        watchers.due({world.now, world.now});
        watchers.taken(1);
        world.start();
        world.block(1, 2, 1);
        world.now += kSecond;
        const auto due = watchers.due({world.now, world.now});
        QCOMPARE(due[0].delta.run, world.run(1).row.id);
        QVERIFY(due[0].delta.blocks.empty() && !due[0].delta.graph);
        QCOMPARE(due[0].delta.runs.size(), std::size_t{1}); // rows of all runs are everybody's
        interest.run = {{9, 9}};
        QVERIFY(watchers.add(3, interest).error().code == base::Errc::NotFound);
    }
    void aTraceThatBeginsAnewIsAResyncWithAnotherEpoch()
    {
        WatchWorld world;
        world.oneRun();
        world.join(2);
        for (std::uint64_t i = 1; i <= 3; ++i) world.block(1, 1, i);
        const auto epoch = world.all().back().epoch;
        world.apply(NodeExited{101, "killed"});
        world.block(2, 1, 1);
        world.now += kSecond;
        world.watchers.taken(1);
        const auto delta = world.next();
        QVERIFY(delta->resync);
        QVERIFY(delta->epoch > epoch);
        QCOMPARE(delta->firstBlock, 1u);
        QCOMPARE(delta->blocks.size(), std::size_t{1});
        QVERIFY(delta->graph && delta->catalog && delta->nodes.size() == 2);
        QCOMPARE(delta->runs.at(0).tasks, 1u);
        world.watchers.taken(1);
        world.now += kSecond;
        world.block(2, 1, 2);
        QVERIFY(!world.next()->resync);
    }
    void linesThatWereLostOnTheWayAreCounted()
    {
        WatchWorld world;
        world.join(1);
        world.all();
        types::LogLine line;
        line.text = std::string(1000, 'x');
        std::vector<types::LogLine> lines(kLogBytesMax / 1000 + 1000, line);
        world.apply(FromLink{1, net::LogLines{lines}});
        const auto deltas = world.all();
        const auto& note = deltas.front().logs.front();
        QVERIFY2(QSTR(note.text).contains(QStringLiteral("dropped")), note.text.c_str());
        std::size_t told = 0;
        for (const auto& delta : deltas) {
            told += delta.logs.size();
            QVERIFY(bytesOf(delta) < kDeltaBytesMax * 2);
        }
        QCOMPARE(told - 1, world.table().logs().lines().size());
        QVERIFY(deltas.size() > 10);
    }
    void rowsOfNodesAndWorkersComeWhenTheyChange()
    {
        WatchWorld world;
        world.join(1);
        world.all();
        net::Heartbeat beat;
        types::WorkerRow worker;
        worker.track = 4;
        beat.workers = {worker};
        world.now += kSecond;
        world.apply(FromLink{1, beat});
        auto delta = world.next();
        QCOMPARE(delta->workers.size(), std::size_t{1});
        QVERIFY(delta->nodes.empty());
        world.watchers.taken(1);
        world.now += kSecond;
        world.apply(FromLink{1, beat}); // the same again
        QVERIFY(!world.next());
        world.beat(1);
        delta = world.next();
        QCOMPARE(delta->nodes.size(), std::size_t{1});
        QVERIFY(delta->workers.empty());
    }
    void theBytesOfADeltaDoNotDependOnHowManyTasksTheRunHas()
    {
        std::vector<std::uint64_t> sizes;
        for (const std::uint32_t rows : {10'000u, 1'000'000u}) {
            WatchWorld world;
            world.oneRun();
            const auto& run = world.run(1);
            trace::BlockWriter writer(run.row.id, 0, run.homeEpoch);
            writer.add(types::RowRange{0, rows, 0, 0, types::TaskState::PendingArgs, kSecond});
            world.apply(FromLink{1, net::TraceBlock{run.row.id, 1, writer.seal(1)}});
            world.all();
            // The same activity in both: a thousand attempts spread over the rows.
            for (std::uint32_t i = 0; i < 1000; ++i) {
                types::Attempt attempt;
                attempt.row = attempt.mapIndex = i * (rows / 1000);
                attempt.worker = 1;
                attempt.submitNs = 2 * kSecond + i * 1000;
                attempt.startNs = attempt.submitNs + 500;
                attempt.endNs = attempt.startNs + 900;
                writer.add(attempt);
            }
            world.now += kSecond;
            world.apply(FromLink{1, net::TraceBlock{run.row.id, 2, writer.seal(2)}});
            const auto deltas = world.all();
            QCOMPARE(deltas.size(), std::size_t{1});
            QCOMPARE(deltas[0].runs.at(0).counts[static_cast<int>(types::TaskState::Finished)], 1000u);
            // A row number of a million needs a byte or two more than one of ten thousand; nothing else may differ.
            std::uint64_t blocks = 0;
            for (const auto& block : deltas[0].blocks) blocks += block->size();
            QVERIFY(blocks < 1000 * 40);
            sizes.push_back(bytesOf(deltas[0]) - blocks);
            sizes.push_back(blocks);
        }
        qInfo("without blocks %llu and %llu bytes, blocks %llu and %llu", static_cast<unsigned long long>(sizes[0]), static_cast<unsigned long long>(sizes[2]),
              static_cast<unsigned long long>(sizes[1]), static_cast<unsigned long long>(sizes[3]));
        QCOMPARE(sizes[0], sizes[2]);
        QVERIFY(sizes[3] <= sizes[1] + 2 * 1000 + 64);
    }
    void aWatchThatIsRemovedGetsNothingMore()
    {
        WatchWorld world;
        world.oneRun();
        world.watchers.remove(1);
        QVERIFY(!world.next());
        QCOMPARE(world.watchers.nextDueNs(), -1);
        world.watchers.taken(1); // late
        QCOMPARE(world.watchers.size(), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(tst_watchers)
#include "tst_watchers.moc"
