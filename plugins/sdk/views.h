// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Views into sealed values: what the arguments of a remote function are. No copy, read-only.
// Thread: any (sealed values never change). Lives: until the call returns; keep no view longer.
// Invariant: a view exists only over a value that orrery_value_check() found sound, so reading it cannot leave the value.

#include "plugins/sdk/values.h"
#include "plugins/sdk/orrery_plugin.h"

#include <cstring>
#include <limits>
#include <string_view>

namespace orrery::plugin {

// A value of any type.
class AnyView {
public:
    AnyView() = default;
    // Throws Error when the value is damaged. `where` begins the message: "input `tile` "; empty: the catcher names the place.
    AnyView(const orrery_view_v1_t& view, std::string_view where) : m_value(view.value)
    {
        const std::int32_t code = orrery_value_check(view.value, view.bytes);
        if (code != ORRERY_VALUE_SOUND) throw Error(text(where, "is ", orrery_value_problem(code)));
        if (reinterpret_cast<std::uintptr_t>(m_value) % ORRERY_ALIGN != 0) throw Error(text(where, "does not begin at a multiple of 64 bytes"));
    }
    // A value nested in one that is already checked.
    explicit AnyView(const orrery_value_t* checked) : m_value(checked) {}

    const orrery_value_t& raw() const { return *m_value; }
    std::uint32_t type() const { return m_value->type; }
    std::uint64_t bytes() const { return m_value->size; }
    const char* data() const { return reinterpret_cast<const char*>(m_value) + m_value->data_offset; }
    template <class T>
    T as() const; // throws Error when it is of another type

private:
    const orrery_value_t* m_value = nullptr;
};

template <Element T>
class TensorView {
public:
    explicit TensorView(const orrery_value_t* checked) : m_tensor(reinterpret_cast<const orrery_tensor_t*>(checked))
    {
        const char* base = reinterpret_cast<const char*>(checked);
        m_data = reinterpret_cast<const T*>(base + checked->data_offset);
    }
    std::size_t rank() const { return m_tensor->head.rank; }
    std::int64_t size(std::size_t dimension) const { return m_tensor->shape[dimension]; }
    std::int64_t stride(std::size_t dimension) const { return m_tensor->strides[dimension]; }
    std::uint64_t elements() const { return m_tensor->head.length; }
    Shape shape() const { return Shape(std::span(m_tensor->shape, rank())); }
    bool contiguous() const
    {
        std::int64_t expected = 1;
        for (std::size_t d = rank(); d-- > 0;) {
            if (size(d) != 1 && stride(d) != expected) return elements() == 0;
            expected *= size(d);
        }
        return true;
    }
    // All elements, row-major. Throws Error when they do not lie so; use data() and stride() then.
    std::span<const T> span() const
    {
        if (!contiguous()) throw Error("this tensor is not contiguous; make it so first");
        return {m_data, elements()};
    }
    const T* data() const { return m_data; }
    // REQUIRES: as many indexes as rank(), each inside its dimension
    template <class... I>
    const T& operator()(I... index) const
    {
        const std::int64_t indexes[] = {static_cast<std::int64_t>(index)...};
        std::int64_t at = 0;
        for (std::size_t d = 0; d < sizeof...(I); ++d) at += indexes[d] * m_tensor->strides[d];
        return m_data[at];
    }

private:
    const orrery_tensor_t* m_tensor;
    const T* m_data;
};

class ImageView {
public:
    explicit ImageView(const orrery_value_t* checked) : m_tensor(reinterpret_cast<const orrery_tensor_t*>(checked)) {}
    std::int64_t width() const { return m_tensor->shape[1]; }
    std::int64_t height() const { return m_tensor->shape[0]; }
    const std::uint8_t* row(std::int64_t y) const { return data() + y * width() * 4; }
    std::span<const std::uint8_t> pixels() const { return {data(), m_tensor->head.length}; } // RGBA

private:
    const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(m_tensor) + m_tensor->head.data_offset; }
    const orrery_tensor_t* m_tensor;
};

// One column of a table, its elements read as T (the exact dtype; std::string_view for string).
template <class T>
class ColumnView {
public:
    ColumnView(const orrery_value_t* table, const orrery_column_t& column)
        : m_base(reinterpret_cast<const char*>(table)), m_column(column), m_rows(table->length)
    {
    }
    std::uint64_t rows() const { return m_rows; }
    bool isNull(std::uint64_t row) const { return m_column.validity_offset != 0 && !bit(m_column.validity_offset, row); }
    // REQUIRES: row < rows(). Throws Error when a string lies outside its buffer.
    T operator[](std::uint64_t row) const
    {
        if constexpr (std::is_same_v<T, std::string_view>) {
            std::int64_t at[2];
            std::memcpy(at, m_base + m_column.offsets_offset + row * 8, sizeof at);
            if (at[0] < 0 || at[1] < at[0] || static_cast<std::uint64_t>(at[1]) > m_column.data_bytes)
                throw Error(text("row ", row, " of the table is damaged: its text lies outside the column"));
            return {m_base + m_column.data_offset + at[0], static_cast<std::size_t>(at[1] - at[0])};
        } else if constexpr (std::is_same_v<T, bool>) {
            return bit(m_column.data_offset, row);
        } else {
            return reinterpret_cast<const T*>(m_base + m_column.data_offset)[row];
        }
    }

private:
    bool bit(std::uint64_t offset, std::uint64_t row) const
    {
        return (static_cast<unsigned char>(m_base[offset + row / 8]) >> (row % 8) & 1) != 0;
    }
    const char* m_base;
    orrery_column_t m_column;
    std::uint64_t m_rows;
};

class TableView {
public:
    explicit TableView(const orrery_value_t* checked) : m_table(checked) {}
    std::uint64_t rows() const { return m_table->length; }
    std::uint32_t columns() const { return m_table->columns; }
    // REQUIRES: index < columns()
    std::string_view name(std::uint32_t index) const
    {
        return {reinterpret_cast<const char*>(m_table) + column(index).name_offset, column(index).name_bytes};
    }
    std::uint32_t dtype(std::uint32_t index) const { return column(index).dtype; }
    bool has(std::string_view wanted) const { return find(wanted) != columns(); }
    // Throws Error when there is no such column or it has another dtype.
    template <class T>
    ColumnView<T> column(std::string_view wanted) const
    {
        const std::uint32_t index = find(wanted);
        if (index == columns()) throw Error(text("the table has no column `", wanted, "`"));
        return columnAt<T>(index);
    }
    template <class T>
    ColumnView<T> columnAt(std::uint32_t index) const
    {
        constexpr std::uint32_t kWanted = std::is_same_v<T, std::string_view> ? std::uint32_t{ORRERY_DTYPE_STRING} : dtypeOf<T>();
        if (dtype(index) != kWanted) throw Error(text("column `", name(index), "` holds ", dtypeName(dtype(index)), ", not ", dtypeName(kWanted)));
        return {m_table, column(index)};
    }

private:
    const orrery_column_t& column(std::uint32_t index) const
    {
        return reinterpret_cast<const orrery_column_t*>(reinterpret_cast<const char*>(m_table) + m_table->data_offset)[index];
    }
    std::uint32_t find(std::string_view wanted) const
    {
        for (std::uint32_t i = 0; i < columns(); ++i)
            if (name(i) == wanted) return i;
        return columns();
    }
    const orrery_value_t* m_table;
};

} // namespace orrery::plugin
