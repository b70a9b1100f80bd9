// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/start_head.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <spawn.h>

extern char** environ;

namespace orrery::host {

std::string headLog(const HeadWish& wish)
{
    return (wish.dataDir.empty() ? launch::defaultDataDir() + "/" + wish.name : wish.dataDir) + ".log";
}

base::Result<pid_t> startHead(const HeadWish& wish)
{
    const std::string log = headLog(wish);
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(log).parent_path(), ignored);
    std::vector<std::string> words{launch::siblingProgram("orreryd"), "head", "--name", wish.name};
    if (!wish.dataDir.empty()) words.insert(words.end(), {"--data", wish.dataDir});
    if (wish.cpus > 0) words.insert(words.end(), {"--cpus", fmt::format("{}", wish.cpus)});
    if (wish.storeBytes > 0) words.insert(words.end(), {"--store-bytes", std::to_string(wish.storeBytes)});
    if (!wish.listen.empty()) words.insert(words.end(), {"--listen", wish.listen});
    if (!wish.enrol.empty()) words.insert(words.end(), {"--enrol", wish.enrol});
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    pid_t pid = 0;
    const int failed = posix_spawn(&pid, words[0].c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed == 0) return pid;
    errno = failed;
    return base::failErrno(base::Errc::Failed, "cannot start " + words[0]);
}

} // namespace orrery::host
