// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/head_launcher.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

extern char** environ;

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

std::string endText(const siginfo_t& info)
{
    if (info.si_code == CLD_EXITED) return fmt::format("its process ended with status {}", info.si_status);
    return fmt::format("its process was killed by signal {} ({})", info.si_status, strsignal(info.si_status));
}

} // namespace

LocalLauncher::~LocalLauncher()
{
    for (const auto& [pid, fd] : m_processes) m_loop.unwatch(fd.get());
}

void LocalLauncher::start(const types::AddNode& wish, const std::string& name, std::function<void(std::int64_t pid, std::string problem)> done)
{
    ORRERY_ON(m_loop);
    const auto pid = spawn(wish, name);
    if (!pid) return done(0, pid.error().message);
    watch(*pid);
    done(*pid, {});
}

base::Result<std::int64_t> LocalLauncher::spawn(const types::AddNode& wish, const std::string& name)
{
    std::vector<std::string> words{m_options.program, "node", "--head", m_options.address, "--name", name};
    const double cpus = wish.cpus > 0 ? wish.cpus : m_options.cpus;
    const std::uint64_t storeBytes = wish.storeBytes > 0 ? wish.storeBytes : m_options.storeBytes;
    if (cpus > 0) words.insert(words.end(), {"--cpus", fmt::format("{}", cpus)});
    if (storeBytes > 0) words.insert(words.end(), {"--store-bytes", std::to_string(storeBytes)});
    if (!m_options.workerProgram.empty()) words.insert(words.end(), {"--worker-program", m_options.workerProgram});
    if (m_options.more) {
        const auto more = m_options.more(name);
        if (!more) return more.error();
        words.insert(words.end(), more->begin(), more->end());
    }
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    std::error_code ignored; // what fails here fails again in the spawn, with its reason
    std::filesystem::create_directories(m_options.workDir, ignored);
    const std::string log = m_options.logDir + "/node-" + name + ".log";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if (!m_options.workDir.empty()) posix_spawn_file_actions_addchdir_np(&actions, m_options.workDir.c_str());
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    pid_t pid = 0;
    const int failed = posix_spawn(&pid, m_options.program.c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) return fail(Errc::Failed, fmt::format("{} cannot be run: {}", m_options.program, std::strerror(failed)));
    return static_cast<std::int64_t>(pid);
}

void LocalLauncher::watch(std::int64_t pid)
{
    ORRERY_ON(m_loop);
    if (m_processes.count(pid) > 0) return;
    base::UniqueFd fd(static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0)));
    if (!fd) {
        // It is gone already. Told later, never inside this call: the caller is in the middle of something.
        m_loop.after(0, [this, pid] { if (m_exited) m_exited(pid, "its process is gone"); });
        return;
    }
    const int number = fd.get();
    m_processes[pid] = std::move(fd);
    m_loop.watch(number, EPOLLIN, [this, pid](std::uint32_t) { ended(pid); });
}

void LocalLauncher::ended(std::int64_t pid)
{
    const auto found = m_processes.find(pid);
    if (found == m_processes.end()) return;
    siginfo_t info{};
    std::string why = "its process ended"; // not our child: the status is its parent's to know
    if (waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(found->second.get()), &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0) why = endText(info);
    m_loop.unwatch(found->second.get());
    m_processes.erase(found);
    if (m_exited) m_exited(pid, std::move(why));
}

void LocalLauncher::kill(std::int64_t pid)
{
    ORRERY_ON(m_loop);
    const auto found = m_processes.find(pid);
    if (found != m_processes.end()) syscall(SYS_pidfd_send_signal, found->second.get(), SIGKILL, nullptr, 0);
}

} // namespace orrery::host
