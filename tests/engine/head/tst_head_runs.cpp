// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Runs in the head's table: durable before told, one home at a time, nothing lost, nothing counted twice.
#include "tests/engine/head/table_world.h"

using namespace orrery;
using namespace orrery::headtest;
using types::RunState;

#define QSTR(text) QString::fromStdString(text)
#define SOUND(world) QVERIFY2((world).broken.empty(), (world).broken.c_str())

class tst_head_runs : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aRunIsToldToNobodyBeforeItIsDurable()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        world.journalAnswers = false;
        const auto ticket = world.start();
        QVERIFY(world.sent<net::HomeRun>(1).empty());
        QVERIFY(world.reply(ticket) == nullptr);
        const auto records = world.all<RecordRun>();
        QCOMPARE(records.size(), std::size_t{1});
        QVERIFY(world.table().runs().newest() == nullptr);
        world.apply(RunRecorded{records[0]->run.row.id, {}});
        SOUND(world);
        QCOMPARE(world.sent<net::HomeRun>(1).size(), std::size_t{1});
        QCOMPARE(world.sent<net::HomeRun>(1)[0]->homeEpoch, nthHome(1));
        QVERIFY(world.reply(ticket) && world.reply(ticket)->ok());
        QCOMPARE((*world.reply(ticket))->run, world.run(1).row.id);
        QCOMPARE(QSTR((*world.reply(ticket))->text), QStringLiteral("Run 1 started"));
    }
    void aRunThatCannotBeRecordedIsRefusedWithTheReason()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        world.journalProblem = "the disk is full";
        const auto ticket = world.start();
        QVERIFY(world.reply(ticket) && !world.reply(ticket)->ok());
        QVERIFY(QSTR(world.reply(ticket)->error().message).contains(QStringLiteral("the disk is full")));
        QVERIFY(world.sent<net::HomeRun>(1).empty());
        QVERIFY(world.table().runs().all().empty());
        SOUND(world);
    }
    void aRunWithoutANodeWaitsAndBeginsWhenOneJoins()
    {
        TableWorld world;
        world.plugins();
        const auto ticket = world.start();
        QCOMPARE(QSTR((*world.reply(ticket))->text), QStringLiteral("Run 1 waits until a node is there"));
        QVERIFY(world.run(1).row.state == RunState::Queued);
        const auto link = world.join(1);
        QCOMPARE(world.sent<net::HomeRun>(link).size(), std::size_t{1});
        QVERIFY(world.run(1).row.state == RunState::Running);
        SOUND(world);
    }
    void probesAreCountedApartAndAreNeverTheNewest()
    {
        TableWorld world;
        world.plugins();
        const auto link = world.join(1);
        const auto first = types::kProbeNumbers + 1, second = types::kProbeNumbers + 2;
        world.start(oneVertex("doc"), true);
        QCOMPARE(world.run(first).name(), std::string("Probe 1"));
        QVERIFY(world.run(first).row.isProbe());
        QVERIFY(world.table().runs().newest() == nullptr);
        world.start();
        QCOMPARE(world.run(1).name(), std::string("Run 1"));
        QCOMPARE(world.table().runs().newest()->row.number, 1u);
        world.ended(link, 1);
        world.ended(link, first);
        // The probe gives its objects up at its end; the run of the same document keeps its own.
        QCOMPARE(world.sent<net::ForgetRun>(link).size(), std::size_t{1});
        QCOMPARE(world.sent<net::ForgetRun>(link)[0]->run, world.run(first).row.id);
        world.start(oneVertex("doc"), true);
        world.ended(link, second);
        QVERIFY(!world.table().runs().all().count(first)); // of finished probes the newest alone is kept
        QVERIFY(world.table().runs().all().count(second) && world.table().runs().all().count(1));
        QCOMPARE(world.table().runs().newest()->row.number, 1u);
        SOUND(world);
    }
    void startsWaitForTheFirstPlugins()
    {
        TableWorld world;
        const auto ticket = world.start();
        QVERIFY(world.reply(ticket) == nullptr);
        world.join(1);
        world.plugins();
        QVERIFY(world.reply(ticket) && world.reply(ticket)->ok());
        QVERIFY(world.run(1).row.state == RunState::Running);
        SOUND(world);
    }
    void aRefusedDocumentNamesEveryProblemAndNothingBegins_data()
    {
        QTest::addColumn<QByteArray>("document");
        QTest::addColumn<QStringList>("words");
        const auto row = [](const char* name, const std::string& text, QStringList words) { QTest::newRow(name) << QByteArray::fromStdString(text) << words; };
        row("no JSON", "{", {QStringLiteral("JSON")});
        row("unknown function", oneVertex("t", "test.nothing"), {QStringLiteral("test.nothing")});
        row("wrong parameter", oneVertex("t", "test.make", R"(,"params":{"size":-1})"), {QStringLiteral("size")});
        row("two at once", R"({"orrery":"graph","version":1,"vertices":[{"id":"a","function":"x.y"},{"id":"b","function":"z.w"}],"edges":[]})",
            {QStringLiteral("x.y"), QStringLiteral("z.w")});
        row("one of the text and one of the plugins", R"({"orrery":"graph","version":1,"vertices":[{"id":"a","function":"test.add"}],"edges":[{"from":"gone.value","to":"a.b"}]})",
            {QStringLiteral("no vertex \"gone\""), QStringLiteral("no input \"b\"")});
    }
    void aRefusedDocumentNamesEveryProblemAndNothingBegins()
    {
        QFETCH(QByteArray, document);
        QFETCH(QStringList, words);
        TableWorld world;
        world.plugins();
        world.join(1);
        const auto ticket = world.start(document.toStdString());
        QVERIFY(world.reply(ticket) && world.reply(ticket)->ok());
        const auto& reply = **world.reply(ticket);
        QVERIFY(reply.run.isNull());
        QVERIFY(!reply.problems.empty());
        QString all;
        for (const auto& problem : reply.problems) all += QSTR(problem) + u'\n';
        for (const auto& word : words) QVERIFY2(all.contains(word), qPrintable(all));
        QVERIFY(world.all<RecordRun>().empty());
        SOUND(world);
    }
    void parametersOfTheStartAreInTheGraphThatRunsAndInTheRecord()
    {
        TableWorld world;
        world.plugins();
        const auto link = world.join(1);
        types::StartRun wish;
        wish.document = oneVertex("doc");
        wish.params["a.size"] = "7";
        world.want(wish);
        QCOMPARE(QSTR(world.sent<net::HomeRun>(link).at(0)->graph->vertices[0].params), QStringLiteral("{\"size\":7}"));
        QVERIFY(QSTR(world.run(1).document).contains(QStringLiteral("\"size\": 7")));
        wish.params["b.size"] = "7";
        const auto refused = world.want(wish);
        QVERIFY(QSTR((*world.reply(refused))->problems.at(0)).contains(QStringLiteral("b.size")));
        SOUND(world);
    }

    void blocksAreAcknowledgedWhenTheyAreRecordedAndNotBefore()
    {
        TableWorld world;
        world.oneRun();
        world.recorderAnswers = false;
        world.block(1, 1, 1);
        QCOMPARE(world.all<AppendRecord>().size(), std::size_t{1});
        QVERIFY(world.sent<net::AckBlocks>(1).empty());
        world.apply(BlocksRecorded{world.run(1).row.id, nthHome(1), 1, {}});
        QCOMPARE(world.sent<net::AckBlocks>(1).at(0)->upTo, 1u);
        QCOMPARE(world.run(1).row.tasks, 1u);
        SOUND(world);
    }
    void aRecordThatCannotBeWrittenIsSaidOnceAndHoldsNoNodesMemory()
    {
        TableWorld world;
        world.oneRun();
        world.recorderAnswers = false;
        world.block(1, 1, 1);
        world.apply(BlocksRecorded{world.run(1).row.id, nthHome(1), 0, "no space is left"});
        QCOMPARE(world.sent<net::AckBlocks>(1).at(0)->upTo, 1u);
        QVERIFY(QSTR(world.table().logs().lines().back().text).contains(QStringLiteral("no space is left")));
        const auto lines = world.table().logs().next();
        world.block(1, 1, 2);
        QVERIFY(world.all<AppendRecord>().empty());
        QCOMPARE(world.sent<net::AckBlocks>(1).at(0)->upTo, 2u);
        QCOMPARE(world.table().logs().next(), lines);
        SOUND(world);
    }
    void aBlockThatComesTwiceCountsOnceAndIsAcknowledgedAgain()
    {
        TableWorld world;
        world.oneRun();
        world.block(1, 1, 1);
        world.block(1, 1, 1);
        QCOMPARE(world.run(1).row.tasks, 1u);
        QVERIFY(world.all<AppendRecord>().empty());
        QCOMPARE(world.sent<net::AckBlocks>(1).at(0)->upTo, 1u);
        SOUND(world);
    }
    void aBlockAfterAGapCountsOnlyWhenTheMissingOneCame()
    {
        TableWorld world;
        world.oneRun();
        world.block(1, 1, 2);
        QCOMPARE(world.run(1).row.tasks, 0u);
        world.block(1, 1, 1);
        world.block(1, 1, 2);
        QCOMPARE(world.run(1).row.tasks, 2u);
        SOUND(world);
    }
    void aDamagedBlockFailsTheRunWithTheReasonAndTheNodeIsToldToStop()
    {
        TableWorld world;
        world.oneRun();
        auto bytes = std::make_shared<base::Bytes>(*blockOf(world.run(1).row.id, nthHome(1), 1));
        (*bytes)[bytes->size() / 2] ^= std::byte{0x40};
        world.apply(FromLink{1, net::TraceBlock{world.run(1).row.id, 1, bytes}});
        QVERIFY(world.run(1).row.state == RunState::Failed);
        QVERIFY(QSTR(world.run(1).row.error).contains(QStringLiteral("node A")));
        QCOMPARE(world.sent<net::StopHomeRun>(1).size(), std::size_t{1});
        SOUND(world);
    }
    void aBlockOfAnotherNodeOrOfARunNobodyKnowsIsIgnored()
    {
        TableWorld world;
        world.oneRun();
        const auto other = world.join(2);
        world.block(other, 1, 1);
        QCOMPARE(world.run(1).row.tasks, 0u);
        const base::RunId unknown{{9, 9}};
        world.apply(FromLink{1, net::TraceBlock{unknown, 1, blockOf(unknown, 1, 1)}});
        world.apply(FromLink{1, net::TraceBlock{{}, 1, blockOf({}, 1, 1)}});
        world.apply(FromLink{1, net::TraceBlock{world.run(1).row.id, 1, nullptr}});
        QCOMPARE(world.run(1).row.tasks, 0u);
        SOUND(world);
    }

    void anEndIsRecordedAndTakenOnce()
    {
        TableWorld world;
        world.oneRun();
        world.block(1, 1, 1);
        world.ended(1, 1);
        QVERIFY(world.run(1).row.state == RunState::Succeeded);
        QCOMPARE(world.all<CloseRecord>().size(), std::size_t{1});
        QVERIFY(world.all<RecordRun>().at(0)->run.row.state == RunState::Succeeded);
        world.ended(1, 1, RunState::Failed);
        QVERIFY(world.run(1).row.state == RunState::Succeeded);
        QVERIFY(world.all<RecordRun>().empty());
        SOUND(world);
    }
    void anEndOfAnEarlierEpochOrOfAnotherNodeIsIgnored()
    {
        TableWorld world;
        world.oneRun();
        const auto second = world.join(2);
        world.apply(LinkGone{1});
        world.pass(6 * kSecond); // node A is dead, node B too
        const auto back = world.join(2, 2);
        QCOMPARE(world.run(1).homeEpoch, nthHome(2));
        world.ended(back, 1, RunState::Succeeded, nthHome(1));
        QVERIFY(world.run(1).row.state == RunState::Running);
        const auto first = world.join(1, 2);
        world.ended(first, 1, RunState::Succeeded, nthHome(2));
        QVERIFY(world.run(1).row.state == RunState::Running);
        world.ended(back, 1, RunState::Succeeded, nthHome(2));
        QVERIFY(world.run(1).row.state == RunState::Succeeded);
        Q_UNUSED(second);
        SOUND(world);
    }

    void aRunIsStoppedWhereverItIs()
    {
        TableWorld world;
        world.plugins();
        world.start();
        world.want(types::StopRun{world.run(1).row.id});
        QVERIFY(world.run(1).row.state == RunState::Stopped);
        const auto link = world.join(1);
        QVERIFY(world.sent<net::HomeRun>(link).empty());
        world.start();
        const auto ticket = world.want(types::StopRun{world.run(2).row.id});
        QVERIFY(world.reply(ticket)->ok());
        QCOMPARE(world.sent<net::StopHomeRun>(link).size(), std::size_t{1});
        QVERIFY(world.run(2).row.state == RunState::Stopping);
        world.ended(link, 2, RunState::Stopped);
        QVERIFY(world.run(2).row.state == RunState::Stopped);
        const auto again = world.want(types::StopRun{world.run(2).row.id});
        QVERIFY(world.reply(again)->ok());
        const auto unknown = world.want(types::StopRun{base::RunId{{9, 9}}});
        QVERIFY(world.reply(unknown)->error().code == base::Errc::NotFound);
        SOUND(world);
    }
    void aRunThatIsStoppingIsStoppedWhenItsHomeDies()
    {
        TableWorld world;
        world.oneRun();
        world.join(2);
        world.want(types::StopRun{world.run(1).row.id});
        world.apply(NodeExited{101, "its process was killed by signal 9"});
        QVERIFY(world.run(1).row.state == RunState::Stopped);
        SOUND(world);
    }

    void theNextHeadBeginsOpenRunsAnewWithTheNextEpoch()
    {
        Stored stored{base::ClusterId{{1, 2}}, 4, {}, {}};
        StoredRun running;
        running.row.id = base::RunId{{5, 5}};
        running.row.number = 7;
        running.row.state = RunState::Running;
        running.row.startNs = kSecond;
        running.document = oneVertex("doc");
        running.homeEpoch = homeEpochOf(3, 2);
        running.home = helloOf(1).node;
        StoredRun stopping = running, broken = running, done = running;
        stopping.row.id = base::RunId{{6, 6}};
        stopping.row.number = 8;
        stopping.row.state = RunState::Stopping;
        broken.row.id = base::RunId{{7, 7}};
        broken.row.number = 9;
        broken.document = "{";
        done.row.id = base::RunId{{8, 8}};
        done.row.number = 10;
        done.row.state = RunState::Succeeded;
        done.row.endNs = 2 * kSecond;
        stored.runs = {running, stopping, broken, done};
        stored.nodes = {{helloOf(1).node, 1, 0, 0, 1024, "local", "here", 101, false}};
        TableWorld world(std::move(stored));
        QVERIFY(world.run(7).row.state == RunState::Queued);
        QVERIFY(world.run(8).row.state == RunState::Stopped);
        QVERIFY(world.run(9).row.state == RunState::Failed);
        world.plugins();
        const auto link = world.join(1);
        QCOMPARE(world.sent<net::HomeRun>(link).size(), std::size_t{1});
        QCOMPARE(world.sent<net::HomeRun>(link)[0]->homeEpoch, homeEpochOf(4, 1));
        QVERIFY(world.sent<net::HomeRun>(link)[0]->again);
        QVERIFY(!world.sent<net::ForgetRun>(link).empty());
        world.ended(link, 7, RunState::Succeeded, homeEpochOf(3, 2)); // of the earlier head's time
        QVERIFY(world.run(7).row.state == RunState::Running);
        world.start();
        QCOMPARE(world.table().runs().all().rbegin()->first, 11u);
        SOUND(world);
    }

    void ofEachDocumentTheNewestFinishedRunKeepsItsObjects()
    {
        TableWorld world;
        world.plugins();
        const auto link = world.join(1);
        world.start(oneVertex("picture"));
        world.ended(link, 1);
        QVERIFY(world.sent<net::ForgetRun>(link).empty());
        world.start(oneVertex("other"));
        world.ended(link, 2);
        QVERIFY(world.sent<net::ForgetRun>(link).empty());
        world.start(oneVertex("picture"));
        QVERIFY(world.sent<net::ForgetRun>(link).empty()); // while the next one runs both are there
        world.ended(link, 3);
        QCOMPARE(world.sent<net::ForgetRun>(link).size(), std::size_t{1});
        QCOMPARE(world.sent<net::ForgetRun>(link)[0]->run, world.run(1).row.id);
        SOUND(world);
    }
    void noMoreFinishedRunsKeepObjectsThanTheBound()
    {
        TableWorld world;
        world.plugins();
        const auto link = world.join(1);
        for (std::uint32_t i = 1; i <= kObjectRunsKept + 3; ++i) {
            world.start(oneVertex("document " + std::to_string(i)));
            ++world.now;
            world.ended(link, i);
            const std::size_t forgotten = i > kObjectRunsKept ? 1 : 0;
            QCOMPARE(world.sent<net::ForgetRun>(link).size(), forgotten);
            if (forgotten) QCOMPARE(world.sent<net::ForgetRun>(link)[0]->run, world.run(i - kObjectRunsKept).row.id);
        }
        SOUND(world);
    }
    void tracesOfOldRunsLeaveTheMemoryAndTheirRowsStay()
    {
        TableWorld world;
        world.plugins();
        const auto link = world.join(1);
        for (std::uint32_t i = 1; i <= kStoresKept + 2; ++i) {
            world.start();
            world.block(link, i, 1);
            world.ended(link, i);
        }
        QVERIFY(!world.run(1).store && !world.run(2).store && world.run(3).store);
        QCOMPARE(world.run(1).row.tasks, 1u);
        SOUND(world);
    }
};

QTEST_GUILESS_MAIN(tst_head_runs)
#include "tst_head_runs.moc"
