// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// plugin new|build|watch: task libraries of one's own, and every running cluster told of them.
#include "engine/host/ctl.h"

#include "engine/host/plugin_project.h"
#include "engine/host/plugin_watch.h"
#include "engine/host/stop_signals.h"

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sys/eventfd.h>

namespace orrery::host {

namespace {

namespace fs = std::filesystem;

// A signal as something that can be waited for beside a program that runs.
class StopFd {
public:
    StopFd() : m_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), m_signals([this] { ::eventfd_write(m_fd.get(), 1); }) {}
    int get() const { return m_fd.get(); }

private:
    const base::UniqueFd m_fd;
    const StopSignals m_signals;
};

int refuse(const base::Error& error)
{
    ctlFail(error);
    return error.code == base::Errc::Cancelled ? 1 : 2;
}

std::string portWords(const std::vector<types::Port>& ports)
{
    std::string words;
    for (const auto& port : ports) words += (words.empty() ? "" : ", ") + port.name + ": " + port.type;
    return words.empty() ? "nothing" : words;
}

void showBuilt(const types::PluginInfo& info, const std::string& folder, bool json)
{
    const auto clusters = rescanClusters();
    if (json) {
        nlohmann::json functions = nlohmann::json::array();
        for (const auto& function : info.functions) functions.push_back(function.name);
        const nlohmann::json row{{"name", info.name}, {"version", info.version}, {"functions", functions}, {"folder", folder}, {"path", info.path}, {"sha256", info.sha256}, {"interface", info.interfaceHash}, {"clusters", clusters}};
        std::printf("%s\n", nlohmann::json{{"rows", nlohmann::json::array({row})}, {"complete", true}, {"dropped", 0}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        return;
    }
    for (const auto& function : info.functions) std::printf("  task   %s: %s -> %s\n", function.name.c_str(), portWords(function.inputs).c_str(), portWords(function.outputs).c_str());
    std::printf("  built  %s\n", info.path.c_str());
    for (const auto& line : clusters) std::printf("  %s\n", line.c_str());
}

int pluginNew(const std::string& name, const std::string& parent, bool json)
{
    blockStopSignals();
    const StopFd stop;
    auto made = newPlugin(name, parent, stop.get());
    if (!made) return refuse(made.error());
    std::error_code ignored;
    const std::string folder = fs::canonical(fs::path(parent) / name, ignored).string();
    if (!json) std::printf("%s is ready: %s/%s.cpp\n", name.c_str(), folder.c_str(), name.c_str());
    showBuilt(*made, folder, json);
    if (!json) std::printf("  run    orreryctl run %s/%s.orrery --wait --out results\n  edit   orreryctl plugin watch %s    (each save builds it; new runs use it, nothing is started anew)\n", folder.c_str(), name.c_str(), folder.c_str());
    return 0;
}

int pluginBuild(const std::string& folder, bool json)
{
    blockStopSignals();
    const StopFd stop;
    auto built = buildPlugin(folder, stop.get());
    if (!built) return refuse(built.error());
    if (!json) std::printf("%s %s\n", built->name.c_str(), built->version.c_str());
    std::error_code ignored;
    showBuilt(*built, fs::canonical(folder, ignored).string(), json);
    return 0;
}

int pluginWatch(const std::string& folder)
{
    blockStopSignals();
    if (std::error_code ignored; !fs::exists(folder + "/CMakeLists.txt", ignored))
        return refuse(base::fail(base::Errc::BadInput, folder + " holds no task library: it has no CMakeLists.txt; orreryctl plugin new NAME makes one"));
    std::promise<int> over;
    auto ended = over.get_future();
    std::atomic<bool> told{false}; // the watch's thread and the signal's may both end it
    const auto end = [&](int code) {
        if (!told.exchange(true)) over.set_value(code);
    };
    const StopSignals signals([&] { end(0); });
    std::printf("watching %s; Ctrl+C ends it\n", folder.c_str());
    std::fflush(stdout);
    const PluginWatch watch(folder, PluginWatch::First::Build, [&](PluginNews news) {
        if (news.built) {
            std::printf("%s is built, %.1f s\n", news.built->name.c_str(), news.seconds);
            showBuilt(*news.built, folder, false);
        } else {
            ctlFail(news.built.error());
        }
        std::fflush(stdout);
        if (news.over) end(2);
    });
    return ended.get();
}

} // namespace

void addPluginCommands(CLI::App& plugin, CtlOptions& options, int& code)
{
    auto text = std::make_shared<std::string>();
    auto parent = std::make_shared<std::string>(".");
    auto* fresh = plugin.add_subcommand("new", "a task library of your own: writes it, builds it, loads it");
    fresh->add_option("name", *text, "its name: small letters, digits and _")->required();
    fresh->add_option("--folder", *parent, "where its folder is made (default: here)");
    fresh->callback([&options, &code, text, parent] { code = pluginNew(*text, *parent, options.json); });
    auto* build = plugin.add_subcommand("build", "build a library once and have it used");
    build->add_option("folder", *text, "of the library")->required();
    build->callback([&options, &code, text] { code = pluginBuild(*text, options.json); });
    auto* watch = plugin.add_subcommand("watch", "build a library now and each time a source is saved");
    watch->add_option("folder", *text, "of the library")->required();
    watch->callback([&code, text] { code = pluginWatch(*text); });
}

} // namespace orrery::host
