// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/date_text.h"

#include <fmt/format.h>

#include <ctime>

namespace orrery::security {

std::string dateText(base::TimeNs wallNs)
{
    const auto seconds = static_cast<std::time_t>(wallNs / base::kSecond);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                       parts.tm_hour, parts.tm_min);
}

} // namespace orrery::security
