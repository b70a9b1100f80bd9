// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Tasks that only one node of a cluster can run, and that node dies in the middle of the run: they wait for another one.
#include "tests/support/ctl.h"

#include <QTest>

#include <csignal>

using namespace orrery;

namespace {

const QString kCluster = QStringLiteral("unfit");
constexpr int kItems = 8, kFirst = 3; // so many of all are done before the node dies

QJsonArray rowsOf(const char* table, const QStringList& words = {})
{
    return tests::ctl(QStringList{QString::fromLatin1(table), QStringLiteral("--json"), QStringLiteral("--address"), kCluster} + words).rows();
}

// Nodes of the cluster until there are so many; new ones have so many CPUs.
bool bringTo(int nodes, int cpus)
{
    return tests::ctl({QStringLiteral("up"), QStringLiteral("--name"), kCluster, QStringLiteral("--nodes"), QString::number(nodes), QStringLiteral("--cpus"), QString::number(cpus), QStringLiteral("--store-mib"), QStringLiteral("128")}).code == 0;
}

// The last that has joined.
qint64 pidOfLast()
{
    qint64 pid = 0;
    for (const auto& row : rowsOf("nodes"))
        if (row.toObject().value(QStringLiteral("state")).toString() == QStringLiteral("ALIVE")) pid = row.toObject().value(QStringLiteral("pid")).toVariant().toLongLong();
    return pid;
}

int alive()
{
    int count = 0;
    for (const auto& row : rowsOf("nodes")) count += row.toObject().value(QStringLiteral("state")).toString() == QStringLiteral("ALIVE") ? 1 : 0;
    return count;
}

QStringList said(const QString& part)
{
    QStringList found;
    for (const auto& row : rowsOf("events", {QStringLiteral("--limit"), QStringLiteral("0")}))
        if (const auto text = row.toObject().value(QStringLiteral("text")).toString(); text.contains(part)) found.append(text);
    return found;
}

int finishedOf(const char* vertex)
{
    return static_cast<int>(rowsOf("tasks", {QStringLiteral("--where"), QStringLiteral("state=FINISHED vertex=%1").arg(QString::fromLatin1(vertex)), QStringLiteral("--limit"), QStringLiteral("0")}).size());
}

} // namespace

class TestUnfitTasks : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
    QString path(const QString& name) const { return QString::fromStdString(m_home.path(name.toStdString())); }
    bool touch(const QString& name) const { return QFile(path(QStringLiteral("signs/")) + name).open(QIODevice::WriteOnly); }
    // numbers -> narrow -> wide -> sum. Those of narrow wait until `begin` is there; those of wide need two CPUs, and wait for `go` when kFirst of them
    // are through.
    QString document() const
    {
        const auto vertex = [&](const char* id, const QString& script, int cpus) {
            return QJsonObject{{QStringLiteral("id"), QString::fromLatin1(id)}, {QStringLiteral("function"), QStringLiteral("command.run")}, {QStringLiteral("resources"), QJsonObject{{QStringLiteral("CPU"), cpus}}},
                {QStringLiteral("params"), QJsonObject{{QStringLiteral("program"), QStringLiteral("sh")}, {QStringLiteral("arguments"), QJsonArray{QStringLiteral("-c"), script, QStringLiteral("{arg:x}")}}, {QStringLiteral("inputs"), QJsonArray{QStringLiteral("x:i64")}}, {QStringLiteral("outputs"), QJsonArray{QStringLiteral("stdout:i64")}}}}};
        };
        const QString narrow = QStringLiteral("until test -e %1/begin; do sleep 0.02; done; printf %s $0").arg(path(QStringLiteral("signs")));
        const QString wide = QStringLiteral("until test -e %1/go || test $(ls %1/through | wc -l) -lt %2; do sleep 0.02; done; touch %1/through/$0; printf %s $0").arg(path(QStringLiteral("signs"))).arg(kFirst);
        const auto edge = [](const char* from, const char* to, const char* mode) { return QJsonObject{{QStringLiteral("from"), QString::fromLatin1(from)}, {QStringLiteral("to"), QString::fromLatin1(to)}, {QStringLiteral("mode"), QString::fromLatin1(mode)}}; };
        const QJsonObject numbers{{QStringLiteral("id"), QStringLiteral("numbers")}, {QStringLiteral("function"), QStringLiteral("basic.range")}, {QStringLiteral("params"), QJsonObject{{QStringLiteral("count"), kItems}}}};
        const QJsonObject sum{{QStringLiteral("id"), QStringLiteral("sum")}, {QStringLiteral("function"), QStringLiteral("basic.sum")}};
        const QJsonObject graph{{QStringLiteral("orrery"), QStringLiteral("graph")}, {QStringLiteral("version"), 1},
            {QStringLiteral("vertices"), QJsonArray{numbers, vertex("narrow", narrow, 1), vertex("wide", wide, 2), sum}},
            {QStringLiteral("edges"), QJsonArray{edge("numbers.numbers", "narrow.x", "each"), edge("narrow.stdout", "wide.x", "each"), edge("wide.stdout", "sum.numbers", "all")}}};
        QFile file(path(QStringLiteral("graph.orrery")));
        if (file.open(QIODevice::WriteOnly)) file.write(QJsonDocument(graph).toJson());
        return file.fileName();
    }
private Q_SLOTS:
    void theyWaitForAnotherNodeAndTheResultIsTheSame_data()
    {
        QTest::addColumn<bool>("isHome");
        QTest::newRow("a guest dies") << false;
        QTest::newRow("the home dies") << true;
    }
    void theyWaitForAnotherNodeAndTheResultIsTheSame()
    {
        QFETCH(bool, isHome);
        QVERIFY(bringTo(1, 1));
        if (isHome) QVERIFY(bringTo(2, 2)); // the head takes the one on which everything fits
        const QString out = path(isHome ? QStringLiteral("home") : QStringLiteral("guest"));
        QProcess program;
        tests::startCtl(program, {QStringLiteral("run"), document(), QStringLiteral("--wait"), QStringLiteral("--json"), QStringLiteral("--address"), kCluster, QStringLiteral("--out"), out});
        QVERIFY(program.waitForStarted());
        const auto begun = [] { return said(QStringLiteral(" begins on ")).size(); };
        QTRY_COMPARE_WITH_TIMEOUT(begun(), 1, 20'000 * tests::kSlower);
        if (!isHome) QVERIFY(bringTo(2, 2)); // before any of its tasks is ready
        QVERIFY(touch(QStringLiteral("begin")));
        QTRY_COMPARE_WITH_TIMEOUT(finishedOf("wide"), kFirst, 60'000 * tests::kSlower);
        QCOMPARE(::kill(static_cast<pid_t>(pidOfLast()), SIGKILL), 0);
        const auto waits = [] { return said(QStringLiteral(" wait for a node with CPU 2: node ")); };
        QTRY_COMPARE_WITH_TIMEOUT(waits().size(), 1, 30'000 * tests::kSlower);
        QVERIFY2(waits().last().contains(QStringLiteral("which had so much, is gone; they fail in 60 s")), qPrintable(waits().last()));
        QCOMPARE(alive(), 1);
        QCOMPARE(program.state(), QProcess::Running);
        QVERIFY(bringTo(2, 2));
        QVERIFY(touch(QStringLiteral("go")));
        const auto end = tests::finish(program, 60);
        QVERIFY2(end.code == 0, qPrintable(end.err));
        QFile sum(out + QStringLiteral("/sum.sum.json"));
        QVERIFY(sum.open(QIODevice::ReadOnly));
        QCOMPARE(sum.readAll().trimmed(), QByteArray::number(kItems * (kItems - 1) / 2));
        QCOMPARE(waits().size(), 1); // once
    }
    void initTestCase()
    {
        QVERIFY(QDir().mkpath(path(QStringLiteral("scratch"))));
        qputenv("TMPDIR", path(QStringLiteral("scratch")).toUtf8()); // programs that are killed leave their folders
    }
    void init() { QVERIFY(QDir().mkpath(path(QStringLiteral("signs/through")))); }
    void cleanup()
    {
        QVERIFY(QDir(path(QStringLiteral("signs"))).removeRecursively());
        QCOMPARE(tests::ctl({QStringLiteral("down"), QStringLiteral("--address"), kCluster}).code, 0);
    }
};

QTEST_GUILESS_MAIN(TestUnfitTasks)
#include "tst_unfit_tasks.moc"
