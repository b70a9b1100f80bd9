// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Twenty runs of a user's cluster, in each of which one process of workers is killed at a random moment: the picture is the same
// and nothing is left. ORRERY_SEED=n repeats the choices that a run printed.
#include "engine/base/random.h"
#include "tests/support/ctl.h"

#include <QTest>

#include <csignal>

using namespace orrery;

namespace {

constexpr int kRuns = tests::rounds(20);
const QString kCluster = QStringLiteral("kills");

// The example, smaller: 264 tasks.
QStringList runWords(const QString& folder)
{
    return {QStringLiteral("run"), QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/deep_zoom.orrery"), QStringLiteral("--wait"), QStringLiteral("--json"), QStringLiteral("--out"), folder,
            QStringLiteral("--param"), QStringLiteral("tiles_list.tiles=8"), QStringLiteral("--param"), QStringLiteral("tiles_list.pixels=128"), QStringLiteral("--param"), QStringLiteral("render.samples=2")};
}

QByteArray picture(const QString& folder)
{
    QFile file(folder + QStringLiteral("/png_encode.bytes.png"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestKills : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
    QString folder(int run) const { return QString::fromStdString(m_home.path("out")) + QString::number(run); }
    QList<tests::Process> workerProcesses() const
    {
        QList<tests::Process> found;
        for (const auto& process : tests::processesOf(m_home))
            if (process.name == QStringLiteral("orrery-worker") || process.name == QStringLiteral("orrery-spawner")) found.append(process);
        return found;
    }
private Q_SLOTS:
    void thePictureIsTheSameWhicheverProcessOfWorkersIsKilled()
    {
        const quint64 seed = qEnvironmentVariableIsSet("ORRERY_SEED") ? qEnvironmentVariable("ORRERY_SEED").toULongLong() : base::entropySeed() % 1'000'000;
        qInfo("ORRERY_SEED=%llu", static_cast<unsigned long long>(seed));
        base::Random random(seed);
        const auto up = tests::ctl({QStringLiteral("up"), QStringLiteral("--name"), kCluster, QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--cpus"), QStringLiteral("2"), QStringLiteral("--store-mib"), QStringLiteral("256")});
        QVERIFY2(up.code == 0, qPrintable(up.err));
        const auto clean = tests::ctl(runWords(folder(0)));
        QVERIFY2(clean.code == 0, qPrintable(clean.err));
        const QByteArray wanted = picture(folder(0));
        QVERIFY(!wanted.isEmpty());
        const double usualMs = clean.rows().at(0).toObject().value(QStringLiteral("seconds")).toDouble() * 1000;
        int spawners = 0, hits = 0;
        for (int run = 1; run <= kRuns; ++run) {
            QProcess program;
            tests::startCtl(program, runWords(folder(run)));
            QVERIFY(program.waitForStarted());
            // A moment of the run, not a wait for something.
            QTest::qWait(static_cast<int>(random.unit() * usualMs));
            QList<tests::Process> targets;
            QTRY_VERIFY(!(targets = workerProcesses()).isEmpty()); // none for a moment after a spawner was killed
            const auto target = targets.at(static_cast<int>(random.below(static_cast<std::uint64_t>(targets.size()))));
            if (target.name == QStringLiteral("orrery-spawner")) ++spawners;
            QCOMPARE(::kill(static_cast<pid_t>(target.pid), SIGKILL), 0);
            const auto said = tests::finish(program);
            QVERIFY2(said.code == 0, qPrintable(QStringLiteral("run %1: %2").arg(run).arg(said.err)));
            QVERIFY2(picture(folder(run)) == wanted, qPrintable(QStringLiteral("run %1: the picture differs").arg(run)));
            if (said.rows().at(0).toObject().value(QStringLiteral("reexecuted")).toDouble() > 0) ++hits;
        }
        qInfo("%d runs, %d with tasks computed again, %d spawners killed", kRuns, hits, spawners);
        QVERIFY2(hits > 0, "no run lost a task: nothing was proved");
    }

    void nothingIsLeftAfterDown()
    {
        const auto down = tests::ctl({QStringLiteral("down"), QStringLiteral("--address"), kCluster});
        QVERIFY2(down.code == 0, qPrintable(down.err));
        // Shared memory of ours has no name in a file system: it ends with the last process that has it.
        const auto left = tests::processesOf(m_home);
        QVERIFY2(left.isEmpty(), left.isEmpty() ? "" : qPrintable(left.first().name));
        QVERIFY(QDir(QString::fromStdString(m_home.path("run/orrery"))).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).isEmpty());
        const auto status = tests::ctl({QStringLiteral("status")});
        QCOMPARE(status.code, 3);
    }
};

QTEST_GUILESS_MAIN(TestKills)
#include "tst_kills.moc"
