// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/command/port_text.h"

#include <charconv>

namespace orrery::command {

using namespace orrery::plugin;

namespace {

template <class N>
std::string_view keepNumber(PortValue& into, N number)
{
    std::array<char, 64> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    return into.kept.emplace_back(digits.data(), end.ptr);
}

std::string_view itemText(const PortText& port, const AnyView& value, PortValue& into)
{
    switch (value.type()) {
    case ORRERY_TYPE_STRING:
    case ORRERY_TYPE_BYTES:
    case ORRERY_TYPE_JSON: return {value.data(), value.raw().length};
    case ORRERY_TYPE_BOOL: return value.as<bool>() ? "true" : "false";
    case ORRERY_TYPE_I64: return keepNumber(into, value.as<std::int64_t>());
    case ORRERY_TYPE_F64: return keepNumber(into, value.as<double>());
    default:
        throw Error(text("input `", port.name, "` got a value of type ", typeName(value.type()),
                         ", which no program reads; make bytes or a text of it first"));
    }
}

std::string_view trimmed(std::string_view written)
{
    const char* const kBlank = " \t\r\n";
    const std::size_t first = written.find_first_not_of(kBlank);
    return first == std::string_view::npos ? std::string_view()
                                           : written.substr(first, written.find_last_not_of(kBlank) - first + 1);
}

template <class N>
N numberOf(const PortText& port, std::string_view written)
{
    const std::string_view digits = trimmed(written);
    N number{};
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || end.ec != std::errc() || end.ptr != digits.data() + digits.size())
        throw Error(text("output `", port.name, "` is declared as ", port.type, " and the program wrote `",
                         written.substr(0, 60), "`"));
    return number;
}

std::vector<std::string_view> linesOf(std::string_view written)
{
    std::vector<std::string_view> lines;
    while (!written.empty()) {
        const std::size_t end = written.find('\n');
        lines.push_back(written.substr(0, end));
        written.remove_prefix(end == std::string_view::npos ? written.size() : end + 1);
    }
    return lines;
}

template <class T>
void give(const orrery_call_v1_t* call, std::uint32_t index, const PortText& port, const T& value)
{
    const Encode<T> encode(value);
    void* memory = call->host->allocate(call->context, index, encode.bytes());
    if (memory == nullptr)
        throw Error(text("output `", port.name, "` of ", encode.bytes(), " bytes: ", Call(call).lastError()));
    encode.write(memory);
}

} // namespace

PortValue readPort(const PortText& port, const orrery_input_v1_t& input)
{
    PortValue out;
    out.isList = port.type.starts_with("list<");
    // A worker takes a list apart for ports it knows from the library's table; for a listed port it may come as the one list value.
    const auto at = [&](std::uint64_t i) { return AnyView(input.items[i], text("input `", port.name, "` ")); };
    if (input.count == 1 && at(0).type() == ORRERY_TYPE_LIST) {
        out.isList = true;
        for (const AnyView& item : List<AnyView>(at(0))) out.items.push_back(itemText(port, item, out));
        return out;
    }
    for (std::uint64_t i = 0; i < input.count; ++i) out.items.push_back(itemText(port, at(i), out));
    if (!out.isList && out.items.size() != 1)
        throw Error(text("input `", port.name, "` got ", out.items.size(), " values where one is read"));
    return out;
}

void giveOutput(const orrery_call_v1_t* call, std::uint32_t index, const PortText& port, std::string_view written)
{
    if (port.type == "bytes") {
        give(call, index, port, std::as_bytes(std::span(written)));
    } else if (port.type == "string") {
        give(call, index, port, written);
    } else if (port.type == "json") {
        Json value = Json::parse(written, nullptr, false);
        if (value.is_discarded())
            throw Error(text("output `", port.name, "` is declared as json and what the program wrote is no JSON"));
        give(call, index, port, value);
    } else if (port.type == "i64") {
        give(call, index, port, numberOf<std::int64_t>(port, written));
    } else if (port.type == "f64") {
        give(call, index, port, numberOf<double>(port, written));
    } else {
        give(call, index, port, linesOf(written));
    }
}

} // namespace orrery::command
