// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/log.h"

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <string>
#include <unistd.h>

namespace orrery::base {
namespace {

LogLevel levelFromEnvironment()
{
    const char* text = std::getenv("ORRERY_LOG");
    const std::string_view name = text ? text : "";
    if (name == "debug") return LogLevel::Debug;
    if (name == "warn") return LogLevel::Warn;
    if (name == "error") return LogLevel::Error;
    return LogLevel::Info;
}

std::atomic<LogLevel>& level()
{
    static std::atomic<LogLevel> current{levelFromEnvironment()};
    return current;
}

} // namespace

void setLogLevel(LogLevel wanted) { level().store(wanted, std::memory_order_relaxed); }
bool logEnabled(LogLevel wanted) { return wanted >= level().load(std::memory_order_relaxed); }

void logLine(LogLevel at, std::string_view part, std::string_view text)
{
    static constexpr const char* kNames[] = {"debug", "info", "warn", "error"};
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm parts{};
    localtime_r(&now.tv_sec, &parts);
    const std::string line = fmt::format("{:02}:{:02}:{:02}.{:03} {:5} {}: {}\n", parts.tm_hour, parts.tm_min, parts.tm_sec,
                                         now.tv_nsec / 1'000'000, kNames[static_cast<int>(at)], part, text);
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace orrery::base
