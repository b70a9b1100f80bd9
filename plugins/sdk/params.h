// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Parameters: a plain struct says its fields once, and from that come the JSON schema (the window's property editor) and the
// reading of a call's parameters.
//
//   struct BlurParams {
//       double radius = 2.0; // the default
//       static void fields(Fields<BlurParams>& f) { f("radius", &BlurParams::radius, "How far the blur reaches").range(0, 64).unit("px"); }
//   };
//
// Schema keywords: type, title, description, default, minimum, maximum, enum, items, required, additionalProperties, and ours:
// x-unit, x-step, x-format ("file", "folder", "multiline"), x-order (place in the editor; JSON objects have no order), x-ports and
// x-port-types (listed_ports.h).
// Thread: a Fields is built once, then read by any.

#include "plugins/sdk/values.h"

#include <functional>
#include <limits>
#include <memory>
#include <utility>

namespace orrery::plugin {

namespace detail {

template <class M>
const char* jsonTypeOf()
{
    if constexpr (std::is_same_v<M, bool>) return "boolean";
    else if constexpr (std::is_integral_v<M>) return "integer";
    else if constexpr (std::is_floating_point_v<M>) return "number";
    else return "string";
}

// One JSON value into one member; Error (without the parameter's name) when it is of another type or does not fit.
template <class M>
void readInto(const Json& value, M& member)
{
    if constexpr (std::is_same_v<M, Json>) {
        member = value;
    } else if constexpr (std::is_same_v<M, bool>) {
        if (!value.is_boolean()) throw Error("must be true or false");
        member = value.get<bool>();
    } else if constexpr (std::is_integral_v<M>) {
        std::int64_t whole = 0;
        if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) throw Error("is too large");
        if (value.is_number_integer()) {
            whole = value.get<std::int64_t>();
        } else if (value.is_number_float() && value.get<double>() == static_cast<double>(static_cast<std::int64_t>(value.get<double>()))) {
            whole = static_cast<std::int64_t>(value.get<double>()); // 4.0 is a whole number in JSON schema
        } else {
            throw Error("must be a whole number");
        }
        if (!std::in_range<M>(whole)) throw Error("is out of range");
        member = static_cast<M>(whole);
    } else if constexpr (std::is_floating_point_v<M>) {
        if (!value.is_number()) throw Error("must be a number");
        member = value.get<M>();
    } else if constexpr (std::is_same_v<M, std::string>) {
        if (!value.is_string()) throw Error("must be text");
        member = value.get<std::string>();
    } else {
        if (!value.is_array()) throw Error("must be a list");
        member.clear();
        for (const Json& item : value) readInto(item, member.emplace_back());
    }
}

} // namespace detail

template <class P>
class Fields {
public:
    Fields() { P::fields(*this); }

    // What can be said of a field after it is named.
    class Field {
    public:
        explicit Field(Json& schema, Json& required, std::string name) : m_schema(schema), m_required(required), m_name(std::move(name)) {}
        Field& range(double lowest, double highest) { return min(lowest).max(highest); }
        Field& min(double lowest) { return number("minimum", lowest); }
        Field& max(double highest) { return number("maximum", highest); }
        Field& unit(const char* unit) { return set("x-unit", unit); }
        Field& step(double step) { return number("x-step", step); }
        Field& format(const char* format) { return set("x-format", format); }
        Field& label(const char* label) { return set("title", label); }
        Field& choices(std::initializer_list<const char*> texts)
        {
            m_schema["enum"] = Json::array();
            for (const char* choice : texts) m_schema["enum"].push_back(choice);
            return *this;
        }
        // A list of texts that are ports of the task, "name" or "name:type"; the first type is that of a bare name.
        Field& inputPorts(std::initializer_list<const char*> types) { return ports("inputs", types); }
        Field& outputPorts(std::initializer_list<const char*> types) { return ports("outputs", types); }
        // There is no default: the person must give it.
        Field& required()
        {
            m_schema.erase("default");
            m_required.push_back(m_name);
            return *this;
        }

    private:
        Field& set(const char* key, Json value)
        {
            m_schema[key] = std::move(value);
            return *this;
        }
        Field& ports(const char* side, std::initializer_list<const char*> types)
        {
            m_schema["x-port-types"] = Json::array();
            for (const char* type : types) m_schema["x-port-types"].push_back(type);
            return set("x-ports", side);
        }
        Field& number(const char* key, double value)
        {
            if (m_schema["type"] == "integer") return set(key, static_cast<std::int64_t>(value));
            return set(key, value);
        }
        Json& m_schema;
        Json& m_required;
        std::string m_name;
    };

    // A member of P or of a base of it.
    template <class M, class C>
        requires std::is_base_of_v<C, P>
    Field operator()(const char* name, M C::*member, const char* doc)
    {
        static const P kDefaults{};
        Json& schema = m_properties[name];
        schema = {{"description", doc}, {"default", kDefaults.*member}, {"x-order", m_readers.size()}};
        if constexpr (requires(M m) { m.emplace_back(); } && !std::is_same_v<M, std::string> && !std::is_same_v<M, Json>) {
            schema["type"] = "array";
            schema["items"] = {{"type", detail::jsonTypeOf<typename M::value_type>()}};
        } else if constexpr (!std::is_same_v<M, Json>) {
            schema["type"] = detail::jsonTypeOf<M>();
        }
        m_readers.push_back({name, [member](const Json& value, P& into) { detail::readInto(value, into.*member); }});
        return Field(schema, m_required, name);
    }

    std::string schema() const
    {
        Json out = {{"type", "object"}, {"additionalProperties", false}, {"properties", m_properties}};
        if (!m_required.empty()) out["required"] = m_required;
        return out.dump();
    }

    // The host has validated the text; this still refuses what does not fit rather than run on nonsense. Throws Error.
    P parse(std::string_view json) const
    {
        P out{};
        const Json values = json.empty() ? Json::object() : Json::parse(json);
        if (!values.is_object()) throw Error("the parameters are not a JSON object");
        for (const Reader& reader : m_readers) {
            const auto found = values.find(reader.name);
            if (found == values.end()) continue;
            try {
                reader.read(*found, out);
                check(m_properties[reader.name], *found);
            } catch (const Error& e) {
                throw Error(text("parameter `", reader.name, "` ", e.what(), "; it is ", found->dump()));
            }
        }
        return out;
    }

private:
    struct Reader {
        std::string name;
        std::function<void(const Json&, P&)> read;
    };
    static void check(const Json& schema, const Json& value)
    {
        if (value.is_number()) {
            if (schema.contains("minimum") && value.get<double>() < schema["minimum"].get<double>()) throw Error(text("must be at least ", schema["minimum"].dump()));
            if (schema.contains("maximum") && value.get<double>() > schema["maximum"].get<double>()) throw Error(text("must be at most ", schema["maximum"].dump()));
        }
        if (!schema.contains("enum")) return;
        for (const Json& choice : schema["enum"])
            if (choice == value) return;
        throw Error(text("must be one of ", schema["enum"].dump()));
    }
    Json m_properties = Json::object();
    Json m_required = Json::array();
    std::vector<Reader> m_readers;
};

template <class P>
concept Parameters = std::is_default_constructible_v<P> && requires(Fields<P>& f) { P::fields(f); };

// The one Fields of P.
template <Parameters P>
const Fields<P>& fieldsOf()
{
    static const Fields<P> fields;
    return fields;
}

// Parses only when the text differs from the last one seen: tasks of a map share their parameters. What get() returns stays
// whole when the cache moves on: a call may run another of the same function inside itself while it waits for it.
template <Parameters P>
class ParamsCache {
public:
    std::shared_ptr<const P> get(const char* params, std::uint64_t bytes)
    {
        const std::string_view json(params, bytes);
        if (m_value == nullptr || json != m_text) {
            m_value = std::make_shared<const P>(fieldsOf<P>().parse(json));
            m_text = json;
        }
        return m_value;
    }

private:
    std::string m_text;
    std::shared_ptr<const P> m_value;
};

} // namespace orrery::plugin
