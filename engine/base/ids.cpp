// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/ids.h"

namespace orrery::base {
namespace {

constexpr std::uint64_t kSecretA = 0x8ebc6af09c88c6e3ull;
constexpr std::uint64_t kSecretB = 0x589965cc75374cc3ull;
constexpr std::uint64_t kSecretC = 0xe7037ed1a0b428dbull;

// Folds the 128-bit product: every input bit reaches every output bit.
std::uint64_t fold(std::uint64_t a, std::uint64_t b)
{
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const std::byte* at, std::size_t count)
{
    std::uint64_t word = 0;
    std::memcpy(&word, at, count);
    return word;
}

} // namespace

Hash128 hash128(std::span<const std::byte> bytes, std::uint64_t seed)
{
    // Two independent lanes over 8-byte words, crossed at the end; the length goes in so that zero bytes count.
    std::uint64_t x = seed ^ kSecretA;
    std::uint64_t y = fold(seed ^ kSecretB, kSecretC) ^ bytes.size();
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::size_t count = std::min<std::size_t>(8, bytes.size() - at);
        const std::uint64_t word = load(bytes.data() + at, count);
        x = fold(x ^ word, kSecretB ^ (at + 1));
        y = fold(y + (word ^ kSecretC), kSecretA + x);
        at += count;
    }
    const std::uint64_t high = fold(x ^ kSecretC, y ^ kSecretA ^ bytes.size());
    const std::uint64_t low = fold(y ^ kSecretB ^ high, x ^ kSecretC);
    return Hash128{high, low};
}

Hash128 hash128(std::string_view text, std::uint64_t seed) { return hash128(std::as_bytes(std::span(text.data(), text.size())), seed); }

std::string hexText(char kind, Hash128 bits)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(34, '-');
    text[0] = kind;
    for (int i = 0; i < 16; ++i) {
        text[2 + static_cast<std::size_t>(i)] = kDigits[(bits.high >> (60 - 4 * i)) & 15];
        text[18 + static_cast<std::size_t>(i)] = kDigits[(bits.low >> (60 - 4 * i)) & 15];
    }
    return text;
}

Result<Hash128> parseHex(char kind, std::string_view text)
{
    const auto bad = [&] {
        return fail(Errc::BadInput, "\"" + std::string(text.substr(0, 64)) + "\" is no id of kind " + kind + ": expected " + kind + "- and 32 hex digits");
    };
    if (text.size() != 34 || text[0] != kind || text[1] != '-') return bad();
    Hash128 bits;
    for (std::size_t i = 0; i < 32; ++i) {
        const char c = text[2 + i];
        std::uint64_t digit = 0;
        if (c >= '0' && c <= '9') digit = static_cast<std::uint64_t>(c - '0');
        else if (c >= 'a' && c <= 'f') digit = static_cast<std::uint64_t>(c - 'a' + 10);
        else return bad();
        std::uint64_t& half = i < 16 ? bits.high : bits.low;
        half = (half << 4) | digit;
    }
    return bits;
}

} // namespace orrery::base
