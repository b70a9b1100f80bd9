// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The bridge over a real cluster: a head in this process, a node and workers as processes of their own.
#include "app/bridge/bridge.h"
#include "app/bridge/pictures.h"
#include "engine/client/session_service.h"
#include "engine/host/embedded_head.h"
#include "engine/types/value.h"
#include "tests/support/cluster_home.h"

#include <QFile>
#include <QTest>

using namespace orrery;
using app::Bridge;
using app::Outcome;
using widgets::LinkState;
using widgets::RunModel;
using State = host::EmbeddedHead::State;

namespace {

std::string exampleText(const char* name)
{
    QFile file(QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/") + QLatin1String(name));
    if (!file.open(QIODevice::ReadOnly)) qFatal("no example %s", name);
    return file.readAll().toStdString();
}

} // namespace

class tst_bridge_cluster : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
    std::unique_ptr<host::EmbeddedHead> m_head;

    struct Window {
        RunModel model;
        Bridge bridge{model};
    };
    // Parameters of the deep zoom; its file goes where the test's things are.
    std::map<std::string, std::string> zoom(std::map<std::string, std::string> params)
    {
        params["save.file"] = '"' + m_home.path("zoom.png") + '"';
        return params;
    }
    bool waitFor(std::function<bool()> condition, int seconds = 60) { return QTest::qWaitFor(std::move(condition), seconds * 1000); }
    // Up, with a node.
    bool attach(Window& window, bool remote)
    {
        if (remote) window.bridge.attach(std::shared_ptr<client::Session>(client::connectSession(m_head->status().address)));
        else window.bridge.attach(m_head->session());
        return waitFor([&] {
            const auto& nodes = window.model.nodes();
            return window.model.link() == LinkState::Up && std::any_of(nodes.begin(), nodes.end(), [](const auto& node) { return node.state == types::NodeState::Alive; });
        });
    }
    // Starts a run; its id when the models show that it has ended well and nothing more is on its way.
    base::RunId run(Window& window, const std::string& document, std::map<std::string, std::string> params = {})
    {
        std::optional<Outcome> outcome;
        window.bridge.run(document, std::move(params), {}, [&](const Outcome& what) { outcome = what; });
        if (!waitFor([&] { return outcome.has_value(); })) return {};
        if (!outcome->ok) qWarning("%s", qPrintable(outcome->problems.join(u'\n')));
        const auto ended = [&] {
            const auto* row = window.model.shownRun();
            return row && row->id == outcome->run && types::isTerminal(row->state) && !window.model.shownRunLacksPictures();
        };
        if (!outcome->ok || !waitFor(ended)) return {};
        const auto* row = window.model.shownRun();
        if (row->state != types::RunState::Succeeded) qWarning("%s", row->error.c_str());
        return row->state == types::RunState::Succeeded ? outcome->run : base::RunId{};
    }

private Q_SLOTS:
    void initTestCase()
    {
        host::EmbeddedHeadOptions options;
        options.head.name = "bridge";
        options.head.cpus = 2;
        options.head.storeBytes = 256u << 20;
        options.attach = false;
        m_head = std::make_unique<host::EmbeddedHead>(options);
        m_head->start({});
        QTRY_COMPARE_WITH_TIMEOUT(m_head->status().state, State::Up, 20'000);
    }
    void cleanupTestCase() { m_head.reset(); }

    void aRunIsStartedWatchedAndItsValueRead_data()
    {
        QTest::addColumn<bool>("remote");
        QTest::newRow("the head in this process") << false;
        QTest::newRow("the head behind its socket") << true;
    }
    void aRunIsStartedWatchedAndItsValueRead()
    {
        QFETCH(const bool, remote);
        Window window;
        QVERIFY(attach(window, remote));
        QVERIFY(window.bridge.can(types::Verb::Run).yes || waitFor([&] { return window.bridge.can(types::Verb::Run).yes; }));
        const auto id = run(window, exampleText("add.orrery"));
        QVERIFY(!id.isNull());
        const auto& model = window.model;
        QVERIFY(model.graph());
        const int sum = model.graph()->indexOf("sum");
        QCOMPARE(model.vertices()[static_cast<std::size_t>(sum)].counts[static_cast<std::size_t>(types::TaskState::Finished)], 1u);
        QCOMPARE(model.spans()->spans, std::uint64_t{3});
        QVERIFY(!model.workers().empty() && !model.logs().empty() && model.catalog()->function("basic.add"));

        std::optional<base::Result<types::Page>> page;
        types::Query query;
        query.table = "tasks";
        query.filter = "vertex=sum";
        window.bridge.ask(query, [&](base::Result<types::Page> answer) { page = std::move(answer); });
        QVERIFY(waitFor([&] { return page.has_value(); }));
        QVERIFY2(page->ok(), page->ok() ? "" : page->error().message.c_str());
        QCOMPARE((*page)->total, std::uint64_t{1});
        const auto column = std::find((*page)->columns.begin(), (*page)->columns.end(), "row");
        QVERIFY(column != (*page)->columns.end());
        types::ObjectAddress object;
        object.row = static_cast<std::uint32_t>(std::get<std::int64_t>((*page)->rows[0][static_cast<std::size_t>(column - (*page)->columns.begin())]));

        std::optional<base::Result<types::Chunk>> chunk;
        window.bridge.read(object, {}, [&](base::Result<types::Chunk> answer) { chunk = std::move(answer); });
        QVERIFY(waitFor([&] { return chunk.has_value(); }));
        QVERIFY2(chunk->ok(), chunk->ok() ? "" : chunk->error().message.c_str());
        const auto value = types::ValueView::open((*chunk)->bytes);
        QVERIFY(value.ok());
        QCOMPARE(value->type() == types::ValueType::I64 ? static_cast<double>(value->integer()) : value->real(), 42.0);

        std::optional<base::Result<types::Preview>> preview;
        types::PreviewWish wish;
        wish.object = object;
        window.bridge.preview(wish, [&](base::Result<types::Preview> answer) { preview = std::move(answer); });
        QVERIFY(waitFor([&] { return preview.has_value(); }));
        QVERIFY(preview->ok() && (*preview)->text.starts_with("42"));
    }
    void aRefusedDocumentSaysWhereAndWhy()
    {
        Window window;
        QVERIFY(attach(window, false));
        std::optional<Outcome> outcome;
        window.bridge.run(R"({"orrery":"graph","version":1,"vertices":[{"id":"a","function":"basic.nonsense"},{"id":"b","function":"basic.add","params":{"x":1}}],"edges":[]})",
                          {}, {}, [&](const Outcome& what) { outcome = what; });
        QVERIFY(waitFor([&] { return outcome.has_value(); }));
        QVERIFY(!outcome->ok);
        QVERIFY(outcome->problems.size() >= 2);
        for (const auto& problem : outcome->problems) QVERIFY2(problem.startsWith(u'/'), qPrintable(problem));
    }
    void theMapIsThePicture_data() { aRunIsStartedWatchedAndItsValueRead_data(); }
    void theMapIsThePicture()
    {
        QFETCH(const bool, remote);
        Window window;
        QVERIFY(attach(window, remote));
        const auto id = run(window, exampleText("deep_zoom.orrery"), zoom({{"tiles_list.tiles", "4"}, {"tiles_list.pixels", "64"}, {"zoom_window.iterations", "200"}}));
        QVERIFY(!id.isNull());
        for (const char* name : {"render", "blur", "colour_map"}) {
            const auto* tiles = window.model.tiles(static_cast<std::uint16_t>(window.model.graph()->indexOf(name)));
            QVERIFY2(tiles, name);
            QCOMPARE(tiles->columns, 4);
            QCOMPARE(tiles->rows, 4);
            QCOMPARE(tiles->places.size(), std::size_t{16});
            QCOMPARE(tiles->places[0], std::pair(std::uint16_t{1}, std::uint16_t{1})); // the spiral begins in the middle
            QCOMPARE(tiles->tiles.size(), std::size_t{16});
            for (const auto& tile : tiles->tiles) QCOMPARE(tile.state, types::TaskState::Finished);
            QCOMPARE(tiles->images.size(), 16);
            for (const auto& image : tiles->images) QCOMPARE(std::max(image.width(), image.height()), widgets::kTilePixels);
        }
        for (const char* name : {"mosaic", "sharpen", "annotate"}) {
            const QImage picture = window.model.preview(static_cast<std::uint16_t>(window.model.graph()->indexOf(name)));
            QVERIFY2(!picture.isNull(), name);
            QCOMPARE(std::max(picture.width(), picture.height()), app::kCardPixels);
        }
    }
    void aProbeSizesTheSampleAndTheShownRunStays()
    {
        Window window;
        QVERIFY(attach(window, false));
        const auto shown = run(window, exampleText("add.orrery"));
        QVERIFY(!shown.isNull());
        std::optional<base::Result<app::Probed>> probed;
        window.bridge.probeSample(exampleText("deep_zoom.orrery"), [&](base::Result<app::Probed> answer) { probed = std::move(answer); });
        QVERIFY(waitFor([&] { return probed.has_value(); }));
        QVERIFY2(probed->ok(), probed->ok() ? "" : probed->error().message.c_str());
        qInfo("a tile takes %.1f ms on %.0f CPUs: %d samples", static_cast<double>((*probed)->tileNs) / 1e6, (*probed)->cpus, (*probed)->samples);
        QCOMPARE((*probed)->tiles, std::uint64_t{256});
        QCOMPARE((*probed)->cpus, 2.0);
        QVERIFY((*probed)->tileNs > 0);
        QCOMPARE((*probed)->samples, app::samplesFor((*probed)->tileNs, 256, 2));
        QCOMPARE(window.model.shownRun()->id, shown);
        const auto next = window.model.shownRun()->number + 1;
        QVERIFY(!run(window, exampleText("add.orrery")).isNull());
        QCOMPARE(window.model.shownRun()->number, next);
        const auto& runs = window.model.runs();
        QVERIFY(std::none_of(runs.begin(), runs.end(), [](const auto& known) { return known.second.isProbe(); }));
    }
    void aKilledWorkerIsSeenAndWhatItLostIsMadeAgain()
    {
        Window window;
        QVERIFY(attach(window, false));
        std::optional<Outcome> started, killed;
        window.bridge.run(exampleText("deep_zoom.orrery"), zoom({{"tiles_list.tiles", "4"}, {"tiles_list.pixels", "128"}, {"render.samples", "60"}}), {}, [&](const Outcome& what) { started = what; });
        QVERIFY(waitFor([&] { return started && started->ok; }));
        const auto busy = [&]() -> std::optional<std::uint16_t> {
            if (!window.model.shownRun() || window.model.shownRun()->id != started->run) return std::nullopt;
            for (const auto& track : window.model.spans()->tracks)
                if (!track.open.empty() && window.model.functionOf(track.open.front().vertex) == QStringLiteral("imaging.render")) return track.track;
            return std::nullopt;
        };
        QVERIFY(waitFor([&] { return busy().has_value(); }));
        const auto track = *busy();
        window.bridge.killWorker(track, [&](const Outcome& what) { killed = what; });
        QVERIFY(waitFor([&] { return killed.has_value(); }));
        QVERIFY2(killed->ok, qPrintable(killed->text));
        QVERIFY(waitFor([&] { return !window.model.workers().at(track).alive; }));
        const auto ended = [&] { return types::isTerminal(window.model.shownRun()->state) && !window.model.shownRunLacksPictures(); };
        QVERIFY2(waitFor(ended, 120), qPrintable(QStringLiteral("%1 tasks, state %2, settling %3")
                                                     .arg(window.model.shownRun()->tasks)
                                                     .arg(static_cast<int>(window.model.shownRun()->state))
                                                     .arg(window.model.shownRunLacksPictures())));
        QCOMPARE(window.model.shownRun()->state, types::RunState::Succeeded);
        QVERIFY(window.model.shownRun()->reexecuted > 0);
        const auto& tiles = window.model.tiles(static_cast<std::uint16_t>(window.model.graph()->indexOf("render")))->tiles;
        QVERIFY(std::all_of(tiles.begin(), tiles.end(), [](const auto& tile) { return tile.state == types::TaskState::Finished; }));
    }
    void theHeadEndsAndTheWindowSaysSo()
    {
        Window window;
        QVERIFY(attach(window, false));
        QVERIFY(!run(window, exampleText("add.orrery")).isNull());
        m_head->close();
        QVERIFY(waitFor([&] { return window.model.link() == LinkState::Away; }));
        QVERIFY(!window.model.linkText().isEmpty());
        QVERIFY(window.model.shownRun()); // it stays
        QVERIFY(!window.bridge.can(types::Verb::Run).yes);
    }
};

QTEST_GUILESS_MAIN(tst_bridge_cluster)
#include "tst_bridge_cluster.moc"
