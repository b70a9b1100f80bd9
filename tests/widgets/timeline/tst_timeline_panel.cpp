// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The timeline's panel with real mouse and key events.
#include "tests/widgets/timeline/timeline_world.h"
#include "widgets/common/buttons.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/search_field.h"
#include "widgets/common/theme.h"
#include "widgets/models/selection.h"
#include "widgets/timeline/field_overlay.h"
#include "widgets/timeline/timeline_footer.h"
#include "widgets/timeline/timeline_panel.h"
#include "widgets/timeline/track_field.h"
#include "widgets/timeline/track_tree.h"

#include <QApplication>
#include <QComboBox>
#include <QDeadlineTimer>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <algorithm>

using namespace orrery;
using namespace orrery::widgets;
using tests::TimelineWorld;
using types::Attempt;
using types::TimeNs;

namespace {

struct Stage {
    RunModel model;
    Selection selection;
    TimelinePanel panel{model, selection};
    TrackField& field = *panel.findChild<TrackField*>();
    TrackTree& tree = *panel.findChild<TrackTree*>();
    TimelineState& state = *panel.findChild<TimelineState*>();
    TimelineFooter& footer = *panel.findChild<TimelineFooter*>();
    explicit Stage(QSize size = {1400, 420})
    {
        panel.resize(size);
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        field.setFocus();
    }
    // Until the panel has taken what the model has, and painted it.
    void settle()
    {
        QDeadlineTimer late(5'000);
        while ((&state.set() != model.spans().get() || !state.filter().complete()) && !late.hasExpired()) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QVERIFY(!late.hasExpired());
        field.repaint();
        QCoreApplication::processEvents();
    }
    void show(const TimelineWorld& world, TimeNs now)
    {
        model.take(world.at(now, true));
        settle();
    }
    FoundSpan found(const Attempt& a) const { return {a.worker, a.row, a.mapIndex, a.vertex, 0, a.startNs, a.endNs, false}; }
    QPoint middleOf(const Attempt& a) const { return FieldOverlay::boxOf(state, found(a)).center().toPoint(); }
    void wheel(QPoint at, int notches, Qt::KeyboardModifiers keys = {})
    {
        QWheelEvent event(at, field.mapToGlobal(at), {}, {0, 120 * notches}, Qt::NoButton, keys, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&field, &event);
        field.repaint();
    }
    void drag(QPoint from, QPoint to, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers keys = {})
    {
        QTest::mousePress(&field, button, keys, from);
        for (int i = 1; i <= 10; ++i) {
            const QPoint at = from + (to - from) * i / 10;
            QMouseEvent move(QEvent::MouseMove, at, field.mapToGlobal(at), Qt::NoButton, button, keys);
            QCoreApplication::sendEvent(&field, &move);
        }
        QTest::mouseRelease(&field, button, keys, to);
        field.repaint();
    }
    QAbstractButton& resume() { return *field.findChild<FlatButton*>(QString(), Qt::FindDirectChildrenOnly); }
    EmptyState& empty() { return *field.findChild<EmptyState*>(); }
};

const Attempt& wideOne(const TimelineWorld& world, TimeNs after, std::uint16_t vertex = 2)
{
    return *std::find_if(world.attempts().begin(), world.attempts().end(),
                         [&](const Attempt& a) { return a.vertex == vertex && a.startNs > world.beginNs() + after && a.endNs - a.startNs > 200 * base::kMillisecond; });
}

int countColour(const QImage& image, const QRect& rect, const QColor& wanted)
{
    int count = 0;
    for (int y = std::max(0, rect.top()); y <= std::min(rect.bottom(), image.height() - 1); ++y)
        for (int x = std::max(0, rect.left()); x <= std::min(rect.right(), image.width() - 1); ++x) count += (image.pixel(x, y) & 0xffffffu) == (wanted.rgb() & 0xffffffu);
    return count;
}

} // namespace

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
        stage.panel.setFilterText(QStringLiteral("vertex:blur"));
        stage.panel.setFilterText(QStringLiteral("dur>"));
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
        const auto last = stage.state.history().at(world.endNs(), stage.state.set().activity);
        QVERIFY(last);
        QCOMPARE(last->done, static_cast<double>(stage.model.shownRun()->tasks));
        QCOMPARE(last->running, 0.0);
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
    TestTimelinePanel test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_timeline_panel.moc"
