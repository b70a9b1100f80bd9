// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Resources: amounts of named, countable things (CPU, GPU, memory in bytes, custom). Logical admission tokens, in units of
// 1/10000 so that sums are exact (precision of Ray, ray.md 1a). Thread: plain value. Invariant: no negative amount, no zero kept.

#include "engine/base/result.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::types {

inline constexpr std::string_view kCpu = "CPU";
inline constexpr std::string_view kGpu = "GPU";
inline constexpr std::string_view kMemory = "memory";
inline constexpr std::int64_t kResourceUnit = 10'000;

class Resources {
public:
    struct Entry {
        std::string name;
        std::int64_t units = 0; // amount * kResourceUnit; memory: bytes * kResourceUnit
        auto operator<=>(const Entry&) const = default;
    };
    Resources() = default;
    static Resources cpus(double count);
    // BadInput when the amount is negative, not finite or over 2^40, or the name is not [A-Za-z][A-Za-z0-9_.:/-]{0,62}.
    base::Result<void> set(std::string_view name, double amount);
    void setUnits(std::string_view name, std::int64_t units);
    std::int64_t units(std::string_view name) const;
    double amount(std::string_view name) const { return static_cast<double>(units(name)) / static_cast<double>(kResourceUnit); }
    bool fits(const Resources& free) const;      // this <= free in every name
    void add(const Resources& other);
    void subtract(const Resources& other);       // REQUIRES: other.fits(*this)
    bool empty() const { return m_entries.empty(); }
    const std::vector<Entry>& entries() const { return m_entries; } // sorted by name
    std::string text() const;                    // "CPU 1, GPU 0.5, memory 23.5 GiB"; "nothing"
    auto operator<=>(const Resources&) const = default;

private:
    std::vector<Entry> m_entries;
};

} // namespace orrery::types
