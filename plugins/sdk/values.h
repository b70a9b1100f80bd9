// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names for the types of values, in C++: dtype codes of element types, names for people, and the owning values a function may
// return (Tensor, Image, Bytes). Views into sealed values are in views.h.
// Thread: plain values.

#include "plugins/sdk/error.h"
#include "plugins/sdk/orrery_value.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace orrery::plugin {

using Json = nlohmann::json;
using BytesView = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

inline const char* typeName(std::uint32_t type)
{
    static constexpr std::array kNames = {"any", "bool", "i64", "f64", "string", "bytes", "json", "tensor", "table", "image", "list"};
    return type < kNames.size() ? kNames[type] : "unknown";
}

inline const char* dtypeName(std::uint32_t dtype)
{
    static constexpr std::array kNames = {"none", "bool", "u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f16", "f32", "f64", "string"};
    return dtype < kNames.size() ? kNames[dtype] : "unknown";
}

template <class T>
constexpr std::uint32_t dtypeOf()
{
    using U = std::remove_cv_t<T>;
    if constexpr (std::is_same_v<U, bool>) return ORRERY_DTYPE_BOOL;
    else if constexpr (std::is_same_v<U, float>) return ORRERY_DTYPE_F32;
    else if constexpr (std::is_same_v<U, double>) return ORRERY_DTYPE_F64;
    else if constexpr (std::is_integral_v<U> && sizeof(U) == 1) return std::is_signed_v<U> ? ORRERY_DTYPE_I8 : ORRERY_DTYPE_U8;
    else if constexpr (std::is_integral_v<U> && sizeof(U) == 2) return std::is_signed_v<U> ? ORRERY_DTYPE_I16 : ORRERY_DTYPE_U16;
    else if constexpr (std::is_integral_v<U> && sizeof(U) == 4) return std::is_signed_v<U> ? ORRERY_DTYPE_I32 : ORRERY_DTYPE_U32;
    else if constexpr (std::is_integral_v<U> && sizeof(U) == 8) return std::is_signed_v<U> ? ORRERY_DTYPE_I64 : ORRERY_DTYPE_U64;
    else return ORRERY_DTYPE_NONE;
}

template <class T>
concept Element = dtypeOf<T>() != ORRERY_DTYPE_NONE;

// A shape: at most eight dimensions. Elements are counted with overflow refused.
class Shape {
public:
    Shape() = default;
    Shape(std::initializer_list<std::int64_t> sizes) : Shape(std::span<const std::int64_t>(sizes.begin(), sizes.size())) {}
    explicit Shape(std::span<const std::int64_t> sizes)
    {
        if (sizes.size() > ORRERY_RANK_MAX) throw Error(text("a tensor has at most 8 dimensions, not ", sizes.size()));
        m_rank = static_cast<std::uint8_t>(sizes.size());
        for (std::size_t i = 0; i < sizes.size(); ++i) m_sizes[i] = sizes[i];
    }
    std::size_t rank() const { return m_rank; }
    std::int64_t operator[](std::size_t i) const { return m_sizes[i]; }
    std::uint64_t elements() const
    {
        std::uint64_t count = 1;
        for (std::size_t i = 0; i < m_rank; ++i) {
            if (m_sizes[i] < 0) throw Error(text("a tensor cannot have ", m_sizes[i], " elements in a dimension"));
            if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(m_sizes[i]), &count) || count > (std::uint64_t{1} << 48))
                throw Error("a tensor of this shape is too large for any memory");
        }
        return count;
    }
    bool operator==(const Shape&) const = default;

private:
    std::array<std::int64_t, ORRERY_RANK_MAX> m_sizes{};
    std::uint8_t m_rank = 0;
};

// Owning values: for small results returned by value and for tests. Large ones are built in place (outputs.h).
template <Element T>
struct Tensor {
    Shape shape;
    std::vector<T> data; // row-major
};

struct Image {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::vector<std::uint8_t> pixels; // RGBA, rows from the top
};

} // namespace orrery::plugin
