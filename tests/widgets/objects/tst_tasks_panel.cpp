// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/panel_hand.h"
#include "tests/support/zoom_scene.h"
#include "widgets/common/search_field.h"
#include "widgets/objects/tasks_panel.h"

#include <QAbstractButton>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>

using namespace orrery;
using widgets::TasksPanel;

namespace {

struct World {
    tests::ZoomScene scene;
    widgets::RunModel run;
    widgets::Selection selection;
    TasksPanel panel;

    explicit World(tests::ZoomScene::Wish wish = {}, bool withRun = true) : scene(wish), panel(run, selection, scene.rows)
    {
        if (withRun) run.take(scene.update());
    }
    bool show(int width = 1400, int height = 500)
    {
        return tests::showAt(panel, width, height) && QTest::qWaitFor([this] { return run.shownRun() == nullptr || panel.model().isLoaded(0); });
    }
    QLineEdit* filter() const { return panel.findChild<QLineEdit*>(); }
    QPoint place(int row, int column = 0) { return panel.table()->visualRect(panel.model().index(row, column)).center(); }
    void click(int row) { QTest::mouseClick(panel.table()->viewport(), Qt::LeftButton, {}, place(row)); }
    bool settled() { return QTest::qWaitFor([this] { return scene.rows.open.empty() && panel.model().isAnswered(); }); }
};

} // namespace

class TestTasksPanel final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tests::theme(); }
    void aRunFillsTheTable();
    void withoutARunASentenceSaysWhatToDo();
    void typingAFilterLeavesRowsOutAndSaysHowMany();
    void aBadFilterSaysWhyBesideTheField();
    void aFilterThatMatchesNothingOffersToClearIt();
    void aClickChoosesTheTaskEverywhere();
    void arrowsMoveTheChoice();
    void enterAndDoubleClickShowTheTaskElsewhereToo();
    void aTaskChosenElsewhereScrollsIntoView_data();
    void aTaskChosenElsewhereScrollsIntoView();
    void aTaskChosenWhileAFilterIsTypedStaysInView();
    void aTaskThatTheFilterLeavesOutChoosesNoRow();
    void clicksOnAHeadSortUpDownAndNaturally();
    void theChosenRowStaysChosenWhereverAnAnswerPutsIt();
    void aHiddenPanelAsksNothing();
    void copyTakesTheChosenRow();
    void theKeyboardAloneChoosesNothing();
    void aMillionRowsAreScrolledByTheRowsThatAreSeen();
    void itLooksLikeTheMock();
};

void TestTasksPanel::aRunFillsTheTable()
{
    World world;
    QVERIFY(world.show());
    QCOMPARE(world.panel.model().rowCount(), 1032);
    QCOMPARE(world.panel.shownText(), QStringLiteral("showing 1,032 of 1,032"));
    QCOMPARE(world.panel.model().text(0, "state"), QStringLiteral("FINISHED"));
    for (const auto& query : world.scene.rows.seen) QVERIFY(query.count <= widgets::kPageRows); // rows that are seen, no others
}

void TestTasksPanel::withoutARunASentenceSaysWhatToDo()
{
    World world({}, false);
    QVERIFY(world.show());
    bool said = false;
    for (const auto* label : world.panel.findChildren<QLabel*>()) said = said || (label->isVisible() && label->text() == QStringLiteral("No run yet. F5 runs the graph."));
    QVERIFY(said);
    QVERIFY(world.scene.rows.seen.empty());
}

void TestTasksPanel::typingAFilterLeavesRowsOutAndSaysHowMany()
{
    World world;
    QVERIFY(world.show());
    world.panel.focusFilter();
    QTest::keyClicks(world.filter(), QStringLiteral("fn:imaging.blur and node:B"));
    QTRY_VERIFY(world.panel.model().filter() == QStringLiteral("fn:imaging.blur and node:B") && world.panel.model().isAnswered());
    QVERIFY(world.panel.model().rowCount() > 0 && world.panel.model().rowCount() < 256);
    QCOMPARE(world.panel.shownText(), QStringLiteral("showing %1 of 1,032").arg(world.panel.model().rowCount()));
    for (int row = 0; row < world.panel.model().rowCount(); ++row) QCOMPARE(world.panel.model().text(row, "node"), QStringLiteral("B"));
    QTest::keyClick(world.filter(), Qt::Key_Escape);
    QTRY_COMPARE(world.panel.model().rowCount(), 1032);
}

void TestTasksPanel::aBadFilterSaysWhyBesideTheField()
{
    World world;
    QVERIFY(world.show());
    world.panel.focusFilter();
    QTest::keyClicks(world.filter(), QStringLiteral("stat=FAILED"));
    QTRY_VERIFY(world.filter()->property("wrong").toBool());
    QVERIFY2(world.filter()->toolTip().contains(QStringLiteral("did you mean \"state\"")), qPrintable(world.filter()->toolTip()));
    QCOMPARE(world.panel.model().rowCount(), 1032); // the rows before stay
    QTest::keyClick(world.filter(), Qt::Key_Home);
    world.panel.setFilter(QStringLiteral("state=FAILED"));
    QTRY_VERIFY(!world.filter()->property("wrong").toBool());
}

void TestTasksPanel::aFilterThatMatchesNothingOffersToClearIt()
{
    World world;
    QVERIFY(world.show());
    world.panel.setFilter(QStringLiteral("no_such_task"));
    QTRY_COMPARE(world.panel.model().rowCount(), 0);
    QAbstractButton* clear = nullptr;
    for (auto* button : world.panel.findChildren<QAbstractButton*>())
        if (button->isVisible() && button->text() == QStringLiteral("Clear filter")) clear = button;
    QVERIFY(clear != nullptr);
    QTest::mouseClick(clear, Qt::LeftButton);
    QTRY_COMPARE(world.panel.model().rowCount(), 1032);
}

void TestTasksPanel::aClickChoosesTheTaskEverywhere()
{
    World world;
    QVERIFY(world.show());
    QSignalSpy changed(&world.selection, &widgets::Selection::changed);
    world.click(5);
    QCOMPARE(changed.size(), 1);
    QVERIFY(world.selection.task().has_value());
    QCOMPARE(world.selection.task()->row, 5u);
    QCOMPARE(world.selection.task()->vertex, world.scene.vertex("render"));
    QCOMPARE(world.selection.task()->mapIndex, 3u);
    QCOMPARE(world.selection.vertices(), QStringList(QStringLiteral("render")));
}

void TestTasksPanel::arrowsMoveTheChoice()
{
    World world;
    QVERIFY(world.show());
    world.click(5);
    QTest::keyClick(world.panel.table(), Qt::Key_Down);
    QCOMPARE(world.selection.task()->row, 6u);
    QTest::keyClick(world.panel.table(), Qt::Key_End, Qt::ControlModifier); // not here yet
    QTRY_COMPARE(world.selection.task()->row, 1031u);
}

void TestTasksPanel::enterAndDoubleClickShowTheTaskElsewhereToo()
{
    World world;
    QVERIFY(world.show());
    QSignalSpy revealed(&world.selection, &widgets::Selection::revealed);
    world.click(7);
    QCOMPARE(revealed.size(), 0);
    QTest::keyClick(world.panel.table(), Qt::Key_Return);
    QCOMPARE(revealed.size(), 1);
    world.click(9);
    QTest::mouseDClick(world.panel.table()->viewport(), Qt::LeftButton, {}, world.place(9));
    QCOMPARE(revealed.size(), 2);
    QCOMPARE(world.selection.task()->row, 9u);
}

void TestTasksPanel::aTaskChosenElsewhereScrollsIntoView_data()
{
    QTest::addColumn<QString>("filter");
    QTest::addColumn<int>("column");
    QTest::newRow("natural") << QString() << -1;
    QTest::newRow("filtered") << QStringLiteral("fn:imaging.colour_map") << -1;
    QTest::newRow("sorted") << QString() << 4;
    QTest::newRow("sorted texts") << QStringLiteral("dur>1ms") << 0;
}

void TestTasksPanel::aTaskChosenElsewhereScrollsIntoView()
{
    QFETCH(QString, filter);
    QFETCH(int, column);
    World world;
    QVERIFY(world.show());
    world.panel.setFilter(filter);
    world.panel.table()->sortByColumn(column, Qt::DescendingOrder);
    QVERIFY(world.settled());
    const std::uint32_t row = world.scene.row("colour_map", 200);
    world.selection.selectTask({row, world.scene.vertex("colour_map"), 200}, QStringLiteral("colour_map"));
    const QString key = QString::number(row);
    QTRY_VERIFY(world.panel.model().rowOf(key) >= 0);
    const int at = world.panel.model().rowOf(key);
    QTRY_COMPARE(world.panel.table()->currentIndex().row(), at);
    QTRY_VERIFY(world.panel.table()->viewport()->rect().contains(world.place(at))); // its page may be here before it is found
    QVERIFY(world.panel.table()->selectionModel()->isRowSelected(at));
}

// The filter is applied first and goes to the top; a rest later it would take the view away from the task.
void TestTasksPanel::aTaskChosenWhileAFilterIsTypedStaysInView()
{
    World world;
    QVERIFY(world.show());
    QVERIFY(world.settled());
    auto* filter = world.panel.findChild<widgets::SearchField*>();
    QSignalSpy told(filter, &widgets::SearchField::searched);
    filter->setFocus();
    QTest::keyClicks(filter, QStringLiteral("dur>1us"));
    const std::uint32_t row = world.scene.row("colour_map", 200);
    world.selection.selectTask({row, world.scene.vertex("colour_map"), 200}, QStringLiteral("colour_map"));
    QCOMPARE(told.size(), 1);
    QTRY_VERIFY(world.settled() && world.panel.model().rowOf(QString::number(row)) >= 0);
    QTRY_VERIFY(world.panel.table()->viewport()->rect().contains(world.place(world.panel.model().rowOf(QString::number(row)))));
}

void TestTasksPanel::aTaskThatTheFilterLeavesOutChoosesNoRow()
{
    World world;
    QVERIFY(world.show());
    world.click(3);
    world.panel.setFilter(QStringLiteral("fn:imaging.blur"));
    QVERIFY(world.settled());
    world.selection.selectTask({world.scene.row("mosaic"), world.scene.vertex("mosaic"), 0}, QStringLiteral("mosaic"));
    QVERIFY(world.settled());
    QVERIFY(!world.panel.table()->selectionModel()->hasSelection());
    QCOMPARE(world.panel.table()->verticalScrollBar()->value(), 0);
    QCOMPARE(world.selection.task()->row, world.scene.row("mosaic")); // and the panel does not answer with another choice
}

void TestTasksPanel::clicksOnAHeadSortUpDownAndNaturally()
{
    World world;
    QVERIFY(world.show());
    QHeaderView* head = world.panel.table()->horizontalHeader();
    const auto click = [&](int column) {
        QTest::mouseClick(head->viewport(), Qt::LeftButton, {}, {head->sectionViewportPosition(column) + 20, head->height() / 2});
        return world.settled();
    };
    const auto duration = [&](int row) { return world.panel.model().integer(row, "duration_ns"); };
    QVERIFY(click(4));
    QVERIFY(duration(0) <= duration(1) && duration(1) <= duration(20));
    QCOMPARE(world.scene.rows.seen.back().sort, std::string("duration_ns"));
    QVERIFY(click(4));
    QVERIFY(duration(0) >= duration(1) && duration(1) >= duration(20));
    QVERIFY(click(4));
    QCOMPARE(world.scene.rows.seen.back().sort, std::string());
    QCOMPARE(world.panel.model().integer(0, "row"), 0);
}

void TestTasksPanel::theChosenRowStaysChosenWhereverAnAnswerPutsIt()
{
    World world;
    QVERIFY(world.show());
    world.click(5);
    QSignalSpy changed(&world.selection, &widgets::Selection::changed);
    world.panel.table()->sortByColumn(4, Qt::DescendingOrder);
    QVERIFY(world.settled());
    const int at = world.panel.model().rowOf(QStringLiteral("5"));
    QVERIFY(at != 5);
    QCOMPARE(world.panel.table()->currentIndex().row(), at);
    QCOMPARE(changed.size(), 0); // nobody chose anything
}

void TestTasksPanel::aHiddenPanelAsksNothing()
{
    World world;
    QVERIFY(world.show());
    world.panel.hide();
    const auto asked = world.scene.rows.seen.size();
    world.run.take(world.scene.update());
    world.selection.selectTask({900, world.scene.vertex("edges"), 100}, QStringLiteral("edges"));
    QCoreApplication::processEvents();
    QCOMPARE(world.scene.rows.seen.size(), asked);
    world.panel.show(); // and catches up
    QTRY_VERIFY(world.panel.model().rowOf(QStringLiteral("900")) >= 0);
    QTRY_COMPARE(world.panel.table()->currentIndex().row(), 900);
}

void TestTasksPanel::copyTakesTheChosenRow()
{
    World world;
    QVERIFY(world.show());
    world.click(2);
    QTest::keySequence(world.panel.table(), QKeySequence::Copy);
    QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("render [0]\tFINISHED\timaging.render")));
}

void TestTasksPanel::theKeyboardAloneChoosesNothing()
{
    World world;
    QVERIFY(world.show());
    QSignalSpy changed(&world.selection, &widgets::Selection::changed);
    world.filter()->setFocus();
    world.panel.table()->setFocus(Qt::TabFocusReason);
    QCOMPARE(changed.size(), 0);
    QTest::keyClick(world.panel.table(), Qt::Key_Down);
    QCOMPARE(changed.size(), 1);
}

void TestTasksPanel::aMillionRowsAreScrolledByTheRowsThatAreSeen()
{
    World world;
    world.scene.rows.reply = [](const types::Query& query) -> base::Result<types::Page> {
        types::Page page;
        page.columns = query.columns;
        page.total = 1'000'000;
        for (std::uint64_t r = query.first; r < std::min<std::uint64_t>(page.total, query.first + query.count); ++r) {
            auto& row = page.rows.emplace_back();
            for (const auto& column : query.columns) row.push_back(column == "row" ? types::Cell(static_cast<std::int64_t>(r)) : types::Cell("task " + std::to_string(r)));
        }
        return page;
    };
    QVERIFY(world.show());
    QScrollBar* bar = world.panel.table()->verticalScrollBar();
    const auto before = world.scene.rows.seen.size();
    for (int step = 1; step <= 50; ++step) {
        bar->setValue(static_cast<int>(static_cast<qint64>(bar->maximum()) * step / 50));
        QCoreApplication::processEvents();
    }
    QTRY_VERIFY(world.panel.model().isLoaded(999'999));
    QVERIFY2(world.scene.rows.seen.size() - before <= 2 * 50, qPrintable(QString::number(world.scene.rows.seen.size() - before)));
    world.click(999'995);
    QTest::keyClick(world.panel.table(), Qt::Key_End, Qt::ControlModifier);
    QTRY_COMPARE(world.panel.model().key(world.panel.table()->currentIndex().row()), QStringLiteral("999999"));
}

void TestTasksPanel::itLooksLikeTheMock()
{
    World world({256, 12, 9});
    QVERIFY(world.show(1920, 1080));
    world.click(6);
    QVERIFY(tests::shoot(world.panel, QStringLiteral("tasks")));
    world.panel.setFilter(QStringLiteral("stat:failed"));
    QVERIFY(QTest::qWaitFor([&] { return world.filter()->property("wrong").toBool(); }));
    QVERIFY(tests::shoot(world.panel, QStringLiteral("tasks-wrong")));
    world.panel.setFilter(QStringLiteral("state:failed"));
    QVERIFY(world.settled());
    QCOMPARE(world.panel.model().rowCount(), 12);
    QVERIFY(tests::shoot(world.panel, QStringLiteral("tasks-failed")));
}

QTEST_MAIN(TestTasksPanel)
#include "tst_tasks_panel.moc"
