// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>

namespace orrery::store {

using base::Errc;
using base::fail;

namespace {
std::uint64_t inExtents(std::uint64_t bytes) { return (std::max<std::uint64_t>(bytes, 1) + kExtentBytes - 1) / kExtentBytes * kExtentBytes; }
} // namespace

Store::Store(base::Loop& loop, std::uint64_t capacityBytes, Port& port)
    : m_loop(loop), m_capacityBytes(std::max(capacityBytes / kSegmentBytes, std::uint64_t{1}) * kSegmentBytes), m_port(port)
{
}

Store::~Store()
{
    *m_alive = false;
    if (m_overdueTimer != 0) m_loop.cancel(m_overdueTimer);
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
    if (bytes > m_capacityBytes || inExtents(bytes) > m_capacityBytes) {
        done(fail(Errc::Refused, fmt::format("a value of {} bytes is larger than the store of this node ({} bytes); start the node with a larger store", bytes, m_capacityBytes)));
        return;
    }
    m_waiting.push_back({bytes, m_loop.nowNs() + kRoomWaitNs, std::move(done)});
    serve();
}

// In order of asking: a large wish is not starved by the small ones behind it.
void Store::serve()
{
    if (m_serving) return; // freeing something for the first in the queue leads here again
    m_serving = true;
    while (!m_waiting.empty()) {
        const std::uint64_t bytes = m_waiting.front().bytes, rounded = inExtents(bytes);
        auto place = findHole(bytes);
        if (!place && !hasRoom(rounded)) break;
        if (!place) place = m_extents.take(rounded);
        if (!place) {
            findMemory(rounded);
            break;
        }
        auto done = std::move(m_waiting.front().done);
        m_waiting.pop_front();
        done(*place);
    }
    if (!m_waiting.empty()) serveBehind();
    m_serving = false;
    if (m_waiting.empty()) warmAhead();
    else if (m_overdueTimer == 0) m_overdueTimer = m_loop.after(std::max<base::TimeNs>(0, std::min(m_waiting.front().untilNs - m_loop.nowNs(), kRelieveEveryNs)), [this] { overdue(); });
}

// For a store that has no extents left: holes of a good size first, they cost nobody anything; then what nobody needs is given up,
// until there are extents; at last any hole that is long enough.
std::optional<types::Place> Store::findHole(std::uint64_t bytes)
{
    const std::uint64_t rounded = inExtents(bytes);
    while (!hasRoom(rounded)) {
        if (auto hole = m_extents.takeHole(std::max(bytes, kHoleBytesMin))) return hole;
        if (!relieve(m_extents.usedBytes() + rounded - m_capacityBytes)) return m_extents.takeHole(bytes);
    }
    return std::nullopt;
}

// False: nothing can be given up now. Looking for it reads the rows of every run, so who found nothing does not look again at once.
bool Store::relieve(std::uint64_t bytes)
{
    if (m_loop.nowNs() < m_relieveAgainNs) return false;
    if (m_port.relieve(std::max(bytes, kRelieveBytes))) return true;
    m_relieveAgainNs = m_loop.nowNs() + kRelieveEveryNs;
    return false;
}

// Those that wait behind a wish which no hole can serve: what they get would not bring it nearer.
void Store::serveBehind()
{
    if (m_waiting.front().bytes <= kExtentBytes) return;
    std::uint64_t tooMuch = kExtentBytes + 1; // so much was not found
    for (std::size_t i = 1; i < m_waiting.size();) {
        std::optional<types::Place> place;
        if (m_waiting[i].bytes < tooMuch && !hasRoom(inExtents(m_waiting[i].bytes))) place = m_extents.takeHole(m_waiting[i].bytes);
        if (!place) {
            tooMuch = std::min(tooMuch, m_waiting[i].bytes);
            ++i;
            continue;
        }
        auto done = std::move(m_waiting[i].done);
        m_waiting.erase(m_waiting.begin() + static_cast<std::ptrdiff_t>(i));
        done(*place);
    }
}

// There is room, but no run of extents: ask for a segment, in the place of free memory that lies in pieces if need be.
void Store::findMemory(std::uint64_t bytes)
{
    if (m_promisedBytes >= bytes) return; // it is on its way
    const auto left = [&] {
        const std::uint64_t taken = m_extents.totalBytes() + m_promisedBytes;
        return taken < m_capacityBytes ? m_capacityBytes - taken : std::uint64_t{0};
    };
    if (left() < bytes) dropEmpty();
    if (left() < bytes && m_promisedBytes > 0) return; // what comes may do
    if (left() < bytes) {
        for (const auto& place : m_extents.retire(bytes - left()))
            fallocate(m_segments.at(place.segment).fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(place.offset), static_cast<off_t>(place.bytes));
        dropEmpty();
    }
    ORRERY_ASSERT(left() >= bytes);
    request(std::max(bytes, std::min(left(), kSegmentBytes)));
}

void Store::dropEmpty()
{
    for (auto it = m_segments.begin(); it != m_segments.end();) {
        if (!m_extents.segmentFree(it->first)) {
            ++it;
            continue;
        }
        m_extents.removeSegment(it->first);
        m_port.segmentDropped(it->first);
        it = m_segments.erase(it);
    }
}

// One segment ahead of use, while the capacity allows it.
void Store::warmAhead()
{
    const std::uint64_t there = m_extents.totalBytes() + m_promisedBytes;
    if (m_extents.usedBytes() > 0 && there - m_extents.usedBytes() < kSegmentBytes / 2 && there + kSegmentBytes <= m_capacityBytes) request(kSegmentBytes);
}

void Store::overdue()
{
    m_overdueTimer = 0;
    serve();
    while (!m_waiting.empty() && m_waiting.front().untilNs <= m_loop.nowNs()) {
        auto waiting = std::move(m_waiting.front());
        m_waiting.pop_front();
        waiting.done(fail(Errc::Refused, fmt::format("the store of this node is full: {} bytes were asked for and {} of {} are in use by results that are needed; delete a run or start the node with a larger store",
                                                     waiting.bytes, m_extents.usedBytes(), m_capacityBytes)));
    }
    if (!m_waiting.empty()) serve();
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
    m_port.segmentAdded(id);
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
