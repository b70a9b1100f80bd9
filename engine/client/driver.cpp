// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/client/driver.h"

#include <algorithm>
#include <poll.h>

namespace orrery::client {

using base::ByteReader;
using base::ByteWriter;
using base::Errc;
using base::fail;
using types::FromDriver;
using types::ToDriver;

namespace {
constexpr std::uint32_t kControlEvery = 512; // submits between looks at the socket
} // namespace

base::Result<std::unique_ptr<Driver>> Driver::attach(const std::string& path)
{
    auto socket = base::SeqSocket::connect(path);
    if (!socket) return socket.error();
    std::unique_ptr<Driver> driver(new Driver(std::move(*socket)));
    ORRERY_TRY(driver->begin());
    return driver;
}

Driver::~Driver()
{
    ByteWriter out;
    out.put(FromDriver::Bye);
    (void)m_socket.send(out.view());
}

base::Result<void> Driver::begin()
{
    while (!m_doorbell) ORRERY_TRY(pollControl(true));
    return {};
}

base::Result<void> Driver::pollControl(bool block)
{
    if (m_isClosed) return m_closed;
    m_sinceControl = 0;
    for (;;) {
        pollfd polled{m_socket.fd(), POLLIN, 0};
        const int count = ::poll(&polled, 1, block ? -1 : 0);
        if (count <= 0) return {};
        auto message = m_socket.receive();
        if (!message) {
            m_isClosed = true;
            m_closed = fail(Errc::Closed, "the node of this machine is gone; its objects and running tasks are lost with it");
            return m_closed;
        }
        handle(std::move(*message));
        block = false;
    }
}

void Driver::handle(base::SeqMessage message)
{
    ByteReader in(message.bytes);
    switch (in.get<ToDriver>()) {
    case ToDriver::Hello: {
        if (message.fds.size() != 5) break;
        auto own = lane::Doorbell::attach(std::move(message.fds[0]), {});
        auto node = lane::Doorbell::attach(std::move(message.fds[1]), std::move(message.fds[2]));
        auto uplink = lane::Region::attach(std::move(message.fds[4]));
        if (!own || !node || !uplink) break;
        m_uplink = std::move(*uplink);
        m_uplinkWriter = std::make_unique<lane::TaskWriter>(m_uplink);
        m_node = std::make_unique<lane::Doorbell>(std::move(*node));
        m_doorbell = std::make_unique<lane::Doorbell>(std::move(*own));
        break;
    }
    case ToDriver::FunctionIs: {
        const auto request = in.get<std::uint64_t>();
        const bool ok = in.get<std::uint8_t>() != 0;
        const auto rest = in.take(in.left());
        m_answers[request] = {ok, base::Bytes(rest.begin(), rest.end())};
        break;
    }
    case ToDriver::Lane: {
        const auto id = in.get<std::uint64_t>();
        const auto classIndex = in.get<std::uint32_t>();
        if (message.fds.size() != 2) break;
        auto region = lane::Region::attach(std::move(message.fds[0]));
        auto worker = lane::Doorbell::attach(std::move(message.fds[1]), {});
        ++m_lanesTaken;
        if (region && worker) m_lanes.push_back(std::make_unique<Lane>(id, classIndex, std::move(*region), std::move(*worker)));
        dispatch();
        break;
    }
    case ToDriver::Revoke:
    case ToDriver::LaneDead: {
        const bool dead = static_cast<ToDriver>(message.bytes[0]) == ToDriver::LaneDead;
        const auto id = in.get<std::uint64_t>();
        const std::string why = dead ? in.text() : std::string();
        for (auto& lane : m_lanes) {
            if (lane->id != id) continue;
            takeBack(*lane, dead, why);
            break;
        }
        std::erase_if(m_lanes, [&](const auto& lane) { return lane->id == id && dead; });
        dispatch();
        break;
    }
    case ToDriver::Segment: {
        const auto id = in.get<std::uint32_t>();
        const auto bytes = in.get<std::uint64_t>();
        if (message.fds.size() != 1) break;
        void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, message.fds[0].get(), 0);
        if (at != MAP_FAILED) m_segments[id] = base::Mapping(at, bytes);
        break;
    }
    case ToDriver::DropSegment: m_segments.erase(in.get<std::uint32_t>()); break;
    case ToDriver::Window: {
        types::Place place;
        in.get(place.segment);
        in.get(place.offset);
        in.get(place.bytes);
        m_windowAsked = false;
        if (place.bytes == 0) {
            m_windowRefused = in.text();
            break;
        }
        m_window = place;
        m_windowUsed = 0;
        break;
    }
    }
}

base::Result<Function> Driver::function(const std::string& name, const std::string& params)
{
    const std::uint64_t request = ++m_lastRequest;
    ByteWriter out;
    out.put(FromDriver::Function);
    out.put(request);
    out.put(name);
    out.put(params);
    ORRERY_TRY(m_socket.send(out.view()));
    while (!m_answers.count(request)) ORRERY_TRY(pollControl(true));
    auto answer = m_answers.extract(request);
    ByteReader in(answer.mapped().second);
    if (!answer.mapped().first) return fail(Errc::NotFound, in.text());
    Function found;
    in.get(found.templateId);
    in.get(found.classIndex);
    in.get(found.outputs);
    return found;
}

bool Driver::ready(const Slot& slot) const
{
    return std::all_of(slot.args.begin(), slot.args.end(), [&](const Arg& arg) { return over(arg.ref); });
}

RefId Driver::submit(const Function& function, std::span<const Arg> args)
{
    while (m_pending >= kDriverPendingMax && !m_isClosed) {
        flush();
        setMarks();
        if (!reapAll()) m_doorbell->waitFor([&] { return reapAll(); }, nullptr, base::kMillisecond);
        (void)pollControl(false);
    }
    std::uint64_t id = 0;
    if (m_free.empty()) {
        id = m_slots.size();
        m_slots.emplace_back();
    } else {
        id = m_free.back();
        m_free.pop_back();
    }
    Slot& slot = m_slots[id];
    slot.state = SlotState::Queued;
    slot.attempt = 1;
    slot.released = false;
    slot.function = function;
    slot.args.clear();
    types::TaskRecord record;
    record.templateId = function.templateId;
    record.row = static_cast<std::uint32_t>(id);
    for (const Arg& arg : args) {
        if (arg.isRef) {
            slot.args.push_back(arg);
            ++m_slots[arg.ref.slot].pins;
            continue;
        }
        types::Argument& made = record.args.emplace_back();
        made.port = arg.port;
        made.isInline = true;
        made.bytes.assign(arg.value.begin(), arg.value.end());
    }
    ++m_pending;
    if (!m_slots[id].args.empty()) ++m_dependents;
    m_scratch.clear();
    record.write(m_scratch);
    const auto bytes = m_scratch.view();
    m_slots[id].record.assign(bytes.begin(), bytes.end());
    if (++m_sinceControl >= kControlEvery) (void)pollControl(false);
    // The lane that was used last first: its worker is awake.
    if (m_queue.empty()) {
        for (auto it = m_lanes.rbegin(); it != m_lanes.rend(); ++it) {
            Lane& lane = **it;
            if (lane.closed || lane.classIndex != function.classIndex) continue;
            if (room(lane, function.templateId) == 0) reap(lane);
            if (room(lane, function.templateId) == 0 || !ready(m_slots[id])) continue;
            if (!push(lane, id)) continue;
            if (isBatchFull(lane)) publish(lane);
            return {id, 0};
        }
    }
    m_queue.push_back(id);
    wantMore(function);
    return {id, 0};
}

} // namespace orrery::client
