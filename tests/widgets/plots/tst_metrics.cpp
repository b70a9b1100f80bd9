// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/panel_hand.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/plots/metrics_panel.h"
#include "widgets/plots/plot.h"

#include <QElapsedTimer>
#include <QLabel>
#include <QTest>
#include <QWheelEvent>

using namespace orrery;
using namespace orrery::widgets;

namespace {

struct Stage {
    RunModel run;
    MetricsPanel panel{(tests::theme(), run)};
    bool show(int width = 1190, int height = 360) { return tests::showAt(panel, width, height); }
};

// The child of a plot that takes the mouse.
QWidget* field(Plot* plot)
{
    return plot->childAt(plot->width() / 2, plot->height() / 2);
}

void beat(RunModel& run, types::TimeNs now, double cpu)
{
    RunUpdate update;
    update.nowNs = now;
    auto row = tests::node(0, 4, now);
    row.heartbeatNs = now;
    row.cpuShare = cpu;
    update.nodes = {row};
    run.take(update);
}

} // namespace

class TestMetrics : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void withoutANodeASentenceSaysSo();
    void eachNodeHasALineInEachPlot();
    void thePointerReadsAllFourAtOneInstant();
    void theWheelWidensTheSpanOfAll();
    void atMostThreeGridLines();
    void aThousandHeartbeatsAreAHandfulOfRedraws();
    void hiddenItDrawsNothing();
    void theTopOfTheAxisIsRound();
    void aGapHasNoReading();
    void aLowDockHasThePlotsSideBySide();
    void coloursFollowTheTheme();
    void itLooksLikeTheMock();
};

void TestMetrics::withoutANodeASentenceSaysSo()
{
    Stage stage;
    QVERIFY(stage.show());
    QVERIFY(!stage.panel.plot(MetricsPanel::Cpu)->isVisible());
    QVERIFY(stage.panel.findChild<QLabel*>()->isVisible());
    beat(stage.run, tests::kBegin, 0.5);
    QTRY_VERIFY(stage.panel.plot(MetricsPanel::Cpu)->isVisible());
}

void TestMetrics::eachNodeHasALineInEachPlot()
{
    Stage stage;
    tests::tell(stage.run, tests::scene());
    QVERIFY(stage.show());
    QCOMPARE(stage.panel.plot(MetricsPanel::Cpu)->readings(),
             (QStringList{QStringLiteral("A 98 %"), QStringLiteral("B 98 %"), QStringLiteral("C 98 %")}));
    QCOMPARE(stage.panel.plot(MetricsPanel::Memory)->readings().first(), QStringLiteral("A 640 MiB"));
    QCOMPARE(stage.panel.plot(MetricsPanel::Store)->readings(),
             (QStringList{QStringLiteral("A 57.0 MiB"), QStringLiteral("B 41.0 MiB"), QStringLiteral("C 25.0 MiB")}));
    QCOMPARE(stage.panel.plot(MetricsPanel::Network)->readings().size(), 3);
}

void TestMetrics::thePointerReadsAllFourAtOneInstant()
{
    Stage stage;
    for (int i = 0; i <= 60; ++i) beat(stage.run, tests::kBegin + i * base::kSecond, i < 30 ? 0.1 : 0.9);
    QVERIFY(stage.show());
    Plot* cpu = stage.panel.plot(MetricsPanel::Cpu);
    QCOMPARE(cpu->readings(), QStringList{QStringLiteral("A 90 %")});
    QWidget* target = field(cpu);
    const QPoint at = target->mapFrom(cpu, QPoint(cpu->xOf(-45), cpu->height() / 2));
    QTest::mouseMove(target, at - QPoint(3, 0));
    QTest::mouseMove(target, at);
    QCOMPARE(cpu->readings(), QStringList{QStringLiteral("A 10 %")});
    const auto redraws = stage.panel.redraws();
    QTest::mouseMove(target, target->mapFrom(cpu, QPoint(cpu->xOf(-10), cpu->height() / 2)));
    QCOMPARE(cpu->readings(), QStringList{QStringLiteral("A 90 %")});
    QCOMPARE(stage.panel.redraws(), redraws); // the lines are not drawn again for it
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(target, &leave);
    QCOMPARE(cpu->readings(), QStringList{QStringLiteral("A 90 %")});
}

void TestMetrics::theWheelWidensTheSpanOfAll()
{
    Stage stage;
    tests::tell(stage.run, tests::scene());
    QVERIFY(stage.show());
    QWidget* target = field(stage.panel.plot(MetricsPanel::Store));
    QWheelEvent away(QPointF(20, 20), target->mapToGlobal(QPointF(20, 20)), {}, QPoint(0, -120), Qt::NoButton,
                     Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(target, &away);
    for (const auto quantity : {MetricsPanel::Cpu, MetricsPanel::Memory, MetricsPanel::Network, MetricsPanel::Store})
        QCOMPARE(stage.panel.plot(quantity)->span(), 120.0);
    for (int i = 0; i < 5; ++i) QCoreApplication::sendEvent(target, &away);
    QCOMPARE(stage.panel.plot(MetricsPanel::Cpu)->span(), 300.0); // what is kept
}

void TestMetrics::atMostThreeGridLines()
{
    Stage stage;
    tests::tell(stage.run, tests::scene());
    QVERIFY(stage.show());
    for (const auto quantity : {MetricsPanel::Cpu, MetricsPanel::Memory, MetricsPanel::Network, MetricsPanel::Store}) {
        const int lines = stage.panel.plot(quantity)->gridLines();
        QVERIFY(lines >= 2 && lines <= 3);
    }
}

void TestMetrics::aThousandHeartbeatsAreAHandfulOfRedraws()
{
    Stage stage;
    beat(stage.run, tests::kBegin, 0.5);
    QVERIFY(stage.show());
    const auto before = stage.panel.redraws();
    QElapsedTimer timer;
    timer.start();
    for (int i = 1; i <= 1000; ++i) {
        beat(stage.run, tests::kBegin + i * 100 * base::kMillisecond, 0.5);
        QCoreApplication::processEvents();
    }
    const auto allowed = static_cast<std::uint64_t>(timer.elapsed()) * kPlotsPerSecond / 1000 + 1;
    QVERIFY(stage.panel.redraws() - before <= allowed);
    QTRY_VERIFY(stage.panel.redraws() > before); // and the last ones are seen
}

void TestMetrics::hiddenItDrawsNothing()
{
    Stage stage;
    beat(stage.run, tests::kBegin, 0.5);
    QCOMPARE(stage.panel.redraws(), std::uint64_t{0});
    QVERIFY(stage.show());
    QCOMPARE(stage.panel.redraws(), std::uint64_t{1});
    stage.panel.hide();
    beat(stage.run, tests::kBegin + base::kSecond, 0.25);
    QTest::qWait(1500 / kPlotsPerSecond);
    QCOMPARE(stage.panel.redraws(), std::uint64_t{1});
    stage.panel.show(); // catches up at once
    QCOMPARE(stage.panel.redraws(), std::uint64_t{2});
    QCOMPARE(stage.panel.plot(MetricsPanel::Cpu)->readings(), QStringList{QStringLiteral("A 25 %")});
}

void TestMetrics::theTopOfTheAxisIsRound()
{
    QCOMPARE(niceCeiling(0), 1.0);
    QCOMPARE(niceCeiling(1), 1.0);
    QCOMPARE(niceCeiling(1.01), 2.0);
    QCOMPARE(niceCeiling(37), 50.0);
    QCOMPARE(niceCeiling(640), 1000.0);
    QCOMPARE(niceCeiling(0.03), 0.05);
}

void TestMetrics::aGapHasNoReading()
{
    const PlotLine line{QStringLiteral("A"), 0, {-50, -49, -10, -9}, {1, 2, 3, 4}};
    QCOMPARE(line.valueAt(-49.2), std::optional(2.0));
    QCOMPARE(line.valueAt(-8), std::optional(4.0));
    QCOMPARE(line.valueAt(-30), std::nullopt);
    QCOMPARE(PlotLine{}.valueAt(-1), std::nullopt);
}

void TestMetrics::aLowDockHasThePlotsSideBySide()
{
    Stage stage;
    tests::tell(stage.run, tests::scene());
    QVERIFY(stage.show(1600, 160));
    QTRY_COMPARE(stage.panel.plot(MetricsPanel::Cpu)->y(), stage.panel.plot(MetricsPanel::Store)->y());
    stage.panel.resize(1600, 400);
    QTRY_VERIFY(stage.panel.plot(MetricsPanel::Cpu)->y() < stage.panel.plot(MetricsPanel::Store)->y());
}

void TestMetrics::coloursFollowTheTheme()
{
    Stage stage;
    tests::tell(stage.run, tests::scene());
    QVERIFY(stage.show());
    for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
        tests::theme().setMode(mode);
        QTest::qWait(0);
        const QImage picture = stage.panel.grab().toImage();
        QCOMPARE(QColor(picture.pixel(3, 3)), color(Token::Canvas));
        QCOMPARE(QColor(picture.pixel(200, 60)), color(Token::Canvas)); // inside the plot, too
    }
}

void TestMetrics::itLooksLikeTheMock()
{
    Stage stage;
    tests::tell(stage.run, tests::scene());
    QVERIFY(stage.show(1570, 360));
    Plot* cpu = stage.panel.plot(MetricsPanel::Cpu);
    QTest::mouseMove(field(cpu), field(cpu)->mapFrom(cpu, QPoint(cpu->xOf(-3), 60)));
    QTest::mouseMove(field(cpu), field(cpu)->mapFrom(cpu, QPoint(cpu->xOf(-4), 60)));
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("metrics")));
    stage.panel.resize(1024, 160);
    QTest::qWait(0);
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("metrics-low")));
}

QTEST_MAIN(TestMetrics)
#include "tst_metrics.moc"
