// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What is wrong is said once, with its place and its cause: exit 2 before anything ran, 1 afterwards; and the cluster goes on.
#include "tests/support/ctl.h"

#include <QTest>

using namespace orrery;

namespace {

QByteArray vertex(const char* id, const char* function, const char* more = "") { return QByteArray(R"({"id": ")") + id + R"(", "function": ")" + function + "\"" + more + "}"; }
QByteArray edge(const char* from, const char* to) { return QByteArray(R"({"from": ")") + from + R"(", "to": ")" + to + R"("})"; }
QByteArray document(const QByteArray& vertices, const QByteArray& edges = "", const QByteArray& more = "")
{
    return R"({"orrery": "graph", "version": 1, "title": "t", "vertices": [)" + vertices + R"(], "edges": [)" + edges + "]" + more + "}";
}

} // namespace

class TestBadInput : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
    QString path(const QString& name) const { return QString::fromStdString(m_home.path(name.toStdString())); }
    QString write(const QByteArray& bytes) const
    {
        QFile file(path(QStringLiteral("graph.orrery")));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) return {};
        return file.fileName();
    }
    tests::Said add() const { return tests::ctl({QStringLiteral("run"), QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/add.orrery"), QStringLiteral("--wait"), QStringLiteral("--out"), path(QStringLiteral("out"))}); }
private Q_SLOTS:
    // The cluster's plugins: the real ones, and three that are broken. They are read side by side while the tests begin.
    void initTestCase()
    {
        const QString plugins = path(QStringLiteral("plugins"));
        QVERIFY(QDir().mkpath(plugins));
        QVERIFY(QFile::link(QStringLiteral(ORRERY_BUILD_DIR "/plugins/basic.so"), plugins + QStringLiteral("/basic.so")));
        for (const auto& name : {QStringLiteral("crashing.so"), QStringLiteral("hanging.so"), QStringLiteral("foreign.so")})
            QVERIFY(QFile::link(QStringLiteral(ORRERY_BUILD_DIR "/tests/bad_plugins/") + name, plugins + u'/' + name));
        qputenv("ORRERY_PLUGINS", plugins.toUtf8());
        const auto up = tests::ctl({QStringLiteral("up"), QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--cpus"), QStringLiteral("1"), QStringLiteral("--store-mib"), QStringLiteral("128")});
        QVERIFY2(up.code == 0, qPrintable(up.err));
        const auto first = add();
        QVERIFY2(first.code == 0, qPrintable(first.err));
        qunsetenv("ORRERY_PLUGINS"); // programs without the cluster read the real ones: each would wait for the one that hangs
    }

    void whatIsWrongIsSaidWithItsPlaceAndCause_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("code");
        QTest::addColumn<QStringList>("said"); // parts of stderr
        const auto row = [](const char* name, const QByteArray& text, int code, QStringList said) { QTest::newRow(name) << text << code << said; };
        const QByteArray one = document(vertex("a", "basic.number"));
        // Before anything ran.
        row("a cycle", document(vertex("a", "basic.add") + "," + vertex("b", "basic.add"), edge("a.sum", "b.a") + "," + edge("b.sum", "a.a")), 2, {QStringLiteral("/edges"), QStringLiteral("cycle: a -> b -> a")});
        row("an unknown function", document(vertex("a", "basic.nop")), 2, {QStringLiteral("/vertices/0/function"), QStringLiteral("\"basic.nop\""), QStringLiteral("did you mean \"basic.noop\"?")});
        row("an unknown parameter", document(vertex("a", "basic.number", R"(, "params": {"valeu": 1})")), 2, {QStringLiteral("/vertices/0/params/valeu"), QStringLiteral("no parameter")});
        row("a parameter of the wrong type", document(vertex("a", "basic.number", R"(, "params": {"value": "x"})")), 2, {QStringLiteral("/vertices/0/params/value"), QStringLiteral("expected number")});
        row("a type mismatch", document(vertex("a", "basic.text") + "," + vertex("b", "basic.add") + "," + vertex("c", "basic.number"), edge("a.value", "b.a") + "," + edge("c.value", "b.b")), 2, {QStringLiteral("/edges/0"), QStringLiteral("expects f64, got string")});
        row("a truncated file", one.left(one.size() / 2), 2, {QStringLiteral("no JSON"), QStringLiteral("cut short")});
        row("an empty file", "", 2, {QStringLiteral("the file is empty")});
        row("duplicate ids", document(vertex("a", "basic.number") + "," + vertex("a", "basic.number")), 2, {QStringLiteral("/vertices/1/id"), QStringLiteral("used twice")});
        row("deep nesting", QByteArray(200'000, '[') + QByteArray(200'000, ']'), 2, {QStringLiteral("nests deeper")});
        row("no UTF-8", "{\"orrery\": \"graph\", \"version\": 1, \"title\": \"\xff\xfe\", \"vertices\": [], \"edges\": []}", 2, {QStringLiteral("not UTF-8")});
        row("a newer version", R"({"orrery": "graph", "version": 2, "vertices": [], "edges": []})", 2, {QStringLiteral("/version"), QStringLiteral("newer Orrery")});
        row("no graph at all", "[1, 2]", 2, {QStringLiteral("no Orrery graph")});
        row("a missing plugin", document(vertex("a", "nowhere.something"), "", R"(, "plugins": [{"name": "nowhere"}])"), 2, {QStringLiteral("/plugins/0"), QStringLiteral("not installed")});
        row("a plugin that crashes", document(vertex("a", "crashing.something")), 2, {QStringLiteral("/vertices/0/function"), QStringLiteral("crashes when it is loaded (signal 6)")});
        row("a plugin that hangs", document(vertex("a", "hanging.something")), 2, {QStringLiteral("/vertices/0/function"), QStringLiteral("did not finish loading within 10 s")});
        row("several problems at once", document(vertex("a", "basic.nop") + "," + vertex("b", "basic.number", R"(, "params": {"x": 1})")), 2, {QStringLiteral("2 problems"), QStringLiteral("/vertices/0/function"), QStringLiteral("/vertices/1/params/x")});
        // Afterwards.
        row("a task that throws", document(vertex("f", "basic.fail", R"(, "params": {"message": "no luck"})")), 1, {QStringLiteral("f (basic.fail): no luck")});
        row("a task that aborts", document(vertex("f", "basic.abort")), 1, {QStringLiteral("f (basic.abort)"), QStringLiteral("signal 6"), QStringLiteral("attempt 4 of 4")});
        row("the wrong number of outputs", document(vertex("f", "basic.wrong_outputs")), 1, {QStringLiteral("f (basic.wrong_outputs)"), QStringLiteral("returned 1 outputs and declares 2")});
        row("an output of the wrong type", document(vertex("f", "basic.wrong_type")), 1, {QStringLiteral("f (basic.wrong_type)"), QStringLiteral("declares i64 and it returned string")});
        row("more than any node has", document(vertex("a", "basic.number", R"(, "resources": {"GPU": 3})")), 1, {QStringLiteral("a (basic.number)"), QStringLiteral("needs GPU 3")});
    }
    void whatIsWrongIsSaidWithItsPlaceAndCause()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, code);
        QFETCH(QStringList, said);
        const QString file = write(text);
        QVERIFY(!file.isEmpty());
        const auto answer = tests::ctl({QStringLiteral("run"), file, QStringLiteral("--wait")});
        QVERIFY2(answer.code == code, qPrintable(QStringLiteral("exit %1: %2").arg(answer.code).arg(answer.err)));
        QVERIFY2(answer.firstErr().startsWith(QStringLiteral("orreryctl: ")), qPrintable(answer.err));
        for (const QString& part : said) QVERIFY2(answer.err.contains(part), qPrintable(part + QStringLiteral(" is not in: ") + answer.err));
        if (code == 2) {
            // The same without a cluster's help, where the document alone is to blame.
            const auto checked = tests::ctl({QStringLiteral("graph"), QStringLiteral("check"), file});
            QCOMPARE(checked.code, 2);
        } else {
            const auto after = add();
            QVERIFY2(after.code == 0, qPrintable(after.err));
        }
    }

    void aPluginThatCannotBeLoadedIsOneClearError_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("said");
        const QString folder = QStringLiteral(ORRERY_BUILD_DIR "/tests/bad_plugins/");
        QTest::newRow("crashing") << folder + QStringLiteral("crashing.so") << QStringLiteral("crashes when it is loaded (signal 6)");
        QTest::newRow("hanging") << folder + QStringLiteral("hanging.so") << QStringLiteral("did not finish loading within 10 s");
        QTest::newRow("no plugin") << folder + QStringLiteral("foreign.so") << QStringLiteral("foreign.so");
        QTest::newRow("not there") << folder + QStringLiteral("absent.so") << QStringLiteral("there is no plugin");
    }
    void aPluginThatCannotBeLoadedIsOneClearError()
    {
        QFETCH(QString, file);
        QFETCH(QString, said);
        const auto answer = tests::ctl({QStringLiteral("plugin"), QStringLiteral("check"), file});
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.firstErr().startsWith(QStringLiteral("orreryctl: ")) && answer.err.contains(said), qPrintable(answer.err));
        QCOMPARE(answer.err.count(u'\n'), 1);
    }

    void wrongUseIsExitTwoAndNoClusterIsExitThree()
    {
        QCOMPARE(tests::ctl({QStringLiteral("frob")}).code, 2);
        QCOMPARE(tests::ctl({QStringLiteral("run")}).code, 2);
        QCOMPARE(tests::ctl({QStringLiteral("run"), path(QStringLiteral("absent.orrery"))}).code, 2);
        QCOMPARE(tests::ctl({QStringLiteral("run"), write(document("")), QStringLiteral("--param"), QStringLiteral("nonsense")}).code, 2);
        QCOMPARE(tests::ctl({QStringLiteral("nodes"), QStringLiteral("--address"), QStringLiteral("nobody")}).code, 3);
    }

    void afterAllOfThatTheClusterAddsTwoNumbersAndEnds()
    {
        const auto after = add();
        QVERIFY2(after.code == 0, qPrintable(after.err));
        QFile sum(path(QStringLiteral("out/sum.sum.json")));
        QVERIFY(sum.open(QIODevice::ReadOnly));
        QCOMPARE(sum.readAll().trimmed(), QByteArray("42.0"));
        const auto down = tests::ctl({QStringLiteral("down")});
        QVERIFY2(down.code == 0, qPrintable(down.err));
        QVERIFY(tests::processesOf(m_home).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestBadInput)
#include "tst_bad_input.moc"
