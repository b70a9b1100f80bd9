// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkLimits: every bound of the bulk plane, with its name and unit. Values; a test hands in smaller ones.

#include "engine/base/clock.h"

#include <cstddef>
#include <cstdint>

namespace orrery::rpc {

inline constexpr std::uint64_t kBulkChunkBytes = 1u << 20;       // what one checksum covers, and what a broken connection costs at most
inline constexpr std::uint64_t kBulkTwoStreamsBytes = 64u << 20; // from here on an object comes in two ranges at once
inline constexpr std::size_t kBulkPieceBytes = 256u << 10;       // hashed and moved at once: stays in a core's cache between the two
inline constexpr std::size_t kBulkTurnBytes = 8u << 20;          // a thread of the pool moves so many, then looks who else is ready
inline constexpr unsigned kBulkThreads = 2;                      // of a copy pool; memory is full with two
inline constexpr std::size_t kBulkServedMax = 256;               // connections to a server; one more is told to come later
inline constexpr std::size_t kBulkStreamsPerPeerMax = 4;         // and connections, kept ones too; a silent peer holds its own, nobody else's
inline constexpr std::size_t kBulkPullsMax = 4096;               // of a puller, waiting ones too; one more is refused
inline constexpr std::size_t kBulkBadChunksMax = 64;             // of one range, waiting to be asked for again
inline constexpr std::size_t kBulkTlsBatchBytes = 256u << 10;    // encrypted before it is given to the socket
static_assert(kBulkChunkBytes % kBulkPieceBytes == 0 && kBulkTwoStreamsBytes % (2 * kBulkChunkBytes) == 0);

struct BulkLimits {
    // From accepting or connecting until the first request, handshake included; and from the first byte of a request to its last.
    base::TimeNs greetNs = 10 * base::kSecond;
    // One chunk may take so long, either way; so a peer that reads a byte now and then holds nothing for ever either.
    base::TimeNs stallNs = 30 * base::kSecond;
    base::TimeNs servedIdleNs = 60 * base::kSecond; // longer than a puller keeps one, so that a puller seldom asks at a closed door
    base::TimeNs keptIdleNs = 30 * base::kSecond;
    // Tries in a row that brought no whole chunk. The pauses between them double: 0.1, 0.2 ... 2 s, in all some 7 s.
    int triesMax = 8;
    base::TimeNs pauseNs = 100 * base::kMillisecond;
    base::TimeNs pauseMaxNs = 2 * base::kSecond;
    int chunkTriesMax = 3; // how often one chunk may come with a wrong checksum
};

} // namespace orrery::rpc
