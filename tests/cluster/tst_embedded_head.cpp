// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The head inside a program: it starts, attaches, refuses, hands over and ends, with real nodes.
#include "engine/archive/data_lock.h"
#include "engine/client/session_service.h"
#include "engine/host/embedded_head.h"
#include "engine/host/run_mirror.h"
#include "engine/host/session_snapshot.h"
#include "tests/support/cluster_home.h"

#include <QFile>
#include <QTest>

#include <algorithm>
#include <future>

using namespace orrery;
using host::EmbeddedHead;
using State = EmbeddedHead::State;

namespace {

std::string exampleText()
{
    QFile file(QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/add.orrery"));
    (void)file.open(QIODevice::ReadOnly);
    return file.readAll().toStdString();
}

host::EmbeddedHeadOptions options(const std::string& name)
{
    host::EmbeddedHeadOptions made;
    made.head.name = name;
    made.head.cpus = 1;
    made.head.storeBytes = 256u << 20;
    return made;
}

std::vector<std::int64_t> processes(client::Session& session)
{
    std::vector<std::int64_t> pids;
    const auto now = host::sessionSnapshot(session);
    if (!now) return pids;
    for (const auto& node : now->nodes)
        if (node.state == types::NodeState::Alive) pids.push_back(node.pid);
    for (const auto& worker : now->workers)
        if (worker.alive) pids.push_back(worker.pid);
    return pids;
}

bool hasNode(client::Session& session)
{
    const auto now = host::sessionSnapshot(session);
    return now && std::any_of(now->nodes.begin(), now->nodes.end(), [](const auto& node) { return node.state == types::NodeState::Alive; });
}

base::Result<types::Reply> act(client::Session& session, types::Intent intent)
{
    std::promise<base::Result<types::Reply>> reply;
    session.act(std::move(intent), [&reply](base::Result<types::Reply> said) { reply.set_value(std::move(said)); });
    return reply.get_future().get();
}

// Runs the example; its row when it has ended.
base::Result<types::RunRow> runExample(client::Session& session)
{
    auto reply = act(session, types::StartRun{exampleText(), {}, "add"});
    if (!reply) return reply.error();
    if (!reply->problems.empty()) return base::fail(base::Errc::BadInput, reply->problems.front());
    host::RunMirror mirror(session, reply->run);
    return mirror.waitEnd({});
}

} // namespace

class TestEmbeddedHead : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
private Q_SLOTS:
    void aProgramBecomesAHeadWithANodeAndLeavesNothing()
    {
        EmbeddedHead embedded(options("one"));
        embedded.start({});
        QTRY_COMPARE_WITH_TIMEOUT(embedded.status().state, State::Up, 10'000);
        QVERIFY(embedded.status().own);
        const auto session = embedded.session();
        QTRY_VERIFY_WITH_TIMEOUT(hasNode(*session), 10'000);
        const auto ended = runExample(*session);
        QVERIFY2(ended.ok() && ended->state == types::RunState::Succeeded, ended.ok() ? ended->error.c_str() : ended.error().message.c_str());
        // Others reach the same head through its socket.
        const auto other = client::connectSession(embedded.status().address);
        const auto seen = host::sessionSnapshot(*other);
        QVERIFY(seen.ok());
        QCOMPARE(seen->runs.size(), std::size_t{1});
        const auto pids = processes(*session);
        QVERIFY(!pids.empty());
        embedded.close();
        QTRY_COMPARE_WITH_TIMEOUT(embedded.status().state, State::Closed, 15'000);
        for (const auto pid : pids) QTRY_VERIFY_WITH_TIMEOUT(tests::gone(pid), 5000);
        QVERIFY(launch::livingClusters().empty());
        // Whoever kept the session is told, at once.
        const auto late = act(*session, types::RescanPlugins{});
        QVERIFY(!late.ok());
        QCOMPARE(late.error().code, base::Errc::Unavailable);
    }

    void severalNodesShareTheComputerAndJoinInOrder()
    {
        auto three = options("several");
        three.head.cpus = 0;
        three.head.storeBytes = 0;
        three.nodes = 3;
        EmbeddedHead embedded(three);
        embedded.start({});
        QTRY_COMPARE_WITH_TIMEOUT(embedded.status().state, State::Up, 10'000);
        const auto names = [&embedded] {
            QStringList seen;
            const auto now = host::sessionSnapshot(*embedded.session());
            for (const auto& node : now ? now->nodes : std::vector<types::NodeRow>())
                if (node.state == types::NodeState::Alive) seen << QString::fromStdString(node.name);
            return seen;
        };
        QTRY_COMPARE_WITH_TIMEOUT(names(), (QStringList{QStringLiteral("local"), QStringLiteral("local-2"), QStringLiteral("local-3")}), 20'000);
        const auto now = host::sessionSnapshot(*embedded.session());
        const auto share = host::shareOut({}, 3);
        QVERIFY(share.cpus >= 1 && share.storeBytes > 0);
        for (const auto& node : now->nodes) QCOMPARE(node.total.amount(types::kCpu), share.cpus);
        // Who says how many gets those that are missing; who does not takes the cluster as it is.
        EmbeddedHead same(three);
        same.start({});
        QTRY_COMPARE_WITH_TIMEOUT(same.status().state, State::Up, 10'000);
        three.fill = true;
        three.nodes = 4;
        EmbeddedHead more(three);
        more.start({});
        QTRY_COMPARE_WITH_TIMEOUT(names().size(), 4, 20'000);
        for (auto* attached : {&same, &more}) attached->close();
    }

    void aSecondProgramAttachesAndLeavesTheClusterAsItIs()
    {
        EmbeddedHead first(options("two"));
        first.start({});
        QTRY_COMPARE_WITH_TIMEOUT(first.status().state, State::Up, 10'000);
        const auto session = first.session();
        QTRY_VERIFY_WITH_TIMEOUT(hasNode(*session), 10'000);
        {
            EmbeddedHead second(options("other"));
            second.start({});
            QTRY_COMPARE_WITH_TIMEOUT(second.status().state, State::Up, 10'000);
            QVERIFY(!second.status().own);
            QCOMPARE(second.status().cluster, std::string("two"));
            QCOMPARE(processes(*second.session()).size(), processes(*session).size());
            second.close();
            QTRY_COMPARE_WITH_TIMEOUT(second.status().state, State::Closed, 5000);
        }
        QVERIFY(hasNode(*session));
        QCOMPARE(first.status().state, State::Up);
        // Who wants a cluster of its own gets one beside it.
        auto own = options("two");
        own.attach = false;
        own.nodes = 0;
        EmbeddedHead beside(own);
        beside.start({});
        QTRY_COMPARE_WITH_TIMEOUT(beside.status().state, State::Up, 10'000);
        QVERIFY(beside.status().own);
        QCOMPARE(beside.status().cluster, std::string("two-2"));
    }

    void aShutdownFromOutsideIsTold()
    {
        std::atomic<int> failed{0};
        EmbeddedHead embedded(options("three"));
        embedded.start([&](const EmbeddedHead::Status& status) { failed += status.state == State::Failed ? 1 : 0; });
        QTRY_COMPARE_WITH_TIMEOUT(embedded.status().state, State::Up, 10'000);
        QVERIFY(act(*client::connectSession(embedded.status().address), types::Shutdown{}).ok());
        QTRY_COMPARE_WITH_TIMEOUT(embedded.status().state, State::Failed, 15'000);
        QVERIFY2(embedded.status().why.find("shut down") != std::string::npos, embedded.status().why.c_str());
        QTRY_COMPARE(failed.load(), 1);
    }

    void dataThatIsInUseIsOneClearSentence()
    {
        auto lock = archive::DataLock::take(m_home.path("taken"));
        QVERIFY(lock.ok());
        auto wish = options("four");
        wish.head.dataDir = m_home.path("taken");
        EmbeddedHead embedded(wish);
        embedded.start({});
        QTRY_COMPARE_WITH_TIMEOUT(embedded.status().state, State::Failed, 10'000);
        QVERIFY2(embedded.status().why.find("in use by another head") != std::string::npos, embedded.status().why.c_str());
        QVERIFY(launch::livingClusters().empty());
    }

    void anotherHeadOfTheSameDataShowsTheEarlierRuns()
    {
        base::RunId run;
        for (const int life : {1, 2}) {
            EmbeddedHead embedded(options("five"));
            embedded.start({});
            QTRY_COMPARE_WITH_TIMEOUT(embedded.status().state, State::Up, 10'000);
            const auto session = embedded.session();
            if (life == 1) {
                QTRY_VERIFY_WITH_TIMEOUT(hasNode(*session), 10'000);
                const auto ended = runExample(*session);
                QVERIFY(ended.ok());
                run = ended->id;
                continue;
            }
            const auto now = host::sessionSnapshot(*session);
            QVERIFY(now.ok());
            QCOMPARE(now->runs.size(), std::size_t{1});
            QCOMPARE(now->runs.front().id, run);
            QCOMPARE(now->runs.front().state, types::RunState::Succeeded);
            // Its trace comes from its record, for a watch and for a question alike.
            host::RunMirror mirror(*session, run);
            QVERIFY(mirror.waitEnd({}).ok());
            QCOMPARE(mirror.store().rows(), 3u);
            QVERIFY(mirror.graph() && mirror.graph()->vertices.size() == 3);
            std::promise<base::Result<types::Page>> page;
            session->ask({"tasks", run, {}, {}, {}, 0, 10}, [&page](base::Result<types::Page> made) { page.set_value(std::move(made)); });
            const auto tasks = page.get_future().get();
            QVERIFY2(tasks.ok(), tasks.ok() ? "" : tasks.error().message.c_str());
            QCOMPARE(tasks->total, std::uint64_t{3});
        }
    }

    void keptNodesGoOnWithAHeadWithoutAWindow()
    {
        std::vector<std::int64_t> pids;
        std::string address;
        {
            EmbeddedHead embedded(options("six"));
            embedded.start({});
            QTRY_COMPARE_WITH_TIMEOUT(embedded.status().state, State::Up, 10'000);
            QTRY_VERIFY_WITH_TIMEOUT(hasNode(*embedded.session()), 10'000);
            pids = processes(*embedded.session());
            address = embedded.status().address;
            embedded.close(EmbeddedHead::Nodes::Keep);
        }
        QTRY_COMPARE_WITH_TIMEOUT(launch::livingClusters().size(), std::size_t{1}, 10'000);
        const auto session = client::connectSession(address);
        QTRY_VERIFY_WITH_TIMEOUT(hasNode(*session), 10'000);
        QCOMPARE(processes(*session).front(), pids.front());
        const auto ended = runExample(*session);
        QVERIFY2(ended.ok() && ended->state == types::RunState::Succeeded, ended.ok() ? ended->error.c_str() : ended.error().message.c_str());
        QVERIFY(QFile::exists(QString::fromStdString(launch::livingClusters().front().nodeSocket("local")))); // drivers can attach
        EmbeddedHead attached(options("seven"));
        attached.start({});
        QTRY_COMPARE_WITH_TIMEOUT(attached.status().state, State::Up, 10'000);
        QVERIFY(!attached.status().own);
        QVERIFY(act(*session, types::Shutdown{}).ok());
        QTRY_VERIFY_WITH_TIMEOUT(launch::livingClusters().empty(), 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(attached.status().state, State::Failed, 10'000); // who is attached learns of the end
        for (const auto pid : pids) QTRY_VERIFY_WITH_TIMEOUT(tests::gone(pid), 5000);
    }
};

QTEST_GUILESS_MAIN(TestEmbeddedHead)
#include "tst_embedded_head.moc"
