// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// graph check|fmt|show, plugin list|info|check: without a cluster.
#include "engine/host/ctl.h"

#include "engine/host/catalog.h"
#include "engine/types/graph_check.h"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

base::Result<std::string> readText(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Errc::BadInput, "cannot read " + path + ": " + std::strerror(errno));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

int printProblems(const std::string& path, const std::vector<types::Problem>& problems, bool json)
{
    if (json) {
        nlohmann::json rows = nlohmann::json::array();
        for (const auto& problem : problems) rows.push_back({{"pointer", problem.pointer}, {"message", problem.message}});
        std::printf("%s\n", nlohmann::json{{"rows", rows}, {"complete", true}, {"dropped", 0}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    }
    if (problems.empty()) return 0;
    std::fprintf(stderr, "orreryctl: %s has %zu problem%s\n", path.c_str(), problems.size(), problems.size() == 1 ? "" : "s");
    for (const auto& problem : problems) std::fprintf(stderr, "  %s\n", problem.text().c_str());
    return 2;
}

std::shared_ptr<const types::Catalog> installed() { return scanPlugins(launch::siblingProgram("orrery-worker"), launch::pluginFolders()); }

int graphCheck(const std::string& path, bool json)
{
    auto text = readText(path);
    if (!text) return ctlFail(text.error());
    auto parsed = types::parseDocument(*text);
    // No plugin is asked about a text in which no vertex could be read.
    if (!parsed.ok() && parsed.graph.vertices.empty()) return printProblems(path, parsed.problems, json);
    const auto checked = types::checkParsed(parsed, *installed());
    const int code = printProblems(path, checked.problems, json);
    if (code == 0 && !json) std::printf("%s is sound: %zu vertices, %zu edges\n", path.c_str(), parsed.graph.vertices.size(), parsed.graph.edges.size());
    return code;
}

int graphFormat(const std::string& path, bool toStdout)
{
    auto text = readText(path);
    if (!text) return ctlFail(text.error());
    auto parsed = types::parseDocument(*text);
    if (!parsed.ok()) return printProblems(path, parsed.problems, false);
    const std::string formatted = types::formatDocument(parsed.graph);
    if (toStdout) {
        std::fwrite(formatted.data(), 1, formatted.size(), stdout);
        return 0;
    }
    if (formatted == *text) return 0;
    const std::string temporary = path + ".new";
    std::ofstream file(temporary, std::ios::binary);
    file << formatted;
    file.close();
    if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) return ctlFail(base::failErrno(Errc::Failed, "cannot write " + path));
    return 0;
}

int graphShow(const std::string& path)
{
    auto text = readText(path);
    if (!text) return ctlFail(text.error());
    auto parsed = types::parseDocument(*text);
    if (!parsed.ok()) return printProblems(path, parsed.problems, false);
    const auto catalog = installed();
    const auto checked = types::checkParsed(parsed, *catalog);
    std::printf("%s: %zu vertices, %zu edges\n", parsed.graph.title.c_str(), parsed.graph.vertices.size(), parsed.graph.edges.size());
    const auto show = [&](std::size_t v) {
        const auto& vertex = parsed.graph.vertices[v];
        std::printf("  %s%s  %s  %s\n", vertex.id.c_str(), checked.vertices[v].wide ? " (map)" : "", vertex.function.c_str(), checked.vertices[v].params.c_str());
        for (const auto& edge : parsed.graph.edges)
            if (edge.to.vertex == vertex.id) std::printf("      %s <- %s (%s)\n", edge.to.port.c_str(), edge.from.text().c_str(), std::string(types::edgeModeName(edge.mode)).c_str());
    };
    for (const auto v : checked.order) show(v);
    return printProblems(path, checked.problems, false);
}

int pluginList(bool json)
{
    const auto catalog = installed();
    if (json) {
        nlohmann::json rows = nlohmann::json::array();
        for (const auto& plugin : catalog->plugins)
            rows.push_back({{"name", plugin.name}, {"version", plugin.version}, {"functions", plugin.functions.size()}, {"path", plugin.path}, {"sha256", plugin.sha256}, {"interface", plugin.interfaceHash}});
        std::printf("%s\n", nlohmann::json{{"rows", rows}, {"complete", true}, {"dropped", 0}}.dump().c_str());
    } else {
        for (const auto& plugin : catalog->plugins) std::printf("%-12s %-8s %3zu functions  %s\n", plugin.name.c_str(), plugin.version.c_str(), plugin.functions.size(), plugin.path.c_str());
    }
    for (const auto& problem : catalog->problems) std::fprintf(stderr, "orreryctl: %s\n", problem.message.c_str());
    return catalog->problems.empty() ? 0 : 1;
}

int pluginInfo(const std::string& path, bool onlyCheck)
{
    auto plugin = describePlugin(launch::siblingProgram("orrery-worker"), path);
    if (!plugin) {
        ctlFail(plugin.error());
        return 2;
    }
    std::printf("%s %s, %zu functions\n  %s\n  file       sha256:%s\n  interface  %s\n", plugin->name.c_str(), plugin->version.c_str(), plugin->functions.size(), plugin->doc.c_str(), plugin->sha256.c_str(), plugin->interfaceHash.c_str());
    if (onlyCheck) return 0;
    for (const auto& function : plugin->functions) {
        std::printf("\n%s  %s\n  needs %s\n", function.name.c_str(), function.doc.c_str(), function.resources.text().c_str());
        for (const auto& port : function.inputs) std::printf("  in   %-12s %-14s %s\n", port.name.c_str(), port.type.c_str(), port.doc.c_str());
        for (const auto& port : function.outputs) std::printf("  out  %-12s %-14s %s\n", port.name.c_str(), port.type.c_str(), port.doc.c_str());
        std::printf("  params %s\n", function.paramSchema.c_str());
    }
    return 0;
}

} // namespace

void addGraphCommands(CLI::App& app, CtlOptions& options, int& code)
{
    auto path = std::make_shared<std::string>();
    auto toStdout = std::make_shared<bool>(false);
    auto* graph = app.add_subcommand("graph", "validate and explain graph documents");
    graph->require_subcommand(1);
    const auto add = [&](CLI::App* parent, const char* name, const char* doc, std::function<int()> run) {
        auto* command = parent->add_subcommand(name, doc);
        command->add_option("file", *path)->required();
        command->callback([&code, run] { code = run(); });
        return command;
    };
    add(graph, "check", "every problem with its place; exit 2 when there is one", [&options, path] { return graphCheck(*path, options.json); });
    add(graph, "fmt", "rewrite in canonical form", [path, toStdout] { return graphFormat(*path, *toStdout); })->add_flag("--stdout", *toStdout, "print instead");
    add(graph, "show", "explain in words", [path] { return graphShow(*path); });
    auto* plugin = app.add_subcommand("plugin", "task libraries");
    plugin->require_subcommand(1);
    plugin->add_subcommand("list", "installed plugins")->callback([&] { code = pluginList(options.json); });
    add(plugin, "info", "functions, ports and parameters of a plugin file", [path] { return pluginInfo(*path, false); });
    add(plugin, "check", "load a plugin in a throw-away process", [path] { return pluginInfo(*path, true); });
    addPluginCommands(*plugin, options, code);
}

} // namespace orrery::host
