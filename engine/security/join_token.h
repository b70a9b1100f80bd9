// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JoinToken: what a person carries from a head to a new machine: where the head is, the pin of its authority, and a
// secret that is good for one certificate. Text: "orr1_" and base32 (RFC 4648, small letters) of
//   u8 version, 32 bytes SHA-256 of the authority's SPKI, u64 token id, 20 bytes secret, u8 n, n times
//   (u8 size, "host:port"), CRC-32 of all that; numbers big endian.
// One text only for one token; a text with one character changed is none.
// Never logged: it has no way into a log line (no formatter, no stream), and no sentence of a refusal quotes it;
// label() is for logs. It travels by stdin or a dialog, never in a URL, an argument or the environment.
// Thread: any; values.

#include "engine/base/ids.h"
#include "engine/security/sha256.h"

#include <vector>

namespace orrery::security {

inline constexpr std::size_t kSecretBytes = 20;
inline constexpr std::size_t kEndpointsMax = 8;
inline constexpr std::size_t kEndpointBytesMax = 128;
inline constexpr std::size_t kTokenBytesMax =
    1 + 32 + 8 + kSecretBytes + 1 + kEndpointsMax * (1 + kEndpointBytesMax) + 4;
inline constexpr std::size_t kTokenTextMax = 5 + (kTokenBytesMax * 8 + 4) / 5;

struct TokenId {
    std::uint64_t bits = 0;
    auto operator<=>(const TokenId&) const = default;
    std::string text() const; // 16 hex digits; no secret
};

// 160 bits, overwritten when they go.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::span<const std::byte, kSecretBytes> bytes);
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret();
    std::span<const std::byte, kSecretBytes> bytes() const { return m_bytes; }
    Digest digest() const { return digestOf(m_bytes); } // all that a table keeps

private:
    std::array<std::byte, kSecretBytes> m_bytes{};
};

struct JoinToken {
    Digest pin{};
    TokenId id;
    Secret secret;
    std::vector<std::string> endpoints; // "host:port", "[v6]:port"; the first that answers is used
    std::string label() const { return "orr1_... (" + id.text() + ")"; }
};

struct FreshToken {
    TokenId id;
    Secret secret;
};
// From the system's generator; Internal when it has nothing.
base::Result<FreshToken> freshToken();

bool isEndpoint(std::string_view text);
// BadInput: no endpoint, too many, or one that is none.
base::Result<std::string> formatToken(const JoinToken& token);
// White space around it is let go. BadInput, in one sentence that does not quote it.
base::Result<JoinToken> parseToken(std::string_view text);

} // namespace orrery::security
