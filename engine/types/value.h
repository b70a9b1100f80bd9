// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ValueView: a checked, read-only view of a sealed value. The layout is that of plugins/sdk/orrery_value.h, written down there
// and mirrored here because nothing outside workers and plugins may see the SDK; a test in the worker's folder compares both.
// Every offset is checked by open(); a damaged or hostile value is refused, never read outside its bytes.
// Thread: plain views; they live as long as the bytes.

#include "engine/base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::types {

enum class ValueType : std::uint8_t { None, Bool, I64, F64, String, Bytes, Json, Tensor, Table, Image, List };
enum class DType : std::uint8_t { None, Bool, U8, I8, U16, I16, U32, I32, U64, I64, F16, F32, F64, String };
std::string_view valueTypeName(ValueType type);
std::string_view dtypeName(DType type);
std::uint64_t dtypeBytes(DType type);

// Byte layout of the header, for the test that compares it with the SDK.
struct ValueHeader {
    std::uint32_t magic = 0;
    std::uint8_t version = 0, type = 0, dtype = 0, rank = 0;
    std::uint64_t size = 0, length = 0, dataOffset = 0, dataBytes = 0, scalar = 0;
    std::uint32_t itemType = 0, columns = 0;
    std::uint64_t reserved = 0;
};
static_assert(sizeof(ValueHeader) == 64);

class ValueView {
public:
    // BadInput: says what is wrong with the value.
    static base::Result<ValueView> open(std::span<const std::byte> bytes);

    ValueType type() const { return static_cast<ValueType>(m_head.type); }
    DType dtype() const { return static_cast<DType>(m_head.dtype); }
    std::uint64_t bytes() const { return m_head.size; }
    std::uint64_t length() const { return m_head.length; }
    bool boolean() const { return m_head.scalar != 0; }
    std::int64_t integer() const { return static_cast<std::int64_t>(m_head.scalar); }
    double real() const;
    std::string_view text() const; // String, Json, Bytes
    std::span<const std::byte> data() const { return m_bytes.subspan(m_head.dataOffset, m_head.dataBytes); }
    // Tensor and Image.
    std::span<const std::int64_t> shape() const { return {m_shape.data(), m_head.rank}; }
    std::span<const std::int64_t> strides() const { return {m_strides.data(), m_head.rank}; }
    // Table.
    struct Column {
        std::string name;
        DType dtype = DType::None;
        std::uint64_t validityOffset = 0, offsetsOffset = 0, dataOffset = 0, dataBytes = 0;
    };
    const std::vector<Column>& columns() const { return m_columns; }
    std::uint64_t rows() const { return m_head.length; }
    // As people read it; empty for no value.
    std::string cell(std::size_t column, std::uint64_t row) const;
    // List. REQUIRES: index < length()
    std::span<const std::byte> item(std::uint64_t index) const;
    // "tensor f32 256 x 256"
    std::string describe() const;

private:
    base::Result<void> readTensor();
    base::Result<void> readTable();
    base::Result<void> readList(int depth);
    static base::Result<ValueView> open(std::span<const std::byte> bytes, int depth);
    std::span<const std::byte> m_bytes;
    ValueHeader m_head;
    std::array<std::int64_t, 8> m_shape{}, m_strides{};
    std::vector<Column> m_columns;
};

base::Result<std::span<const std::byte>> listItem(std::span<const std::byte> list, std::uint64_t index);

} // namespace orrery::types
