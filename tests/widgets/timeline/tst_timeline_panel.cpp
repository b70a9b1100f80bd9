// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The timeline under the mouse and the keys.
#include "tests/widgets/timeline/panel_stage.h"

#include <QApplication>
#include <QScrollBar>
#include <QSignalSpy>

using namespace orrery;
using namespace orrery::widgets;
using tests::countColour;
using tests::TimelineWorld;
using tests::wideOne;
using types::Attempt;
using types::TimeNs;
using Stage = tests::PanelStage;

class TestTimelinePanel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { Theme::of().setMode(Theme::Mode::Dark); }

    void aClickOnASpanSelectsThatTask()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        for (const TimeNs after : {0, 1, 3, 5}) {
            const Attempt& a = wideOne(world, after * base::kSecond);
            QTest::mouseClick(&stage.field, Qt::LeftButton, {}, stage.middleOf(a));
            QVERIFY(stage.selection.task());
            QCOMPARE(*stage.selection.task(), (TaskRef{a.row, a.vertex, a.mapIndex}));
            QCOMPARE(stage.selection.vertices(), QStringList{QStringLiteral("render")});
        }
    }

    void aSmallSpanInACrowdIsSelectedFromNear()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        const Attempt& a = *std::find_if(world.attempts().begin(), world.attempts().end(), [](const Attempt& other) { return other.vertex == 3 && other.mapIndex == 40; });
        stage.state.centre((a.startNs + a.endNs) / 2, a.endNs - a.startNs);
        stage.field.repaint();
        QTest::mouseClick(&stage.field, Qt::LeftButton, {}, stage.middleOf(a));
        QCOMPARE(stage.selection.task()->row, a.row);
    }

    void theWheelZoomsAtTheCursorAndScrollsTracks()
    {
        Stage stage({1400, 200});
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        for (const int x : {100, 640, 1000})
            for (const int notches : {3, 2, -4}) {
                const TimeNs before = stage.state.scale().timeAt(x);
                const double scale = stage.state.scale().nsPerColumn;
                stage.wheel({x, 60}, notches, Qt::ControlModifier);
                QVERIFY(notches > 0 ? stage.state.scale().nsPerColumn < scale : stage.state.scale().nsPerColumn > scale);
                QVERIFY(std::abs(stage.state.scale().xOf(before) - x) <= 1);
            }
        QVERIFY(stage.state.scrollMax() > 0);
        stage.wheel({300, 60}, -2);
        QVERIFY(stage.state.scrollY() > 0);
        QCOMPARE(stage.panel.findChild<QScrollBar*>()->value(), stage.state.scrollY());
        stage.wheel({300, 60}, -50);
        QCOMPARE(stage.state.scrollY(), stage.state.scrollMax());
    }

    void followingStopsOnPanAndResumesWithEnd()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.beginNs() + 3 * base::kSecond);
        QVERIFY(stage.state.isFollowing());
        QVERIFY(!stage.resume().isVisible());
        for (const Qt::Key key : {Qt::Key_A, Qt::Key_W, Qt::Key_S, Qt::Key_D}) {
            QTest::keyClick(&stage.field, key);
            QVERIFY(!stage.state.isFollowing());
            QTRY_VERIFY(stage.resume().isVisible());
            QTest::keyClick(&stage.field, Qt::Key_End);
            QVERIFY(stage.state.isFollowing());
            QTRY_VERIFY(!stage.resume().isVisible());
        }
        stage.drag({400, 100}, {700, 100}, Qt::MiddleButton);
        QVERIFY(!stage.state.isFollowing());
        const TimeScale held = stage.state.scale();
        stage.show(world, world.beginNs() + 5 * base::kSecond);
        QCOMPARE(stage.state.scale(), held); // nothing moves under the reader
        QTRY_VERIFY(stage.resume().isVisible());
        QTest::mouseClick(&stage.resume(), Qt::LeftButton);
        QVERIFY(stage.state.isFollowing());
    }

    void nowStaysInViewWhileFollowing_data()
    {
        QTest::addColumn<bool>("near");
        QTest::newRow("the whole run") << false;
        QTest::newRow("a held scale") << true;
    }

    void nowStaysInViewWhileFollowing()
    {
        QFETCH(bool, near);
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.beginNs() + 2 * base::kSecond);
        if (near) {
            for (int i = 0; i < 4; ++i) QTest::keyClick(&stage.field, Qt::Key_W);
            QTest::keyClick(&stage.field, Qt::Key_End);
        }
        const double scale = stage.state.scale().nsPerColumn;
        for (TimeNs now = world.beginNs() + 2 * base::kSecond; now < world.endNs() + base::kSecond; now += 300 * base::kMillisecond) {
            stage.show(world, now);
            const double x = stage.state.scale().xOf(stage.state.nowNs());
            QVERIFY(x > 0 && x < stage.state.scale().width);
            if (near) QCOMPARE(stage.state.scale().nsPerColumn, scale);
            else QVERIFY(stage.state.scale().xOf(world.beginNs()) >= 0);
        }
    }

    void shiftDragPansByWhatTheMouseMoved()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        QTest::keyClick(&stage.field, Qt::Key_W);
        const TimeNs under = stage.state.scale().timeAt(500);
        stage.drag({500, 100}, {380, 100}, Qt::LeftButton, Qt::ShiftModifier);
        QVERIFY(std::abs(stage.state.scale().xOf(under) - 380) <= 1);
        QVERIFY(!stage.state.area());
    }

    void aDragChoosesTimeAndFShowsIt()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        const TimeNs from = stage.state.scale().timeAt(300), to = stage.state.scale().timeAt(450);
        stage.drag({450, 120}, {300, 140});
        QVERIFY(stage.state.area());
        QCOMPARE(stage.state.area()->fromNs, from);
        QCOMPARE(stage.state.area()->toNs, to);
        QVERIFY(!stage.selection.task());
        QTest::keyClick(&stage.field, Qt::Key_F);
        const double width = stage.state.scale().width;
        QVERIFY(std::abs(stage.state.scale().xOf(from) - .05 * width) <= 1.5 && std::abs(stage.state.scale().xOf(to) - .95 * width) <= 1.5);
        QTest::keyClick(&stage.field, Qt::Key_Escape);
        QVERIFY(!stage.state.area());
        QTest::keyClick(&stage.field, Qt::Key_Home);
        QVERIFY(stage.state.scale().xOf(world.beginNs()) >= 0 && stage.state.scale().xOf(world.endNs()) <= width);
    }

    void commaAndStopGoFromTaskToTaskOnTheTrack()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        std::vector<Attempt> track;
        for (const Attempt& a : world.attempts())
            if (a.worker == 5) track.push_back(a);
        QTest::mouseClick(&stage.field, Qt::LeftButton, {}, stage.middleOf(wideOne(world, 0)));
        stage.selection.selectTask({track[10].row, track[10].vertex, track[10].mapIndex}, QStringLiteral("x"));
        for (int i = 11; i < 40; ++i) {
            QTest::keyClick(&stage.field, Qt::Key_Period);
            QCOMPARE(stage.selection.task()->row, track[static_cast<std::size_t>(i)].row);
        }
        for (int i = 38; i >= 0; --i) {
            QTest::keyClick(&stage.field, Qt::Key_Comma);
            QCOMPARE(stage.selection.task()->row, track[static_cast<std::size_t>(i)].row);
        }
        QSignalSpy told(&stage.panel, &TimelinePanel::message);
        QTest::keyClick(&stage.field, Qt::Key_Comma);
        QCOMPARE(told.count(), 1);
        QCOMPARE(stage.selection.task()->row, track[0].row);
    }

    void revealLeavesAViewOfTheWholeRunAlone()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.beginNs() + 5 * base::kSecond);
        const Attempt& a = wideOne(world, 3 * base::kSecond);
        const TimeScale before = stage.state.scale();
        stage.selection.selectTask({a.row, a.vertex, a.mapIndex}, QStringLiteral("render"));
        stage.selection.reveal();
        QCOMPARE(stage.state.scale(), before);
        QVERIFY(stage.state.isFollowing());
    }

    void revealPutsTheSpanIntoTheMiddle()
    {
        Stage stage({1400, 200});
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        for (int i = 0; i < 12; ++i) QTest::keyClick(&stage.field, Qt::Key_W);
        const Attempt& a = *std::find_if(world.attempts().begin(), world.attempts().end(), [&](const Attempt& other) { return other.worker == 9 && other.vertex == 3; });
        stage.selection.selectTask({a.row, a.vertex, a.mapIndex}, QStringLiteral("blur"));
        stage.selection.reveal();
        const QRectF box = FieldOverlay::boxOf(stage.state, stage.found(a));
        QVERIFY(std::abs(box.center().x() - stage.field.width() / 2.0) < 3);
        QVERIFY(box.top() >= 0 && box.bottom() <= stage.field.height());
        QVERIFY(box.width() > 10);
        stage.field.repaint();
        QVERIFY(countColour(stage.field.grab().toImage(), box.adjusted(-4, -4, 4, 4).toRect(), color(Token::Accent)) > 20);
    }

    void theMouseTellsWhatIsUnderIt()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        const Attempt& a = wideOne(world, base::kSecond);
        const QPoint at = stage.middleOf(a);
        QTest::mouseMove(&stage.field, at);
        QMouseEvent move(QEvent::MouseMove, at, stage.field.mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&stage.field, &move);
        QVERIFY(stage.selection.hovered());
        QCOMPARE(stage.selection.hovered()->row, a.row);
        QTRY_VERIFY(stage.field.hoverCard().isVisible());
        QVERIFY(stage.field.hoverCard().lines().first().startsWith(QStringLiteral("render [%1]").arg(a.mapIndex)));
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(&stage.field, &leave);
        QVERIFY(!stage.selection.hovered() && !stage.field.hoverCard().isVisible());
    }

    void tracksGrowWithTheRoomAndShrinkToTheLeastBeforeAnyScrolls()
    {
        Stage stage({1400, 800});
        tests::WorldShape shape;
        shape.workers = {4};
        const TimelineWorld world(shape);
        stage.show(world, world.endNs() + 1);
        const auto track = [&stage] { return stage.state.rows()[static_cast<std::size_t>(rowOfTrack(stage.state.rows(), 1))]; };
        QCOMPARE(track().height, kTrackMost);
        QCOMPARE(bandOf(track(), 0).height, 42);
        const int least = kClusterRow + metric::kNodeHeader + kMarksRow; // what does not grow, or grows last
        const int over = stage.panel.height() - stage.field.height();
        int before = kTrackMost + 1;
        for (const int room : {least + 4 * 50, least + 4 * 40, least + 4 * 18 + 3}) {
            stage.panel.resize(1400, room + over);
            stage.field.repaint();
            QCOMPARE(stage.state.scrollMax(), 0);
            QCOMPARE(heightOf(stage.state.rows()), stage.field.height()); // nothing is left empty
            QVERIFY(track().height < before);
            before = track().height;
        }
        stage.panel.resize(1400, least + over + 10);
        stage.field.repaint();
        QCOMPARE(track().height, metric::kTrack);
        QCOMPARE(bandOf(track(), 0).height, metric::kTrackSpan);
        QVERIFY(stage.state.scrollMax() > 0);
        for (const TrackRow& row : rowsOf(stage.model, {}, true, 400)) QCOMPARE(row.height, 4 * metric::kTrack + 4); // small windows: one row a node
    }

    void aHighTrackIsHitFromItsTopToItsBottom()
    {
        Stage stage({1400, 800});
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        const Attempt& a = wideOne(world, base::kSecond);
        const QRect box = FieldOverlay::boxOf(stage.state, stage.found(a)).toRect();
        QVERIFY(box.height() > metric::kTrack);
        const QImage image = stage.field.grab().toImage();
        const QColor fill = Theme::of().functionSpan(QStringLiteral("imaging.render"));
        for (const int y : {box.top() + 1, box.bottom() - 1}) {
            QCOMPARE(image.pixelColor(box.center().x(), y), fill); // where it is drawn it is hit
            stage.selection.clear();
            QTest::mouseClick(&stage.field, Qt::LeftButton, {}, {box.center().x(), y});
            QVERIFY(stage.selection.task());
            QCOMPARE(stage.selection.task()->row, a.row);
        }
        const TrackRow& row = stage.state.rows()[static_cast<std::size_t>(rowOfTrack(stage.state.rows(), 6))];
        QTest::mouseClick(&stage.tree, Qt::LeftButton, {}, {60, row.bottom() - 2});
        QCOMPARE(*stage.selection.worker(), std::uint16_t{6});
    }

    void whatANodeBroughtFromOthersHasARowOfItsOwn()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        const std::size_t rows = stage.state.rows().size();
        const auto counted = stage.field.picture().counts();
        // B brought one value from A, and one whose source is not known.
        const Attempt& made = *std::find_if(world.attempts().begin(), world.attempts().end(), [](const Attempt& a) { return a.vertex == 2 && a.worker < 4 && a.endNs > 42 * base::kSecond; });
        types::SpanBuilder builder;
        builder.add(types::CopyRecord{made.row, 0, 1, 0, false, made.endNs, made.endNs + 200 * base::kMillisecond}, made.vertex, made.mapIndex);
        RunUpdate update = world.at(world.endNs() + 1, false);
        update.transfers = builder.snapshot();
        stage.model.take(update);
        QTRY_COMPARE(stage.state.rows().size(), rows + 1);
        stage.field.repaint();
        const auto row = std::find_if(stage.state.rows().begin(), stage.state.rows().end(), [](const TrackRow& one) { return one.kind == RowKind::Transfers; });
        QVERIFY(row != stage.state.rows().end() && row->node == 1);
        QCOMPARE((row - 1)->kind, RowKind::Worker); // the last of B
        QCOMPARE((row - 1)->node, std::uint16_t{1});
        // It is drawn where it was, and is no task: what the footer counts stays.
        QCOMPARE(stage.field.picture().counts().inView, counted.inView);
        QCOMPARE(stage.field.picture().counts().single, counted.single);
        const double middle = stage.state.scale().xOf(made.endNs + 100 * base::kMillisecond) / stage.state.ratio();
        const QPoint at(qRound(middle), row->top + row->height / 2 - stage.state.scrollY());
        const QImage shown = stage.field.grab().toImage();
        QVERIFY(shown.pixelColor(at) != shown.pixelColor(at.x() + 200, at.y()));
        // A click leads to the task that made it; the row folds with its node.
        QTest::mouseClick(&stage.field, Qt::LeftButton, {}, at);
        QVERIFY(stage.selection.task());
        QCOMPARE(stage.selection.task()->row, made.row);
        const int node = std::find_if(stage.state.rows().begin(), stage.state.rows().end(), [](const TrackRow& one) { return one.kind == RowKind::Node && one.node == 1; })->top + 8;
        QTest::mouseClick(&stage.tree, Qt::LeftButton, {}, {60, node - stage.state.scrollY()});
        QVERIFY(std::none_of(stage.state.rows().begin(), stage.state.rows().end(), [](const TrackRow& one) { return one.kind == RowKind::Transfers; }));
    }

    void aNodeFoldsAndAWorkerIsSelected()
    {
        Stage stage;
        const TimelineWorld world({});
        stage.show(world, world.endNs() + 1);
        const std::size_t rows = stage.state.rows().size();
        QCOMPARE(stage.state.rows()[1].kind, RowKind::Node);
        QTest::mouseClick(&stage.tree, Qt::LeftButton, {}, {60, stage.state.rows()[1].top + 8});
        QCOMPARE(stage.state.rows().size(), rows - 4);
        stage.field.repaint();
        const std::uint64_t inA = static_cast<std::uint64_t>(std::count_if(world.attempts().begin(), world.attempts().end(), [](const Attempt& a) { return a.worker < 4; }));
        QCOMPARE(stage.field.picture().counts().inView, world.attempts().size() - inA);
        const Attempt& hidden = *std::find_if(world.attempts().begin(), world.attempts().end(), [](const Attempt& a) { return a.worker == 2; });
        stage.selection.selectTask({hidden.row, hidden.vertex, hidden.mapIndex}, QStringLiteral("render"));
        stage.selection.reveal(); // unfolds
        QCOMPARE(stage.state.rows().size(), rows);
        QTest::mouseClick(&stage.tree, Qt::LeftButton, {}, {60, stage.state.rows()[3].top + 8});
        QCOMPARE(*stage.selection.worker(), std::uint16_t{1});
    }
};

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    installTheme(app, Theme::Mode::Dark);
    TestTimelinePanel test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_timeline_panel.moc"
