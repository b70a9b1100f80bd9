// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Encode<T>: how a C++ value becomes the bytes of a value: first how many, then written in one pass into memory that somebody
// else got (the store, a list, a buffer). Used for returned values, list items and arguments of submitted calls.
// Thread: any. Every byte of bytes() is written, gaps as zero, so equal values have equal bytes.

#include "plugins/sdk/decode.h"

#include <cstdlib>
#include <memory>

namespace orrery::plugin {

constexpr std::uint64_t alignUp(std::uint64_t bytes) { return (bytes + (ORRERY_ALIGN - 1)) & ~std::uint64_t{ORRERY_ALIGN - 1}; }

// memcpy, but nothing may be copied from nowhere.
inline void copyBytes(void* to, const void* from, std::uint64_t bytes)
{
    if (bytes != 0) std::memcpy(to, from, bytes);
}

inline orrery_value_t* writeHead(void* at, std::uint32_t type, std::uint64_t size, std::uint64_t length, std::uint64_t dataOffset)
{
    auto* head = static_cast<orrery_value_t*>(at);
    *head = {};
    head->magic = ORRERY_VALUE_MAGIC;
    head->version = ORRERY_VALUE_VERSION;
    head->type = static_cast<std::uint8_t>(type);
    head->size = size;
    head->length = length;
    head->data_offset = dataOffset;
    head->data_bytes = dataOffset == 0 ? 0 : size - dataOffset;
    return head;
}

// The header of a contiguous tensor or image. Returns where its elements go.
inline char* writeTensorHead(void* at, std::uint32_t type, std::uint32_t dtype, const Shape& shape)
{
    const std::uint64_t elements = shape.elements();
    auto* tensor = static_cast<orrery_tensor_t*>(at);
    *tensor = {};
    writeHead(at, type, sizeof(orrery_tensor_t) + elements * orrery_dtype_bytes(dtype), elements, sizeof(orrery_tensor_t));
    tensor->head.dtype = static_cast<std::uint8_t>(dtype);
    tensor->head.rank = static_cast<std::uint8_t>(shape.rank());
    std::int64_t stride = 1;
    for (std::size_t d = shape.rank(); d-- > 0;) {
        tensor->shape[d] = shape[d];
        tensor->strides[d] = stride;
        stride *= shape[d];
    }
    return static_cast<char*>(at) + sizeof(orrery_tensor_t);
}

inline std::uint64_t tensorBytes(std::uint32_t dtype, const Shape& shape)
{
    return sizeof(orrery_tensor_t) + shape.elements() * orrery_dtype_bytes(dtype);
}

template <class T>
struct Encode;

// A value that is only a header.
template <class T>
struct EncodeScalar {
    explicit EncodeScalar(T value) : m_value(value) {}
    static constexpr std::uint32_t code = std::is_same_v<T, bool> ? ORRERY_TYPE_BOOL : std::is_same_v<T, double> ? ORRERY_TYPE_F64 : ORRERY_TYPE_I64;
    static std::string type() { return typeName(code); }
    std::uint64_t bytes() const { return sizeof(orrery_value_t); }
    void write(void* at) const
    {
        orrery_value_t* head = writeHead(at, code, sizeof(orrery_value_t), 1, 0);
        if constexpr (std::is_same_v<T, double>) std::memcpy(&head->scalar, &m_value, sizeof m_value);
        else head->scalar = static_cast<std::uint64_t>(m_value);
    }

private:
    T m_value;
};
template <> struct Encode<bool> : EncodeScalar<bool> { using EncodeScalar::EncodeScalar; };
template <> struct Encode<std::int64_t> : EncodeScalar<std::int64_t> { using EncodeScalar::EncodeScalar; };
template <> struct Encode<double> : EncodeScalar<double> { using EncodeScalar::EncodeScalar; };

// A value that is a run of bytes.
template <std::uint32_t kCode>
struct EncodeText {
    explicit EncodeText(std::string_view data) : m_data(data) {}
    static constexpr std::uint32_t code = kCode;
    static std::string type() { return typeName(code); }
    std::uint64_t bytes() const { return sizeof(orrery_value_t) + m_data.size(); }
    void write(void* at) const
    {
        writeHead(at, code, bytes(), m_data.size(), sizeof(orrery_value_t));
        copyBytes(static_cast<char*>(at) + sizeof(orrery_value_t), m_data.data(), m_data.size());
    }

private:
    std::string_view m_data;
};
template <> struct Encode<std::string> : EncodeText<ORRERY_TYPE_STRING> { using EncodeText::EncodeText; };
template <> struct Encode<std::string_view> : EncodeText<ORRERY_TYPE_STRING> { using EncodeText::EncodeText; };
template <>
struct Encode<Bytes> : EncodeText<ORRERY_TYPE_BYTES> {
    explicit Encode(const Bytes& data) : EncodeText({reinterpret_cast<const char*>(data.data()), data.size()}) {}
};
template <>
struct Encode<BytesView> : EncodeText<ORRERY_TYPE_BYTES> {
    explicit Encode(BytesView data) : EncodeText({reinterpret_cast<const char*>(data.data()), data.size()}) {}
};

template <>
struct Encode<Json> {
    explicit Encode(const Json& value) : m_text(value.dump()) {} // throws when a text in it is not UTF-8
    static constexpr std::uint32_t code = ORRERY_TYPE_JSON;
    static std::string type() { return "json"; }
    std::uint64_t bytes() const { return sizeof(orrery_value_t) + m_text.size(); }
    void write(void* at) const { EncodeText<ORRERY_TYPE_JSON>(m_text).write(at); }

private:
    std::string m_text;
};

template <Element T>
struct Encode<Tensor<T>> {
    explicit Encode(const Tensor<T>& value) : m_value(value)
    {
        if (value.shape.elements() != value.data.size()) throw Error("a tensor's shape and the number of its elements differ");
    }
    static constexpr std::uint32_t code = ORRERY_TYPE_TENSOR;
    static std::string type() { return "tensor"; }
    std::uint64_t bytes() const { return tensorBytes(dtypeOf<T>(), m_value.shape); }
    void write(void* at) const
    {
        char* data = writeTensorHead(at, code, dtypeOf<T>(), m_value.shape);
        if constexpr (std::is_same_v<T, bool>) {
            for (std::size_t i = 0; i < m_value.data.size(); ++i) data[i] = m_value.data[i] ? 1 : 0;
        } else {
            copyBytes(data, m_value.data.data(), m_value.data.size() * sizeof(T));
        }
    }

private:
    const Tensor<T>& m_value;
};

template <>
struct Encode<Image> {
    explicit Encode(const Image& value) : m_value(value)
    {
        if (Shape{value.height, value.width, 4}.elements() != value.pixels.size()) throw Error("an image's size and the number of its pixels differ");
    }
    static constexpr std::uint32_t code = ORRERY_TYPE_IMAGE;
    static std::string type() { return "image"; }
    std::uint64_t bytes() const { return sizeof(orrery_tensor_t) + m_value.pixels.size(); }
    void write(void* at) const
    {
        char* data = writeTensorHead(at, code, ORRERY_DTYPE_U8, {m_value.height, m_value.width, 4});
        copyBytes(data, m_value.pixels.data(), m_value.pixels.size());
    }

private:
    const Image& m_value;
};

// A value that exists already: copied as it is.
template <>
struct Encode<AnyView> {
    explicit Encode(AnyView value) : m_value(value) {}
    static constexpr std::uint32_t code = 0;
    static std::string type() { return "any"; }
    std::uint64_t bytes() const { return m_value.bytes(); }
    void write(void* at) const { std::memcpy(at, &m_value.raw(), m_value.bytes()); }

private:
    AnyView m_value;
};

template <class T>
struct Encode<std::vector<T>> {
    explicit Encode(const std::vector<T>& items)
    {
        m_items.reserve(items.size());
        for (const auto& item : items) m_items.emplace_back(item);
        m_bytes = sizeof(orrery_value_t) + items.size() * 8;
        for (const auto& item : m_items) m_bytes = alignUp(m_bytes) + item.bytes();
    }
    static constexpr std::uint32_t code = ORRERY_TYPE_LIST;
    static std::string type() { return "list<" + Encode<T>::type() + ">"; }
    std::uint64_t bytes() const { return m_bytes; }
    void write(void* at) const
    {
        char* base = static_cast<char*>(at);
        orrery_value_t* head = writeHead(at, code, m_bytes, m_items.size(), sizeof(orrery_value_t));
        head->item_type = m_items.empty() ? 0 : Encode<T>::code;
        std::uint64_t end = sizeof(orrery_value_t) + m_items.size() * 8;
        for (std::size_t i = 0; i < m_items.size(); ++i) {
            const std::uint64_t offset = alignUp(end);
            std::memset(base + end, 0, offset - end);
            std::memcpy(base + sizeof(orrery_value_t) + i * 8, &offset, 8);
            m_items[i].write(base + offset);
            end = offset + m_items[i].bytes();
        }
    }

private:
    std::vector<Encode<T>> m_items;
    std::uint64_t m_bytes = 0;
};

template <class T>
concept Encodable = requires { Encode<T>::code; };

// A value in memory of its own, 64-byte aligned. Movable; for arguments of submitted calls, drivers and tests.
class OwnedValue {
public:
    OwnedValue() = default;
    explicit OwnedValue(std::uint64_t bytes)
        : m_memory(static_cast<char*>(std::aligned_alloc(ORRERY_ALIGN, alignUp(bytes == 0 ? 1 : bytes)))), m_bytes(bytes)
    {
        if (m_memory == nullptr) throw std::bad_alloc();
    }
    template <Encodable T>
    static OwnedValue of(const T& value)
    {
        const Encode<T> encode(value);
        OwnedValue out(encode.bytes());
        encode.write(out.data());
        return out;
    }
    char* data() { return m_memory.get(); }
    const char* data() const { return m_memory.get(); }
    std::uint64_t bytes() const { return m_bytes; }
    void trim(std::uint64_t bytes) { m_bytes = bytes < m_bytes ? bytes : m_bytes; }
    explicit operator bool() const { return m_memory != nullptr; }
    orrery_view_v1_t view() const { return {reinterpret_cast<const orrery_value_t*>(m_memory.get()), m_bytes}; }

private:
    struct Free {
        void operator()(char* memory) const { std::free(memory); }
    };
    std::unique_ptr<char, Free> m_memory;
    std::uint64_t m_bytes = 0;
};

} // namespace orrery::plugin
