// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// log: one line a message on stderr: time, level, program part, text. For people and for files that the node keeps.
// Thread: any; one write(2) a line, so lines of several processes do not mix.

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace orrery::base {

enum class LogLevel : unsigned char { Debug, Info, Warn, Error };

// Messages below this level are not written. Default Info; ORRERY_LOG=debug|info|warn|error sets it at start.
void setLogLevel(LogLevel level);
bool logEnabled(LogLevel level);
void logLine(LogLevel level, std::string_view part, std::string_view text);

template <typename... Args>
void logf(LogLevel level, std::string_view part, fmt::format_string<Args...> format, Args&&... args)
{
    if (logEnabled(level)) logLine(level, part, fmt::format(format, std::forward<Args>(args)...));
}

} // namespace orrery::base
