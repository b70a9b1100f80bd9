// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ProcessFigures: CPU and memory of this process and the processes it names, read from /proc. CPU is the share of all CPUs
// since the last read. Memory: PSS would cost a walk of page tables, so resident anonymous memory is told (RssAnon).
// Runs on: the caller's thread; some 20 us a process.

#include "engine/base/clock.h"

#include <cstdint>
#include <map>
#include <vector>

namespace orrery::host {

class ProcessFigures {
public:
    struct Figures {
        double cpuShare = 0; // 0..1 of all CPUs of the machine
        std::uint64_t memoryBytes = 0;
    };
    Figures read(const std::vector<std::int64_t>& pids, base::TimeNs nowNs);
    static std::uint64_t anonymousBytes(std::int64_t pid);
    static std::uint64_t totalMemoryBytes();
    static unsigned cpus();

private:
    std::map<std::int64_t, std::uint64_t> m_ticks;
    base::TimeNs m_lastNs = 0;
};

} // namespace orrery::host
