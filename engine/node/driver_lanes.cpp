// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/node/driver_lanes.h"

#include "engine/base/log.h"

#include <algorithm>
#include <sys/epoll.h>

namespace orrery::node {

using base::ByteReader;
using base::ByteWriter;
using types::FromDriver;
using types::ToDriver;

DriverLanes::DriverLanes(Node& node, SubmitterId submitter, base::SeqSocket socket, ValueStore& store, FunctionPort& functions, std::function<void()> gone)
    : m_node(node), m_submitter(submitter), m_socket(std::move(socket)), m_store(store), m_functions(functions), m_gone(std::move(gone))
{
    m_node.addUser(submitter, *this);
}

DriverLanes::~DriverLanes()
{
    *m_alive = false;
    if (m_connected && m_socket) m_node.loop().unwatch(m_socket.fd());
    m_node.removeUser(m_submitter);
    for (auto& [id, lane] : m_lanes) {
        lane.follower->close();
        m_node.leaseReturned(id, lane.track);
    }
    for (const auto& [key, place] : m_objects) m_store.freeObject(place);
    for (const auto& window : m_windows) m_store.releaseWindow(window);
}

base::Result<void> DriverLanes::begin()
{
    auto doorbell = lane::Doorbell::create();
    if (!doorbell) return doorbell.error();
    m_doorbell = std::make_unique<lane::Doorbell>(std::move(*doorbell));
    auto uplink = lane::Region::create({});
    if (!uplink) return uplink.error();
    m_uplink = std::move(*uplink);
    m_uplinkFollower = std::make_unique<lane::Follower>(m_uplink);
    ByteWriter out;
    out.put(ToDriver::Hello);
    const int fds[] = {m_doorbell->fd(), m_node.doorbell().fd(), m_node.doorbell().eventFd(), m_node.gatePageFd(), m_uplink.fd()};
    ORRERY_TRY(m_socket.send(out.view(), fds));
    m_socket.setNonBlocking();
    for (const auto& segment : m_store.segments()) segmentAdded(segment);
    m_node.loop().watch(m_socket.fd(), EPOLLIN, [this](std::uint32_t) { onMessage(); });
    return {};
}

void DriverLanes::send(const ByteWriter& out, std::span<const int> fds)
{
    if (!m_connected) return;
    if (auto sent = m_socket.send(out.view(), fds); !sent && sent.error().code == base::Errc::Refused)
        base::logf(base::LogLevel::Warn, "node", "a driver does not read its control messages and is cut off"), disconnected();
}

void DriverLanes::segmentAdded(const ValueStore::Segment& segment)
{
    ByteWriter out;
    out.put(ToDriver::Segment);
    out.put(segment.id);
    out.put(segment.bytes);
    const int fds[] = {segment.fd};
    send(out, fds);
}

void DriverLanes::segmentDropped(std::uint32_t segment)
{
    ByteWriter out;
    out.put(ToDriver::DropSegment);
    out.put(segment);
    send(out, {});
}

void DriverLanes::onMessage()
{
    while (m_connected) {
        auto message = m_socket.receive();
        if (!message) {
            if (message.error().code != base::Errc::NotFound) disconnected();
            return;
        }
        ByteReader in(message->bytes);
        handle(in);
    }
}

void DriverLanes::handle(ByteReader& in)
{
    switch (in.get<FromDriver>()) {
    case FromDriver::Function: {
        const auto request = in.get<std::uint64_t>();
        const std::string function = in.text();
        const std::string params = in.text();
        if (!in.ok()) return disconnected();
        ByteWriter out;
        out.put(ToDriver::FunctionIs);
        out.put(request);
        auto found = m_functions.findFunction(function, params);
        out.put(found.ok());
        if (!found) {
            out.put(found.error().message);
        } else {
            const auto at = std::find(m_classes.begin(), m_classes.end(), found->resources);
            const auto index = static_cast<std::size_t>(at - m_classes.begin());
            if (at == m_classes.end()) m_classes.push_back(found->resources);
            m_classOf[found->templateId] = index;
            m_templates.insert(found->templateId);
            for (auto& [id, lane] : m_lanes) m_node.giveTemplate(lane.track, found->templateId);
            out.put(found->templateId);
            out.put(static_cast<std::uint32_t>(index));
            out.put(found->outputs);
        }
        send(out);
        break;
    }
    case FromDriver::Want: {
        const auto templateId = in.get<std::uint32_t>();
        const auto workers = in.get<std::uint32_t>();
        const auto found = m_classOf.find(templateId);
        if (!in.ok() || found == m_classOf.end()) break;
        m_node.want(m_submitter, m_classes[found->second], std::min<std::uint32_t>(workers, 1u << 16));
        m_node.step();
        break;
    }
    case FromDriver::Return: {
        const auto id = in.get<std::uint64_t>();
        const auto found = m_lanes.find(id);
        if (!in.ok() || found == m_lanes.end()) break;
        follow(id, found->second);
        found->second.follower->close();
        const Track track = found->second.track;
        m_lanes.erase(found);
        m_node.leaseReturned(id, track);
        m_node.step();
        break;
    }
    case FromDriver::NeedWindow: {
        const auto bytes = in.get<std::uint64_t>();
        if (in.ok()) needWindow(bytes);
        break;
    }
    case FromDriver::Bye: disconnected(); break;
    }
}

void DriverLanes::needWindow(std::uint64_t bytes)
{
    m_store.takeWindow(bytes, [this, alive = m_alive](base::Result<types::Place> place) {
        if (!*alive || !m_connected) {
            if (place && *alive) m_store.releaseWindow(*place);
            return;
        }
        ByteWriter out;
        out.put(ToDriver::Window);
        if (!place) {
            out.put(std::uint32_t{0});
            out.put(std::uint64_t{0});
            out.put(std::uint64_t{0});
            out.put(place.error().message);
        } else {
            // Puts into older windows were published before this was asked for; they are followed now and hold their memory.
            followUplink();
            for (const auto& window : m_windows) m_store.releaseWindow(window);
            m_windows = {*place};
            out.put(place->segment);
            out.put(place->offset);
            out.put(place->bytes);
        }
        send(out);
    });
}

void DriverLanes::granted(LeaseId id, const Grant& grant)
{
    auto region = lane::Region::create({});
    if (!region || !m_connected) return m_node.leaseReturned(id, grant.track);
    Lane& lane = m_lanes[id];
    lane.track = grant.track;
    lane.region = std::move(*region);
    lane.follower = std::make_unique<lane::Follower>(lane.region);
    for (const auto templateId : m_templates) m_node.giveTemplate(grant.track, templateId);
    m_node.attachLane(grant.track, id, lane.region, m_doorbell->fd(), -1);
    ByteWriter out;
    out.put(ToDriver::Lane);
    out.put(id);
    out.put(static_cast<std::uint32_t>(std::find(m_classes.begin(), m_classes.end(), grant.resources) - m_classes.begin()));
    const int fds[] = {lane.region.fd(), m_node.workerDoorbellFd(grant.track)};
    send(out, fds);
    m_doorbell->ring();
    tick();
}

void DriverLanes::revoke(LeaseId id)
{
    const auto found = m_lanes.find(id);
    if (found == m_lanes.end() || found->second.closed) return;
    found->second.closed = true;
    found->second.follower->close();
    // It is asked for again when it is needed: a wish that stays would bring an idle lease back at once.
    for (const auto& resources : m_classes) m_node.want(m_submitter, resources, 0);
    ByteWriter out;
    out.put(ToDriver::Revoke);
    out.put(id);
    send(out);
    m_doorbell->ring();
    if (!m_connected) finishIfGone();
}

void DriverLanes::workerGone(LeaseId id, Track, const std::string& why)
{
    const auto found = m_lanes.find(id);
    if (found == m_lanes.end()) return;
    follow(id, found->second);
    found->second.follower->close();
    m_lanes.erase(found);
    ByteWriter out;
    out.put(ToDriver::LaneDead);
    out.put(id);
    out.put(why);
    send(out);
    m_doorbell->ring();
    finishIfGone();
}

bool DriverLanes::follow(LeaseId id, Lane& lane)
{
    const auto outcome = lane.follower->follow(
        [](std::uint64_t, std::span<const std::byte>) {},
        [&](std::uint64_t, std::span<const std::byte> bytes) {
            if (!m_result.read(bytes) || !m_node.acceptResult(lane.track, m_result)) return;
            ++lane.resultsSeen;
            ++m_tasksDone;
            for (std::size_t i = 0; i < m_result.outputs.size(); ++i) {
                const auto& output = m_result.outputs[i];
                if (output.isInline) continue;
                if (m_connected) m_objects[{id, m_result.position, static_cast<std::uint16_t>(i)}] = output.place;
                else m_store.freeObject(output.place);
            }
        });
    if (outcome == lane::ReadOutcome::Bad) {
        m_node.killWorker(lane.track, "its lane holds a record that cannot be read");
        return false;
    }
    return outcome == lane::ReadOutcome::Record;
}

bool DriverLanes::followUplink()
{
    types::UplinkRecord record;
    bool bad = false;
    const auto outcome = m_uplinkFollower->follow(
        [&](std::uint64_t, std::span<const std::byte> bytes) {
            if (!record.read(bytes)) {
                bad = true;
                return;
            }
            const ObjectKey key{record.lease, record.position, record.output};
            if (record.kind == types::UplinkKind::Release) {
                if (const auto found = m_objects.find(key); found != m_objects.end()) {
                    m_store.freeObject(found->second);
                    m_objects.erase(found);
                }
                return;
            }
            const bool granted = std::any_of(m_windows.begin(), m_windows.end(), [&](const auto& window) { return record.place.isValueIn(window); });
            if (!granted || m_objects.count(key)) {
                bad = true;
                return;
            }
            m_store.addObject(record.place);
            m_objects[key] = record.place;
        },
        [](std::uint64_t, std::span<const std::byte>) {});
    // The driver reads its own ring's cursor: it is the producer, and nobody consumes an uplink but the node.
    m_uplink.tasks().header->read.value.store(m_uplink.tasks().header->followed.value.load(std::memory_order_relaxed), std::memory_order_release);
    if (bad || outcome == lane::ReadOutcome::Bad) {
        base::logf(base::LogLevel::Warn, "node", "a driver wrote a record that breaks the rules and is cut off");
        disconnected();
    }
    return outcome == lane::ReadOutcome::Record;
}

// Looks at the rings while something is going on in them; an idle driver costs no timer.
void DriverLanes::tick()
{
    if (m_ticking) return;
    m_ticking = true;
    wakeFlag().store(0, std::memory_order_relaxed);
    m_node.loop().after(kFollowNs, [this, alive = m_alive] {
        if (!*alive) return;
        m_ticking = false;
        bool any = followUplink();
        std::vector<LeaseId> ids;
        for (const auto& [id, lane] : m_lanes) ids.push_back(id);
        for (const auto id : ids) {
            const auto found = m_lanes.find(id);
            if (found == m_lanes.end()) continue;
            Lane& lane = found->second;
            const bool here = follow(id, lane);
            const bool idle = !here && lane.follower->started() == lane.resultsSeen && !lane.follower->behind();
            if (idle != lane.idle) m_node.leaseIdle(id, lane.idle = idle);
            any = any || !idle;
        }
        finishIfGone();
        if (!*alive) return;
        if (any) return tick();
        // A quiet driver wakes the node once when it begins again: the flag first, then one more look, so that nothing
        // published in between is missed.
        wakeFlag().store(1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (behind()) tick();
    });
}

bool DriverLanes::behind() const
{
    bool work = m_uplinkFollower->behind();
    for (const auto& [id, lane] : m_lanes) work = work || lane.follower->behind();
    return work;
}

// In the uplink's unused result ring: 1 while the node does not look at this driver's rings by itself.
std::atomic<std::uint64_t>& DriverLanes::wakeFlag() const { return m_uplink.results().header->started.value; }

bool DriverLanes::poll()
{
    // A driver that fills its rings faster than the tick empties them has woken the node for that.
    std::vector<LeaseId> full;
    for (const auto& [id, lane] : m_lanes)
        if (lane.follower->pastHalf()) full.push_back(id);
    for (const auto id : full)
        if (const auto found = m_lanes.find(id); found != m_lanes.end()) follow(id, found->second);
    if (!m_ticking && behind()) tick();
    return false; // all else is followed by the tick, not at once: the node stays off the path
}

void DriverLanes::disconnected()
{
    if (!std::exchange(m_connected, false)) return;
    m_node.loop().unwatch(m_socket.fd());
    m_socket.reset();
    for (const auto& resources : m_classes) m_node.want(m_submitter, resources, 0);
    for (auto& [id, lane] : m_lanes) {
        lane.closed = true;
        lane.follower->close(); // what did not begin never will
    }
    m_node.loop().after(0, [this, alive = m_alive] {
        if (*alive) finishIfGone();
    });
}

void DriverLanes::finishIfGone()
{
    if (m_connected) return;
    std::vector<LeaseId> done;
    for (auto& [id, lane] : m_lanes) {
        follow(id, lane);
        if (lane.follower->started() == lane.resultsSeen) done.push_back(id);
    }
    for (const auto id : done) {
        const Track track = m_lanes.at(id).track;
        m_lanes.erase(id);
        m_node.leaseReturned(id, track);
    }
    if (!m_lanes.empty()) return tick(); // a call of the dead driver still runs; its worker is given back when it ends
    if (m_gone) m_node.loop().post(std::exchange(m_gone, nullptr));
}

} // namespace orrery::node
