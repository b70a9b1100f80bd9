// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Coach card, key sheet, outline and runs.
#include "tests/support/panel_hand.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/pages/coach_card.h"
#include "widgets/pages/key_sheet.h"
#include "widgets/pages/line_delegate.h"
#include "widgets/pages/outline_panel.h"
#include "widgets/pages/runs_panel.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QListView>
#include <QSignalSpy>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

QStringList texts(const QListView* view, int role = Qt::DisplayRole)
{
    QStringList all;
    for (int i = 0; i < view->model()->rowCount(); ++i) all << view->model()->index(i, 0).data(role).toString();
    return all;
}

QPoint placeOf(const QListView* view, int row)
{
    return view->visualRect(view->model()->index(row, 0)).center();
}

} // namespace

class TestSmallPages : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tests::theme(); }
    void theCoachTicksLinesAndMovesOn();
    void theCoachIsAsHighAsItsLines();
    void aClickOnALineActivatesIt();
    void enterActivatesTheCurrentLineAndEscapeCloses();
    void theCrossCloses();
    void aLowWindowShowsTheCurrentLineOnly();
    void theKeySheetListsActionsWithKeysByGroup();
    void typingFiltersTheKeySheetAndEscapeClosesIt();
    void aClickClosesTheKeySheet();
    void theKeySheetFollowsTheWindow();
    void theOutlineIsInTheOrderOfTheRunWithItsStates();
    void theOutlineKeepsUpWithTheGraph();
    void aClickInTheOutlineSelectsAndADoubleClickShows();
    void theOutlineFollowsTheSelection();
    void runsAreListedNewestFirst();
    void aClickOnARunAsksForIt();
    void newRunsAreInsertedAtTheTop();
    void withoutARunTheListSaysSo();
};

void TestSmallPages::theCoachTicksLinesAndMovesOn()
{
    CoachCard card(QStringLiteral("First minute"));
    card.setLines({QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("three")});
    QCOMPARE(card.current(), 0);
    card.setDone(1); // out of turn
    QCOMPARE(card.current(), 0);
    QCOMPARE(card.doneCount(), 1);
    card.setDone(0);
    QCOMPARE(card.current(), 2);
    card.setDone(2);
    QCOMPARE(card.current(), -1);
    QCOMPARE(card.doneCount(), 3);
    card.setDone(9); // there is none: nothing happens
    QCOMPARE(card.doneCount(), 3);
}

void TestSmallPages::theCoachIsAsHighAsItsLines()
{
    CoachCard card(QStringLiteral("First minute"));
    QStringList lines;
    for (const int height : {56, 74, 92, 110, 128}) { // the same below the last line; five lines are those of the design
        lines << QStringLiteral("Line %1 of what there is to try").arg(lines.size() + 1);
        card.setLines(lines);
        QCOMPARE(card.sizeHint(), QSize(312, height));
        QCOMPARE(card.size(), card.sizeHint());
        if (lines.size() == 3) QVERIFY(tests::shoot(card, QStringLiteral("coach-three")));
    }
}

void TestSmallPages::aClickOnALineActivatesIt()
{
    QWidget below;
    CoachCard card(QStringLiteral("First minute"), &below);
    card.setLines({QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("three")});
    QVERIFY(tests::showAt(below, 400, 300));
    QSignalSpy activated(&card, &CoachCard::lineActivated);
    QTest::mouseClick(&card, Qt::LeftButton, {}, QPoint(100, 30 + 18 + 9));
    QCOMPARE(activated.size(), 1);
    QCOMPARE(activated[0][0].toInt(), 1);
    QTest::mouseClick(&card, Qt::LeftButton, {}, QPoint(100, 10)); // the head
    QCOMPARE(activated.size(), 1);
}

void TestSmallPages::enterActivatesTheCurrentLineAndEscapeCloses()
{
    CoachCard card(QStringLiteral("First minute"));
    card.setLines({QStringLiteral("one"), QStringLiteral("two")});
    card.setDone(0);
    QVERIFY(tests::showAt(card, 312, 128));
    QSignalSpy activated(&card, &CoachCard::lineActivated), closed(&card, &CoachCard::closed);
    card.setFocus();
    QTest::keyClick(&card, Qt::Key_Return);
    QCOMPARE(activated[0][0].toInt(), 1);
    QTest::keyClick(&card, Qt::Key_Escape);
    QCOMPARE(closed.size(), 1);
    QVERIFY(!card.isVisible());
}

void TestSmallPages::theCrossCloses()
{
    CoachCard card(QStringLiteral("First minute"));
    card.setLines({QStringLiteral("one")});
    QVERIFY(tests::showAt(card, 312, 128));
    QSignalSpy closed(&card, &CoachCard::closed);
    QTest::mouseClick(&card, Qt::LeftButton, {}, QPoint(card.width() - 16, 14));
    QCOMPARE(closed.size(), 1);
    QVERIFY(!card.isVisible());
}

void TestSmallPages::aLowWindowShowsTheCurrentLineOnly()
{
    CoachCard card(QStringLiteral("First minute"));
    card.setLines({QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("three")});
    card.setCompact(true);
    QCOMPARE(card.height(), 56);
    card.setDone(0);
    card.show();
    QSignalSpy activated(&card, &CoachCard::lineActivated);
    QTest::mouseClick(&card, Qt::LeftButton, {}, QPoint(100, 38));
    QCOMPARE(activated[0][0].toInt(), 1); // the line that is shown
    card.setCompact(false);
    QCOMPARE(card.height(), 92);
}

void TestSmallPages::theKeySheetListsActionsWithKeysByGroup()
{
    QWidget window;
    KeySheet sheet(&window);
    QAction run(QStringLiteral("&Run")), stop(QStringLiteral("Stop")), silent(QStringLiteral("No key"));
    run.setShortcut(QKeySequence(Qt::Key_F5));
    stop.setShortcut(QKeySequence(Qt::SHIFT | Qt::Key_F5));
    run.setProperty(kActionGroup, QStringLiteral("Run"));
    stop.setProperty(kActionGroup, QStringLiteral("Run"));
    sheet.setActions({&run, &silent, &stop});
    sheet.addKeys(QStringLiteral("Canvas"), QStringLiteral("Space drag"), QStringLiteral("Move the view"));
    QCOMPARE(sheet.shownTexts(), (QStringList{QStringLiteral("Run: F5"), QStringLiteral("Stop: Shift+F5"),
                                              QStringLiteral("Move the view: Space drag")}));
}

void TestSmallPages::typingFiltersTheKeySheetAndEscapeClosesIt()
{
    QWidget window;
    KeySheet sheet(&window);
    sheet.addKeys(QStringLiteral("Canvas"), QStringLiteral("F"), QStringLiteral("Fit the selection"));
    sheet.addKeys(QStringLiteral("Canvas"), QStringLiteral("Del"), QStringLiteral("Delete"));
    QVERIFY(tests::showAt(window, 900, 600));
    sheet.popUp();
    QVERIFY(sheet.isVisible() && sheet.hasFocus());
    QTest::keyClicks(&sheet, QStringLiteral("dele"));
    QCOMPARE(sheet.shownTexts(), QStringList{QStringLiteral("Delete: Del")});
    QTest::keyClick(&sheet, Qt::Key_Backspace);
    QTest::keyClick(&sheet, Qt::Key_Backspace);
    QTest::keyClick(&sheet, Qt::Key_Backspace);
    QTest::keyClick(&sheet, Qt::Key_Backspace);
    QCOMPARE(sheet.shownTexts().size(), 2);
    QTest::keyClick(&sheet, Qt::Key_Escape);
    QVERIFY(!sheet.isVisible());
}

void TestSmallPages::aClickClosesTheKeySheet()
{
    QWidget window;
    KeySheet sheet(&window);
    QVERIFY(tests::showAt(window, 900, 600));
    sheet.popUp();
    QTest::mouseClick(&sheet, Qt::LeftButton);
    QVERIFY(!sheet.isVisible());
}

void TestSmallPages::theKeySheetFollowsTheWindow()
{
    QWidget window;
    KeySheet sheet(&window);
    QVERIFY(tests::showAt(window, 900, 600));
    sheet.popUp();
    window.resize(700, 500);
    QTRY_COMPARE(sheet.size(), QSize(700, 500));
}

void TestSmallPages::theOutlineIsInTheOrderOfTheRunWithItsStates()
{
    GraphModel graph;
    RunModel run;
    Selection selection;
    graph.setCatalog(tests::catalog());
    graph.setGraph(tests::deepZoom(), {});
    run.take(tests::scene());
    OutlinePanel panel(graph, run, selection);
    QVERIFY(tests::showAt(panel, 256, 400));
    QAbstractItemModelTester tester(panel.view()->model());
    const QStringList names = texts(panel.view());
    QCOMPARE(names.size(), 12);
    QVERIFY(names.indexOf(QStringLiteral("zoom_window")) < names.indexOf(QStringLiteral("tiles_list")));
    QVERIFY(names.indexOf(QStringLiteral("render")) < names.indexOf(QStringLiteral("blur")));
    QCOMPARE(names.last(), QStringLiteral("save"));
    const auto row = static_cast<int>(names.indexOf(QStringLiteral("render")));
    QCOMPARE(texts(panel.view(), FigureRole)[row], QStringLiteral("149 / 256"));
    QCOMPARE(panel.view()->model()->index(row, 0).data(GlyphRole).toInt(), static_cast<int>(types::TaskState::Running));
}

void TestSmallPages::theOutlineKeepsUpWithTheGraph()
{
    GraphModel graph;
    RunModel run;
    Selection selection;
    graph.setCatalog(tests::catalog());
    OutlinePanel panel(graph, run, selection);
    QVERIFY(tests::showAt(panel, 256, 400));
    QVERIFY(!panel.view()->isVisible());
    QAbstractItemModelTester tester(panel.view()->model());
    graph.addVertex(QStringLiteral("imaging.render"), {});
    QTRY_COMPARE(texts(panel.view()), QStringList{QStringLiteral("render")});
    QVERIFY(panel.view()->isVisible());
    graph.undoStack().undo();
    QTRY_COMPARE(panel.view()->model()->rowCount(), 0);
}

void TestSmallPages::aClickInTheOutlineSelectsAndADoubleClickShows()
{
    GraphModel graph;
    RunModel run;
    Selection selection;
    graph.setCatalog(tests::catalog());
    graph.setGraph(tests::deepZoom(), {});
    OutlinePanel panel(graph, run, selection);
    QVERIFY(tests::showAt(panel, 256, 400));
    QSignalSpy revealed(&selection, &Selection::revealed);
    const QString second = texts(panel.view())[1];
    QTest::mouseClick(panel.view()->viewport(), Qt::LeftButton, {}, placeOf(panel.view(), 1));
    QCOMPARE(selection.vertices(), QStringList{second});
    QTest::mouseClick(panel.view()->viewport(), Qt::LeftButton, Qt::ControlModifier, placeOf(panel.view(), 3));
    QCOMPARE(selection.vertices().size(), 2);
    QCOMPARE(revealed.size(), 0);
    QTest::mouseClick(panel.view()->viewport(), Qt::LeftButton, {}, placeOf(panel.view(), 2));
    QTest::mouseDClick(panel.view()->viewport(), Qt::LeftButton, {}, placeOf(panel.view(), 2));
    QCOMPARE(revealed.size(), 1);
}

void TestSmallPages::theOutlineFollowsTheSelection()
{
    GraphModel graph;
    RunModel run;
    Selection selection;
    graph.setCatalog(tests::catalog());
    graph.setGraph(tests::deepZoom(), {});
    OutlinePanel panel(graph, run, selection);
    QVERIFY(tests::showAt(panel, 256, 400));
    QSignalSpy changed(&selection, &Selection::changed);
    selection.selectTask({40, 3, 7}, QStringLiteral("blur"));
    QCOMPARE(panel.view()->currentIndex().data().toString(), QStringLiteral("blur"));
    QCOMPARE(changed.size(), 1); // no echo
    QVERIFY(selection.task());   // the task is still chosen, not only its vertex
}

void TestSmallPages::runsAreListedNewestFirst()
{
    RunModel run;
    auto update = tests::scene();
    update.runs = {tests::run(1, 1'032, types::RunState::Succeeded), tests::run(2, 700, types::RunState::Failed),
                   tests::run(3, 12)};
    run.take(update);
    RunsPanel panel(run);
    QVERIFY(tests::showAt(panel, 256, 400));
    QCOMPARE(texts(panel.view()), (QStringList{QStringLiteral("Run 3 · live"), QStringLiteral("Run 2 · failed"),
                                               QStringLiteral("Run 1 · done")}));
    QCOMPARE(texts(panel.view(), FigureRole),
             (QStringList{QStringLiteral("5.6 s"), QStringLiteral("12.2 s"), QStringLiteral("12.2 s")}));
    QCOMPARE(texts(panel.view(), DetailRole),
             (QStringList{QStringLiteral("12 / 1,032"), QStringLiteral("700 / 1,032"), QStringLiteral("1,032 tasks")}));
    QCOMPARE(panel.view()->currentIndex().row(), 2); // the one that is shown
}

void TestSmallPages::aClickOnARunAsksForIt()
{
    RunModel run;
    auto update = tests::scene();
    update.runs = {tests::run(1, 1'032, types::RunState::Succeeded), tests::run(2, 12)};
    run.take(update);
    RunsPanel panel(run);
    QVERIFY(tests::showAt(panel, 256, 400));
    QSignalSpy wished(&panel, &RunsPanel::showRunRequested);
    QTest::mouseClick(panel.view()->viewport(), Qt::LeftButton, {}, placeOf(panel.view(), 1));
    QCOMPARE(wished.size(), 0); // it is shown already
    QTest::mouseClick(panel.view()->viewport(), Qt::LeftButton, {}, placeOf(panel.view(), 0));
    QCOMPARE(wished.size(), 1);
    QCOMPARE(wished[0][0].value<base::RunId>(), tests::runId(2));
}

void TestSmallPages::newRunsAreInsertedAtTheTop()
{
    RunModel run;
    run.take(tests::scene());
    RunsPanel panel(run);
    QVERIFY(tests::showAt(panel, 256, 400));
    QAbstractItemModelTester tester(panel.view()->model());
    QSignalSpy inserted(panel.view()->model(), &QAbstractItemModel::rowsInserted),
        reset(panel.view()->model(), &QAbstractItemModel::modelReset);
    RunUpdate more;
    more.runs = {tests::run(2, 0), tests::run(3, 0)};
    run.take(more);
    QTRY_COMPARE(inserted.size(), 1);
    QCOMPARE(reset.size(), 0);
    QCOMPARE(texts(panel.view()).first(), QStringLiteral("Run 3 · live"));
    QCOMPARE(panel.view()->currentIndex().row(), 2); // run 1 is still the one that is marked
}

void TestSmallPages::withoutARunTheListSaysSo()
{
    RunModel run;
    RunsPanel panel(run);
    QVERIFY(tests::showAt(panel, 256, 400));
    QVERIFY(!panel.view()->isVisible());
    bool said = false;
    for (const auto* label : panel.findChildren<QLabel*>())
        said = said || (label->isVisible() && label->text().startsWith(QStringLiteral("No run yet")));
    QVERIFY(said);
}

QTEST_MAIN(TestSmallPages)
#include "tst_small_pages.moc"
