// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The head's shell, end to end: sessions on one side, scripted nodes over loopback links on the other, fakes of its ports below.
#include "engine/head/head.h"
#include "tests/engine/head/test_catalog.h"
#include "tests/support/fake_head_ports.h"
#include "tests/support/fake_node.h"
#include "tests/support/step_loop.h"

#include <QtTest/QTest>

using namespace orrery;
using namespace orrery::headtest;
using base::kMillisecond;
using base::kSecond;
using types::RunState;

#define QSTR(text) QString::fromStdString(text)

namespace {

template <typename T>
struct Got {
    std::vector<base::Result<T>> all;
    std::function<void(base::Result<T>)> take()
    {
        return [this](base::Result<T> result) { all.push_back(std::move(result)); };
    }
};

// A mirror as a window keeps one: it applies every delta and says taken().
struct Mirror {
    head::Head* head = nullptr;
    head::WatchId id = 0;
    bool takes = true;
    std::uint64_t deltas = 0, bytes = 0, resyncs = 0, epoch = 0, seq = 0;
    std::unique_ptr<trace::RunStore> store;
    std::map<std::uint32_t, types::RunRow> runs;
    std::vector<types::NodeRow> nodes;
    std::vector<base::Error> errors;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);

    Mirror() = default;
    Mirror(const Mirror&) = delete;
    Mirror& operator=(const Mirror&) = delete;
    ~Mirror() { *alive = false; } // the head ends later and says so to its watches
    void watch(head::Head& on, types::Interest interest = {})
    {
        head = &on;
        id = on.watch(std::move(interest), [this, lives = alive](base::Result<types::Delta> delta) {
            if (!*lives) return;
            if (!delta) errors.push_back(delta.error());
            else apply(*delta);
        });
    }
    void apply(const types::Delta& delta)
    {
        ++deltas;
        QCOMPARE(delta.seq, seq + 1);
        seq = delta.seq;
        if (delta.resync) {
            ++resyncs;
            store.reset();
            runs.clear();
        }
        epoch = delta.epoch;
        if (delta.graph || !store) store = std::make_unique<trace::RunStore>(delta.run);
        for (const auto& row : delta.runs) runs[row.number] = row;
        if (!delta.nodes.empty()) nodes = delta.nodes;
        for (const auto& block : delta.blocks) {
            const auto applied = store->apply(block);
            QVERIFY2(applied.ok() && *applied == trace::Applied::Now, applied.ok() ? "not applied" : applied.error().message.c_str());
        }
        if (takes) head->taken(id);
    }
};

struct World {
    tests::StepLoop loop;
    tests::FakeJournal journal;
    tests::FakeRecorder recorder;
    tests::FakeCatalogSource plugins;
    tests::FakeLauncher launcher;
    head::CanBoard cans;
    std::unique_ptr<head::Head> head;
    bool ended = false;

    explicit World(bool catalog = true)
    {
        if (catalog) plugins.catalog = testCatalog();
        startHead(1);
    }
    void startHead(std::uint64_t epoch)
    {
        head = std::make_unique<head::Head>(loop, head::Head::Parts{journal, recorder, plugins, launcher, loop, cans}, journal.stored(base::ClusterId{{1, 2}}, epoch),
                                            head::TableOptions{"here", {}});
        head->setEnded([this] { ended = true; });
        head->start();
        loop.runReady();
    }
    base::RunId start(const std::string& document = oneVertex("doc"))
    {
        Got<types::Reply> got;
        types::StartRun wish;
        wish.document = document;
        head->act(wish, got.take());
        loop.runReady();
        return got.all.size() == 1 && got.all[0].ok() ? got.all[0]->run : base::RunId{};
    }
    const head::Run& run(base::RunId id) { return *head->table().runs().find(id); }
};

} // namespace

class tst_head : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void questionsAboutTablesTakeTurnsAndAreAnsweredOnceEach()
    {
        World world;
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.connect();
        const auto run = world.start();
        for (int i = 0; i < 20; ++i) node.work(run, 1000, world.loop.nowNs());
        world.loop.advance(kSecond);
        Got<types::Page> wide, narrow, wrong, late;
        world.head->ask({"tasks", run, "state=finished", "-dur", {"name"}, 19'990, 100}, wide.take());
        world.head->ask({"nodes", {}, "", "", {"node", "state"}, 0, 100}, narrow.take());
        world.head->ask({"nodes", {}, "stat=1", "", {}, 0, 100}, wrong.take());
        QCOMPARE(world.head->openQuestions(), std::size_t{3});
        world.loop.runReady();
        QCOMPARE(world.head->openQuestions(), std::size_t{0});
        QCOMPARE(wide.all.size() + narrow.all.size() + wrong.all.size(), std::size_t{3});
        QVERIFY2(wide.all[0].ok(), wide.all[0].ok() ? "" : wide.all[0].error().message.c_str());
        QCOMPARE(wide.all[0]->total, std::uint64_t{20'000});
        QCOMPARE(wide.all[0]->rows.size(), std::size_t{10});
        QVERIFY((narrow.all[0]->rows == std::vector<std::vector<types::Cell>>{{std::string("A"), std::string("ALIVE")}}));
        QVERIFY(wrong.all[0].error().code == base::Errc::BadInput);
        world.head->ask({"nodes", {}, "", "", {}, 0, 100}, late.take());
        world.head.reset();
        QCOMPARE(late.all.size(), std::size_t{1});
        QVERIFY(late.all[0].error().code == base::Errc::Unavailable);
    }
    void aRunGoesFromTheSessionThroughANodeToTheMirrorAndTheRecord()
    {
        World world;
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.connect();
        Mirror mirror;
        mirror.watch(*world.head);
        world.loop.runReady();
        const auto run = world.start();
        QVERIFY(!run.isNull());
        QVERIFY(node.runs.count(run) == 1);
        for (int i = 0; i < 20; ++i) {
            node.work(run, 100, world.loop.nowNs());
            world.loop.advance(50 * kMillisecond);
        }
        types::LogLine line;
        line.text = "hello";
        node.send(net::LogLines{{line}});
        node.end(run);
        world.loop.advance(kSecond);
        QVERIFY(world.run(run).row.state == RunState::Succeeded);
        QCOMPARE(mirror.store->rows(), 2000u);
        QCOMPARE(mirror.store->blocks(), 20u);
        QCOMPARE(mirror.runs.at(1).counts[static_cast<int>(types::TaskState::Finished)], 2000u);
        QVERIFY(mirror.runs.at(1).state == RunState::Succeeded);
        QVERIFY2(mirror.deltas <= 15, "ten deltas a second, no more"); // one second of work, joined and started before
        QVERIFY(node.runs.at(run).unacknowledged.empty());
        const auto& record = world.recorder.records.at(run);
        QCOMPARE(record.blocks.size(), std::size_t{20});
        QVERIFY(record.closed);
        QCOMPARE(record.lines.size(), std::size_t{1});
        QCOMPARE(record.world.nodes.size(), std::size_t{1});
        QVERIFY(record.world.graph && record.world.catalog);
        for (std::size_t i = 0; i < 20; ++i) QVERIFY(record.blocks[i] == mirror.store->block(i + 1)); // the same bytes, not a copy
        QVERIFY(world.journal.runs.at(run).row.state == RunState::Succeeded);
        QVERIFY2(world.head->table().audit().empty(), world.head->table().audit().c_str());
    }
    void aMirrorThatDoesNotTakeHoldsNothingUpAndCatchesUpAfterwards()
    {
        World world;
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.connect();
        Mirror slow, quick;
        slow.takes = false;
        slow.watch(*world.head);
        quick.watch(*world.head);
        world.loop.runReady();
        const auto run = world.start();
        for (int i = 0; i < 100; ++i) {
            node.work(run, 10, world.loop.nowNs());
            node.beat();
            world.loop.advance(100 * kMillisecond);
        }
        QCOMPARE(slow.deltas, 1u);
        QCOMPARE(quick.store->rows(), 1000u);
        slow.takes = true;
        slow.head->taken(slow.id);
        world.loop.advance(kSecond);
        QCOMPARE(slow.store->rows(), 1000u);
        QVERIFY(slow.deltas <= 4);
    }
    void aNodeThatDiesMidRunLosesNothingAndTheMirrorBeginsAnew()
    {
        World world;
        tests::FakeNode first(world.loop, *world.head, 1, 77), second(world.loop, *world.head, 2, 78);
        first.connect();
        world.loop.runReady();
        Mirror mirror;
        mirror.watch(*world.head);
        const auto run = world.start();
        QVERIFY(first.runs.count(run) == 1);
        second.connect();
        first.work(run, 50, world.loop.nowNs());
        world.loop.advance(kSecond);
        QCOMPARE(mirror.store->rows(), 50u);
        first.cut();
        for (int i = 0; i < 7; ++i) { // nobody says that it died: six seconds decide
            second.beat();
            world.loop.advance(kSecond);
        }
        QVERIFY(second.runs.count(run) == 1);
        second.work(run, 80, world.loop.nowNs());
        second.end(run);
        world.loop.advance(kSecond);
        QVERIFY(world.run(run).row.state == RunState::Succeeded);
        QCOMPARE(mirror.store->rows(), 80u);
        QCOMPARE(mirror.resyncs, 1u);
        QCOMPARE(mirror.runs.at(1).reexecuted, 50u);
        QCOMPARE(world.recorder.records.at(run).blocks.size(), std::size_t{1});
        QVERIFY2(world.head->table().audit().empty(), world.head->table().audit().c_str());
    }
    void blocksThatWereLostWithTheLinkComeAgainOnce()
    {
        World world;
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.connect();
        Mirror mirror;
        mirror.watch(*world.head);
        world.loop.runReady();
        const auto run = world.start();
        node.work(run, 10, world.loop.nowNs());
        world.loop.runReady();
        node.work(run, 10, world.loop.nowNs());
        node.cut(); // the second block is under way
        node.work(run, 10, world.loop.nowNs());
        node.end(run);
        world.loop.advance(2 * kSecond);
        QVERIFY(world.run(run).row.state == RunState::Running);
        node.connect();
        world.loop.advance(kSecond);
        QVERIFY(world.run(run).row.state == RunState::Succeeded);
        QCOMPARE(mirror.store->rows(), 30u);
        QVERIFY(node.runs.at(run).unacknowledged.empty());
    }
    void theNextHeadGoesOnWithWhatWasRecorded()
    {
        World world;
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.connect();
        world.loop.runReady();
        const auto run = world.start();
        node.work(run, 10, world.loop.nowNs());
        world.loop.runReady();
        node.cut();
        world.loop.runReady();
        world.startHead(2);
        node.meet(*world.head);
        QVERIFY(world.run(run).row.state == RunState::Queued);
        Mirror mirror;
        mirror.watch(*world.head);
        node.connect();
        world.loop.runReady();
        QVERIFY(world.run(run).row.state == RunState::Running);
        QCOMPARE(node.runs.at(run).epoch, head::homeEpochOf(2, 1));
        QCOMPARE(node.number, std::uint16_t{0});
        node.work(run, 25, world.loop.nowNs());
        node.end(run);
        world.loop.advance(kSecond);
        QVERIFY(world.run(run).row.state == RunState::Succeeded);
        QCOMPARE(mirror.store->rows(), 25u);
        QVERIFY(mirror.epoch >> 20 == 2);
    }
    void theTraceOfAnEarlierRunComesFromItsRecordOnceForAllWhoLook()
    {
        World world;
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.connect();
        world.loop.runReady();
        const auto run = world.start();
        node.work(run, 10, world.loop.nowNs());
        node.end(run);
        world.loop.advance(kSecond);
        node.cut();
        world.loop.runReady();
        world.startHead(2);
        QVERIFY(!world.run(run).store);
        QCOMPARE(world.recorder.loads, 0); // nobody looks
        Got<types::Page> page;
        world.head->ask({"tasks", run, "", "", {"name"}, 0, 100}, page.take());
        Mirror mirror, second;
        types::Interest interest;
        interest.run = run;
        mirror.watch(*world.head, interest);
        second.watch(*world.head);
        world.loop.advance(kSecond);
        QCOMPARE(world.recorder.loads, 1);
        QVERIFY2(page.all.size() == 1 && page.all[0].ok(), "the question was not answered");
        QCOMPARE(page.all[0]->total, std::uint64_t{10});
        QCOMPARE(mirror.store->rows(), 10u);
        QCOMPARE(second.store->rows(), 10u);
        QCOMPARE(world.head->openQuestions(), std::size_t{0});
    }
    void aRecordThatCannotBeReadIsOneErrorAndNotAskedForAgain()
    {
        World world;
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.connect();
        world.loop.runReady();
        const auto run = world.start();
        node.work(run, 10, world.loop.nowNs());
        node.end(run);
        world.loop.advance(kSecond);
        node.cut();
        world.loop.runReady();
        world.startHead(2);
        world.recorder.records.clear();
        for (int i = 0; i < 2; ++i) {
            Got<types::Page> page;
            world.head->ask({"tasks", run, "", "", {"name"}, 0, 100}, page.take());
            world.loop.runReady();
            QCOMPARE(page.all.size(), std::size_t{1});
            QVERIFY(!page.all[0].ok() && page.all[0].error().code == base::Errc::NotFound);
        }
        QCOMPARE(world.recorder.loads, 1);
    }
    void aPreviewComesFromTheNodeOrWithOneClearError()
    {
        World world;
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.onPreview = [](const net::AskPreview& ask) {
            types::Preview preview;
            preview.text = "row " + std::to_string(ask.wish.object.row);
            return net::Answer{ask.request, preview};
        };
        node.connect();
        world.loop.runReady();
        const auto run = world.start();
        Got<types::Preview> got;
        types::PreviewWish wish;
        wish.object = {run, 12, 0, -1};
        world.head->preview(wish, got.take());
        world.loop.runReady();
        QCOMPARE(got.all.size(), std::size_t{1});
        QCOMPARE(QSTR(got.all[0]->text), QStringLiteral("row 12"));
        node.onPreview = nullptr; // it hangs
        world.head->preview(wish, got.take());
        for (int i = 0; i < 11; ++i) {
            node.beat();
            world.loop.advance(kSecond);
        }
        QCOMPARE(got.all.size(), std::size_t{2});
        QVERIFY(QSTR(got.all[1].error().message).contains(QStringLiteral("did not answer")));
    }
    void aHeadThatEndsAnswersEverythingThatIsOpen()
    {
        World world;
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.connect();
        world.loop.runReady();
        const auto run = world.start();
        Got<types::Preview> previews;
        Got<types::Chunk> chunks;
        Got<types::Reply> replies;
        Mirror mirror;
        mirror.watch(*world.head);
        types::PreviewWish wish;
        wish.object.run = run;
        world.head->preview(wish, previews.take());
        world.head->fetch({run, 0, 0, -1}, {}, chunks.take());
        world.head->act(types::AddNode{}, replies.take());
        world.loop.runReady();
        QCOMPARE(world.head->openQuestions(), world.head->table().openTickets());
        QVERIFY(world.cans.read(types::Verb::Run).yes);
        world.head.reset();
        for (const auto& error : {previews.all.at(0).error(), chunks.all.at(0).error(), replies.all.at(0).error(), mirror.errors.at(0)})
            QVERIFY(error.code == base::Errc::Unavailable);
        QVERIFY(!world.cans.read(types::Verb::Run).yes);
        world.loop.advance(100 * kSecond); // no timer of it is left to find it gone
        node.cut();
    }
    void aShutdownEndsTheHeadWhenTheLastNodeIsGone()
    {
        World world;
        Got<types::Reply> added, done;
        world.head->act(types::AddNode{}, added.take());
        world.loop.runReady();
        tests::FakeNode node(world.loop, *world.head, 1, world.launcher.lastPid);
        node.connect();
        world.loop.runReady();
        QVERIFY(added.all.size() == 1 && added.all[0].ok());
        QVERIFY(!world.launcher.watched.empty());
        const auto run = world.start();
        world.head->act(types::Shutdown{}, done.take());
        world.loop.runReady();
        QVERIFY(node.stopped && !world.ended && done.all.empty());
        QVERIFY(world.journal.runs.at(run).row.state == RunState::Stopped);
        node.cut();
        world.loop.runReady();
        QVERIFY(!world.ended); // its process may still be there
        world.launcher.exited(node.pid(), "its process ended with status 0");
        world.loop.runReady();
        QVERIFY(world.ended);
        QVERIFY(done.all.size() == 1 && done.all[0].ok());
    }
    void anIdleHeadSetsNoTimerButThatOfItsNodes()
    {
        World world;
        Mirror mirror;
        mirror.watch(*world.head);
        world.loop.advance(kSecond);
        QCOMPARE(world.loop.timers(), std::size_t{0});
        tests::FakeNode node(world.loop, *world.head, 1, 77);
        node.connect();
        world.loop.advance(kSecond);
        QCOMPARE(world.loop.timers(), std::size_t{1});
    }
    void thePluginsAreReadAtTheStartAndAgainOnRequest()
    {
        World world(false);
        Got<types::Reply> got, asked;
        types::StartRun wish;
        wish.document = oneVertex("doc");
        world.head->act(wish, got.take());
        world.loop.runReady();
        QVERIFY(got.all.empty());
        world.plugins.waiting(testCatalog(), {});
        world.loop.runReady();
        QVERIFY(got.all.size() == 1 && got.all[0].ok());
        world.head->act(types::RescanPlugins{}, asked.take());
        world.plugins.waiting(nullptr, "the worker program is missing");
        world.loop.runReady();
        QCOMPARE(QSTR(asked.all.at(0).error().message), QStringLiteral("the worker program is missing"));
    }
};

QTEST_GUILESS_MAIN(tst_head)
#include "tst_head.moc"
