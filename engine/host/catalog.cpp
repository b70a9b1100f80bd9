// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/catalog.h"

#include "engine/host/bounded_program.h"
#include "engine/security/sha256.h"
#include "engine/types/plugin_json.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <sys/wait.h>
#include <thread>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

constexpr std::size_t kReaders = 4;

} // namespace

base::Result<types::PluginInfo> describePlugin(const std::string& workerProgram, const std::string& path)
{
    std::error_code failed;
    const std::string absolute = std::filesystem::canonical(path, failed).string();
    if (failed) return fail(Errc::NotFound, "there is no plugin " + path);
    auto output = runBounded(workerProgram, {"orrery-worker", "--describe", absolute}, {kDescribeLimitMs});
    if (!output) return output.error();
    if (output->timedOut) return fail(Errc::Failed, "the plugin " + path + " did not finish loading within " + std::to_string(kDescribeLimitMs / 1000) + " s; it may hang in a static constructor");
    if (WIFSIGNALED(output->status)) return fail(Errc::Failed, "the plugin " + path + " crashes when it is loaded (signal " + std::to_string(WTERMSIG(output->status)) + ")");
    if (WEXITSTATUS(output->status) != 0) {
        const auto line = output->errors.substr(0, output->errors.find('\n'));
        return fail(Errc::Failed, line.empty() ? "the plugin " + path + " ends the program when it is loaded" : line);
    }
    auto plugin = types::parsePluginInfo(output->text);
    if (!plugin) return fail(Errc::BadInput, path + ": " + plugin.error().message);
    auto hash = security::sha256OfFile(absolute);
    if (!hash) return hash.error();
    plugin->path = absolute;
    plugin->sha256 = *hash;
    plugin->interfaceHash = "sha256:" + security::sha256(types::canonicalInterface(*plugin));
    return plugin;
}

std::shared_ptr<const types::Catalog> scanPlugins(const std::string& workerProgram, const std::vector<std::string>& folders)
{
    auto catalog = std::make_shared<types::Catalog>();
    std::vector<std::string> paths;
    std::vector<types::PluginProblem> unread;
    for (const auto& folder : folders) {
        std::error_code ignored;
        if (&folder != &folders.front() && !std::filesystem::exists(folder, ignored)) continue;
        std::error_code failed;
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
            if (entry.path().extension() == ".so") found.push_back(entry.path().string());
        if (failed) unread.push_back({folder, "the plugin folder " + folder + " cannot be read: " + failed.message()});
        std::sort(found.begin(), found.end());
        paths.insert(paths.end(), found.begin(), found.end());
    }
    if (paths.size() > kPluginsMax) paths.resize(kPluginsMax);
    // Side by side: one that hangs costs its limit once, not once for each behind it.
    std::vector<std::optional<base::Result<types::PluginInfo>>> described(paths.size());
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> readers;
    for (std::size_t i = 0; i < std::min(kReaders, paths.size()); ++i)
        readers.emplace_back([&] {
            for (std::size_t at = 0; (at = next++) < paths.size();) described[at] = describePlugin(workerProgram, paths[at]);
        });
    for (auto& reader : readers) reader.join();
    for (std::size_t i = 0; i < paths.size(); ++i) {
        auto& plugin = *described[i];
        if (!plugin) {
            catalog->problems.push_back({paths[i], plugin.error().message});
            continue;
        }
        const auto same = std::find_if(catalog->plugins.begin(), catalog->plugins.end(), [&](const auto& one) { return one.name == plugin->name; });
        if (same == catalog->plugins.end()) catalog->plugins.push_back(std::move(*plugin));
        else catalog->problems.push_back({paths[i], "the plugin " + paths[i] + " is not used: " + same->path + " has its name, " + same->name + "; rename one of them"});
    }
    catalog->problems.insert(catalog->problems.end(), unread.begin(), unread.end());
    return catalog;
}

} // namespace orrery::host
