// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Questions about the head's tables, answered at once and in slices while the world goes on.
#include "engine/head/table_ask.h"
#include "tests/engine/head/table_world.h"

#include <QTest>

#include <map>

using namespace orrery;
using namespace orrery::headtest;
using head::TableAsk;
using types::Query;

namespace {

using Row = std::map<std::string, types::Cell>;

Query asking(const std::string& table, const std::string& filter = {}, const std::string& sort = {})
{
    Query query;
    query.table = table;
    query.filter = filter;
    query.sort = sort;
    return query;
}

struct Asked {
    Asked(TableWorld& of, Query query) : ask(of.table(), std::move(query), Now{of.now, of.now + kSecond * 1'000'000}, [this](base::Result<types::Page> result) { answers.push_back(std::move(result)); }) {}
    const types::Page& whole()
    {
        if (!ask.work([] { return false; })) qFatal("a question that nobody stopped has stopped");
        return page();
    }
    const types::Page& page() const
    {
        if (answers.size() != 1) qFatal("answered %zu times", answers.size());
        if (!answers[0].ok()) qFatal("%s", answers[0].error().message.c_str());
        return *answers[0];
    }
    std::vector<base::Result<types::Page>> answers;
    TableAsk ask;
};

std::vector<Row> rowsOf(const types::Page& page)
{
    std::vector<Row> rows;
    for (const auto& cells : page.rows) {
        auto& row = rows.emplace_back();
        for (std::size_t i = 0; i < cells.size(); ++i) row[page.columns[i]] = cells[i];
    }
    return rows;
}

std::vector<Row> ask(TableWorld& world, const Query& query) { return rowsOf(Asked(world, query).whole()); }

std::string refusal(TableWorld& world, const Query& query)
{
    Asked asked(world, query);
    if (!asked.ask.work([] { return false; }) || asked.answers.size() != 1 || asked.answers[0].ok()) qFatal("it was not refused");
    return std::string(base::errcName(asked.answers[0].error().code)) + ": " + asked.answers[0].error().message;
}

types::WorkerRow workerRow(std::uint16_t track, std::uint64_t id)
{
    types::WorkerRow row;
    row.track = track;
    row.id = base::WorkerId{{id, 5}};
    row.pid = 500 + track;
    row.rssBytes = 1000u * id;
    row.tasksDone = id;
    row.startNs = 3 * kSecond;
    return row;
}

void beat(TableWorld& world, LinkId link, std::uint64_t node, std::vector<types::WorkerRow> workers, double cpu = 0.25)
{
    net::Heartbeat message;
    message.row.id = {{node, 1}};
    message.row.total = types::Resources::cpus(4);
    message.row.free = types::Resources::cpus(1.5);
    message.row.cpuShare = cpu;
    message.row.memoryBytes = 1 << 20;
    message.workers = std::move(workers);
    world.apply(FromLink{link, message});
}

void log(TableWorld& world, LinkId link, const std::string& text, std::uint16_t worker = types::kNoWorker)
{
    types::LogLine line;
    line.text = text;
    line.atNs = 7 * kSecond;
    line.worker = worker;
    world.apply(FromLink{link, net::LogLines{{line}}});
}

#define QSTR(text) QString::fromStdString(text)
#define COMPARE_TEXT(cell, expected) QCOMPARE(QSTR(std::get<std::string>(cell)), QStringLiteral(expected))
#define COMPARE_NUMBER(cell, expected) QCOMPARE(std::get<std::int64_t>(cell), std::int64_t{expected})

} // namespace

class TstTableAsk : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nodesAreToldAsTheyAre()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        world.join(2);
        beat(world, 2, 2, {}, 0.75);
        const auto rows = ask(world, asking("nodes", {}, "-cpu"));
        QCOMPARE(rows.size(), std::size_t{2});
        COMPARE_TEXT(rows[0].at("node"), "B");
        COMPARE_TEXT(rows[1].at("node"), "A");
        QCOMPARE(QSTR(std::get<std::string>(rows[0].at("node_id"))), QSTR((base::NodeId{{2, 1}}.text())));
        COMPARE_TEXT(rows[1].at("node_name"), "local");
        COMPARE_TEXT(rows[0].at("state"), "ALIVE");
        COMPARE_TEXT(rows[0].at("host"), "here");
        COMPARE_NUMBER(rows[0].at("pid"), 102);
        QCOMPARE(std::get<double>(rows[0].at("cpu_share")), 0.75);
        COMPARE_NUMBER(rows[0].at("memory_bytes"), 1 << 20);
        COMPARE_TEXT(rows[0].at("resources_available"), "CPU 1.5");
        COMPARE_NUMBER(rows[0].at("heartbeat_time_ms"), 1'000'000'000 + 10'000);
        QVERIFY(std::holds_alternative<std::monostate>(rows[0].at("state_message")));
        QCOMPARE(ask(world, asking("nodes", "cpu > 50%")).size(), std::size_t{1});
        QCOMPARE(ask(world, asking("nodes", "cpu >= 75% state=alive -node:A local")).size(), std::size_t{1});
        world.apply(LinkGone{1});
        world.pass(7 * kSecond);
        const auto dead = ask(world, asking("nodes", "node=A"));
        COMPARE_TEXT(dead[0].at("state"), "DEAD");
        QVERIFY(std::get<std::string>(dead[0].at("state_message")).size() > 5);
        QCOMPARE(world.broken, std::string());
    }
    void workersHaveTheirNumberOnTheirNode()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        world.join(2);
        auto gone = workerRow(1, 2);
        gone.alive = false;
        gone.exit = "killed by signal 9";
        gone.endNs = 4 * kSecond;
        beat(world, 1, 1, {workerRow(0, 1), gone, workerRow(2, 3)});
        auto busy = workerRow(head::kTracksPerBlock, 4);
        busy.running = "test.add";
        beat(world, 2, 2, {busy});
        const auto rows = ask(world, asking("workers"));
        QCOMPARE(rows.size(), std::size_t{4});
        COMPARE_NUMBER(rows[2].at("worker"), 3);
        COMPARE_TEXT(rows[2].at("node"), "A");
        COMPARE_NUMBER(rows[3].at("worker"), 1);
        COMPARE_TEXT(rows[3].at("node"), "B");
        COMPARE_NUMBER(rows[3].at("track"), head::kTracksPerBlock);
        COMPARE_TEXT(rows[3].at("running"), "test.add");
        QCOMPARE(std::get<bool>(rows[1].at("is_alive")), false);
        COMPARE_TEXT(rows[1].at("exit_detail"), "killed by signal 9");
        COMPARE_NUMBER(rows[1].at("end_time_ms"), 1'000'000'000 + 4'000);
        QVERIFY(std::holds_alternative<std::monostate>(rows[0].at("end_time_ms")));
        QCOMPARE(ask(world, asking("workers", "alive=false")).size(), std::size_t{1});
        QCOMPARE(ask(world, asking("workers", "node=A worker in (1,3)")).size(), std::size_t{2});
        COMPARE_NUMBER(ask(world, asking("workers", "alive=yes", "-rss"))[0].at("rss_bytes"), 4000);
    }
    void jobsAreToldOnceTheyAreDurable()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        world.start(oneVertex("first"));
        world.block(1, 1, 1);
        world.ended(1, 1);
        world.pass(kSecond);
        world.journalAnswers = false;
        world.start(oneVertex("second"));
        auto rows = ask(world, asking("jobs"));
        QCOMPARE(rows.size(), std::size_t{1});
        COMPARE_TEXT(rows[0].at("status"), "SUCCEEDED");
        COMPARE_TEXT(rows[0].at("title"), "first");
        COMPARE_NUMBER(rows[0].at("tasks"), 1);
        COMPARE_NUMBER(rows[0].at("finished"), 1);
        COMPARE_NUMBER(rows[0].at("pending"), 0);
        world.apply(RunRecorded{world.run(2).row.id, {}});
        rows = ask(world, asking("runs", {}, "-number"));
        QCOMPARE(rows.size(), std::size_t{2});
        COMPARE_TEXT(rows[0].at("title"), "second");
        COMPARE_TEXT(rows[0].at("status"), "RUNNING");
        world.pass(kSecond);
        COMPARE_NUMBER(ask(world, asking("jobs", "state=running"))[0].at("duration_ns"), kSecond);
        QCOMPARE(ask(world, asking("jobs", "fir")).size(), std::size_t{1});
    }
    void logsAndTheCluster()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        beat(world, 1, 1, {workerRow(0, 1)});
        log(world, 1, "Hello from the task", 0);
        const auto rows = ask(world, asking("logs", "hello"));
        QCOMPARE(rows.size(), std::size_t{1});
        COMPARE_TEXT(rows[0].at("text"), "Hello from the task");
        COMPARE_TEXT(rows[0].at("node"), "A");
        COMPARE_NUMBER(rows[0].at("worker"), 1);
        COMPARE_TEXT(rows[0].at("level"), "INFO");
        COMPARE_NUMBER(rows[0].at("time_ms"), 1'000'000'000 + 7'000);
        QVERIFY(std::holds_alternative<std::monostate>(rows[0].at("row")));
        const auto events = ask(world, asking("logs", "not track>=0", "-number"));
        QVERIFY(!events.empty());
        QVERIFY(std::get<std::string>(events[0].at("text")).find("node A") != std::string::npos);
    }
    void tasksAndObjectsAreThoseOfTheNewestRunOrOfTheNamedOne()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        beat(world, 1, 1, {workerRow(0, 1)});
        world.start(oneVertex("first"));
        world.apply(FromLink{1, net::TraceBlock{world.run(1).row.id, 1, blockOf(world.run(1).row.id, nthHome(1), 1, 0, 5)}});
        world.ended(1, 1);
        world.start(oneVertex("second"));
        world.apply(FromLink{1, net::TraceBlock{world.run(2).row.id, 1, blockOf(world.run(2).row.id, world.run(2).homeEpoch, 1, 0, 3)}});
        QCOMPARE(ask(world, asking("tasks")).size(), std::size_t{3});
        auto named = asking("tasks", "dur > 100ns node:A worker=1 state=finished", "-name");
        named.run = world.run(1).row.id;
        const auto rows = ask(world, named);
        QCOMPARE(rows.size(), std::size_t{5});
        COMPARE_TEXT(rows[0].at("name"), "a [4]");
        COMPARE_TEXT(rows[0].at("func_or_class_name"), "test.make");
        COMPARE_TEXT(rows[0].at("required_resources"), "CPU 1");
        COMPARE_NUMBER(rows[0].at("duration_ns"), 998);
        QCOMPARE(QSTR(std::get<std::string>(rows[0].at("job_id"))), QSTR(world.run(1).row.id.text()));
        QVERIFY(ask(world, asking("objects")).empty());
        named.run = base::RunId{{5, 5}};
        QVERIFY(QSTR(refusal(world, named)).contains(u"There is no run R-0000"));
        QCOMPARE(world.broken, std::string());
    }
    void aRunThatToldNothingHasNoTasks()
    {
        TableWorld world;
        world.plugins();
        QVERIFY(ask(world, asking("tasks")).empty()); // not even a run
        world.start(); // waits for a node
        QVERIFY(ask(world, asking("tasks", "blur", "-dur")).empty());
        QVERIFY(ask(world, asking("objects")).empty());
        Asked asked(world, asking("tasks"));
        QCOMPARE(asked.whole().columns.size(), types::taskSchema().fields.size());
        QVERIFY(asked.page().complete);
    }
    void aTraceThatTheHeadForgotIsNotFound()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        for (std::uint32_t number = 1; number <= head::kStoresKept + 1; ++number) {
            world.start();
            world.block(1, number, 1);
            world.pass(kSecond);
            world.beat(1);
            world.ended(1, number);
        }
        auto query = asking("tasks");
        query.run = world.run(1).row.id;
        QVERIFY(!world.run(1).store);
        QVERIFY(QSTR(refusal(world, query)).contains(u"The trace of Run 1 is no longer in the memory of the head"));
        query.run = world.run(2).row.id;
        QCOMPARE(ask(world, query).size(), std::size_t{1});
    }
    void wrongQuestionsGetOneSentence()
    {
        TableWorld world;
        world.plugins();
        QVERIFY(QSTR(refusal(world, asking("actors"))).contains(u"There is no table \"actors\"; there are jobs, tasks"));
        QVERIFY(QSTR(refusal(world, asking("nodes", "cpu>"))).contains(u"column 5: a value is missing"));
        QVERIFY(QSTR(refusal(world, asking("tasks", "nod=A"))).contains(u"did you mean \"node\"?"));
        QVERIFY(QSTR(refusal(world, asking("jobs", {}, "titel"))).contains(u"did you mean \"title\"?"));
        auto columns = asking("workers");
        columns.columns = {"pid", "rsss"};
        QVERIFY(QSTR(refusal(world, columns)).contains(u"did you mean \"rss\"?"));
    }
    void pagesAreCutFromTheWhole()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        for (int i = 0; i < 50; ++i) log(world, 1, "line " + std::to_string(i), 0);
        auto query = asking("logs", "line", "-number");
        query.first = 10;
        query.count = 7;
        query.columns = {"text"};
        Asked asked(world, query);
        QCOMPARE(asked.whole().total, 50u);
        QCOMPARE(asked.page().rows.size(), std::size_t{7});
        COMPARE_TEXT(asked.page().rows[0][0], "line 39");
        QCOMPARE(asked.page().epoch, world.table().viewEpoch());
    }
    void refusedOnceItIsNotAnsweredAgain()
    {
        TableWorld world;
        world.plugins();
        Asked asked(world, asking("nodes"));
        asked.ask.refuse(base::fail(base::Errc::Unavailable, "gone"));
        QCOMPARE(asked.answers.size(), std::size_t{1});
        QVERIFY(asked.answers[0].error().code == base::Errc::Unavailable);
    }

    // ---- the world goes on between slices ----
    void aRunThatGetsANewHomeIsAskedAnew()
    {
        TableWorld world;
        const auto& run = world.oneRun();
        world.apply(FromLink{1, net::TraceBlock{run.row.id, 1, blockOf(run.row.id, run.homeEpoch, 1, 0, 2000)}});
        world.join(2);
        Asked asked(world, asking("tasks", "state=finished", "-dur"));
        for (int i = 0; i < 5; ++i) QVERIFY(!asked.ask.work([] { return true; }));
        world.apply(LinkGone{1});
        for (int i = 0; i < 7; ++i) {
            world.pass(kSecond);
            world.beat(2);
        }
        QVERIFY(run.homed && run.home == 1);
        world.apply(FromLink{2, net::TraceBlock{run.row.id, 1, blockOf(run.row.id, run.homeEpoch, 1, 0, 7)}});
        while (!asked.ask.work([] { return true; })) {}
        QCOMPARE(asked.page().total, 7u);
        QCOMPARE(asked.page().rows.size(), std::size_t{7});
        QCOMPARE(world.broken, std::string());
    }
    void aTraceThatGoesMeanwhileIsNotFound()
    {
        TableWorld world;
        const auto& run = world.oneRun();
        world.apply(FromLink{1, net::TraceBlock{run.row.id, 1, blockOf(run.row.id, run.homeEpoch, 1, 0, 2000)}});
        world.ended(1, 1);
        Asked asked(world, asking("tasks", "state=finished", "-dur"));
        for (int i = 0; i < 3; ++i) QVERIFY(!asked.ask.work([] { return true; }));
        for (std::uint32_t number = 2; number <= head::kStoresKept + 1; ++number) {
            world.start();
            world.block(1, number, 1);
            world.pass(kSecond);
            world.beat(1);
            world.ended(1, number);
        }
        QVERIFY(!run.store);
        QVERIFY(asked.ask.work([] { return true; }));
        QCOMPARE(asked.answers.size(), std::size_t{1});
        QVERIFY(asked.answers[0].error().code == base::Errc::NotFound);
    }
    // Lines that were dropped since are neither shown nor counted, and nobody reads where they lay.
    void logLinesMayGoWhileTheyAreAskedFor()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        const std::string filler(10'000, 'x');
        for (int i = 0; i < 200; ++i) log(world, 1, "old " + filler, 0);
        for (const char* sort : {"", "-number", "text"}) {
            auto query = asking("logs", "old", sort);
            query.count = 10'000;
            Asked asked(world, query);
            for (int i = 0; i < 100; ++i) QVERIFY(!asked.ask.work([] { return true; }));
            const auto oldest = world.table().logs().first();
            for (int i = 0; i < 4000 && world.table().logs().first() < oldest + 120; ++i) log(world, 1, "new " + filler, 0);
            for (int i = 0; i < 40; ++i) log(world, 1, "old " + filler, 0);
            QVERIFY(world.table().logs().first() >= oldest + 120);
            while (!asked.ask.work([] { return true; })) {}
            QVERIFY(asked.page().rows.size() < 200);
            QCOMPARE(asked.page().rows.size(), asked.page().total);
            const auto number = types::logSchema().find("number"), text = types::logSchema().find("text");
            for (const auto& row : asked.page().rows) {
                QVERIFY(std::get<std::int64_t>(row[number]) >= static_cast<std::int64_t>(world.table().logs().first()));
                QVERIFY(std::get<std::string>(row[text]).starts_with("old"));
            }
        }
    }
    void aNodeThatDiesWhileItIsAskedForIsToldAsItIs()
    {
        TableWorld world;
        world.plugins();
        for (std::uint64_t node = 1; node <= 40; ++node) world.join(node);
        Asked asked(world, asking("nodes", "state=alive", "node"));
        for (int i = 0; i < 4; ++i) QVERIFY(!asked.ask.work([] { return true; }));
        world.apply(LinkGone{3});
        for (LinkId link = 1; link <= 40; ++link)
            if (link != 3) beat(world, link, link, {});
        world.pass(kSecond * 5);
        for (LinkId link = 1; link <= 40; ++link)
            if (link != 3) beat(world, link, link, {});
        world.pass(kSecond * 5);
        while (!asked.ask.work([] { return true; })) {}
        QCOMPARE(asked.page().total, 39u);
        for (const auto& row : rowsOf(asked.page())) QVERIFY(std::get<std::string>(row.at("node")) != "C");
        COMPARE_TEXT(rowsOf(asked.page()).back().at("node"), "AN"); // after Z
    }
    void manySlicesAndOneGiveTheSameAnswer()
    {
        TableWorld world;
        const auto& run = world.oneRun();
        world.apply(FromLink{1, net::TraceBlock{run.row.id, 1, blockOf(run.row.id, run.homeEpoch, 1, 0, 4000)}});
        for (const char* table : {"tasks", "nodes", "jobs", "logs", "workers", "objects"}) {
            const char* sort = std::string(table) == "jobs" ? "-title" : "-node";
            Asked one(world, asking(table, {}, sort));
            one.whole();
            Asked many(world, asking(table, {}, sort));
            int slices = 1;
            for (; !many.ask.work([] { return true; }); ++slices) {}
            QVERIFY(many.page().rows == one.page().rows);
            QCOMPARE(many.page().total, one.page().total);
            if (std::string(table) == "tasks") QVERIFY(slices > 60);
        }
    }
};

QTEST_GUILESS_MAIN(TstTableAsk)
#include "tst_table_ask.moc"
