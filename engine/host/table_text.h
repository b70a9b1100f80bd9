// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A page of a table as the command line prints it: aligned text for people, or one JSON document.
// Text: numbers to the right and with their unit, durations and sizes as people say them; what a task or a log line wrote
// cannot move the cursor: control characters and broken UTF-8 are printed as "?".
// JSON: {"rows": [{column: value}], "complete", "dropped", "total"}; ids, times and durations (ns) are strings, sizes are bytes.
// Thread: pure functions.

#include "engine/types/session_values.h"
#include "engine/types/table_schema.h"

#include <string>

namespace orrery::host {

// Columns that people see where they did not ask for others.
std::vector<std::string> columnsForPeople(const types::TableSchema& schema);
// Takes out the columns in which no row has a value; all stay where there is no row.
void dropEmptyColumns(types::Page& page);

// cut: wide cells, those of the last column apart, are shortened to kCellLetters, as a terminal wants it.
inline constexpr std::size_t kCellLetters = 40;
std::string tableText(const types::Page& page, const types::TableSchema& schema, bool cut);
std::string tableJson(const types::Page& page, const types::TableSchema& schema);

// "277.4 ms", "2 min 03 s" · "64.0 KiB" · local time "2026-11-25 15:36:39.123"
std::string durationText(std::int64_t ns);
std::string bytesText(std::int64_t bytes);
std::string instantText(std::int64_t ms);

} // namespace orrery::host
