// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The frames of the bulk plane, and what may be in them. A connection: the puller sends the magic, both shake hands if TLS is
// used, the server answers a hello; then request, reply, request, reply. A good reply is followed by its bytes in chunks of
// kBulkChunkBytes (the last may be shorter), each with the XXH3-64 of its bytes behind it, seeded with its offset in the object;
// under TLS there is no checksum, the record's tag serves. Requests and replies end with a check of their own, for what a bent
// request asks for would come with right checksums. All numbers are little endian and all frames of fixed size, so
// nothing is ever allocated on a peer's word. Pure.

#include "engine/base/ids.h"
#include "engine/rpc/bulk_limits.h"

#include <array>
#include <optional>

namespace orrery::rpc {

// First on a connection and before TLS: neither a TLS hello (0x16) nor HTTP/2 ("PRI") begins so.
inline constexpr std::array<std::byte, 4> kBulkMagic{std::byte{'O'}, std::byte{'B'}, std::byte{'L'}, std::byte{'K'}};
inline constexpr std::uint8_t kBulkVersion = 1;
inline constexpr std::size_t kBulkHelloBytes = 8;
inline constexpr std::size_t kBulkRequestBytes = 44;
inline constexpr std::size_t kBulkReplyBytes = 24;
inline constexpr std::size_t kBulkCheckBytes = 8;

// Which sealed object: an output of one index of a vertex of a run (net::ObjectKey); whatever attempt made it, its bytes are the same.
struct BulkKey {
    base::RunId run;
    std::uint16_t vertex = 0;
    std::uint8_t output = 0;
    std::uint32_t index = 0;
    auto operator<=>(const BulkKey&) const = default;
    std::string text() const;
};

struct BulkRange {
    std::uint64_t offset = 0, bytes = 0;
    std::uint64_t end() const { return offset + bytes; }
    bool operator==(const BulkRange&) const = default;
};

struct BulkRequest {
    BulkKey key;
    BulkRange range;
};

enum class BulkStatus : std::uint8_t { Ok, NotFound, BadRange, Busy, Refused, Failed };
inline constexpr std::uint8_t kBulkStatusLast = static_cast<std::uint8_t>(BulkStatus::Failed);

struct BulkReply {
    BulkStatus status = BulkStatus::Ok;
    bool isChecked = false;  // checksums follow the chunks
    std::uint64_t total = 0; // bytes of the whole object; 0 when there is none
    std::uint64_t bytes = 0; // that follow: as many as were asked for, or none
};

std::array<std::byte, kBulkHelloBytes> packHello(BulkStatus status);
std::array<std::byte, kBulkRequestBytes> packRequest(const BulkRequest& request);
std::array<std::byte, kBulkReplyBytes> packReply(const BulkReply& reply);
// Error: the peer speaks another version, or no bulk at all.
base::Result<BulkStatus> parseHello(std::span<const std::byte, kBulkHelloBytes> bytes);
base::Result<BulkRequest> parseRequest(std::span<const std::byte, kBulkRequestBytes> bytes);
base::Result<BulkReply> parseReply(std::span<const std::byte, kBulkReplyBytes> bytes);

} // namespace orrery::rpc
