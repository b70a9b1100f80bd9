// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/census/changelog.h"
#include "plugins/census/counts.h"
#include "plugins/census/gzip.h"
#include "plugins/sdk/orrery.h"
#include "plugins/sdk/save_file.h"

#include <algorithm>
#include <filesystem>
#include <fnmatch.h>

namespace orrery::census {

using namespace orrery::plugin;
namespace fs = std::filesystem;

namespace {

struct ListParams {
    std::vector<std::string> roots = {"/usr/share/doc"};
    std::int64_t lists = 16;
    static void fields(Fields<ListParams>& f)
    {
        f("roots", &ListParams::roots, "Folders of folders with changelogs");
        f("lists", &ListParams::lists, "How many lists the files are dealt out to: one task each").range(1, 4096);
    }
};

// As a shell expands ROOT/*/changelog*.gz: a leading dot is not matched, links are followed, a link that leads nowhere is a file that
// cannot be read and is told of by who reads it.
void addRoot(const std::string& root, std::vector<std::string>& files, Call& call)
{
    std::error_code error;
    fs::directory_iterator at(root, error);
    if (error) throw Error(text("cannot list `", root, "`: ", error.message()));
    for (; at != fs::directory_iterator(); at.increment(error)) {
        if (error) throw Error(text("cannot list `", root, "`: ", error.message()));
        call.checkCancelled();
        std::error_code inside;
        if (at->path().filename().string().starts_with('.') || !at->is_directory(inside)) continue;
        fs::directory_iterator file(at->path(), inside);
        for (; !inside && file != fs::directory_iterator(); file.increment(inside)) {
            std::error_code ignored; // then it is none
            if (::fnmatch("changelog*.gz", file->path().filename().c_str(), 0) == 0 && !file->is_directory(ignored))
                files.push_back(file->path().string());
        }
        if (inside) call.log(Level::Warning, text("cannot list `", at->path().string(), "`: ", inside.message()));
    }
}

std::vector<std::vector<std::string>> listChangelogs(const ListParams& params, Call& call)
{
    if (params.roots.empty()) throw Error("parameter `roots` is empty; name a folder");
    std::vector<std::string> files;
    for (const std::string& root : params.roots) {
        const auto before = static_cast<std::ptrdiff_t>(files.size());
        addRoot(root, files, call);
        std::sort(files.begin() + before, files.end()); // a folder has no order of its own
    }
    if (files.empty()) {
        std::string where;
        for (const std::string& root : params.roots) where += (where.empty() ? "`" : ", `") + root + "/*`";
        throw Error(text("there are no files changelog*.gz in ", where,
                         "; name folders that have some in the parameter `roots`"));
    }
    call.info(text(files.size(), " files"));
    std::vector<std::vector<std::string>> lists(static_cast<std::size_t>(params.lists));
    for (std::size_t i = 0; i < files.size(); ++i) lists[i % lists.size()].push_back(std::move(files[i]));
    return lists;
}

struct CountParams {
    std::int64_t parts = 8;
    static void fields(Fields<CountParams>& f)
    {
        f("parts", &CountParams::parts, "How many parts the counts are split into by the hash of month and package")
            .range(1, 4096);
    }
};

std::tuple<std::vector<Table>, Json> countEntries(List<std::string_view> files, const CountParams& params, Call& call)
{
    std::vector<Counts> parts(static_cast<std::size_t>(params.parts));
    std::int64_t broken = 0, entries = 0;
    for (std::uint64_t i = 0; i < files.size(); ++i) {
        call.checkCancelled();
        call.progress(static_cast<double>(i) / static_cast<double>(files.size()));
        const std::string path(files[i]);
        try {
            const std::string contents = readGzip(path);
            for (const Entry& entry : readEntries(contents)) {
                parts[Counts::partOf(entry.month, entry.package, parts.size())].add(entry.month, entry.package, 1);
                ++entries;
            }
        } catch (const Error& e) {
            ++broken;
            call.log(Level::Warning, text("`", path, "` is not counted: ", e.what()));
        }
    }
    std::vector<Table> tables;
    for (const Counts& part : parts) tables.push_back(part.table());
    return {std::move(tables), {{"broken", broken}, {"entries", entries}, {"files", files.size()}}};
}

Counts sumOf(const List<TableView>& tables, Call& call)
{
    Counts all;
    for (const TableView& table : tables) {
        call.checkCancelled();
        all.add(table);
    }
    return all;
}

Table aggregate(List<TableView> counts, Call& call)
{
    return sumOf(counts, call).table();
}

struct WriteParams {
    std::string file = "census.csv";
    static void fields(Fields<WriteParams>& f)
    {
        f("file", &WriteParams::file, text(kSaveFileDoc, "; empty: no file").c_str()).format("file");
    }
};

std::tuple<Table, Json> writeCsv(List<TableView> counts, List<Json> stats, const WriteParams& params, Call& call)
{
    const Counts all = sumOf(counts, call);
    Json summary = {{"broken", 0}, {"entries", 0}, {"files", 0}};
    for (const Json& one : stats)
        for (const auto& [name, value] : one.items())
            summary[name] = summary.value(name, std::int64_t{0}) + value.get<std::int64_t>();
    if (!stats.empty() && summary["entries"] != all.entries())
        throw Error(text("the lists counted ", summary["entries"].dump(), " entries and the tables hold ",
                         all.entries(), "; is a table missing or given twice?"));
    summary["entries"] = all.entries();
    summary["rows"] = all.rows();
    const std::string csv = all.csv();
    if (!params.file.empty()) saveFile(params.file, std::as_bytes(std::span(csv)), call);
    call.info(text(summary["entries"].dump(), " entries in ", summary["files"].dump(), " files; ",
                   summary["broken"].dump(), " files could not be read"));
    return {all.table(), summary};
}

} // namespace
} // namespace orrery::census

ORRERY_PLUGIN("census", "0.1.0", "What is in the changelogs of a machine's packages: entries by month and package.")
{
    using namespace orrery::census;
    using namespace orrery::plugin;
    const char* const kCensus = "Census";
    plugin.forkSafe();
    plugin
        .function<listChangelogs>("list_changelogs", "The changelogs below some folders, dealt out to lists.",
                                  out("lists", "Paths, sorted before they are dealt out"))
        .category(kCensus)
        .icon("file");
    plugin
        .function<countEntries>("count_entries", "Counts the entries of changelogs by month and package.",
                                in("files", "Paths of gzip files"),
                                out("parts", "One table each part: month, package, count"),
                                out("stats", "Files, broken ones, entries"))
        .category(kCensus)
        .icon("list");
    plugin
        .function<aggregate>("aggregate", "Adds up counts of equal months and packages.",
                             in("counts", "Tables of one part"), out("counts", "One table, sorted"))
        .pure()
        .category(kCensus)
        .icon("plus");
    plugin
        .function<writeCsv>("write_csv", "Sorts all counts into one table and writes it as CSV.",
                            in("counts", "Tables of all parts"), in("stats", "What counting says of its files"),
                            out("table", "month, package, count, sorted"),
                            out("summary", "Files, broken ones, entries, rows"))
        .category(kCensus)
        .icon("table");
}
