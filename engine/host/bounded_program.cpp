// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/bounded_program.h"

#include "engine/base/clock.h"
#include "engine/base/fd.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace orrery::host {

using base::Errc;

namespace {

constexpr std::size_t kOutputMax = 16u << 20;
constexpr int kFarewellMs = 2000; // for a program that is asked to end: a build tool ends what it started

// Whether the process ended within this time. Without a pidfd nobody can say, and waitpid() has to wait.
bool endsWithin(pid_t pid, int ms)
{
    const base::UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    pollfd ended{process.get(), POLLIN, 0};
    return !process || ::poll(&ended, 1, std::max(ms, 0)) != 0;
}

} // namespace

base::Result<ProgramEnd> runBounded(const std::string& program, std::vector<std::string> words, ProgramBounds bounds)
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
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none); // programs of ours block what asks them to end
    posix_spawnattr_setpgroup(&attributes, 0);      // so that what it starts can be killed with it
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
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
    ProgramEnd end;
    const auto begin = base::systemClock().monoNs();
    const auto leftMs = [&] { return bounds.limitMs - static_cast<int>((base::systemClock().monoNs() - begin) / base::kMillisecond); };
    bool outOpen = true, errOpen = true;
    while (outOpen || errOpen) {
        const auto left = leftMs();
        pollfd polled[3] = {{outOpen ? outRead.get() : -1, POLLIN, 0}, {errOpen ? errRead.get() : -1, POLLIN, 0}, {bounds.stopFd, POLLIN, 0}};
        if (left <= 0 || ::poll(polled, 3, left) == 0) {
            end.timedOut = true;
            break;
        }
        if (polled[2].revents) {
            end.stopped = true;
            break;
        }
        const auto take = [](int fd, std::string& into, bool& open) {
            char buffer[65536];
            const ssize_t size = ::read(fd, buffer, sizeof buffer);
            if (size <= 0 || into.size() > kOutputMax) open = false;
            else into.append(buffer, static_cast<std::size_t>(size));
        };
        if (polled[0].revents) take(outRead.get(), end.text, outOpen);
        if (polled[1].revents) take(errRead.get(), end.errors, errOpen);
    }
    if (end.stopped) {
        ::kill(-pid, SIGTERM);
        if (!endsWithin(pid, kFarewellMs)) ::kill(-pid, SIGKILL);
    } else if (end.timedOut || !endsWithin(pid, leftMs())) { // its outputs are closed; its end may still hang
        end.timedOut = true;
        ::kill(-pid, SIGKILL);
    }
    ::waitpid(pid, &end.status, 0);
    return end;
}

std::string programInPath(const std::string& name)
{
    const char* path = std::getenv("PATH");
    std::stringstream list(path ? path : "/usr/bin:/bin");
    for (std::string folder; std::getline(list, folder, ':');) {
        const std::string program = (folder.empty() ? "." : folder) + "/" + name;
        struct stat info {};
        if (::stat(program.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(program.c_str(), X_OK) == 0) return program;
    }
    return {};
}

} // namespace orrery::host
