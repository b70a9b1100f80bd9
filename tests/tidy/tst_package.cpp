// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What the package holds: installed into a folder of its own, it is complete, names no other place, and works from there.
#include "tests/support/ctl.h"

#include <QDirIterator>
#include <QTest>

using namespace orrery;

class TestPackage : public QObject {
    Q_OBJECT

    tests::ClusterHome m_home;
    QTemporaryDir m_prefix;
    QStringList m_files; // relative to the prefix

    QString at(const QString& path) const { return m_prefix.filePath(path); }
    tests::Said ctl(const QStringList& words, int seconds = 60) const
    {
        QProcess program;
        program.start(at(QStringLiteral("bin/orreryctl")), words);
        return tests::finish(program, seconds);
    }
    static QStringList filesIn(const QString& folder, const QStringList& names)
    {
        return QDir(QStringLiteral(ORRERY_SOURCE_DIR "/") + folder).entryList(names, QDir::Files);
    }

private Q_SLOTS:
    void initTestCase()
    {
        qunsetenv("ORRERY_PLUGINS");
        QProcess install;
        install.start(QStringLiteral("cmake"), {QStringLiteral("--install"), QStringLiteral(ORRERY_BUILD_DIR), QStringLiteral("--prefix"), m_prefix.path()});
        const auto said = tests::finish(install);
        QVERIFY2(said.code == 0, qPrintable(said.err));
        QDirIterator walk(m_prefix.path(), QDir::Files | QDir::Hidden | QDir::System, QDirIterator::Subdirectories);
        while (walk.hasNext()) m_files << QDir(m_prefix.path()).relativeFilePath(walk.next());
        m_files.sort();
    }

    void everythingThatBelongsToItIsThereAndNothingElse()
    {
        QStringList wanted{QStringLiteral("share/doc/orrery/copyright"), QStringLiteral("share/doc/orrery/changelog.gz"), QStringLiteral("share/doc/orrery/changelog.Debian.gz"), QStringLiteral("lib/cmake/Orrery/OrreryConfig.cmake"),
                           QStringLiteral("share/orrery/examples/census_input.sh")};
        QStringList programs{QStringLiteral("orreryctl"), QStringLiteral("orreryd"), QStringLiteral("orrery-worker")};
        if (QFile::exists(QStringLiteral(ORRERY_BUILD_DIR "/bin/orrery"))) {
            programs << QStringLiteral("orrery");
            wanted << QStringLiteral("share/applications/orrery.desktop") << QStringLiteral("share/mime/packages/orrery.xml") << QStringLiteral("share/icons/hicolor/scalable/apps/orrery.svg")
                   << QStringLiteral("share/icons/hicolor/scalable/mimetypes/application-vnd.orrery.graph+json.svg");
        }
        for (const auto& program : programs) wanted << QStringLiteral("bin/") + program << QStringLiteral("share/man/man1/%1.1.gz").arg(program);
        for (const auto& plugin : {"basic", "census", "command", "imaging"}) wanted << QStringLiteral("lib/orrery/plugins/%1.so").arg(QLatin1String(plugin));
        for (const auto& header : filesIn(QStringLiteral("plugins/sdk"), {QStringLiteral("*.h")})) wanted << QStringLiteral("include/orrery/plugins/sdk/") + header;
        for (const auto& example : filesIn(QStringLiteral("resources/examples"), {QStringLiteral("*.orrery")})) wanted << QStringLiteral("share/orrery/examples/") + example;
        wanted.sort();
        QCOMPARE(m_files, wanted);
    }

    void nobodyButItsOwnerMayWriteAndNothingRunsAsAnother()
    {
        for (const auto& file : m_files) {
            struct stat info {};
            QCOMPARE(::stat(qPrintable(at(file)), &info), 0);
            const bool starts = file.startsWith(QStringLiteral("bin/")) || file.endsWith(QStringLiteral(".sh"));
            QVERIFY2((info.st_mode & 07777) == (starts ? 0755u : 0644u), qPrintable(file + QStringLiteral(" has mode ") + QString::number(info.st_mode & 07777, 8)));
        }
    }

    void noTextNamesTheTreeItWasBuiltIn()
    {
        for (const auto& path : m_files) {
            QFile file(at(path));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            if (bytes.startsWith("\x7f" "ELF")) continue; // the package strips what names it there
            QVERIFY2(!bytes.contains(ORRERY_SOURCE_DIR), qPrintable(path));
        }
    }

    void thePackageGoesBelowUsrWithTheLibrariesItNeeds()
    {
        QFile file(QStringLiteral(ORRERY_BUILD_DIR "/CPackConfig.cmake"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray text = file.readAll();
        for (const char* line : {"set(CPACK_PACKAGING_INSTALL_PREFIX \"/usr\")", "set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS \"ON\")", "set(CPACK_STRIP_FILES \"ON\")"}) QVERIFY2(text.contains(line), line);
        QVERIFY(!text.contains("CONTROL_EXTRA")); // no script runs as root when it is installed or removed
    }

    void fromWhereItWasInstalledACommandFindsItsPluginsAndRunsAnExample()
    {
        const auto list = ctl({QStringLiteral("plugin"), QStringLiteral("list"), QStringLiteral("--json")});
        QVERIFY2(list.code == 0, qPrintable(list.err));
        QCOMPARE(list.rows().size(), 4);
        const QString folder = QFileInfo(at(QStringLiteral("lib/orrery/plugins"))).canonicalFilePath();
        for (const auto& row : list.rows()) QVERIFY(row.toObject().value(QStringLiteral("path")).toString().startsWith(folder));
        const auto up = ctl({QStringLiteral("up"), QStringLiteral("--nodes"), QStringLiteral("1")});
        QVERIFY2(up.code == 0, qPrintable(up.err));
        const auto run = ctl({QStringLiteral("run"), at(QStringLiteral("share/orrery/examples/add.orrery")), QStringLiteral("--wait")});
        const auto programs = tests::processesOf(m_home);
        bool fromThere = true;
        for (const auto& process : programs)
            if (process.name.startsWith(QStringLiteral("orrery"))) fromThere = fromThere && QFile::symLinkTarget(QStringLiteral("/proc/%1/exe").arg(process.pid)).startsWith(QFileInfo(m_prefix.path()).canonicalFilePath());
        const auto down = ctl({QStringLiteral("down")});
        QVERIFY2(run.code == 0, qPrintable(run.err));
        QVERIFY(fromThere);
        QVERIFY2(down.code == 0, qPrintable(down.err));
        QTRY_VERIFY(tests::processesOf(m_home).isEmpty());
    }

    void theInstalledSdkBuildsALibraryOfOnesOwn()
    {
        const QString folder = QString::fromStdString(m_home.path("mine"));
        const auto made = ctl({QStringLiteral("plugin"), QStringLiteral("new"), QStringLiteral("first"), QStringLiteral("--folder"), folder}, 100); // compiling on a busy machine
        QVERIFY2(made.code == 0, qPrintable(made.err));
        QFile list(folder + QStringLiteral("/first/build/build.ninja"));
        QVERIFY(list.open(QIODevice::ReadOnly));
        const QByteArray commands = list.readAll();
        QVERIFY(commands.contains(QFileInfo(at(QStringLiteral("include/orrery"))).canonicalFilePath().toUtf8()));
        QVERIFY(!commands.contains(ORRERY_SOURCE_DIR));
    }
};

QTEST_GUILESS_MAIN(TestPackage)
#include "tst_package.moc"
