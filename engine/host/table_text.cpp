// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/table_text.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::host {

using types::Cell;
using types::FieldKind;

namespace {

struct Shown {
    std::string text;
    std::size_t letters = 0;
};

// Length of the UTF-8 letter that begins here; 0: it is none, or one that a terminal must not see.
std::size_t letterAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const unsigned first = byte(at);
    const auto tail = [&](std::size_t i) { return (byte(at + i) & 0xc0) == 0x80; };
    if (first < 0x80) return first < 0x20 || first == 0x7f ? 0 : 1;
    if (first >= 0xc2 && first < 0xe0) return tail(1) && !(first == 0xc2 && byte(at + 1) < 0xa0) ? 2 : 0; // not U+0080 to U+009F
    if (first >= 0xe0 && first < 0xf0) return tail(1) && tail(2) ? 3 : 0;
    if (first >= 0xf0 && first < 0xf5) return tail(1) && tail(2) && tail(3) ? 4 : 0;
    return 0;
}

Shown shown(std::string_view text, std::size_t lettersMax)
{
    Shown made;
    std::size_t lastAt = 0; // where the last letter that may stay begins
    for (std::size_t at = 0; at < text.size(); ++made.letters) {
        if (made.letters + 1 == lettersMax) lastAt = made.text.size();
        if (made.letters == lettersMax) {
            made.text.resize(lastAt);
            made.text += "\xe2\x80\xa6"; // an ellipsis
            return made;
        }
        const std::size_t length = letterAt(text, at);
        if (length == 0) made.text += '?';
        else made.text.append(text.substr(at, length));
        at += std::max<std::size_t>(length, 1);
    }
    return made;
}

std::string cellText(const Cell& cell, FieldKind kind)
{
    if (const auto* value = std::get_if<bool>(&cell)) return *value ? "yes" : "no";
    if (const auto* value = std::get_if<double>(&cell)) return kind == FieldKind::Share ? fmt::format("{:.0f} %", *value * 100) : fmt::format("{:.4g}", *value);
    if (const auto* value = std::get_if<std::string>(&cell)) return *value;
    const auto* value = std::get_if<std::int64_t>(&cell);
    if (!value) return "-";
    switch (kind) {
    case FieldKind::Bytes: return bytesText(*value);
    case FieldKind::Duration: return durationText(*value);
    case FieldKind::Instant: return instantText(*value);
    default: return std::to_string(*value);
    }
}

FieldKind kindOf(const types::TableSchema& schema, const std::string& column)
{
    const auto field = schema.find(column);
    return field == types::kNoField ? FieldKind::Text : schema.at(field).kind;
}

bool toTheRight(FieldKind kind) { return kind <= FieldKind::Share && kind != FieldKind::Instant; }

// Units are said by the values.
std::string_view headText(std::string_view column, FieldKind kind)
{
    for (const std::string_view unit : {"_ns", "_time_ms", "_ms", "_bytes"})
        if (column.ends_with(unit) && (kind == FieldKind::Duration || kind == FieldKind::Instant || kind == FieldKind::Bytes)) return column.substr(0, column.size() - unit.size());
    return column;
}

} // namespace

std::vector<std::string> columnsForPeople(const types::TableSchema& schema)
{
    if (&schema == &types::taskSchema()) return {"name", "state", "attempt", "node", "worker", "duration_ns", "wait_ns", "bytes_out", "wait_reason", "error_message"};
    if (&schema == &types::objectSchema()) return {"object_id", "name", "state", "object_size", "type", "shape", "refs", "node", "task_status"};
    if (&schema == &types::workerSchema()) return {"node", "worker", "is_alive", "pid", "running", "tasks_done", "rss_bytes", "start_time_ms", "exit_detail"};
    if (&schema == &types::nodeSchema()) return {"node", "node_name", "state", "host", "pid", "cpu_share", "memory_bytes", "store_bytes", "workers", "resources_available", "state_message"};
    if (&schema == &types::jobSchema()) return {"number", "job_id", "title", "status", "tasks", "finished", "failed", "duration_ns", "submission_time_ms", "message"};
    return {"time_ms", "level", "node", "worker", "text"};
}

void dropEmptyColumns(types::Page& page)
{
    if (page.rows.empty()) return;
    for (std::size_t column = page.columns.size(); column-- > 0;) {
        const bool empty = std::all_of(page.rows.begin(), page.rows.end(), [column](const auto& row) { return column >= row.size() || std::holds_alternative<std::monostate>(row[column]); });
        if (!empty) continue;
        page.columns.erase(page.columns.begin() + static_cast<std::ptrdiff_t>(column));
        for (auto& row : page.rows)
            if (column < row.size()) row.erase(row.begin() + static_cast<std::ptrdiff_t>(column));
    }
}

std::string durationText(std::int64_t ns)
{
    if (ns < 0) return "-" + durationText(ns == std::numeric_limits<std::int64_t>::min() ? std::numeric_limits<std::int64_t>::max() : -ns);
    if (ns < 1'000) return fmt::format("{} ns", ns);
    if (ns < 59'995'000'000) {
        static constexpr std::pair<double, const char*> kUnits[] = {{1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};
        for (const auto& [factor, unit] : kUnits) {
            const double value = static_cast<double>(ns) / factor;
            if (value >= 999.95 && factor < 1e9) continue; // "1.000 ms" and not "1000.0 us"
            return fmt::format("{:.{}f} {}", value, value < 9.9995 ? 3 : value < 99.995 ? 2 : 1, unit);
        }
    }
    const std::int64_t seconds = ns / 1'000'000'000 + (ns % 1'000'000'000 >= 500'000'000 ? 1 : 0);
    if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
}

std::string bytesText(std::int64_t bytes)
{
    if (bytes < 1024) return fmt::format("{} B", bytes);
    double value = static_cast<double>(bytes) / 1024;
    const char* const kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    std::size_t unit = 0;
    for (; value >= 1023.95 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
    return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string instantText(std::int64_t ms)
{
    const std::int64_t rest = ms % 1000 + (ms % 1000 < 0 ? 1000 : 0);
    const std::int64_t seconds = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
    const std::time_t at = seconds;
    std::tm local{};
    if (!localtime_r(&at, &local)) return std::to_string(ms);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, rest);
}

std::string tableText(const types::Page& page, const types::TableSchema& schema, bool cut)
{
    const std::size_t columns = page.columns.size();
    std::vector<FieldKind> kinds;
    std::vector<std::vector<Shown>> lines(1);
    for (const auto& column : page.columns) {
        kinds.push_back(kindOf(schema, column));
        lines[0].push_back(shown(headText(column, kinds.back()), kCellLetters));
    }
    for (const auto& row : page.rows) {
        auto& line = lines.emplace_back();
        for (std::size_t i = 0; i < columns && i < row.size(); ++i) line.push_back(shown(cellText(row[i], kinds[i]), cut && i + 1 < columns ? kCellLetters : std::string::npos));
    }
    std::vector<std::size_t> widths(columns);
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].letters);
    std::string text;
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string space(widths[i] - line[i].letters, ' ');
            text += toTheRight(kinds[i]) ? space + line[i].text : line[i].text + space;
            text += "  ";
        }
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    return text;
}

std::string tableJson(const types::Page& page, const types::TableSchema& schema)
{
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const auto& cells : page.rows) {
        auto& row = rows.emplace_back(nlohmann::ordered_json::object());
        for (std::size_t i = 0; i < cells.size() && i < page.columns.size(); ++i) {
            auto& value = row[page.columns[i]];
            const FieldKind kind = kindOf(schema, page.columns[i]);
            if (const auto* flag = std::get_if<bool>(&cells[i])) value = *flag;
            else if (const auto* real = std::get_if<double>(&cells[i])) value = *real;
            else if (const auto* text = std::get_if<std::string>(&cells[i])) value = *text;
            else if (const auto* number = std::get_if<std::int64_t>(&cells[i])) {
                // A reader that keeps numbers as doubles would round these.
                if (kind == FieldKind::Duration || kind == FieldKind::Instant) value = std::to_string(*number);
                else value = *number;
            }
        }
    }
    nlohmann::ordered_json document;
    document["complete"] = page.complete && page.rows.size() == page.total;
    document["dropped"] = page.dropped;
    document["rows"] = std::move(rows);
    document["total"] = page.total;
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace orrery::host
