// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>

namespace orrery::store {

using base::Errc;
using base::fail;

Store::Store(base::Loop& loop, std::uint64_t capacityBytes, std::function<void(std::uint32_t)> announce)
    : m_loop(loop), m_capacityBytes(std::max(capacityBytes / kSegmentBytes, std::uint64_t{1}) * kSegmentBytes), m_announce(std::move(announce))
{
}

Store::~Store()
{
    *m_alive = false;
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_all();
    if (m_warmer.joinable()) m_warmer.join();
}

void Store::start()
{
    m_warmer = std::thread([this] { warm(); });
    request(kSegmentBytes);
}

void Store::takeWindow(std::uint64_t bytes, std::function<void(base::Result<types::Place>)> done)
{
    const std::uint64_t rounded = (std::max<std::uint64_t>(bytes, 1) + kExtentBytes - 1) / kExtentBytes * kExtentBytes;
    if (bytes > m_capacityBytes || rounded > m_capacityBytes - m_extents.usedBytes()) {
        done(fail(Errc::Refused, fmt::format("the store of this node is full: {} bytes were asked for and {} of {} are in use; delete a run or start with a larger store",
                                             bytes, m_extents.usedBytes(), m_capacityBytes)));
        return;
    }
    m_waiting.push_back({rounded, std::move(done)});
    serve();
}

void Store::serve()
{
    while (!m_waiting.empty()) {
        auto place = m_extents.take(m_waiting.front().bytes);
        if (!place) break;
        auto done = std::move(m_waiting.front().done);
        m_waiting.pop_front();
        done(*place);
    }
    if (m_waiting.empty()) {
        // One segment ahead of use, while the capacity allows it.
        const std::uint64_t spare = m_extents.totalBytes() + m_promisedBytes - m_extents.usedBytes();
        if (m_extents.usedBytes() > 0 && spare < kSegmentBytes / 2 && m_extents.totalBytes() + m_promisedBytes + kSegmentBytes <= m_capacityBytes)
            request(kSegmentBytes);
        return;
    }
    const std::uint64_t wanted = std::max(m_waiting.front().bytes, kSegmentBytes);
    if (m_promisedBytes >= wanted) return; // it is on its way
    if (m_extents.totalBytes() + m_promisedBytes + wanted <= m_capacityBytes) {
        request(wanted);
        return;
    }
    if (m_promisedBytes > 0) return;
    // Free memory is there but in pieces: give empty segments back and try a fresh one.
    for (auto it = m_segments.begin(); it != m_segments.end();) {
        if (m_extents.segmentFree(it->first)) {
            m_extents.removeSegment(it->first);
            it = m_segments.erase(it);
        } else {
            ++it;
        }
    }
    if (m_extents.totalBytes() + wanted <= m_capacityBytes) {
        request(wanted);
        return;
    }
    auto waiting = std::move(m_waiting.front());
    m_waiting.pop_front();
    waiting.done(fail(Errc::Refused, fmt::format("the store of this node has no free run of {} bytes: {} of {} are in use in pieces; delete a run or start with a larger store",
                                                 waiting.bytes, m_extents.usedBytes(), m_capacityBytes)));
    serve();
}

void Store::releaseWindow(const types::Place& window)
{
    m_extents.release(window);
    serve();
}

void Store::addObject(const types::Place& place)
{
    m_extents.hold(place);
    m_objectBytes += place.bytes;
    ++m_objects;
}

void Store::freeObject(const types::Place& place)
{
    ORRERY_ASSERT(m_objects > 0 && m_objectBytes >= place.bytes);
    m_extents.release(place);
    m_objectBytes -= place.bytes;
    --m_objects;
    if (!m_waiting.empty()) serve();
}

std::span<std::byte> Store::bytes(const types::Place& place) const
{
    ORRERY_ASSERT(m_extents.inside(place));
    return m_segments.at(place.segment).map.span().subspan(place.offset, place.bytes);
}

int Store::segmentFd(std::uint32_t segment) const
{
    const auto found = m_segments.find(segment);
    return found == m_segments.end() ? -1 : found->second.fd.get();
}

std::uint64_t Store::segmentBytes(std::uint32_t segment) const
{
    const auto found = m_segments.find(segment);
    return found == m_segments.end() ? 0 : found->second.map.size();
}

std::vector<std::uint32_t> Store::segments() const
{
    std::vector<std::uint32_t> ids;
    for (const auto& [id, segment] : m_segments) ids.push_back(id);
    return ids;
}

void Store::request(std::uint64_t bytes)
{
    m_promisedBytes += bytes;
    {
        const std::lock_guard lock(m_mutex);
        m_orders.push_back(bytes);
    }
    m_wake.notify_one();
}

void Store::arrived(std::uint64_t bytes, base::Result<Segment> made)
{
    m_promisedBytes -= bytes;
    if (!made) {
        auto waiting = std::move(m_waiting);
        m_waiting.clear();
        for (auto& one : waiting) one.done(made.error());
        return;
    }
    const std::uint32_t id = ++m_lastSegment;
    m_segments.emplace(id, std::move(made).value());
    m_extents.addSegment(id, bytes);
    m_announce(id);
    serve();
}

void Store::warm()
{
    for (;;) {
        std::uint64_t bytes = 0;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_stop || !m_orders.empty(); });
            if (m_stop) return;
            bytes = m_orders.front();
            m_orders.pop_front();
        }
        auto made = [&]() -> base::Result<Segment> {
            Segment segment;
            segment.fd = base::UniqueFd(memfd_create("orrery-segment", MFD_CLOEXEC | MFD_ALLOW_SEALING));
            if (!segment.fd) return base::failErrno(Errc::Refused, "cannot make shared memory for the store");
            if (ftruncate(segment.fd.get(), static_cast<off_t>(bytes)) != 0 || fallocate(segment.fd.get(), 0, 0, static_cast<off_t>(bytes)) != 0)
                return base::failErrno(Errc::Refused, fmt::format("cannot reserve {} bytes of shared memory for the store", bytes));
            fcntl(segment.fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
            void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, segment.fd.get(), 0);
            if (at == MAP_FAILED) return base::failErrno(Errc::Refused, "cannot map the store's shared memory");
            segment.map = base::Mapping(at, bytes);
            return segment;
        }();
        auto shared = std::make_shared<base::Result<Segment>>(std::move(made));
        m_loop.post([this, alive = m_alive, bytes, shared] {
            if (*alive) arrived(bytes, std::move(*shared));
        });
    }
}

} // namespace orrery::store
