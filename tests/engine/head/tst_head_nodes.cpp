// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Nodes, questions to nodes, and the end of the cluster in the head's table.
#include "tests/engine/head/table_world.h"

using namespace orrery;
using namespace orrery::headtest;
using types::RunState;

#define QSTR(text) QString::fromStdString(text)
#define SOUND(world) QVERIFY2((world).broken.empty(), (world).broken.c_str())

namespace {
types::WorkerRow workerRow(std::uint16_t track)
{
    types::WorkerRow row;
    row.track = track;
    return row;
}
} // namespace

class tst_head_nodes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aNodeOfAnotherMachineIsNeverSignalledWhateverItsHostNameIs()
    {
        TableWorld world;
        auto hello = helloOf(7);
        hello.remote = true; // as the head's server stamps it; host and pid are those of a process of this machine
        world.apply(LinkMade{1});
        world.apply(FromLink{1, hello});
        QVERIFY(world.all<WatchNode>().empty());
        QVERIFY(world.all<RecordNode>().at(0)->node.remote);
        const auto ticket = world.want(types::RemoveNode{hello.node, true});
        QVERIFY(world.reply(ticket) && !world.reply(ticket)->ok());
        world.want(types::Shutdown{});
        std::size_t killed = 0, ended = 0;
        for (int i = 0; i < 30; ++i) {
            world.pass(kSecond);
            killed += world.all<KillNode>().size();
            ended += world.all<EndHead>().size();
        }
        QCOMPARE(killed, std::size_t{0});
        QCOMPARE(ended, std::size_t{1});
        SOUND(world);
    }
    void aNodeIsWelcomedAndToldThePlugins()
    {
        TableWorld world;
        world.plugins();
        const auto link = world.join(1);
        const auto* welcome = world.sent<net::Welcome>(link).at(0);
        QCOMPARE(welcome->number, std::uint16_t{0});
        QCOMPARE(welcome->headEpoch, 1u);
        QVERIFY(welcome->tracks > 0);
        QCOMPARE(welcome->clusterNowNs, world.now);
        QVERIFY(world.sent<net::UseCatalog>(link).at(0)->catalog == world.table().catalog());
        world.apply(PluginsScanned{testCatalog(), {}});
        QVERIFY(world.sent<net::UseCatalog>(link).at(0)->catalog == world.table().catalog());
        SOUND(world);
    }
    void aLinkThatNeverSaysWhoItIsIsClosed()
    {
        TableWorld world;
        world.apply(LinkMade{5});
        QCOMPARE(world.table().nextDeadlineNs(), world.now + kRequestNs);
        world.pass(kRequestNs);
        QCOMPARE(world.all<CloseLink>().at(0)->link, 5u);
        QCOMPARE(world.table().nextDeadlineNs(), -1);
        SOUND(world);
    }
    void aStaleIncarnationIsSentAwayAndChangesNothing()
    {
        TableWorld world;
        world.join(1, 2);
        const auto stale = world.join(1, 1);
        QVERIFY(world.sent<net::StopNode>(stale).at(0)->now);
        QCOMPARE(world.all<CloseLink>().at(0)->link, stale);
        QVERIFY(world.table().members().find(0)->usable());
        SOUND(world);
    }
    void aHigherIncarnationEndsWhatTheEarlierOneHad()
    {
        TableWorld world;
        world.oneRun();
        const auto next = world.join(1, 2);
        QCOMPARE(world.sent<net::HomeRun>(next).at(0)->homeEpoch, nthHome(2));
        QVERIFY(world.sent<net::ForgetRun>(next).empty()); // it has nothing
        SOUND(world);
    }
    void aLinkSpeaksForOneNode()
    {
        TableWorld world;
        const auto link = world.join(1);
        world.apply(FromLink{link, helloOf(2)});
        QCOMPARE(world.all<CloseLink>().at(0)->link, link);
        QCOMPARE(world.table().members().members().size(), std::size_t{1});
        SOUND(world);
    }
    void logLinesCarryTheNumberOfTheNodeThatSentThem()
    {
        TableWorld world;
        world.join(1);
        const auto link = world.join(2);
        types::LogLine line;
        line.node = 77;
        line.text = "hello";
        world.apply(FromLink{link, net::LogLines{{line}}});
        QCOMPARE(world.table().logs().lines().back().node, std::uint16_t{1});
        SOUND(world);
    }

    // ---- questions ----
    void aPreviewIsAskedOfTheHomeAndAnsweredOnce()
    {
        TableWorld world;
        world.oneRun();
        world.apply(PreviewWanted{50, {}});
        const auto asked = world.sent<net::AskPreview>(1);
        QCOMPARE(asked.size(), std::size_t{1});
        QCOMPARE(asked[0]->wish.object.run, world.run(1).row.id);
        const auto request = asked[0]->request;
        types::Preview preview;
        preview.text = "42";
        world.apply(FromLink{1, net::Answer{request, preview}});
        QCOMPARE(world.all<AnswerPreview>().at(0)->ticket, 50u);
        QCOMPARE(QSTR((*world.all<AnswerPreview>().at(0)->preview).text), QStringLiteral("42"));
        world.apply(FromLink{1, net::Answer{request, preview}});
        QVERIFY(world.all<AnswerPreview>().empty());
        SOUND(world);
    }
    void aQuestionThatCannotBeAnsweredSaysWhy_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("word");
        QTest::newRow("no run") << "none" << "no run yet";
        QTest::newRow("no node") << "queued" << "waits until a node";
        QTest::newRow("link broken") << "broken" << "not connected";
        QTest::newRow("forgotten") << "forgotten" << "freed";
        QTest::newRow("node gone") << "gone" << "which is gone";
    }
    void aQuestionThatCannotBeAnsweredSaysWhy()
    {
        QFETCH(QString, what);
        QFETCH(QString, word);
        TableWorld world;
        world.plugins();
        types::ObjectAddress object;
        if (what != QStringLiteral("none")) {
            if (what != QStringLiteral("queued")) world.join(1);
            world.start();
            object.run = world.run(1).row.id;
        }
        if (what == QStringLiteral("broken")) world.apply(LinkGone{1});
        if (what == QStringLiteral("forgotten")) {
            world.ended(1, 1);
            world.start();
            world.ended(1, 2);
        }
        if (what == QStringLiteral("gone")) {
            world.ended(1, 1);
            world.apply(NodeExited{101, "killed"});
        }
        world.apply(BytesWanted{60, object, {}});
        const auto answers = world.all<AnswerBytes>();
        QCOMPARE(answers.size(), std::size_t{1});
        QVERIFY(!answers[0]->chunk.ok());
        QVERIFY2(QSTR(answers[0]->chunk.error().message).contains(word), answers[0]->chunk.error().message.c_str());
        SOUND(world);
    }
    void everyOpenQuestionIsAnsweredWhenItsNodeGoesAway_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("the link breaks") << 0;
        QTest::newRow("the process ends") << 1;
        QTest::newRow("it does not answer in time") << 2;
        QTest::newRow("it connects anew") << 3;
    }
    void everyOpenQuestionIsAnsweredWhenItsNodeGoesAway()
    {
        QFETCH(int, how);
        TableWorld world;
        world.oneRun();
        net::Heartbeat beat;
        beat.workers = {workerRow(3)};
        world.apply(FromLink{1, beat});
        world.apply(PreviewWanted{50, {}});
        world.apply(BytesWanted{51, {}, {}});
        const auto kill = world.want(types::KillWorker{3});
        QCOMPARE(world.table().openTickets(), std::size_t{3});
        if (how == 0) world.apply(LinkGone{1});
        if (how == 1) world.apply(NodeExited{101, "killed"});
        if (how == 2) {
            for (int i = 0; i < 9; ++i) {
                world.now += kSecond;
                world.beat(1);
            }
            world.pass(kSecond);
        }
        if (how == 3) world.join(1);
        QCOMPARE(world.all<AnswerPreview>().size(), std::size_t{1});
        QCOMPARE(world.all<AnswerBytes>().size(), std::size_t{1});
        QVERIFY(!world.all<AnswerPreview>()[0]->preview.ok());
        QVERIFY(world.reply(kill) && !world.reply(kill)->ok());
        QCOMPARE(world.table().openTickets(), std::size_t{0});
        SOUND(world);
    }
    void anAnswerOfTheWrongKindIsAnErrorAndNoCrash()
    {
        TableWorld world;
        world.oneRun();
        world.apply(PreviewWanted{50, {}});
        const auto request = world.sent<net::AskPreview>(1).at(0)->request;
        world.apply(FromLink{1, net::Answer{request, types::Chunk{}}});
        QVERIFY(!world.all<AnswerPreview>().at(0)->preview.ok());
        SOUND(world);
    }
    void anotherNodeCannotAnswer()
    {
        TableWorld world;
        world.oneRun();
        const auto other = world.join(2);
        world.apply(PreviewWanted{50, {}});
        const auto request = world.sent<net::AskPreview>(1).at(0)->request;
        world.apply(FromLink{other, net::Answer{request, types::Preview{}}});
        QVERIFY(world.all<AnswerPreview>().empty());
        SOUND(world);
    }
    void killingAWorkerGoesToItsNode()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        const auto second = world.join(2);
        const auto track = world.sent<net::Welcome>(second).at(0)->firstTrack;
        const auto unknown = world.want(types::KillWorker{track});
        QVERIFY(world.reply(unknown)->error().code == base::Errc::NotFound);
        net::Heartbeat beat;
        beat.workers = {workerRow(track)};
        world.apply(FromLink{second, beat});
        const auto ticket = world.want(types::KillWorker{track});
        QCOMPARE(world.sent<net::AskKillWorker>(second).at(0)->track, track);
        const auto request = world.sent<net::AskKillWorker>(second).at(0)->request;
        world.apply(FromLink{second, net::Answer{request, base::fail(base::Errc::Failed, "it is gone")}});
        QCOMPARE(QSTR(world.reply(ticket)->error().message), QStringLiteral("it is gone"));
        SOUND(world);
    }

    // ---- nodes come and go on request ----
    void anAddedNodeIsReportedWhenItHasJoined_data()
    {
        QTest::addColumn<bool>("joinsFirst");
        QTest::newRow("the process is known before it joins") << false;
        QTest::newRow("it joins before the process is known") << true;
    }
    void anAddedNodeIsReportedWhenItHasJoined()
    {
        QFETCH(bool, joinsFirst);
        TableWorld world;
        world.plugins();
        const auto ticket = world.want(types::AddNode{});
        const auto* start = world.all<StartNode>().at(0);
        QCOMPARE(QSTR(start->name), QStringLiteral("local"));
        const auto launch = start->launch;
        if (joinsFirst) {
            world.join(1);
            QVERIFY(world.reply(ticket) == nullptr);
            world.apply(NodeStarted{launch, 101, {}});
        } else {
            world.apply(NodeStarted{launch, 101, {}});
            QVERIFY(world.reply(ticket) == nullptr);
            world.join(1);
        }
        QVERIFY(world.reply(ticket) && world.reply(ticket)->ok());
        QCOMPARE(QSTR((*world.reply(ticket))->text), QStringLiteral("node A (local) joined"));
        world.want(types::AddNode{});
        QCOMPARE(QSTR(world.all<StartNode>().at(0)->name), QStringLiteral("local-2"));
        SOUND(world);
    }
    void aNodeThatDoesNotComeUpIsOneClearError_data()
    {
        QTest::addColumn<int>("how");
        QTest::addColumn<QString>("word");
        QTest::newRow("it cannot be started") << 0 << "no such file";
        QTest::newRow("it ends at once") << 1 << "status 2";
        QTest::newRow("it never joins") << 2 << "within 20 s";
        QTest::newRow("the head cannot start nodes") << 3 << "no orreryd";
        QTest::newRow("it is asked for the impossible") << 4 << "CPUs";
    }
    void aNodeThatDoesNotComeUpIsOneClearError()
    {
        QFETCH(int, how);
        QFETCH(QString, word);
        TableWorld world({base::ClusterId{{1, 2}}, 1, {}, {}}, {"here", how == 3 ? "there is no orreryd here" : ""});
        types::AddNode wish;
        if (how == 4) wish.cpus = -1;
        const auto ticket = world.want(wish);
        if (how == 0) world.apply(NodeStarted{1, 0, "no such file"});
        if (how == 1) {
            world.apply(NodeStarted{1, 200, {}});
            world.apply(NodeExited{200, "its process ended with status 2"});
        }
        if (how == 2) {
            world.apply(NodeStarted{1, 200, {}});
            world.pass(kNodeStartNs);
            QCOMPARE(world.all<KillNode>().at(0)->pid, 200);
        }
        QVERIFY(world.reply(ticket) && !world.reply(ticket)->ok());
        QVERIFY2(QSTR(world.reply(ticket)->error().message).contains(word), world.reply(ticket)->error().message.c_str());
        QCOMPARE(world.table().openTickets(), std::size_t{0});
        SOUND(world);
    }
    void aNodeIsRemovedWithItsRunsMovedAndNoStrike()
    {
        TableWorld world;
        world.oneRun();
        const auto second = world.join(2);
        const auto ticket = world.want(types::RemoveNode{helloOf(1).node, false});
        QVERIFY(!world.sent<net::StopNode>(1).at(0)->now);
        QVERIFY(world.reply(ticket) == nullptr);
        world.apply(NodeExited{101, "its process ended with status 0"});
        QVERIFY(world.reply(ticket)->ok());
        QCOMPARE(world.sent<net::HomeRun>(second).size(), std::size_t{1});
        QCOMPARE(world.run(1).homeDeaths, 0u);
        SOUND(world);
    }
    void aNodeThatDoesNotStopIsKilled()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        const auto ticket = world.want(types::RemoveNode{helloOf(1).node, false});
        for (int i = 0; i < 4; ++i) {
            world.now += kSecond;
            world.beat(1);
        }
        world.pass(kSecond);
        QCOMPARE(world.all<KillNode>().at(0)->pid, 101);
        QVERIFY(world.reply(ticket) == nullptr);
        world.apply(NodeExited{101, "its process was killed by signal 9"});
        QVERIFY(world.reply(ticket)->ok());
        SOUND(world);
    }
    void anOrderToStopIsRepeatedWhenTheLinkBreaks()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        world.want(types::RemoveNode{helloOf(1).node, false});
        world.apply(LinkGone{1});
        const auto back = world.join(1);
        QCOMPARE(world.sent<net::StopNode>(back).size(), std::size_t{1});
        world.start();
        QVERIFY(world.sent<net::HomeRun>(back).empty());
        SOUND(world);
    }
    void killingANodeIsTheFaultLabsPlug()
    {
        TableWorld world;
        world.oneRun();
        const auto second = world.join(2);
        const auto ticket = world.want(types::RemoveNode{helloOf(1).node, true});
        QCOMPARE(world.all<KillNode>().at(0)->pid, 101);
        world.apply(NodeExited{101, "its process was killed by signal 9 (Killed)"});
        QVERIFY(world.reply(ticket)->ok());
        QCOMPARE(world.sent<net::HomeRun>(second).size(), std::size_t{1});
        QCOMPARE(world.run(1).homeDeaths, 1u);
        SOUND(world);
    }

    // ---- the end ----
    void aShutdownStopsRunsThenNodesThenTheHead()
    {
        TableWorld world;
        world.oneRun();
        world.join(2);
        const auto ticket = world.want(types::Shutdown{});
        QVERIFY(world.run(1).row.state == RunState::Stopped);
        QCOMPARE(world.sent<net::StopNode>(1).size(), std::size_t{1});
        QCOMPARE(world.sent<net::StopNode>(2).size(), std::size_t{1});
        QVERIFY(!world.table().can(types::Verb::Run).yes);
        const auto late = world.start();
        QVERIFY(world.reply(late) && !world.reply(late)->ok());
        world.apply(LinkGone{1});
        world.apply(NodeExited{101, "its process ended with status 0"});
        QVERIFY(world.all<EndHead>().empty());
        world.apply(NodeExited{102, "its process ended with status 0"});
        QCOMPARE(world.all<EndHead>().size(), std::size_t{1});
        QVERIFY(world.reply(ticket)->ok());
        SOUND(world);
    }
    void aShutdownKillsNodesThatDoNotGoAndEndsAnyway()
    {
        TableWorld world;
        world.plugins();
        world.join(1);
        auto far = helloOf(2);
        far.host = "there";
        world.apply(FromLink{++world.lastLink, far});
        const auto ticket = world.want(types::Shutdown{});
        const auto again = world.want(types::Shutdown{});
        for (int i = 0; i < 4; ++i) {
            world.now += kSecond;
            world.beat(1);
            world.beat(2);
        }
        world.pass(kSecond);
        QCOMPARE(world.all<KillNode>().size(), std::size_t{1});
        QVERIFY(world.table().members().find(1)->row.state == types::NodeState::Dead); // it cannot be killed from here
        world.apply(NodeExited{101, "its process was killed by signal 9"});
        QCOMPARE(world.all<EndHead>().size(), std::size_t{1});
        QVERIFY(world.reply(ticket)->ok() && world.reply(again)->ok());
        QCOMPARE(world.table().openTickets(), std::size_t{0});
        SOUND(world);
    }
    void aShutdownWithoutNodesEndsAtOnce()
    {
        TableWorld world;
        const auto waiting = world.start(); // the plugins are not there yet
        world.want(types::AddNode{});
        const auto ticket = world.want(types::Shutdown{});
        QVERIFY(world.reply(ticket)->ok());
        QCOMPARE(world.all<EndHead>().size(), std::size_t{1});
        QVERIFY(world.reply(waiting) && !world.reply(waiting)->ok());
        world.apply(NodeStarted{1, 300, {}});
        QCOMPARE(world.all<KillNode>().at(0)->pid, 300);
        SOUND(world);
    }
    void whoAsksForAScanWhileOneIsUnderWayGetsTheNext()
    {
        TableWorld world;
        const auto first = world.want(types::RescanPlugins{});
        QCOMPARE(world.all<ScanPlugins>().size(), std::size_t{1});
        const auto second = world.want(types::RescanPlugins{});
        QVERIFY(world.all<ScanPlugins>().empty());
        world.plugins();
        QCOMPARE(QSTR((*world.reply(first))->text), QStringLiteral("1 plugins with 3 functions"));
        QVERIFY(!world.reply(second)); // that scan may have passed what it asks about
        QCOMPARE(world.all<ScanPlugins>().size(), std::size_t{1});
        world.plugins();
        QVERIFY(world.reply(second)->ok());
        QVERIFY(world.all<ScanPlugins>().empty());
        const auto third = world.want(types::RescanPlugins{});
        world.apply(PluginsScanned{nullptr, "the worker program is missing"});
        QVERIFY(!world.reply(third)->ok());
        QVERIFY(world.table().catalog()->function("test.make") != nullptr); // the old ones stay
        SOUND(world);
    }
    void everyNodeHearsOfEveryChangeOfNodes()
    {
        TableWorld world;
        world.oneRun();
        const auto second = world.join(2);
        QCOMPARE(world.sent<net::UsePeers>(1).size(), std::size_t{1});
        QCOMPARE(world.sent<net::UsePeers>(second).size(), std::size_t{1});
        QCOMPARE(world.sent<net::UsePeers>(1)[0]->peers.size(), std::size_t{2});
        world.apply(LinkGone{second});
        world.now += 3 * kSecond;
        world.beat(1);
        world.pass(3 * kSecond);
        QCOMPARE(world.sent<net::UsePeers>(1).size(), std::size_t{1});
        QVERIFY(world.sent<net::UsePeers>(1)[0]->peers[0].alive && !world.sent<net::UsePeers>(1)[0]->peers[1].alive);
        SOUND(world);
    }
};

QTEST_GUILESS_MAIN(tst_head_nodes)
#include "tst_head_nodes.moc"
