// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The fixed part of a block, for its writer and its reader only: u32 magic, u16 version, then the header's fields in the order
// of write(), the ends of the sections counted from the end of the header, the length of all; the checksum is last.
// Version 2 has one list more, of copies: its count, and the end of its section.

#include "engine/trace/block.h"

namespace orrery::trace::layout {

inline constexpr std::uint32_t kMagic = 0x4b42524f; // "ORBK"
inline constexpr std::uint16_t kVersion = 2;
inline constexpr std::size_t kHeaderBytes = 4 + 2 + 2 + 16 + 6 * 8 + 6 * 4 + 5 * 4 + 4; // of version 1, the least
inline constexpr std::size_t kSectionsMax = 6;
constexpr std::size_t headerBytes(std::uint16_t version) { return kHeaderBytes + (version > 1 ? 2 * 4 : 0); }
constexpr std::size_t sections(std::uint16_t version) { return version > 1 ? 6 : 5; }
inline constexpr std::size_t kChecksumBytes = 8;

inline std::uint64_t checksum(std::span<const std::byte> bytes) { return base::hash128(bytes, kMagic).low; }

inline void write(base::ByteWriter& out, const BlockHeader& header, const std::array<std::uint32_t, kSectionsMax>& ends)
{
    const std::uint16_t version = header.copies > 0 ? 2 : 1;
    out.put(kMagic);
    out.put(version);
    out.put(header.node);
    out.put(header.run);
    out.put(header.homeEpoch);
    out.put(header.number);
    out.put(header.clockOffsetNs);
    out.put(header.clockErrorNs);
    out.put(header.firstNs);
    out.put(header.lastNs);
    out.put(header.ranges);
    out.put(header.marks);
    out.put(header.attempts);
    out.put(header.objects);
    out.put(header.errors);
    out.put(header.firstError);
    if (version > 1) out.put(header.copies);
    for (std::size_t i = 0; i < sections(version); ++i) out.put(ends[i]);
    out.put(static_cast<std::uint32_t>(headerBytes(version) + ends[sections(version) - 1] + kChecksumBytes));
}

} // namespace orrery::trace::layout
