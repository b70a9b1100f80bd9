// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/value.h"

#include <cmath>
#include <cstring>
#include <fmt/format.h>

namespace orrery::types {

using base::Errc;
using base::fail;

namespace {

constexpr std::uint32_t kMagic = 0x4C41564Fu;
constexpr int kListDepthMax = 16;
constexpr std::size_t kTensorBytes = 192;
constexpr std::size_t kColumnBytes = 64;
constexpr std::uint64_t kColumnsMax = 65'536;

bool inside(std::uint64_t offset, std::uint64_t bytes, std::uint64_t size) { return offset <= size && bytes <= size - offset; }

template <typename T>
T load(std::span<const std::byte> from, std::uint64_t at)
{
    T value{};
    std::memcpy(&value, from.data() + at, sizeof value);
    return value;
}

base::Error damaged(const char* what) { return fail(Errc::BadInput, std::string("the value is damaged: ") + what); }

} // namespace

std::string_view valueTypeName(ValueType type)
{
    static constexpr std::string_view kNames[] = {"none", "bool", "i64", "f64", "string", "bytes", "json", "tensor", "table", "image", "list"};
    return static_cast<std::size_t>(type) < std::size(kNames) ? kNames[static_cast<int>(type)] : "unknown";
}

std::string_view dtypeName(DType type)
{
    static constexpr std::string_view kNames[] = {"", "bool", "u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f16", "f32", "f64", "string"};
    return static_cast<std::size_t>(type) < std::size(kNames) ? kNames[static_cast<int>(type)] : "unknown";
}

std::uint64_t dtypeBytes(DType type)
{
    static constexpr std::uint8_t kBytes[] = {0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8, 0};
    return static_cast<std::size_t>(type) < std::size(kBytes) ? kBytes[static_cast<int>(type)] : 0;
}

base::Result<ValueView> ValueView::open(std::span<const std::byte> bytes) { return open(bytes, 0); }

base::Result<ValueView> ValueView::open(std::span<const std::byte> bytes, int depth)
{
    if (bytes.size() < sizeof(ValueHeader)) return damaged("it is cut short");
    ValueView view;
    view.m_head = load<ValueHeader>(bytes, 0);
    const ValueHeader& head = view.m_head;
    if (head.magic != kMagic) return fail(Errc::BadInput, "this is no value: its first bytes are not OVAL");
    if (head.version != 1) return fail(Errc::BadInput, "the value was made by a newer version");
    if (head.size < sizeof(ValueHeader) || head.size > bytes.size()) return damaged("it is cut short");
    view.m_bytes = bytes.first(head.size);
    if (!inside(head.dataOffset, head.dataBytes, head.size)) return damaged("its data lies outside of it");
    switch (view.type()) {
    case ValueType::Bool:
    case ValueType::I64:
    case ValueType::F64: return view;
    case ValueType::String:
    case ValueType::Bytes:
    case ValueType::Json:
        if (head.dataBytes != head.length) return damaged("its length is wrong");
        return view;
    case ValueType::Tensor:
    case ValueType::Image: ORRERY_TRY(view.readTensor()); return view;
    case ValueType::Table: ORRERY_TRY(view.readTable()); return view;
    case ValueType::List: ORRERY_TRY(view.readList(depth)); return view;
    case ValueType::None: break;
    }
    return damaged("its type is unknown");
}

base::Result<void> ValueView::readTensor()
{
    if (m_head.rank > 8 || m_head.size < kTensorBytes || m_head.dataOffset < kTensorBytes) return damaged("its shape does not fit");
    const std::uint64_t item = dtypeBytes(dtype());
    if (item == 0) return damaged("its element type is unknown");
    std::uint64_t last = 0;
    bool empty = false;
    const std::uint64_t limit = m_head.dataBytes / item;
    for (std::size_t d = 0; d < m_head.rank; ++d) {
        m_shape[d] = load<std::int64_t>(m_bytes, 64 + 8 * d);
        m_strides[d] = load<std::int64_t>(m_bytes, 128 + 8 * d);
        if (m_shape[d] < 0 || m_strides[d] < 0) return damaged("its shape is negative");
        empty = empty || m_shape[d] == 0;
    }
    if (empty) return {};
    if (limit == 0) return damaged("its shape is larger than its data");
    for (std::size_t d = 0; d < m_head.rank; ++d) {
        const auto steps = static_cast<std::uint64_t>(m_shape[d]) - 1;
        const auto stride = static_cast<std::uint64_t>(m_strides[d]);
        if (steps != 0 && stride > (limit - 1 - last) / steps) return damaged("its shape is larger than its data");
        last += steps * stride;
    }
    if (type() == ValueType::Image && (m_head.rank != 3 || dtype() != DType::U8 || m_shape[2] != 4 || m_strides[2] != 1 || m_strides[1] != 4 || m_strides[0] != 4 * m_shape[1]))
        return damaged("an image must be height x width x 4 bytes");
    return {};
}

base::Result<void> ValueView::readTable()
{
    if (m_head.columns > kColumnsMax || !inside(sizeof(ValueHeader), std::uint64_t{m_head.columns} * kColumnBytes, m_head.size)) return damaged("its columns lie outside of it");
    for (std::uint32_t i = 0; i < m_head.columns; ++i) {
        const std::uint64_t at = sizeof(ValueHeader) + std::uint64_t{i} * kColumnBytes;
        const auto nameOffset = load<std::uint64_t>(m_bytes, at);
        const auto nameBytes = load<std::uint32_t>(m_bytes, at + 8);
        Column column;
        column.dtype = static_cast<DType>(load<std::uint32_t>(m_bytes, at + 12));
        column.validityOffset = load<std::uint64_t>(m_bytes, at + 16);
        column.offsetsOffset = load<std::uint64_t>(m_bytes, at + 24);
        column.dataOffset = load<std::uint64_t>(m_bytes, at + 32);
        column.dataBytes = load<std::uint64_t>(m_bytes, at + 40);
        if (!inside(nameOffset, nameBytes, m_head.size) || !inside(column.dataOffset, column.dataBytes, m_head.size)) return damaged("a column lies outside of it");
        column.name.assign(reinterpret_cast<const char*>(m_bytes.data() + nameOffset), nameBytes);
        const std::uint64_t rows = m_head.length;
        if (column.validityOffset != 0 && !inside(column.validityOffset, rows / 8 + 1, m_head.size + 1)) return damaged("a column lies outside of it");
        if (column.dtype == DType::String) {
            if (rows >= UINT64_MAX / 8 - 1 || !inside(column.offsetsOffset, (rows + 1) * 8, m_head.size)) return damaged("a column lies outside of it");
        } else {
            const std::uint64_t item = dtypeBytes(column.dtype);
            if (item == 0 || (column.dtype == DType::Bool ? column.dataBytes < rows / 8 + (rows % 8 != 0) : column.dataBytes / item < rows)) return damaged("a column is shorter than the table");
        }
        m_columns.push_back(std::move(column));
    }
    return {};
}

base::Result<void> ValueView::readList(int depth)
{
    if (depth >= kListDepthMax) return damaged("its lists nest too deep");
    if (m_head.length > m_head.dataBytes / 8) return damaged("its items lie outside of it");
    for (std::uint64_t i = 0; i < m_head.length; ++i) {
        const auto at = load<std::uint64_t>(m_bytes, m_head.dataOffset + 8 * i);
        if (!inside(at, sizeof(ValueHeader), m_head.size)) return damaged("an item lies outside of it");
        const auto size = load<std::uint64_t>(m_bytes, at + 8);
        if (!inside(at, size, m_head.size)) return damaged("an item lies outside of it");
    }
    return {};
}

double ValueView::real() const
{
    double value = 0;
    std::memcpy(&value, &m_head.scalar, sizeof value);
    return value;
}

std::string_view ValueView::text() const
{
    const auto bytes = data();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> ValueView::item(std::uint64_t index) const
{
    ORRERY_ASSERT(type() == ValueType::List && index < m_head.length);
    const auto at = load<std::uint64_t>(m_bytes, m_head.dataOffset + 8 * index);
    return m_bytes.subspan(at, load<std::uint64_t>(m_bytes, at + 8));
}

std::string ValueView::cell(std::size_t index, std::uint64_t row) const
{
    const Column& column = m_columns.at(index);
    if (row >= m_head.length) return {};
    if (column.validityOffset != 0 && !((std::to_integer<unsigned>(m_bytes[column.validityOffset + row / 8]) >> (row % 8)) & 1)) return {};
    const std::uint64_t at = column.dataOffset + row * dtypeBytes(column.dtype);
    switch (column.dtype) {
    case DType::Bool: return (std::to_integer<unsigned>(m_bytes[column.dataOffset + row / 8]) >> (row % 8)) & 1 ? "true" : "false";
    case DType::U8: return fmt::format("{}", load<std::uint8_t>(m_bytes, at));
    case DType::I8: return fmt::format("{}", load<std::int8_t>(m_bytes, at));
    case DType::U16: return fmt::format("{}", load<std::uint16_t>(m_bytes, at));
    case DType::I16: return fmt::format("{}", load<std::int16_t>(m_bytes, at));
    case DType::U32: return fmt::format("{}", load<std::uint32_t>(m_bytes, at));
    case DType::I32: return fmt::format("{}", load<std::int32_t>(m_bytes, at));
    case DType::U64: return fmt::format("{}", load<std::uint64_t>(m_bytes, at));
    case DType::I64: return fmt::format("{}", load<std::int64_t>(m_bytes, at));
    case DType::F32: return fmt::format("{}", load<float>(m_bytes, at));
    case DType::F64: return fmt::format("{}", load<double>(m_bytes, at));
    case DType::String: {
        const auto from = load<std::uint64_t>(m_bytes, column.offsetsOffset + row * 8);
        const auto to = load<std::uint64_t>(m_bytes, column.offsetsOffset + row * 8 + 8);
        if (from > to || to > column.dataBytes) return "(damaged)";
        return {reinterpret_cast<const char*>(m_bytes.data() + column.dataOffset + from), to - from};
    }
    case DType::F16:
    case DType::None: break;
    }
    return {};
}

std::string ValueView::describe() const
{
    std::string text(valueTypeName(type()));
    if (type() == ValueType::Tensor) text += " " + std::string(dtypeName(dtype()));
    const auto dims = shape();
    const std::size_t shown = type() == ValueType::Image && dims.size() == 3 ? 2 : dims.size();
    for (std::size_t d = 0; d < shown; ++d) text += (d == 0 ? " " : " x ") + std::to_string(dims[d]);
    if (type() == ValueType::List) text += fmt::format(" of {}", length());
    if (type() == ValueType::Table) text += fmt::format(" {} rows, {} columns", rows(), m_columns.size());
    return text;
}

base::Result<std::span<const std::byte>> listItem(std::span<const std::byte> list, std::uint64_t index)
{
    auto view = ValueView::open(list);
    if (!view) return view.error();
    if (view->type() != ValueType::List || index >= view->length()) return fail(Errc::NotFound, "the value has no item " + std::to_string(index));
    return view->item(index);
}

} // namespace orrery::types
