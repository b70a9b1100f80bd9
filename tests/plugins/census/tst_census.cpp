// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The census step by step: what an entry is, which files are read, and that the answer does not depend on how the work was split.
#include "plugins/census/changelog.h"
#include "tests/plugins/plugin_checks.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>
#include <zlib.h>

using namespace orrery;
using namespace orrery::plugin;

namespace {

std::string textOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

const char* const kAdder =
    "adder (2.0-1) unstable; urgency=low\n\n  * Second.\n\n -- A. Author <a@b.c>  Mon, 12 Jan 2026 00:30:00 +0100\n\n"
    "adder (1.0-1) unstable; urgency=medium\n\n  * First.\n\n -- A. Author <a@b.c>  Tue,  2 Dec 2025 10:00:00 +0000\n";

} // namespace

class TestCensus : public QObject {
    Q_OBJECT
    LocalHost m_host;
    const orrery_plugin_v1_t* m_plugin = nullptr;
    QTemporaryDir m_folder;
    std::string root() const { return m_folder.path().toStdString(); }
    void raw(const QString& name, const QByteArray& bytes) const
    {
        QVERIFY(QDir().mkpath(QFileInfo(m_folder.filePath(name)).path()));
        QFile file(m_folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    }
    void zipped(const QString& name, const std::string& contents) const
    {
        raw(name, {}); // its folder
        const gzFile file = ::gzopen(m_folder.filePath(name).toUtf8().constData(), "wb");
        QVERIFY(::gzwrite(file, contents.data(), static_cast<unsigned>(contents.size())) ==
                static_cast<int>(contents.size()));
        QCOMPARE(::gzclose(file), Z_OK);
    }
    LocalResult list(int lists)
    {
        return m_host.run("census.list_changelogs", {}, {{"roots", {root()}}, {"lists", lists}});
    }
    // The whole graph by hand: the CSV, or the error.
    std::string census(int lists, int parts, Json* summary = nullptr, std::vector<std::string>* log = nullptr)
    {
        const LocalResult listed = list(lists);
        if (!listed.ok()) return listed.error;
        std::vector<std::vector<LocalValue>> columns(static_cast<std::size_t>(parts)); // by part
        std::vector<LocalValue> stats, sums;
        for (const AnyView files : listed.get<List<AnyView>>()) {
            const LocalResult counted = m_host.run("census.count_entries", {{local(files)}}, {{"parts", parts}});
            if (!counted.ok()) return counted.error;
            stats.push_back(counted.outputs[1]);
            const auto tables = counted.get<List<AnyView>>(0);
            if (tables.size() != columns.size()) return "the wrong number of parts";
            for (std::size_t part = 0; part < columns.size(); ++part) columns[part].push_back(local(tables[part]));
            if (log != nullptr)
                for (const auto& [level, line] : counted.log) log->push_back(line);
        }
        for (const auto& tables : columns) {
            const LocalResult sum = m_host.run("census.aggregate", {tables});
            if (!sum.ok()) return sum.error;
            sums.push_back(sum.outputs[0]);
        }
        const LocalResult written = m_host.run("census.write_csv", {sums, stats}, {{"file", root() + "/census.csv"}});
        if (!written.ok()) return written.error;
        if (summary != nullptr) *summary = written.get<Json>(1);
        return textOf(m_folder.filePath(QStringLiteral("census.csv")));
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::string problem;
        m_plugin = m_host.load(ORRERY_BUILD_DIR "/plugins/census.so", problem);
        QVERIFY2(m_plugin != nullptr, problem.c_str());
    }
    void init() { QVERIFY(QDir(m_folder.path()).removeRecursively() && QDir().mkpath(m_folder.path())); }

    void everyFunctionDescribesItself() { QCOMPARE(QString::fromStdString(pluginProblems(*m_plugin)), QString()); }

    void aHeadingIsWhatTheFormatSays_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("package");
        const auto row = [](const char* line, const char* package) {
            QTest::newRow(line) << QByteArray(line) << QByteArray(package);
        };
        row("adder (1.0) unstable; urgency=low", "adder");
        row("lib-x+y.z (1:2~rc1-3) a b; urgency=HIGH, binary-only=yes", "lib-x+y.z");
        row("adder (1.0) unstable;urgency=low", "adder");
        row("adder (1.0) ; urgency=low", "adder");
        row("a(b) (1.0 beta) x; urgency=", "a(b)");
        row("adder (1.0) unstable;  urgency=low", ""); // one space at most
        row("adder (1.0) unstable; x=y; urgency=low", "");
        row("adder (1.0) unstable; Urgency=low", "");
        row("adder (1.0); urgency=low", "");
        row("adder () unstable; urgency=low", "");
        row("adder  (1.0) unstable; urgency=low", "");
        row("adder 1.0 unstable; urgency=low", "");
        row(" adder (1.0) unstable; urgency=low", "");
        row("(1.0) unstable; urgency=low", "");
        row("adder (1.0", "");
        row("", "");
    }
    void aHeadingIsWhatTheFormatSays()
    {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, package);
        QCOMPARE(QByteArray::fromStdString(std::string(census::packageOfHeading(line.toStdString()))), package);
    }

    void aMonthIsThatOfTheTrailerAsWritten_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("month");
        const auto row = [](const char* line, const char* month) {
            QTest::newRow(line) << QByteArray(line) << QByteArray(month);
        };
        row(" -- A. Author <a@b.c>  Mon, 12 Jan 2026 10:00:00 +0100", "2026-01");
        row(" -- A. Author <a@b.c>  Thu,  1 Oct 1998 00:00:00 -0700", "1998-10");
        row(" -- A. Author <a@b.c>  Thu, 31 Dec 1999 23:59:59 -1200", "1999-12"); // another month elsewhere
        row(" -- A. Author <a@b.c>  Sun, 3 September 2000 1:2:3 +0", "2000-09");
        row(" -- Route 66 May 1999 <a@b.c>  Sat, 05 Feb 2011 10:00:00 +0000", "2011-02");
        row(" -- no address, Sat, 05 Feb 2011", "2011-02");
        row(" -- A. Author <a@b.c>  Mon, 2026-01-12", "unknown");
        row(" -- A. Author <a@b.c>  12 Xyz 2026", "unknown");
        row(" -- A. Author <a@b.c>  012 Jan 2026", "unknown");
        row(" -- A. Author <a@b.c>  12 Jan 26", "unknown");
        row(" -- ", "unknown");
    }
    void aMonthIsThatOfTheTrailerAsWritten()
    {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, month);
        QCOMPARE(QByteArray::fromStdString(census::monthOfTrailer(line.toStdString())), month);
    }

    void anEntryWithoutATrailerHasNoMonth()
    {
        std::string all;
        const std::string changelog = std::string("adder (3) x; urgency=low\n\n") + kAdder + "bee (1) x; urgency=low";
        for (const auto& entry : census::readEntries(changelog))
            all += std::string(entry.package) + " " + entry.month + "|";
        QCOMPARE(all, std::string("adder unknown|adder 2026-01|adder 2025-12|bee unknown|"));
        QVERIFY(census::readEntries("Changes in 1.0\n -- nobody  Mon, 12 Jan 2026\n").empty());
    }

    void filesAreThoseThatTheShellFinds()
    {
        zipped(QStringLiteral("doc/b/changelog.Debian.gz"), kAdder);
        zipped(QStringLiteral("doc/a/changelog.gz"), kAdder);
        zipped(QStringLiteral("doc/a/changelog-old.gz"), kAdder);
        zipped(QStringLiteral("doc/a/NEWS.gz"), kAdder);
        zipped(QStringLiteral("doc/a/deep/changelog.gz"), kAdder);
        zipped(QStringLiteral("doc/.hidden/changelog.gz"), kAdder);
        zipped(QStringLiteral("doc/changelog.gz"), kAdder);
        QVERIFY(QDir(m_folder.path()).mkpath(QStringLiteral("doc/c/changelog.d.gz")));
        QVERIFY(::symlink("a", (root() + "/doc/link").c_str()) == 0 &&
                ::symlink("nowhere", (root() + "/doc/b/changelog.lost.gz").c_str()) == 0);
        const LocalResult listed =
            m_host.run("census.list_changelogs", {}, {{"roots", {root() + "/doc", root() + "/doc"}}, {"lists", 1}});
        QVERIFY2(listed.ok(), listed.error.c_str());
        std::string names;
        for (const std::string_view file : listed.get<List<List<std::string_view>>>()[0])
            names += std::string(file.substr(root().size() + 5)) + " ";
        const std::string once = "a/changelog-old.gz a/changelog.gz b/changelog.Debian.gz b/changelog.lost.gz "
                                 "link/changelog-old.gz link/changelog.gz ";
        QCOMPARE(names, once + once); // doubles stay
    }

    void filesAreDealtOutToAsManyListsAsAsked()
    {
        for (int i = 0; i < 7; ++i) zipped(QStringLiteral("p%1/changelog.gz").arg(i), kAdder);
        for (const int lists : {1, 3, 10}) {
            const LocalResult listed = list(lists);
            QVERIFY2(listed.ok(), listed.error.c_str());
            std::uint64_t files = 0, most = 0;
            const auto all = listed.get<List<List<std::string_view>>>();
            QCOMPARE(all.size(), static_cast<std::uint64_t>(lists));
            for (const auto one : all) {
                files += one.size();
                most = std::max(most, one.size());
            }
            QCOMPARE(files, std::uint64_t{7});
            QCOMPARE(most, static_cast<std::uint64_t>((7 + lists - 1) / lists));
        }
    }

    void noFilesIsOneSentence()
    {
        QCOMPARE(list(1).error, "there are no files changelog*.gz in `" + root() +
                                    "/*`; name folders that have some in the parameter `roots`");
        QCOMPARE(m_host.run("census.list_changelogs", {}, {{"roots", {root() + "/absent"}}}).error,
                 "cannot list `" + root() + "/absent`: No such file or directory");
        QCOMPARE(m_host.run("census.list_changelogs", {}, {{"roots", Json::array()}}).error,
                 std::string("parameter `roots` is empty; name a folder"));
    }

    void theAnswerDoesNotDependOnHowTheWorkIsSplit()
    {
        for (int i = 0; i < 23; ++i) {
            std::string contents = kAdder;
            for (int j = 0; j <= i % 5; ++j)
                contents += text("p", i % 7, " (", j, ") x; urgency=low\n -- A <a@b.c>  Mon, 12 ",
                                 j % 2 == 0 ? "Mar" : "Nov", " 20", 10 + i % 3, " 10:00:00 +0000\n");
            zipped(QStringLiteral("p%1/changelog.Debian.gz").arg(i), contents);
        }
        Json summary;
        const std::string one = census(1, 1, &summary);
        QVERIFY2(one.starts_with("month,package,count\n2010-03,p0,") &&
                     one.ends_with("\n2025-12,adder,23\n2026-01,adder,23\n"),
                 one.c_str());
        QCOMPARE(summary["files"].get<int>(), 23);
        QCOMPARE(summary["entries"].get<int>(),
                 23 * 2 + 4 * 15 + 1 + 2 + 3); // files 20, 21, 22 begin the fifth round again
        QCOMPARE(summary["rows"].get<std::int64_t>(), std::count(one.begin(), one.end(), '\n') - 1);
        QCOMPARE(census(4, 1), one);
        QCOMPARE(census(4, 7), one);
        QCOMPARE(census(40, 64), one);
    }

    void brokenFilesAreToldOfAndCounted()
    {
        zipped(QStringLiteral("good/changelog.gz"), kAdder);
        const QByteArray whole =
            QByteArray::fromStdString(textOf(m_folder.filePath(QStringLiteral("good/changelog.gz"))));
        raw(QStringLiteral("cut/changelog.gz"), whole.left(whole.size() / 2));
        QByteArray damaged = whole;
        damaged[whole.size() - 6] = static_cast<char>(damaged[whole.size() - 6] ^ 1); // its checksum
        raw(QStringLiteral("damaged/changelog.gz"), damaged);
        raw(QStringLiteral("empty/changelog.gz"), {});
        raw(QStringLiteral("plain/changelog.gz"), kAdder);
        raw(QStringLiteral("twice/changelog.gz"), whole + whole); // gzip allows that
        zipped(QStringLiteral("bomb/changelog.gz"), std::string(300 << 20, ' '));
        QVERIFY(QDir(m_folder.path()).mkpath(QStringLiteral("lost")) &&
                ::symlink("nowhere", (root() + "/lost/changelog.gz").c_str()) == 0);
        Json summary;
        std::vector<std::string> log;
        QCOMPARE(census(2, 2, &summary, &log), std::string("month,package,count\n2025-12,adder,3\n2026-01,adder,3\n"));
        QCOMPARE(QString::fromStdString(summary.dump()),
                 QStringLiteral(R"({"broken":6,"entries":6,"files":8,"rows":2})"));
        std::sort(log.begin(), log.end());
        QStringList said;
        for (const std::string& line : log) said << QString::fromStdString(line).remove(m_folder.path() + u'/');
        QCOMPARE(said.join(u'\n'),
                 QStringLiteral("`bomb/changelog.gz` is not counted: it holds more than 268435456 bytes\n"
                                "`cut/changelog.gz` is not counted: it ends early\n"
                                "`damaged/changelog.gz` is not counted: it is damaged: incorrect data check\n"
                                "`empty/changelog.gz` is not counted: it is empty\n"
                                "`lost/changelog.gz` is not counted: No such file or directory\n"
                                "`plain/changelog.gz` is not counted: it is not in gzip format"));
    }

    void namesThatCsvMustQuoteAreQuoted()
    {
        zipped(QStringLiteral("odd/changelog.gz"), "a,\"b\" (1) x; urgency=low\n -- A <a@b.c>  1 May 2020\n");
        QCOMPARE(census(1, 3), std::string("month,package,count\n2020-05,\"a,\"\"b\"\"\",1\n"));
    }

    void countsThatDoNotAddUpAreRefused()
    {
        const auto table = [](std::int64_t count) {
            return local(Table()
                             .add("month", std::vector<std::string>{"2020-01"})
                             .add("package", std::vector<std::string>{"a"})
                             .add("count", std::vector<std::int64_t>{count}));
        };
        const auto write = [&](std::vector<LocalValue> tables, const Json& stats) {
            return m_host.run("census.write_csv", {std::move(tables), {local(stats)}}, {{"file", ""}});
        };
        QVERIFY(write({table(3)}, {{"entries", 3}}).ok());
        QCOMPARE(write({table(3), table(3)}, {{"entries", 3}}).error,
                 std::string("the lists counted 3 entries and the tables hold 6; is a table missing or given twice?"));
        QCOMPARE(m_host.run("census.aggregate", {{table(0)}}).error,
                 std::string("row 0 counts 0 entries; a row has one at least"));
        QVERIFY(!m_host.run("census.aggregate", {{local(Table().add("month", std::vector<std::string>{"x"}))}}).ok());
    }

    void aCancelIsHeard()
    {
        LocalOptions options;
        options.cancelled = [] { return true; };
        QCOMPARE(m_host.run("census.count_entries", {{local(std::string("/dev/null"))}}, {}, options).status,
                 std::int32_t{ORRERY_CANCELLED});
    }
};

QTEST_GUILESS_MAIN(TestCensus)
#include "tst_census.moc"
