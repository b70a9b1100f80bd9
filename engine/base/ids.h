// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Durable ids: 128-bit hashes, each kind a type of its own. Deterministic, so that a re-execution finds what the first
// execution made (design: object of a run = hash(run, vertex, map index, output); nested task = hash(parent, call index)).
// In text an id is a letter for its kind, a dash and 32 hex digits; in JSON always a string.
// Thread: plain values.

#include "engine/base/result.h"

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace orrery::base {

struct Hash128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const Hash128&) const = default;
};

// A fixed function of the bytes (not keyed, not cryptographic): the same on every machine and in every version.
Hash128 hash128(std::span<const std::byte> bytes, std::uint64_t seed = 0);
Hash128 hash128(std::string_view text, std::uint64_t seed = 0);

template <char Kind>
struct Id {
    static constexpr std::uint64_t kKind = static_cast<unsigned char>(Kind);
    Hash128 bits;
    auto operator<=>(const Id&) const = default;
    bool isNull() const { return bits.high == 0 && bits.low == 0; }
    explicit operator bool() const { return !isNull(); }
    // "T-7c1e...", 34 characters.
    std::string text() const;
    static Result<Id> parse(std::string_view text);
};

using RunId = Id<'R'>;
using TaskId = Id<'T'>;
using ObjectId = Id<'O'>;
using NodeId = Id<'N'>;
using WorkerId = Id<'W'>;
using JobId = Id<'J'>;
using ClusterId = Id<'C'>;
using FunctionId = Id<'F'>; // hash of plugin name, function name and interface

// hash of the parts, in order; domain keeps kinds apart.
template <typename To, typename From>
To derive(const From& parent, std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0)
{
    const std::array<std::uint64_t, 5> parts{parent.bits.high, parent.bits.low, a, b, c};
    return To{hash128(std::as_bytes(std::span(parts)), static_cast<std::uint64_t>(sizeof(To)) + To::kKind)};
}

std::string hexText(char kind, Hash128 bits);
Result<Hash128> parseHex(char kind, std::string_view text);

template <char Kind>
std::string Id<Kind>::text() const { return hexText(Kind, bits); }

template <char Kind>
Result<Id<Kind>> Id<Kind>::parse(std::string_view text)
{
    auto parsed = parseHex(Kind, text);
    if (!parsed) return parsed.error();
    return Id{*parsed};
}

} // namespace orrery::base

template <char Kind>
struct std::hash<orrery::base::Id<Kind>> {
    std::size_t operator()(const orrery::base::Id<Kind>& id) const noexcept { return id.bits.low ^ (id.bits.high * 0x9e3779b97f4a7c15ull); }
};
