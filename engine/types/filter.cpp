// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Filter as it is asked; filter_parser.cpp makes it.
#include "engine/types/filter.h"

#include <algorithm>

namespace orrery::types {

namespace {

constexpr char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// needle is small already.
bool startsWith(std::string_view text, std::string_view needle)
{
    if (text.size() < needle.size()) return false;
    for (std::size_t i = 0; i < needle.size(); ++i)
        if (small(text[i]) != needle[i]) return false;
    return true;
}

bool contains(std::string_view text, std::string_view needle)
{
    for (; text.size() >= needle.size(); text.remove_prefix(1)) {
        if (startsWith(text, needle)) return true;
        if (text.empty()) break;
    }
    return false;
}

} // namespace

bool Filter::textHolds(const Node& node, std::string_view text) const
{
    const auto any = [&](auto holds) { return std::any_of(m_texts.begin() + node.first, m_texts.begin() + node.first + node.count, holds); };
    switch (node.op) {
    case Op::Contains: return any([text](const std::string& needle) { return contains(text, needle); });
    case Op::Begins: return any([text](const std::string& needle) { return startsWith(text, needle); });
    case Op::Matches: return m_patterns[node.first].foundIn(text);
    default: return any([text](const std::string& needle) { return text.size() == needle.size() && startsWith(text, needle); });
    }
}

bool Filter::holds(std::uint16_t index, const RowReader& rows, std::uint32_t row, std::string& scratch) const
{
    const Node& node = m_nodes[index];
    const auto child = [&](std::uint16_t i) { return holds(m_children[node.first + i], rows, row, scratch); };
    switch (node.op) {
    case Op::And:
        for (std::uint16_t i = 0; i < node.count; ++i)
            if (!child(i)) return false;
        return true;
    case Op::Or:
        for (std::uint16_t i = 0; i < node.count; ++i)
            if (child(i)) return true;
        return false;
    case Op::Not: return !child(0);
    case Op::Between: {
        const std::int64_t value = rows.number(node.field, row);
        return value >= node.low && value <= node.high; // low is above kNoNumber
    }
    case Op::Differs: {
        const std::int64_t value = rows.number(node.field, row);
        return value != kNoNumber && value != node.low;
    }
    case Op::Among: {
        const std::int64_t value = rows.number(node.field, row);
        return std::binary_search(m_numbers.begin() + node.first, m_numbers.begin() + node.first + node.count, value);
    }
    case Op::Words: {
        const std::int64_t value = rows.number(node.field, row);
        return value >= 0 && value < 64 && ((node.words >> value) & 1) != 0;
    }
    default: return textHolds(node, rows.text(node.field, row, scratch));
    }
}

} // namespace orrery::types
