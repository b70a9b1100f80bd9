// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/memory.h"

#include <algorithm>
#include <chrono>

namespace orrery::worker {

using base::Errc;
using base::fail;

namespace {
constexpr std::uint64_t kAlign = 64;
constexpr auto kSegmentWait = std::chrono::seconds(10); // a node announces before it names; longer means it lost us
} // namespace

base::Result<void> Memory::addSegment(std::uint32_t segment, std::uint64_t bytes, base::UniqueFd fd)
{
    void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (at == MAP_FAILED) return base::failErrno(Errc::Failed, "cannot map a segment of the store");
    const std::lock_guard lock(m_mutex);
    m_segments[segment].map = base::Mapping(at, bytes);
    m_changed.notify_all();
    return {};
}

void Memory::dropSegment(std::uint32_t segment)
{
    const std::lock_guard lock(m_mutex);
    m_segments.erase(segment);
}

void Memory::granted(types::Place window)
{
    const std::lock_guard lock(m_mutex);
    m_grant = window;
    m_changed.notify_all();
}

void Memory::refused(std::string why)
{
    const std::lock_guard lock(m_mutex);
    m_refusal = std::move(why);
    m_changed.notify_all();
}

void Memory::close()
{
    const std::lock_guard lock(m_mutex);
    m_closed = true;
    m_changed.notify_all();
}

std::optional<std::span<std::byte>> Memory::view(const types::Place& place)
{
    const auto found = m_segments.find(place.segment);
    if (found == m_segments.end()) return std::nullopt;
    const auto whole = found->second.map.span();
    if (place.offset > whole.size() || place.bytes > whole.size() - place.offset) return std::nullopt;
    return whole.subspan(place.offset, place.bytes);
}

base::Result<Memory::Room> Memory::allocate(std::uint64_t bytes)
{
    std::unique_lock lock(m_mutex);
    const std::uint64_t rounded = (std::max<std::uint64_t>(bytes, 1) + kAlign - 1) / kAlign * kAlign;
    if (m_used + rounded > m_window.bytes) {
        m_grant.reset();
        m_refusal.reset();
        lock.unlock();
        m_ask(rounded); // the node gives more, as long as it has it
        lock.lock();
        m_changed.wait(lock, [this] { return m_grant || m_refusal || m_closed; });
        if (m_closed) return fail(Errc::Closed, "the node is gone");
        if (m_refusal) return fail(Errc::Refused, *m_refusal);
        m_window = *m_grant;
        m_used = 0;
        if (!m_changed.wait_for(lock, kSegmentWait, [this] { return m_closed || view(m_window); }) || m_closed || m_window.bytes < rounded)
            return fail(Errc::Closed, "the node granted memory that it did not announce");
    }
    Room room;
    room.place = {m_window.segment, m_window.offset + m_used, bytes};
    room.at = view(room.place)->data();
    m_used += rounded;
    return room;
}

void Memory::shrink(Room& room, std::uint64_t bytes)
{
    const std::lock_guard lock(m_mutex);
    const std::uint64_t before = (std::max<std::uint64_t>(room.place.bytes, 1) + kAlign - 1) / kAlign * kAlign;
    const std::uint64_t after = (std::max<std::uint64_t>(bytes, 1) + kAlign - 1) / kAlign * kAlign;
    const bool last = room.place.segment == m_window.segment && room.place.offset - m_window.offset + before == m_used;
    if (last && after < before) m_used -= before - after;
    room.place.bytes = bytes;
}

base::Result<std::span<const std::byte>> Memory::read(const types::Place& place)
{
    std::unique_lock lock(m_mutex);
    std::optional<std::span<std::byte>> found;
    m_changed.wait_for(lock, kSegmentWait, [&] { return m_closed || (found = view(place)); });
    if (!found) return fail(Errc::NotFound, "an input lies in a segment of the store that this worker was not given");
    return std::span<const std::byte>(*found);
}

} // namespace orrery::worker
