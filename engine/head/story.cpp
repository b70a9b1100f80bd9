// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/story.h"

#include <fmt/format.h>

#include <vector>

namespace orrery::head {

std::string Story::text(std::string_view subject, std::size_t linesMax) const
{
    std::vector<const Line*> chosen;
    for (auto line = m_lines.rbegin(); line != m_lines.rend() && chosen.size() < linesMax; ++line)
        if (subject.empty() || line->subject == subject) chosen.push_back(&*line);
    std::string text;
    for (auto line = chosen.rbegin(); line != chosen.rend(); ++line)
        text += fmt::format("{}.{:03} {}: {}\n", (*line)->atNs / base::kSecond, (*line)->atNs % base::kSecond / base::kMillisecond, (*line)->subject, (*line)->text);
    return text;
}

} // namespace orrery::head
