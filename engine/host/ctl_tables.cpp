// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// nodes, workers, jobs, tasks, objects, events, logs.
#include "engine/host/ctl.h"

#include "engine/host/table_text.h"
#include "engine/types/filter.h"

#include <cstdio>
#include <unistd.h>

namespace orrery::host {

namespace {

struct TableCommand {
    const char* name;
    const char* table;
    const char* filter; // that the command stands for; empty: none
    const char* doc;
};
constexpr TableCommand kCommands[] = {{"nodes", "nodes", "", "nodes of the cluster"},
                                      {"workers", "workers", "", "worker processes"},
                                      {"jobs", "jobs", "", "jobs (runs), newest last"},
                                      {"tasks", "tasks", "", "tasks of a run"},
                                      {"objects", "objects", "", "results of a run"},
                                      {"events", "logs", "not track >= 0", "what the head and the nodes say"},
                                      {"logs", "logs", "", "the same, and what tasks and workers printed"}};
constexpr std::size_t kShownByDefault = 100;

struct TableWish {
    std::string where, sort, run;
    std::vector<std::string> columns;
    std::size_t limit = kShownByDefault; // 0: all
};

// Page after page until the limit; a page that is empty ends it, so rows that went meanwhile cannot keep it going.
base::Result<types::Page> askAll(client::Session& session, types::Query query, std::size_t limit)
{
    types::Page whole;
    for (;;) {
        const std::size_t left = limit == 0 ? std::numeric_limits<std::uint32_t>::max() : limit - whole.rows.size();
        query.first = whole.rows.size();
        query.count = static_cast<std::uint32_t>(std::min<std::size_t>(left, std::numeric_limits<std::uint32_t>::max()));
        auto page = ctlAsk(session, query);
        if (!page) return page;
        const bool first = whole.columns.empty(), empty = page->rows.empty();
        if (first) {
            whole = std::move(*page);
        } else {
            whole.total = page->total;
            whole.complete = whole.complete && page->complete;
            whole.dropped = std::max(whole.dropped, page->dropped);
            for (auto& row : page->rows) whole.rows.push_back(std::move(row));
        }
        if (empty || whole.rows.size() >= whole.total || (limit != 0 && whole.rows.size() >= limit)) return whole;
    }
}

int showTable(const CtlOptions& options, const TableCommand& command, const TableWish& wish)
{
    const types::TableSchema& schema = *types::findTable(command.table);
    types::Query query;
    query.table = command.table;
    query.filter = wish.where;
    // A wrong filter is told with the places of what was written, before a cluster is asked.
    if (auto filter = types::Filter::parse(wish.where, schema); !filter) return ctlFail(filter.error());
    else if (*command.filter != '\0') query.filter = std::string(command.filter) + (filter->all() ? "" : " and (" + filter->text() + ")");
    query.sort = wish.sort;
    const bool all = wish.columns.size() == 1 && wish.columns[0] == "all";
    if (!all) query.columns = wish.columns.empty() && !options.json ? columnsForPeople(schema) : wish.columns;
    if (!wish.run.empty()) {
        auto id = base::RunId::parse(wish.run);
        if (!id) return ctlFail(id.error());
        query.run = *id;
    }
    auto cluster = ctlConnect(options);
    if (!cluster) return ctlFail(cluster.error());
    auto page = askAll(*cluster->session, std::move(query), wish.limit);
    if (!page) return ctlFail(page.error());
    if (!options.json && wish.columns.empty()) dropEmptyColumns(*page);
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    const std::string text = options.json ? tableJson(*page, schema) : tableText(*page, schema, terminal);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout); // before what is said of it on stderr
    if (options.json) return 0;
    if (page->rows.empty()) std::fprintf(stderr, "no rows\n");
    else if (page->rows.size() < page->total) std::fprintf(stderr, "%zu of %llu; --limit N shows more, --limit 0 all\n", page->rows.size(), static_cast<unsigned long long>(page->total));
    if (page->dropped > 0) std::fprintf(stderr, "%llu older lines are no longer kept\n", static_cast<unsigned long long>(page->dropped));
    return 0;
}

std::string fieldsText(const types::TableSchema& schema)
{
    std::string text = "Columns:";
    for (const auto& field : schema.fields) {
        text += "\n  " + std::string(field.name);
        if (!field.shorts.empty()) text += " (" + std::string(field.shorts) + ")";
        if (!field.doc.empty()) text += "  " + std::string(field.doc);
    }
    return text;
}

} // namespace

void addTableCommands(CLI::App& app, CtlOptions& options, int& code)
{
    for (const auto& table : kCommands) {
        auto wish = std::make_shared<TableWish>();
        auto* command = app.add_subcommand(table.name, table.doc);
        command->footer(fieldsText(*types::findTable(table.table)));
        command->add_option("--where", wish->where, "filter, e.g. \"state=failed and dur>1ms\"");
        command->add_option("--sort", wish->sort, "column; -column: descending");
        command->add_option("--columns", wish->columns, "columns, a comma between; all: every one")->delimiter(',');
        command->add_option("--limit", wish->limit, "rows at most; 0: all")->capture_default_str();
        if (std::string_view(table.table) == "tasks" || std::string_view(table.table) == "objects") command->add_option("--run", wish->run, "id of a run (default: the newest)");
        command->callback([&options, &code, &table, wish] { code = showTable(options, table, *wish); });
    }
}

void showTables(client::Session& session, std::initializer_list<const char*> tables)
{
    for (const char* table : tables) {
        const types::TableSchema& schema = *types::findTable(table);
        const std::string sort = std::string_view(table) == "jobs" ? "-number" : ""; // the newest first: twenty are shown
        auto page = ctlAsk(session, {table, {}, {}, sort, columnsForPeople(schema), 0, 20});
        if (!page || page->rows.empty()) continue;
        dropEmptyColumns(*page);
        std::printf("\n%s", tableText(*page, schema, true).c_str());
    }
}

} // namespace orrery::host
