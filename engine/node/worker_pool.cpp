// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/node/worker_pool.h"

#include "engine/base/log.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/wait.h>

extern char** environ;

namespace orrery::node {
namespace {

using base::ByteReader;
using base::ByteWriter;
using types::FromSpawner;
using types::ToSpawner;

constexpr std::size_t kOutputLineMax = 4096;
constexpr const char* kOrphanWhy = "its spawner was killed";

std::string describeExit(int status)
{
    if (WIFSIGNALED(status)) return "it was killed by signal " + std::to_string(WTERMSIG(status));
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0) return "it exited with code " + std::to_string(WEXITSTATUS(status));
    return "it exited";
}

} // namespace

WorkerPool::WorkerPool(base::Loop& loop, std::string program, WorkerEvents& events) : m_loop(loop), m_program(std::move(program)), m_events(events) {}

WorkerPool::~WorkerPool()
{
    for (auto& [track, worker] : m_workers) {
        if (!worker.controlClosed) m_loop.unwatch(worker.control.fd());
        if (worker.output) m_loop.unwatch(worker.output.get());
    }
    if (m_spawner) {
        m_loop.unwatch(m_spawner.fd());
        m_spawner.reset();
        // The spawner ends with its socket and takes every worker with it; wait so that nothing is left behind us.
        ::waitpid(static_cast<pid_t>(m_spawnerPid), nullptr, 0);
    }
}

base::Result<void> WorkerPool::startSpawner()
{
    auto ends = base::SeqSocket::pair();
    if (!ends) return ends.error();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends->second.fd(), types::kControlFd);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::string name = "orrery-worker";
    std::string mode = "--spawner";
    char* const argv[] = {name.data(), mode.data(), nullptr};
    pid_t pid = 0;
    const int failed = posix_spawn(&pid, m_program.c_str(), &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) {
        errno = failed;
        return base::failErrno(base::Errc::Failed, "cannot start the spawner " + m_program);
    }
    m_spawner = std::move(ends->first);
    m_spawnerPid = pid;
    m_spawner.setNonBlocking();
    m_loop.watch(m_spawner.fd(), EPOLLIN, [this](std::uint32_t) { onSpawner(); });
    return {};
}

base::Result<void> WorkerPool::start(Track track)
{
    if (!m_spawner) ORRERY_TRY(startSpawner());
    auto ends = base::SeqSocket::pair();
    if (!ends) return ends.error();
    int pipeEnds[2];
    if (pipe2(pipeEnds, O_CLOEXEC) != 0) return base::failErrno(base::Errc::Failed, "cannot make a pipe for a worker's output");
    base::UniqueFd read(pipeEnds[0]);
    const base::UniqueFd write(pipeEnds[1]);
    fcntl(read.get(), F_SETFL, O_NONBLOCK);
    ByteWriter out;
    out.put(ToSpawner::Spawn);
    out.put(track);
    const int fds[] = {ends->second.fd(), write.get()};
    ORRERY_TRY(m_spawner.send(out.view(), fds));
    Worker& worker = m_workers[track];
    worker.control = std::move(ends->first);
    worker.control.setNonBlocking();
    worker.output = std::move(read);
    m_loop.watch(worker.control.fd(), EPOLLIN, [this, track](std::uint32_t) { onControl(track); });
    m_loop.watch(worker.output.get(), EPOLLIN, [this, track](std::uint32_t) { onOutput(track); });
    return {};
}

void WorkerPool::send(Track track, std::span<const std::byte> message, std::span<const int> fds)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end() || found->second.controlClosed) return;
    const auto sent = found->second.control.send(message, fds);
    if (!sent && sent.error().code == base::Errc::Refused) {
        base::logf(base::LogLevel::Error, "node", "worker {} does not read its control messages and is killed", track);
        kill(track, SIGKILL);
    }
}

void WorkerPool::kill(Track track, int signal)
{
    if (!m_spawner) return;
    ByteWriter out;
    out.put(ToSpawner::Kill);
    out.put(track);
    out.put(static_cast<std::uint8_t>(signal));
    (void)m_spawner.send(out.view());
}

std::int64_t WorkerPool::pid(Track track) const
{
    const auto found = m_workers.find(track);
    return found == m_workers.end() ? 0 : found->second.pid;
}

void WorkerPool::onSpawner()
{
    for (;;) {
        auto message = m_spawner.receive();
        if (!message) {
            if (message.error().code == base::Errc::NotFound) return;
            return spawnerGone();
        }
        ByteReader in(message->bytes);
        const auto kind = in.get<FromSpawner>();
        const auto track = in.get<std::uint16_t>();
        if (!in.ok()) continue;
        if (kind == FromSpawner::Started) {
            if (const auto found = m_workers.find(track); found != m_workers.end()) found->second.pid = in.get<std::int64_t>();
        } else if (kind == FromSpawner::Exited) {
            gone(track, describeExit(in.get<std::int32_t>()));
        } else if (kind == FromSpawner::Failed) {
            gone(track, in.text());
        }
    }
}

void WorkerPool::spawnerGone()
{
    base::logf(base::LogLevel::Warn, "node", "the spawner (pid {}) died; its workers died with it and a new one is started", m_spawnerPid);
    m_loop.unwatch(m_spawner.fd());
    m_spawner.reset();
    ::waitpid(static_cast<pid_t>(m_spawnerPid), nullptr, 0);
    m_spawnerPid = 0;
    // Its workers get their SIGKILL from the kernel, but may still run for a moment and write into the memory they were given: each
    // counts as gone when its socket closes, which comes after its memory is unmapped.
    std::vector<Track> closed;
    for (auto& [track, worker] : m_workers) {
        worker.orphan = true;
        if (worker.controlClosed) closed.push_back(track);
    }
    for (const Track track : closed) gone(track, kOrphanWhy);
}

void WorkerPool::onControl(Track track)
{
    for (;;) {
        const auto found = m_workers.find(track);
        if (found == m_workers.end()) return;
        auto message = found->second.control.receive();
        if (!message) {
            if (message.error().code == base::Errc::NotFound) return;
            // The end of the process is told by the spawner, with its status; here only the watch ends.
            m_loop.unwatch(found->second.control.fd());
            found->second.controlClosed = true;
            if (found->second.orphan) gone(track, kOrphanWhy);
            return;
        }
        ByteReader in(message->bytes);
        const auto kind = in.get<types::FromWorker>();
        if (in.ok()) m_events.workerMessage(track, kind, in);
    }
}

void WorkerPool::drain(Track track)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return;
    char buffer[4096];
    for (;;) {
        const ssize_t size = ::read(found->second.output.get(), buffer, sizeof buffer);
        if (size <= 0) break;
        for (ssize_t i = 0; i < size; ++i) {
            std::string& line = found->second.line;
            if (buffer[i] == '\n' || line.size() >= kOutputLineMax) {
                m_events.workerOutput(track, std::exchange(line, {}));
            }
            if (buffer[i] != '\n') line.push_back(buffer[i]);
        }
    }
}

void WorkerPool::onOutput(Track track)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return;
    drain(track);
    // A closed pipe would report for ever; the process is about to be reaped.
    char probe = 0;
    const ssize_t size = ::read(found->second.output.get(), &probe, 1);
    if (size == 0) {
        m_loop.unwatch(found->second.output.get());
        found->second.output.reset();
    } else if (size == 1) {
        found->second.line.push_back(probe);
    }
}

void WorkerPool::gone(Track track, const std::string& why)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return;
    // Messages and output that were sent before the end count.
    if (!found->second.controlClosed) onControl(track);
    if (m_workers.count(track) == 0) return; // an orphan's last message was its end
    if (found->second.output) {
        drain(track);
        if (!found->second.line.empty()) m_events.workerOutput(track, found->second.line);
    }
    Worker worker = std::move(found->second);
    m_workers.erase(found);
    if (!worker.controlClosed) m_loop.unwatch(worker.control.fd());
    if (worker.output) m_loop.unwatch(worker.output.get());
    m_events.workerGone(track, why);
}

} // namespace orrery::node
