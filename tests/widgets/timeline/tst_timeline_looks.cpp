// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What the timeline shows: spans, counts, filters, deaths, themes, sizes.
#include "tests/widgets/timeline/panel_stage.h"

#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QSignalSpy>

using namespace orrery;
using namespace orrery::widgets;
using tests::countColour;
using tests::TimelineWorld;
using tests::wideOne;
using types::Attempt;
using types::TimeNs;
using Stage = tests::PanelStage;

class TestTimelineLooks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { Theme::of().setMode(Theme::Mode::Dark); }

    void theFooterAccountsForEveryTask()
    {
        Stage stage({1400, 700});
        const TimelineWorld world({});
        const TimeNs now = world.beginNs() + 4 * base::kSecond;
        stage.show(world, now);
        const auto inView = [&] {
            const TimeNs left = stage.state.scale().leftNs(), right = stage.state.scale().rightNs();
            return std::count_if(world.attempts().begin(), world.attempts().end(), [&](const Attempt& a) { return a.startNs <= now && a.startNs < right && std::min(a.endNs, now) > left; });
        };
        for (const Qt::Key key : {Qt::Key_W, Qt::Key_W, Qt::Key_A, Qt::Key_W, Qt::Key_W, Qt::Key_D, Qt::Key_D, Qt::Key_S, Qt::Key_Home}) {
            QTest::keyClick(&stage.field, key);
            stage.field.repaint();
            const StripCounts& counts = stage.field.picture().counts();
            QCOMPARE(counts.inView, static_cast<std::uint64_t>(inView()));
            QCOMPARE(counts.single + counts.merged, counts.inView);
            QCOMPARE(stage.footer.words().first().remove(u',').toULongLong(), counts.inView);
        }
    }

    void aFilterTypedFadesAndCounts()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        auto* edit = stage.panel.corner()->findChild<QLineEdit*>();
        const Attempt& a = wideOne(world, 2 * base::kSecond);
        const QColor full = Theme::of().functionSpan(QStringLiteral("imaging.render"));
        const QRect box = FieldOverlay::boxOf(stage.state, stage.found(a)).toRect().adjusted(2, 2, -3, -2);
        QVERIFY(countColour(stage.field.grab().toImage(), box, full) > box.width() * box.height() / 3);
        QTest::keyClicks(edit, QStringLiteral("vertex:blur"));
        QTRY_COMPARE(stage.state.filter().text(), QStringLiteral("vertex:blur"));
        stage.settle();
        QCOMPARE(stage.state.filter().kept(), std::uint64_t{256});
        QCOMPARE(stage.field.picture().counts().kept, std::uint64_t{256});
        const QColor faded = Theme::of().mix(color(Token::Canvas), full, kFaded);
        QVERIFY(countColour(stage.field.grab().toImage(), box, faded) > box.width() * box.height() * 9 / 10);
        QVERIFY(stage.footer.words().contains(QStringLiteral("256")));
        QTest::keyClick(&stage.field, Qt::Key_Escape);
        QCOMPARE(stage.panel.filterText(), QString());
        QVERIFY(stage.state.filter().all());
    }

    void aRefusedFilterSaysWhyAboveTheTracks()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        QSignalSpy told(&stage.panel, &TimelinePanel::filterChanged);
        stage.panel.setFilterText(QStringLiteral("vertex:blur"));
        stage.panel.setFilterText(QStringLiteral("dur>"));
        QCOMPARE(told.count(), 1);
        QCOMPARE(stage.state.filter().text(), QStringLiteral("vertex:blur"));
        const auto* sentence = stage.panel.findChild<QWidget*>(QStringLiteral("timelineProblem"));
        QVERIFY(sentence != nullptr && sentence->isVisible());
        stage.panel.setFilterText(QString());
        QVERIFY(!sentence->isVisible());
    }

    void whatIsEmptySaysSo()
    {
        Stage stage;
        stage.settle();
        QTRY_VERIFY(stage.empty().isVisible());
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        QTRY_VERIFY(!stage.empty().isVisible());
        stage.panel.setFilterText(QStringLiteral("vertex:nobody"));
        stage.settle();
        QTRY_VERIFY(stage.empty().isVisible());
        QTest::mouseClick(stage.empty().findChild<FlatButton*>(), Qt::LeftButton);
        QCOMPARE(stage.panel.filterText(), QString());
        QTRY_VERIFY(!stage.empty().isVisible());
    }

    void aDeadWorkerEndsInACross()
    {
        Stage stage;
        tests::WorldShape shape;
        shape.nodeDiesNs = 3 * base::kSecond;
        const TimelineWorld world(shape);
        const TimeNs death = world.beginNs() + 3 * base::kSecond;
        const auto failed = [&](std::uint16_t track) {
            const QRectF band = FieldOverlay::boxOf(stage.state, {track, 0, 0, 0, 0, death, death, false});
            return countColour(stage.field.grab().toImage(), band.toRect().adjusted(2, 0, 16, 0), color(Token::Failed));
        };
        stage.show(world, death - base::kMillisecond);
        QCOMPARE(failed(8), 0);
        stage.show(world, death + base::kSecond);
        QVERIFY(failed(8) > 6);
        QVERIFY(failed(9) > 6);
        QCOMPARE(failed(1), 0);
        stage.show(world, world.endNs() + 1); // and it stays
        QVERIFY(failed(8) > 6);
    }

    void whatRunsGrowsToNow()
    {
        Stage stage;
        const TimelineWorld world({});
        const Attempt& a = wideOne(world, 2 * base::kSecond);
        const QColor running = QColor::fromRgb(SpanLook::of(stage.model, ColourMode::Function).running);
        int before = 0;
        for (const int part : {1, 2, 3}) {
            stage.show(world, a.startNs + (a.endNs - a.startNs) * part / 4);
            const QRectF box = FieldOverlay::boxOf(stage.state, {a.worker, a.row, 0, 0, 0, a.startNs, stage.state.nowNs(), true});
            const int line = countColour(stage.field.grab().toImage(), QRect(static_cast<int>(box.left()), static_cast<int>(box.top()) + 1, static_cast<int>(box.width()) + 60, 1), running);
            QVERIFY(std::abs(line - box.width()) <= 2.5);
            QVERIFY(line > before);
            before = line;
        }
    }

    void colourByStateRepaints()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        const QColor done = QColor::fromRgb(SpanLook::of(stage.model, ColourMode::State).stateDone);
        QCOMPARE(countColour(stage.field.grab().toImage(), stage.field.rect(), done), 0);
        stage.panel.corner()->findChild<QComboBox*>()->setCurrentIndex(1);
        QVERIFY(countColour(stage.field.grab().toImage(), stage.field.rect(), done) > 10'000);
    }

    void aThemeChangeRepaints()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        Theme::of().setMode(Theme::Mode::Light);
        QVERIFY(countColour(stage.field.grab().toImage(), stage.field.rect(), color(Token::Canvas)) > 10'000);
    }

    void smallWindowsShareRows()
    {
        Stage stage({1000, 200});
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        QVERIFY(stage.state.isCompact());
        QCOMPARE(stage.state.rows().size(), std::size_t{3});
        QVERIFY(!stage.footer.isVisible());
        const Attempt& a = wideOne(world, base::kSecond);
        QTest::mouseClick(&stage.field, Qt::LeftButton, {}, stage.middleOf(a));
        QCOMPARE(stage.selection.task()->row, a.row);
        stage.panel.resize(1400, 420);
        QTRY_VERIFY(!stage.state.isCompact());
    }

    void heartbeatsOfAnIdleClusterDrawNothing()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        QSignalSpy pictures(&stage.field, &TrackField::painted), figures(&stage.state, &TimelineState::figuresChanged);
        RunUpdate beat;
        beat.nowNs = world.endNs() + base::kSecond;
        beat.nodes = stage.model.nodes();
        for (auto& node : beat.nodes) node.heartbeatNs = beat.nowNs;
        stage.model.take(beat);
        QTRY_COMPARE(figures.count(), 1);
        QCoreApplication::processEvents();
        QCOMPARE(pictures.count(), 0);
    }

    void theActivityEndsWithTheRun()
    {
        Stage stage;
        const TimelineWorld world({});
        world.play(stage.model, world.endNs() + base::kSecond, 170 * base::kMillisecond);
        stage.settle();
        const auto last = stage.state.history().at(world.endNs(), stage.state.set().activity, {});
        QVERIFY(last);
        QCOMPARE(last->done, static_cast<double>(stage.model.shownRun()->tasks));
        QCOMPARE(last->ready, 0.0);
    }

    void aHiddenPanelDoesNothingAndCatchesUp()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.beginNs() + base::kSecond);
        stage.panel.hide();
        QSignalSpy changes(&stage.state, &TimelineState::changed);
        world.play(stage.model, world.beginNs() + 5 * base::kSecond);
        QTest::qWait(50);
        QCOMPARE(changes.count(), 0);
        QVERIFY(stage.state.history().size() > 40);
        stage.panel.show();
        QTRY_COMPARE(&stage.state.set(), stage.model.spans().get());
    }
};

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    installTheme(app, Theme::Mode::Dark);
    TestTimelineLooks test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_timeline_looks.moc"
