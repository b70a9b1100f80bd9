// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// orreryctl as a person and a script use it: a cluster from up to down, tables, records, documents and plugins.
#include "engine/archive/recorded_run.h"
#include "engine/types/value.h"
#include "tests/support/ctl.h"

#include <QRegularExpression>
#include <QTest>

using namespace orrery;

namespace {

const QString kAdd = QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/add.orrery");

} // namespace

class TestCtl : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
    QString path(const QString& name) const { return QString::fromStdString(m_home.path(name.toStdString())); }
    tests::Said up() const { return tests::ctl({QStringLiteral("up"), QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--cpus"), QStringLiteral("1"), QStringLiteral("--store-mib"), QStringLiteral("128")}); }
    tests::Said rows(const QString& table, const QStringList& more = {}) const { return tests::ctl(QStringList{table, QStringLiteral("--json")} + more); }
private Q_SLOTS:
    void upGivesTheAddressOfAClusterWithItsNodes()
    {
        const auto said = up();
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QCOMPARE(said.out.trimmed(), path(QStringLiteral("run/orrery/local/head.sock")));
        const auto nodes = rows(QStringLiteral("nodes"));
        QCOMPARE(nodes.code, 0);
        QCOMPARE(nodes.rows().size(), 1);
        QCOMPARE(nodes.rows().at(0).toObject().value(QStringLiteral("state")).toString(), QStringLiteral("ALIVE"));
        const auto again = tests::ctl({QStringLiteral("up")});
        QCOMPARE(again.code, 1);
        QVERIFY2(again.err.contains(QStringLiteral("runs already")), qPrintable(again.err));
        // Who says how many nodes there should be gets those that are missing: here none.
        const auto same = up();
        QVERIFY2(same.code == 0 && same.out == said.out, qPrintable(same.err));
        QCOMPARE(rows(QStringLiteral("nodes")).rows().size(), 1);
        QCOMPARE(tests::ctl({QStringLiteral("status")}).code, 0);
    }

    void aRunWritesItsResultsAndItsRecord()
    {
        const QString bundle = path(QStringLiteral("add.orun"));
        const auto said = tests::ctl({QStringLiteral("run"), kAdd, QStringLiteral("--wait"), QStringLiteral("--out"), path(QStringLiteral("out")), QStringLiteral("--bundle"), bundle, QStringLiteral("--param"), QStringLiteral("a.value=5"), QStringLiteral("--json")});
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QFile sum(path(QStringLiteral("out/sum.sum.json")));
        QVERIFY(sum.open(QIODevice::ReadOnly));
        QCOMPARE(sum.readAll().trimmed(), QByteArray("45.0"));
        // The bundle opens without any cluster and holds the value.
        const auto recorded = archive::openRecordedRun(bundle.toStdString());
        QVERIFY2(recorded.ok(), recorded.ok() ? "" : recorded.error().message.c_str());
        QVERIFY(recorded->complete);
        QCOMPARE(recorded->run.row.state, types::RunState::Succeeded);
        QCOMPARE(recorded->store->rows(), 3u);
        QCOMPARE(recorded->objects.size(), std::size_t{1});
        const auto [row, output] = recorded->objects.begin()->first;
        const auto value = recorded->value(row, output);
        QVERIFY(value.ok());
        QCOMPARE(types::ValueView::open(*value)->real(), 45.0);
    }

    void everyTableIsOneJsonDocument_data()
    {
        QTest::addColumn<int>("count");
        QTest::newRow("nodes") << 1;
        QTest::newRow("workers") << -1;
        QTest::newRow("jobs") << 1;
        QTest::newRow("tasks") << 3;
        QTest::newRow("objects") << 3;
    }
    void everyTableIsOneJsonDocument()
    {
        QFETCH(int, count);
        const auto said = rows(QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY2(said.code == 0, qPrintable(said.err));
        const auto document = QJsonDocument::fromJson(said.out.toUtf8()).object();
        QVERIFY(document.value(QStringLiteral("complete")).toBool());
        QCOMPARE(document.value(QStringLiteral("dropped")).toInt(-1), 0);
        if (count >= 0) QCOMPARE(said.rows().size(), count);
        else QVERIFY(!said.rows().isEmpty());
    }

    void aFilterChoosesRowsAndAWrongOneIsExitTwo()
    {
        const auto some = rows(QStringLiteral("tasks"), {QStringLiteral("--where"), QStringLiteral("vertex = sum")});
        QVERIFY2(some.code == 0, qPrintable(some.err));
        QCOMPARE(some.rows().size(), 1);
        const auto wrong = rows(QStringLiteral("tasks"), {QStringLiteral("--where"), QStringLiteral("vertx = sum")});
        QCOMPARE(wrong.code, 2);
        QVERIFY2(wrong.err.contains(QStringLiteral("vertex")), qPrintable(wrong.err));
    }

    void aRunThatIsStoppedEndsWithExitOne()
    {
        QFile file(path(QStringLiteral("sleep.orrery")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(R"({"orrery": "graph", "version": 1, "title": "t", "vertices": [{"id": "s", "function": "basic.sleep", "params": {"seconds": 600}}], "edges": []})");
        file.close();
        const auto started = tests::ctl({QStringLiteral("run"), file.fileName()});
        QVERIFY2(started.code == 0, qPrintable(started.err));
        const QString id = started.out.trimmed();
        QVERIFY2(QRegularExpression(QStringLiteral("^R-[0-9a-f]{32}$")).match(id).hasMatch(), qPrintable(id));
        const auto state = [&] { return rows(QStringLiteral("jobs")).rows().last().toObject().value(QStringLiteral("status")).toString(); };
        QTRY_COMPARE(state(), QStringLiteral("RUNNING"));
        QCOMPARE(tests::ctl({QStringLiteral("job"), QStringLiteral("stop"), id}).code, 0);
        QTRY_COMPARE(state(), QStringLiteral("STOPPED"));
    }

    void anotherHeadShowsTheEarlierJobs()
    {
        const auto before = rows(QStringLiteral("jobs")).rows();
        QCOMPARE(before.size(), 2);
        QCOMPARE(tests::ctl({QStringLiteral("down")}).code, 0);
        QVERIFY(tests::processesOf(m_home).isEmpty());
        QVERIFY2(up().code == 0, "the cluster starts again");
        const auto after = rows(QStringLiteral("jobs")).rows();
        QCOMPARE(after.size(), before.size());
        for (int i = 0; i < before.size(); ++i)
            for (const auto& column : {QStringLiteral("job_id"), QStringLiteral("status"), QStringLiteral("title"), QStringLiteral("tasks")})
                QCOMPARE(after.at(i).toObject().value(column), before.at(i).toObject().value(column));
        QCOMPARE(tests::ctl({QStringLiteral("down")}).code, 0);
        QCOMPARE(tests::ctl({QStringLiteral("status")}).code, 3);
        QVERIFY(tests::processesOf(m_home).isEmpty());
    }

    void aDocumentInCanonicalFormStaysAsItIs()
    {
        QFile::remove(path(QStringLiteral("copy.orrery")));
        QVERIFY(QFile::copy(kAdd, path(QStringLiteral("copy.orrery"))));
        QCOMPARE(tests::ctl({QStringLiteral("graph"), QStringLiteral("fmt"), path(QStringLiteral("copy.orrery"))}).code, 0);
        QFile copy(path(QStringLiteral("copy.orrery"))), original(kAdd);
        QVERIFY(copy.open(QIODevice::ReadOnly) && original.open(QIODevice::ReadOnly));
        QCOMPARE(copy.readAll(), original.readAll());
        QCOMPARE(tests::ctl({QStringLiteral("graph"), QStringLiteral("check"), kAdd}).code, 0);
        QVERIFY(tests::ctl({QStringLiteral("graph"), QStringLiteral("show"), kAdd}).out.contains(QStringLiteral("sum")));
    }

    void pluginsAreListedWithTheirHashes()
    {
        const auto list = tests::ctl({QStringLiteral("plugin"), QStringLiteral("list"), QStringLiteral("--json")});
        QVERIFY2(list.code == 0, qPrintable(list.err));
        QStringList names;
        for (const auto& row : list.rows()) {
            names.append(row.toObject().value(QStringLiteral("name")).toString());
            QCOMPARE(row.toObject().value(QStringLiteral("sha256")).toString().size(), 64);
        }
        QVERIFY(names.contains(QStringLiteral("basic")));
        const auto info = tests::ctl({QStringLiteral("plugin"), QStringLiteral("info"), QStringLiteral(ORRERY_BUILD_DIR "/plugins/basic.so")});
        QVERIFY(info.code == 0 && info.out.contains(QStringLiteral("basic.add")));
        QCOMPARE(tests::ctl({QStringLiteral("plugin"), QStringLiteral("check"), QStringLiteral(ORRERY_BUILD_DIR "/plugins/basic.so")}).code, 0);
    }
};

QTEST_GUILESS_MAIN(TestCtl)
#include "tst_ctl.moc"
