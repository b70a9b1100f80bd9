// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The samples on what a machine has: changelogs of its packages, its files, its programs. The answers are those of other programs.
#include "tests/support/changelogs.h"

#include <QTest>

#include <csignal>

using namespace orrery;

namespace {

QString example(const char* name)
{
    return QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/%1").arg(QString::fromUtf8(name));
}

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestRealInput : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
    QString m_changelogs = QStringLiteral("/usr/share/doc"); // the census's root
    QString path(const QString& name) const { return QString::fromStdString(m_home.path(name.toStdString())); }
    tests::Said run(const char* name, const QString& out, const QStringList& more = {}) const
    {
        return tests::ctl(QStringList{QStringLiteral("run"), example(name), QStringLiteral("--wait"),
                                      QStringLiteral("--out"), path(out)} +
                          more);
    }
    tests::Said census(const QString& out, const QStringList& more = {}) const
    {
        return run(
            "census.orrery", out,
            QStringList{QStringLiteral("--param"), QStringLiteral("changelogs.roots=[\"%1\"]").arg(m_changelogs)} +
                more);
    }
    // How many tasks of a vertex are in a state, in the newest run.
    static qsizetype tasks(const char* vertex, const char* state)
    {
        return tests::ctl({QStringLiteral("tasks"), QStringLiteral("--json"), QStringLiteral("--limit"),
                           QStringLiteral("0"), QStringLiteral("--where"),
                           QStringLiteral("vertex = %1 and state = %2")
                               .arg(QString::fromUtf8(vertex), QString::fromUtf8(state))})
            .rows()
            .size();
    }
    // A graph of one program that leaves word of its number and then lasts; the number.
    qint64 startsAndLasts(QString& run) const
    {
        QFile::remove(path(QStringLiteral("number")));
        const QJsonObject params{
            {QStringLiteral("program"), QStringLiteral("sh")},
            {QStringLiteral("arguments"),
             QJsonArray{QStringLiteral("-c"),
                        QStringLiteral("echo $$ > %1; exec sleep 1000").arg(path(QStringLiteral("number")))}}};
        const QJsonObject vertex{{QStringLiteral("id"), QStringLiteral("lasts")},
                                 {QStringLiteral("function"), QStringLiteral("command.run")},
                                 {QStringLiteral("params"), params}};
        const QJsonObject graph{{QStringLiteral("orrery"), QStringLiteral("graph")},
                                {QStringLiteral("version"), 1},
                                {QStringLiteral("vertices"), QJsonArray{vertex}},
                                {QStringLiteral("edges"), QJsonArray{}}};
        QFile file(path(QStringLiteral("lasts.orrery")));
        if (!file.open(QIODevice::WriteOnly) || file.write(QJsonDocument(graph).toJson()) < 0) return 0;
        file.close();
        const auto said = tests::ctl({QStringLiteral("run"), file.fileName()});
        run = said.out.trimmed();
        return said.code == 0 && QTest::qWaitFor(
                                     [this] { return contents(path(QStringLiteral("number"))).endsWith('\n'); }, 60'000)
                   ? contents(path(QStringLiteral("number"))).trimmed().toLongLong()
                   : 0;
    }
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(QDir().mkpath(path(QStringLiteral("scratch"))));
        qputenv("TMPDIR",
                path(QStringLiteral("scratch")).toUtf8()); // the programs' folders; a killed worker leaves one
        const auto up =
            tests::ctl({QStringLiteral("up"), QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--cpus"),
                        QStringLiteral("2"), QStringLiteral("--store-mib"), QStringLiteral("128")});
        QVERIFY2(up.code == 0, qPrintable(up.err));
        qunsetenv("TMPDIR");
    }

    void theCensusIsWhatOtherProgramsCount()
    {
        const auto changelogs = tests::findChangelogs(path(QStringLiteral("input")));
        if (!changelogs.problem.isEmpty()) QSKIP(qPrintable(changelogs.problem));
        m_changelogs = changelogs.folder;
        const auto said = census(QStringLiteral("census"));
        QVERIFY2(said.code == 0, qPrintable(said.err));
        const QByteArray table = contents(path(QStringLiteral("census/census.table.csv")));
        QVERIFY(table == changelogs.counted);
        const auto summary =
            QJsonDocument::fromJson(contents(path(QStringLiteral("census/census.summary.json")))).object();
        QCOMPARE(summary.value(QStringLiteral("rows")).toInteger(), table.count('\n') - 1);
        QCOMPARE(summary.value(QStringLiteral("files")).toInteger(),
                 tests::outside(QStringLiteral("sh"),
                         {QStringLiteral("-c"), QStringLiteral("ls -d %1/*/changelog*.gz | wc -l").arg(m_changelogs)})
                     .out.trimmed()
                     .toLongLong());
        qint64 entries = 0;
        for (const QByteArray& line : table.split('\n').mid(1))
            entries += line.mid(line.lastIndexOf(',') + 1).toLongLong();
        QCOMPARE(summary.value(QStringLiteral("entries")).toInteger(), entries);
        qInfo("%lld entries, %lld rows, %lld files", static_cast<long long>(entries),
              static_cast<long long>(table.count('\n') - 1),
              static_cast<long long>(summary.value(QStringLiteral("files")).toInteger()));
        // The file of the sample is the same.
        const auto written = tests::outside(QStringLiteral("find"), {path(QStringLiteral("data")), QStringLiteral("-name"),
                                                              QStringLiteral("census.csv")})
                                 .out.trimmed();
        QVERIFY(!written.isEmpty() && contents(written) == table);
    }

    void theCensusIsTheSameHoweverItIsSplit()
    {
        const QByteArray table = contents(path(QStringLiteral("census/census.table.csv")));
        if (table.isEmpty()) QSKIP("there is no census to compare with");
        const auto said =
            census(QStringLiteral("split"), {QStringLiteral("--param"), QStringLiteral("changelogs.lists=3"),
                                             QStringLiteral("--param"), QStringLiteral("count.parts=5")});
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QVERIFY(contents(path(QStringLiteral("split/census.table.csv"))) == table);
        QCOMPARE(tasks("count", "FINISHED"), 3);
        QCOMPARE(tasks("aggregate", "FINISHED"), 5);
    }

    void checksumsAreThoseOfTheProgramByHand()
    {
        const auto said = run("checksums.orrery", QStringLiteral("checksums"));
        QVERIFY2(said.code == 0, qPrintable(said.err));
        const auto byHand = tests::outside(
            QStringLiteral("sh"),
            {QStringLiteral("-c"), QStringLiteral("sha256sum /usr/share/common-licenses/* | LC_ALL=C sort -k 2")});
        QVERIFY(byHand.code == 0 && byHand.out.count(u'\n') > 5);
        QCOMPARE(QString::fromUtf8(contents(path(QStringLiteral("checksums/list.stdout.txt")))), byHand.out);
        QCOMPARE(tasks("checksum", "FINISHED"), byHand.out.count(u'\n'));
    }

    void oneFailingIndexSkipsWhatReadsItAndTheRestRuns()
    {
        const auto said = run("broken.orrery", QStringLiteral("broken"));
        QCOMPARE(said.code, 1);
        QVERIFY2(
            said.err.contains(QStringLiteral("square[6] (command.run): `awk` ended with exit code 3: no luck with 7")),
            qPrintable(said.err));
        QCOMPARE(tasks("square", "FINISHED"), 11);
        QCOMPARE(tasks("square", "FAILED"), 1);
        QCOMPARE(tasks("spin", "FINISHED"), 11);
        QCOMPARE(tasks("spin", "SKIPPED"), 1);
        QCOMPARE(tasks("sum", "SKIPPED"), 1);
        QCOMPARE(contents(path(QStringLiteral("broken/total.sum.json"))).trimmed(), QByteArray("78"));
        // What the program said on standard error is a line of that task's log.
        const auto logs = tests::ctl({QStringLiteral("logs"), QStringLiteral("--json"), QStringLiteral("--where"),
                                      QStringLiteral("text = \"no luck with 7\"")});
        QVERIFY2(logs.rows().size() == 1, qPrintable(logs.out + logs.err));
        QCOMPARE(logs.rows().at(0).toObject().value(QStringLiteral("row")),
                 tests::ctl({QStringLiteral("tasks"), QStringLiteral("--json"), QStringLiteral("--where"),
                             QStringLiteral("state = FAILED")})
                     .rows()
                     .at(0)
                     .toObject()
                     .value(QStringLiteral("row")));
    }

    void listedPortsAreCheckedBeforeAnythingRuns()
    {
        QFile file(path(QStringLiteral("wrong.orrery")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(R"({"orrery": "graph", "version": 1, "vertices": [
            {"id": "a", "function": "command.run", "params": {"program": "true", "outputs": ["stdout:image"]}},
            {"id": "b", "function": "command.run", "params": {"program": "true", "inputs": ["x"]}},
            {"id": "c", "function": "command.run", "params": {"program": "true", "inputs": ["x"]}}], "edges": [{"from": "b.stdou", "to": "c.x"}]})");
        file.close();
        const auto said = tests::ctl({QStringLiteral("run"), file.fileName(), QStringLiteral("--wait")});
        QCOMPARE(said.code, 2);
        for (const char* part : {"/vertices/0/params/outputs/0: a port listed here cannot be of type \"image\"",
                                 "/edges/0/from: command.run has no output \"stdou\"; did you mean \"stdout\"?",
                                 "/vertices/1: b: the input \"x\" is not connected"})
            QVERIFY2(said.err.contains(QString::fromUtf8(part)), qPrintable(said.err));
    }

    void aCancelledRunEndsItsPrograms()
    {
        QString run;
        const qint64 program = startsAndLasts(run);
        QVERIFY(program > 0 && !tests::gone(program));
        const auto cancel = tests::ctl({QStringLiteral("cancel"), run});
        QVERIFY2(cancel.code == 0, qPrintable(cancel.err));
        QTRY_VERIFY_WITH_TIMEOUT(tests::gone(program), 60'000);
        QTRY_COMPARE_WITH_TIMEOUT(tasks("lasts", "CANCELLED"), 1, 60'000);
    }

    void aProgramDiesWithItsWorker()
    {
        QString run;
        const qint64 program = startsAndLasts(run);
        QVERIFY(program > 0);
        pid_t worker = 0; // the table may be a moment behind the program
        const auto told = [&worker] {
            worker = static_cast<pid_t>(tests::ctl({QStringLiteral("tasks"), QStringLiteral("--json"),
                                                    QStringLiteral("--where"), QStringLiteral("state = RUNNING")})
                                            .rows()
                                            .at(0)
                                            .toObject()
                                            .value(QStringLiteral("worker_pid"))
                                            .toInteger());
            return worker > 1;
        };
        QTRY_VERIFY_WITH_TIMEOUT(told(), 60'000);
        QCOMPARE(::kill(worker, SIGKILL), 0);
        QTRY_VERIFY_WITH_TIMEOUT(tests::gone(program), 60'000);
        const auto cancel = tests::ctl({QStringLiteral("cancel"), run});
        QVERIFY2(cancel.code == 0, qPrintable(cancel.err));
    }

    void afterAllOfThatNothingIsLeft()
    {
        const auto down = tests::ctl({QStringLiteral("down")});
        QVERIFY2(down.code == 0, qPrintable(down.err));
        QTRY_VERIFY_WITH_TIMEOUT(tests::processesOf(m_home).isEmpty(), 60'000);
    }
};

QTEST_GUILESS_MAIN(TestRealInput)
#include "tst_real_input.moc"
