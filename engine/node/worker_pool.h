// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// WorkerPool: the processes of a node: one spawner and the workers it starts. Knows sockets, pids and output pipes, nothing
// of leases or tasks. If the spawner is killed its workers die with it; a new one is started for the next worker.
// Runs on: node loop. Lives: with the node; the destructor closes the spawner's socket, which ends every process.

#include "engine/base/loop.h"
#include "engine/base/seq_socket.h"
#include "engine/types/worker_messages.h"

#include <map>
#include <memory>
#include <string>

namespace orrery::node {

using Track = std::uint16_t;

struct WorkerEvents {
    virtual ~WorkerEvents() = default;
    virtual void workerMessage(Track track, types::FromWorker kind, base::ByteReader& in) = 0;
    // After this the track is never heard of again. why: "it was killed by signal 9".
    virtual void workerGone(Track track, const std::string& why) = 0;
    virtual void workerOutput(Track track, const std::string& line) = 0;
};

class WorkerPool {
public:
    // program: path of orrery-worker.
    WorkerPool(base::Loop& loop, std::string program, WorkerEvents& events);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    base::Result<void> start(Track track);
    // The worker does not read its messages or is gone: gone() follows.
    void send(Track track, std::span<const std::byte> message, std::span<const int> fds = {});
    void kill(Track track, int signal);
    std::int64_t pid(Track track) const;
    std::int64_t spawnerPid() const { return m_spawnerPid; }

private:
    struct Worker {
        base::SeqSocket control;
        base::UniqueFd output;
        std::string line;
        std::int64_t pid = 0;
        bool controlClosed = false;
        bool orphan = false; // its spawner is dead: nobody tells its end but its socket
    };
    base::Result<void> startSpawner();
    void onSpawner();
    void onControl(Track track);
    void onOutput(Track track);
    void drain(Track track);
    void gone(Track track, const std::string& why);
    void spawnerGone();

    base::Loop& m_loop;
    const std::string m_program;
    WorkerEvents& m_events;
    base::SeqSocket m_spawner;
    std::int64_t m_spawnerPid = 0;
    std::map<Track, Worker> m_workers;
};

} // namespace orrery::node
