// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Story: what the head decided, the newest kStoryLinesMax sentences, each about one subject ("Run 3", "node A (local)").
// For people who ask how something came about, and for the text of a failed audit. Thread: the head's loop. Pure.

#include "engine/base/clock.h"

#include <deque>
#include <string>
#include <string_view>

namespace orrery::head {

inline constexpr std::size_t kStoryLinesMax = 2000;

class Story {
public:
    void tell(base::TimeNs atNs, std::string subject, std::string text)
    {
        m_lines.push_back({atNs, std::move(subject), std::move(text)});
        if (m_lines.size() > kStoryLinesMax) m_lines.pop_front();
    }
    // Lines "12.345 Run 3: ..." of a subject, all when it is empty; the newest last.
    std::string text(std::string_view subject = {}, std::size_t linesMax = kStoryLinesMax) const;

private:
    struct Line {
        base::TimeNs atNs = 0;
        std::string subject;
        std::string text;
    };
    std::deque<Line> m_lines;
};

} // namespace orrery::head
