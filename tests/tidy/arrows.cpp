// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/arrows.h"

#include <QRegularExpression>

#include <array>

namespace orrery::tidy {

namespace {

struct Library {
    const char* name;
    const char* include; // what an #include of it looks like
    const char* link;    // what CMake calls it
};

constexpr std::array kLibraries = {
    Library{"fmt", "^fmt/", "^fmt::"},
    Library{"nlohmann-json", "^nlohmann/", "^nlohmann_json::"},
    Library{"spdlog", "^spdlog/", "^spdlog::"},
    Library{"CLI11", "^CLI/", "^CLI11::"},
    Library{"SQLite", "^sqlite3(ext)?\\.h$", "^SQLite::"},
    Library{"OpenSSL", "^openssl/", "^OpenSSL::"},
    Library{"gRPC", "^(grpc|grpcpp|absl|re2)/", "^(gRPC|absl)::"},
    Library{"Protobuf", "^google/protobuf/", "^protobuf::"},
    Library{"xxhash", "^xxh", "^PkgConfig::xxhash$"},
    Library{"zstd", "^zstd", "^(PkgConfig::zstd|zstd::.*)$"},
    Library{"lz4", "^lz4", "^PkgConfig::lz4$"},
    Library{"libpng", "^png\\.h$", "^PNG::"},
    Library{"zlib", "^zlib\\.h$", "^ZLIB::"},
    Library{"QCustomPlot", "^qcustomplot\\.h$", "^QCustomPlotQt6::"},
    Library{"Qt", "^(Q[A-Z]|Qt[A-Z]|q[a-z]+\\.h$)", "^Qt6::"},
};

// What every folder may include: the standard library, C and the system.
const QRegularExpression& systemHeader()
{
    static const QRegularExpression kPattern(QStringLiteral("^([a-z_0-9]+|[a-z_0-9]+\\.h|(sys|linux|net|netinet|arpa|bits|asm)/[a-z_0-9]+\\.h)$"));
    return kPattern;
}

QString libraryOf(const QString& word, const char* Library::*field)
{
    for (const Library& library : kLibraries)
        if (QRegularExpression(QString::fromLatin1(library.*field)).match(word).hasMatch()) return QString::fromLatin1(library.name);
    return {};
}

bool covers(const QString& pattern, const QString& folder)
{
    if (!pattern.contains(u'*')) return pattern == folder;
    return QRegularExpression(QRegularExpression::anchoredPattern(QRegularExpression::escape(pattern).replace(QStringLiteral("\\*"), QStringLiteral("[^/]+"))))
        .match(folder)
        .hasMatch();
}

bool coversAny(const QStringList& patterns, const QString& folder)
{
    return std::any_of(patterns.begin(), patterns.end(), [&](const QString& pattern) { return covers(pattern, folder); });
}

// What the folder may use, with the extra arrows of a service.
Allowed allowedFor(const Arrows& arrows, const QString& folder, bool service)
{
    Allowed all;
    if (const Allowed* own = arrows.find(folder)) all = *own;
    if (!service) return all;
    const auto extra = arrows.byFolder.constFind(QStringLiteral("engine/*_service"));
    if (extra == arrows.byFolder.constEnd()) return all;
    all.folders += extra->folders;
    all.libraries += extra->libraries;
    return all;
}

QStringList wordsOf(QString cell)
{
    return cell.remove(u'`').replace(u',', u' ').split(u' ', Qt::SkipEmptyParts);
}

// The arguments of every call of one of `functions`, comments removed; the function's name comes first.
QList<QStringList> callsIn(const QString& cmake, const QString& functions)
{
    static const QRegularExpression kComment(QStringLiteral("#[^\n]*"));
    const QString text = QString(cmake).remove(kComment);
    const QRegularExpression call(QStringLiteral("\\b(%1)\\s*\\(([^()]*)\\)").arg(functions));
    static const QRegularExpression kSpace(QStringLiteral("\\s+"));
    QList<QStringList> calls;
    for (auto it = call.globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        calls << QStringList{match.captured(1)} + match.captured(2).split(kSpace, Qt::SkipEmptyParts);
    }
    return calls;
}

} // namespace

const Allowed* Arrows::find(const QString& folder) const
{
    const auto exact = byFolder.constFind(folder);
    if (exact != byFolder.constEnd()) return &*exact;
    for (auto it = byFolder.constBegin(); it != byFolder.constEnd(); ++it)
        if (!it.key().endsWith(QStringLiteral("_service")) && covers(it.key(), folder)) return &*it;
    return nullptr;
}

Arrows readArrows(const QString& architecture, Problems& problems)
{
    const QString name = QStringLiteral("ARCHITECTURE.md");
    Arrows arrows;
    const QStringList lines = architecture.split(u'\n');
    qsizetype at = lines.indexOf(QStringLiteral("| folder | may use | libraries |"));
    if (at < 0) {
        problems << problem(name, 0, QStringLiteral("has no table that begins with | folder | may use | libraries |"));
        return arrows;
    }
    for (at += 2; at < lines.size() && lines[at].startsWith(u'|'); ++at) {
        const QStringList cells = lines[at].split(u'|');
        const QStringList folders = cells.size() == 5 ? wordsOf(cells[1]) : QStringList();
        if (folders.isEmpty()) {
            problems << problem(name, at + 1, QStringLiteral("is not a row of three cells"));
            continue;
        }
        Allowed allowed;
        const QStringList users = wordsOf(cells[2]);
        for (const QString& user : users) {
            static const QStringList kTop = {QStringLiteral("app"), QStringLiteral("proto"), QStringLiteral("resources"), QStringLiteral("tests"), QStringLiteral("*")};
            allowed.folders << (user.contains(u'/') || kTop.contains(user) ? user : QStringLiteral("engine/") + user);
        }
        const QStringList libraries = wordsOf(cells[3]);
        for (const QString& library : libraries) {
            const bool known = library == u"*" || std::any_of(kLibraries.begin(), kLibraries.end(), [&](const Library& l) { return library == QLatin1String(l.name); });
            if (!known) problems << problem(name, at + 1, QStringLiteral("names a library that the test does not know: ") + library);
            allowed.libraries << library;
        }
        for (const QString& folder : folders) {
            if (arrows.byFolder.contains(folder)) problems << problem(name, at + 1, QStringLiteral("speaks a second time about ") + folder);
            arrows.byFolder[folder] = allowed;
        }
    }
    return arrows;
}

Problems checkIncludes(const File& file, const Arrows& arrows)
{
    static const QRegularExpression kInclude(QStringLiteral("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]"));
    static const QRegularExpression kGenerated(QStringLiteral("\\.moc$|^moc_|^ui_"));
    static const QRegularExpression kUmbrella(QStringLiteral("^Qt(Core|Gui|Widgets|Test|Svg|PrintSupport|DBus)(/Qt\\w+)?$"));
    const QString folder = folderOf(file.path);
    const bool service = QRegularExpression(QStringLiteral("_service\\.(h|cpp)$")).match(file.path).hasMatch();
    const Allowed allowed = allowedFor(arrows, folder, service);
    const bool isTest = folder == u"tests";
    Problems problems;
    if (!arrows.find(folder)) return {problem(file.path, 0, QStringLiteral("lies in a folder that the table of arrows does not name: ") + folder)};
    const QStringList lines = file.text.split(u'\n');
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const auto match = kInclude.match(lines[i]);
        if (!match.hasMatch()) continue;
        const QString what = match.captured(2);
        if (what.endsWith(QStringLiteral(".pb.h"))) {
            if (folder != u"engine/rpc" && folder != u"proto" && !service && !isTest)
                problems << problem(file.path, i + 1, QStringLiteral("includes %1, and only engine/rpc and files named x_service see generated protocol headers").arg(what));
            continue;
        }
        if (kUmbrella.match(what).hasMatch()) problems << problem(file.path, i + 1, QStringLiteral("includes all of a Qt module with <%1>; include the classes").arg(what));
        const QString library = libraryOf(what, &Library::include);
        if (!library.isEmpty()) {
            if (!allowed.libraries.contains(library) && !allowed.libraries.contains(QStringLiteral("*")))
                problems << problem(file.path, i + 1, QStringLiteral("includes %1 of %2, which the table of arrows does not give to %3").arg(what, library, folder));
            continue;
        }
        if (match.captured(1) == u"<") {
            if (!systemHeader().match(what).hasMatch() && !isTest)
                problems << problem(file.path, i + 1, QStringLiteral("includes <%1> of a library that the table of arrows does not know").arg(what));
            continue;
        }
        if (kGenerated.match(what).hasMatch()) continue;
        const QString to = folderOf(what);
        if (!what.contains(u'/')) {
            problems << problem(file.path, i + 1, QStringLiteral("includes \"%1\"; includes begin at the root of the tree").arg(what));
        } else if (to != folder && !coversAny(allowed.folders, to) && !allowed.folders.contains(QStringLiteral("*"))) {
            problems << problem(file.path, i + 1, QStringLiteral("includes %1; there is no arrow from %2 to %3").arg(what, folder, to));
        }
    }
    return problems;
}

QHash<QString, QString> readModules(const Files& lists)
{
    QHash<QString, QString> modules;
    for (const File& list : lists) {
        const auto calls = callsIn(list.text, QStringLiteral("orrery_module|add_library"));
        for (const QStringList& call : calls) {
            if (call.size() < 2) continue;
            QString name = call[1];
            if (name.startsWith(QStringLiteral("orrery_"))) name.remove(0, 7);
            modules[name] = folderOf(list.path);
        }
    }
    return modules;
}

Problems checkLinks(const File& list, const Arrows& arrows, const QHash<QString, QString>& modules)
{
    const QString folder = folderOf(list.path);
    if (folder.isEmpty() || folder == u"tests") return {};
    static const QStringList kOther = {QStringLiteral("SOURCES"), QStringLiteral("QT"), QStringLiteral("LABEL"), QStringLiteral("TIMEOUT"), QStringLiteral("ENVIRONMENT")};
    static const QStringList kFree = {QStringLiteral("Threads::Threads"), QStringLiteral("rt"), QStringLiteral("dl"), QStringLiteral("PUBLIC"), QStringLiteral("PRIVATE"), QStringLiteral("INTERFACE")};
    Problems problems;
    const auto calls = callsIn(list.text, QStringLiteral("orrery_module|orrery_program|orrery_plugin|target_link_libraries"));
    for (const QStringList& call : calls) {
        if (call.size() < 2) continue;
        const bool links = call[0] == u"target_link_libraries";
        const Allowed allowed = allowedFor(arrows, folder, call[1].endsWith(QStringLiteral("_service")));
        QString part = links ? QStringLiteral("LIBS") : QString();
        for (qsizetype i = 2; i < call.size(); ++i) {
            QString word = call[i];
            if (word == u"DEPENDS" || word == u"LIBS" || kOther.contains(word)) {
                part = word;
                continue;
            }
            if ((part != u"DEPENDS" && part != u"LIBS") || kFree.contains(word) || word.startsWith(u'$') || word.startsWith(u'-')) continue;
            if (part == u"DEPENDS" || word.startsWith(QStringLiteral("orrery_"))) {
                if (word.startsWith(QStringLiteral("orrery_"))) word.remove(0, 7);
                const QString to = modules.value(word);
                if (to.isEmpty()) problems << problem(list.path, 0, QStringLiteral("%1 links %2, which no folder makes").arg(call[1], word));
                else if (to != folder && !coversAny(allowed.folders, to)) problems << problem(list.path, 0, QStringLiteral("%1 links %2; there is no arrow from %3 to %4").arg(call[1], word, folder, to));
                continue;
            }
            const QString library = libraryOf(word, &Library::link);
            if (library.isEmpty()) problems << problem(list.path, 0, QStringLiteral("%1 links %2, a library that the table of arrows does not know").arg(call[1], word));
            else if (!allowed.libraries.contains(library)) problems << problem(list.path, 0, QStringLiteral("%1 links %2, which the table of arrows does not give to %3").arg(call[1], library, folder));
        }
    }
    return problems;
}

Problems checkWorkerLibraries(const QString& lddOutput)
{
    static const QRegularExpression kForbidden(QStringLiteral("^\\s*(lib(grpc|gpr|protobuf|sqlite3|Qt\\d|absl)[^ ]*)"), QRegularExpression::MultilineOption);
    Problems problems;
    for (auto it = kForbidden.globalMatch(lddOutput); it.hasNext();)
        problems << QStringLiteral("orrery-worker carries %1; a worker links neither gRPC, Protobuf, SQLite nor Qt").arg(it.next().captured(1));
    return problems;
}

} // namespace orrery::tidy
