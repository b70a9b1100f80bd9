// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Counts: entries by month and package, in that order, whoever counted them; as a table and as CSV.
// Thread: plain value.

#include "plugins/sdk/table.h"

#include <map>

namespace orrery::census {

class Counts {
public:
    void add(std::string_view month, std::string_view package, std::int64_t count);
    // The rows of a table with the columns month, package, count. Throws Error for another one, or a count below 1.
    void add(const plugin::TableView& table);
    // Which part of so many a key belongs to: by its hash, the same on every machine.
    static std::size_t partOf(std::string_view month, std::string_view package, std::size_t parts);

    std::size_t rows() const { return m_counts.size(); }
    std::int64_t entries() const;
    plugin::Table table() const;
    std::string csv() const; // RFC 4180, lines end in LF

private:
    using Key = std::pair<std::string, std::string>;
    std::map<Key, std::int64_t> m_counts; // sorted by bytes; "unknown" comes last
};

} // namespace orrery::census
