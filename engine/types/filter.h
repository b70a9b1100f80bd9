// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Filter: the one grammar with which people choose rows, in the omnibox, tables, timeline and `--where` (formats page):
//   filter = and { "or" and } ; and = not { ["and"] not } ; not = ["not" | "-"] term
//   term   = "(" filter ")" | field op value | word          a bare word or "quoted text": the table's name column contains it
//   op     = "=" | ":" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "in" "(" value { "," value } ")"
//   value  = word | "quoted" | number [ns|us|ms|s|min|h|B|KB|MB|GB|KiB|MiB|GiB|%]
// Fields are the columns of a table and their shorts (table_schema.h). Keywords, fields, units and texts: any case (ASCII).
// "quoted" knows \" and \\. A number without unit is in the column's own unit; a duration's short (dur) wants a unit.
// ":" is "=" for numbers, words and labels, "begins with" for ids, "contains" for texts. "~" looks for a pattern of pattern.h.
// <, <=, >, >= compare numbers, and words that have an order (level>=warn). A number that a row does not have (the duration of a task that waits) meets no comparison, not
// even "!=", so "not" turns that into true; a text that it does not have is empty.
// Bounds: kFilterBytesMax, kFilterDepthMax, a pattern's own; the cost of a row is linear in the filter and in the row's texts.
// Thread: plain value; matches() from many threads, each with its own scratch. Nothing is allocated for numbers.

#include "engine/types/pattern.h"
#include "engine/types/table_schema.h"

#include <string>
#include <string_view>
#include <vector>

namespace orrery::types {

inline constexpr std::size_t kFilterBytesMax = 4096;
inline constexpr std::size_t kFilterDepthMax = 64; // parentheses in parentheses

// Rows of one table as a filter reads them.
class RowReader {
public:
    virtual ~RowReader() = default;
    // Of a field that is no text; kNoNumber: the row has none.
    virtual std::int64_t number(FieldId field, std::uint32_t row) const = 0;
    // Of a field that is a text; may be made in scratch. Valid until scratch changes.
    virtual std::string_view text(FieldId field, std::uint32_t row, std::string& scratch) const = 0;
};

class Filter {
public:
    Filter() = default; // takes every row
    // BadInput: one sentence with the place. Only white space: takes every row. schema: one of the constants, kept.
    static base::Result<Filter> parse(std::string_view text, const TableSchema& schema);
    bool all() const { return m_nodes.empty(); }
    // REQUIRES: rows are of the schema's table.
    bool matches(const RowReader& rows, std::uint32_t row, std::string& scratch) const { return all() || holds(m_root, rows, row, scratch); }
    // Bit f: field f is read. What a reader has to have ready.
    std::uint64_t fields() const { return m_fields; }
    // How many comparisons and joints a row costs at most; at least 1.
    std::size_t parts() const { return all() ? 1 : m_nodes.size(); }
    // Canonical: parse(text()) takes the same rows and has the same text. Spacing, case of fields and keywords and needless parentheses are gone from it.
    const std::string& text() const { return m_text; }

private:
    friend class FilterParser;
    enum class Op : std::uint8_t { And, Or, Not, Between, Differs, Among, Words, Equals, Contains, Begins, Matches };
    struct Node {
        Op op = Op::And;
        FieldId field = kNoField;
        std::uint16_t first = 0, count = 0; // And, Or, Not: in m_children; Among: in m_numbers; of texts: in m_texts; Matches: in m_patterns
        std::int64_t low = 0, high = 0;     // Between: both included; Differs: from low
        std::uint64_t words = 0;            // Words: bit i: index i is taken
    };
    bool holds(std::uint16_t node, const RowReader& rows, std::uint32_t row, std::string& scratch) const;
    bool textHolds(const Node& node, std::string_view text) const;

    std::vector<Node> m_nodes;
    std::vector<std::uint16_t> m_children;
    std::vector<std::int64_t> m_numbers;
    std::vector<std::string> m_texts; // folded
    std::vector<Pattern> m_patterns;
    std::uint16_t m_root = 0;
    std::uint64_t m_fields = 0;
    std::string m_text;
};

} // namespace orrery::types
