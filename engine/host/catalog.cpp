// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/catalog.h"

#include "engine/base/clock.h"
#include "engine/base/fd.h"
#include "engine/security/sha256.h"
#include "engine/types/plugin_json.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

constexpr std::size_t kOutputMax = 16u << 20;
constexpr std::size_t kReaders = 4;

struct Output {
    std::string text, errors;
    int status = 0;
    bool timedOut = false;
};

// Runs a program to its end or the limit; what it prints is bounded.
base::Result<Output> runBounded(const std::string& program, std::vector<std::string> words, int limitMs)
{
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0) return base::failErrno(Errc::Failed, "cannot make a pipe");
    base::UniqueFd outRead(out[0]), outWrite(out[1]);
    if (pipe2(err, O_CLOEXEC) != 0) return base::failErrno(Errc::Failed, "cannot make a pipe");
    base::UniqueFd errRead(err[0]), errWrite(err[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, outWrite.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, errWrite.get(), 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0); // so that what it starts can be killed with it
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t pid = 0;
    const int failed = posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) {
        errno = failed;
        return base::failErrno(Errc::Failed, "cannot start " + program);
    }
    outWrite.reset();
    errWrite.reset();
    Output output;
    const auto begin = base::systemClock().monoNs();
    const auto leftMs = [&] { return limitMs - static_cast<int>((base::systemClock().monoNs() - begin) / base::kMillisecond); };
    bool outOpen = true, errOpen = true;
    while (outOpen || errOpen) {
        const auto left = leftMs();
        pollfd polled[2] = {{outOpen ? outRead.get() : -1, POLLIN, 0}, {errOpen ? errRead.get() : -1, POLLIN, 0}};
        if (left <= 0 || ::poll(polled, 2, left) == 0) {
            output.timedOut = true;
            break;
        }
        const auto take = [](int fd, std::string& into, bool& open) {
            char buffer[65536];
            const ssize_t size = ::read(fd, buffer, sizeof buffer);
            if (size <= 0 || into.size() > kOutputMax) open = false;
            else into.append(buffer, static_cast<std::size_t>(size));
        };
        if (polled[0].revents) take(outRead.get(), output.text, outOpen);
        if (polled[1].revents) take(errRead.get(), output.errors, errOpen);
    }
    // Its outputs are closed; its end may still hang.
    const base::UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    pollfd ended{process.get(), POLLIN, 0};
    if (!output.timedOut && process && ::poll(&ended, 1, std::max(leftMs(), 0)) == 0) output.timedOut = true;
    if (output.timedOut) ::kill(-pid, SIGKILL);
    ::waitpid(pid, &output.status, 0);
    return output;
}

} // namespace

base::Result<types::PluginInfo> describePlugin(const std::string& workerProgram, const std::string& path)
{
    std::error_code failed;
    const std::string absolute = std::filesystem::canonical(path, failed).string();
    if (failed) return fail(Errc::NotFound, "there is no plugin " + path);
    auto output = runBounded(workerProgram, {"orrery-worker", "--describe", absolute}, kDescribeLimitMs);
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
