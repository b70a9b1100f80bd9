// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/census/counts.h"

namespace orrery::census {

using namespace orrery::plugin;

namespace {

std::string cell(const std::string& text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

} // namespace

void Counts::add(std::string_view month, std::string_view package, std::int64_t count)
{
    m_counts[{std::string(month), std::string(package)}] += count;
}

void Counts::add(const TableView& table)
{
    const auto months = table.column<std::string_view>("month"), packages = table.column<std::string_view>("package");
    const auto counts = table.column<std::int64_t>("count");
    for (std::uint64_t row = 0; row < table.rows(); ++row) {
        if (counts[row] < 1)
            throw Error(text("row ", row, " counts ", counts[row], " entries; a row has one at least"));
        add(months[row], packages[row], counts[row]);
    }
}

// FNV-1a, 64 bits; std::hash may differ between machines.
std::size_t Counts::partOf(std::string_view month, std::string_view package, std::size_t parts)
{
    std::uint64_t hash = 0xcbf29ce484222325u;
    const auto take = [&](char c) { hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u; };
    for (const char c : month) take(c);
    take('\0');
    for (const char c : package) take(c);
    return static_cast<std::size_t>(hash % parts);
}

std::int64_t Counts::entries() const
{
    std::int64_t all = 0;
    for (const auto& [key, count] : m_counts) all += count;
    return all;
}

Table Counts::table() const
{
    std::vector<std::string_view> months, packages;
    std::vector<std::int64_t> counts;
    for (const auto& [key, count] : m_counts) {
        months.push_back(key.first);
        packages.push_back(key.second);
        counts.push_back(count);
    }
    Table table;
    table.add("month", months).add("package", packages).add("count", counts);
    return table;
}

std::string Counts::csv() const
{
    std::string out = "month,package,count\n";
    for (const auto& [key, count] : m_counts)
        out += cell(key.first) + "," + cell(key.second) + "," + std::to_string(count) + "\n";
    return out;
}

} // namespace orrery::census
