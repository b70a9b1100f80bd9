// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RingWriter, RingReader: the two ends of one direction of a lane. Single producer, single consumer; neither ever waits here.
// A reader copies a record out before anybody parses it and checks every bound, because the peer is another trust domain.
// Thread: each object belongs to one thread.

#include "engine/base/bytes.h"
#include "engine/base/failpoint.h"
#include "engine/base/plant.h"
#include "engine/lane/region.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <span>

namespace orrery::lane {

enum class ReadOutcome : std::uint8_t { Empty, Record, Bad };

class RingWriter {
public:
    explicit RingWriter(const Ring& ring) : m_ring(ring), m_next(ring.header->written.value.load(std::memory_order_relaxed)) {}

    // The position it got; nothing when there is no room now. Not visible before publish().
    // REQUIRES: record.size() <= Region::recordBytesMax()
    std::optional<std::uint64_t> write(std::span<const std::byte> record)
    {
        reclaim();
        if (m_next - m_free >= m_ring.slotCount) return std::nullopt;
        Slot& slot = m_ring.first[m_next & (m_ring.slotCount - 1)];
        if (record.size() <= kInlinePayload) {
            if (!record.empty()) std::memcpy(slot.payload, record.data(), record.size()); // of nothing, data() may be null
            slot.inSide = 0;
            slot.sideAt = 0;
        } else {
            std::uint64_t at = m_side;
            const std::uint64_t offset = at & (m_ring.sideBytes - 1);
            if (offset + record.size() > m_ring.sideBytes) at += m_ring.sideBytes - offset; // contiguous: skip the end
            if (at + record.size() - m_sideFree > m_ring.sideBytes) return std::nullopt;
            std::memcpy(m_ring.side + (at & (m_ring.sideBytes - 1)), record.data(), record.size());
            m_side = at + record.size();
            m_sideEnds.emplace_back(m_next, m_side);
            slot.inSide = 1;
            slot.sideAt = at;
        }
        ORRERY_FAILPOINT("lane.copied");
        slot.bytes = static_cast<std::uint32_t>(record.size());
        slot.sequence = m_next + 1;
        ORRERY_FAILPOINT("lane.written");
        return m_next++;
    }

    // Everything written so far may be read. The caller rings the doorbell.
    void publish()
    {
        m_ring.header->written.value.store(m_next, std::memory_order_release);
        ORRERY_FAILPOINT("lane.published");
    }
    std::uint64_t next() const { return m_next; }
    // Whether the consumer wants to be woken for what was published so far. Only with Doorbell::ringIf(), whose fence orders it.
    bool reachedMark() const { return m_next >= m_ring.header->mark.value.load(std::memory_order_relaxed); }
    bool hasRoom()
    {
        reclaim();
        return m_next - m_free < m_ring.slotCount;
    }

private:
    void reclaim()
    {
        const std::uint64_t read = m_ring.header->read.value.load(std::memory_order_acquire);
        std::uint64_t followed = m_ring.header->followed.value.load(std::memory_order_acquire);
        if (ORRERY_PLANTED("reuse a slot early")) followed = read;
        // A peer can only hurt itself: a cursor beyond what was written counts as what was written.
        const std::uint64_t free = std::min({read, followed, m_next});
        if (free <= m_free) return;
        m_free = free;
        while (!m_sideEnds.empty() && m_sideEnds.front().first < m_free) {
            m_sideFree = m_sideEnds.front().second;
            m_sideEnds.pop_front();
        }
    }

    const Ring m_ring;
    std::uint64_t m_next;
    std::uint64_t m_free = 0;
    std::uint64_t m_side = 0;
    std::uint64_t m_sideFree = 0;
    std::deque<std::pair<std::uint64_t, std::uint64_t>> m_sideEnds; // position, end of its side bytes
};

// Copies the record at `position` out. REQUIRES: position < written
inline ReadOutcome copyRecord(const Ring& ring, std::uint64_t position, base::Bytes& out)
{
    const Slot& shared = ring.first[position & (ring.slotCount - 1)];
    Slot slot;
    std::memcpy(&slot, &shared, sizeof slot); // once: the peer may change it while we look
    if (slot.sequence != position + 1) return ReadOutcome::Bad;
    if (slot.inSide == 0) {
        if (slot.bytes > kInlinePayload) return ReadOutcome::Bad;
        out.assign(slot.payload, slot.payload + slot.bytes);
        return ReadOutcome::Record;
    }
    const std::uint64_t offset = slot.sideAt & (ring.sideBytes - 1);
    if (slot.inSide != 1 || slot.bytes > ring.sideBytes - offset) return ReadOutcome::Bad;
    out.assign(ring.side + offset, ring.side + offset + slot.bytes);
    return ReadOutcome::Record;
}

class RingReader {
public:
    explicit RingReader(const Ring& ring) : m_ring(ring), m_next(ring.header->read.value.load(std::memory_order_relaxed)) {}
    bool available() const { return m_ring.header->written.value.load(std::memory_order_acquire) != m_next; }
    ReadOutcome read(base::Bytes& out, std::uint64_t& position)
    {
        const std::uint64_t written = m_ring.header->written.value.load(std::memory_order_acquire);
        if (written == m_next) return ReadOutcome::Empty;
        if (written - m_next > m_ring.slotCount) return ReadOutcome::Bad;
        if (const auto got = copyRecord(m_ring, m_next, out); got != ReadOutcome::Record) return got;
        ORRERY_FAILPOINT("lane.taken");
        position = m_next++;
        m_ring.header->read.value.store(m_next, std::memory_order_release);
        ORRERY_FAILPOINT("lane.read");
        return ReadOutcome::Record;
    }
    std::uint64_t next() const { return m_next; }
    // Before the consumer sleeps: how many records it waits for, since the lane began. 0: each one wakes it.
    void setMark(std::uint64_t records)
    {
        if (records == m_mark) return;
        m_mark = records;
        m_ring.header->mark.value.store(records, std::memory_order_relaxed);
    }

private:
    const Ring m_ring;
    std::uint64_t m_next;
    std::uint64_t m_mark = 0;
};

} // namespace orrery::lane
