// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/command/line_log.h"

namespace orrery::command {

namespace {
constexpr std::size_t kLastBytesMax = 400;
}

void LineLog::add(std::string_view bytes)
{
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        m_open.append(part.substr(0, kLineBytesMax - m_open.size()));
        if (end == std::string_view::npos) return;
        line();
        bytes.remove_prefix(end + 1);
    }
}

void LineLog::finish()
{
    if (!m_open.empty()) line();
}

void LineLog::line()
{
    // A bar of progress rewrites its line; only what stands there at the end is worth a line.
    while (m_open.ends_with('\r')) m_open.pop_back();
    if (const auto back = m_open.rfind('\r'); back != std::string::npos) m_open.erase(0, back + 1);
    if (m_open.find_first_not_of(" \t") != std::string::npos) m_last = m_open.substr(0, kLastBytesMax);
    if (m_lines < kLinesMax) m_call.info(m_open);
    else if (m_lines == kLinesMax)
        m_call.log(plugin::Level::Warning, plugin::text("only the first ", kLinesMax, " lines are logged"));
    ++m_lines;
    m_open.clear();
}

} // namespace orrery::command
