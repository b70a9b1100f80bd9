// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Every rule of the tidy test finds a violation planted for it, and leaves alone what looks like one.
#include "tests/tidy/arrows.h"
#include "tests/tidy/rules.h"

#include <QTest>

using namespace orrery::tidy;

namespace {

const QString kTable = QStringLiteral("# Title\n\n"
                                      "| folder | may use | libraries |\n|---|---|---|\n"
                                      "| `engine/base` | | fmt |\n"
                                      "| `engine/types` | base | nlohmann-json |\n"
                                      "| `engine/head` `engine/owner` | types base | |\n"
                                      "| `engine/*_service` | rpc | gRPC |\n"
                                      "| `engine/rpc` | types base | gRPC Protobuf |\n"
                                      "| `engine/host` | `engine/*` | CLI11 |\n"
                                      "| `plugins/*` | `plugins/sdk` | libpng |\n"
                                      "| `widgets/*` | types base `widgets/common` | Qt |\n"
                                      "| `tests` | * | * |\n\nText after it.\n");

Arrows arrows()
{
    Problems problems;
    Arrows read = readArrows(kTable, problems);
    return problems.isEmpty() ? read : Arrows();
}

} // namespace

class TestTidyRules : public QObject {
    Q_OBJECT
private:
    // Columns: path, text, what a problem must contain ("" when there must be none).
    static void columns()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("finding");
    }
    static void row(const char* name, const char* path, const QString& text, const char* finding)
    {
        QTest::newRow(name) << QString::fromUtf8(path) << text << QString::fromUtf8(finding);
    }
    template <class Rule>
    static void check(Rule rule)
    {
        QFETCH(QString, path);
        QFETCH(QString, text);
        QFETCH(QString, finding);
        const Problems problems = rule(File{path, text});
        if (finding.isEmpty()) {
            QVERIFY2(problems.isEmpty(), qPrintable(problems.join(u'\n')));
            return;
        }
        QVERIFY2(problems.size() == 1, qPrintable(QStringLiteral("%1 problems: ").arg(problems.size()) + problems.join(u'\n')));
        QVERIFY2(problems[0].contains(finding), qPrintable(problems[0]));
    }

private Q_SLOTS:
    void aTableThatCannotBeReadIsSaid()
    {
        Problems none, shortRow, twice, library;
        readArrows(QStringLiteral("no table"), none);
        QCOMPARE(none.size(), 1);
        readArrows(QString(kTable).replace(QStringLiteral("| | fmt |"), QStringLiteral("| fmt |")), shortRow);
        QVERIFY(shortRow.value(0).contains(QStringLiteral("three cells")));
        readArrows(QString(kTable).replace(QStringLiteral("`engine/types` |"), QStringLiteral("`engine/base` |")), twice);
        QVERIFY(twice.value(0).contains(QStringLiteral("second time")));
        readArrows(QString(kTable).replace(QStringLiteral("| fmt |"), QStringLiteral("| boost |")), library);
        QVERIFY(library.value(0).contains(QStringLiteral("boost")));
        QVERIFY(arrows().find(QStringLiteral("engine/head")) != nullptr);
        QVERIFY(arrows().find(QStringLiteral("plugins/imaging")) != nullptr);
        QVERIFY(arrows().find(QStringLiteral("engine/unheard")) == nullptr);
    }

    void aForbiddenIncludeIsFound_data()
    {
        columns();
        row("up", "engine/base/a.h", "#include \"engine/types/b.h\"\n", "no arrow from engine/base to engine/types");
        row("role to role", "engine/head/a.cpp", "\n#include \"engine/owner/b.h\"\n", "engine/head/a.cpp:2:");
        row("widget to engine", "widgets/graph/a.h", "#include \"engine/head/b.h\"\n", "no arrow");
        row("engine to widget", "engine/host/a.h", "#include \"widgets/common/b.h\"\n", "no arrow");
        row("plugin to engine", "plugins/imaging/a.h", "#include \"engine/base/b.h\"\n", "no arrow");
        row("library", "engine/types/a.h", "#include <sqlite3.h>\n", "SQLite");
        row("library of another", "engine/head/a.h", "# include <nlohmann/json.hpp>\n", "nlohmann-json");
        row("unknown library", "engine/base/a.h", "#include <boost/asio.hpp>\n", "does not know");
        row("Qt in engine", "engine/types/a.h", "#include <QString>\n", "includes QString of Qt");
        row("Qt module in engine", "engine/types/a.h", "#include <QtCore/qglobal.h>\n", "of Qt");
        row("Qt lower case in engine", "engine/types/a.h", "#include <qstring.h>\n", "of Qt");
        row("Qt in a plugin", "plugins/basic/a.h", "#include <QString>\n", "of Qt");
        row("umbrella", "widgets/graph/a.h", "#include <QtWidgets>\n", "include the classes");
        row("generated outside rpc", "engine/head/a.h", "#include \"orrery/v1/head.pb.h\"\n", "generated protocol headers");
        row("generated grpc outside rpc", "widgets/graph/a.h", "#include \"orrery/v1/head.grpc.pb.h\"\n", "generated protocol headers");
        row("not from the root", "engine/base/a.cpp", "#include \"a.h\"\n", "begin at the root");
        row("folder without arrows", "engine/unheard/a.h", "int x;\n", "does not name");
        row("own folder", "engine/base/a.h", "#include \"engine/base/b.h\"\n#include <fmt/format.h>\n#include <sys/mman.h>\n#include <unistd.h>\n#include <span>\n", "");
        row("downwards", "engine/head/a.h", "#include \"engine/types/b.h\"\n", "");
        row("service", "engine/head/head_service.cpp", "#include \"orrery/v1/head.grpc.pb.h\"\n#include \"engine/rpc/b.h\"\n#include <grpcpp/server.h>\n", "");
        row("rpc", "engine/rpc/a.cpp", "#include \"orrery/v1/head.pb.h\"\n#include <google/protobuf/message.h>\n", "");
        row("host", "engine/host/a.cpp", "#include \"engine/head/b.h\"\n#include <CLI/CLI.hpp>\n", "");
        row("plugin", "plugins/imaging/a.cpp", "#include \"plugins/sdk/b.h\"\n#include <png.h>\n", "");
        row("widget", "widgets/graph/a.cpp", "#include <QWidget>\n#include \"widgets/common/b.h\"\n#include \"widgets/graph/b.h\"\n#include \"a.moc\"\n", "");
        row("test", "tests/engine/head/tst_a.cpp", "#include \"engine/head/b.h\"\n#include <QTest>\n#include \"tst_a.moc\"\n", "");
    }
    void aForbiddenIncludeIsFound()
    {
        check([](const File& file) { return checkIncludes(file, arrows()); });
    }

    void aForbiddenLinkIsFound_data()
    {
        columns();
        row("module", "engine/head/CMakeLists.txt", "orrery_module(head SOURCES a.cpp\n  DEPENDS owner types)\n", "no arrow from engine/head to engine/owner");
        row("library", "engine/base/CMakeLists.txt", "orrery_module(base SOURCES a.cpp LIBS fmt::fmt SQLite::SQLite3)\n", "links SQLite");
        row("Qt", "engine/types/CMakeLists.txt", "orrery_module(types SOURCES a.cpp DEPENDS base LIBS Qt6::Core)\n", "links Qt");
        row("by hand", "engine/head/CMakeLists.txt", "orrery_module(head SOURCES a.cpp)\ntarget_link_libraries(orrery_head PRIVATE orrery_owner)\n", "links owner");
        row("library by hand", "engine/head/CMakeLists.txt", "target_link_libraries(orrery_head PUBLIC gRPC::grpc++)\n", "links gRPC");
        row("unknown module", "engine/head/CMakeLists.txt", "orrery_module(head SOURCES a.cpp DEPENDS nothing)\n", "no folder makes");
        row("unknown library", "engine/head/CMakeLists.txt", "orrery_module(head SOURCES a.cpp LIBS Boost::asio)\n", "does not know");
        row("plugin", "plugins/imaging/CMakeLists.txt", "orrery_plugin(imaging SOURCES a.cpp LIBS orrery_base)\n", "no arrow");
        row("role that takes a service's library", "engine/head/CMakeLists.txt", "orrery_module(head SOURCES a.cpp DEPENDS types rpc)\n", "no arrow");
        row("allowed", "engine/head/CMakeLists.txt", "orrery_module(head SOURCES a.cpp DEPENDS types base LIBS Threads::Threads ${CMAKE_DL_LIBS}) # DEPENDS owner\n", "");
        row("service", "engine/head/CMakeLists.txt", "orrery_module(head_service SOURCES a.cpp DEPENDS head rpc types LIBS gRPC::grpc++)\n", "");
        row("plugin's own", "plugins/imaging/CMakeLists.txt", "orrery_plugin(imaging SOURCES a.cpp LIBS PNG::PNG)\n", "");
    }
    void aForbiddenLinkIsFound()
    {
        const QHash<QString, QString> modules = readModules({{QStringLiteral("engine/base/CMakeLists.txt"), QStringLiteral("orrery_module(base SOURCES a.cpp)")},
                                                             {QStringLiteral("engine/types/CMakeLists.txt"), QStringLiteral("orrery_module(types SOURCES a.cpp)")},
                                                             {QStringLiteral("engine/owner/CMakeLists.txt"), QStringLiteral("orrery_module(owner SOURCES a.cpp)")},
                                                             {QStringLiteral("engine/rpc/CMakeLists.txt"), QStringLiteral("orrery_module(rpc SOURCES a.cpp)")},
                                                             {QStringLiteral("engine/head/CMakeLists.txt"), QStringLiteral("orrery_module(head SOURCES a.cpp)")}});
        check([&](const File& file) { return checkLinks(file, arrows(), modules); });
    }

    void aBadNameIsFound_data()
    {
        columns();
        row("camel file", "engine/base/leaseTable.h", "", "snake_case");
        row("dashed folder", "engine/my-base/a.h", "", "snake_case");
        row("banned file", "engine/node/worker_manager.h", "", "manager");
        row("banned type", "engine/node/a.h", "int a;\nclass LeaseManager {\n", "a.h:2: LeaseManager");
        row("banned struct", "engine/node/a.h", "struct EventHandler;\n", "EventHandler");
        row("banned enum", "engine/node/a.h", "enum class HelperKind : int {\n", "HelperKind");
        row("banned alias", "engine/node/a.h", "using StringUtils = int;\n", "StringUtils");
        row("banned namespace", "engine/node/a.h", "namespace util {\n", "util");
        row("banned with attribute", "engine/node/a.h", "class [[nodiscard]] FileUtil {\n", "FileUtil");
        row("other ending", "engine/node/a.cc", "", ".h and .cpp");
        row("good", "engine/node/lease_table.h", "class LeaseTable; // not a LeaseManager\nstruct Utilization; enum class Handled {};\n", "");
        row("words only", "engine/node/a.h", "void handler(); // a helper of a manager\n", "");
        row("other file", "README.md", "class Manager", "");
    }
    void aBadNameIsFound() { check(checkNames); }

    void aFileThatIsTooLongIsFound_data()
    {
        columns();
        row("source", "engine/base/a.cpp", QStringLiteral("x\n").repeated(501), "501 lines");
        row("schema", "proto/orrery/v1/a.proto", QStringLiteral("x\n").repeated(501), "501 lines");
        row("just", "engine/base/a.cpp", QStringLiteral("x\n").repeated(500), "");
        row("text", "README.md", QStringLiteral("x\n").repeated(900), "");
    }
    void aFileThatIsTooLongIsFound() { check(checkLength); }

    void aColourOutsideTheThemeIsFound_data()
    {
        columns();
        row("hex", "widgets/graph/a.cpp", "x(\"#1e1f22\");", "#1e1f22");
        row("hex with alpha", "app/window/a.cpp", "x(u\"color: #801E1F22\"_qs);", "#801E1F22");
        row("short hex", "widgets/graph/a.cpp", "x(\"#fff\");", "#fff");
        row("numbers", "widgets/graph/a.cpp", "\nQColor(30, 31, 34)", "a.cpp:2:");
        row("braces", "widgets/graph/a.cpp", "QColor{0x30, 31, 34}", "QColor");
        row("variable", "widgets/graph/a.cpp", "const QColor back(30, 31, 34);", "QColor");
        row("name", "widgets/graph/a.cpp", "QColor(\"red\")", "QColor");
        row("literal", "widgets/graph/a.cpp", "QColor(QStringLiteral(\"red\"))", "QColor");
        row("qRgb", "widgets/timeline/a.cpp", "qRgb(30, 31, 34)", "qRgb");
        row("qRgba", "widgets/timeline/a.cpp", "qRgba(30, 31, 34, 5)", "qRgb");
        row("fromRgb", "widgets/timeline/a.cpp", "QColor::fromRgbF(.5, 0, 0)", "fromRgbF");
        row("Qt", "widgets/timeline/a.h", "Qt::darkRed", "darkRed");
        row("constants", "widgets/timeline/a.h", "QColorConstants::Svg", "QColorConstants");
        row("style sheet", "widgets/common/a.qss", "a { color: #1e1f22; }", "#1e1f22");
        row("style sheet rgb", "widgets/common/a.cpp", "\"rgba(1, 2, 3, 50%)\"", "rgba(");
        row("theme", "widgets/common/theme_dark.cpp", "QColor(1, 2, 3) \"#1e1f22\"", "");
        row("elsewhere", "plugins/imaging/a.cpp", "\"#1e1f22\"", "");
        row("not colours", "widgets/graph/a.cpp", "#include \"x\"\nQColor mix(QColor a, double t); QColor(theme.text()); qRgb(r, g, b); Qt::transparent; Qt::blueish; \"#12\"; x #ifdef", "");
    }
    void aColourOutsideTheThemeIsFound() { check(checkColours); }

    void aWrongLicenceIsFound_data()
    {
        columns();
        const QString who = QStringLiteral("// SPDX-FileCopyrightText: Orrery contributors\n"), id = QStringLiteral("// SPDX-License-Identifier: ");
        row("none", "engine/base/a.h", who + "#pragma once\n", "Apache-2.0");
        row("no owner", "engine/base/a.h", QStringLiteral("//\n") + id + "Apache-2.0\n", "SPDX-FileCopyrightText");
        row("GPL in engine", "engine/base/a.h", who + id + "GPL-3.0-or-later\n", "is not marked SPDX-License-Identifier: Apache-2.0");
        row("Apache in widgets", "widgets/graph/a.h", who + id + "Apache-2.0\n", "GPL-3.0-or-later");
        row("Apache in app", "app/main.cpp", who + id + "Apache-2.0\n", "GPL-3.0-or-later");
        row("build list", "widgets/graph/CMakeLists.txt", QString(who + id).replace("//", "#") + "Apache-2.0\n", "GPL-3.0-or-later");
        row("script", "run.sh", QStringLiteral("#!/bin/bash\n") + QString(who).replace("//", "#") + "\n", "Apache-2.0");
        row("good", "widgets/graph/a.h", who + id + "GPL-3.0-or-later\n", "");
        row("good script", "run.sh", QStringLiteral("#!/bin/bash\n") + QString(who + id).replace("//", "#") + "Apache-2.0\n", "");
        row("good C", "plugins/sdk/a.h", QStringLiteral("/* SPDX-FileCopyrightText: Orrery contributors\n * SPDX-License-Identifier: Apache-2.0 */\n"), "");
        row("text", "README.md", "# Orrery", "");
    }
    void aWrongLicenceIsFound() { check(checkLicence); }

    void aHeaderWithoutContractIsFound_data()
    {
        columns();
        row("include first", "engine/base/a.h", "#pragma once\n\n#include <span>\n", "a.h:3:");
        row("no pragma", "engine/base/a.h", "// A: a thing.\nint a;\n", "#pragma once");
        row("good", "engine/base/a.h", "// SPDX-\n#pragma once\n// A: a thing.\n", "");
        row("good after a comment", "engine/base/a.h", "// SPDX-\n// A: a thing.\n#pragma once\n#include <span>\n", "");
        row("C", "plugins/sdk/a.h", "/* SPDX- */\n#pragma once\n/* A: a thing. */\n", "");
        row("source", "engine/base/a.cpp", "#include <span>\n", "");
    }
    void aHeaderWithoutContractIsFound() { check(checkContract); }

    void aPathOfOneMachineIsFound_data()
    {
        columns();
        row("home", "README.md", "see /ho" "me/ann/x", "/ho" "me/ann");
        row("root", "tests/a.cpp", "\"/ro" "ot/x\"", "path of one machine");
        row("work", "CMakeLists.txt", "include(/wo" "rk/x)", "path of one machine");
        row("note", "engine/base/a.cpp", "// TO" "DO: later", "TO" "DO");
        row("longer paths", "README.md", "https://a.b/ho" "me/x ${A}/wo" "rk/ ~/wo" "rk/x ./ro" "ot/x", "");
    }
    void aPathOfOneMachineIsFound() { check(checkLeftovers); }

    void aFolderWithoutReadmeIsFound()
    {
        const auto found = [](const QStringList& paths) {
            Files files;
            for (const QString& path : paths) files << File{path, QString()};
            return checkReadmes(files);
        };
        QCOMPARE(found({QStringLiteral("engine/base/a.h")}), Problems{QStringLiteral("engine/base: has no README.md")});
        QCOMPARE(found({QStringLiteral("app/main.cpp"), QStringLiteral("app/README.md"), QStringLiteral("app/window/a.h")}).size(), 1);
        QCOMPARE(found({QStringLiteral("tests/sim/a.cpp"), QStringLiteral("proto/orrery/v1/a.proto")}).size(), 2);
        QCOMPARE(found({QStringLiteral("engine/base/a.h"), QStringLiteral("engine/base/README.md"), QStringLiteral("docs/a.md")}), Problems());
    }

    void aLibraryTooMuchInAWorkerIsFound()
    {
        const QString good = QStringLiteral("\tlinux-vdso.so.1 (0x00007ffc)\n\tlibfmt.so.9 => /lib/libfmt.so.9 (0x00007f)\n\tlibc.so.6 => /lib/libc.so.6 (0x00007f)\n");
        QCOMPARE(checkWorkerLibraries(good), Problems());
        for (const char* name : {"libgrpc++.so.1.51", "libgrpc.so.29", "libprotobuf.so.32", "libsqlite3.so.0", "libQt6Core.so.6", "libgpr.so.29"})
            QCOMPARE(checkWorkerLibraries(good + QStringLiteral("\t%1 => /lib/%1 (0x00007f)\n").arg(QLatin1String(name))).size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestTidyRules)
#include "tst_tidy_rules.moc"
