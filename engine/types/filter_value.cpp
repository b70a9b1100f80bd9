// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/filter_value.h"

#include "engine/types/graph_check.h"

#include <vector>

namespace orrery::types {

using base::Errc;
using base::fail;

namespace {

__extension__ using Wide = __int128;

struct Unit {
    std::string_view name;
    FieldKind kind = FieldKind::Count;
    std::int64_t factor = 1;
};
constexpr Unit kUnits[] = {{"ns", FieldKind::Duration, 1}, {"us", FieldKind::Duration, 1'000}, {"ms", FieldKind::Duration, 1'000'000}, {"s", FieldKind::Duration, 1'000'000'000},
                           {"min", FieldKind::Duration, 60'000'000'000}, {"h", FieldKind::Duration, 3'600'000'000'000}, {"B", FieldKind::Bytes, 1}, {"KB", FieldKind::Bytes, 1'000},
                           {"MB", FieldKind::Bytes, 1'000'000}, {"GB", FieldKind::Bytes, 1'000'000'000}, {"KiB", FieldKind::Bytes, 1 << 10}, {"MiB", FieldKind::Bytes, 1 << 20},
                           {"GiB", FieldKind::Bytes, 1 << 30}, {"%", FieldKind::Share, kShareOne / 100}};

const Unit* findUnit(std::string_view name)
{
    const std::string small = name == "\xc2\xb5s" || name == "\xce\xbcs" ? "us" : folded(name); // the two letters that look like a small mu
    for (const auto& unit : kUnits)
        if (folded(unit.name) == small) return &unit;
    return nullptr;
}

std::string unitsOf(FieldKind kind)
{
    std::string text;
    for (const auto& unit : kUnits)
        if (unit.kind == kind) text += (text.empty() ? "" : " ") + std::string(unit.name);
    return text;
}

std::string inQuotes(std::string_view text) { return "\"" + std::string(text.substr(0, 64)) + "\""; }

std::string_view kindText(FieldKind kind)
{
    switch (kind) {
    case FieldKind::Duration: return "a duration";
    case FieldKind::Bytes: return "a size";
    case FieldKind::Share: return "a share";
    case FieldKind::Instant: return "a time in ms since 1970";
    default: return "a plain number";
    }
}

// The nearest spelling among names, whatever its case; empty: none is near.
std::string nearestOf(std::string_view wanted, const std::vector<std::string_view>& names)
{
    std::vector<std::string> smalls;
    for (const auto name : names) smalls.push_back(folded(name));
    const std::string near = nearestName(folded(wanted.substr(0, 64)), smalls);
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!near.empty() && smalls[i] == near) return std::string(names[i]);
    return {};
}

base::Error wrongUnit(const Field& field, std::string_view written)
{
    const std::string name(field.name);
    if (!takesUnit(field.kind)) return fail(Errc::BadInput, name + " is " + std::string(kindText(field.kind)) + " and takes no unit, and " + inQuotes(written) + " is one");
    const std::string takes = name + " is " + std::string(kindText(field.kind)) + " and takes " + unitsOf(field.kind);
    if (findUnit(written)) return fail(Errc::BadInput, inQuotes(written) + " does not fit: " + takes);
    std::vector<std::string_view> names;
    for (const auto& unit : kUnits)
        if (unit.kind == field.kind) names.push_back(unit.name);
    const std::string near = nearestOf(written, names);
    return fail(Errc::BadInput, "there is no unit " + inQuotes(written) + (near.empty() ? "; " + takes : "; did you mean \"" + near + "\"?"));
}

} // namespace

bool takesUnit(FieldKind kind) { return kind == FieldKind::Duration || kind == FieldKind::Bytes || kind == FieldKind::Share; }

bool isUnit(std::string_view word) { return findUnit(word) != nullptr; }

base::Result<NumberValue> readNumber(const Field& field, std::string_view name, std::string_view text)
{
    const bool negative = text.starts_with('-');
    std::string_view rest = text.substr(negative || text.starts_with('+') ? 1 : 0);
    const auto digits = [&rest] {
        std::size_t count = 0;
        while (count < rest.size() && rest[count] >= '0' && rest[count] <= '9') ++count;
        const auto taken = rest.substr(0, count);
        rest.remove_prefix(count);
        return taken;
    };
    const std::string_view whole = digits();
    std::string_view fraction;
    const bool point = rest.starts_with('.');
    if (point) {
        rest.remove_prefix(1);
        fraction = digits();
    }
    if (whole.empty() || (point && fraction.empty())) return fail(Errc::BadInput, inQuotes(text) + " is no number, and " + std::string(field.name) + " is " + std::string(kindText(field.kind)));
    const Unit* unit = rest.empty() ? nullptr : findUnit(rest);
    if (!rest.empty() && (!unit || unit->kind != field.kind)) return wrongUnit(field, rest);
    if (whole.size() > 19 || fraction.size() > 18) return fail(Errc::BadInput, inQuotes(text) + " has too many digits");

    Wide value = 0, scale = 1;
    for (const char c : whole) value = value * 10 + (c - '0');
    for (const char c : fraction) {
        value = value * 10 + (c - '0');
        scale *= 10;
    }
    const std::int64_t factor = unit ? unit->factor : field.kind == FieldKind::Share ? kShareOne : 1;
    if (!unit && value != 0 && field.kind == FieldKind::Duration && folded(name) != field.name)
        return fail(Errc::BadInput, inQuotes(text) + " has no unit; write one of " + unitsOf(field.kind) + " behind it");
    if (value > Wide{kNumberMax} * scale / factor) return fail(Errc::BadInput, inQuotes(text) + " is too large");
    value *= factor;
    if (negative) value = -value;
    NumberValue made;
    const Wide down = value >= 0 ? value / scale : -((-value + scale - 1) / scale);
    made.floor = static_cast<std::int64_t>(down);
    made.exact = down * scale == value;
    made.text = (negative ? "-" : "") + std::string(whole) + (point ? "." + std::string(fraction) : "") + (unit ? std::string(unit->name) : "");
    return made;
}

base::Result<WordValue> readWord(const Field& field, std::string_view text)
{
    const std::string small = folded(text);
    WordValue made;
    for (const auto& word : field.words) {
        if (folded(word.text) != small) continue;
        made.text = word.text;
        made.indexes |= 1ull << word.index;
    }
    if (made.indexes != 0) return made;
    std::vector<std::string_view> names;
    std::string all;
    for (const auto& word : field.words) {
        names.push_back(word.text);
        all += " " + std::string(word.text);
    }
    const std::string near = nearestOf(text, names);
    return fail(Errc::BadInput, inQuotes(text) + " is no " + std::string(field.name) + (near.empty() ? "; there are" + all : "; did you mean \"" + near + "\"?"));
}

} // namespace orrery::types
