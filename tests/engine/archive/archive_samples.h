// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Entries, runs and processes for the tests of archive.

#include "engine/archive/records.h"
#include "engine/archive/run_file.h"
#include "engine/types/graph_document.h"
#include "tests/engine/trace/trace_samples.h"

#include <array>
#include <csignal>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace orrery::samples {

inline archive::RunEntry runEntry(std::uint32_t number, std::string note = {})
{
    types::Graph graph;
    graph.title = "Sample " + std::to_string(number);
    types::Vertex vertex;
    vertex.id = "render";
    vertex.function = "basic.add";
    graph.vertices = {vertex};
    archive::RunEntry entry;
    entry.row.id = runId(number);
    entry.row.number = number;
    entry.row.title = graph.title;
    entry.row.state = types::RunState::Running;
    entry.row.submitWallNs = 1'700'000'000'000'000'000 + number;
    entry.row.startNs = 77 + number;
    entry.row.tasks = 3;
    entry.row.counts[7] = 3;
    entry.row.reexecuted = number % 5;
    entry.row.error = std::move(note);
    entry.document = types::formatDocument(graph);
    entry.homeEpoch = 2;
    entry.home = base::NodeId{{1, number}};
    return entry;
}

inline bool same(const archive::RunEntry& a, const archive::RunEntry& b)
{
    const auto& x = a.row;
    const auto& y = b.row;
    return x.id == y.id && x.number == y.number && x.title == y.title && x.state == y.state && x.submitWallNs == y.submitWallNs && x.startNs == y.startNs && x.endNs == y.endNs &&
           x.counts == y.counts && x.tasks == y.tasks && x.reexecuted == y.reexecuted && x.error == y.error && a.document == b.document && a.homeEpoch == b.homeEpoch && a.home == b.home;
}

inline archive::NodeEntry nodeEntry(std::uint16_t number)
{
    archive::NodeEntry node;
    node.id = base::NodeId{{9, number}};
    node.incarnation = 4;
    node.number = number;
    node.firstTrack = static_cast<std::uint16_t>(number * 100);
    node.tracks = 50;
    node.name = "local";
    node.host = "host-" + std::to_string(number);
    node.pid = 4000 + number;
    return node;
}

// A copy of this program, started with arguments, whose stdout is read here. Killed with -9 at the latest when destroyed.
class Child {
public:
    explicit Child(std::vector<std::string> arguments)
    {
        std::array<int, 2> pipe{};
        if (::pipe(pipe.data()) != 0) return;
        std::vector<char*> argv;
        std::string self = "/proc/self/exe";
        argv.push_back(self.data());
        for (auto& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        m_pid = ::fork();
        if (m_pid == 0) {
            ::dup2(pipe[1], 1);
            ::close(pipe[0]);
            ::execv(self.c_str(), argv.data());
            ::_exit(127);
        }
        ::close(pipe[1]);
        m_fd = pipe[0];
    }
    ~Child() { kill(); ::close(m_fd); }
    // Waits for the next number the child wrote; false: it is gone and everything was read.
    bool next(std::uint64_t& number)
    {
        std::size_t got = 0;
        while (got < sizeof number) {
            const ssize_t n = ::read(m_fd, reinterpret_cast<char*>(&number) + got, sizeof number - got);
            if (n <= 0) return false;
            got += static_cast<std::size_t>(n);
        }
        return true;
    }
    void kill()
    {
        if (m_pid <= 0) return;
        ::kill(m_pid, SIGKILL);
        int status = 0;
        ::waitpid(std::exchange(m_pid, -1), &status, 0);
    }

private:
    pid_t m_pid = -1;
    int m_fd = -1;
};

inline void tell(std::uint64_t number)
{
    if (::write(1, &number, sizeof number) != sizeof number) ::_exit(3);
}

} // namespace orrery::samples
