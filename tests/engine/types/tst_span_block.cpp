// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// SpanBuilder against a plain list of attempts. ORRERY_SEED=n repeats one world.
#include "engine/types/span_block.h"

#include <QTest>
#include <algorithm>
#include <map>
#include <random>
#include <tuple>

using namespace orrery;
using types::Attempt;
using types::SpanBlock;
using types::SpanBuilder;
using types::SpanSet;
using types::TaskState;
using types::TimeNs;

namespace {

Attempt ran(std::uint16_t track, TimeNs startNs, TimeNs endNs, std::uint32_t row = 0, std::uint16_t vertex = 0)
{
    Attempt made;
    made.row = row;
    made.mapIndex = row + 7;
    made.vertex = vertex;
    made.worker = track;
    made.submitNs = startNs - 1;
    made.startNs = startNs;
    made.endNs = endNs;
    return made;
}

// A worker's life: tasks one after the other, some long, some empty, with gaps.
std::vector<Attempt> tidyWorld(std::mt19937_64& random, int tracks, int each, TimeNs longestNs)
{
    std::vector<Attempt> all;
    std::uint32_t row = 0;
    for (int track = 0; track < tracks; ++track) {
        TimeNs at = 1'000'000 + static_cast<TimeNs>(random() % 1'000'000);
        for (int i = 0; i < each; ++i) {
            at += random() % 5 == 0 ? static_cast<TimeNs>(random() % 2'000'000'000) : static_cast<TimeNs>(random() % 3);
            const TimeNs took = random() % 10 == 0 ? static_cast<TimeNs>(random() % static_cast<std::uint64_t>(longestNs)) : static_cast<TimeNs>(random() % 500'000);
            Attempt made = ran(static_cast<std::uint16_t>(track * 3), at, at + took, row++, static_cast<std::uint16_t>(random() % 5));
            made.attempt = random() % 20 == 0 ? 2 : 1;
            if (random() % 50 == 0) {
                made.outcome = TaskState::Retrying;
                made.cause = types::Cause::WorkerDied;
            }
            made.waitUs = static_cast<std::uint32_t>(random() % 900);
            all.push_back(made);
            at += took;
        }
    }
    return all;
}

// Nothing holds but that times are times.
std::vector<Attempt> hostileWorld(std::mt19937_64& random, int n)
{
    std::vector<Attempt> all;
    for (int i = 0; i < n; ++i) {
        const TimeNs start = static_cast<TimeNs>(random() >> (3 + random() % 40)) + 1;
        const TimeNs took = static_cast<TimeNs>(random() >> (4 + random() % 50));
        all.push_back(ran(static_cast<std::uint16_t>(random() % 2), start, start + took, static_cast<std::uint32_t>(random()), static_cast<std::uint16_t>(random() % 9)));
        all.back().waitUs = static_cast<std::uint32_t>(random());
        all.back().submitNs = random() % 3 == 0 ? 1 : start - 1;
    }
    return all;
}

std::shared_ptr<const SpanSet> built(const std::vector<Attempt>& attempts)
{
    SpanBuilder builder;
    for (const auto& attempt : attempts) builder.add(attempt);
    return builder.snapshot();
}

QString brokenLevel(const SpanBlock& block)
{
    std::size_t parts = block.size();
    for (std::size_t level = 0; level < block.summaries.size(); ++level) {
        const auto& summaries = block.summaries[level];
        if (summaries.size() != (parts + 7) / 8) return QStringLiteral("level %1 has %2 parts").arg(level).arg(summaries.size());
        parts = summaries.size();
        const std::size_t width = std::size_t{8} << (3 * level);
        std::uint64_t latest = 0;
        for (std::size_t i = 0; i < summaries.size(); ++i) {
            std::uint64_t busy = 0;
            std::uint16_t flags = 0;
            bool failed = false;
            for (std::size_t j = i * width; j < std::min(block.size(), (i + 1) * width); ++j) {
                latest = std::max<std::uint64_t>(latest, std::uint64_t{block.start[j]} + block.duration[j]);
                busy += block.duration[j];
                flags |= block.flags[j];
                failed = failed || types::spanOutcome(block.flags[j]) == TaskState::Retrying;
            }
            const auto& made = summaries[i];
            if (made.start != block.start[i * width] || made.end != latest) return QStringLiteral("level %1 part %2 lies elsewhere").arg(level).arg(i);
            if (made.busy != std::min<std::uint64_t>(busy, 0xffffffffu)) return QStringLiteral("level %1 part %2 is busy for %3").arg(level).arg(i).arg(made.busy);
            if ((made.flags & types::kSpanAgain) != (flags & types::kSpanAgain) || (made.flags & types::kSpanCut) != (flags & types::kSpanCut)) return QStringLiteral("a flag is gone");
            if (failed && types::spanOutcome(made.flags) != TaskState::Retrying) return QStringLiteral("level %1 part %2 hides a lost one").arg(level).arg(i);
        }
    }
    return {};
}

// Empty, or the first promise of the header that the set breaks.
QString broken(const SpanSet& set)
{
    std::uint64_t spans = 0;
    for (std::size_t t = 0; t < set.tracks.size(); ++t) {
        const auto& track = set.tracks[t];
        if (t > 0 && set.tracks[t - 1].track >= track.track) return QStringLiteral("tracks are out of order");
        if (set.find(track.track) != &track) return QStringLiteral("a track is not found");
        std::uint64_t inTrack = 0;
        for (std::size_t b = 0; b < track.blocks.size(); ++b) {
            const SpanBlock& block = *track.blocks[b];
            if (block.size() == 0 || block.size() > types::kSpansPerBlock) return QStringLiteral("a block of %1").arg(block.size());
            if (b + 1 < track.blocks.size() && block.size() != types::kSpansPerBlock) return QStringLiteral("a block before the last is not full");
            for (const auto* column : {&block.duration, &block.row, &block.index})
                if (column->size() != block.size()) return QStringLiteral("a column is short");
            if (block.vertex.size() != block.size() || block.flags.size() != block.size()) return QStringLiteral("a column is short");
            if (!std::is_sorted(block.start.begin(), block.start.end())) return QStringLiteral("starts fall");
            if (const QString why = brokenLevel(block); !why.isEmpty()) return why;
            inTrack += block.size();
        }
        if (inTrack != track.spans) return QStringLiteral("track says %1, has %2").arg(track.spans).arg(inTrack);
        spans += inTrack;
    }
    if (spans != set.spans) return QStringLiteral("set says %1, has %2").arg(set.spans).arg(spans);
    return {};
}

using Key = std::tuple<std::uint16_t, std::uint32_t, std::uint32_t, std::uint16_t, int>; // track, row, index, vertex, attempt

std::uint64_t seedOf(int world) { return qEnvironmentVariableIsSet("ORRERY_SEED") ? qEnvironmentVariable("ORRERY_SEED").toULongLong() : static_cast<std::uint64_t>(world); }

} // namespace

class TestSpanBlock : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyAttemptIsASpanWhateverTheOrder()
    {
        for (int world = 0; world < 20; ++world) {
            const std::uint64_t seed = seedOf(world);
            std::mt19937_64 random(seed);
            auto attempts = tidyWorld(random, 4, 3'000, world % 2 == 0 ? 100'000 : 20'000'000'000);
            if (world % 4 > 0) std::shuffle(attempts.begin(), attempts.end(), random);
            const auto set = built(attempts);
            QVERIFY2(broken(*set).isEmpty(), qPrintable(QStringLiteral("seed %1: %2").arg(seed).arg(broken(*set))));
            std::map<Key, const Attempt*> naive;
            for (const auto& a : attempts) naive[{a.worker, a.row, a.mapIndex, a.vertex, a.attempt}] = &a;
            TimeNs busy = 0;
            for (const auto& track : set->tracks) {
                for (const auto& block : track.blocks)
                    for (std::size_t i = 0; i < block->size(); ++i) {
                        const Key key{track.track, block->row[i], block->index[i], block->vertex[i], types::spanAttempt(block->flags[i])};
                        QVERIFY2(naive.count(key) == 1, "a span that nobody ran");
                        const Attempt& a = *naive[key];
                        naive.erase(key);
                        QVERIFY(block->startNs(i) <= a.startNs && a.startNs < block->startNs(i) + block->unitNs);
                        QVERIFY(block->endNs(i) <= a.endNs && a.endNs < block->endNs(i) + block->unitNs);
                        QCOMPARE(types::spanOutcome(block->flags[i]), a.outcome);
                        QCOMPARE((block->flags[i] & types::kSpanCut) != 0, a.cause == types::Cause::WorkerDied);
                    }
                busy += track.busyNs;
            }
            QVERIFY2(naive.empty(), "an attempt is missing");
            TimeNs wanted = 0;
            for (const auto& a : attempts) wanted += a.endNs - a.startNs;
            QCOMPARE(busy, wanted);
        }
    }

    void tasksThatFollowEachOtherNeverOverlapAfterRounding()
    {
        std::mt19937_64 random(11);
        const auto set = built(tidyWorld(random, 1, 8'000, 60'000'000'000));
        for (const auto& block : set->tracks.front().blocks) {
            QVERIFY(block->unitNs > 1);
            for (std::size_t i = 1; i < block->size(); ++i) {
                QVERIFY(block->endNs(i - 1) <= block->startNs(i));
                QVERIFY(!block->overlaps);
            }
        }
    }

    void aHostileTraceBreaksNothing()
    {
        for (int world = 0; world < 20; ++world) {
            const std::uint64_t seed = seedOf(world);
            std::mt19937_64 random(seed);
            auto attempts = hostileWorld(random, 6'000);
            const auto set = built(attempts);
            QVERIFY2(broken(*set).isEmpty(), qPrintable(QStringLiteral("seed %1: %2").arg(seed).arg(broken(*set))));
            QVERIFY(set->activity.running.size() <= types::kActivityBuckets);
        }
    }

    void aRangeHoldsEverySpanThatTouchesIt()
    {
        for (int world = 0; world < 10; ++world) {
            std::mt19937_64 random(seedOf(world));
            const bool hostile = world % 2 == 1;
            const auto set = built(hostile ? hostileWorld(random, 5'000) : tidyWorld(random, 1, 5'000, 1'000'000));
            for (const auto& track : set->tracks)
                for (const auto& block : track.blocks)
                    for (int probe = 0; probe < 50; ++probe) {
                        const auto pick = static_cast<std::size_t>(random() % block->size());
                        const TimeNs from = block->startNs(pick) + static_cast<TimeNs>(random() % 5) - 2, to = from + static_cast<TimeNs>(random() % 3'000'000);
                        const auto [first, last] = block->range(from, to);
                        for (std::size_t i = 0; i < block->size(); ++i) {
                            const bool inside = i >= first && i < last;
                            if (block->touches(i, from, to)) QVERIFY(inside);
                            else if (!hostile) QVERIFY(!inside);
                        }
                    }
        }
    }

    void aKeptPartIsSummedAlone()
    {
        std::mt19937_64 random(5);
        const auto set = built(tidyWorld(random, 1, 700, 1'000'000));
        const SpanBlock& block = *set->tracks.front().blocks.front();
        std::vector<bool> keep(block.size());
        std::uint64_t busy = 0;
        for (std::size_t i = 0; i < block.size(); ++i) {
            keep[i] = block.vertex[i] == 3;
            if (keep[i]) busy += block.duration[i];
        }
        const auto levels = types::summarise(block, &keep);
        QCOMPARE(std::uint64_t{levels.back().front().busy}, busy);
        QCOMPARE(levels.back().front().vertex, std::uint16_t{3});
        QCOMPARE(levels.back().front().end, block.summaries.back().back().end);
    }

    void aSnapshotSharesWhatIsFullAndIsNotChangedByWhatFollows()
    {
        SpanBuilder builder;
        for (int i = 0; i < 5'000; ++i) builder.add(ran(1, 100 + i * 10, 105 + i * 10, static_cast<std::uint32_t>(i)));
        const auto first = builder.snapshot();
        const auto again = builder.snapshot();
        QCOMPARE(again->tracks[0].blocks[1].get(), first->tracks[0].blocks[1].get());
        builder.add(ran(1, 50, 60, 9'999));
        const auto second = builder.snapshot();
        QCOMPARE(second->tracks[0].blocks[0].get(), first->tracks[0].blocks[0].get());
        QCOMPARE(first->spans, std::uint64_t{5'000});
        QCOMPARE(first->tracks[0].blocks[1]->size(), std::size_t{904});
        QCOMPARE(second->tracks[0].blocks[1]->size(), std::size_t{905});
        QCOMPARE(second->firstNs, TimeNs{50});
        builder.clear();
        QCOMPARE(builder.snapshot()->spans, std::uint64_t{0});
    }

    void whatNeverBeganIsNoSpan()
    {
        SpanBuilder builder;
        Attempt lost = ran(1, 500, 900);
        lost.submitNs = 500;
        lost.outcome = TaskState::Retrying;
        lost.cause = types::Cause::WorkerDied;
        builder.add(lost);
        builder.add(ran(types::kNoWorker, 10, 20));
        builder.add(ran(1, 0, 20));
        builder.add(ran(1, 30, 20));
        builder.add(ran(1, 30, std::numeric_limits<TimeNs>::max()));
        QCOMPARE(builder.snapshot()->spans, std::uint64_t{0});
        lost.submitNs = 499;
        builder.add(lost);
        QCOMPARE(builder.snapshot()->spans, std::uint64_t{1});
    }

    void waysOfCopiesAreSpansOfTheNodeThatGotThem()
    {
        SpanBuilder builder;
        builder.add(types::CopyRecord{7, 0, 2, 1, false, 100, 300}, 4, 9);
        builder.add(types::CopyRecord{8, 0, 2, 300, false, 200, 250}, 4, 10); // at once; from a node that no flag can name
        builder.add(types::CopyRecord{7, 0, 2, types::kNoNode, true, 400, 400}, 4, 9);      // it went
        builder.add(types::CopyRecord{7, 0, 3, types::kNoNode, false, 500, 500}, 4, 9);     // nobody knows how it came
        builder.add(types::CopyRecord{7, 0, 3, 1, false, 600, 500}, 4, 9);
        const auto set = builder.snapshot();
        QCOMPARE(set->spans, std::uint64_t{2});
        QCOMPARE(set->tracks.size(), std::size_t{1});
        const auto* brought = set->find(2);
        QVERIFY(brought != nullptr);
        const auto& block = *brought->blocks.front();
        QCOMPARE(block.startNs(0), TimeNs{100});
        QCOMPARE(block.endNs(0), TimeNs{300});
        QVERIFY(block.row[0] == 7 && block.vertex[0] == 4 && block.index[0] == 9);
        QCOMPARE(types::transferFrom(block.flags[0]), 1);
        QCOMPARE(types::transferFrom(block.flags[1]), -1);
        QVERIFY((block.flags[0] & (types::kSpanAgain | types::kSpanCut)) == 0 && types::spanOutcome(block.flags[0]) == TaskState::Finished);
    }

    void openTasksAreTold()
    {
        SpanBuilder builder;
        builder.setOpen(4, {{17, 3, 2, 1, 1'000}});
        const auto set = builder.snapshot();
        QVERIFY(set->find(4) != nullptr);
        QCOMPARE(set->find(4)->open.front().row, 17u);
        QVERIFY(set->find(3) == nullptr);
    }

    void activityIsTheExactMeanOfWhatRan()
    {
        for (int world = 0; world < 10; ++world) {
            std::mt19937_64 random(seedOf(world));
            auto attempts = tidyWorld(random, 3, 400, 80'000'000);
            for (std::uint32_t i = 0; i < attempts.size(); i += 9) attempts[i].row = 0; // computed again: done once
            std::shuffle(attempts.begin(), attempts.end(), random);
            const auto set = built(attempts);
            const auto& activity = set->activity;
            QVERIFY(activity.running.size() > types::kActivityBuckets / 4 && activity.running.size() <= types::kActivityBuckets);
            const auto overlap = [&](TimeNs from, TimeNs to, TimeNs low) {
                return static_cast<double>(std::max<TimeNs>(0, std::min(to, low + activity.bucketNs) - std::max(from, low)));
            };
            for (std::size_t b = 0; b < activity.running.size(); b += 37) {
                const TimeNs low = activity.firstNs + static_cast<TimeNs>(b) * activity.bucketNs;
                double running = 0, ready = 0;
                std::uint32_t started = 0;
                for (const auto& a : attempts) {
                    running += overlap(a.startNs, a.endNs, low);
                    ready += overlap(a.submitNs - a.waitUs * TimeNs{1'000}, a.startNs, low);
                    started += a.startNs < low + activity.bucketNs;
                }
                QVERIFY(std::abs(running / static_cast<double>(activity.bucketNs) - static_cast<double>(activity.running[b])) < 1e-3);
                QVERIFY(std::abs(ready / static_cast<double>(activity.bucketNs) - static_cast<double>(activity.ready[b])) < 1e-3);
                QCOMPARE(activity.started[b], started);
            }
            std::map<std::uint32_t, bool> done;
            for (const auto& a : attempts)
                if (a.outcome == TaskState::Finished) done[a.row] = true;
            QCOMPARE(std::size_t{activity.done.back()}, done.size());
        }
    }
};

QTEST_GUILESS_MAIN(TestSpanBlock)
#include "tst_span_block.moc"
