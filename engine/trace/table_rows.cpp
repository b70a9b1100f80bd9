// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/table_rows.h"

namespace orrery::trace {

using types::Cell;
using types::FieldKind;

std::string_view wordText(const types::Field& field, std::int64_t index)
{
    for (const auto& word : field.words)
        if (word.index == index) return word.text;
    return {};
}

// The first eight letters, small ones.
std::int64_t TableRows::textKey(types::FieldId field, std::uint32_t row) const
{
    const std::string_view text = this->text(field, row, m_scratch);
    if (text.empty()) return kNoKey;
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        const auto c = i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
        key = key << 8 | (c >= 'A' && c <= 'Z' ? c | 0x20u : c);
    }
    return keyOf(key);
}

Cell TableRows::cell(types::FieldId id, std::uint32_t row) const
{
    const types::Field& field = schema().at(id);
    if (types::isText(field.kind)) {
        const std::string_view text = this->text(id, row, m_scratch);
        return text.empty() ? Cell() : Cell(std::string(text));
    }
    const std::int64_t value = number(id, row);
    if (value == types::kNoNumber) return {};
    switch (field.kind) {
    case FieldKind::Share: return static_cast<double>(value) / static_cast<double>(types::kShareOne);
    case FieldKind::Flag: return value != 0;
    case FieldKind::Word:
    case FieldKind::Level: {
        const std::string_view word = wordText(field, value);
        return word.empty() || word == "NONE" || word == "none" ? Cell() : Cell(std::string(word));
    }
    default: return value;
    }
}

} // namespace orrery::trace
