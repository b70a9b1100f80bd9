// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// RunStore against a naive model of itself and against what really happened.
#include "engine/trace/run_store.h"
#include "tests/engine/trace/naive_run.h"
#include "tests/engine/trace/trace_samples.h"

#include <QtTest/qtest.h>
#include <QtTest/qtestcase.h>

#include <set>

using namespace orrery;
using base::Random;
using naive::NaiveRun;
using naive::OwnerStory;
using trace::Applied;
using trace::BlockView;
using trace::BlockWriter;
using trace::RunStore;
using types::TaskState;

namespace {

const base::RunId kRun = samples::runId(1);

std::string difference(const RunStore& store, const NaiveRun& model)
{
    if (store.rows() != model.rows()) return "rows";
    for (std::uint32_t row = 0; row < store.rows(); ++row) {
        if (store.state(row) == model.state(row)) continue;
        std::string text = "the model says " + std::string(types::jsonName(model.state(row)));
        for (const auto& line : store.story(row)) text += "\n  " + line;
        return text;
    }
    if (store.counts() != model.counts()) return "counts";
    for (std::size_t v = 0; v < store.vertices(); ++v)
        if (!(store.vertex(v) == model.vertex(static_cast<std::uint16_t>(v)))) return "counts of vertex " + std::to_string(v);
    if (store.reexecuted() != model.reexecuted()) return "re-executed " + std::to_string(store.reexecuted()) + ", the model says " + std::to_string(model.reexecuted());
    std::set<std::pair<std::uint16_t, std::uint32_t>> open;
    for (const auto& span : store.openSpans()) open.insert({span.worker, span.row});
    if (open != model.open()) return "open spans";
    if (!(store.objectTotals() == model.objectTotals())) return "objects";
    return store.audit();
}

types::Attempt attemptOf(std::uint32_t row, std::uint8_t number, TaskState outcome, base::TimeNs endNs)
{
    types::Attempt a;
    a.row = row;
    a.mapIndex = row;
    a.worker = 1;
    a.attempt = number;
    a.outcome = outcome;
    a.submitNs = endNs - 300;
    a.startNs = endNs - 200;
    a.endNs = endNs;
    return a;
}

} // namespace

class TstRunStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aRunAsItsOwnerLivesItIsWhatTheStoreSaysAtEachBlock()
    {
        std::size_t compared = 0;
        for (std::uint64_t seed = 1; seed <= 25; ++seed) {
            OwnerStory owner(kRun, seed);
            RunStore store(kRun);
            NaiveRun model;
            Random random(seed ^ 0xabc);
            for (int block = 0; block < 50; ++block) {
                const auto bytes = owner.next();
                const auto applied = store.apply(bytes);
                QVERIFY2(applied.ok(), applied.ok() ? "" : applied.error().message.c_str());
                QCOMPARE(*applied, Applied::Now);
                model.apply(*BlockView::open(*bytes));
                if (random.chance(0.3)) { // doubled on the way
                    QCOMPARE(*store.apply(store.block(1 + random.below(store.blocks()))), Applied::Already);
                }
                const std::string wrong = difference(store, model);
                QVERIFY2(wrong.empty(), ("seed " + std::to_string(seed) + " block " + std::to_string(block) + ": " + wrong).c_str());
                for (std::uint32_t row = 0; row < owner.rows(); ++row) QCOMPARE(store.state(row), owner.now(row));
                QVERIFY2(store.problem().empty(), store.problem().c_str());
            }
            // And what really was, at any instant, as far as a log can know it.
            std::vector<std::uint8_t> all;
            for (int i = 0; i < 60; ++i) {
                const base::TimeNs at = store.firstNs() + static_cast<base::TimeNs>(random.below(static_cast<std::uint64_t>(owner.nowNs() - store.firstNs() + 2'000)));
                store.statesAt(at, all);
                for (std::uint32_t row = 0; row < store.rows(); ++row) {
                    const auto state = store.stateAt(row, at);
                    QCOMPARE(state, model.stateAt(row, at));
                    QCOMPARE(all[row], state ? static_cast<std::uint8_t>(*state) : RunStore::kNotYet);
                    const auto truth = owner.truthAt(row, at);
                    if (!truth) continue;
                    ++compared;
                    if (state == truth) continue;
                    std::string text = "really " + std::string(types::jsonName(*truth)) + " at " + std::to_string(at - store.firstNs());
                    for (const auto& line : store.story(row)) text += "\n  " + line;
                    QFAIL(text.c_str());
                }
            }
        }
        qInfo("%zu instants of tasks compared with what really was", compared);
        QVERIFY(compared > 10'000);
    }

    void anyEventsInAnyOrderGiveWhatTheModelSays()
    {
        for (std::uint64_t seed = 1; seed <= 150; ++seed) {
            Random random(seed);
            BlockWriter writer(kRun, 0, 1);
            RunStore store(kRun);
            NaiveRun model;
            std::uint32_t rows = 0;
            for (std::uint64_t number = 1; number <= 12; ++number) {
                if (rows == 0 || random.chance(0.3)) {
                    const auto width = static_cast<std::uint32_t>(1 + random.below(6));
                    const auto state = random.chance(0.7) ? TaskState::PendingArgs : static_cast<TaskState>(6 + random.below(types::kTaskStates - 6));
                    writer.add(types::RowRange{rows, width, rows, 0, state, static_cast<base::TimeNs>(1 + random.below(1000))});
                    rows += width;
                }
                for (std::uint64_t n = random.below(12); n > 0; --n) {
                    const auto row = static_cast<std::uint32_t>(random.below(rows));
                    const auto attempt = static_cast<std::uint8_t>(1 + random.below(4));
                    const auto at = static_cast<base::TimeNs>(1 + random.below(1000));
                    switch (random.below(3)) {
                    case 0: {
                        const TaskState outcomes[] = {TaskState::Finished, TaskState::Failed, TaskState::Retrying, TaskState::Cancelled};
                        auto a = attemptOf(row, attempt, outcomes[random.below(4)], at + 300);
                        if (random.chance(0.2)) a.worker = types::kNoWorker;
                        if (random.chance(0.2)) a.submitNs = 0;
                        a.worker = random.chance(0.2) ? types::kNoWorker : static_cast<std::uint16_t>(random.below(3));
                        a.waitUs = static_cast<std::uint32_t>(random.below(2));
                        writer.add(a);
                        break;
                    }
                    case 1: {
                        const auto state = static_cast<TaskState>(random.below(types::kTaskStates));
                        const bool onWorker = state == TaskState::Running || random.chance(0.5); // a mark Running always names its track
                        writer.add(types::StateMark{row, state, attempt, onWorker ? static_cast<std::uint16_t>(random.below(3)) : types::kNoWorker, at});
                        break;
                    }
                    default: {
                        types::ObjectRecord object;
                        object.row = row;
                        object.output = static_cast<std::uint16_t>(random.below(3));
                        object.state = static_cast<types::ObjectState>(random.below(6));
                        object.bytes = random.below(1000);
                        object.atNs = at;
                        writer.add(object);
                    }
                    }
                }
                const auto bytes = writer.seal(number);
                const auto applied = store.apply(bytes);
                QVERIFY2(applied.ok(), applied.ok() ? "" : applied.error().message.c_str());
                model.apply(*BlockView::open(*bytes));
                const std::string wrong = difference(store, model);
                QVERIFY2(wrong.empty(), ("seed " + std::to_string(seed) + ": " + wrong).c_str());
            }
            std::vector<std::uint8_t> all;
            for (base::TimeNs at = 0; at < 1400; at += 13) {
                store.statesAt(at, all);
                for (std::uint32_t row = 0; row < rows; ++row) {
                    if (store.stateAt(row, at) != model.stateAt(row, at)) {
                        std::string text = "seed " + std::to_string(seed) + ": other than the model at " + std::to_string(at);
                        for (const auto& change : store.history(row)) text += "\n  store: " + std::to_string(change.atNs) + " " + std::string(types::jsonName(change.state));
                        for (const auto& line : store.story(row)) text += "\n  " + line;
                        for (const auto& line : model.story(row)) text += "\n  " + line;
                        QFAIL(text.c_str());
                    }
                    const auto state = store.stateAt(row, at);
                    QCOMPARE(all[row], state ? static_cast<std::uint8_t>(*state) : RunStore::kNotYet);
                }
            }
        }
    }

    void aMissingBlockIsAGapAndChangesNothing()
    {
        OwnerStory owner(kRun, 5);
        RunStore store(kRun);
        std::vector<types::BlockBytes> blocks;
        for (int i = 0; i < 5; ++i) blocks.push_back(owner.next());
        QCOMPARE(*store.apply(blocks[1]), Applied::Gap);
        QCOMPARE(store.rows(), 0u);
        QCOMPARE(*store.apply(blocks[0]), Applied::Now);
        const auto counts = store.counts();
        QCOMPARE(*store.apply(blocks[3]), Applied::Gap);
        QVERIFY(store.counts() == counts);
        QCOMPARE(*store.apply(blocks[0]), Applied::Already);
        for (std::size_t i = 1; i < blocks.size(); ++i) QCOMPARE(*store.apply(blocks[i]), Applied::Now);
        QCOMPARE(store.blocks(), std::uint64_t{5});
        QVERIFY2(store.audit().empty(), store.audit().c_str());
    }

    void aNewHomeBeginsAnewAndTheOldOneIsNotHeardAnyMore()
    {
        RunStore store(kRun);
        const auto first = samples::flood(kRun, 10'000, 1);
        const auto second = samples::flood(kRun, 5'000, 2);
        for (const auto& block : first) QCOMPARE(*store.apply(block), Applied::Now);
        QCOMPARE(*store.apply(second[1]), Applied::Gap); // not from its beginning
        QCOMPARE(store.homeEpoch(), std::uint64_t{1});
        QCOMPARE(*store.apply(second[0]), Applied::Now);
        QCOMPARE(store.homeEpoch(), std::uint64_t{2});
        QCOMPARE(store.rows(), 5'000u);
        QCOMPARE(*store.apply(first.back()), Applied::OfEarlierHome);
        for (std::size_t i = 1; i < second.size(); ++i) QCOMPARE(*store.apply(second[i]), Applied::Now);
        QVERIFY2(store.audit().empty(), store.audit().c_str());
        RunStore fresh(kRun);
        for (const auto& block : second) QCOMPARE(*fresh.apply(block), Applied::Now);
        QVERIFY(fresh.counts() == store.counts());
        QVERIFY(fresh.objectTotals() == store.objectTotals());
    }

    void aBlockThatContradictsTheStoreIsRefusedWholeWithAReason()
    {
        RunStore store(kRun);
        BlockWriter writer(kRun, 0, 1);
        writer.add(types::RowRange{0, 4, 0, 0, TaskState::PendingArgs, 10});
        QCOMPARE(*store.apply(writer.seal(1)), Applied::Now);
        const auto refused = [&](auto tell, const char* word) {
            BlockWriter hostile(kRun, 0, 1);
            hostile.add(types::RowRange{4, 1, 4, 0, TaskState::PendingArgs, 10});
            tell(hostile);
            const auto applied = store.apply(hostile.seal(2));
            return !applied.ok() && applied.error().code == base::Errc::BadInput && applied.error().message.find(word) != std::string::npos && store.rows() == 4 && store.blocks() == 1;
        };
        QVERIFY(refused([](BlockWriter& w) { w.add(attemptOf(5, 1, TaskState::Finished, 500)); }, "row 5"));
        QVERIFY(refused([](BlockWriter& w) { auto a = attemptOf(2, 1, TaskState::Finished, 500); a.vertex = 3; w.add(a); }, "vertex 3"));
        QVERIFY(refused([](BlockWriter& w) { auto a = attemptOf(4, 1, TaskState::Finished, 500); a.mapIndex = 9; w.add(a); }, "index 9"));
        QVERIFY(refused([](BlockWriter& w) { w.add(types::StateMark{5, TaskState::Running, 1, 1, 20}); }, "mark"));
        QVERIFY(refused([](BlockWriter& w) { w.add(types::RowRange{9, 1, 9, 0, TaskState::PendingArgs, 10}); }, "row 5 is next"));
        QVERIFY(refused([](BlockWriter& w) { w.add(types::RowRange{5, trace::kRowsMax, 9, 0, TaskState::PendingArgs, 10}); }, "at most"));
        QVERIFY(refused([](BlockWriter& w) { types::ObjectRecord o; o.row = 7; w.add(o); }, "object"));
        QVERIFY(refused([](BlockWriter& w) { types::ObjectRecord o; o.output = 64; w.add(o); }, "output 64"));
        QVERIFY(refused([](BlockWriter& w) { w.add(types::CopyRecord{7, 0, 1, 0, false, 5, 6}); }, "copy"));
        QVERIFY(refused([](BlockWriter& w) { w.add(types::CopyRecord{1, 0, types::kNoNode, 0, false, 5, 6}); }, "copy"));
        BlockWriter other(samples::runId(9), 0, 1);
        QVERIFY(!store.apply(other.seal(2)).ok());
        BlockWriter texts(kRun, 0, 1);
        texts.addError("one");
        texts.seal(1);
        texts.addError("two");
        QVERIFY(!store.apply(texts.seal(2)).ok()); // the first text never came
        QVERIFY2(store.audit().empty(), store.audit().c_str());
    }

    void aDoubledResultIsNotCountedAndIsTold()
    {
        RunStore store(kRun);
        BlockWriter writer(kRun, 0, 1);
        writer.add(types::RowRange{0, 2, 0, 0, TaskState::PendingAssignment, 10});
        writer.add(attemptOf(0, 1, TaskState::Finished, 1000));
        writer.add(attemptOf(0, 1, TaskState::Failed, 2000));
        QCOMPARE(*store.apply(writer.seal(1)), Applied::Now);
        writer.add(attemptOf(0, 1, TaskState::Finished, 3000));
        QCOMPARE(*store.apply(writer.seal(2)), Applied::Now);
        QCOMPARE(store.problems(), std::uint64_t{2});
        QVERIFY(store.problem().find("row 0 ended twice") != std::string::npos);
        QCOMPARE(store.state(0), TaskState::Finished);
        QCOMPARE(store.endedAttempts(0), 1u);
        QCOMPARE(store.vertex(0).busyNs, std::uint64_t{200});
        QVERIFY2(store.audit().empty(), store.audit().c_str());
    }

    void aStoryTellsEveryAttemptAndItsReason()
    {
        RunStore store(kRun);
        BlockWriter writer(kRun, 0, 1);
        writer.add(types::RowRange{0, 1, 0, 0, TaskState::PendingAssignment, 500});
        auto lost = attemptOf(0, 1, TaskState::Retrying, 2000);
        lost.cause = types::Cause::WorkerDied;
        lost.error = writer.addError("killed by signal 9");
        writer.add(lost);
        writer.add(attemptOf(0, 2, TaskState::Finished, 9000));
        types::ObjectRecord object;
        object.bytes = 77;
        object.atNs = 9000;
        writer.add(object);
        QCOMPARE(*store.apply(writer.seal(1)), Applied::Now);
        std::string text;
        for (const auto& line : store.story(0)) text += line + "\n";
        for (const char* word : {"RETRYING", "worker died", "killed by signal 9", "FINISHED", "attempt 2", "77 bytes", "worker 1"}) QVERIFY2(text.find(word) != std::string::npos, text.c_str());
        QCOMPARE(store.reexecuted(), std::uint64_t{1});
        QVERIFY(store.story(3).front().find("does not exist") != std::string::npos);
    }

    void whatAnObjectWasIsStillKnownWhenItIsFreed()
    {
        RunStore store(kRun);
        BlockWriter writer(kRun, 0, 1);
        writer.add(types::RowRange{0, 2, 0, 0, TaskState::PendingAssignment, 5});
        types::ObjectRecord made;
        made.row = 1;
        made.output = 2;
        made.type = 6;
        made.rank = 2;
        made.shape = {30, 40, 0, 0};
        made.bytes = 4800;
        made.atNs = 100;
        writer.add(made);
        QCOMPARE(*store.apply(writer.seal(1)), Applied::Now);
        types::ObjectRecord freed;
        freed.row = 1;
        freed.output = 2;
        freed.state = types::ObjectState::Freed;
        freed.atNs = 900;
        writer.add(freed);
        QCOMPARE(*store.apply(writer.seal(2)), Applied::Now);
        const auto index = store.findObject(1, 2);
        QVERIFY(index != trace::kNone);
        const auto object = store.object(index);
        QCOMPARE(object.state, types::ObjectState::Freed);
        QCOMPARE(object.atNs, base::TimeNs{900});
        QCOMPARE(object.shape[1], 40u);
        QCOMPARE(object.bytes, std::uint64_t{4800});
        QCOMPARE(store.findObject(1, 1), trace::kNone);
        QCOMPARE(store.objectTotals().count[static_cast<std::size_t>(types::ObjectState::Freed)], 1u);
    }

    void copiesComeAndGoBesideThePrimary()
    {
        RunStore store(kRun);
        BlockWriter writer(kRun, 0, 1);
        const auto at = [&](std::uint32_t row) {
            const auto nodes = store.copiesOf(store.findObject(row, 0));
            return std::vector<std::uint16_t>(nodes.begin(), nodes.end());
        };
        writer.add(types::RowRange{0, 2, 0, 0, TaskState::PendingAssignment, 5});
        for (const std::uint32_t row : {0u, 1u}) {
            types::ObjectRecord made;
            made.row = row;
            made.node = 1;
            made.bytes = 100;
            made.atNs = 50;
            writer.add(made);
        }
        writer.add(types::CopyRecord{0, 0, 2, 1, false, 60, 80});
        writer.add(types::CopyRecord{0, 0, 0, 2, false, 70, 90});
        writer.add(types::CopyRecord{1, 0, 2, 1, false, 60, 80});
        QCOMPARE(*store.apply(writer.seal(1)), Applied::Now);
        QCOMPARE(at(0), (std::vector<std::uint16_t>{2, 0}));
        QCOMPARE(store.copies(), std::uint64_t{3});
        QCOMPARE(store.lastNs(), base::TimeNs{90});
        // In one block: the copy goes, the value moves there and back, and another copy comes.
        writer.add(types::CopyRecord{1, 0, 2, types::kNoNode, true, 95, 95});
        writer.add(types::CopyRecord{1, 0, 0, 1, false, 96, 97});
        writer.add(types::CopyRecord{0, 0, 2, types::kNoNode, true, 98, 98});
        QCOMPARE(*store.apply(writer.seal(2)), Applied::Now);
        QCOMPARE(at(0), (std::vector<std::uint16_t>{0}));
        QCOMPARE(at(1), (std::vector<std::uint16_t>{0}));
        QCOMPARE(store.copies(), std::uint64_t{2});
        std::size_t told = 0;
        for (std::uint64_t number = 1; number <= store.blocks(); ++number) store.eachCopyOfBlock(number, [&](const types::CopyRecord&) { ++told; });
        QCOMPARE(told, std::size_t{6});
        QVERIFY(store.problem().empty() && store.audit().empty());
        // What cannot be is told and not counted.
        writer.add(types::CopyRecord{0, 0, 0, 1, false, 99, 99});
        QCOMPARE(*store.apply(writer.seal(3)), Applied::Now);
        QVERIFY(store.problem().find("came twice") != std::string::npos);
        writer.add(types::CopyRecord{0, 0, 7, 1, true, 99, 99});
        writer.add(types::CopyRecord{0, 1, 7, 1, false, 99, 99}); // no such object
        QCOMPARE(*store.apply(writer.seal(4)), Applied::Now);
        QCOMPARE(store.problems(), std::uint64_t{3});
        QCOMPARE(store.copies(), std::uint64_t{2});
        // One object on every node there could be: no list grows without end.
        for (std::uint16_t node = 100; node < 2000; ++node) writer.add(types::CopyRecord{1, 0, node, 1, false, 99, 99});
        QCOMPARE(*store.apply(writer.seal(5)), Applied::Now);
        QCOMPARE(at(1).size(), trace::kCopiesMax);
        QVERIFY2(store.audit().empty(), store.audit().c_str());
        // Another home begins anew.
        BlockWriter next(kRun, 3, 2);
        QCOMPARE(*store.apply(next.seal(1)), Applied::Now);
        QVERIFY(store.copies() == 0 && at(0).empty());
    }

    void rowsAreFoundByVertexAndIndex()
    {
        RunStore store(kRun);
        BlockWriter writer(kRun, 0, 1);
        writer.add(types::RowRange{0, 3, 0, 2, TaskState::PendingArgs, 5});
        writer.add(types::RowRange{3, 4, 0, 1, TaskState::PendingArgs, 5});
        writer.add(types::RowRange{7, 2, 3, 2, TaskState::PendingArgs, 5});
        QCOMPARE(*store.apply(writer.seal(1)), Applied::Now);
        QCOMPARE(store.rowOf(2, 2), 2u);
        QCOMPARE(store.rowOf(2, 4), 8u);
        QCOMPARE(store.rowOf(1, 3), 6u);
        QCOMPARE(store.rowOf(1, 4), types::kNoRow);
        QCOMPARE(store.rowOf(9, 0), types::kNoRow);
    }
};

QTEST_GUILESS_MAIN(TstRunStore)
#include "tst_run_store.moc"
