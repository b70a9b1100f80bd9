// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Entries of a Debian changelog. An entry begins with a line  ^(\S+) \(([^)]+)\) [^;]*; ?urgency=  and has the month of the next
// " -- " line as written there, in the writer's own time; `unknown` when the next entry or the end comes first or no date stands in it.
// By bytes: a changelog may be in any encoding. Upstream changelogs, which have no such lines, give nothing.
// Thread: pure functions.

#include <string>
#include <string_view>
#include <vector>

namespace orrery::census {

struct Entry {
    std::string_view package; // in the text
    std::string month;        // "2026-01" or kUnknownMonth
};

inline constexpr const char* kUnknownMonth = "unknown";

std::vector<Entry> readEntries(std::string_view changelog);
// The package of an entry's first line; empty: the line is none.
std::string_view packageOfHeading(std::string_view line);
// "2026-01" of " -- Somebody <name@place>  Mon, 12 Jan 2026 10:00:00 +0100".
std::string monthOfTrailer(std::string_view line);

} // namespace orrery::census
