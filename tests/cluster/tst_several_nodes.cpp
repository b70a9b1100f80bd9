// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Several nodes on this computer, as a user has them: they share a run, its values cross between them, any of them may die or fall
// silent, and the result is the same. ORRERY_SEED=n repeats the choices that a run printed.
#include "engine/base/random.h"
#include "tests/support/changelogs.h"

#include <QElapsedTimer>
#include <QTest>

#include <csignal>

using namespace orrery;

namespace {

constexpr int kRuns = tests::rounds(20);
const QString kCluster = QStringLiteral("several");

// The example, smaller.
constexpr int kTasks = 264;
QStringList runWords(const QString& folder, const char* samples = "6")
{
    return {QStringLiteral("run"), QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/deep_zoom.orrery"), QStringLiteral("--wait"), QStringLiteral("--json"), QStringLiteral("--address"), kCluster, QStringLiteral("--out"), folder,
            QStringLiteral("--param"), QStringLiteral("tiles_list.tiles=8"), QStringLiteral("--param"), QStringLiteral("tiles_list.pixels=128"), QStringLiteral("--param"), QStringLiteral("render.samples=") + QString::fromLatin1(samples)};
}

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QByteArray picture(const QString& folder) { return contents(folder + QStringLiteral("/png_encode.bytes.png")); }

QJsonArray rowsOf(const char* table, const QStringList& words = {})
{
    return tests::ctl(QStringList{QString::fromLatin1(table), QStringLiteral("--json"), QStringLiteral("--address"), kCluster} + words).rows();
}

struct NodeSeen {
    QString letter, state;
    qint64 pid = 0;
};

QList<NodeSeen> nodes()
{
    QList<NodeSeen> seen;
    for (const auto& row : rowsOf("nodes")) {
        const auto node = row.toObject();
        seen.append({node.value(QStringLiteral("node")).toString(), node.value(QStringLiteral("state")).toString(), node.value(QStringLiteral("pid")).toVariant().toLongLong()});
    }
    return seen;
}

int alive()
{
    int count = 0;
    for (const auto& node : nodes()) count += node.state == QStringLiteral("ALIVE") ? 1 : 0;
    return count;
}

bool isGivenUp(qint64 pid)
{
    const auto known = nodes();
    return std::none_of(known.begin(), known.end(), [&](const NodeSeen& node) { return node.pid == pid && node.state == QStringLiteral("ALIVE"); });
}

bool bringTo(int count)
{
    return tests::ctl({QStringLiteral("up"), QStringLiteral("--name"), kCluster, QStringLiteral("--nodes"), QString::number(count), QStringLiteral("--cpus"), QStringLiteral("1"), QStringLiteral("--store-mib"), QStringLiteral("256")}).code == 0;
}

bool bringToTwo() { return bringTo(2); }

// What a run that did not end leaves to read: the rows of the cluster that say where it stands. ORRERY_ON_HANG names a program that is
// run first, while everything still stands.
QString whereItStands()
{
    if (qEnvironmentVariableIsSet("ORRERY_ON_HANG")) QProcess::execute(qEnvironmentVariable("ORRERY_ON_HANG"), {});
    QString text;
    for (const QStringList& words : {QStringList{QStringLiteral("nodes")}, QStringList{QStringLiteral("workers")}, QStringList{QStringLiteral("tasks"), QStringLiteral("--where"), QStringLiteral("state!=FINISHED")}, QStringList{QStringLiteral("events")}})
        text += tests::ctl(words + QStringList{QStringLiteral("--address"), kCluster}).out + QLatin1Char('\n');
    return text;
}

// Tasks that the run which goes on has finished; none does: as before.
int doneOfRunning(int before)
{
    int done = before;
    for (const auto& row : rowsOf("jobs"))
        if (row.toObject().value(QStringLiteral("status")).toString() == QStringLiteral("RUNNING")) done = row.toObject().value(QStringLiteral("finished")).toInt();
    return done;
}

// Letters of the nodes that were home of the newest run, one after the other.
QStringList homesOfNewest()
{
    QStringList homes;
    QString run;
    for (const auto& row : rowsOf("events", {QStringLiteral("--limit"), QStringLiteral("0")})) {
        const QString text = row.toObject().value(QStringLiteral("text")).toString();
        if (!text.contains(QStringLiteral(" begins on "))) continue;
        if (text.section(QStringLiteral(" begins on "), 0, 0) != run) homes.clear();
        run = text.section(QStringLiteral(" begins on "), 0, 0);
        homes.append(row.toObject().value(QStringLiteral("node")).toString());
    }
    return homes;
}

// Empty: it has none yet.
QString homeOfNewest()
{
    const auto homes = homesOfNewest();
    return homes.isEmpty() ? QString() : homes.last();
}

} // namespace

class TestSeveralNodes : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
    QByteArray m_wanted;
    double m_usualMs = 0;
    int m_lastRun = 0;
    QByteArray m_wantedFine; // of the longer run
    QString folder(const QString& run) const { return QString::fromStdString(m_home.path("out")) + run; }
    // Runs that lose one node or worker each, at any moment; usualMs: how long one takes that loses nothing.
    void killOnceEach(const std::function<QStringList(const QString& out)>& words, double usualMs, const std::function<bool(const QString& out)>& isRight)
    {
        const quint64 seed = qEnvironmentVariableIsSet("ORRERY_SEED") ? qEnvironmentVariable("ORRERY_SEED").toULongLong() : base::entropySeed() % 1'000'000;
        qInfo("ORRERY_SEED=%llu", static_cast<unsigned long long>(seed));
        base::Random random(seed);
        int hits = 0, killedNodes = 0, killedHomes = 0;
        for (int run = 1; run <= kRuns; ++run) {
            QVERIFY(bringToTwo());
            QProcess program;
            const QString out = folder(QString::number(++m_lastRun));
            tests::startCtl(program, words(out));
            QVERIFY(program.waitForStarted());
            QTest::qWait(static_cast<int>(random.unit() * usualMs)); // a moment of the run, not a wait for something
            QList<tests::Process> targets;
            const bool aNode = random.chance(0.5);
            const auto wanted = [&] {
                targets.clear();
                for (const auto& process : tests::processesOf(m_home))
                    if (aNode ? process.name == QStringLiteral("orreryd") : process.name.startsWith(QStringLiteral("orrery-"))) targets.append(process);
                if (aNode) { // not the head
                    const auto known = nodes();
                    targets.removeIf([&](const tests::Process& process) { return std::none_of(known.begin(), known.end(), [&](const NodeSeen& node) { return node.pid == process.pid; }); });
                }
                return !targets.isEmpty();
            };
            QTRY_VERIFY(wanted());
            const auto target = targets.at(static_cast<int>(random.below(static_cast<std::uint64_t>(targets.size()))));
            killedNodes += aNode ? 1 : 0;
            QCOMPARE(::kill(static_cast<pid_t>(target.pid), SIGKILL), 0);
            const auto said = tests::finish(program);
            if (said.code != 0) QFAIL(qPrintable(QStringLiteral("run %1: %2\n%3").arg(run).arg(said.err, whereItStands())));
            QVERIFY2(isRight(out), qPrintable(QStringLiteral("run %1: the result differs").arg(run)));
            // It may have died when the run was over; the next one must not begin on a cluster that has not noticed yet: with its other
            // node killed too there would be none.
            QTRY_VERIFY(!aNode || isGivenUp(target.pid));
            if (said.rows().at(0).toObject().value(QStringLiteral("reexecuted")).toDouble() > 0) ++hits;
            if (aNode && homesOfNewest().size() > 1) ++killedHomes;
        }
        qInfo("%d runs, %d nodes killed, %d of them the home, %d runs with tasks computed again", kRuns, killedNodes, killedHomes, hits);
        QVERIFY2(hits > 0 && killedNodes > 0, "no run lost anything: nothing was proved");
    }
private Q_SLOTS:
    void bothNodesWorkAndValuesCross()
    {
        QVERIFY(bringToTwo());
        QCOMPARE(alive(), 2);
        const auto crossed = [] {
            double in = 0, out = 0;
            for (const auto& row : rowsOf("nodes")) {
                in += row.toObject().value(QStringLiteral("net_in_bytes")).toVariant().toDouble();
                out += row.toObject().value(QStringLiteral("net_out_bytes")).toVariant().toDouble();
            }
            return in > 0 && out > 0;
        };
        // On a busy machine the other node's worker may come when a short run is over: then the next one meets it.
        for (int run = 0; run < 5 && !crossed(); ++run) {
            const auto said = tests::ctl(runWords(folder(QStringLiteral("clean"))));
            QVERIFY2(said.code == 0, qPrintable(said.err));
            const QByteArray made = picture(folder(QStringLiteral("clean")));
            QVERIFY(!made.isEmpty() && (m_wanted.isEmpty() || made == m_wanted));
            m_wanted = made;
            m_usualMs = said.rows().at(0).toObject().value(QStringLiteral("seconds")).toDouble() * 1000;
            QTest::qWait(1200); // one heartbeat: the counters come with it
        }
        QVERIFY2(crossed(), "no value went from one node to the other");
        const auto copied = rowsOf("objects", {QStringLiteral("--where"), QStringLiteral("copies:A or copies:B")});
        QVERIFY2(!copied.isEmpty(), "values crossed, and no table tells of a copy");
        for (const auto& row : copied) QVERIFY(row.toObject().value(QStringLiteral("copies")).toString() != row.toObject().value(QStringLiteral("node")).toString());
        QSet<QString> busy;
        for (const auto& row : rowsOf("workers"))
            if (row.toObject().value(QStringLiteral("tasks_done")).toInt() > 0) busy.insert(row.toObject().value(QStringLiteral("node")).toString());
        QCOMPARE(busy.size(), 2);
    }
    void anyNodeOrWorkerMayDieAndTheResultIsTheSame()
    {
        killOnceEach([](const QString& out) { return runWords(out); }, m_usualMs, [this](const QString& out) { return picture(out) == m_wanted; });
    }
    void theCensusIsTheSameWhoeverDies()
    {
        const auto changelogs = tests::findChangelogs(folder(QStringLiteral("input")));
        if (!changelogs.problem.isEmpty()) QSKIP(qPrintable(changelogs.problem));
        const auto words = [&](const QString& out) {
            return QStringList{QStringLiteral("run"), QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/census.orrery"), QStringLiteral("--wait"), QStringLiteral("--json"), QStringLiteral("--address"), kCluster, QStringLiteral("--out"), out,
                QStringLiteral("--param"), QStringLiteral("changelogs.roots=[\"%1\"]").arg(changelogs.folder)};
        };
        const auto isRight = [&](const QString& out) { return contents(out + QStringLiteral("/census.table.csv")) == changelogs.counted; };
        QVERIFY(bringToTwo());
        const QString clean = folder(QStringLiteral("census"));
        const auto said = tests::ctl(words(clean));
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QVERIFY(isRight(clean));
        killOnceEach(words, said.rows().at(0).toObject().value(QStringLiteral("seconds")).toDouble() * 1000, isRight);
    }
    void theNextHomeOfARunTakesOverWhatTheOthersMade()
    {
        QVERIFY(bringTo(3));
        const QString clean = folder(QStringLiteral("unharmed")), out = folder(QStringLiteral("home"));
        QCOMPARE(tests::ctl(runWords(clean, "8")).code, 0);
        QProcess program;
        tests::startCtl(program, runWords(out, "8"));
        QVERIFY(program.waitForStarted());
        int done = 0;
        QTRY_VERIFY_WITH_TIMEOUT((done = doneOfRunning(done)) * 2 >= kTasks, 60'000 * tests::kSlower);
        const QString home = homeOfNewest();
        qint64 pid = 0;
        for (const auto& node : nodes())
            if (node.letter == home && node.state == QStringLiteral("ALIVE")) pid = node.pid;
        QVERIFY2(pid > 0, "the run has no home");
        QCOMPARE(::kill(static_cast<pid_t>(pid), SIGKILL), 0);
        const auto said = tests::finish(program, 120);
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QVERIFY(!picture(out).isEmpty());
        QVERIFY(picture(out) == picture(clean));
        const int again = said.rows().at(0).toObject().value(QStringLiteral("reexecuted")).toInt();
        const auto adopted = rowsOf("tasks", {QStringLiteral("--where"), QStringLiteral("state=CACHED"), QStringLiteral("--limit"), QStringLiteral("0")}).size();
        qInfo("home %s was killed with %d of %d tasks done; %d taken over, %d computed again", qPrintable(home), done, kTasks, int(adopted), again);
        QVERIFY(homeOfNewest() != home);
        QVERIFY(adopted > 0);
        QVERIFY(again < done);
    }
    void aNodeThatFallsSilentIsGivenUpAndComesBackAnew()
    {
        QVERIFY(bringToTwo());
        QProcess program;
        const QString out = folder(QStringLiteral("frozen"));
        tests::startCtl(program, runWords(out, qEnvironmentVariableIsSet("ORRERY_FROZEN_MS") ? "200" : "40"));
        QVERIFY(program.waitForStarted());
        NodeSeen frozen;
        QTRY_VERIFY(([&] {
            for (const auto& node : nodes())
                if (node.state == QStringLiteral("ALIVE")) frozen = node; // the last: not the home of the run, or it is; both must work
            int working = 0;
            for (const auto& row : rowsOf("workers"))
                if (row.toObject().value(QStringLiteral("node")).toString() == frozen.letter) working += row.toObject().value(QStringLiteral("tasks_done")).toInt();
            return working > 0;
        }()));
        QCOMPARE(::kill(static_cast<pid_t>(frozen.pid), SIGSTOP), 0);
        const auto stateOf = [&] {
            for (const auto& node : nodes())
                if (node.letter == frozen.letter) return node.state;
            return QString();
        };
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(), QStringLiteral("DEAD"), 15'000 * tests::kSlower);
        QTest::qWait(qEnvironmentVariableIntValue("ORRERY_FROZEN_MS")); // longer, by hand
        QCOMPARE(::kill(static_cast<pid_t>(frozen.pid), SIGCONT), 0);
        const auto said = tests::finish(program, 120);
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QVERIFY(!picture(out).isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(), QStringLiteral("ALIVE"), 15'000 * tests::kSlower);
        // It works again, in its new life.
        const QString again = folder(QStringLiteral("after"));
        const auto after = tests::ctl(runWords(again));
        QVERIFY2(after.code == 0, qPrintable(after.err));
        QVERIFY(picture(again) == m_wanted);
    }
    void aRunWithoutAnyNodeSaysSoAndGoesOnWithNewOnes()
    {
        QVERIFY(bringToTwo());
        QProcess program;
        const QString out = folder(QStringLiteral("bare"));
        tests::startCtl(program, runWords(out, "8"));
        QVERIFY(program.waitForStarted());
        QTRY_VERIFY(([] {
            for (const auto& row : rowsOf("jobs"))
                if (row.toObject().value(QStringLiteral("status")).toString() == QStringLiteral("RUNNING") && row.toObject().value(QStringLiteral("finished")).toInt() > 0) return true;
            return false;
        }()));
        for (const auto& node : nodes())
            if (node.state == QStringLiteral("ALIVE")) QCOMPARE(::kill(static_cast<pid_t>(node.pid), SIGKILL), 0);
        QByteArray said;
        QTRY_VERIFY_WITH_TIMEOUT((program.waitForReadyRead(10), said += program.readAllStandardError(), said.contains("no node of cluster several can take it now")), 20'000 * tests::kSlower);
        QVERIFY(bringToTwo());
        const auto end = tests::finish(program);
        QVERIFY2(end.code == 0, qPrintable(end.err));
        QVERIFY(!picture(out).isEmpty());
    }
    void aNodeThatIsDrainedLeavesAndTheRestGoesOn()
    {
        QVERIFY(bringToTwo());
        QString last;
        for (const auto& node : nodes())
            if (node.state == QStringLiteral("ALIVE")) last = node.letter;
        const auto gone = tests::ctl({QStringLiteral("drain"), last, QStringLiteral("--address"), kCluster});
        QVERIFY2(gone.code == 0, qPrintable(gone.err));
        QCOMPARE(alive(), 1);
        const QString out = folder(QStringLiteral("drained"));
        const auto said = tests::ctl(runWords(out));
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QVERIFY(picture(out) == m_wanted);
        QCOMPARE(tests::ctl({QStringLiteral("drain"), QStringLiteral("Q"), QStringLiteral("--address"), kCluster}).code, 2);
    }
    void aNodeDrainedInTheMiddleOfARunCostsNothing_data()
    {
        QTest::addColumn<bool>("theHome");
        QTest::newRow("a guest") << false;
        QTest::newRow("the home") << true;
    }
    void aNodeDrainedInTheMiddleOfARunCostsNothing()
    {
        QFETCH(bool, theHome);
        QVERIFY(bringTo(3));
        const QString clean = folder(QStringLiteral("whole")), out = folder(QStringLiteral("left"));
        if (m_wantedFine.isEmpty()) {
            QCOMPARE(tests::ctl(runWords(clean, "40")).code, 0);
            m_wantedFine = picture(clean);
        }
        QProcess program;
        tests::startCtl(program, runWords(out, "40"));
        QVERIFY(program.waitForStarted());
        int done = 0;
        QTRY_VERIFY_WITH_TIMEOUT((done = doneOfRunning(done)) * 3 >= kTasks, 60'000 * tests::kSlower);
        const QString home = homeOfNewest();
        NodeSeen leaves;
        for (const auto& node : nodes())
            if (node.state == QStringLiteral("ALIVE") && (node.letter == home) == theHome) leaves = node;
        QVERIFY2(leaves.pid > 0, "there is no such node");
        QElapsedTimer took;
        took.start();
        const auto gone = tests::ctl({QStringLiteral("drain"), leaves.letter, QStringLiteral("--address"), kCluster});
        const qint64 drainedMs = took.elapsed();
        QVERIFY2(gone.code == 0, qPrintable(gone.err));
        QVERIFY2(program.state() == QProcess::Running, "the run ended before the node was gone: nothing was proved");
        QVERIFY2(gone.out.contains(QStringLiteral("moved")), qPrintable(gone.out));
        const auto said = tests::finish(program, 120);
        if (said.code != 0) QFAIL(qPrintable(said.err + whereItStands()));
        QVERIFY(!picture(out).isEmpty());
        QVERIFY(picture(out) == m_wantedFine);
        const auto rows = [](const char* filter) { return static_cast<int>(rowsOf("tasks", {QStringLiteral("--where"), QString::fromLatin1(filter), QStringLiteral("--limit"), QStringLiteral("0")}).size()); };
        const int again = said.rows().at(0).toObject().value(QStringLiteral("reexecuted")).toInt();
        qInfo("node %s was drained in %lld ms with %d of %d tasks done: %s; %d taken over by the next home, %d computed again", qPrintable(leaves.letter), static_cast<long long>(drainedMs), done, kTasks, qPrintable(gone.out.trimmed()), rows("state=CACHED"), again);
        QCOMPARE(again, 0);
        QCOMPARE(rows("attempt>1"), 0);
        QCOMPARE(homeOfNewest() != home, theHome);
        QVERIFY(!theHome || rows("state=CACHED") >= done);
        QCOMPARE(alive(), 2);
    }
    void nothingIsLeftAfterDown()
    {
        const auto down = tests::ctl({QStringLiteral("down"), QStringLiteral("--address"), kCluster});
        QVERIFY2(down.code == 0, qPrintable(down.err));
        const auto left = tests::processesOf(m_home);
        QVERIFY2(left.isEmpty(), left.isEmpty() ? "" : qPrintable(left.first().name));
        QVERIFY(QDir(QString::fromStdString(m_home.path("run/orrery"))).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestSeveralNodes)
#include "tst_several_nodes.moc"
