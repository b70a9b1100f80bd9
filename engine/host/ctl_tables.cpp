// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// nodes, workers, jobs, tasks, objects, logs.
#include "engine/host/ctl.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::host {

namespace {

std::string cellText(const types::Cell& cell)
{
    if (const auto* value = std::get_if<bool>(&cell)) return *value ? "true" : "false";
    if (const auto* value = std::get_if<std::int64_t>(&cell)) return std::to_string(*value);
    if (const auto* value = std::get_if<double>(&cell)) return fmt::format("{:.4g}", *value);
    if (const auto* value = std::get_if<std::string>(&cell)) return *value;
    return "-";
}

nlohmann::json cellJson(const types::Cell& cell, const std::string& column)
{
    if (const auto* value = std::get_if<bool>(&cell)) return *value;
    if (const auto* value = std::get_if<std::int64_t>(&cell)) {
        // Nanoseconds since 1970 and ids exceed what a double holds: they are strings (formats page).
        if (column.ends_with("_ns") || column.ends_with("_time")) return std::to_string(*value);
        return *value;
    }
    if (const auto* value = std::get_if<double>(&cell)) return *value;
    if (const auto* value = std::get_if<std::string>(&cell)) return *value;
    return nullptr;
}

} // namespace

void printPage(const types::Page& page, bool json)
{
    if (json) {
        nlohmann::json rows = nlohmann::json::array();
        for (const auto& row : page.rows) {
            nlohmann::json one = nlohmann::json::object();
            for (std::size_t i = 0; i < row.size() && i < page.columns.size(); ++i) one[page.columns[i]] = cellJson(row[i], page.columns[i]);
            rows.push_back(std::move(one));
        }
        const nlohmann::json document = {{"rows", std::move(rows)}, {"complete", page.complete && page.rows.size() == page.total}, {"dropped", page.dropped}, {"total", page.total}};
        std::printf("%s\n", document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        return;
    }
    std::vector<std::size_t> widths;
    for (const auto& column : page.columns) widths.push_back(column.size());
    for (const auto& row : page.rows)
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) widths[i] = std::min<std::size_t>(std::max(widths[i], cellText(row[i]).size()), 48);
    std::string line;
    for (std::size_t i = 0; i < page.columns.size(); ++i) line += fmt::format("{:<{}}  ", page.columns[i], widths[i]);
    std::printf("%s\n", line.c_str());
    for (const auto& row : page.rows) {
        line.clear();
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
            std::string text = cellText(row[i]);
            if (text.size() > 48) text = text.substr(0, 45) + "...";
            line += fmt::format("{:<{}}  ", text, widths[i]);
        }
        std::printf("%s\n", line.c_str());
    }
    if (page.rows.size() < page.total) std::printf("(%zu of %llu; --limit shows more)\n", page.rows.size(), static_cast<unsigned long long>(page.total));
}

void addTableCommands(CLI::App& app, CtlOptions& options, int& code)
{
    struct Table {
        const char* name;
        const char* doc;
    };
    for (const Table table : {Table{"nodes", "nodes of the cluster"}, Table{"workers", "worker processes"}, Table{"jobs", "jobs (runs), newest last"},
                              Table{"tasks", "tasks of a run"}, Table{"objects", "objects of a run"}, Table{"logs", "what tasks and workers printed"}}) {
        auto query = std::make_shared<types::Query>();
        auto run = std::make_shared<std::string>();
        query->table = table.name;
        auto* command = app.add_subcommand(table.name, table.doc);
        command->add_option("--where", query->filter, "filter, e.g. \"state = FAILED and dur > 1ms\"");
        command->add_option("--sort", query->sort, "column; -column: descending");
        command->add_option("--limit", query->count, "rows at most")->check(CLI::Range(1, 1'000'000));
        command->add_option("--run", *run, "id of a run (default: the newest)");
        command->callback([&options, &code, query, run] {
            if (!run->empty()) {
                auto id = base::RunId::parse(*run);
                if (!id) {
                    code = ctlFail(id.error());
                    return;
                }
                query->run = *id;
            }
            auto cluster = ctlConnect(options);
            if (!cluster) {
                code = ctlFail(cluster.error());
                return;
            }
            auto page = ctlAsk(*cluster->session, *query);
            if (!page) code = ctlFail(page.error());
            else printPage(*page, options.json);
        });
    }
}

} // namespace orrery::host
