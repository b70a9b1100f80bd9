// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Pattern: what "~" of a filter looks for: a regular expression of small letters and large ones alike, found anywhere in a text.
//   c . [abc] [a-z] [^abc] \d \w \s \D \W \S \. | ( ) * + ? ^ $        ^ and $: only as first and last of the whole pattern
// Not std::regex: that needs exponential time and a stack as deep as the text for some patterns, and a filter comes from
// outside. This is Glushkov's automaton in one 64-bit word: each byte of the text costs at most kPatternPositionsMax steps.
// Bytes are matched, not letters: "." is one byte of a UTF-8 letter. Thread: plain value, immutable.

#include "engine/base/result.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace orrery::types {

inline constexpr std::size_t kPatternPositionsMax = 64; // characters and classes in one pattern
inline constexpr std::size_t kPatternBytesMax = 512;

class Pattern {
public:
    // BadInput: what is wrong, without the place.
    static base::Result<Pattern> compile(std::string_view text);
    bool foundIn(std::string_view text) const;

private:
    friend class PatternParser;
    std::array<std::uint64_t, 256> m_accepts{};                   // by byte: positions that take it
    std::array<std::uint64_t, kPatternPositionsMax> m_follow{};   // by position: what may come next
    std::uint64_t m_first = 0, m_last = 0;
    bool m_empty = false;   // matches nothing at all as well
    bool m_atBegin = false, m_atEnd = false;
};

} // namespace orrery::types
