// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/rules.h"

#include <QRegularExpression>
#include <QSet>

namespace orrery::tidy {

namespace {

bool isCode(const QString& path)
{
    static const QRegularExpression kPattern(QStringLiteral("\\.(h|cpp|c|cc|cxx|hpp|hh)$"));
    return kPattern.match(path).hasMatch();
}

bool isHeader(const QString& path)
{
    return path.endsWith(QStringLiteral(".h"));
}

bool isScript(const QString& path)
{
    return path.endsWith(QStringLiteral(".sh")) || path.endsWith(QStringLiteral(".py")) || path == u".ci/run";
}

bool isBuildList(const QString& path)
{
    return path.endsWith(QStringLiteral("CMakeLists.txt")) || path.endsWith(QStringLiteral(".cmake"));
}

bool isTop(const QString& path, const char* folder)
{
    return path.startsWith(QLatin1String(folder) + u'/');
}

Problems eachMatch(const File& file, const QRegularExpression& pattern, const QString& rule)
{
    Problems problems;
    const QStringList lines = file.text.split(u'\n');
    for (qsizetype i = 0; i < lines.size(); ++i)
        for (auto it = pattern.globalMatch(lines[i]); it.hasNext();) problems << problem(file.path, i + 1, rule.arg(it.next().captured(0).trimmed()));
    return problems;
}

// The words of a name: "LeaseTable" and "lease_table" are lease and table.
QStringList wordsIn(const QString& name)
{
    static const QRegularExpression kWord(QStringLiteral("[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+"));
    QStringList words;
    for (auto it = kWord.globalMatch(name); it.hasNext();) words << it.next().captured(0).toLower();
    return words;
}

QString bannedIn(const QString& name)
{
    static const QSet<QString> kBanned = {QStringLiteral("manager"), QStringLiteral("managers"), QStringLiteral("handler"), QStringLiteral("handlers"), QStringLiteral("helper"),
                                          QStringLiteral("helpers"), QStringLiteral("util"),     QStringLiteral("utils"),   QStringLiteral("utility"),  QStringLiteral("utilities")};
    const QStringList words = wordsIn(name);
    for (const QString& word : words)
        if (kBanned.contains(word)) return word;
    return {};
}

} // namespace

Problems checkNames(const File& file)
{
    static const QRegularExpression kSource(QStringLiteral("\\.(h|cpp|c|cc|cxx|hpp|hh|proto|sh|py|orrery)$"));
    static const QRegularExpression kSnake(QStringLiteral("^[a-z0-9_]+(\\.[a-z0-9]+)?$"));
    static const QRegularExpression kOtherEnding(QStringLiteral("\\.(cc|cxx|hpp|hh)$"));
    static const QRegularExpression kType(QStringLiteral("\\b(?:class|struct|union|enum(?:\\s+class)?|using|typedef|namespace)\\s+(?:\\[\\[[^\\]]*\\]\\]\\s*)?(\\w+)"));
    if (!kSource.match(file.path).hasMatch()) return {};
    Problems problems;
    const QStringList parts = file.path.split(u'/');
    for (const QString& part : parts) {
        if (!kSnake.match(part).hasMatch() && part != u".ci") problems << problem(file.path, 0, QStringLiteral("%1 is not snake_case").arg(part));
        const QString banned = bannedIn(part);
        if (!banned.isEmpty()) problems << problem(file.path, 0, QStringLiteral("%1 is no name: say what it does").arg(banned));
    }
    if (kOtherEnding.match(file.path).hasMatch()) problems << problem(file.path, 0, QStringLiteral("sources end in .h and .cpp"));
    if (!isCode(file.path)) return problems;
    static const QRegularExpression kNotCode(QStringLiteral("\"(\\\\.|[^\"\\\\])*\"|//.*$"));
    const QStringList lines = file.text.split(u'\n');
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const QString code = QString(lines[i]).remove(kNotCode);
        for (auto it = kType.globalMatch(code); it.hasNext();) {
            const QString name = it.next().captured(1);
            const QString banned = bannedIn(name);
            if (!banned.isEmpty()) problems << problem(file.path, i + 1, QStringLiteral("%1: %2 is no name: say what it does").arg(name, banned));
        }
    }
    return problems;
}

Problems checkLength(const File& file)
{
    if (!isCode(file.path) && !isScript(file.path) && !isBuildList(file.path) && !file.path.endsWith(QStringLiteral(".proto"))) return {};
    const qsizetype lines = file.text.count(u'\n');
    if (lines <= kLinesMax) return {};
    return {problem(file.path, 0, QStringLiteral("has %1 lines; %2 are the most, cut it where its parts speak least").arg(lines).arg(kLinesMax))};
}

Problems checkColours(const File& file)
{
    if (!isTop(file.path, "widgets") && !isTop(file.path, "app")) return {};
    static const QRegularExpression kTable(QStringLiteral("^widgets/common/theme[a-z_]*\\.cpp$"));
    static const QRegularExpression kLooked(QStringLiteral("\\.(h|cpp|qss|ui)$"));
    if (kTable.match(file.path).hasMatch() || !kLooked.match(file.path).hasMatch()) return {};
    static const QRegularExpression kColour(QStringLiteral(
        "#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6})\\b|\"#[0-9a-fA-F]{3,4}\"|\\bqRgba?\\s*\\(\\s*[0-9]"
        "|\\bQ(?:Color|Rgba64)(?:\\s+\\w+)?\\s*[({]\\s*(?:[0-9]|u?\"|QStringLiteral|QLatin1String)|\\bfrom(?:Rgb|Rgba|RgbF|RgbaF|Hsl|Hsv|HslF|HsvF|Cmyk)\\s*\\(\\s*[0-9.]"
        "|\\bQt::(?:black|white|red|green|blue|cyan|magenta|yellow|gray|lightGray|darkGray|darkRed|darkGreen|darkBlue|darkCyan|darkMagenta|darkYellow)\\b"
        "|\\bQColorConstants::(?!Transparent)\\w+|\\brgba?\\(\\s*[0-9]"));
    return eachMatch(file, kColour, QStringLiteral("colour literal %1; colours come from the theme's table in widgets/common"));
}

Problems checkLicence(const File& file)
{
    if (!isCode(file.path) && !isScript(file.path) && !isBuildList(file.path) && !file.path.endsWith(QStringLiteral(".proto")) && !file.path.endsWith(QStringLiteral(".qss")))
        return {};
    const QString licence = isTop(file.path, "app") || isTop(file.path, "widgets") ? QStringLiteral("GPL-3.0-or-later") : QStringLiteral("Apache-2.0");
    QStringList top = file.text.section(u'\n', 0, 3).split(u'\n');
    if (top[0].startsWith(QStringLiteral("#!"))) top.removeFirst();
    static const QRegularExpression kMark(QStringLiteral("^(//|#|/\\*|\\*) ?"));
    for (QString& line : top) line = line.trimmed().remove(kMark).remove(QStringLiteral("*/")).trimmed();
    Problems problems;
    if (top.value(0) != u"SPDX-FileCopyrightText: Orrery contributors") problems << problem(file.path, 1, QStringLiteral("does not begin with SPDX-FileCopyrightText: Orrery contributors"));
    if (top.value(1) != QStringLiteral("SPDX-License-Identifier: ") + licence) problems << problem(file.path, 2, QStringLiteral("is not marked SPDX-License-Identifier: ") + licence);
    return problems;
}

Problems checkContract(const File& file)
{
    if (!isHeader(file.path)) return {};
    const QStringList lines = file.text.split(u'\n');
    qsizetype at = 0;
    while (at < lines.size() && (lines[at].contains(QStringLiteral("SPDX-")) || lines[at].trimmed().isEmpty())) ++at;
    if (!file.text.contains(QStringLiteral("#pragma once\n"))) return {problem(file.path, 0, QStringLiteral("has no #pragma once"))};
    if (at < lines.size() && lines[at] == u"#pragma once") ++at;
    while (at < lines.size() && lines[at].trimmed().isEmpty()) ++at;
    if (at < lines.size() && (lines[at].startsWith(QStringLiteral("//")) || lines[at].startsWith(QStringLiteral("/*")))) return {};
    return {problem(file.path, at + 1, QStringLiteral("does not say first what it is, on which thread, and what holds"))};
}

Problems checkLeftovers(const File& file)
{
    static const QRegularExpression kMachine(QStringLiteral("(?<![\\w.}/~-])/(home|root|work)/[\\w.-]*"));
    static const QRegularExpression kLater(QStringLiteral("\\b(TODO|FIXME|XXX)\\b"));
    Problems problems = eachMatch(file, kMachine, QStringLiteral("names %1, a path of one machine"));
    if (isCode(file.path) && !isTop(file.path, "tests")) problems += eachMatch(file, kLater, QStringLiteral("holds a %1; do it, or file an issue"));
    return problems;
}

Problems checkReadmes(const Files& files)
{
    static const QStringList kTop = {QStringLiteral("engine"), QStringLiteral("plugins"), QStringLiteral("widgets"), QStringLiteral("app"), QStringLiteral("proto"), QStringLiteral("resources"), QStringLiteral("installer"), QStringLiteral("tests")};
    QSet<QString> folders, told;
    for (const File& file : files) {
        const QString folder = file.path.section(u'/', 0, -2);
        const QStringList parts = folder.split(u'/');
        if (!kTop.contains(parts[0])) continue;
        if (file.path.endsWith(QStringLiteral("/README.md"))) told << folder;
        // What lies deeper, and each kind of test, is told by the folder above.
        const qsizetype depth = parts[0] == u"tests" || parts[0] == u"resources" || parts[0] == u"proto" ? 1 : 2;
        if (depth == 1 || parts.size() >= depth) folders << parts.mid(0, depth).join(u'/');
    }
    Problems problems;
    for (const QString& folder : folders)
        if (!told.contains(folder)) problems << problem(folder, 0, QStringLiteral("has no README.md"));
    problems.sort();
    return problems;
}

} // namespace orrery::tidy
