// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TableQuery: a question about a table, worked off in pieces: filter, sort by a column, pages. The answer is a list of row
// numbers, kept as long as the object lives, so that scrolling costs only the cells that are looked at.
// Order: by the sort column, then by row; missing numbers and empty texts last, ascending or descending. No sort: by row.
// What may change under it (TableRows): each row is judged as it is when its piece of work comes; no copy of the world is made.
// Thread: that of its rows. Bounds: 16 bytes a matching row while it sorts and 4 afterwards; none where everything matches
// unsorted; pages of kPageRowsMax; a piece of work is some 100 us, so a caller that looks at the clock between them stays
// within a millisecond.

#include "engine/trace/table_rows.h"

#include <functional>
#include <memory>

namespace orrery::trace {

inline constexpr std::uint32_t kPageRowsMax = 10'000; // a page of more is cut; the rest is asked for by `first`

class TableQuery {
public:
    using Stop = std::function<bool()>; // true: leave work() and come back later
    // BadInput: the filter, the sort column or a column of the question is wrong; one sentence.
    static base::Result<TableQuery> make(const types::Query& query, std::unique_ptr<TableRows> rows);

    // True: done, pages can be made.
    bool work(const Stop& stop);
    bool done() const { return m_phase == Phase::Done; }

    // ---- REQUIRES: done() ----
    std::uint64_t total() const { return m_everything ? m_everyRow : m_found.size(); } // rows that match
    std::uint32_t rowAt(std::uint64_t i) const { return m_everything ? static_cast<std::uint32_t>(i) : m_found[static_cast<std::size_t>(i)]; }
    // The question's own columns; epoch and seq are the caller's to set.
    types::Page page(std::uint64_t first, std::uint32_t count) const;
    // The page that was asked for, in pieces; true: it is complete. Rows that no longer match since they were judged are left
    // out, so no cell contradicts the filter; they do not count in total.
    bool fillPage(types::Page& page, const Stop& stop);
    const TableRows& rows() const { return *m_rows; }

private:
    enum class Phase : std::uint8_t { Prepare, Select, Sort, Done };
    TableQuery() = default;
    bool selectPiece();
    bool sortPiece();
    std::int64_t sortKey(std::uint32_t row) const;
    void addRow(types::Page& page, std::uint32_t row) const;

    std::unique_ptr<TableRows> m_rows;
    types::Filter m_filter;
    std::vector<types::FieldId> m_columns;
    types::FieldId m_sort = types::kNoField;
    bool m_descending = false;
    std::uint64_t m_first = 0;
    std::uint32_t m_count = 0;
    Phase m_phase = Phase::Prepare;
    bool m_everything = false;     // rows 0..m_everyRow in their order
    std::uint32_t m_everyRow = 0;  // rows when it was made
    std::uint32_t m_next = 0;      // row to judge next
    std::vector<std::uint32_t> m_found;
    std::unique_ptr<RowSorter> m_sorter;
    std::uint64_t m_paged = 0;     // rows of the page that were looked at
    bool m_recheck = false;
    mutable std::string m_scratch, m_scratch2;
};

} // namespace orrery::trace
