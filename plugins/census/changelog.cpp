// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/census/changelog.h"

#include <array>

namespace orrery::census {

namespace {

// Not the locale's: \s and \S of the format are ASCII's.
constexpr bool isSpace(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::size_t skip(std::string_view text, std::size_t at, bool (*is)(char))
{
    while (at < text.size() && is(text[at])) ++at;
    return at;
}

int monthNumber(std::string_view name)
{
    static constexpr std::array<std::string_view, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (std::size_t i = 0; i < kNames.size(); ++i)
        if (name == kNames[i]) return static_cast<int>(i) + 1;
    return 0;
}

// "12 Jan 2026" that begins at `at`: one or two digits, a month's name, long or short, four digits.
std::string monthAt(std::string_view text, std::size_t at)
{
    const std::size_t dayEnd = skip(text, at, isDigit);
    const std::size_t name = skip(text, dayEnd, isSpace);
    if (dayEnd == at || dayEnd - at > 2 || name == dayEnd) return {};
    const int month = monthNumber(text.substr(name, 3));
    if (month == 0) return {};
    const std::size_t nameEnd = skip(text, name + 3, [](char c) { return c >= 'a' && c <= 'z'; });
    const std::size_t year = skip(text, nameEnd, isSpace);
    if (year == nameEnd || skip(text, year, isDigit) < year + 4) return {};
    return std::string(text.substr(year, 4)) + (month < 10 ? "-0" : "-") + std::to_string(month);
}

} // namespace

std::string_view packageOfHeading(std::string_view line)
{
    const std::size_t name = skip(line, 0, [](char c) { return !isSpace(c); });
    if (name == 0 || !line.substr(name).starts_with(" (")) return {};
    const std::size_t close = line.find(')', name + 2);
    if (close == std::string_view::npos || close == name + 2 || !line.substr(close).starts_with(") ")) return {};
    const std::size_t end = line.find(';', close);
    if (end == std::string_view::npos) return {};
    std::string_view rest = line.substr(end + 1);
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    return rest.starts_with("urgency=") ? line.substr(0, name) : std::string_view();
}

std::string monthOfTrailer(std::string_view line)
{
    const std::size_t mail = line.rfind('>'); // a name may hold digits
    for (std::size_t at = mail == std::string_view::npos ? 0 : mail + 1; at < line.size();
         at = skip(line, at, isDigit) + 1) {
        at = skip(line, at, [](char c) { return !isDigit(c); });
        if (std::string month = monthAt(line, at); !month.empty()) return month;
    }
    return kUnknownMonth;
}

std::vector<Entry> readEntries(std::string_view changelog)
{
    std::vector<Entry> entries;
    bool open = false; // the last one waits for its month
    while (!changelog.empty()) {
        const std::size_t end = changelog.find('\n');
        const std::string_view line = changelog.substr(0, end);
        changelog.remove_prefix(end == std::string_view::npos ? changelog.size() : end + 1);
        if (open && line.starts_with(" -- ")) {
            entries.back().month = monthOfTrailer(line);
            open = false;
        } else if (const auto package = packageOfHeading(line); !package.empty()) {
            entries.push_back({package, kUnknownMonth});
            open = true;
        }
    }
    return entries;
}

} // namespace orrery::census
