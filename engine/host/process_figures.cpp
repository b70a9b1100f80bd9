// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/process_figures.h"

#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <unistd.h>

namespace orrery::host {
namespace {

std::string slurp(const char* path)
{
    char buffer[4096];
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    const ssize_t size = ::read(fd, buffer, sizeof buffer);
    ::close(fd);
    return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : std::string();
}

// utime + stime of /proc/pid/stat, fields 14 and 15 (proc(5)); the name in field 2 may hold anything, so count from its end.
std::uint64_t ticksOf(std::int64_t pid)
{
    const std::string text = slurp(("/proc/" + std::to_string(pid) + "/stat").c_str());
    const auto end = text.rfind(')');
    if (end == std::string::npos) return 0;
    unsigned long long user = 0, system = 0;
    std::sscanf(text.c_str() + end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system);
    return user + system;
}

} // namespace

std::uint64_t ProcessFigures::anonymousBytes(std::int64_t pid)
{
    const std::string text = slurp(("/proc/" + std::to_string(pid) + "/status").c_str());
    const auto at = text.find("RssAnon:");
    if (at == std::string::npos) return 0;
    return std::strtoull(text.c_str() + at + 8, nullptr, 10) * 1024;
}

std::uint64_t ProcessFigures::totalMemoryBytes()
{
    return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

unsigned ProcessFigures::cpus()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return static_cast<unsigned>(CPU_COUNT(&set));
    return 1;
}

ProcessFigures::Figures ProcessFigures::read(const std::vector<std::int64_t>& pids, base::TimeNs nowNs)
{
    Figures figures;
    std::map<std::int64_t, std::uint64_t> ticks;
    std::uint64_t used = 0;
    for (const auto pid : pids) {
        const std::uint64_t now = ticksOf(pid);
        ticks[pid] = now;
        const auto before = m_ticks.find(pid);
        // A process that is new since the last look counts from its start.
        used += now - (before == m_ticks.end() ? 0 : before->second);
        figures.memoryBytes += anonymousBytes(pid);
    }
    const double seconds = static_cast<double>(nowNs - m_lastNs) / static_cast<double>(base::kSecond);
    if (m_lastNs > 0 && seconds > 0)
        figures.cpuShare = static_cast<double>(used) / static_cast<double>(sysconf(_SC_CLK_TCK)) / seconds / cpus();
    if (figures.cpuShare > 1) figures.cpuShare = 1;
    m_ticks = std::move(ticks);
    m_lastNs = nowNs;
    return figures;
}

} // namespace orrery::host
