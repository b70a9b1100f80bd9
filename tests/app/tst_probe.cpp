// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/refresh_pace.h"
#include "tests/app/view_world.h"

#include <QFile>
#include <QTest>

using namespace orrery;
using namespace orrery::tests;
using app::Probed;

namespace {

std::string exampleText(const char* name)
{
    QFile file(QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/") + QLatin1String(name));
    if (!file.open(QIODevice::ReadOnly)) qFatal("no example %s", name);
    return file.readAll().toStdString();
}

} // namespace

class tst_probe : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void thePlanMakesOneTileOfTheDocument()
    {
        const auto plan = app::planProbe(exampleText("deep_zoom.orrery"));
        QVERIFY2(plan.ok(), plan ? "" : plan.error().message.c_str());
        QCOMPARE(plan->tiles, std::uint64_t{256});
        QCOMPARE(plan->target, std::string("render"));
        const auto parsed = types::parseDocument(plan->document);
        QVERIFY(parsed.ok());
        QCOMPARE(parsed.graph.vertices.size(), std::size_t{3});
        QCOMPARE(parsed.graph.edges.size(), std::size_t{2});
        QCOMPARE(parsed.graph.vertices[plan->vertex].id, std::string("render"));
        QVERIFY(parsed.graph.find("render")->params.find("\"samples\":1") != std::string::npos);
        const auto& tiles = parsed.graph.find("tiles_list")->params;
        QVERIFY2(tiles.find("\"tiles\":1}") != std::string::npos, tiles.c_str());
        QVERIFY2(tiles.find("\"pixels\":256") != std::string::npos, tiles.c_str());
    }
    void aDocumentWithoutTilesHasNoPlanAndTheReasonIsSaid()
    {
        const auto add = app::planProbe(exampleText("add.orrery"));
        QVERIFY(!add && add.error().message.find("imaging.render") != std::string::npos);
        const auto broken = app::planProbe("{");
        QVERIFY(!broken && broken.error().code == base::Errc::BadInput);
        const auto lone = app::planProbe(R"({"orrery":"graph","version":1,"vertices":[{"id":"r","function":"imaging.render"}],"edges":[]})");
        QVERIFY(!lone && lone.error().message.find("tiles_list") != std::string::npos);
    }
    void samplesMakeTheWholeSomeTenSecondsWithinBounds()
    {
        using base::kMillisecond;
        QCOMPARE(app::samplesFor(10 * kMillisecond, 256, 2), 8); // 1.28 s once
        QCOMPARE(app::samplesFor(10 * kMillisecond, 256, 8), 31);
        QCOMPARE(app::samplesFor(500 * kMillisecond, 256, 2), 1);
        QCOMPARE(app::samplesFor(0, 256, 2), app::kSamplesMax);
        QCOMPARE(app::samplesFor(10 * kMillisecond, 0, 0), app::kSamplesMax);
    }
    void theProbeMeasuresTheTilesAttempt()
    {
        ViewWorld world;
        ScriptedRun shown(1);
        world.show(shown);
        world.view->probe(1, tilesDocument());
        QCOMPARE(world.session->acts.size(), std::size_t{1});
        const auto start = std::get<types::StartRun>(world.session->acts.wish(0));
        QVERIFY(start.probe);
        const auto graph = std::make_shared<const types::Graph>(types::parseDocument(start.document).graph);
        ScriptedRun probe(types::kProbeNumbers + 1, start.title, graph);
        world.session->acts.answer(0, types::Reply{probe.id(), {}, {}});
        world.loop->runReady();
        const auto watch = world.session->shown();
        QCOMPARE(world.session->interest(watch).run, probe.id());
        const auto tiles = probe.addRows(static_cast<std::uint16_t>(graph->indexOf("tiles")), 1);
        probe.ends(tiles, 0, {}, types::TaskState::Finished, 1, 77);
        const auto render = probe.addRows(static_cast<std::uint16_t>(graph->indexOf("render")), 1);
        probe.ends(render, 0, {}, types::TaskState::Retrying, 1, 99 * base::kSecond); // lost: no measure
        probe.seal();
        world.deliver(watch, probe.delta(0));
        QVERIFY(world.answers.empty());
        QVERIFY(!world.session->outstanding(watch));
        probe.ends(render, 0, 0, types::TaskState::Finished, 2, 20 * base::kMillisecond);
        probe.seal();
        world.deliver(watch, probe.delta(1));
        const auto& probed = world.answered<Probed>(1);
        QCOMPARE(probed.tileNs, 20 * base::kMillisecond);
        QCOMPARE(probed.tiles, std::uint64_t{256});
        QCOMPARE(probed.cpus, 2.0);
        QCOMPARE(probed.samples, app::samplesFor(probed.tileNs, 256, 2));
        QCOMPARE(probed.vertex, std::string("render"));
        QCOMPARE(world.session->interest(world.session->shown()).run, shown.id()); // the probe's watch has ended
        QCOMPARE(world.session->acts.size(), std::size_t{0});                      // and its run is left to end
    }
    void aProbeThatFailsSaysWhy()
    {
        ViewWorld world;
        world.view->probe(1, "{");
        QVERIFY(!world.refused(1).isEmpty());
        world.view->probe(2, tilesDocument());
        world.session->acts.answer(0, base::fail(base::Errc::Refused, "no node"));
        world.loop->runReady();
        QCOMPARE(world.refused(2), QStringLiteral("no node"));
        world.view->probe(3, tilesDocument());
        world.session->acts.answer(0, types::Reply{{}, "refused", {"/: no such function"}});
        world.loop->runReady();
        QCOMPARE(world.refused(3), QStringLiteral("/: no such function"));
        world.view->probe(4, tilesDocument());
        ScriptedRun probe(2);
        world.session->acts.answer(0, types::Reply{probe.id(), {}, {}});
        world.loop->runReady();
        auto ended = probe.delta(0);
        ended.runs[0].state = types::RunState::Failed;
        ended.runs[0].error = "the plugin is gone";
        world.deliver(world.session->shown(), ended);
        QVERIFY2(world.refused(4).contains(QStringLiteral("the plugin is gone")), qPrintable(world.refused(4)));
    }
    void aProbeThatLastsIsGivenUpAndStopped()
    {
        ViewWorld world;
        world.view->probe(1, tilesDocument());
        ScriptedRun probe(2);
        world.session->acts.answer(0, types::Reply{probe.id(), {}, {}});
        world.loop->runReady();
        world.loop->advance(app::kProbeLimit);
        QVERIFY(world.refused(1).contains(QStringLiteral("longer")));
        QCOMPARE(std::get<types::StopRun>(world.session->acts.wish(0)).run, probe.id());
        QCOMPARE(world.session->shown(), client::WatchId{0});
    }
    void dataComesAsFastAsAnIdleCpuAllowsAndSlowerWhenNoneIs()
    {
        using base::kSecond;
        app::RefreshPace pace;
        const base::TimeNs now = 1000 * kSecond;
        QCOMPARE(pace.intervalNs(now), app::kFrameNs);
        pace.setBusy(true);
        QCOMPARE(pace.intervalNs(now), app::kCalmNs);
        pace.runBegan(now);
        QCOMPARE(pace.intervalNs(now + 29 * kSecond), app::kBusyNs);
        QCOMPARE(pace.intervalNs(now + 31 * kSecond), app::kCalmNs);
        pace.input(now + 40 * kSecond);
        QCOMPARE(pace.intervalNs(now + 44 * kSecond), app::kBusyNs);
        QCOMPARE(pace.intervalNs(now + 46 * kSecond), app::kCalmNs);
        pace.setBusy(false);
        QCOMPARE(pace.intervalNs(now + 46 * kSecond), app::kFrameNs);
    }
};

QTEST_APPLESS_MAIN(tst_probe)
#include "tst_probe.moc"
