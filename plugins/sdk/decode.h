// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Decode<T>: how an argument of C++ type T is read from a value, and the port type it stands for. Which C++ type is which port
// type is decided here, once. List<T>: the argument of a list<T> port.
// Thread: any. A type without a Decode cannot be an argument; the compiler says so where the function is registered.

#include "plugins/sdk/views.h"

#include <iterator>
#include <string>

namespace orrery::plugin {

template <class T>
struct Decode; // from(checked value of the right type) -> T; type() -> port type; code: ORRERY_TYPE_*, 0 for any

template <class T>
T AnyView::as() const
{
    if constexpr (Decode<T>::code != 0) {
        // A whole number is a number: an i64 may be read as f64.
        if (type() != Decode<T>::code && !(Decode<T>::code == ORRERY_TYPE_F64 && type() == ORRERY_TYPE_I64))
            throw Error(text("is of type ", typeName(type()), ", not ", Decode<T>::type()));
    }
    return Decode<T>::from(*this);
}

template <>
struct Decode<AnyView> {
    static constexpr std::uint32_t code = 0;
    static std::string type() { return "any"; }
    static AnyView from(AnyView v) { return v; }
};

template <>
struct Decode<bool> {
    static constexpr std::uint32_t code = ORRERY_TYPE_BOOL;
    static std::string type() { return "bool"; }
    static bool from(AnyView v) { return v.raw().scalar != 0; }
};

template <>
struct Decode<std::int64_t> {
    static constexpr std::uint32_t code = ORRERY_TYPE_I64;
    static std::string type() { return "i64"; }
    static std::int64_t from(AnyView v) { return static_cast<std::int64_t>(v.raw().scalar); }
};

template <>
struct Decode<double> {
    static constexpr std::uint32_t code = ORRERY_TYPE_F64;
    static std::string type() { return "f64"; }
    static double from(AnyView v)
    {
        if (v.type() == ORRERY_TYPE_I64) return static_cast<double>(static_cast<std::int64_t>(v.raw().scalar));
        double out;
        std::memcpy(&out, &v.raw().scalar, sizeof out);
        return out;
    }
};

template <>
struct Decode<std::string_view> {
    static constexpr std::uint32_t code = ORRERY_TYPE_STRING;
    static std::string type() { return "string"; }
    static std::string_view from(AnyView v) { return {v.data(), v.raw().length}; }
};

template <>
struct Decode<std::string> {
    static constexpr std::uint32_t code = ORRERY_TYPE_STRING;
    static std::string type() { return "string"; }
    static std::string from(AnyView v) { return {v.data(), v.raw().length}; }
};

template <>
struct Decode<BytesView> {
    static constexpr std::uint32_t code = ORRERY_TYPE_BYTES;
    static std::string type() { return "bytes"; }
    static BytesView from(AnyView v) { return {reinterpret_cast<const std::byte*>(v.data()), v.raw().length}; }
};

template <>
struct Decode<Json> {
    static constexpr std::uint32_t code = ORRERY_TYPE_JSON;
    static std::string type() { return "json"; }
    static Json from(AnyView v)
    {
        try {
            return Json::parse(std::string_view(v.data(), v.raw().length));
        } catch (const Json::exception& e) {
            throw Error(text("is not JSON: ", e.what()));
        }
    }
};

template <Element T>
struct Decode<TensorView<T>> {
    static constexpr std::uint32_t code = ORRERY_TYPE_TENSOR;
    static std::string type() { return "tensor"; }
    static TensorView<T> from(AnyView v)
    {
        if (v.raw().dtype != dtypeOf<T>()) throw Error(text("is a tensor of ", dtypeName(v.raw().dtype), "; this function reads ", dtypeName(dtypeOf<T>())));
        return TensorView<T>(&v.raw());
    }
};

template <>
struct Decode<ImageView> {
    static constexpr std::uint32_t code = ORRERY_TYPE_IMAGE;
    static std::string type() { return "image"; }
    static ImageView from(AnyView v) { return ImageView(&v.raw()); }
};

template <>
struct Decode<TableView> {
    static constexpr std::uint32_t code = ORRERY_TYPE_TABLE;
    static std::string type() { return "table"; }
    static TableView from(AnyView v) { return TableView(&v.raw()); }
};

// A list argument: items that the host gives one by one, or the items of a list value (a list in a list).
// An item is checked when it is read; operator[] throws Error when it is damaged or of another type.
template <class T>
class List {
public:
    List() = default;
    List(const orrery_view_v1_t* items, std::uint64_t count) : m_items(items), m_count(count) {}
    explicit List(AnyView list) : m_list(list), m_count(list.raw().length) {}

    std::uint64_t size() const { return m_count; }
    bool empty() const { return m_count == 0; }
    // REQUIRES: index < size()
    T operator[](std::uint64_t index) const
    {
        try {
            return item(index).template as<T>();
        } catch (const Error& e) {
            throw Error(text("item ", index, " ", e.what()));
        }
    }

    class Iterator {
    public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        Iterator() = default;
        Iterator(const List* list, std::uint64_t at) : m_list(list), m_at(at) {}
        T operator*() const { return (*m_list)[m_at]; }
        Iterator& operator++() { ++m_at; return *this; }
        Iterator operator++(int) { Iterator old = *this; ++m_at; return old; }
        bool operator==(const Iterator&) const = default;

    private:
        const List* m_list = nullptr;
        std::uint64_t m_at = 0;
    };
    Iterator begin() const { return {this, 0}; }
    Iterator end() const { return {this, m_count}; }

private:
    AnyView item(std::uint64_t index) const
    {
        if (m_items != nullptr) return AnyView(m_items[index], "");
        std::uint64_t offset;
        std::memcpy(&offset, m_list.data() + index * 8, 8);
        return AnyView(reinterpret_cast<const orrery_value_t*>(reinterpret_cast<const char*>(&m_list.raw()) + offset));
    }
    const orrery_view_v1_t* m_items = nullptr;
    AnyView m_list;
    std::uint64_t m_count = 0;
};

template <class T>
struct Decode<List<T>> {
    static constexpr std::uint32_t code = ORRERY_TYPE_LIST;
    static std::string type() { return "list<" + Decode<T>::type() + ">"; }
    static List<T> from(AnyView v) { return List<T>(v); }
};

template <class T>
concept Decodable = requires { Decode<T>::code; };

} // namespace orrery::plugin
