// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Three machines, as namespaces with a wire between them: one has the head, two have the programs and a token. They share runs, their
// results are those of one machine alone, and nothing of the objects is to be read off the wire.
#include "tests/support/ctl.h"
#include "tests/support/far_node.h"
#include "tests/support/machines.h"

#include <QTest>

using namespace orrery;

namespace {

const QString kCluster = QStringLiteral("machines");

QString example(const char* name) { return QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/%1").arg(QString::fromUtf8(name)); }

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QJsonArray rowsOf(const QStringList& words) { return tests::ctl(words + QStringList{QStringLiteral("--json"), QStringLiteral("--address"), kCluster}).rows(); }

double counted(const char* counter, const QString& node)
{
    double sum = 0;
    for (const auto& row : rowsOf({QStringLiteral("nodes")}))
        if (row.toObject().value(QStringLiteral("node_name")).toString() == node) sum += row.toObject().value(QString::fromUtf8(counter)).toVariant().toDouble();
    return sum;
}

// On how many nodes the tasks of a vertex of the newest run were done.
qsizetype tasksOf(const QString& vertex)
{
    QSet<QString> nodes;
    for (const auto& row : rowsOf({QStringLiteral("tasks"), QStringLiteral("--limit"), QStringLiteral("0"), QStringLiteral("--where"), QStringLiteral("vertex = %1 and state = FINISHED").arg(vertex)})) nodes.insert(row.toObject().value(QStringLiteral("node")).toString());
    return nodes.size();
}

} // namespace

class TestJoinMachines : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
    tests::Machines m_machines{3};
    std::unique_ptr<tests::FarNode> m_second, m_third;
    QString path(const QString& name) const { return QString::fromStdString(m_home.path(name.toStdString())); }

    tests::Said onHead(const QStringList& words)
    {
        QStringList all = m_machines.on(1) + QStringList{QStringLiteral(ORRERY_BUILD_DIR "/bin/orreryctl")} + words;
        QProcess program;
        const QString first = all.takeFirst();
        program.start(first, all);
        return tests::finish(program);
    }
    QStringList census(const QString& out) const
    {
        return {QStringLiteral("run"), example("census.orrery"), QStringLiteral("--wait"), QStringLiteral("--json"), QStringLiteral("--address"), kCluster, QStringLiteral("--out"), path(out)};
    }
    QStringList zoom(const QString& out) const
    {
        return {QStringLiteral("run"), example("deep_zoom.orrery"), QStringLiteral("--wait"), QStringLiteral("--json"), QStringLiteral("--address"), kCluster, QStringLiteral("--out"), path(out),
                QStringLiteral("--param"), QStringLiteral("tiles_list.tiles=8"), QStringLiteral("--param"), QStringLiteral("tiles_list.pixels=128"), QStringLiteral("--param"), QStringLiteral("render.samples=6")};
    }
    QByteArray picture(const QString& out) const { return contents(path(out) + QStringLiteral("/png_encode.bytes.png")); }
    QByteArray table(const QString& out) const { return contents(path(out) + QStringLiteral("/census.table.csv")); }
    void join(std::unique_ptr<tests::FarNode>& node, int machine, const QString& name)
    {
        const auto rows = rowsOf({QStringLiteral("token"), QStringLiteral("create")});
        QVERIFY(!rows.isEmpty());
        // No plugins, and nothing of the head's: neither its sockets nor its data.
        const QStringList hidden{QStringLiteral(ORRERY_BUILD_DIR "/plugins"), path(QStringLiteral("run")), path(QStringLiteral("data"))};
        node = std::make_unique<tests::FarNode>(m_home, name, m_machines.on(machine, hidden));
        node->start({QStringLiteral("--join"), QStringLiteral("-")}, rows.at(0).toObject().value(QStringLiteral("token")).toString().toUtf8());
        QVERIFY2(QTest::qWaitFor([&] { return counted("store_capacity_bytes", name) > 0; }, 20'000 * tests::kSlower), node->said().constData());
    }
    // Again where a busy machine's plugins or workers came when a short run was over.
    template <typename Enough>
    void runUntil(const QStringList& words, Enough enough)
    {
        for (int run = 0; run < 8; ++run) {
            const auto said = tests::ctl(words);
            QVERIFY2(said.code == 0, qPrintable(said.err));
            QTest::qWait(1200); // one heartbeat: the counters come with it
            if (enough()) return;
        }
        QFAIL("no run reached all machines");
    }
    QByteArray m_picture, m_table;
private Q_SLOTS:
    void initTestCase()
    {
        if (!m_machines.whyNot().isEmpty()) QSKIP(qPrintable(m_machines.whyNot()));
        // What one machine alone makes of it.
        const auto up = onHead({QStringLiteral("up"), QStringLiteral("--name"), kCluster, QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--cpus"), QStringLiteral("1"), QStringLiteral("--store-mib"), QStringLiteral("256"),
                                QStringLiteral("--listen"), tests::Machines::address(1) + QStringLiteral(":7441")});
        QVERIFY2(up.code == 0, qPrintable(up.err));
        for (const auto& words : {zoom(QStringLiteral("alone")), census(QStringLiteral("alone"))}) {
            const auto said = tests::ctl(words);
            QVERIFY2(said.code == 0, qPrintable(said.err));
        }
        m_picture = picture(QStringLiteral("alone"));
        m_table = table(QStringLiteral("alone"));
        QVERIFY(!m_picture.isEmpty() && m_table.contains("\n20"));
    }
    void threeMachinesShareRunsAndNothingIsToBeReadOffTheWire()
    {
        if (!m_machines.whyNot().isEmpty()) QSKIP(qPrintable(m_machines.whyNot()));
        // The beginning of each value; of tables and paths, of graphs, of pictures, of plugins, of tokens; the last one is ours, to see that something is seen.
        const std::vector<QByteArray> texts{"OVAL", "/usr/share/doc/", "changelog", "census.", "imaging.", "\x89PNG", "IHDR", "orrery_plugin_v1", "\177ELF", "orr1_", "urgency", "this is in the clear"};
        tests::Wire wire(m_machines.bridge(), texts);
        QVERIFY(wire.good());
        join(m_second, 2, QStringLiteral("second"));
        join(m_third, 3, QStringLiteral("third"));
        if (QTest::currentTestFailed()) return;

        runUntil(zoom(QStringLiteral("three")), [] {
            bool all = true;
            for (const char* node : {"local", "second", "third"}) all = all && counted("net_in_bytes", QString::fromUtf8(node)) > 0 && counted("net_out_bytes", QString::fromUtf8(node)) > 0;
            return all;
        });
        if (QTest::currentTestFailed()) return;
        QVERIFY2(picture(QStringLiteral("three")) == m_picture, "the picture differs");
        const auto objects = [] {
            double sum = 0;
            for (const char* node : {"local", "second", "third"}) sum += counted("net_in_bytes", QString::fromUtf8(node));
            return sum;
        };
        const double before = objects();
        runUntil(census(QStringLiteral("three")), [&] { return objects() > before && tasksOf(QStringLiteral("count")) >= 2; }); // a busy machine may give the third nothing in so short a run
        if (QTest::currentTestFailed()) return;
        QVERIFY2(table(QStringLiteral("three")) == m_table, "the table differs");

        // What is in the clear is seen.
        QProcess clear;
        auto words = m_machines.on(2) + QStringList{QStringLiteral("bash"), QStringLiteral("-c"), QStringLiteral("printf 'this is in the clear' > /dev/udp/%1/9").arg(tests::Machines::address(3))};
        const QString program = words.takeFirst();
        clear.start(program, words);
        QCOMPARE(tests::finish(clear).code, 0);
        QTRY_VERIFY(wire.seen(texts.size() - 1) > 0);
        qInfo("%.1f MB crossed between nodes as objects, %.1f MB were seen on the wire, %llu packets missed", objects() / 1e6, static_cast<double>(wire.bytes()) / 1e6, static_cast<unsigned long long>(wire.missed()));
        QVERIFY(static_cast<double>(wire.bytes()) > objects());
        for (std::size_t i = 0; i + 1 < texts.size(); ++i) {
            // Four bytes may come by chance in so many that are as good as random: once in 4 GB each.
            const std::uint64_t chance = texts[i].size() <= 4 ? 1 : 0;
            QVERIFY2(wire.seen(i) <= chance, texts[i].constData());
        }
    }
    void theFarOnesHadNothingButTheProgramsAndGotTheirPluginsFromTheHead()
    {
        if (!m_machines.whyNot().isEmpty()) QSKIP(qPrintable(m_machines.whyNot()));
        for (auto* node : {m_second.get(), m_third.get()}) {
            QVERIFY(node && node->said().contains("came from the head"));
            QVERIFY(!QDir(node->memberFolder() + QStringLiteral("/plugins")).entryList({QStringLiteral("*.so")}, QDir::Files).isEmpty());
        }
    }
    void downEndsThemAll()
    {
        if (!m_machines.whyNot().isEmpty()) QSKIP(qPrintable(m_machines.whyNot()));
        const auto down = tests::ctl({QStringLiteral("down"), QStringLiteral("--address"), kCluster});
        QVERIFY2(down.code == 0, qPrintable(down.err));
        for (auto* node : {m_second.get(), m_third.get()}) QVERIFY(node && node->ends());
        const auto left = tests::processesOf(m_home);
        QVERIFY2(left.isEmpty(), left.isEmpty() ? "" : qPrintable(left.first().name));
    }
};

QTEST_GUILESS_MAIN(TestJoinMachines)
#include "tst_join_machines.moc"
