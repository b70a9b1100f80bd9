// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/param_check.h"

#include <nlohmann/json.hpp>

namespace orrery::types {

using nlohmann::json;

namespace {

constexpr int kSchemaDepthMax = 16;

bool hasType(const json& value, const std::string& type)
{
    if (type == "number") return value.is_number();
    if (type == "integer") return value.is_number_integer() || (value.is_number_float() && value.get<double>() == static_cast<double>(static_cast<std::int64_t>(value.get<double>())));
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    if (type == "null") return value.is_null();
    return true;
}

void check(const json& schema, json& value, const std::string& at, std::vector<Problem>& problems, int depth)
{
    if (!schema.is_object() || depth > kSchemaDepthMax) return;
    const auto wrong = [&](std::string message) { problems.push_back({at, std::move(message)}); };
    if (const auto type = schema.find("type"); type != schema.end() && type->is_string() && !hasType(value, type->get<std::string>()))
        return wrong("expected " + type->get<std::string>() + " and found " + value.dump().substr(0, 60));
    if (const auto options = schema.find("enum"); options != schema.end() && options->is_array() && std::find(options->begin(), options->end(), value) == options->end())
        return wrong(value.dump().substr(0, 60) + " is none of " + options->dump());
    if (value.is_number()) {
        if (const auto least = schema.find("minimum"); least != schema.end() && value.get<double>() < least->get<double>()) wrong(value.dump() + " is less than " + least->dump());
        if (const auto most = schema.find("maximum"); most != schema.end() && value.get<double>() > most->get<double>()) wrong(value.dump() + " is more than " + most->dump());
    }
    if (value.is_string()) {
        const auto length = value.get_ref<const std::string&>().size();
        if (const auto least = schema.find("minLength"); least != schema.end() && length < least->get<std::size_t>()) wrong(length == 0 ? "this text may not be empty" : "this text is too short");
        if (const auto most = schema.find("maxLength"); most != schema.end() && length > most->get<std::size_t>()) wrong("this text is longer than " + most->dump() + " bytes");
    }
    if (value.is_array()) {
        if (const auto items = schema.find("items"); items != schema.end())
            for (std::size_t i = 0; i < value.size(); ++i) check(*items, value[i], at + "/" + std::to_string(i), problems, depth + 1);
    }
    if (!value.is_object()) return;
    const auto properties = schema.find("properties");
    for (const auto& [key, one] : value.items()) {
        if (properties == schema.end() || !properties->contains(key)) {
            // Unknown parameters are refused even where a schema does not say so: they are typing errors.
            if (schema.value("additionalProperties", json(false)) == json(false)) problems.push_back({at + "/" + key, "there is no parameter \"" + key + "\"; remove it"});
            continue;
        }
        check((*properties)[key], one, at + "/" + key, problems, depth + 1);
    }
    if (properties != schema.end()) {
        for (const auto& [key, one] : properties->items())
            if (!value.contains(key) && one.contains("default")) value[key] = one["default"];
    }
    if (const auto required = schema.find("required"); required != schema.end() && required->is_array()) {
        for (const auto& key : *required)
            if (key.is_string() && !value.contains(key.get<std::string>())) wrong("the parameter \"" + key.get<std::string>() + "\" is missing");
    }
}

} // namespace

std::string completeParams(const FunctionInfo& function, std::string_view params, const std::string& pointer, std::vector<Problem>& problems)
{
    json value = json::parse(params, nullptr, false);
    const json schema = json::parse(function.paramSchema.empty() ? "{}" : function.paramSchema, nullptr, false);
    if (!value.is_object()) {
        problems.push_back({pointer, "parameters must be a JSON object"});
        return "{}";
    }
    check(schema, value, pointer, problems, 0);
    return value.dump();
}

base::Result<std::string> completeParams(const FunctionInfo& function, std::string_view params)
{
    std::vector<Problem> problems;
    std::string complete = completeParams(function, params, "", problems);
    if (problems.empty()) return complete;
    std::string text;
    for (const auto& problem : problems) text += (text.empty() ? "" : "\n") + function.name + " " + problem.text();
    return base::fail(base::Errc::BadInput, text);
}

} // namespace orrery::types
