// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ExtentTable: which 2 MiB extents of which segments are in use, and by how many holders (sealed objects and open windows).
// Inside an extent, granules of 16 KiB are counted the same way, so that what nobody holds of an extent that somebody holds can be
// found: a hole. An extent may be retired: its memory went back to the system and it is never used again; what is left of its segment goes on.
// Pure: no memory is touched here. Runs on: node loop. Lives: with Store.
// Invariant: an extent is free exactly when nobody holds it and it is not retired; a granule is held only of a held extent; the sum of used extents never exceeds the
// total, which does not count retired ones.

#include "engine/types/task_record.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace orrery::store {

inline constexpr std::uint64_t kExtentBytes = 2u << 20;
inline constexpr std::uint64_t kSegmentBytes = 64u << 20;
inline constexpr std::uint64_t kGranuleBytes = 16u << 10; // a small value keeps at most two; smaller ones ride inline mostly

class ExtentTable {
public:
    void addSegment(std::uint32_t segment, std::uint64_t bytes);
    // REQUIRES: every extent of it is free or retired
    void removeSegment(std::uint32_t segment);
    // Retires free extents until `bytes` are gone or none is left; what was retired, in runs.
    std::vector<types::Place> retire(std::uint64_t bytes);
    // A run of free extents for `bytes`, held once; the most recently freed first (warm memory). Empty: none is long enough.
    std::optional<types::Place> take(std::uint64_t bytes);
    // A hole of an extent that is held, held once: the one that fits best of the longest of each. Empty: none has so many bytes.
    std::optional<types::Place> takeHole(std::uint64_t bytes);
    // Every extent that the place touches gets or loses one holder.
    void hold(const types::Place& place);
    // True: the last holder of some extent is gone (its segment may be empty now).
    bool release(const types::Place& place);
    bool inside(const types::Place& place) const; // lies within a known segment
    bool segmentFree(std::uint32_t segment) const; // nobody holds anything of it
    std::uint64_t usedBytes() const { return m_usedExtents * kExtentBytes; }
    std::uint64_t totalBytes() const { return m_totalBytes; } // of all segments, less what is retired
    std::string audit() const; // "" or the first broken invariant

private:
    struct Segment {
        std::vector<std::uint32_t> holders; // per extent; kRetired
        std::vector<std::uint32_t> granules; // holders, kGranules an extent
        std::vector<std::uint8_t> longest;   // hole of an extent, in granules; kUnknown
        std::uint32_t free = 0;
        std::uint32_t retired = 0;
        std::uint32_t hint = 0;             // where the last extent became free
    };
    static void count(Segment& segment, const types::Place& place, std::uint32_t change); // 1, or -1 modulo
    static std::uint8_t longestHole(Segment& segment, std::size_t extent);

    std::map<std::uint32_t, Segment> m_segments;
    std::uint32_t m_lastFreed = 0;
    std::uint64_t m_usedExtents = 0;
    std::uint64_t m_totalBytes = 0;
};

} // namespace orrery::store
