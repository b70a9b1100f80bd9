// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Table: columns put together in memory, written as one table value. For results returned by value.
// Thread: plain value. Invariant: every column has rows() entries.

#include "plugins/sdk/encode.h"

namespace orrery::plugin {

class Table {
public:
    // One column. `valid`, when given, has one entry a row; false: no value there. Throws Error when lengths differ or the
    // name is empty or taken.
    template <class T>
    Table& add(std::string_view name, const std::vector<T>& values, const std::vector<bool>& valid = {})
    {
        Column& column = begin(name, values.size(), valid);
        if constexpr (std::is_convertible_v<T, std::string_view>) {
            column.dtype = ORRERY_DTYPE_STRING;
            column.offsets.push_back(0);
            for (const auto& value : values) {
                column.data += std::string_view(value);
                column.offsets.push_back(static_cast<std::int64_t>(column.data.size()));
            }
        } else if constexpr (std::is_same_v<T, bool>) {
            column.dtype = ORRERY_DTYPE_BOOL;
            column.data = bits(values);
        } else {
            static_assert(Element<T>, "a column holds numbers, bool or text");
            column.dtype = dtypeOf<T>();
            if (!values.empty()) column.data.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
        }
        return *this;
    }
    std::uint64_t rows() const { return m_rows; }

private:
    friend struct Encode<Table>;
    struct Column {
        std::string name;
        std::uint32_t dtype = 0;
        std::uint64_t nulls = 0;
        std::string validity;
        std::vector<std::int64_t> offsets;
        std::string data;
    };
    Column& begin(std::string_view name, std::size_t rows, const std::vector<bool>& valid)
    {
        if (name.empty()) throw Error("a column needs a name");
        for (const Column& other : m_columns)
            if (other.name == name) throw Error(text("the table has a column `", name, "` already"));
        if (!m_columns.empty() && rows != m_rows) throw Error(text("column `", name, "` has ", rows, " rows, the table ", m_rows));
        if (!valid.empty() && valid.size() != rows) throw Error(text("column `", name, "` has ", rows, " rows and ", valid.size(), " marks of validity"));
        m_rows = rows;
        Column& column = m_columns.emplace_back();
        column.name = name;
        for (const bool has : valid) column.nulls += has ? 0 : 1;
        if (column.nulls != 0) column.validity = bits(valid);
        return column;
    }
    static std::string bits(const std::vector<bool>& values)
    {
        std::string out((values.size() + 7) / 8, '\0');
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i]) out[i / 8] = static_cast<char>(static_cast<unsigned char>(out[i / 8]) | 1u << i % 8);
        return out;
    }
    std::uint64_t m_rows = 0;
    std::vector<Column> m_columns;
};

template <>
struct Encode<Table> {
    explicit Encode(const Table& table) : m_table(table)
    {
        std::uint64_t end = sizeof(orrery_value_t) + table.m_columns.size() * sizeof(orrery_column_t);
        const auto place = [&end](std::uint64_t bytes) {
            const std::uint64_t at = alignUp(end);
            end = at + bytes;
            return at;
        };
        for (const Table::Column& column : table.m_columns) {
            orrery_column_t c = {};
            c.name_offset = place(column.name.size());
            c.name_bytes = static_cast<std::uint32_t>(column.name.size());
            c.dtype = column.dtype;
            c.null_count = column.nulls;
            if (column.nulls != 0) c.validity_offset = place(column.validity.size());
            if (!column.offsets.empty()) c.offsets_offset = place(column.offsets.size() * 8);
            c.data_offset = place(column.data.size());
            c.data_bytes = column.data.size();
            m_places.push_back(c);
        }
        m_bytes = end;
    }
    static constexpr std::uint32_t code = ORRERY_TYPE_TABLE;
    static std::string type() { return "table"; }
    std::uint64_t bytes() const { return m_bytes; }
    void write(void* at) const
    {
        char* base = static_cast<char*>(at);
        std::memset(base, 0, m_bytes); // gaps between buffers
        writeHead(at, code, m_bytes, m_table.m_rows, sizeof(orrery_value_t))->columns = static_cast<std::uint32_t>(m_places.size());
        for (std::size_t i = 0; i < m_places.size(); ++i) {
            const orrery_column_t& c = m_places[i];
            const Table::Column& column = m_table.m_columns[i];
            std::memcpy(base + sizeof(orrery_value_t) + i * sizeof c, &c, sizeof c);
            copyBytes(base + c.name_offset, column.name.data(), column.name.size());
            copyBytes(base + c.data_offset, column.data.data(), column.data.size());
            if (c.validity_offset != 0) copyBytes(base + c.validity_offset, column.validity.data(), column.validity.size());
            if (c.offsets_offset != 0) copyBytes(base + c.offsets_offset, column.offsets.data(), column.offsets.size() * 8);
        }
    }

private:
    const Table& m_table;
    std::vector<orrery_column_t> m_places;
    std::uint64_t m_bytes = 0;
};

} // namespace orrery::plugin
