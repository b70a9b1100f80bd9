// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Outputs that a function builds in place, in the store: it names TensorOut<T>, ImageOut, BytesOut or ListOut<T> among its
// arguments and calls make() or append(). Each is given exactly once; one left out fails the task with its name.
// Thread: the one the function was called on. What make() returns lives until the function returns.

#include "plugins/sdk/call.h"

namespace orrery::plugin {

template <Element T>
struct TensorSpan {
    Shape shape;
    std::span<T> data; // row-major, not initialised
    T& operator()(std::int64_t y, std::int64_t x) const { return data[static_cast<std::size_t>(y * shape[1] + x)]; }
};

struct ImageSpan {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::span<std::uint8_t> pixels; // RGBA, not initialised
    std::uint8_t* row(std::int64_t y) const { return pixels.data() + y * width * 4; }
};

// Which output of which call. Base of the others.
class OutputSlot {
public:
    OutputSlot(const orrery_call_v1_t* call, std::uint32_t port, const char* name) : m_call(call), m_port(port), m_name(name) {}
    bool given() const { return m_given; }
    // Throws Error when the function returned without it.
    void finish() const
    {
        if (!m_given) throw Error(text("output `", m_name, "` was not given"));
    }

protected:
    void* allocate(std::uint64_t bytes)
    {
        void* memory = m_call->host->allocate(m_call->context, m_port, bytes);
        if (memory == nullptr) throw Error(text("output `", m_name, "` of ", bytes, " bytes: ", Call(m_call).lastError()));
        m_given = true;
        return memory;
    }
    void* append(std::uint64_t bytes)
    {
        void* memory = m_call->host->append(m_call->context, m_port, bytes);
        if (memory == nullptr && bytes != 0) throw Error(text("an item of output `", m_name, "` of ", bytes, " bytes: ", Call(m_call).lastError()));
        m_given = true;
        return memory;
    }
    const orrery_call_v1_t* m_call;
    std::uint32_t m_port;
    const char* m_name;
    bool m_given = false;
};

template <Element T>
TensorSpan<T> layTensor(void* memory, const Shape& shape)
{
    char* data = writeTensorHead(memory, ORRERY_TYPE_TENSOR, dtypeOf<T>(), shape);
    return {shape, {reinterpret_cast<T*>(data), shape.elements()}};
}

inline ImageSpan layImage(void* memory, std::int64_t width, std::int64_t height)
{
    char* data = writeTensorHead(memory, ORRERY_TYPE_IMAGE, ORRERY_DTYPE_U8, {height, width, 4});
    return {width, height, {reinterpret_cast<std::uint8_t*>(data), static_cast<std::size_t>(width * height * 4)}};
}

template <Element T>
class TensorOut : public OutputSlot {
public:
    using OutputSlot::OutputSlot;
    static std::string type() { return "tensor"; }
    TensorSpan<T> make(const Shape& shape) { return layTensor<T>(allocate(tensorBytes(dtypeOf<T>(), shape)), shape); }
};

class ImageOut : public OutputSlot {
public:
    using OutputSlot::OutputSlot;
    static std::string type() { return "image"; }
    ImageSpan make(std::int64_t width, std::int64_t height)
    {
        return layImage(allocate(tensorBytes(ORRERY_DTYPE_U8, {height, width, 4})), width, height);
    }
};

class BytesOut : public OutputSlot {
public:
    using OutputSlot::OutputSlot;
    static std::string type() { return "bytes"; }
    // Room for `bytes`; trim() afterwards when fewer were needed.
    std::span<std::byte> make(std::uint64_t bytes)
    {
        m_head = static_cast<orrery_value_t*>(allocate(sizeof(orrery_value_t) + bytes));
        writeHead(m_head, ORRERY_TYPE_BYTES, sizeof(orrery_value_t) + bytes, bytes, sizeof(orrery_value_t));
        return {reinterpret_cast<std::byte*>(m_head + 1), bytes};
    }
    // REQUIRES: make() with at least as many bytes
    void trim(std::uint64_t bytes) { writeHead(m_head, ORRERY_TYPE_BYTES, sizeof(orrery_value_t) + bytes, bytes, sizeof(orrery_value_t)); }

private:
    orrery_value_t* m_head = nullptr;
};

// A list, item by item. append(value) for any T; make() builds a Tensor or Image item in place.
template <class T>
class ListOut : public OutputSlot {
public:
    using OutputSlot::OutputSlot;
    static std::string type() { return "list<" + Encode<T>::type() + ">"; }
    void append(const T& value)
    {
        const Encode<T> encode(value);
        encode.write(OutputSlot::append(encode.bytes()));
    }
    auto make(const Shape& shape) requires requires(T t) { t.data.front(); t.shape; }
    {
        using E = typename decltype(T::data)::value_type;
        return layTensor<E>(OutputSlot::append(tensorBytes(dtypeOf<E>(), shape)), shape);
    }
    ImageSpan make(std::int64_t width, std::int64_t height) requires std::is_same_v<T, Image>
    {
        return layImage(OutputSlot::append(tensorBytes(ORRERY_DTYPE_U8, {height, width, 4})), width, height);
    }
    // A list may be empty: nothing appended is no mistake.
    void finish()
    {
        if (!m_given) OutputSlot::append(0);
    }
};

template <class T>
concept BuiltInPlace = std::is_base_of_v<OutputSlot, T>;

} // namespace orrery::plugin
