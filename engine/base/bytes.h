// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ByteWriter, ByteReader: the one way records are turned into bytes where protobuf is not used (lane records, the socket
// between node and worker, trace batches). Little endian, no padding; a string is u32 length and its bytes.
// A reader never reads outside its span: after the first short or oversized field ok() is false and all later reads give
// zeros. Check ok() once, after the last read. Sizes are bounded by what is left, so nothing is allocated on a peer's word.

#include "engine/base/ids.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace orrery::base {

using Bytes = std::vector<std::byte>;

class ByteWriter {
public:
    ByteWriter() = default;
    // Writes behind what is in the buffer; the caller may reuse one buffer for many records.
    explicit ByteWriter(Bytes buffer) : m_bytes(std::move(buffer)) {}
    template <typename T>
        requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
    void put(T value) { raw(&value, sizeof value); }
    void put(Hash128 bits) { put(bits.high); put(bits.low); }
    template <char K>
    void put(const Id<K>& id) { put(id.bits); }
    void put(std::string_view text) { put(static_cast<std::uint32_t>(text.size())); raw(text.data(), text.size()); }
    void put(const std::string& text) { put(std::string_view(text)); }
    void put(const char* text) { put(std::string_view(text)); }
    void put(std::span<const std::byte> blob) { put(static_cast<std::uint32_t>(blob.size())); raw(blob.data(), blob.size()); }
    void put(const Bytes& blob) { put(std::span<const std::byte>(blob)); }
    // A list: u32 count, then each element by the function.
    template <typename Range, typename Fn>
    void list(const Range& range, Fn each)
    {
        put(static_cast<std::uint32_t>(std::size(range)));
        for (const auto& element : range) each(*this, element);
    }
    void raw(const void* data, std::size_t size)
    {
        const auto* from = static_cast<const std::byte*>(data);
        m_bytes.insert(m_bytes.end(), from, from + size);
    }
    std::span<const std::byte> view() const { return m_bytes; }
    Bytes take() { return std::move(m_bytes); }
    void clear() { m_bytes.clear(); }

private:
    Bytes m_bytes;
};

class ByteReader {
public:
    explicit ByteReader(std::span<const std::byte> bytes) : m_left(bytes) {}
    template <typename T>
        requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
    T get()
    {
        T value{};
        raw(&value, sizeof value);
        return value;
    }
    template <typename T>
        requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
    void get(T& value) { value = get<T>(); }
    void get(Hash128& bits) { get(bits.high); get(bits.low); }
    template <char K>
    void get(Id<K>& id) { get(id.bits); }
    void get(std::string& text)
    {
        const auto view = blob();
        text.assign(reinterpret_cast<const char*>(view.data()), view.size());
    }
    std::string text()
    {
        std::string out;
        get(out);
        return out;
    }
    void get(Bytes& bytes)
    {
        const auto view = blob();
        bytes.assign(view.begin(), view.end());
    }
    // A view into the reader's own span; valid as long as that is.
    std::span<const std::byte> blob()
    {
        const auto size = get<std::uint32_t>();
        return take(size);
    }
    // elementSizeMin: the least bytes an element takes, so that a false count is refused before anything is allocated.
    template <typename Fn>
    void list(std::size_t elementSizeMin, Fn each)
    {
        const auto count = get<std::uint32_t>();
        if (!m_ok || static_cast<std::size_t>(count) * elementSizeMin > m_left.size()) {
            m_ok = false;
            return;
        }
        for (std::uint32_t i = 0; i < count && m_ok; ++i) each(*this);
    }
    std::span<const std::byte> take(std::size_t size)
    {
        if (!m_ok || size > m_left.size()) {
            m_ok = false;
            return {};
        }
        const auto view = m_left.first(size);
        m_left = m_left.subspan(size);
        return view;
    }
    void raw(void* data, std::size_t size)
    {
        const auto view = take(size);
        if (view.size() == size && size > 0) std::memcpy(data, view.data(), size);
    }
    bool ok() const { return m_ok; }
    bool atEnd() const { return m_left.empty(); }
    std::size_t left() const { return m_left.size(); }

private:
    std::span<const std::byte> m_left;
    bool m_ok = true;
};

} // namespace orrery::base
