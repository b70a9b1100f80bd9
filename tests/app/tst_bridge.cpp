// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/bridge.h"
#include "tests/app/scripted_run.h"
#include "tests/support/fake_session.h"

#include <QSignalSpy>
#include <QTest>
#include <thread>

using namespace orrery;
using namespace orrery::tests;
using app::Bridge;
using app::Outcome;
using widgets::LinkState;
using widgets::RunModel;

namespace {

struct World {
    RunModel model;
    std::shared_ptr<FakeSession> session = std::make_shared<FakeSession>();
    std::unique_ptr<Bridge> bridge = std::make_unique<Bridge>(model);
    World()
    {
        bridge->attach(session);
        if (!QTest::qWaitFor([this] { return session->world() != 0; })) qFatal("the bridge does not watch");
    }
    void waitFor(std::function<bool()> condition) { QVERIFY(QTest::qWaitFor(std::move(condition))); }
};

} // namespace

class tst_bridge : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void deltasFromASessionsThreadBecomeTheModelsOneUpdateATick()
    {
        World world;
        ScriptedRun run(1);
        run.addRows(kRender, 500);
        run.seal();
        world.session->deliver(world.session->world(), worldOf({&run}));
        world.waitFor([&] { return world.session->shown() != 0; });
        const auto watch = world.session->shown();
        QSignalSpy ticks(&world.model, &RunModel::ticked);
        std::atomic<bool> done{false};
        std::thread head([&] {
            std::uint64_t told = 0;
            for (std::uint32_t row = 0; row < 500; ++row) {
                run.ends(row, static_cast<std::uint16_t>(row % 3));
                run.seal();
                if (row % 16 == 0) std::this_thread::yield();
                if (!world.session->outstanding(watch)) {
                    world.session->deliver(watch, run.delta(told));
                    told = run.blocks();
                }
            }
            while (world.session->outstanding(watch)) std::this_thread::yield();
            world.session->deliver(watch, run.delta(told));
            done = true;
        });
        world.waitFor([&] { return done && world.model.vertices().size() > kRender && world.model.spans()->spans == 500; });
        head.join();
        QCOMPARE(world.session->outstandingMost(), 1);
        QCOMPARE(world.model.vertices()[kRender].counts[static_cast<std::size_t>(types::TaskState::Finished)], 500u);
        QVERIFY(ticks.count() > 0 && ticks.count() < 500);
        QVERIFY(world.model.deltaBytes() > 0);
    }
    void whatIsNotToldMakesNoUpdate()
    {
        World world;
        ScriptedRun run(1);
        world.session->deliver(world.session->world(), worldOf({&run}));
        world.waitFor([&] { return world.model.link() == LinkState::Up; });
        world.waitFor([&] { return !world.session->outstanding(world.session->world()); });
        QSignalSpy ticks(&world.model, &RunModel::ticked);
        QVERIFY(!ticks.wait(200));
    }
    void theLinkIsToldWithItsReason()
    {
        RunModel model;
        Bridge bridge(model);
        bridge.setLink(LinkState::Starting, QStringLiteral("the head starts"));
        QTRY_COMPARE(model.linkText(), QStringLiteral("the head starts"));
        QCOMPARE(model.link(), LinkState::Starting);
        QVERIFY(!bridge.can(types::Verb::Run).yes);
        QCOMPARE(bridge.can(types::Verb::Run).why, std::string("the head starts"));
        bridge.detach(LinkState::Failed, QStringLiteral("no port"));
        QTRY_COMPARE(model.link(), LinkState::Failed);
        QCOMPARE(model.linkText(), QStringLiteral("no port"));
        std::optional<base::Result<types::Page>> page;
        bridge.ask({}, [&](base::Result<types::Page> answer) { page = std::move(answer); });
        QVERIFY(!page); // never inside the call
        QTRY_VERIFY(page);
        QCOMPARE(page->error().code, base::Errc::Unavailable);
        QCOMPARE(page->error().message, std::string("no port"));
    }
    void answersComeOnTheUiThreadWhateverThreadTheSessionHas()
    {
        World world;
        QThread* on = nullptr;
        std::string text;
        world.bridge->preview({}, [&](base::Result<types::Preview> preview) {
            on = QThread::currentThread();
            text = preview->text;
        });
        world.waitFor([&] { return world.session->previews.size() == 1; });
        std::thread([&] {
            types::Preview preview;
            preview.text = "42";
            world.session->previews.answer(0, preview);
        }).join();
        QVERIFY(!on);
        QTRY_COMPARE(on, thread());
        QCOMPARE(text, std::string("42"));
        QVERIFY(world.bridge->quiet());
    }
    void aNullRunMeansTheShownOne()
    {
        World world;
        ScriptedRun run(1);
        world.session->deliver(world.session->world(), worldOf({&run}));
        world.waitFor([&] { return world.session->shown() != 0; });
        world.bridge->read({}, {5, 6}, [](auto) {});
        types::Query logs;
        logs.table = "logs";
        world.bridge->ask(logs, [](auto) {});
        world.waitFor([&] { return world.session->fetches.size() == 1 && world.session->asks.size() == 1; });
        QCOMPARE(world.session->fetches.wish(0).object.run, run.id());
        QCOMPARE(world.session->fetches.wish(0).range.offset, std::uint64_t{5});
        QCOMPARE(world.session->asks.wish(0).run, run.id());
    }
    void whatIsDroppedIsNotAnswered()
    {
        World world;
        bool told = false;
        const auto ticket = world.bridge->read({}, {}, [&](auto) { told = true; });
        world.waitFor([&] { return world.session->fetches.size() == 1; });
        world.bridge->drop(ticket);
        world.session->fetches.answer(0, types::Chunk{});
        bool after = false;
        world.bridge->read({}, {}, [&](auto) { after = true; });
        world.waitFor([&] { return world.session->fetches.size() == 1; });
        world.session->fetches.answer(0, types::Chunk{});
        QTRY_VERIFY(after);
        QVERIFY(!told);
        world.bridge->drop(ticket); // again: nothing
    }
    void aRefusedDocumentTellsAllItsProblems()
    {
        World world;
        std::optional<Outcome> outcome;
        world.bridge->run("{}", {{"a.value", "2"}}, QStringLiteral("Try"), [&](const Outcome& what) { outcome = what; });
        world.waitFor([&] { return world.session->acts.size() == 1; });
        const auto wish = std::get<types::StartRun>(world.session->acts.wish(0));
        QCOMPARE(wish.title, std::string("Try"));
        QCOMPARE(wish.params.at("a.value"), std::string("2"));
        world.session->acts.answer(0, types::Reply{{}, "the graph is refused", {"/vertices/0: one", "/edges/1: two"}});
        QTRY_VERIFY(outcome);
        QVERIFY(!outcome->ok);
        QCOMPARE(outcome->problems, QStringList({QStringLiteral("/vertices/0: one"), QStringLiteral("/edges/1: two")}));
        outcome.reset();
        world.bridge->killWorker(3, [&](const Outcome& what) { outcome = what; });
        world.waitFor([&] { return world.session->acts.size() == 1; });
        QCOMPARE(std::get<types::KillWorker>(world.session->acts.wish(0)).track, std::uint16_t{3});
        world.session->acts.answer(0, base::fail(base::Errc::NotFound, "there is no worker 3"));
        QTRY_VERIFY(outcome);
        QVERIFY(!outcome->ok);
        QCOMPARE(outcome->text, QStringLiteral("there is no worker 3"));
        world.session->answerCan = {false, "it is a recorded run"};
        QCOMPARE(world.bridge->can(types::Verb::Stop).why, std::string("it is a recorded run"));
    }
    void aRunThatIsStartedHereIsShownThoughAnotherWasNamed()
    {
        World world;
        ScriptedRun first(1), second(2), third(3);
        world.session->deliver(world.session->world(), worldOf({&first, &second}));
        world.waitFor([&] { return world.session->shown() != 0; });
        world.bridge->showRun(first.id());
        const auto shows = [&](const ScriptedRun& run) { return world.session->shown() != 0 && world.session->interest(world.session->shown()).run == run.id(); };
        world.waitFor([&] { return shows(first); });
        world.bridge->run("{}", {}, {}, {});
        world.waitFor([&] { return world.session->acts.size() == 1; });
        world.session->acts.answer(0, types::Reply{third.id(), {}, {}});
        world.waitFor([&] { return !world.session->outstanding(world.session->world()); });
        world.session->deliver(world.session->world(), worldOf({&third}));
        world.waitFor([&] { return shows(third); });
    }
    void detachingAnswersWhatIsOpenAndLetsTheSessionGo()
    {
        World world;
        int refused = 0;
        for (int i = 0; i < 3; ++i)
            world.bridge->ask({}, [&](base::Result<types::Page> page) { refused += page.ok() ? 0 : 1; });
        world.waitFor([&] { return world.session->asks.size() == 3; });
        world.bridge->detach(LinkState::Away, QStringLiteral("the head has ended"));
        QTRY_COMPARE(refused, 3);
        world.session->asks.answer(0, types::Page{}); // late
        world.waitFor([&] { return world.session.use_count() == 1; });
        QCOMPARE(world.session->watches(), std::size_t{0});
        QCOMPARE(refused, 3);
    }
    void tooManyQuestionsAreRefused()
    {
        World world;
        std::size_t refused = 0;
        for (std::size_t i = 0; i <= app::kTicketsMax; ++i)
            world.bridge->ask({}, [&](base::Result<types::Page> page) { refused += !page && page.error().code == base::Errc::Refused ? 1 : 0; });
        QCOMPARE(refused, std::size_t{0});
        QTRY_COMPARE(refused, std::size_t{1});
        world.waitFor([&] { return world.session->asks.size() == app::kTicketsMax; });
    }
    void destroyedWithAnswersOnTheirWayItTellsNothingMore()
    {
        for (int round = 0; round < 50; ++round) {
            World world;
            std::atomic<int> told{0};
            for (int i = 0; i < 4; ++i) {
                world.bridge->ask({}, [&](auto) { ++told; });
                world.bridge->preview({}, [&](auto) { ++told; });
            }
            world.waitFor([&] { return world.session->asks.size() + world.session->previews.size() == 8; });
            ScriptedRun run(1);
            std::thread head([&] {
                world.session->deliver(world.session->world(), worldOf({&run}));
                for (int i = 0; i < 4; ++i) {
                    world.session->asks.answer(0, types::Page{});
                    world.session->previews.answer(0, types::Preview{});
                }
            });
            if (round % 2 == 0) QThread::yieldCurrentThread();
            world.bridge.reset();
            const int before = told;
            head.join();
            QCoreApplication::processEvents();
            QCOMPARE(told.load(), before);
            QCOMPARE(world.session.use_count(), 1L);
        }
    }
};

QTEST_GUILESS_MAIN(tst_bridge)
#include "tst_bridge.moc"
