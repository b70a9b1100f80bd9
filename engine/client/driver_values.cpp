// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Values: what comes back, what is put, what is let go.
#include "engine/client/driver.h"

#include <algorithm>

namespace orrery::client {

using base::ByteWriter;
using base::Errc;
using base::fail;
using types::FromDriver;

namespace {

std::uint64_t aligned(std::uint64_t bytes) { return (std::max<std::uint64_t>(bytes, 1) + 63) / 64 * 64; }
} // namespace

base::Result<void> Driver::checkHeld(RefId ref) const
{
    if (ref.slot >= m_slots.size() || m_slots[ref.slot].state == SlotState::Free || m_slots[ref.slot].released) return fail(Errc::NotFound, "this reference was released");
    return {};
}

// When each lane is to wake this program: when the last awaited task that lies in it is answered, or earlier, when half of the lane
// is done and there is more for it. Who may be the input of another wakes it at once.
void Driver::setMarks()
{
    for (auto& lane : m_lanes) {
        if (m_dependents > 0) {
            lane->results.setMark(0);
            continue;
        }
        const std::uint64_t end = lane->first + lane->inFlight.size();
        std::uint64_t last = end;
        while (last > lane->first && !m_slots[lane->inFlight[last - lane->first - 1]].awaited) --last;
        if (last == lane->first) last = end;
        const std::uint64_t half = lane->first + (lane->inFlight.size() + 1) / 2;
        lane->results.setMark(!m_queue.empty() && !lane->closed ? std::min(half, last) : last);
    }
}

// Waits for something that brings the awaited tasks forward. REQUIRES: `ref` is one of them and not over.
base::Result<void> Driver::waitOnce(RefId ref)
{
    // Leases that were taken back are returned when the last call of their lane is through.
    for (std::size_t i = 0; i < m_lanes.size(); ++i)
        if (m_lanes[i]->closed && m_lanes[i]->inFlight.empty()) takeBack(*m_lanes[i--], false, {});
    const Slot& first = m_slots[ref.slot];
    const lane::Doorbell* peer = nullptr;
    for (const auto& lane : m_lanes)
        if (lane->id == first.lease) peer = &lane->worker;
    setMarks();
    const bool got = m_doorbell->waitFor(
        [&] {
            for (const auto& lane : m_lanes)
                if (!lane->distrusted && lane->results.available()) return true;
            return false;
        },
        peer, first.state == SlotState::InLane ? 20 * base::kMillisecond : base::kMillisecond);
    // Lanes that had no room when they were filled last have it by now, and may have nothing left whose result would come.
    if (!reapAll() && !m_queue.empty()) dispatch();
    flush();
    if (!got) ORRERY_TRY(pollControl(false));
    return {};
}

base::Result<void> Driver::wait(std::span<const RefId> refs)
{
    for (const RefId ref : refs) ORRERY_TRY(checkHeld(ref));
    flush();
    for (const RefId ref : refs) m_slots[ref.slot].awaited = true;
    base::Result<void> done;
    for (auto it = refs.begin(); it != refs.end() && done;) {
        if (over(*it)) ++it;
        else done = waitOnce(*it);
    }
    for (const RefId ref : refs) m_slots[ref.slot].awaited = false;
    return done;
}

base::Result<std::span<const std::byte>> Driver::get(RefId ref)
{
    ORRERY_TRY(checkHeld(ref));
    if (!over(ref)) ORRERY_TRY(wait({&ref, 1}));
    const Slot& slot = m_slots[ref.slot];
    if (slot.state == SlotState::Failed) return fail(Errc::Failed, slot.error);
    if (ref.output >= slot.outputs.size()) return fail(Errc::NotFound, "the task has no output " + std::to_string(ref.output));
    const types::Output& output = slot.outputs[ref.output];
    if (output.isInline) return std::span<const std::byte>(output.bytes);
    auto mapped = map(output.place);
    if (!mapped) return mapped.error();
    return std::span<const std::byte>(*mapped);
}

base::Result<std::span<std::byte>> Driver::map(const types::Place& place)
{
    auto found = m_segments.find(place.segment);
    while (found == m_segments.end()) {
        ORRERY_TRY(pollControl(true)); // it was announced before it was named
        found = m_segments.find(place.segment);
    }
    const auto whole = found->second.span();
    if (place.offset > whole.size() || place.bytes > whole.size() - place.offset) return fail(Errc::Internal, "a value lies outside of its segment");
    return whole.subspan(place.offset, place.bytes);
}

base::Result<types::Place> Driver::allocate(std::uint64_t bytes)
{
    if (m_windowUsed + aligned(bytes) > m_window.bytes) {
        m_uplinkWriter->publish();
        m_windowAsked = true;
        m_windowRefused.clear();
        ByteWriter out;
        out.put(FromDriver::NeedWindow);
        out.put(aligned(bytes));
        ORRERY_TRY(m_socket.send(out.view()));
        while (m_windowAsked) ORRERY_TRY(pollControl(true));
        if (!m_windowRefused.empty()) return fail(Errc::Refused, m_windowRefused);
    }
    const types::Place place{m_window.segment, m_window.offset + m_windowUsed, bytes};
    m_windowUsed += aligned(bytes);
    return place;
}

base::Result<RefId> Driver::put(std::span<const std::byte> value)
{
    auto place = allocate(value.size());
    if (!place) return place.error();
    auto room = map(*place);
    if (!room) return room.error();
    std::memcpy(room->data(), value.data(), value.size());
    std::uint64_t id = 0;
    if (m_free.empty()) {
        id = m_slots.size();
        m_slots.emplace_back();
    } else {
        id = m_free.back();
        m_free.pop_back();
    }
    Slot& slot = m_slots[id];
    slot.state = SlotState::Done;
    slot.released = false;
    slot.pins = 0;
    slot.lease = 0;
    slot.position = ++m_lastPut;
    slot.outputs.resize(1);
    slot.outputs[0] = types::Output{false, *place, {}, 0};
    types::UplinkRecord record;
    record.position = slot.position;
    record.place = *place;
    uplink(record);
    return RefId{id, 0};
}

void Driver::release(RefId ref)
{
    if (ref.slot >= m_slots.size()) return;
    Slot& slot = m_slots[ref.slot];
    if (slot.state == SlotState::Free || slot.released) return;
    slot.released = true;
    // Not before every task that reads it is through, nor before its own result came.
    if (slot.pins == 0 && (slot.state == SlotState::Done || slot.state == SlotState::Failed)) free(ref.slot);
}

void Driver::free(std::uint64_t id)
{
    Slot& slot = m_slots[id];
    for (std::size_t i = 0; i < slot.outputs.size(); ++i) {
        if (slot.outputs[i].isInline) continue;
        types::UplinkRecord record;
        record.kind = types::UplinkKind::Release;
        record.lease = slot.lease;
        record.position = slot.position;
        record.output = static_cast<std::uint16_t>(i);
        uplink(record);
    }
    slot.outputs.clear();
    slot.error.clear();
    slot.state = SlotState::Free;
    m_free.push_back(id);
}

void Driver::uplink(const types::UplinkRecord& record)
{
    m_scratch.clear();
    record.write(m_scratch);
    while (!m_uplinkWriter->write(m_scratch.view())) {
        // The node is behind: it follows each millisecond.
        m_uplinkWriter->publish();
        wakeNode();
        if (!pollControl(false)) return;
        m_doorbell->waitFor([&] { return m_uplinkWriter->hasRoom(); }, nullptr, base::kMillisecond);
    }
    m_uplinkWriter->publish();
    wakeNode();
}

} // namespace orrery::client
