// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// LineLog: what a program prints, as lines of the task's log, each as soon as it is whole. Long lines are cut, and after many no more
// are logged; the last one is kept for the error's sentence all the same.
// Thread: the call's.

#include "plugins/sdk/call.h"

namespace orrery::command {

class LineLog {
public:
    static constexpr std::size_t kLineBytesMax = 4096;
    static constexpr std::uint32_t kLinesMax = 10'000;

    explicit LineLog(plugin::Call& call) : m_call(call) {}
    void add(std::string_view bytes);
    void finish(); // a last line without an end
    // That is not blank, cut to fit a sentence; empty: there was none.
    const std::string& last() const { return m_last; }

private:
    void line();
    plugin::Call& m_call;
    std::string m_open; // the line that is not whole, at most kLineBytesMax of it
    std::string m_last;
    std::uint32_t m_lines = 0;
};

} // namespace orrery::command
