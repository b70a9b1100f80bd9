// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/spawner.h"

#include "engine/base/log.h"
#include "engine/base/seq_socket.h"
#include "engine/types/worker_messages.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <map>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace orrery::worker {
namespace {

using base::ByteReader;
using base::ByteWriter;
using types::FromSpawner;
using types::ToSpawner;

constexpr int kGroupTryMs = 120;

class Spawner {
public:
    explicit Spawner(int controlFd) : m_node(base::UniqueFd(controlFd)) {}

    int run()
    {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        sigset_t children;
        sigemptyset(&children);
        sigaddset(&children, SIGCHLD);
        sigprocmask(SIG_BLOCK, &children, nullptr);
        const base::UniqueFd signals(signalfd(-1, &children, SFD_CLOEXEC));
        yieldToOthers();
        for (;;) {
            pollfd polled[2] = {{m_node.fd(), POLLIN, 0}, {signals.get(), POLLIN, 0}};
            const int ready = ::poll(polled, 2, m_groupTries > 0 ? kGroupTryMs : -1);
            if (ready < 0 && errno != EINTR) break;
            if (ready == 0) yieldAsGroup();
            if (polled[1].revents) {
                signalfd_siginfo info{};
                [[maybe_unused]] const ssize_t got = ::read(signals.get(), &info, sizeof info);
                reap();
            }
            if (polled[0].revents && !serve()) break;
        }
        for (const auto& [pid, track] : m_tracks) ::kill(pid, SIGKILL);
        while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {}
        return 0;
    }

private:
    // The window, the node and whatever a person does at this machine go before tasks; the figures are in README.md. All workers are in one
    // session, whose group has its own niceness where sessions are scheduled as groups (sched(7), autogroup): there the niceness of
    // a process counts among its own session only. Whether either can be set is no condition for work.
    void yieldToOthers()
    {
        setsid();
        [[maybe_unused]] const int now = ::nice(kWorkerNice); // from wherever the node stands
        yieldAsGroup();
    }
    // The system takes one such wish in 100 ms, whoever has it; another spawner may have been first.
    void yieldAsGroup()
    {
        --m_groupTries;
        const base::UniqueFd group(::open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC));
        const std::string nice = std::to_string(kWorkerNice);
        if (!group || ::write(group.get(), nice.data(), nice.size()) > 0 || errno != EAGAIN) m_groupTries = 0;
    }

    // False: the node is gone.
    bool serve()
    {
        auto message = m_node.receive();
        if (!message) return message.error().code != base::Errc::Closed;
        ByteReader in(message->bytes);
        const auto kind = in.get<ToSpawner>();
        const auto track = in.get<std::uint16_t>();
        if (kind == ToSpawner::Kill) {
            const auto number = in.get<std::uint8_t>();
            for (const auto& [pid, owned] : m_tracks)
                if (owned == track && in.ok()) ::kill(pid, number);
            return true;
        }
        if (kind != ToSpawner::Spawn || !in.ok() || message->fds.size() != 2) return true;
        spawn(track, message->fds[0].get(), message->fds[1].get());
        return true;
    }

    void spawn(std::uint16_t track, int control, int output)
    {
        const pid_t parent = getpid();
        const pid_t pid = ::fork(); // one thread: everything is allowed in the child
        if (pid < 0) {
            ByteWriter out;
            out.put(FromSpawner::Failed);
            out.put(track);
            out.put(base::failErrno(base::Errc::Failed, "cannot start a worker process").message);
            (void)m_node.send(out.view());
            return;
        }
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != parent) _exit(1); // the spawner died in between
            sigset_t none;
            sigemptyset(&none);
            sigprocmask(SIG_SETMASK, &none, nullptr);
            setpgid(0, 0); // a plugin that signals its group meets itself alone
            dup2(output, STDOUT_FILENO);
            dup2(output, STDERR_FILENO);
            if (control == types::kControlFd) fcntl(control, F_SETFD, 0);
            else dup2(control, types::kControlFd);
            char program[] = "/proc/self/exe";
            char name[] = "orrery-worker";
            char mode[] = "--worker";
            char* const argv[] = {name, mode, nullptr};
            execv(program, argv);
            _exit(127);
        }
        m_tracks[pid] = track;
        ByteWriter out;
        out.put(FromSpawner::Started);
        out.put(track);
        out.put(static_cast<std::int64_t>(pid));
        (void)m_node.send(out.view());
    }

    void reap()
    {
        int status = 0;
        for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
            const auto found = m_tracks.find(pid);
            if (found == m_tracks.end()) continue; // left behind by a worker
            ByteWriter out;
            out.put(FromSpawner::Exited);
            out.put(found->second);
            out.put(static_cast<std::int32_t>(status));
            m_tracks.erase(found);
            (void)m_node.send(out.view());
        }
    }

    base::SeqSocket m_node;
    std::map<pid_t, std::uint16_t> m_tracks;
    int m_groupTries = 20;
};

} // namespace

int runSpawner(int controlFd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "orrery-spawner");
    Spawner spawner(controlFd);
    return spawner.run();
}

} // namespace orrery::worker
