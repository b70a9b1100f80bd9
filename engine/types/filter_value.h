// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values of a filter, read: numbers with units and words of a list. For the parser of filters.
// Errors: BadInput without the place, no full stop. Thread: pure functions.

#include "engine/types/table_schema.h"

namespace orrery::types {

struct NumberValue {
    std::int64_t floor = 0; // in the field's own unit, rounded down; within +- kNumberMax
    bool exact = true;      // nothing was rounded off
    std::string text;       // canonical
};
inline constexpr std::int64_t kNumberMax = 1ll << 62;

bool takesUnit(FieldKind kind);
bool isUnit(std::string_view word);
// name: how the person wrote the field; a short of a duration wants a unit.
base::Result<NumberValue> readNumber(const Field& field, std::string_view name, std::string_view text);

struct WordValue {
    std::uint64_t indexes = 0; // bits: what the word stands for
    std::string_view text;     // canonical; a constant of the schema
};
base::Result<WordValue> readWord(const Field& field, std::string_view text);

} // namespace orrery::types
