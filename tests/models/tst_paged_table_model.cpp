// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_row_source.h"
#include "widgets/models/paged_table_model.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>
#include <set>

using namespace orrery;
using widgets::kPageRows;
using widgets::PagedTableModel;

namespace {

// A table of `rows` rows with the columns row, name and bytes. Row r of the answer is task (r + shift) % rows.
struct Table {
    std::uint64_t rows = 0;
    std::uint64_t shift = 0;
    std::uint64_t seq = 1;
    base::Result<types::Page> page(const types::Query& query) const
    {
        if (query.filter == "nonsense") return base::fail(base::Errc::BadInput, "Unknown field \"nonsense\".");
        types::Page page;
        page.epoch = 1;
        page.seq = seq;
        page.columns = {"bytes", "row", "name"}; // not in the order of the question
        page.total = query.filter.empty() ? rows : rows / 10;
        for (std::uint64_t r = query.first; r < std::min<std::uint64_t>(page.total, query.first + query.count); ++r) {
            const auto task = static_cast<std::int64_t>((r + shift) % rows);
            page.rows.push_back({types::Cell(task * 8), types::Cell(task), types::Cell("task " + std::to_string(task))});
        }
        return page;
    }
};

types::RunRow runNumber(std::uint32_t number)
{
    types::RunRow run;
    run.number = number;
    run.id = base::RunId{{1, number}};
    run.state = types::RunState::Running;
    return run;
}

struct World {
    Table table;
    tests::FakeRowSource source;
    widgets::RunModel run;
    PagedTableModel model;

    explicit World(std::uint64_t rows)
        : table{rows}, model(run, source, "tasks", {{"name", QStringLiteral("task")}, {"bytes", QStringLiteral("bytes"), true}}, {"row"})
    {
        source.reply = [this](const types::Query& query) { return table.page(query); };
        show(1);
    }
    void show(std::uint32_t number)
    {
        widgets::RunUpdate update;
        update.runs = {runNumber(number)};
        update.run = update.runs[0].id;
        run.take(update);
    }
    void rowsChanged()
    {
        widgets::RunUpdate update;
        update.changes = 1;
        run.take(update);
    }
    // The rows that every question asked for.
    std::set<std::uint64_t> pagesAsked() const
    {
        std::set<std::uint64_t> pages;
        for (const auto& query : source.seen) pages.insert(query.first / kPageRows);
        return pages;
    }
};

// A second table of the same run that asks as often as it may: when it has asked twice more, so could the other one have.
struct Witness {
    tests::FakeRowSource source;
    PagedTableModel model;
    explicit Witness(World& world) : model(world.run, source, "tasks", {{"name", {}}}, {"row"})
    {
        source.reply = [&world](const types::Query& query) { return world.table.page(query); };
        source.byItself = true;
        model.setActive(true);
    }
    bool asksTwice(World& world)
    {
        for (int round = 0; round < 2; ++round) {
            const auto asked = source.seen.size();
            world.rowsChanged();
            if (!QTest::qWaitFor([&] { return source.seen.size() > asked && source.open.empty(); })) return false;
        }
        return true;
    }
};

using Mode = QAbstractItemModelTester::FailureReportingMode;

} // namespace

class TestPagedTableModel final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aMillionRowsCostTheQuestionsOfTwoPages();
    void nothingIsAskedWhileNobodyLooks();
    void rowsThatAreNotHereYetSayThatTheyAreLoading();
    void answersOutOfOrderFillTheirOwnPages();
    void anAnswerThatComesTwiceOrAfterTheQuestionWasDroppedChangesNothing();
    void scrollingOnDropsWhatNobodyLooksAt();
    void anotherFilterKeepsTheOldRowsUntilItsAnswer();
    void aBadFilterSaysWhyAndKeepsTheRows();
    void anUnavailableSourceIsAskedAgainWhenRowsChange();
    void changedRowsAreAskedAgainFourTimesASecondAtMost();
    void noSecondRoundBeginsWhileAnAnswerIsDue();
    void aSelectionFollowsItsRowByKey();
    void aSelectionWhoseRowIsGoneEnds();
    void aSelectionOfARowThatIsNotHereYetStaysAtItsPlace();
    void aTableThatShrinksTakesItsRowsAway();
    void theSortReachesTheQuestion();
    void anotherRunEmptiesTheTable();
    void pagesSeenLongAgoAreForgotten();
    void randomAnswersKeepEveryPromiseOfAModel();
};

void TestPagedTableModel::aMillionRowsCostTheQuestionsOfTwoPages()
{
    World world(1'000'000);
    world.model.setActive(true);
    world.source.answerAll();
    QCOMPARE(world.model.rowCount(), 1'000'000);
    world.model.setVisibleRows(500'190, 45);
    world.source.answerAll();
    QVERIFY(world.model.isLoaded(500'190) && world.model.isLoaded(500'234));
    QCOMPARE(world.model.text(500'234, "name"), QStringLiteral("task 500234"));
    QCOMPARE(world.model.integer(500'234, "bytes"), 500'234 * 8);
    QCOMPARE(world.model.key(500'234), QStringLiteral("500234"));
    QCOMPARE(world.pagesAsked(), (std::set<std::uint64_t>{0, 2500, 2501}));
    QAbstractItemModelTester tester(&world.model, Mode::QtTest); // walks all of them
}

void TestPagedTableModel::nothingIsAskedWhileNobodyLooks()
{
    World world(1000);
    world.model.setVisibleRows(0, 40);
    world.rowsChanged();
    QCOMPARE(world.source.seen.size(), std::size_t{0});
    world.model.setActive(true);
    QCOMPARE(world.source.open.size(), std::size_t{1});
    world.model.setActive(false);
    QCOMPARE(world.source.open.size(), std::size_t{0}); // dropped
    world.rowsChanged();
    QCOMPARE(world.source.seen.size(), std::size_t{1});
}

void TestPagedTableModel::rowsThatAreNotHereYetSayThatTheyAreLoading()
{
    World world(1000);
    world.model.setActive(true);
    world.source.answerAll();
    const auto far = world.model.index(900, 0);
    QVERIFY(far.data(PagedTableModel::LoadingRole).toBool());
    QVERIFY(!far.data().isValid());
    world.model.setVisibleRows(890, 40);
    QVERIFY(far.data(PagedTableModel::LoadingRole).toBool());
    world.source.answerAll();
    QVERIFY(!far.data(PagedTableModel::LoadingRole).toBool());
    QCOMPARE(far.data().toString(), QStringLiteral("task 900"));
}

void TestPagedTableModel::answersOutOfOrderFillTheirOwnPages()
{
    World world(1000);
    world.model.setActive(true);
    world.source.answerAll();
    world.model.setVisibleRows(390, 45); // pages 1 and 2
    QCOMPARE(world.source.open.size(), std::size_t{2});
    world.source.answerLast();
    QVERIFY(world.model.isLoaded(400) && !world.model.isLoaded(399));
    world.source.answerAll();
    QCOMPARE(world.model.text(399, "name"), QStringLiteral("task 399"));
    QCOMPARE(world.model.text(400, "name"), QStringLiteral("task 400"));
}

void TestPagedTableModel::anAnswerThatComesTwiceOrAfterTheQuestionWasDroppedChangesNothing()
{
    World world(1000);
    world.model.setActive(true);
    const auto first = world.source.open.front();
    world.source.answerAll();
    QCOMPARE(world.model.rowCount(), 1000);
    world.table.rows = 5;
    first.done(world.table.page(first.query));
    QCOMPARE(world.model.rowCount(), 1000);
    world.table.rows = 1000;
    world.model.setVisibleRows(600, 40);
    const auto gone = world.source.open.front();
    world.model.setVisibleRows(0, 40);
    QCOMPARE(world.source.dropped.back(), gone.ticket);
    gone.done(world.table.page(gone.query));
    QVERIFY(!world.model.isLoaded(600));
}

void TestPagedTableModel::scrollingOnDropsWhatNobodyLooksAt()
{
    World world(100'000);
    world.model.setActive(true);
    world.source.answerAll();
    for (int row = 1000; row < 90'000; row += 1000) {
        world.model.setVisibleRows(row, 45);
        QVERIFY(world.source.open.size() <= 2);
    }
}

void TestPagedTableModel::anotherFilterKeepsTheOldRowsUntilItsAnswer()
{
    World world(1000);
    QAbstractItemModelTester tester(&world.model, Mode::QtTest);
    world.model.setActive(true);
    world.source.answerAll();
    world.model.setFilter(QStringLiteral("dur>1ms"));
    QCOMPARE(world.model.rowCount(), 1000);
    QVERIFY(!world.model.isAnswered());
    QCOMPARE(world.source.open.front().query.filter, std::string("dur>1ms"));
    world.source.answerAll();
    QCOMPARE(world.model.rowCount(), 100);
    QVERIFY(world.model.isAnswered());
}

void TestPagedTableModel::aBadFilterSaysWhyAndKeepsTheRows()
{
    World world(1000);
    QSignalSpy problem(&world.model, &PagedTableModel::problem);
    world.model.setActive(true);
    world.source.answerAll();
    world.model.setFilter(QStringLiteral("nonsense"));
    world.source.answerAll();
    QCOMPARE(problem.size(), 1);
    QCOMPARE(problem[0][0].toString(), QStringLiteral("Unknown field \"nonsense\"."));
    QCOMPARE(world.model.rowCount(), 1000);
    const auto asked = world.source.seen.size();
    Witness witness(world);
    QVERIFY(witness.asksTwice(world));
    QCOMPARE(world.source.seen.size(), asked);
    world.model.setFilter({});
    world.source.answerAll();
    QCOMPARE(problem.size(), 2);
    QCOMPARE(problem[1][0].toString(), QString());
}

void TestPagedTableModel::anUnavailableSourceIsAskedAgainWhenRowsChange()
{
    World world(1000);
    world.source.reply = [](const types::Query&) { return base::fail(base::Errc::Unavailable, "The head does not answer."); };
    world.model.setActive(true);
    world.source.answerAll(); // would go on for ever if an error were asked again at once
    QCOMPARE(world.model.problemText(), QStringLiteral("The head does not answer."));
    world.source.reply = [&](const types::Query& query) { return world.table.page(query); };
    world.rowsChanged();
    QTRY_COMPARE(world.source.open.size(), std::size_t{1});
    world.source.answerAll();
    QCOMPARE(world.model.rowCount(), 1000);
    QCOMPARE(world.model.problemText(), QString());
}

void TestPagedTableModel::changedRowsAreAskedAgainFourTimesASecondAtMost()
{
    World world(1000);
    world.source.byItself = true;
    world.model.setActive(true);
    QElapsedTimer time;
    time.start();
    QTimer often;
    connect(&often, &QTimer::timeout, this, [&] { world.rowsChanged(); });
    often.start(5);
    QTRY_VERIFY(world.source.seen.size() >= 5);
    const auto rounds = static_cast<qint64>(world.source.seen.size());
    QVERIFY2((rounds - 1) * widgets::kAskAgainMs <= time.elapsed() + widgets::kAskAgainMs / 10, qPrintable(QString::number(time.elapsed())));
}

void TestPagedTableModel::noSecondRoundBeginsWhileAnAnswerIsDue()
{
    World world(1000);
    world.model.setActive(true);
    world.source.answerAll();
    world.rowsChanged();
    QTRY_COMPARE(world.source.open.size(), std::size_t{1});
    const auto asked = world.source.seen.size();
    Witness witness(world);
    QVERIFY(witness.asksTwice(world));
    QCOMPARE(world.source.seen.size(), asked);
    world.source.answerAll(); // now it may
    QTRY_COMPARE(world.source.seen.size(), asked + 1);
}

void TestPagedTableModel::aSelectionFollowsItsRowByKey()
{
    World world(1000);
    QAbstractItemModelTester tester(&world.model, Mode::QtTest);
    world.model.setActive(true);
    world.source.answerAll();
    const QPersistentModelIndex chosen = world.model.index(50, 1);
    QCOMPARE(world.model.key(50), QStringLiteral("50"));
    world.table.shift = 30;
    world.rowsChanged();
    QTRY_COMPARE(world.source.open.size(), std::size_t{1});
    QCOMPARE(chosen.row(), 50); // until the answer
    world.source.answerAll();
    QCOMPARE(chosen.row(), 20);
    QCOMPARE(chosen.column(), 1);
    QCOMPARE(chosen.data().toLongLong(), 50 * 8);
}

void TestPagedTableModel::aSelectionWhoseRowIsGoneEnds()
{
    World world(1000);
    world.model.setActive(true);
    world.source.answerAll();
    const QPersistentModelIndex chosen = world.model.index(50, 0);
    world.table.shift = 60; // its row is now on another page
    world.rowsChanged();
    QTRY_COMPARE(world.source.open.size(), std::size_t{1});
    world.source.answerAll();
    QVERIFY(!chosen.isValid());
    QCOMPARE(world.model.rowOf(QStringLiteral("50")), -1);
}

void TestPagedTableModel::aSelectionOfARowThatIsNotHereYetStaysAtItsPlace()
{
    World world(1000);
    world.model.setActive(true);
    world.source.answerAll();
    const QPersistentModelIndex chosen = world.model.index(999, 0);
    world.model.setVisibleRows(960, 40);
    world.source.answerAll();
    QCOMPARE(chosen.row(), 999);
    QCOMPARE(chosen.data().toString(), QStringLiteral("task 999"));
}

void TestPagedTableModel::aTableThatShrinksTakesItsRowsAway()
{
    World world(1000);
    QAbstractItemModelTester tester(&world.model, Mode::QtTest);
    QSignalSpy total(&world.model, &PagedTableModel::totalChanged);
    world.model.setActive(true);
    world.source.answerAll();
    world.model.setVisibleRows(960, 40);
    world.source.answerAll();
    world.table.rows = 100;
    world.rowsChanged();
    QTRY_VERIFY(!world.source.open.empty());
    world.source.answerAll();
    QCOMPARE(world.model.rowCount(), 100);
    QVERIFY(world.model.isLoaded(99)); // the window was behind the end
    QCOMPARE(total.back()[0].toInt(), 100);
    world.table.rows = 0;
    world.rowsChanged();
    QTRY_VERIFY(!world.source.open.empty());
    world.table = {};
    world.source.answerAll();
    QCOMPARE(world.model.rowCount(), 0);
}

void TestPagedTableModel::theSortReachesTheQuestion()
{
    World world(1000);
    world.model.setActive(true);
    world.source.answerAll();
    world.model.sort(1, Qt::DescendingOrder);
    QCOMPARE(world.source.open.front().query.sort, std::string("-bytes"));
    world.model.sort(0, Qt::AscendingOrder);
    QCOMPARE(world.source.open.size(), std::size_t{1}); // the other one was dropped
    QCOMPARE(world.source.open.front().query.sort, std::string("name"));
    world.model.sort(-1);
    QCOMPARE(world.source.open.front().query.sort, std::string());
}

void TestPagedTableModel::anotherRunEmptiesTheTable()
{
    World world(1000);
    QAbstractItemModelTester tester(&world.model, Mode::QtTest);
    world.model.setActive(true);
    world.source.answerAll();
    world.model.setVisibleRows(400, 40);
    world.show(2);
    QCOMPARE(world.model.rowCount(), 0);
    QCOMPARE(world.source.open.size(), std::size_t{1});
    QVERIFY(world.source.open.front().query.run == runNumber(2).id);
    world.source.answerAll();
    QCOMPARE(world.model.rowCount(), 1000);
}

void TestPagedTableModel::pagesSeenLongAgoAreForgotten()
{
    World world(1'000'000);
    world.model.setActive(true);
    world.source.answerAll();
    for (int page = 1; page < widgets::kPagesKept; ++page) {
        world.model.setVisibleRows(page * kPageRows, 40);
        world.source.answerAll();
    }
    world.model.setVisibleRows(0, 40); // seen again: not the oldest any more
    world.model.setVisibleRows(widgets::kPagesKept * kPageRows, 40);
    world.source.answerAll();
    QVERIFY(world.model.isLoaded(0));
    QVERIFY(!world.model.isLoaded(kPageRows));
}

// Everything at once, from a seed.
void TestPagedTableModel::randomAnswersKeepEveryPromiseOfAModel()
{
    const quint32 seed = 20240611;
    qInfo("seed %u", seed);
    QRandomGenerator dice(seed);
    World world(900);
    QAbstractItemModelTester tester(&world.model, Mode::QtTest);
    std::vector<tests::FakeRowSource::Question> again;
    world.source.reply = [&](const types::Query& query) -> base::Result<types::Page> {
        if (dice.bounded(20) == 0) return base::fail(base::Errc::Unavailable, "Away.");
        auto page = world.table.page(query);
        if (page.ok() && dice.bounded(10) == 0) page->rows.resize(page->rows.size() / 2); // less than was asked for
        return page;
    };
    world.model.setActive(true);
    for (int step = 0; step < 400; ++step) {
        switch (dice.bounded(8)) {
        case 0: world.model.setVisibleRows(static_cast<int>(dice.bounded(1200)), 45); break;
        case 1: world.table.rows = 1 + dice.bounded(1200u); break;
        case 2:
            world.table.shift = dice.bounded(100u);
            world.rowsChanged();
            break;
        case 3: world.model.setFilter(dice.bounded(2) != 0 ? QStringLiteral("render") : QString()); break;
        case 4: world.model.sort(static_cast<int>(dice.bounded(3)) - 1); break;
        case 5:
            if (!again.empty()) again.back().done(world.table.page(again.back().query));
            break;
        default:
            if (world.source.open.empty()) break;
            again.push_back(world.source.open.front());
            world.source.answer(world.source.open[dice.bounded(static_cast<quint32>(world.source.open.size()))].ticket);
        }
        ++world.table.seq;
    }
    world.source.reply = [&](const types::Query& query) { return world.table.page(query); };
    world.model.setFilter(QStringLiteral("again"));
    world.model.setFilter({});
    world.model.setVisibleRows(0, 45);
    world.source.answerAll();
    QCOMPARE(world.model.rowCount(), static_cast<int>(world.table.rows));
    QCOMPARE(world.model.key(0), QString::number(world.table.shift % world.table.rows));
}

QTEST_GUILESS_MAIN(TestPagedTableModel)
#include "tst_paged_table_model.moc"
