// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A task library of one's own from the command line: made, built, used by a cluster that runs, built again when it is saved; and what
// is said when that cannot be.
#include "tests/support/ctl.h"

#include <QDateTime>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

using namespace orrery;

namespace {
constexpr int kBuildSeconds = 120; // compiling on a busy machine
}

class TestPluginNew : public QObject {
    Q_OBJECT

    tests::ClusterHome m_home;
    QByteArray m_path = qgetenv("PATH");

    QString path(const QString& name) const { return QString::fromStdString(m_home.path(name.toStdString())); }
    tests::Said make(const QString& name, const QString& folder = QStringLiteral("mine")) const
    {
        return tests::ctl({QStringLiteral("plugin"), QStringLiteral("new"), name, QStringLiteral("--folder"), path(folder)}, kBuildSeconds);
    }
    QByteArray result() const
    {
        const auto run = tests::ctl({QStringLiteral("run"), path(QStringLiteral("mine/first/first.orrery")), QStringLiteral("--wait"), QStringLiteral("--out"), path(QStringLiteral("out"))});
        QFile file(path(QStringLiteral("out/scale.result.json")));
        return run.code == 0 && file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : run.err.toUtf8();
    }
    void change(const QByteArray& before, const QByteArray& after) const
    {
        QFile file(path(QStringLiteral("mine/first/first.cpp")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray text = file.readAll();
        file.close();
        QVERIFY2(text.contains(before), text.constData());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text.replace(before, after));
    }
    // A PATH with these programs only.
    void onlyPrograms(const QStringList& names) const
    {
        const QString folder = path(QStringLiteral("programs"));
        QDir(folder).removeRecursively();
        QVERIFY(QDir().mkpath(folder));
        for (const auto& name : names) QVERIFY(QFile::link(QStandardPaths::findExecutable(name, QString::fromUtf8(m_path).split(u':')), folder + u'/' + name));
        qputenv("PATH", folder.toUtf8());
    }

private Q_SLOTS:
    void initTestCase()
    {
        qunsetenv("ORRERY_PLUGINS");
        qunsetenv("CXX");
        const auto up = tests::ctl({QStringLiteral("up"), QStringLiteral("--nodes"), QStringLiteral("1")});
        QVERIFY2(up.code == 0, qPrintable(up.err));
    }
    void cleanup()
    {
        qputenv("PATH", m_path);
        qunsetenv("CXX");
    }
    void cleanupTestCase()
    {
        QCOMPARE(tests::ctl({QStringLiteral("down")}).code, 0);
        QTRY_VERIFY(tests::processesOf(m_home).isEmpty());
    }

    void aNewLibraryIsBuiltAndTheClusterThatRunsUsesIt()
    {
        const auto made = make(QStringLiteral("first"));
        QVERIFY2(made.code == 0, qPrintable(made.err));
        QVERIFY2(made.out.contains(QStringLiteral("first.scale: value: f64 -> result: f64")), qPrintable(made.out));
        QVERIFY2(made.out.contains(QStringLiteral("uses it from now on")), qPrintable(made.out));
        for (const char* file : {"first.cpp", "CMakeLists.txt", "README.md", "first.orrery"}) QVERIFY2(QFile::exists(path(QStringLiteral("mine/first/") + QLatin1String(file))), file);
        QVERIFY(tests::ctl({QStringLiteral("plugin"), QStringLiteral("list")}).out.contains(QStringLiteral("first")));
        QCOMPARE(result(), QByteArray("42.0"));
        // The document it comes with is in canonical form.
        const QString document = path(QStringLiteral("mine/first/first.orrery"));
        QFile file(document);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto formatted = tests::ctl({QStringLiteral("graph"), QStringLiteral("fmt"), QStringLiteral("--stdout"), document});
        QCOMPARE(formatted.out.toUtf8(), file.readAll());
    }

    void savingItsSourceBuildsItAndTheNextRunUsesIt()
    {
        QProcess watch;
        tests::startCtl(watch, {QStringLiteral("plugin"), QStringLiteral("watch"), path(QStringLiteral("mine/first"))});
        QByteArray out, err;
        const auto told = [&](const QByteArray& text, const QByteArray& word) {
            out += watch.readAllStandardOutput();
            err += watch.readAllStandardError();
            return text.contains(word);
        };
        QTRY_VERIFY_WITH_TIMEOUT(told(out, "uses it from now on"), kBuildSeconds * 1000);
        out.clear();
        change("factor = 2", "factor = 3");
        QTRY_VERIFY_WITH_TIMEOUT(told(out, "uses it from now on"), kBuildSeconds * 1000);
        QCOMPARE(result(), QByteArray("63.0"));
        // A mistake is told with its place, and the build before stays.
        change("return value", "retrun value");
        QTRY_VERIFY_WITH_TIMEOUT(told(err, "\n"), kBuildSeconds * 1000);
        QVERIFY2(QRegularExpression(QStringLiteral("^orreryctl: first was not built: first\\.cpp:\\d+:\\d+: error: .*retrun.*build\\.log\n$")).match(QString::fromUtf8(err)).hasMatch(), err.constData());
        QCOMPARE(result(), QByteArray("63.0"));
        // Saved while it is compiled: the last one counts.
        out.clear();
        const auto compiling = [&] {
            const auto all = tests::processesOf(m_home);
            return std::any_of(all.begin(), all.end(), [](const auto& one) { return one.name.startsWith(QStringLiteral("cc1plus")) || one.name.startsWith(QStringLiteral("clang")); });
        };
        change("retrun value * params.factor", "return value + params.factor");
        QTRY_VERIFY_WITH_TIMEOUT(compiling(), kBuildSeconds * 1000);
        change("factor = 3", "factor = 4");
        QTRY_VERIFY_WITH_TIMEOUT(told(out, "uses it from now on"), kBuildSeconds * 1000);
        QTRY_COMPARE_WITH_TIMEOUT(result(), QByteArray("25.0"), kBuildSeconds * 1000);
        watch.terminate();
        QVERIFY(watch.waitForFinished(20'000));
        QCOMPARE(watch.exitCode(), 0);
    }

    void earlierBuildsGoButForTheLastFew()
    {
        QDir builds(path(QStringLiteral("data/orrery/plugins.d/builds")));
        for (int i = 0; i < 8; ++i) {
            QFile old(builds.filePath(QStringLiteral("first-%1.so").arg(i, 16, 10, QLatin1Char('0'))));
            QVERIFY(old.open(QIODevice::WriteOnly) && old.setFileTime(QDateTime::currentDateTime().addDays(-9), QFileDevice::FileModificationTime));
        }
        const auto built = tests::ctl({QStringLiteral("plugin"), QStringLiteral("build"), path(QStringLiteral("mine/first"))}, kBuildSeconds);
        QVERIFY2(built.code == 0, qPrintable(built.err));
        QCOMPARE(builds.entryList({QStringLiteral("first-*.so")}, QDir::Files).size(), 4);
        QCOMPARE(result(), QByteArray("25.0"));
    }

    void aLibraryThatCannotBeMadeLeavesNothingAndSaysWhy_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QStringList>("programs");
        QTest::addColumn<QString>("said");
        const QStringList all;
        QTest::newRow("large letters") << QStringLiteral("Mine") << all << QStringLiteral("\"Mine\" is no name for a task library: a small letter");
        QTest::newRow("a path") << QStringLiteral("../mine") << all << QStringLiteral("is no name for a task library");
        QTest::newRow("too long") << QString(33, u'a') << all << QStringLiteral("at most 32");
        QTest::newRow("came with Orrery") << QStringLiteral("basic") << all << QStringLiteral("there is a task library basic already");
        QTest::newRow("made before") << QStringLiteral("first") << all << QStringLiteral("there is a task library first already");
        QTest::newRow("no cmake") << QStringLiteral("second") << QStringList{QStringLiteral("env"), QStringLiteral("c++")} << QStringLiteral("there is no cmake in PATH; install what is missing (on Debian: apt install g++ cmake");
        QTest::newRow("no compiler") << QStringLiteral("second") << QStringList{QStringLiteral("env"), QStringLiteral("cmake"), QStringLiteral("ninja")} << QStringLiteral("there is no C++ compiler in PATH; install what is missing (on Debian: apt install g++ cmake");
        QTest::newRow("a compiler that fails") << QStringLiteral("second") << QStringList{QStringLiteral("/bin/false")} << QStringLiteral("second was not built: ");
    }
    void aLibraryThatCannotBeMadeLeavesNothingAndSaysWhy()
    {
        QFETCH(QString, name);
        QFETCH(QStringList, programs);
        QFETCH(QString, said);
        if (programs.size() == 1) qputenv("CXX", programs.front().toUtf8());
        else if (!programs.isEmpty()) onlyPrograms(programs);
        const auto made = make(name, QStringLiteral("new/deep"));
        QCOMPARE(made.code, 2);
        QCOMPARE(made.err.count(u'\n'), 1);
        QVERIFY2(made.err.contains(said), qPrintable(made.err));
        QVERIFY(!QFile::exists(path(QStringLiteral("new"))));
        QVERIFY(!QFile::exists(path(QStringLiteral("data/orrery/plugins.d/second.so"))));
    }

    void aFolderOfThatNameIsLeftAsItIs()
    {
        QVERIFY(QDir().mkpath(path(QStringLiteral("mine/third"))));
        const auto made = make(QStringLiteral("third"));
        QCOMPARE(made.code, 2);
        QVERIFY2(made.err.contains(QStringLiteral("there is something of that name already; take another name or another folder")), qPrintable(made.err));
        QVERIFY(QDir(path(QStringLiteral("mine/third"))).isEmpty());
    }

    void aLibraryThatCrashesWhenItIsLoadedIsNotUsed()
    {
        change("namespace {\n", "namespace {\n\nconst int kCrash = [] { __builtin_trap(); return 0; }();\n");
        const auto built = tests::ctl({QStringLiteral("plugin"), QStringLiteral("build"), path(QStringLiteral("mine/first"))}, kBuildSeconds);
        QCOMPARE(built.code, 2);
        QVERIFY2(built.err.contains(QStringLiteral("crashes when it is loaded")), qPrintable(built.err));
        QCOMPARE(result(), QByteArray("25.0"));
    }

    void aFolderWithoutALibraryIsRefused()
    {
        for (const char* word : {"build", "watch"}) {
            const auto said = tests::ctl({QStringLiteral("plugin"), QString::fromLatin1(word), path(QStringLiteral("mine"))});
            QCOMPARE(said.code, 2);
            QVERIFY2(said.err.contains(QStringLiteral("it has no CMakeLists.txt; orreryctl plugin new NAME makes one")), qPrintable(said.err));
        }
    }
};

QTEST_GUILESS_MAIN(TestPluginNew)
#include "tst_plugin_new.moc"
