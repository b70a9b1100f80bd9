// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/random.h"
#include "engine/net/wire.h"
#include "tests/app/view_world.h"

#include <QTest>

using namespace orrery;
using namespace orrery::tests;
using types::TaskState;
using widgets::LinkState;
using widgets::RunModel;

namespace {

QString shown(const RunModel& model)
{
    QString text = QStringLiteral("%1 rows, objects %2 %3\n").arg(model.shownRun() ? model.shownRun()->tasks : 0).arg(model.objects()).arg(model.objectBytes());
    for (const auto& counts : model.vertices()) {
        text += QStringLiteral("vertex %1: %2 tasks").arg(counts.vertex).arg(counts.tasks);
        for (const auto count : counts.counts) text += u' ' + QString::number(count);
        text += u'\n';
    }
    for (const auto& track : model.spans()->tracks) {
        text += QStringLiteral("track %1: %2 spans %3 ns, open").arg(track.track).arg(track.spans).arg(track.busyNs);
        for (const auto& task : track.open) text += QStringLiteral(" %1 since %2").arg(task.row).arg(task.startNs);
        text += u'\n';
    }
    for (std::uint16_t vertex = 0; vertex < 4; ++vertex) {
        const auto* tiles = model.tiles(vertex);
        if (!tiles) continue;
        text += QStringLiteral("tiles %1: %2 x %3").arg(vertex).arg(tiles->columns).arg(tiles->rows);
        for (const auto& tile : tiles->tiles) text += QStringLiteral(" %1/%2/%3/%4/%5").arg(static_cast<int>(tile.state)).arg(tile.attempt).arg(tile.track).arg(tile.row).arg(tile.startNs);
        text += u'\n';
    }
    return text;
}

// Tells `steps` things that happen to the run's tasks.
void live(ScriptedRun& run, base::Random& random, std::map<std::uint32_t, std::pair<int, std::uint8_t>>& open, int steps)
{
    for (int i = 0; i < steps; ++i) {
        const auto what = random.below(5);
        if (what == 0) {
            const auto vertex = static_cast<std::uint16_t>(random.below(3));
            const std::uint32_t tasks = vertex < run.store().vertices() ? run.store().vertex(vertex).tasks : 0;
            const auto count = static_cast<std::uint32_t>(1 + random.below(4));
            run.seal(); // so that the store knows the width that the next range begins at
            const std::uint32_t known = vertex < run.store().vertices() ? run.store().vertex(vertex).tasks : 0;
            const auto first = run.addRows(vertex, count, std::max(tasks, known));
            for (std::uint32_t row = first; row < first + count; ++row) open[row] = {-1, 1};
        } else if (!open.empty()) {
            auto task = open.begin();
            std::advance(task, static_cast<std::ptrdiff_t>(random.below(open.size())));
            auto& [track, attempt] = task->second;
            if (track < 0) {
                track = static_cast<int>(random.below(3));
                run.runs(task->first, static_cast<std::uint16_t>(track), attempt);
            } else if (random.chance(0.2) && attempt < 9) {
                run.ends(task->first, static_cast<std::uint16_t>(track), {}, TaskState::Retrying, attempt++);
                track = -1;
            } else {
                run.ends(task->first, static_cast<std::uint16_t>(track), random.chance(0.5) ? std::optional<std::uint16_t>(0) : std::nullopt, TaskState::Finished, attempt);
                open.erase(task);
            }
        }
    }
    run.seal();
}

} // namespace

class tst_view : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void deltasSplitAnywhereAndTakenAnyTimeShowWhatOneDeltaShows()
    {
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            base::Random random(seed);
            ScriptedRun run(1);
            ViewWorld pieces;
            pieces.tellWorld({&run});
            std::uint64_t told = 0;
            std::map<std::uint32_t, std::pair<int, std::uint8_t>> open;
            const auto tell = [&] {
                if (pieces.session->outstanding(pieces.session->shown())) return;
                pieces.tellShown(run, told);
                told = run.blocks();
            };
            for (int i = 0; i < 30; ++i) {
                live(run, random, open, static_cast<int>(random.below(6)));
                if (random.chance(0.7)) tell();
                if (random.chance(0.4)) pieces.take();
            }
            pieces.take();
            pieces.take();
            tell();
            pieces.tellWorld({&run});
            pieces.take();
            ViewWorld whole;
            whole.show(run);
            QCOMPARE(pieces.session->outstandingMost(), 1);
            if (shown(pieces.model) != shown(whole.model)) QCOMPARE(QStringLiteral("seed %1\n").arg(seed) + shown(pieces.model), shown(whole.model));
            QVERIFY(run.store().rows() > 0 && shown(whole.model).contains(QStringLiteral("track")));
        }
    }
    void aDeltaCountsAsTakenWhenTheWindowTookIt()
    {
        ScriptedRun run(1);
        run.addRows(kRender, 4);
        run.seal();
        ViewWorld world;
        world.tellWorld({&run});
        world.tellShown(run, 0);
        QVERIFY(world.session->outstanding(world.session->world()));
        QVERIFY(world.session->outstanding(world.session->shown()));
        const auto mail = world.mailbox->take();
        world.loop->runReady();
        QVERIFY(world.session->outstanding(world.session->shown())); // it is in the window's hands
        world.view->took(mail->serial - 1); // an earlier one
        QVERIFY(world.session->outstanding(world.session->shown()));
        world.view->took(mail->serial);
        QVERIFY(!world.session->outstanding(world.session->world()));
        QVERIFY(!world.session->outstanding(world.session->shown()));
    }
    void theWindowIsWokenOncePerTake()
    {
        ScriptedRun run(1);
        ViewWorld world;
        world.tellWorld({&run});
        for (int i = 0; i < 5; ++i) world.view->setLink(LinkState::Up, {});
        QCOMPARE(world.wakes, 1);
        world.take();
        world.view->setLink(LinkState::Up, {});
        QCOMPARE(world.wakes, 2);
    }
    void aGapInTheSequenceBeginsTheWatchAnew()
    {
        ScriptedRun run(1);
        run.addRows(kRender, 4);
        run.seal();
        ViewWorld world;
        world.show(run);
        const auto before = world.session->shown();
        auto late = run.delta(1);
        late.seq = 7;
        world.deliver(before, late);
        QVERIFY(world.session->shown() != before);
        run.addRows(kBlur, 2);
        run.seal();
        world.tellShown(run, 0); // all of it again
        world.take();
        QCOMPARE(world.model.vertices()[kRender].tasks, 4u);
        QCOMPARE(world.model.vertices()[kBlur].tasks, 2u);

        const auto worldBefore = world.session->world();
        auto other = worldOf({&run});
        other.epoch = 2; // without a word
        world.deliver(worldBefore, other);
        QVERIFY(world.session->world() != worldBefore);
    }
    void aMissingBlockIsAskedForAgainAndNotInACircle()
    {
        ScriptedRun run(1);
        for (int i = 0; i < 3; ++i) {
            run.addRows(kRender, 1, static_cast<std::uint32_t>(i));
            run.seal();
        }
        ViewWorld world;
        world.tellWorld({&run});
        const auto first = world.session->shown();
        world.deliver(first, run.delta(1));
        const auto second = world.session->shown();
        QVERIFY(second != first && second != 0);
        world.deliver(second, run.delta(1));
        QCOMPARE(world.session->shown(), client::WatchId{0});
        world.take();
        world.tellWorld({&run});
        QCOMPARE(world.session->shown(), client::WatchId{0});
        world.loop->advance(app::kRetryNs);
        QVERIFY(world.session->shown() != 0);
        world.tellShown(run, 0);
        world.take();
        QCOMPARE(world.model.vertices()[kRender].tasks, 3u);
    }
    void aResyncForgetsTheRunAndWhatFollowsReplacesIt()
    {
        ScriptedRun old(1);
        old.addRows(kRender, 9);
        old.seal();
        ViewWorld world;
        world.show(old);
        QCOMPARE(world.model.tiles(kRender)->tiles.size(), std::size_t{9});
        ScriptedRun anew(1);
        anew.addRows(kBlur, 2);
        anew.seal();
        auto delta = anew.delta(0);
        delta.resync = true;
        delta.epoch = 2;
        delta.seq = 1;
        world.deliver(world.session->shown(), delta);
        world.take();
        QVERIFY(!world.model.tiles(kRender));
        QCOMPARE(world.model.tiles(kBlur)->tiles.size(), std::size_t{2});
        QCOMPARE(world.model.shownRun()->id, anew.id());
    }
    void anotherClusterIsAnotherWorld()
    {
        ScriptedRun run(7);
        ViewWorld world;
        world.show(run);
        QCOMPARE(world.model.runs().size(), std::size_t{1});
        const auto other = std::make_shared<FakeSession>();
        world.view->attach(other);
        QCOMPARE(world.session->watches(), std::size_t{0});
        other->deliver(other->world(), types::Delta{});
        world.loop->runReady();
        world.take();
        QVERIFY(world.model.runs().empty());
        QVERIFY(!world.model.shownRun());
        QVERIFY(!world.model.graph());
    }
    void theNewestRunIsFollowedUnlessItIsAProbe()
    {
        ScriptedRun first(1), probe(types::kProbeNumbers + 1, std::string(app::kProbeTitle)), second(2);
        ViewWorld world;
        world.show(first);
        const auto watch = world.session->shown();
        world.tellWorld({&first, &probe});
        QCOMPARE(world.session->shown(), watch);
        world.take();
        world.tellWorld({&first, &probe, &second});
        QCOMPARE(world.session->interest(world.session->shown()).run, second.id());
        world.take();
        QCOMPARE(world.model.shownRun()->id, first.id()); // until the other is told
        world.tellShown(second, 0);
        world.take();
        QCOMPARE(world.model.shownRun()->id, second.id());
    }
    void aProbeStandsInNoList()
    {
        ScriptedRun probe(types::kProbeNumbers + 1, std::string(app::kProbeTitle)), first(1);
        ViewWorld world;
        world.tellWorld({&probe});
        world.take();
        QVERIFY(world.model.runs().empty());
        world.tellWorld({&first, &probe}); // changed rows only from here on
        world.tellShown(first, 0);
        world.take();
        QCOMPARE(world.model.shownRun()->number, 1u);
        QCOMPARE(world.model.runs().size(), std::size_t{1});
    }
    void aNamedRunStaysShownUntilTheNewestIsWantedAgain()
    {
        ScriptedRun first(1), second(2);
        first.addRows(kRender, 5);
        first.seal();
        ViewWorld world;
        world.tellWorld({&first, &second});
        world.tellShown(second, 0);
        world.take();
        world.view->showRun(first.id());
        world.tellShown(first, 0);
        world.take();
        QCOMPARE(world.model.shownRun()->id, first.id());
        QCOMPARE(world.model.vertices()[kRender].tasks, 5u);
        ScriptedRun third(3);
        world.tellWorld({&third});
        QCOMPARE(world.session->interest(world.session->shown()).run, first.id());
        world.view->showRun({});
        QCOMPARE(world.session->interest(world.session->shown()).run, third.id());
    }
    void aRunThatIsGoneMakesRoomForTheNewestThatIsThere()
    {
        ScriptedRun first(1), second(2);
        ViewWorld world;
        world.tellWorld({&first, &second});
        world.session->fail(world.session->shown(), base::fail(base::Errc::NotFound, "there is no such run"));
        world.loop->runReady();
        QCOMPARE(world.session->interest(world.session->shown()).run, first.id());
        world.session->fail(world.session->shown(), base::fail(base::Errc::NotFound, "there is no such run"));
        world.loop->runReady();
        QCOMPARE(world.session->shown(), client::WatchId{0});
        world.take();
        QVERIFY(!world.model.shownRun());
    }
    void aSessionThatFailsIsTriedAgainAndTheModelsKeepWhatTheyShow()
    {
        ScriptedRun run(1);
        run.addRows(kRender, 3);
        run.seal();
        ViewWorld world;
        world.show(run);
        QCOMPARE(world.model.link(), LinkState::Up);
        world.session->fail(world.session->world(), base::fail(base::Errc::Unavailable, "the head is away"));
        world.loop->runReady();
        world.take();
        QCOMPARE(world.model.link(), LinkState::Away);
        QCOMPARE(world.model.linkText(), QStringLiteral("the head is away"));
        QCOMPARE(world.model.vertices()[kRender].tasks, 3u);
        QCOMPARE(world.session->watches(), std::size_t{0});
        world.loop->advance(app::kRetryNs);
        QVERIFY(world.session->world() != 0);
        world.tellWorld({&run});
        world.take();
        QCOMPARE(world.model.link(), LinkState::Up);
        QVERIFY(world.session->shown() != 0);
        world.tellShown(run, 0);
        world.take();
        QCOMPARE(world.model.vertices()[kRender].tasks, 3u);
    }
    void aTraceThatCannotBeReadLeavesTheCounters()
    {
        ScriptedRun run(1);
        run.addRows(kRender, 3);
        run.seal();
        auto delta = run.delta(0);
        auto bytes = *delta.blocks[0];
        bytes[bytes.size() / 2] ^= std::byte{0x40};
        delta.blocks[0] = std::make_shared<const base::Bytes>(std::move(bytes));
        ViewWorld world;
        world.tellWorld({&run});
        world.deliver(world.session->shown(), delta);
        QVERIFY(!world.session->interest(world.session->shown()).blocks);
        delta.blocks.clear();
        world.deliver(world.session->shown(), delta);
        world.take();
        QCOMPARE(world.model.link(), LinkState::Up);
        QVERIFY2(world.model.linkText().contains(QStringLiteral("cannot be read")), qPrintable(world.model.linkText()));
        QCOMPARE(world.model.vertices()[kRender].tasks, 3u);
    }
    void anUpdateDoesNotGrowWithTheTasksOfTheRun()
    {
        const auto oneMore = [](std::uint32_t tasks) {
            ScriptedRun run(1);
            const auto first = run.addRows(kRender, tasks);
            for (std::uint32_t row = first; row < first + tasks - 1; ++row) run.ends(row, 0);
            run.seal();
            ViewWorld world;
            world.show(run);
            const std::uint64_t have = run.blocks();
            run.ends(first + tasks - 1, 0);
            run.seal();
            world.tellShown(run, have);
            const auto mail = world.mailbox->take();
            std::size_t tiles = 0;
            for (const auto& change : mail->update.tiles) tiles += change.tiles.size() + change.places.size();
            return std::tuple(mail->update.deltaBytes, mail->update.vertices.size(), tiles);
        };
        const auto few = oneMore(50), many = oneMore(50'000);
        QVERIFY(std::get<0>(few) > 100);
        QVERIFY2(std::get<0>(many) < std::get<0>(few) + 64, qPrintable(QString::number(std::get<0>(many))));
        QCOMPARE(std::get<1>(many), std::get<1>(few));
        QVERIFY(std::get<2>(many) <= std::get<2>(few));
    }
    void aDeltaKnowsItsSizeOnTheWire()
    {
        ScriptedRun run(1, "a title");
        run.addRows(kRender, 300);
        run.ends(0, 0, 0);
        run.seal();
        auto delta = run.delta(0);
        delta.nodes = worldOf({&run}).nodes;
        delta.workers.resize(3);
        delta.workers[1].running = "imaging.render";
        delta.logs.resize(7);
        delta.logs[2].text = "hello";
        delta.graph.reset();
        QCOMPARE(delta.bytes(), std::uint64_t{net::toWire(delta).size()});
        delta.graph = tilesGraph();
        delta.catalog = tilesCatalog();
        const auto told = static_cast<double>(delta.bytes()), wire = static_cast<double>(net::toWire(delta).size());
        QVERIFY2(told > 0.7 * wire && told < 1.3 * wire, qPrintable(QStringLiteral("%1 of %2").arg(told).arg(wire)));
    }
    void settlingSaysWhetherMoreIsOnItsWay()
    {
        ScriptedRun run(1);
        for (int i = 0; i < 2; ++i) {
            run.addRows(kMosaic, 1, static_cast<std::uint32_t>(i));
            run.seal();
        }
        ViewWorld world;
        world.tellWorld({&run});
        world.take();
        QVERIFY(world.model.shownRunLacksPictures());
        world.deliver(world.session->shown(), run.delta(0, 1));
        world.take();
        QVERIFY(world.model.shownRunLacksPictures());
        world.tellShown(run, 1);
        world.take();
        QVERIFY(!world.model.shownRunLacksPictures());
        // The world may tell of tasks before their blocks come.
        run.addRows(kMosaic, 1, 2);
        run.seal();
        world.tellWorld({&run});
        world.take();
        QVERIFY(world.model.shownRunLacksPictures());
        world.tellShown(run, 2);
        world.take();
        QVERIFY(!world.model.shownRunLacksPictures());
    }
};

QTEST_APPLESS_MAIN(tst_view)
#include "tst_view.moc"
