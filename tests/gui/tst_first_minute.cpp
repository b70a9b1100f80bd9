// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The first minute as run.sh plays it without a display, and its toast against the trace of the very run.
#include "tests/gui/window_home.h"
#include "widgets/pages/cluster_panel.h"

#include <QFileInfo>
#include <QImage>
#include <QSignalSpy>

using namespace orrery;
using namespace orrery::tests;

namespace {

// What the trace of the shown run says, counted anew from its spans.
struct Recount {
    std::uint64_t again = 0;
    types::TimeNs lastNs = 0;
};

Recount recount(const types::SpanSet& spans)
{
    Recount count;
    for (const auto& track : spans.tracks)
        for (const auto& block : track.blocks)
            for (std::size_t i = 0; i < block->size(); ++i) {
                count.again += (block->flags[i] & types::kSpanAgain) != 0 ? 1 : 0;
                count.lastNs = std::max(count.lastNs, block->endNs(i));
            }
    return count;
}

} // namespace

class TestFirstMinute : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void itPlaysToItsEndAndTheToastIsWhatTheTraceSays()
    {
        WindowHome home;
        const QString picture = QDir::temp().filePath(QStringLiteral("orrery-first-minute-%1.png").arg(QCoreApplication::applicationPid()));
        app::WindowOptions options;
        options.macro = QStringLiteral(":/orrery/first_minute.json");
        options.firstMinute = true;
        options.nodes = 3;
        options.picture = picture;
        std::optional<app::PlugReport> report;
        Recount plugged;
        std::uint64_t onLost = 0; // what the killed node had run stays in the story
        types::TimeNs pluggedStartNs = 0, pluggedEndNs = 0;
        std::map<std::uint32_t, types::TimeNs> durations; // of ended runs, by number
        {
            app::MainWindow window(options);
            QSignalSpy played(&window, &app::MainWindow::played);
            window.show();
            connect(&window.run(), &widgets::RunModel::ticked, &window, [&] {
                for (const auto& [number, run] : window.run().runs())
                    if (types::isTerminal(run.state)) durations[number] = run.endNs - run.startNs;
            });
            QTRY_VERIFY_WITH_TIMEOUT(window.firstMinute() != nullptr, kClusterMs);
            connect(window.firstMinute(), &app::FirstMinute::reported, &window, [&](const app::PlugReport& told) {
                report = told;
                plugged = recount(*window.run().spans());
                for (const auto& track : window.run().spans()->tracks) onLost += window.run().workers().at(track.track).node == 2 ? track.spans : 0;
                pluggedStartNs = window.run().shownRun()->startNs;
                pluggedEndNs = window.run().shownRun()->endNs;
            });
            QTRY_VERIFY_WITH_TIMEOUT(played.count() == 1, 400'000);
            QCOMPARE(played[0][0].toString(), QString());
            for (int line = 0; line < app::FirstMinute::Lines; ++line) QVERIFY(window.firstMinute()->isDone(static_cast<app::FirstMinute::Line>(line)));
            const auto* cluster = window.findChild<widgets::ClusterPanel*>(QStringLiteral("cluster"));
            QCOMPARE(cluster->order(), (QList<std::uint16_t>{2, 0, 1})); // three cards, the lost one first
            const auto* lost = window.run().node(2);
            QCOMPARE(lost->state, types::NodeState::Dead);
            QVERIFY2(lost->why.find("signal 9") != std::string::npos, lost->why.c_str());
            for (const auto& [track, worker] : window.run().workers()) QVERIFY(worker.node != 2 || !worker.alive);
        }
        QVERIFY(report);
        QVERIFY(report->again > 0);
        QCOMPARE(report->again, plugged.again);
        QCOMPARE(report->costNs, durations.at(report->runNumber) - durations.at(report->againstNumber));
        QVERIFY(plugged.lastNs <= pluggedEndNs && plugged.lastNs > pluggedStartNs);
        QVERIFY(report->identical);
        QVERIFY(onLost > 0);
        const QImage image(picture);
        QCOMPARE(image.size(), QSize(1920, 1080));
        QVERIFY(QFile::remove(picture));
    }
};

QTEST_MAIN(TestFirstMinute)
#include "tst_first_minute.moc"
