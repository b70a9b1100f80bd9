// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/join_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace orrery::security {

using base::Errc;
using base::fail;

namespace {

constexpr std::string_view kPrefix = "orr1_";
constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kFixedBytes = 1 + 32 + 8 + kSecretBytes + 1;
constexpr std::size_t kTokenBytesMin = kFixedBytes + 1 + 3 + 4; // one endpoint "h:1"

// CRC-32 as in zip and Ethernet: finds every change within 32 bits in a row, and a character is five.
std::uint32_t crc32(std::span<const std::uint8_t> bytes)
{
    std::uint32_t crc = 0xffffffff;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0u);
    }
    return ~crc;
}

// The bytes of a token at a fixed place, bounded before anything is written and overwritten at the end.
struct Packed {
    std::array<std::uint8_t, kTokenBytesMax> bytes{};
    std::size_t size = 0;
    ~Packed() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
    std::span<const std::uint8_t> view() const { return std::span(bytes).first(size); }
    template <std::unsigned_integral T>
    void put(T value)
    {
        for (std::size_t i = sizeof(T); i-- > 0;) bytes.at(size++) = static_cast<std::uint8_t>(value >> (8 * i));
    }
    void put(std::span<const std::byte> data)
    {
        for (const std::byte byte : data) bytes.at(size++) = std::to_integer<std::uint8_t>(byte);
    }
};

// Reads no further than the end; after the first short field all is zero and ok is false.
struct Cursor {
    std::span<const std::uint8_t> left;
    bool ok = true;
    std::span<const std::uint8_t> take(std::size_t count)
    {
        if (!ok || count > left.size()) {
            ok = false;
            return {};
        }
        const auto taken = left.first(count);
        left = left.subspan(count);
        return taken;
    }
    std::uint64_t number(std::size_t count)
    {
        std::uint64_t value = 0;
        for (const std::uint8_t byte : take(count)) value = value << 8 | byte;
        return value;
    }
};

std::string base32(std::span<const std::uint8_t> bytes)
{
    std::string text;
    text.reserve((bytes.size() * 8 + 4) / 5);
    std::uint32_t bits = 0;
    int held = 0;
    for (const std::uint8_t byte : bytes) {
        bits = bits << 8 | byte;
        for (held += 8; held >= 5; held -= 5) text += kAlphabet[bits >> (held - 5) & 31];
    }
    if (held > 0) text += kAlphabet[bits << (5 - held) & 31];
    return text;
}

// REQUIRES: text.size() * 5 / 8 <= kTokenBytesMax. False: a character that is none, a length that none has, or bits
// left over.
bool unpack(std::string_view text, Packed& out)
{
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const auto value = kAlphabet.find(c);
        if (value == std::string_view::npos) return false;
        bits = bits << 5 | static_cast<std::uint32_t>(value);
        held += 5;
        if (held >= 8) {
            held -= 8;
            out.bytes.at(out.size++) = static_cast<std::uint8_t>(bits >> held);
        }
    }
    return held < 5 && (bits & ((1u << held) - 1)) == 0;
}

bool isHost(std::string_view name)
{
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    return name.find_first_not_of(kLetters) == std::string_view::npos;
}

} // namespace

std::string TokenId::text() const
{
    return fmt::format("{:016x}", bits);
}

Secret::Secret(std::span<const std::byte, kSecretBytes> bytes)
{
    std::copy(bytes.begin(), bytes.end(), m_bytes.begin());
}
Secret::~Secret()
{
    OPENSSL_cleanse(m_bytes.data(), m_bytes.size());
}

base::Result<FreshToken> freshToken()
{
    std::array<std::byte, kSecretBytes> secret{};
    TokenId id;
    const bool ok = RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), static_cast<int>(secret.size())) == 1 &&
                    RAND_bytes(reinterpret_cast<unsigned char*>(&id.bits), sizeof id.bits) == 1;
    FreshToken fresh{id, Secret(secret)};
    OPENSSL_cleanse(secret.data(), secret.size());
    if (!ok) return fail(Errc::Internal, "The system has no random numbers for a join token.");
    return fresh;
}

bool isEndpoint(std::string_view text)
{
    if (text.size() > kEndpointBytesMax) return false;
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    const bool numeric = !port.empty() && port.size() <= 5 && port[0] != '0' &&
                         port.find_first_not_of("0123456789") == std::string_view::npos;
    if (!numeric || std::stoul(std::string(port)) > 65535) return false;
    if (host.front() == '[') {
        if (host.size() < 4 || host.back() != ']') return false;
        host = host.substr(1, host.size() - 2);
        return host.find(':') != std::string_view::npos &&
               host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    }
    return isHost(host);
}

base::Result<std::string> formatToken(const JoinToken& token)
{
    if (token.endpoints.empty() || token.endpoints.size() > kEndpointsMax)
        return fail(Errc::BadInput, fmt::format("A join token has 1 to {} addresses of the head, not {}.",
                                                kEndpointsMax, token.endpoints.size()));
    for (const auto& endpoint : token.endpoints)
        if (!isEndpoint(endpoint))
            return fail(
                Errc::BadInput,
                "An address for a join token is a host, a colon and a port, as in 10.0.0.7:7777 or [fd00::7]:7777.");
    Packed packed;
    packed.put(kVersion);
    packed.put(token.pin);
    packed.put(token.id.bits);
    packed.put(token.secret.bytes());
    packed.put(static_cast<std::uint8_t>(token.endpoints.size()));
    for (const auto& endpoint : token.endpoints) {
        packed.put(static_cast<std::uint8_t>(endpoint.size()));
        packed.put(std::as_bytes(std::span(endpoint)));
    }
    packed.put(crc32(packed.view()));
    return std::string(kPrefix) + base32(packed.view());
}

base::Result<JoinToken> parseToken(std::string_view text)
{
    constexpr std::string_view kSpace = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    text = text.substr(0, text.find_last_not_of(kSpace) + 1);
    if (text.size() >= kPrefix.size() && text.starts_with("orr") && text[4] == '_' && text[3] >= '2' && text[3] <= '9')
        return fail(Errc::BadInput, "The join token was made by a newer Orrery; install that version here too.");
    if (!text.starts_with(kPrefix)) return fail(Errc::BadInput, "This is no join token: one begins with orr1_.");
    const auto damaged =
        fail(Errc::BadInput, "The join token is not whole, or a character of it is wrong; copy it again.");
    text.remove_prefix(kPrefix.size());
    if (text.size() > kTokenTextMax - kPrefix.size()) return damaged;
    Packed packed;
    if (!unpack(text, packed) || packed.size < kTokenBytesMin) return damaged;
    Cursor sum{packed.view().last(4)};
    const auto body = packed.view().first(packed.size - 4);
    if (sum.number(4) != crc32(body)) return damaged;

    Cursor in{body};
    if (in.number(1) != kVersion)
        return fail(Errc::BadInput, "The join token was made by a newer Orrery; install that version here too.");
    JoinToken token;
    const auto pin = std::as_bytes(in.take(token.pin.size()));
    std::copy(pin.begin(), pin.end(), token.pin.begin());
    token.id.bits = in.number(8);
    const auto secret = std::as_bytes(in.take(kSecretBytes));
    const auto count = in.number(1);
    if (!in.ok || count == 0 || count > kEndpointsMax) return damaged;
    token.secret = Secret(secret.first<kSecretBytes>());
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto size = in.number(1);
        if (size > kEndpointBytesMax) return damaged;
        const auto endpoint = in.take(size);
        const std::string_view view(reinterpret_cast<const char*>(endpoint.data()), endpoint.size());
        if (!in.ok || !isEndpoint(view)) return damaged;
        token.endpoints.emplace_back(view);
    }
    if (!in.left.empty()) return damaged;
    return token;
}

} // namespace orrery::security
