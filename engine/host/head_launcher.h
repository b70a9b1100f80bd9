// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// LocalLauncher: starts `orreryd node` processes on this machine and notices the end of any local node's process, also of one
// that another head started (through a pidfd, so a reused number is never taken for the node).
// A node gets a session of its own and no descriptor of ours: it outlives the window. Its output goes to <logDir>/node-<name>.log.
// Runs on: the head's loop; start() takes the time of a vfork and an exec (about a millisecond).

#include "engine/base/fd.h"
#include "engine/base/loop.h"
#include "engine/head/ports.h"

#include <map>
#include <string>
#include <vector>

namespace orrery::host {

struct LauncherOptions {
    std::string program;   // orreryd; empty: no node can be started here
    std::string address;   // where the head listens, as `--head` of the node takes it
    std::string workerProgram;
    std::string logDir;    // must exist
    std::string workDir;   // made when missing: where nodes and their workers run, and relative paths of tasks lead
    double cpus = 0;       // of a node, where the wish says nothing; 0: the node's own default
    std::uint64_t storeBytes = 0;
    // Further arguments of the node of that name, or why it cannot be started; null: none.
    std::function<base::Result<std::vector<std::string>>(const std::string& name)> more;
};

class LocalLauncher final : public head::NodeLauncher {
public:
    LocalLauncher(base::Loop& loop, LauncherOptions options) : m_loop(loop), m_options(std::move(options)) {}
    ~LocalLauncher() override;
    void start(const types::AddNode& wish, const std::string& name, std::function<void(std::int64_t pid, std::string problem)> done) override;
    void watch(std::int64_t pid) override;
    void kill(std::int64_t pid) override;
    void setExited(std::function<void(std::int64_t pid, std::string why)> exited) override { m_exited = std::move(exited); }
    void setMore(std::function<base::Result<std::vector<std::string>>(const std::string& name)> more) { m_options.more = std::move(more); }
    std::size_t watched() const { return m_processes.size(); }

private:
    base::Result<std::int64_t> spawn(const types::AddNode& wish, const std::string& name);
    void ended(std::int64_t pid);

    base::Loop& m_loop;
    LauncherOptions m_options;
    std::map<std::int64_t, base::UniqueFd> m_processes; // pid -> pidfd
    std::function<void(std::int64_t pid, std::string why)> m_exited;
};

} // namespace orrery::host
