// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/column.h"

namespace orrery::trace {
namespace {

constexpr std::uint8_t kSizes[] = {0, 1, 2, 4, 8};
constexpr std::uint8_t kExceptions = 0x40;
constexpr std::size_t kExceptionBytes = 12;

std::uint64_t zigzag(std::int64_t value) { return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63); }
std::int64_t unzigzag(std::uint64_t value) { return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1); }

// Index into kSizes of the least size that holds value.
std::uint8_t sizeCode(std::uint64_t value) { return value == 0 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000ull ? 3 : 4; }

void append(base::Bytes& out, const void* data, std::size_t size)
{
    const auto* from = static_cast<const std::byte*>(data);
    out.insert(out.end(), from, from + size);
}

template <typename S>
void appendValues(base::Bytes& out, std::span<const std::int64_t> values, std::uint64_t base)
{
    const std::size_t at = out.size();
    out.resize(at + values.size() * sizeof(S));
    std::byte* to = out.data() + at;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint64_t delta = static_cast<std::uint64_t>(values[i]) - base;
        S stored = static_cast<S>(delta);
        if constexpr (sizeof(S) < 8) stored = delta >= static_cast<S>(~S{0}) ? static_cast<S>(~S{0}) : stored;
        std::memcpy(to + i * sizeof(S), &stored, sizeof(S));
    }
}

} // namespace

void writeColumn(base::Bytes& out, std::span<const std::int64_t> values)
{
    if (values.empty()) return;
    std::int64_t low = values[0], high = values[0];
    for (const std::int64_t value : values) {
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    const std::uint64_t spread = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    std::uint8_t width = sizeCode(spread + (spread == ~0ull ? 0 : 1)); // all ones is taken
    if (spread == 0) width = 0;
    // Without the base where it saves nothing.
    std::int64_t base = low;
    if (low > 0 && width > 0 && sizeCode(static_cast<std::uint64_t>(high) + 1) <= width) base = 0;
    const auto from = static_cast<std::uint64_t>(base);
    std::uint32_t over[4] = {0, 0, 0, 0}; // values that need an exception at width 0, 1, 2, 4
    if (width > 0) {
        // At width 0 the constant is the smallest value; a column of ones with some twos is cheap that way.
        for (const std::int64_t value : values) {
            const std::uint64_t delta = static_cast<std::uint64_t>(value) - from;
            over[0] += value != low;
            over[1] += delta >= 0xff;
            over[2] += delta >= 0xffff;
            over[3] += delta >= 0xffffffffull;
        }
        std::size_t best = values.size() * kSizes[width];
        for (std::uint8_t tried = 0; tried < width && tried < 4; ++tried) {
            const std::size_t cost = values.size() * kSizes[tried] + over[tried] * kExceptionBytes + 4;
            if (cost < best) {
                best = cost;
                width = tried;
            }
        }
    }
    if (width == 0) base = low;
    const std::uint32_t exceptions = spread == 0 || width == 4 ? 0 : over[width];
    const std::uint64_t coded = zigzag(base);
    const std::uint8_t baseCode = sizeCode(coded);
    out.push_back(static_cast<std::byte>(width | (baseCode << 3) | (exceptions > 0 ? kExceptions : 0)));
    append(out, &coded, kSizes[baseCode]);
    if (exceptions > 0) {
        append(out, &exceptions, 4);
        const std::size_t at = out.size();
        out.resize(at + exceptions * kExceptionBytes);
        std::byte* index = out.data() + at;
        std::byte* stored = index + static_cast<std::size_t>(exceptions) * 4;
        const std::uint64_t limit = width == 0 ? 1 : width == 1 ? 0xff : width == 2 ? 0xffff : 0xffffffffull;
        for (std::uint32_t i = 0; i < values.size(); ++i) {
            if (static_cast<std::uint64_t>(values[i]) - static_cast<std::uint64_t>(base) < limit) continue;
            std::memcpy(index, &i, 4);
            std::memcpy(stored, &values[i], 8);
            index += 4;
            stored += 8;
        }
    }
    switch (width) {
    case 0: break;
    case 1: appendValues<std::uint8_t>(out, values, static_cast<std::uint64_t>(base)); break;
    case 2: appendValues<std::uint16_t>(out, values, static_cast<std::uint64_t>(base)); break;
    case 3: appendValues<std::uint32_t>(out, values, static_cast<std::uint64_t>(base)); break;
    default: appendValues<std::uint64_t>(out, values, static_cast<std::uint64_t>(base)); break;
    }
}

bool Column::read(base::ByteReader& in, std::uint32_t count)
{
    *this = Column{};
    if (count == 0) return true;
    const auto code = in.get<std::uint8_t>();
    const std::uint8_t widthCode = code & 7;
    const std::uint8_t baseCode = (code >> 3) & 7;
    if (widthCode > 4 || baseCode > 4 || (code & 0x80) != 0) return false;
    std::uint64_t coded = 0;
    in.raw(&coded, kSizes[baseCode]);
    std::uint32_t exceptions = 0;
    if ((code & kExceptions) != 0) {
        exceptions = in.get<std::uint32_t>();
        if (exceptions == 0 || exceptions > count || widthCode == 4) return false;
    }
    const auto list = in.take(static_cast<std::size_t>(exceptions) * kExceptionBytes);
    const auto data = in.take(static_cast<std::size_t>(count) * kSizes[widthCode]);
    if (!in.ok()) return false;
    m_data = data.data();
    m_exceptionAt = list.data();
    m_base = unzigzag(coded);
    m_count = count;
    m_exceptions = exceptions;
    m_width = kSizes[widthCode];
    for (std::uint32_t k = 0; k < m_exceptions; ++k)
        if (exceptionIndex(k) >= count || (k > 0 && exceptionIndex(k) <= exceptionIndex(k - 1))) return false;
    return true;
}

std::uint32_t Column::firstException(std::uint32_t from) const
{
    std::uint32_t low = 0, high = m_exceptions;
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (exceptionIndex(middle) < from) low = middle + 1;
        else high = middle;
    }
    return low;
}

std::int64_t Column::exceptionOr(std::uint32_t i, std::int64_t otherwise) const
{
    const std::uint32_t k = firstException(i);
    return k < m_exceptions && exceptionIndex(k) == i ? exceptionValue(k) : otherwise;
}

bool Column::within(std::int64_t low, std::int64_t high) const
{
    if (m_count == 0) return true;
    if (m_width == 0) {
        if (m_exceptions < m_count && (m_base < low || m_base > high)) return false;
        for (std::uint32_t k = 0; k < m_exceptions; ++k)
            if (exceptionValue(k) < low || exceptionValue(k) > high) return false;
        return true;
    }
    constexpr std::uint32_t kStripe = 256;
    std::int64_t values[kStripe];
    for (std::uint32_t first = 0; first < m_count; first += kStripe) {
        const std::uint32_t count = std::min(kStripe, m_count - first);
        decode(first, count, values);
        bool fine = true;
        for (std::uint32_t i = 0; i < count; ++i) fine &= values[i] >= low && values[i] <= high;
        if (!fine) return false;
    }
    return true;
}

} // namespace orrery::trace
