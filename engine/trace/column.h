// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Column: one column of a trace block. A value is base + what is stored in 0, 1, 2, 4 or 8 bytes; the few values that do not
// fit are exceptions (position, value), so that one task of an hour does not widen the column of ten thousand short ones.
// Bytes: u8 code (width, size of base, exceptions?) | base (zigzag) | [u32 count | count x u32 position | count x i64 value]
//        | values. A stored value of all ones in 1, 2 or 4 bytes says: look among the exceptions.
// Thread: plain values; a Column points into the bytes it was read from and lives no longer than they do.
// Read() trusts nothing: after it no method can leave the bytes. Arithmetic wraps; ranges are the reader's to check.

#include "engine/base/bytes.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace orrery::trace {

static_assert(std::endian::native == std::endian::little, "blocks are little endian and are read in place");

class Column {
public:
    // False: the bytes are not a column of so many values.
    bool read(base::ByteReader& in, std::uint32_t count);
    std::uint32_t size() const { return m_count; }
    // REQUIRES: i < size()
    std::int64_t at(std::uint32_t i) const
    {
        switch (m_width) {
        case 0: return m_exceptions == 0 ? m_base : exceptionOr(i, m_base);
        case 1: return pick<std::uint8_t>(i);
        case 2: return pick<std::uint16_t>(i);
        case 4: return pick<std::uint32_t>(i);
        default: return plus(load<std::uint64_t>(i));
        }
    }
    // Values [first, first + count) into out. REQUIRES: first + count <= size()
    template <typename T>
    void decode(std::uint32_t first, std::uint32_t count, T* out) const
    {
        switch (m_width) {
        case 0: std::fill_n(out, count, static_cast<T>(m_base)); break;
        case 1: expand<std::uint8_t>(first, count, out); break;
        case 2: expand<std::uint16_t>(first, count, out); break;
        case 4: expand<std::uint32_t>(first, count, out); break;
        default: expand<std::uint64_t>(first, count, out); break;
        }
        if (m_exceptions > 0) patch(first, count, [out](std::uint32_t i, std::int64_t value) { out[i] = static_cast<T>(value); });
    }
    // Every value lies in [low, high].
    bool within(std::int64_t low, std::int64_t high) const;

private:
    template <typename S>
    S load(std::uint32_t i) const
    {
        S stored;
        std::memcpy(&stored, m_data + static_cast<std::size_t>(i) * sizeof(S), sizeof(S));
        return stored;
    }
    std::int64_t plus(std::uint64_t stored) const { return static_cast<std::int64_t>(static_cast<std::uint64_t>(m_base) + stored); }
    template <typename S>
    std::int64_t pick(std::uint32_t i) const
    {
        const S stored = load<S>(i);
        return stored == static_cast<S>(~S{0}) ? exceptionOr(i, plus(stored)) : plus(stored);
    }
    template <typename S, typename T>
    void expand(std::uint32_t first, std::uint32_t count, T* out) const
    {
        for (std::uint32_t i = 0; i < count; ++i) out[i] = static_cast<T>(plus(load<S>(first + i)));
    }
    std::uint32_t exceptionIndex(std::uint32_t k) const
    {
        std::uint32_t index;
        std::memcpy(&index, m_exceptionAt + static_cast<std::size_t>(k) * 4, 4);
        return index;
    }
    std::int64_t exceptionValue(std::uint32_t k) const
    {
        std::int64_t value;
        std::memcpy(&value, m_exceptionAt + static_cast<std::size_t>(m_exceptions) * 4 + static_cast<std::size_t>(k) * 8, 8);
        return value;
    }
    std::uint32_t firstException(std::uint32_t from) const;
    std::int64_t exceptionOr(std::uint32_t i, std::int64_t otherwise) const;
    template <typename Fn>
    void patch(std::uint32_t first, std::uint32_t count, Fn fn) const
    {
        for (std::uint32_t k = firstException(first); k < m_exceptions; ++k) {
            const std::uint32_t index = exceptionIndex(k);
            if (index - first >= count) return;
            fn(index - first, exceptionValue(k));
        }
    }

    const std::byte* m_data = nullptr;
    const std::byte* m_exceptionAt = nullptr;
    std::int64_t m_base = 0;
    std::uint32_t m_count = 0;
    std::uint32_t m_exceptions = 0;
    std::uint8_t m_width = 0;
};

// Writes one column at the end of out; the same values always give the same bytes.
void writeColumn(base::Bytes& out, std::span<const std::int64_t> values);

} // namespace orrery::trace
