// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Graph runs on one node with real workers; the test stands in for the head.
#include "tests/support/patience.h"
#include "tests/support/scripted_head.h"
#include "engine/base/log.h"
#include "engine/types/value.h"
#include "engine/worker/spawner.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/qtest.h>
#include <algorithm>
#include <csignal>
#include <sys/resource.h>
#include <unistd.h>

using namespace orrery;

namespace {

std::string vertex(const char* id, const char* function, const char* params = "{}")
{
    return std::string(R"({"id": ")") + id + R"(", "function": ")" + function + R"(", "params": )" + params + "}";
}

std::string document(const std::string& vertices, const std::string& edges = "")
{
    return R"({"orrery": "graph", "version": 1, "title": "t", "vertices": [)" + vertices + R"(], "edges": [)" + edges + "]}";
}

const char* const kNeedsGpu = R"({"id": "f", "function": "basic.noop", "params": {}, "resources": {"GPU": 1}})";

// A node and, by the head's word, another one that has a GPU and never answers.
struct WithPeer {
    explicit WithPeer(base::TimeNs unfitWaitNs) : head(ORRERY_BUILD_DIR, {"basic"}, 1, options(unfitWaitNs)) {}
    host::NodeProcessOptions options(base::TimeNs unfitWaitNs) const
    {
        host::NodeProcessOptions made;
        made.peerSocket = folder.filePath(QStringLiteral("peer-home.sock")).toStdString();
        made.unfitWaitNs = unfitWaitNs;
        return made;
    }
    void peer(bool alive)
    {
        net::PeerNode node{1, {{1, 1}}, 1, folder.filePath(QStringLiteral("peer-other.sock")).toStdString(), alive, {}};
        (void)node.total.set(types::kGpu, 1);
        head.send(net::UsePeers{{node}});
    }
    // Lines that say that tasks of this run wait for it.
    int told(base::RunId run)
    {
        const auto lines = head.logs();
        const std::string begin = "tasks of " + run.text() + " wait for a node with GPU 1: ";
        return static_cast<int>(std::count_if(lines.begin(), lines.end(), [&](const types::LogLine& line) { return line.text.rfind(begin, 0) == 0 && line.level == static_cast<std::uint8_t>(base::LogLevel::Warn); }));
    }
    QTemporaryDir folder;
    tests::ScriptedHead head;
};

} // namespace

class TestNodeRun : public QObject {
    Q_OBJECT
    QTemporaryDir m_output; // what tasks save; the node of a test has no launcher that gives it a folder
    std::unique_ptr<tests::ScriptedHead> m_head;
private Q_SLOTS:
    void initTestCase()
    {
        qputenv("ORRERY_OUTPUT", m_output.path().toUtf8());
        m_head = std::make_unique<tests::ScriptedHead>(ORRERY_BUILD_DIR, std::vector<std::string>{"basic", "imaging"}, 2);
    }
    void cleanupTestCase() { m_head.reset(); }

    void addGivesTheSum()
    {
        const auto run = m_head->start(tests::ScriptedHead::read(ORRERY_SOURCE_DIR "/resources/examples/add.orrery"));
        const auto ended = m_head->waitEnd(run);
        QVERIFY2(ended.state == types::RunState::Succeeded, ended.error.c_str());
        // Vertices are a, b, sum: rows come in the order in which they are ready to be counted.
        const auto row = m_head->store(run, [](const trace::RunStore& store) { return store.rowOf(2, 0); });
        auto bytes = m_head->value(run, row, 0);
        QVERIFY2(bytes.ok(), bytes.ok() ? "" : bytes.error().message.c_str());
        auto view = types::ValueView::open(*bytes);
        QVERIFY(view.ok());
        QCOMPARE(view->type() == types::ValueType::F64 ? view->real() : static_cast<double>(view->integer()), 42.0);
    }

    void aFunctionThatThrowsFailsItsRunWithItsOwnWords()
    {
        const auto run = m_head->start(document(vertex("f", "basic.fail")));
        const auto ended = m_head->waitEnd(run);
        QCOMPARE(ended.state, types::RunState::Failed);
        QVERIFY2(ended.error.rfind("f (basic.fail): ", 0) == 0, ended.error.c_str());
    }

    void aFunctionThatAbortsKillsItsWorkerFourTimesAndTheNodeGoesOn()
    {
        const auto run = m_head->start(document(vertex("f", "basic.abort")));
        const auto ended = m_head->waitEnd(run);
        QCOMPARE(ended.state, types::RunState::Failed);
        QVERIFY2(ended.error.find("signal 6") != std::string::npos, ended.error.c_str());
        QVERIFY2(ended.error.find("attempt 4 of 4") != std::string::npos, ended.error.c_str());
        addGivesTheSum();
    }

    void wrongOutputsAreOneClearError()
    {
        const auto run = m_head->start(document(vertex("f", "basic.wrong_outputs")));
        const auto ended = m_head->waitEnd(run);
        QCOMPARE(ended.state, types::RunState::Failed);
        QVERIFY2(ended.error.find("outputs") != std::string::npos, ended.error.c_str());
    }

    void aChildQueuedBehindItsOwnParentFinishes()
    {
        const auto run = m_head->start(document(vertex("n", "basic.nested")));
        const auto ended = m_head->waitEnd(run);
        QVERIFY2(ended.state == types::RunState::Succeeded, ended.error.c_str());
    }

    void deepZoomIsTheSamePictureWhetherOrNotAWorkerDies()
    {
        std::string text = tests::ScriptedHead::read(ORRERY_SOURCE_DIR "/resources/examples/deep_zoom.orrery");
        const auto picture = [&](base::RunId run) -> base::Bytes {
            const auto ended = m_head->waitEnd(run, 100 * tests::kSlower);
            if (ended.state != types::RunState::Succeeded) {
                qWarning("%s", ended.error.c_str());
                return {};
            }
            // The widest image: the result of the last image vertex.
            const auto rows = m_head->store(run, [](const trace::RunStore& store) { return store.rows(); });
            base::Bytes best;
            for (std::uint32_t row = rows; row-- > 0;) {
                auto bytes = m_head->value(run, row, 0);
                if (!bytes) continue;
                auto view = types::ValueView::open(*bytes);
                if (view && view->type() == types::ValueType::Image && bytes->size() > best.size()) best = std::move(*bytes);
                if (rows - row > 16) break;
            }
            return best;
        };
        const auto first = m_head->start(text);
        const auto clean = picture(first);
        QVERIFY(!clean.empty());
        const auto second = m_head->start(text);
        QTRY_VERIFY_WITH_TIMEOUT(m_head->store(second, [](const trace::RunStore& store) { return store.rows() > 100; }), 20'000 * tests::kSlower);
        const auto workers = m_head->workers();
        QVERIFY(!workers.empty());
        ::kill(static_cast<pid_t>(workers.front().pid), SIGKILL);
        QVERIFY2(picture(second) == clean, "the picture differs");
    }

    // Arguments that no lane carries lie in a window of the store; all of it comes back, not only as much as they fill.
    void argumentsInTheStoreGiveTheirWholeWindowBack()
    {
        const auto run = m_head->start(document(vertex("range", "basic.range", R"({"count": 5000})") + "," + vertex("spin", "basic.spin", R"({"microseconds": 1})") + "," + vertex("sum", "basic.sum"),
                                                R"({"from": "range.numbers", "to": "spin.value", "mode": "each"}, {"from": "spin.value", "to": "sum.numbers", "mode": "all"})"));
        const auto ended = m_head->waitEnd(run);
        QVERIFY2(ended.state == types::RunState::Succeeded, ended.error.c_str());
        auto bytes = m_head->value(run, m_head->store(run, [](const trace::RunStore& store) { return store.rowOf(2, 0); }), 0);
        QVERIFY2(bytes.ok(), bytes.ok() ? "" : bytes.error().message.c_str());
        const auto sum = types::ValueView::open(*bytes);
        QVERIFY(sum.ok());
        QCOMPARE(sum->type() == types::ValueType::F64 ? sum->real() : static_cast<double>(sum->integer()), 4999.0 * 5000 / 2);
        QCOMPARE(m_head->audit(), std::string());
    }

    void whatNoNodeEverCouldRunFailsAtOnce()
    {
        const auto ended = m_head->waitEnd(m_head->start(document(kNeedsGpu)));
        QCOMPARE(ended.state, types::RunState::Failed);
        QVERIFY2(ended.error.find("f (basic.noop): it needs GPU 1 and no node has so much; its home has CPU 2") == 0, ended.error.c_str());
        // Also where it gets ready later, and there is no other node that could take anything.
        const auto later = m_head->waitEnd(m_head->start(document(vertex("n", "basic.number") + R"(,{"id": "f", "function": "basic.identity", "params": {}, "resources": {"GPU": 1}})", R"({"from": "n.value", "to": "f.value"})")));
        QVERIFY2(later.error.find("f (basic.identity): it needs GPU 1 and no node has so much") == 0, later.error.c_str());
    }

    void whatLostItsNodeFailsAfterAWaitThatIsToldOnce_data()
    {
        QTest::addColumn<bool>("seen");
        QTest::addColumn<bool>("again");
        QTest::addColumn<QByteArray>("why");
        QTest::newRow("a guest dies") << true << false << QByteArray("it needs GPU 1; node B, which had so much, has been gone for 0 s and no other came: add a node with GPU 1 and run again");
        QTest::newRow("it was the home before") << true << true << QByteArray("it needs GPU 1; node B, which had so much, has been gone for 0 s and no other came: add a node with GPU 1 and run again");
        QTest::newRow("the home before knew it") << false << true << QByteArray("it needs GPU 1; no node had so much in the 0 s since this home took the run over: add a node with GPU 1 and run again");
    }
    void whatLostItsNodeFailsAfterAWaitThatIsToldOnce()
    {
        QFETCH(bool, seen);
        QFETCH(bool, again);
        QFETCH(QByteArray, why);
        WithPeer world(200 * base::kMillisecond);
        if (seen) world.peer(true);
        if (seen && again) world.peer(false);
        const auto run = world.head.start(document(kNeedsGpu), again);
        if (!again) world.peer(false);
        const auto ended = world.head.waitEnd(run);
        QCOMPARE(ended.state, types::RunState::Failed);
        QCOMPARE(QByteArray::fromStdString(ended.error), "f (basic.noop): " + why);
        QTRY_COMPARE_WITH_TIMEOUT(world.told(run), 1, 20'000 * tests::kSlower);
    }

    void aRunThatWaitsForANodeCanBeStopped()
    {
        WithPeer world(owner::kUnfitWaitNs);
        world.peer(true);
        const auto run = world.head.start(document(kNeedsGpu));
        world.peer(false);
        QTRY_COMPARE_WITH_TIMEOUT(world.told(run), 1, 20'000 * tests::kSlower);
        world.head.send(net::StopHomeRun{run});
        QCOMPARE(world.head.waitEnd(run).state, types::RunState::Stopped);
    }

    // The window and the node go before tasks: by process, and by session where the system schedules sessions as groups.
    void workersYieldToTheWindow()
    {
        const auto run = m_head->start(tests::ScriptedHead::read(ORRERY_SOURCE_DIR "/resources/examples/add.orrery"));
        QCOMPARE(m_head->waitEnd(run).state, types::RunState::Succeeded);
        const auto workers = m_head->workers();
        QVERIFY(!workers.empty());
        for (const auto& worker : workers) {
            const auto pid = static_cast<pid_t>(worker.pid);
            QCOMPARE(getpriority(PRIO_PROCESS, static_cast<id_t>(pid)), std::min(getpriority(PRIO_PROCESS, 0) + worker::kWorkerNice, 19));
            QVERIFY(getsid(pid) != getsid(0));
            QCOMPARE(getpgid(pid), pid);
            QFile group(QStringLiteral("/proc/%1/autogroup").arg(pid));
            if (!group.open(QIODevice::ReadOnly)) continue;
            const QByteArray text = group.readAll(); // "/autogroup-95 nice 5", empty where it is off
            QVERIFY2(text.isEmpty() || text.endsWith(QByteArray(" nice ") + QByteArray::number(worker::kWorkerNice) + "\n"), text.constData());
        }
    }
};

QTEST_GUILESS_MAIN(TestNodeRun)
#include "tst_node_run.moc"
