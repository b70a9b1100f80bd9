// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TableRows: the rows of one table as TableQuery reads them: values for a filter, keys for sorting, cells for a page. Nothing
// is copied for it but the columns that a question needs and that are not stored by row.
// Thread: that of what it reads; not shared.

#include "engine/trace/row_sorter.h"
#include "engine/types/filter.h"
#include "engine/types/session_values.h"

namespace orrery::trace {

// Bits that compare unsigned, as a key.
constexpr std::int64_t keyOf(std::uint64_t bits)
{
    const auto key = static_cast<std::int64_t>(bits ^ (1ull << 63));
    return key == kNoKey ? key - 1 : key == types::kNoNumber ? key + 1 : key;
}

// Ids by the first half of their bits, which tells them apart.
template <char Kind>
std::int64_t idKey(const base::Id<Kind>& id)
{
    return id.isNull() ? kNoKey : keyOf(id.bits.high);
}

class TableRows : public types::RowReader {
public:
    virtual const types::TableSchema& schema() const = 0;
    virtual std::uint32_t rows() const = 0; // stays as it is while this object lives
    // False: it has gone since. REQUIRES for all below: there.
    virtual bool there(std::uint32_t row) const
    {
        (void)row;
        return true;
    }
    // A piece of work of some 100 us that makes fields (bits) fast to read for every row; true: they are. Without it a
    // field is read one row at a time.
    virtual bool prepare(std::uint64_t fields)
    {
        (void)fields;
        return true;
    }
    // What the rows read from has changed since this object was made.
    virtual bool changed() const { return false; }
    // Forgets what prepare() made: from here on everything is read as it is now.
    virtual void forget() {}
    // A text's place in the order of its column, kNoKey for an empty one. Equal keys are told apart by the texts, small letters
    // and large ones alike, unless the key decides alone. Numbers are their own keys.
    virtual std::int64_t textKey(types::FieldId field, std::uint32_t row) const;
    virtual bool keyDecides(types::FieldId field) const
    {
        (void)field;
        return false;
    }
    // Rows between two looks at the clock: fewer where one row may take long.
    virtual std::uint32_t rowsPerLook() const { return 64; }

    types::Cell cell(types::FieldId field, std::uint32_t row) const;

private:
    mutable std::string m_scratch;
};

// The name of a word's index, as JSON has it; empty: there is none.
std::string_view wordText(const types::Field& field, std::int64_t index);

} // namespace orrery::trace
