// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The tree as it stands, held against its own rules. That each rule finds what it is for is shown by tst_tidy_rules.
#include "tests/tidy/arrows.h"
#include "tests/tidy/rules.h"

#include <QFileInfo>
#include <QProcess>
#include <QTest>

using namespace orrery::tidy;

class TestTidy : public QObject {
    Q_OBJECT
private:
    static void none(const Problems& problems)
    {
        if (problems.isEmpty()) return;
        QFAIL(qPrintable(QStringLiteral("%1 found:\n  ").arg(problems.size()) + problems.join(QStringLiteral("\n  "))));
    }
    template <class Rule>
    Problems all(Rule rule) const
    {
        Problems problems;
        for (const File& file : m_files) problems += rule(file);
        return problems;
    }
    static bool isSource(const QString& path)
    {
        return path.endsWith(QStringLiteral(".h")) || path.endsWith(QStringLiteral(".cpp")) || path.endsWith(QStringLiteral(".c"));
    }

    Files m_files;
    Arrows m_arrows;

private Q_SLOTS:
    void initTestCase()
    {
        m_files = readTree(QStringLiteral(ORRERY_SOURCE_DIR));
        QVERIFY2(m_files.size() > 100, "the tree could not be read");
    }
    void theTableOfArrowsIsReadable()
    {
        Problems problems;
        for (const File& file : m_files)
            if (file.path == u"ARCHITECTURE.md") m_arrows = readArrows(file.text, problems);
        none(problems);
        QVERIFY(m_arrows.find(QStringLiteral("engine/types")) != nullptr);
        QVERIFY(m_arrows.find(QStringLiteral("plugins/imaging")) != nullptr);
    }
    void everyIncludeFollowsAnArrow()
    {
        none(all([&](const File& file) { return isSource(file.path) ? checkIncludes(file, m_arrows) : Problems(); }));
    }
    void everyLinkFollowsAnArrow()
    {
        Files lists;
        for (const File& file : m_files)
            if (file.path.endsWith(QStringLiteral("/CMakeLists.txt"))) lists << file;
        const auto modules = readModules(lists);
        QVERIFY(modules.value(QStringLiteral("base")) == u"engine/base");
        none(all([&](const File& file) { return file.path.endsWith(QStringLiteral("/CMakeLists.txt")) ? checkLinks(file, m_arrows, modules) : Problems(); }));
    }
    void namesSayWhatThingsAre() { none(all(checkNames)); }
    void noFileIsTooLong() { none(all(checkLength)); }
    void coloursComeFromTheTheme() { none(all(checkColours)); }
    void everyFileCarriesTheLicenceOfItsFolder() { none(all(checkLicence)); }
    void everyHeaderBeginsWithItsContract() { none(all(checkContract)); }
    void nothingIsLeftOfTheMachineItWasWrittenOn() { none(all(checkLeftovers)); }
    void everyFolderHasItsReadme() { none(checkReadmes(m_files)); }
    void aWorkerCarriesNeitherGrpcNorProtobufNorSqliteNorQt()
    {
        const QString worker = QStringLiteral(ORRERY_BUILD_DIR "/bin/orrery-worker");
        if (!QFileInfo::exists(worker)) QSKIP("orrery-worker is not built");
        QProcess ldd;
        ldd.start(QStringLiteral("ldd"), {worker});
        QVERIFY(ldd.waitForFinished());
        QCOMPARE(ldd.exitCode(), 0);
        const QString output = QString::fromUtf8(ldd.readAllStandardOutput());
        QVERIFY2(output.contains(QStringLiteral("libc.so")), qPrintable(output));
        none(checkWorkerLibraries(output));
    }
};

QTEST_GUILESS_MAIN(TestTidy)
#include "tst_tidy.moc"
