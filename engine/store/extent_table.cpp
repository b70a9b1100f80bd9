// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/store/extent_table.h"

#include "engine/base/assert.h"
#include "engine/base/plant.h"

#include <algorithm>

namespace orrery::store {
namespace {

constexpr std::uint32_t kRetired = 0xffffffffu; // as a count of holders
constexpr std::size_t kGranules = kExtentBytes / kGranuleBytes;
constexpr std::uint8_t kUnknown = 0xff;
static_assert(kGranules < kUnknown);

std::uint64_t extentsOf(std::uint64_t bytes) { return (bytes + kExtentBytes - 1) / kExtentBytes; }

} // namespace

void ExtentTable::addSegment(std::uint32_t segment, std::uint64_t bytes)
{
    ORRERY_ASSERT(bytes % kExtentBytes == 0 && !m_segments.count(segment));
    Segment& made = m_segments[segment];
    made.holders.resize(bytes / kExtentBytes);
    made.granules.resize(made.holders.size() * kGranules);
    made.longest.resize(made.holders.size(), kUnknown);
    made.free = static_cast<std::uint32_t>(made.holders.size());
    m_totalBytes += bytes;
}

void ExtentTable::removeSegment(std::uint32_t segment)
{
    ORRERY_ASSERT(segmentFree(segment));
    const Segment& gone = m_segments.at(segment);
    m_totalBytes -= (gone.holders.size() - gone.retired) * kExtentBytes;
    m_segments.erase(segment);
}

std::vector<types::Place> ExtentTable::retire(std::uint64_t bytes)
{
    std::vector<types::Place> gone;
    std::uint64_t left = extentsOf(bytes);
    for (auto& [id, segment] : m_segments) {
        for (std::size_t i = 0; i < segment.holders.size() && left > 0; ++i) {
            if (segment.holders[i] != 0) continue;
            segment.holders[i] = kRetired;
            --segment.free;
            ++segment.retired;
            m_totalBytes -= kExtentBytes;
            --left;
            const bool grows = !gone.empty() && gone.back().segment == id && gone.back().offset + gone.back().bytes == i * kExtentBytes;
            if (grows) gone.back().bytes += kExtentBytes;
            else gone.push_back({id, i * kExtentBytes, kExtentBytes});
        }
    }
    return gone;
}

std::optional<types::Place> ExtentTable::take(std::uint64_t bytes)
{
    const std::uint64_t extents = std::max<std::uint64_t>(1, extentsOf(bytes));
    const auto search = [&](std::uint32_t id, Segment& segment) -> std::optional<types::Place> {
        if (segment.free < extents) return std::nullopt;
        const auto size = segment.holders.size();
        // From the last freed extent on, then from the start: what was just used is still in the cache and mapped.
        for (const std::size_t start : {static_cast<std::size_t>(segment.hint), std::size_t{0}}) {
            std::size_t run = 0;
            for (std::size_t i = start; i < size; ++i) {
                run = segment.holders[i] == 0 ? run + 1 : 0; // a retired one is held, in a way
                if (run < extents) continue;
                const std::size_t first = i + 1 - run;
                for (std::size_t k = first; k <= i; ++k) segment.holders[k] = 1;
                count(segment, {id, first * kExtentBytes, extents * kExtentBytes}, 1);
                segment.free -= static_cast<std::uint32_t>(extents);
                m_usedExtents += extents;
                return types::Place{id, first * kExtentBytes, extents * kExtentBytes};
            }
        }
        return std::nullopt;
    };
    if (const auto last = m_segments.find(m_lastFreed); last != m_segments.end())
        if (auto place = search(last->first, last->second)) return place;
    for (auto& [id, segment] : m_segments)
        if (auto place = search(id, segment)) return place;
    return std::nullopt;
}

// Of all granules that the place touches.
void ExtentTable::count(Segment& segment, const types::Place& place, std::uint32_t change)
{
    const std::uint64_t last = place.offset + std::max<std::uint64_t>(place.bytes, 1) - 1;
    for (std::uint64_t i = place.offset / kGranuleBytes; i <= last / kGranuleBytes; ++i) segment.granules[i] += change;
    for (std::uint64_t i = place.offset / kExtentBytes; i <= last / kExtentBytes; ++i) segment.longest[i] = kUnknown;
}

std::uint8_t ExtentTable::longestHole(Segment& segment, std::size_t extent)
{
    auto& longest = segment.longest[extent];
    if (longest != kUnknown) return longest;
    longest = 0;
    std::uint8_t run = 0;
    for (std::size_t i = extent * kGranules; i < (extent + 1) * kGranules; ++i) {
        run = segment.granules[i] == 0 ? static_cast<std::uint8_t>(run + 1) : std::uint8_t{0};
        longest = std::max(longest, run);
    }
    return longest;
}

std::optional<types::Place> ExtentTable::takeHole(std::uint64_t bytes)
{
    const std::uint64_t least = std::max<std::uint64_t>(1, (bytes + kGranuleBytes - 1) / kGranuleBytes);
    if (least > kGranules) return std::nullopt; // a hole is a part of one extent
    std::uint64_t best = 0;
    std::uint32_t bestSegment = 0;
    std::size_t bestExtent = 0;
    for (auto& [id, segment] : m_segments) {
        for (std::size_t i = 0; i < segment.holders.size(); ++i) {
            if (segment.holders[i] == 0 || segment.holders[i] == kRetired) continue;
            const std::uint64_t hole = longestHole(segment, i);
            if (hole < least || (best != 0 && hole >= best)) continue;
            best = hole;
            bestSegment = id;
            bestExtent = i;
        }
    }
    if (best == 0) return std::nullopt;
    const auto& granules = m_segments.at(bestSegment).granules;
    std::size_t at = bestExtent * kGranules;
    for (std::size_t run = 0; run < best; ++at) run = granules[at] == 0 ? run + 1 : 0;
    const types::Place hole{bestSegment, (at - best) * kGranuleBytes, best * kGranuleBytes};
    hold(hole);
    return hole;
}

void ExtentTable::hold(const types::Place& place)
{
    ORRERY_ASSERT(inside(place));
    if (ORRERY_PLANTED("forget a pin")) return;
    Segment& segment = m_segments.at(place.segment);
    for (std::uint64_t i = place.offset / kExtentBytes; i <= (place.offset + std::max<std::uint64_t>(place.bytes, 1) - 1) / kExtentBytes; ++i) {
        ORRERY_ASSERT_NOTE(segment.holders[i] != kRetired, "an extent whose memory is gone was held");
        if (segment.holders[i]++ == 0) {
            --segment.free;
            ++m_usedExtents;
        }
    }
    count(segment, place, 1);
}

bool ExtentTable::release(const types::Place& place)
{
    ORRERY_ASSERT(inside(place));
    Segment& segment = m_segments.at(place.segment);
    bool freed = false;
    for (std::uint64_t i = place.offset / kExtentBytes; i <= (place.offset + std::max<std::uint64_t>(place.bytes, 1) - 1) / kExtentBytes; ++i) {
        ORRERY_ASSERT_NOTE(segment.holders[i] > 0 && segment.holders[i] != kRetired, "an extent was released more often than held");
        if (--segment.holders[i] > 0) continue;
        ++segment.free;
        --m_usedExtents;
        segment.hint = static_cast<std::uint32_t>(i);
        m_lastFreed = place.segment;
        freed = true;
    }
    count(segment, place, 0u - 1);
    return freed;
}

bool ExtentTable::inside(const types::Place& place) const
{
    const auto found = m_segments.find(place.segment);
    if (found == m_segments.end()) return false;
    const std::uint64_t size = found->second.holders.size() * kExtentBytes;
    return place.offset < size && place.bytes <= size - place.offset;
}

bool ExtentTable::segmentFree(std::uint32_t segment) const
{
    const auto found = m_segments.find(segment);
    return found != m_segments.end() && found->second.free + found->second.retired == found->second.holders.size();
}

std::string ExtentTable::audit() const
{
    std::uint64_t used = 0, total = 0;
    for (const auto& [id, segment] : m_segments) {
        const auto retired = static_cast<std::uint32_t>(std::count(segment.holders.begin(), segment.holders.end(), kRetired));
        if (retired != segment.retired) return "segment " + std::to_string(id) + " counts " + std::to_string(segment.retired) + " retired extents and has " + std::to_string(retired);
        total += segment.holders.size() - retired;
        const auto free = static_cast<std::uint32_t>(std::count(segment.holders.begin(), segment.holders.end(), 0u));
        if (free != segment.free) return "segment " + std::to_string(id) + " counts " + std::to_string(segment.free) + " free extents and has " + std::to_string(free);
        used += segment.holders.size() - free - retired;
        for (std::size_t i = 0; i < segment.holders.size(); ++i) {
            const auto first = segment.granules.begin() + static_cast<std::ptrdiff_t>(i * kGranules);
            const bool held = std::any_of(first, first + static_cast<std::ptrdiff_t>(kGranules), [](auto holders) { return holders != 0; });
            if (held != (segment.holders[i] != 0 && segment.holders[i] != kRetired)) return "extent " + std::to_string(i) + " of segment " + std::to_string(id) + " and its granules disagree about being held";
        }
    }
    if (total * kExtentBytes != m_totalBytes) return "the table counts " + std::to_string(m_totalBytes) + " bytes and has " + std::to_string(total * kExtentBytes);
    if (used != m_usedExtents) return "the table counts " + std::to_string(m_usedExtents) + " used extents and has " + std::to_string(used);
    return {};
}

} // namespace orrery::store
