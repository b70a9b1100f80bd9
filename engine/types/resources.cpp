// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/resources.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace orrery::types {
namespace {

bool goodName(std::string_view name)
{
    if (name.empty() || name.size() > 63 || !std::isalpha(static_cast<unsigned char>(name[0]))) return false;
    return std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == ':' || c == '/' || c == '-'; });
}

} // namespace

Resources Resources::cpus(double count)
{
    Resources made;
    made.setUnits(kCpu, std::llround(count * static_cast<double>(kResourceUnit)));
    return made;
}

base::Result<void> Resources::set(std::string_view name, double amount)
{
    if (!goodName(name)) return base::fail(base::Errc::BadInput, "\"" + std::string(name.substr(0, 64)) + "\" is no resource name: a letter first, then letters, digits and _ . : / -, at most 63");
    if (!std::isfinite(amount) || amount < 0 || amount > 0x1p40) return base::fail(base::Errc::BadInput, "the amount of resource " + std::string(name) + " must be between 0 and 2^40");
    setUnits(name, std::llround(amount * static_cast<double>(kResourceUnit)));
    return {};
}

void Resources::setUnits(std::string_view name, std::int64_t units)
{
    const auto at = std::lower_bound(m_entries.begin(), m_entries.end(), name, [](const Entry& e, std::string_view n) { return e.name < n; });
    const bool known = at != m_entries.end() && at->name == name;
    if (known && units > 0) at->units = units;
    else if (known) m_entries.erase(at);
    else if (units > 0) m_entries.insert(at, Entry{std::string(name), units});
}

std::int64_t Resources::units(std::string_view name) const
{
    for (const auto& entry : m_entries)
        if (entry.name == name) return entry.units;
    return 0;
}

bool Resources::fits(const Resources& free) const
{
    return std::all_of(m_entries.begin(), m_entries.end(), [&](const Entry& e) { return e.units <= free.units(e.name); });
}

void Resources::add(const Resources& other)
{
    for (const auto& entry : other.m_entries) setUnits(entry.name, units(entry.name) + entry.units);
}

void Resources::subtract(const Resources& other)
{
    ORRERY_ASSERT_NOTE(other.fits(*this), "more resources returned than were taken");
    for (const auto& entry : other.m_entries) setUnits(entry.name, units(entry.name) - entry.units);
}

std::string Resources::text() const
{
    std::string text;
    for (const auto& entry : m_entries) {
        char number[64];
        const double amount = static_cast<double>(entry.units) / static_cast<double>(kResourceUnit);
        if (entry.name == kMemory && amount >= 1 << 20) std::snprintf(number, sizeof number, "%.4g %s", amount / (amount < 1 << 30 ? 1 << 20 : 1 << 30), amount < 1 << 30 ? "MiB" : "GiB");
        else std::snprintf(number, sizeof number, "%g", amount);
        if (!text.empty()) text += ", ";
        text += entry.name + " " + number;
    }
    return text.empty() ? "nothing" : text;
}

} // namespace orrery::types
