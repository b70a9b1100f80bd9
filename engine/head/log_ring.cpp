// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/log_ring.h"

namespace orrery::head {

void LogRing::add(types::LogLine line)
{
    if (line.text.size() > kLogLineBytesMax) {
        const std::size_t cut = line.text.size() - kLogLineBytesMax;
        line.text.resize(kLogLineBytesMax);
        // Never end inside a character: continuation bytes are 10xxxxxx.
        while (!line.text.empty() && (static_cast<unsigned char>(line.text.back()) & 0xc0) == 0x80) line.text.pop_back();
        if (!line.text.empty() && (static_cast<unsigned char>(line.text.back()) & 0x80) != 0) line.text.pop_back();
        line.text += " ... (" + std::to_string(cut) + " bytes cut)";
    }
    m_bytes += cost(line);
    m_lines.push_back(std::move(line));
    while (m_lines.size() > m_linesMax || (m_bytes > m_bytesMax && m_lines.size() > 1)) {
        m_bytes -= cost(m_lines.front());
        m_lines.pop_front();
        ++m_first;
    }
}

std::string LogRing::audit() const
{
    std::size_t bytes = 0;
    for (const auto& line : m_lines) bytes += cost(line);
    if (bytes != m_bytes) return "log ring: bytes " + std::to_string(m_bytes) + " but the lines have " + std::to_string(bytes);
    if (m_lines.size() > m_linesMax) return "log ring: more lines than its bound";
    return {};
}

} // namespace orrery::head
