// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Arithmetic that gives the same bits on every machine: the C library's logarithms differ between CPUs (it picks a variant
// with fused multiply-add where there is one), so a tile computed again on another node could differ in its last bit.
// Only + - * / and comparisons of IEEE doubles; this library is built with -ffp-contract=off.

#include <bit>
#include <cstdint>

namespace orrery::imaging {

// REQUIRES: value is finite and at least 2^-1022. Error below 1e-15.
inline double log2Exact(double value)
{
    const auto bits = std::bit_cast<std::uint64_t>(value);
    auto exponent = static_cast<std::int64_t>(bits >> 52) - 1023;
    double mantissa = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u); // [1, 2)
    if (mantissa > 1.4142135623730951) {
        mantissa *= 0.5;
        ++exponent;
    }
    const double s = (mantissa - 1) / (mantissa + 1); // |s| < 0.172: the series of atanh ends after ten terms
    const double q = s * s;
    double series = 1.0 / 19;
    for (int n = 17; n >= 1; n -= 2) series = series * q + 1.0 / n;
    return static_cast<double>(exponent) + 2.8853900817779268 * s * series; // 2 / ln 2
}

} // namespace orrery::imaging
