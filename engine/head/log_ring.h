// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// LogRing: the newest log lines of the cluster, bounded by lines and bytes. Lines have numbers from 1 that never come back;
// the oldest go first and are counted, so a reader that was away knows how many it missed.
// Thread: the head's loop. Pure.
// Invariant (audit): bytes() is the sum of what is held; first() + size() == next().

#include "engine/head/bounds.h"
#include "engine/types/run.h"

#include <deque>
#include <string>

namespace orrery::head {

class LogRing {
public:
    explicit LogRing(std::size_t linesMax = kLogLinesMax, std::size_t bytesMax = kLogBytesMax) : m_linesMax(linesMax), m_bytesMax(bytesMax) {}
    // A line longer than kLogLineBytesMax is cut and says so.
    void add(types::LogLine line);
    std::uint64_t first() const { return m_first; }                 // number of the oldest line that is held
    std::uint64_t next() const { return m_first + m_lines.size(); } // number the next line gets
    std::uint64_t dropped() const { return m_first - 1; }
    std::size_t bytes() const { return m_bytes; }
    const std::deque<types::LogLine>& lines() const { return m_lines; }
    // REQUIRES: first() <= number < next()
    const types::LogLine& at(std::uint64_t number) const { return m_lines[number - m_first]; }
    static std::size_t cost(const types::LogLine& line) { return line.text.size() + 32; }
    std::string audit() const;

private:
    const std::size_t m_linesMax;
    const std::size_t m_bytesMax;
    std::deque<types::LogLine> m_lines;
    std::uint64_t m_first = 1;
    std::size_t m_bytes = 0;
};

} // namespace orrery::head
