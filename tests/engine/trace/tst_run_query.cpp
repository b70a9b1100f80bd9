// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/trace/naive_rows.h"
#include "tests/engine/trace/naive_run.h"
#include "tests/engine/trace/trace_samples.h"

#include <QTest>

#include <set>

using namespace orrery;
using trace::RunQuery;
using trace::RunStore;
using types::Query;

namespace {

const trace::TableQuery::Stop kNever = [] { return false; };

Query asking(const std::string& table, const std::string& filter = {}, const std::string& sort = {})
{
    Query query;
    query.table = table;
    query.filter = filter;
    query.sort = sort;
    return query;
}

RunQuery made(const Query& query, const RunStore& store, trace::RunWorld world = naive::testWorld())
{
    auto answer = RunQuery::make(query, store, std::move(world));
    if (!answer.ok()) qFatal("%s", answer.error().message.c_str());
    return std::move(*answer);
}

std::vector<std::uint32_t> listed(const RunQuery& query)
{
    std::vector<std::uint32_t> rows;
    for (std::uint64_t i = 0; i < query.total(); ++i) rows.push_back(query.rowAt(i));
    return rows;
}

std::vector<std::uint32_t> answered(const Query& query, const RunStore& store, const trace::RunWorld& world = naive::testWorld())
{
    auto answer = made(query, store, world);
    answer.work(kNever);
    return listed(answer);
}

std::string anyFilter(base::Random& random, const types::TableSchema& schema)
{
    static const char* const kTasks[] = {"", "", "dur>1ms", "dur<=400us", "state=finished", "-state in (finished, failed)", "render", "\"[1\"", "worker=1", "node:B", "cause!=none", "fn~\"blur|edges\"",
                                         "error:3", "attempt>1", "start>10ms end<60ms", "map_index<3 or vertex=blur", "wait>=2ms", "why:done", "args:render", "returns:O", "track in (0, 3)", "task_id ~ 7",
                                         "resources:cpu", "not dur<1h", "creation_time_ms > 0"};
    static const char* const kObjects[] = {"", "", "bytes>5000", "state=inline", "state in (lost, memory)", "producer:render", "output=0", "attempt>1", "task_status=finished", "created>20ms", "node=A", "\".1\"",
                                           "refs=0", "type=none", "vertex=blur or shape:2", "id:O-1"};
    return &schema == &types::taskSchema() ? kTasks[random.below(std::size(kTasks))] : kObjects[random.below(std::size(kObjects))];
}

std::string anySort(base::Random& random, const types::TableSchema& schema)
{
    if (random.chance(0.15)) return {};
    return (random.chance(0.5) ? "-" : "") + std::string(schema.fields[random.below(schema.fields.size())].name);
}

// Some 100 tasks in twelve vertices, with retries, losses and tasks that are still on their way.
struct Told {
    explicit Told(std::uint64_t seed, int blocks) : story(samples::runId(seed), seed), store(samples::runId(seed))
    {
        for (; blocks > 0; --blocks) tell();
    }
    void tell()
    {
        if (!store.apply(story.next()).ok()) qFatal("a story was refused");
    }
    naive::OwnerStory story;
    RunStore store;
};

} // namespace

class TstRunQuery : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theRowsAreThoseOfANaiveFullSort()
    {
        base::Random random(99);
        std::size_t found = 0;
        for (std::uint64_t seed = 1; seed <= 25; ++seed) {
            Told told(seed, static_cast<int>(2 + random.below(40)));
            auto world = naive::testWorld();
            if (random.chance(0.5)) world.nowNs = told.story.nowNs() + 1000;
            const naive::NaiveTasks tasks(told.store, world);
            const naive::NaiveObjects objects(told.store, world);
            for (int i = 0; i < 40; ++i) {
                const naive::NaiveRows& rows = random.chance(0.6) ? static_cast<const naive::NaiveRows&>(tasks) : objects;
                const Query query = asking(std::string(rows.schema().name), anyFilter(random, rows.schema()), anySort(random, rows.schema()));
                const auto expected = rows.answer(query);
                found += expected.size();
                // In one go, and left at every look at the clock.
                auto sliced = made(query, told.store, world);
                while (!sliced.work([] { return true; })) {}
                const std::string what = "seed " + std::to_string(seed) + ", " + query.table + " where " + query.filter + " by " + query.sort;
                QVERIFY2(answered(query, told.store, world) == expected, what.c_str());
                QVERIFY2(listed(sliced) == expected, what.c_str());
            }
        }
        QVERIFY(found > 20'000);
    }
    void everyCellIsWhatTheNaiveTableSays()
    {
        for (std::uint64_t seed = 30; seed < 36; ++seed) {
            Told told(seed, 30);
            auto world = naive::testWorld();
            world.nowNs = told.story.nowNs();
            const naive::NaiveTasks tasks(told.store, world);
            const naive::NaiveObjects objects(told.store, world);
            for (const naive::NaiveRows* rows : {static_cast<const naive::NaiveRows*>(&tasks), static_cast<const naive::NaiveRows*>(&objects)})
                for (const char* sort : {"", "row"}) { // without and with columns made ready
                    auto query = made(asking(std::string(rows->schema().name), {}, sort), told.store, world);
                    query.work(kNever);
                    const auto page = query.page(0, 10'000);
                    QCOMPARE(page.rows.size(), std::size_t{rows->rows()});
                    QCOMPARE(page.total, std::uint64_t{rows->rows()});
                    QCOMPARE(page.columns.size(), rows->schema().fields.size());
                    for (std::size_t i = 0; i < page.rows.size(); ++i)
                        for (std::size_t c = 0; c < page.columns.size(); ++c) {
                            const auto row = query.rowAt(i);
                            QCOMPARE(page.columns[c], std::string(rows->schema().fields[c].name));
                            if (page.rows[i][c] != rows->cell(static_cast<types::FieldId>(c), row)) QFAIL((page.columns[c] + " of row " + std::to_string(row) + ", seed " + std::to_string(seed)).c_str());
                        }
                }
        }
    }
    void pagesTogetherAreTheWhole()
    {
        Told told(5, 40);
        base::Random random(5);
        auto query = made(asking("tasks", "not state=failed", "-dur"), told.store);
        query.work(kNever);
        const auto whole = query.page(0, 10'000);
        QCOMPARE(whole.rows.size(), query.total());
        QVERIFY(whole.rows.size() > 20);
        for (int i = 0; i < 200; ++i) {
            const auto first = random.below(whole.rows.size() + 5), count = random.below(30);
            const auto page = query.page(first, static_cast<std::uint32_t>(count));
            QCOMPARE(page.total, query.total());
            const auto end = std::min<std::uint64_t>(first + count, whole.rows.size());
            QCOMPARE(page.rows.size(), first >= end ? 0 : end - first);
            for (std::size_t k = 0; k < page.rows.size(); ++k) QVERIFY(page.rows[k] == whole.rows[first + k]);
            // The page of a question that was asked for it alone.
            Query asked = asking("tasks", "not state=failed", "-dur");
            asked.first = first;
            asked.count = static_cast<std::uint32_t>(count);
            auto alone = made(asked, told.store);
            alone.work(kNever);
            types::Page filled;
            while (!alone.fillPage(filled, [] { return true; })) {}
            QVERIFY(filled.rows == page.rows);
            QCOMPARE(filled.total, page.total);
        }
        QCOMPARE(query.page(~0ull, 100).rows.size(), std::size_t{0});
        QCOMPARE(query.page(~0ull - 3, 100).rows.size(), std::size_t{0});
    }
    void onlyTheColumnsThatWereAskedForComeInTheirOrder()
    {
        Told told(6, 10);
        Query query = asking("tasks");
        query.columns = {"dur", "NAME", "row"};
        auto answer = made(query, told.store);
        const auto page = answer.page(0, 5);
        QVERIFY((page.columns == std::vector<std::string>{"duration_ns", "name", "row"}));
        QCOMPARE(page.rows[0].size(), std::size_t{3});
        QCOMPARE(std::get<std::int64_t>(page.rows[3][2]), 3);
    }
    void aPageIsBounded()
    {
        RunStore store(samples::runId(1));
        for (const auto& block : samples::flood(store.run(), kPageRows + 5, 1, false)) QVERIFY(store.apply(block).ok());
        auto query = made(asking("tasks"), store);
        QVERIFY(query.work(kNever));
        QCOMPARE(query.total(), std::uint64_t{kPageRows} + 5);
        QCOMPARE(query.page(0, ~0u).rows.size(), std::size_t{kPageRows});
        Query most = asking("tasks");
        most.count = ~0u;
        auto filled = made(most, store);
        types::Page page;
        QVERIFY(filled.fillPage(page, kNever));
        QCOMPARE(page.rows.size(), std::size_t{kPageRows});
        QCOMPARE(page.total, std::uint64_t{kPageRows} + 5);
    }
    void piecesJoinWithoutASeam_data()
    {
        QTest::addColumn<int>("width");
        for (const int width : {0, 1, 2, 63, 64, 65, 1023, 1024, 1025, 2048, 2049, 4096, 4097, 8192, 16385, 65536, 70001}) QTest::addRow("%d", width) << width;
    }
    void piecesJoinWithoutASeam()
    {
        QFETCH(int, width);
        RunStore store(samples::runId(2));
        if (width > 0)
            for (const auto& block : samples::flood(store.run(), static_cast<std::uint32_t>(width), 1, width < 5000)) QVERIFY(store.apply(block).ok());
        // Durations as the blocks say, by row.
        std::vector<std::pair<std::int64_t, std::uint32_t>> expected;
        for (std::uint64_t number = 1; number <= store.blocks(); ++number)
            store.eachAttemptOfBlock(number, [&](std::uint32_t, const types::Attempt& a) {
                if (a.endNs - a.startNs > 70'000) expected.emplace_back(a.endNs - a.startNs, a.row);
            });
        std::sort(expected.begin(), expected.end());
        const auto rows = answered(asking("tasks", "dur > 70us", "dur"), store);
        QCOMPARE(rows.size(), expected.size());
        for (std::size_t i = 0; i < rows.size(); ++i) QCOMPARE(rows[i], expected[i].second);
        std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        const auto down = answered(asking("tasks", "dur > 70us", "-dur"), store);
        for (std::size_t i = 0; i < down.size(); ++i) QCOMPARE(down[i], expected[i].second);
        // By a text that decides by comparing: rows with an error first, the others as they were.
        const auto errors = answered(asking("tasks", {}, "error_message"), store);
        QCOMPARE(errors.size(), std::size_t(width));
        const auto text = [&](std::uint32_t row) { return store.errorText(store.lastAttempt(row)->error); };
        for (std::size_t i = 1; i < errors.size(); ++i) {
            if (width > 20'000 && i > 20 && i % 97 != 0) continue; // opens a block each time
            const auto before = text(errors[i - 1]), after = text(errors[i]);
            QVERIFY(before.empty() ? after.empty() : after.empty() || before <= after);
            if (before == after) QVERIFY(errors[i - 1] < errors[i]);
        }
        QCOMPARE(std::set<std::uint32_t>(errors.begin(), errors.end()).size(), errors.size());
    }
    void theWidestValuesStayInOrderAndMissingOnesLast()
    {
        trace::BlockWriter writer(samples::runId(3), 0, 1);
        writer.add(types::RowRange{0, 6, 0, 0, types::TaskState::PendingArgs, 1000});
        const std::uint64_t bytes[] = {0, std::uint64_t(std::numeric_limits<std::int64_t>::max()), 5, std::uint64_t(std::numeric_limits<std::int64_t>::max()) - 1};
        for (std::uint32_t row = 0; row < 4; ++row) {
            types::Attempt a;
            a.row = a.mapIndex = row;
            a.worker = 0;
            a.submitNs = a.startNs = 2000;
            a.endNs = 3000;
            a.bytesOut = bytes[row];
            a.peakKiB = row == 2 ? 0xffffffffu : 0;
            writer.add(a);
        }
        RunStore store(samples::runId(3));
        QVERIFY(store.apply(writer.seal(1)).ok());
        const auto last = answered(asking("tasks", {}, "bytes_out"), store);
        QVERIFY((last == std::vector<std::uint32_t>{0, 2, 1, 3, 4, 5}) || (last == std::vector<std::uint32_t>{0, 2, 3, 1, 4, 5}));
        const auto down = answered(asking("tasks", {}, "-bytes_out"), store);
        QVERIFY((down == std::vector<std::uint32_t>{1, 3, 2, 0, 4, 5}) || (down == std::vector<std::uint32_t>{3, 1, 2, 0, 4, 5}));
        QVERIFY((answered(asking("tasks", {}, "-peak"), store) == std::vector<std::uint32_t>{2, 0, 1, 3, 4, 5}));
        QVERIFY((answered(asking("tasks", "peak = 4398046510080", "-peak"), store) == std::vector<std::uint32_t>{2}));
        QVERIFY((answered(asking("tasks", "bytes >= 4611686018427387904", "row"), store) == std::vector<std::uint32_t>{1, 3}));
    }
    void anUnknownVertexOrWorkerHasNoName()
    {
        Told told(8, 30);
        for (const char* sort : {"name", "-fn", "vertex", "node", "node_id", "worker_id", "resources", "args", "why"}) {
            auto query = made(asking("tasks", {}, sort), told.store, trace::RunWorld());
            query.work(kNever);
            QCOMPARE(query.total(), std::uint64_t{told.store.rows()});
            QCOMPARE(query.page(0, 1000).rows.size(), std::size_t{told.store.rows()});
        }
        QCOMPARE(answered(asking("tasks", "\"?\""), told.store, trace::RunWorld()).size(), std::size_t{told.store.rows()});
        QCOMPARE(answered(asking("tasks", "node != A"), told.store, trace::RunWorld()).size(), std::size_t{told.store.rows()});
        auto objects = made(asking("objects", {}, "name"), told.store, trace::RunWorld());
        objects.work(kNever);
        QCOMPARE(objects.page(0, 1000).rows.size(), std::size_t{told.store.objects()});
    }
    void whatATaskWaitsForIsNamedShortly()
    {
        auto graph = std::make_shared<types::Graph>();
        for (const char* id : {"a", "b", "c", "d", "e", "sum"}) graph->vertices.push_back({id, "test.f"});
        for (const char* id : {"a", "b", "c", "d", "e"}) graph->edges.push_back({{id, "out"}, {"sum", "in"}, types::EdgeMode::All});
        trace::RunWorld world;
        world.graph = graph;
        trace::BlockWriter writer(samples::runId(9), 0, 1);
        writer.add(types::RowRange{0, 1, 0, 5, types::TaskState::PendingArgs, 1000});
        writer.add(types::RowRange{1, 4, 0, 1, types::TaskState::Cached, 1000});
        writer.add(types::RowRange{5, 4, 0, 2, types::TaskState::PendingArgs, 1000});
        RunStore store(samples::runId(9));
        QVERIFY(store.apply(writer.seal(1)).ok());
        Query query = asking("tasks");
        query.columns = {"wait_reason"};
        // b has all that it makes; nobody told of a, d and e yet.
        QCOMPARE(std::get<std::string>(made(query, store, world).page(0, 1).rows[0][0]), std::string("a, c (0 of 4 done), d and 1 more"));
    }
    // A live run under a sliced question: no cell contradicts the filter, no row comes twice, order of what did not change holds.
    void blocksMayComeWhileItWorks()
    {
        base::Random random(12);
        int left = 0;
        for (std::uint64_t seed = 50; seed < 90; ++seed) {
            Told told(seed, 12);
            const bool tasks = random.chance(0.7);
            Query query = asking(tasks ? "tasks" : "objects", tasks ? "state in (running, pending_args_avail, submitted_to_worker)" : "state = inline", random.chance(0.5) ? "-start_ns" : "name");
            if (!tasks) query.sort = "-bytes";
            query.count = 10'000;
            auto answer = made(query, told.store);
            const auto rowsBefore = tasks ? told.store.rows() : told.store.objects();
            const auto maybeTell = [&] {
                if (random.chance(0.3)) told.tell();
                return true;
            };
            while (!answer.work(maybeTell)) {}
            const auto matched = answer.total();
            types::Page page;
            while (!answer.fillPage(page, maybeTell)) {}
            left += static_cast<int>(matched - page.total);
            QCOMPARE(page.rows.size(), page.total);
            const auto& schema = tasks ? types::taskSchema() : types::objectSchema();
            std::set<std::int64_t> seen;
            for (const auto& row : page.rows) {
                const auto number = tasks ? std::get<std::int64_t>(row[schema.find("row")]) : 0;
                if (tasks) QVERIFY(seen.insert(number).second && number < rowsBefore);
                const auto state = std::get<std::string>(row[schema.find("state")]);
                QVERIFY(tasks ? state == "RUNNING" || state == "PENDING_ARGS_AVAIL" || state == "SUBMITTED_TO_WORKER" : state == "INLINE");
            }
        }
        QVERIFY(left > 0); // it did happen that a row stopped matching
    }
    void aKeptAnswerKnowsWhetherItStillHolds()
    {
        Told told(7, 5);
        const Query query = asking("tasks", "render", "-dur");
        auto answer = made(query, told.store);
        answer.work(kNever);
        Query other = query;
        other.first = 50;
        other.count = 7;
        QVERIFY(answer.answers(other));
        other.sort = "dur";
        QVERIFY(!answer.answers(other));
        other = query;
        other.filter = "blur";
        QVERIFY(!answer.answers(other));
        other = query;
        other.table = "objects";
        QVERIFY(!answer.answers(other));
        told.tell();
        QVERIFY(!answer.answers(query));
        QVERIFY(!answer.gone());
        trace::BlockWriter writer(told.store.run(), 0, 2);
        writer.add(types::RowRange{0, 1, 0, 0, types::TaskState::PendingArgs, 1000});
        QVERIFY(told.store.apply(writer.seal(1)).ok());
        QVERIFY(answer.gone());
        QVERIFY(!answer.answers(query));
    }
    void wrongQuestionsGetOneSentence_data()
    {
        QTest::addColumn<QByteArray>("table");
        QTest::addColumn<QByteArray>("filter");
        QTest::addColumn<QByteArray>("sort");
        QTest::addColumn<QByteArray>("column");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("table") << QByteArray("actors") << QByteArray() << QByteArray() << QByteArray() << QByteArray("no table \"actors\"");
        QTest::newRow("filter") << QByteArray("tasks") << QByteArray("dur>") << QByteArray() << QByteArray() << QByteArray("column 5: a value is missing");
        QTest::newRow("field of another table") << QByteArray("objects") << QByteArray("dur>1ms") << QByteArray() << QByteArray() << QByteArray("no column \"dur\" in objects");
        QTest::newRow("sort") << QByteArray("tasks") << QByteArray() << QByteArray("-sate") << QByteArray() << QByteArray("cannot be sorted: there is no column \"sate\" in tasks; did you mean \"state\"?");
        QTest::newRow("only a minus") << QByteArray("tasks") << QByteArray() << QByteArray("-") << QByteArray() << QByteArray("cannot be sorted");
        QTest::newRow("column") << QByteArray("tasks") << QByteArray() << QByteArray() << QByteArray("nam") << QByteArray("cannot be shown: there is no column \"nam\" in tasks; did you mean \"name\"?");
    }
    void wrongQuestionsGetOneSentence()
    {
        QFETCH(QByteArray, table);
        QFETCH(QByteArray, filter);
        QFETCH(QByteArray, sort);
        QFETCH(QByteArray, column);
        QFETCH(QByteArray, says);
        RunStore store(samples::runId(1));
        Query query = asking(table.toStdString(), filter.toStdString(), sort.toStdString());
        if (!column.isEmpty()) query.columns = {column.toStdString()};
        const auto answer = RunQuery::make(query, store, {});
        QVERIFY(!answer.ok());
        QCOMPARE(answer.error().code, base::Errc::BadInput);
        QVERIFY2(QByteArray::fromStdString(answer.error().message).contains(says), answer.error().message.c_str());
    }
    // Each look at the clock comes after a bounded piece: a question of 200,000 rows looks often, whatever it asks.
    void workLooksAtTheClockOften()
    {
        RunStore store(samples::runId(4));
        for (const auto& block : samples::flood(store.run(), 200'000, 1, true)) QVERIFY(store.apply(block).ok());
        const std::pair<Query, int> cases[] = {{asking("tasks", "x0"), 3000}, {asking("tasks", {}, "-dur"), 3300}, {asking("tasks", {}, "error_message"), 3800}, {asking("objects", "refs>0", "size"), 3300}};
        for (const auto& [query, atLeast] : cases) {
            auto answer = made(query, store);
            int looks = 0;
            answer.work([&looks] {
                ++looks;
                return false;
            });
            QVERIFY2(looks >= atLeast, qPrintable(QStringLiteral("%1 looks").arg(looks)));
        }
    }

private:
    static constexpr std::uint32_t kPageRows = trace::kPageRowsMax;
};

QTEST_GUILESS_MAIN(TstRunQuery)
#include "tst_run_query.moc"
