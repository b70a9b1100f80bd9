// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What a cluster that does nothing costs: time on a processor, and memory beside the store.
#include "tests/support/ctl.h"

#include <QElapsedTimer>
#include <QTest>

using namespace orrery;

namespace {

constexpr int kWatchMs = 5000;
constexpr double kShareMax = 0.005;        // of one core
constexpr qint64 kMemoryMaxKiB = 60 * 1024;

// Nanoseconds on a processor, of all threads (proc(5), schedstat).
qint64 onCpuNs(const QList<tests::Process>& processes)
{
    qint64 sum = 0;
    for (const auto& process : processes) {
        const QString tasks = QStringLiteral("/proc/%1/task").arg(process.pid);
        for (const QString& task : QDir(tasks).entryList({QStringLiteral("[0-9]*")}, QDir::Dirs)) {
            QFile file(tasks + u'/' + task + QStringLiteral("/schedstat"));
            if (file.open(QIODevice::ReadOnly)) sum += file.readAll().split(' ').value(0).toLongLong();
        }
    }
    return sum;
}

// Proportional set size, without the store's segments.
qint64 pssKiB(const QList<tests::Process>& processes)
{
    qint64 sum = 0;
    for (const auto& process : processes) {
        QFile file(QStringLiteral("/proc/%1/smaps").arg(process.pid));
        if (!file.open(QIODevice::ReadOnly)) continue;
        bool store = false;
        const auto lines = file.readAll().split('\n');
        for (const QByteArray& line : lines) {
            const QByteArray first = line.left(line.indexOf(' '));
            if (first.contains('-')) store = line.contains("memfd:orrery-segment");
            else if (first == "Pss:" && !store) sum += line.mid(4).trimmed().split(' ').value(0).toLongLong();
        }
    }
    return sum;
}

} // namespace

class TestIdle : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
private Q_SLOTS:
    void anIdleClusterCostsNextToNothing()
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("sanitizers cost more than the cluster");
#endif
        const auto up = tests::ctl({QStringLiteral("up"), QStringLiteral("--nodes"), QStringLiteral("1")});
        QVERIFY2(up.code == 0, qPrintable(up.err));
        const auto run = tests::ctl({QStringLiteral("run"), QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/add.orrery"), QStringLiteral("--wait")}); // it has worked
        QVERIFY2(run.code == 0, qPrintable(run.err));
        const auto processes = tests::processesOf(m_home);
        QVERIFY(processes.size() >= 4); // head, node, spawner, a worker
        QElapsedTimer watch;
        watch.start();
        const qint64 before = onCpuNs(processes);
        QTest::qWait(kWatchMs);
        const double share = static_cast<double>(onCpuNs(processes) - before) / static_cast<double>(watch.nsecsElapsed());
        const qint64 memory = pssKiB(processes);
        const auto down = tests::ctl({QStringLiteral("down")});
        qInfo("%lld processes, %.3f %% of a core, %lld KiB", static_cast<long long>(processes.size()), share * 100, static_cast<long long>(memory));
        QCOMPARE(down.code, 0);
        QVERIFY(share < kShareMax);
        QVERIFY(memory > 0 && memory < kMemoryMaxKiB);
    }
};

QTEST_GUILESS_MAIN(TestIdle)
#include "tst_idle.moc"
