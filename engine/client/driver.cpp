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

constexpr double kLaneWorkNs = 200'000; // design, runtime 3: a lane holds about 200 us of work
constexpr std::size_t kLaneTasksMax = 2048;
constexpr std::uint32_t kPublishEvery = 32;
constexpr std::uint64_t kWindowBytes = 2u << 20;
constexpr std::uint32_t kControlEvery = 256; // submits between looks at the socket

std::uint64_t aligned(std::uint64_t bytes) { return (std::max<std::uint64_t>(bytes, 1) + 63) / 64 * 64; }

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
    return std::all_of(slot.args.begin(), slot.args.end(), [&](const Arg& arg) { return m_slots[arg.ref.slot].state == SlotState::Done || m_slots[arg.ref.slot].state == SlotState::Failed; });
}

RefId Driver::submit(const Function& function, std::span<const Arg> args)
{
    while (m_pending >= kDriverPendingMax && !m_isClosed) {
        flush();
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
            if (lane.unpublished >= kPublishEvery) publish(lane);
            return {id, 0};
        }
    }
    m_queue.push_back(id);
    wantMore(function);
    return {id, 0};
}

void Driver::wantMore(const Function& function)
{
    // Powers of two, so that the node hears of growing demand a few times and not with every task.
    std::uint32_t step = 1;
    while (step < m_queue.size() && step < 64) step *= 2;
    std::uint32_t& asked = m_wanted[function.templateId];
    if (asked >= step) return;
    asked = step;
    ByteWriter out;
    out.put(FromDriver::Want);
    out.put(function.templateId);
    out.put(step);
    (void)m_socket.send(out.view());
}

std::size_t Driver::room(const Lane& lane, std::uint32_t templateId) const
{
    if (lane.inFlight.empty()) return 1;
    const auto known = m_durationNs.find(templateId);
    if (known == m_durationNs.end()) return 0;
    const double each = std::max(known->second, 100.0);
    const auto most = std::clamp<std::size_t>(static_cast<std::size_t>(kLaneWorkNs / each), 1, kLaneTasksMax);
    return lane.inFlight.size() >= most ? 0 : most - lane.inFlight.size();
}

bool Driver::push(Lane& lane, std::uint64_t id)
{
    Slot& slot = m_slots[id];
    std::span<const std::byte> bytes = slot.record;
    const base::TimeNs now = base::systemClock().monoNs();
    if (!slot.args.empty() || slot.attempt > 1) {
        types::TaskRecord record;
        if (!record.read(slot.record)) return false;
        record.attempt = slot.attempt;
        record.submitNs = now;
        for (const Arg& arg : slot.args) {
            const Slot& from = m_slots[arg.ref.slot];
            if (arg.ref.output >= from.outputs.size()) {
                slot.state = SlotState::Failed;
                slot.error = from.error.rfind("an argument failed: ", 0) == 0 ? from.error : "an argument failed: " + from.error;
                settle(id);
                return true;
            }
            const types::Output& output = from.outputs[arg.ref.output];
            types::Argument& made = record.args.emplace_back();
            made.port = arg.port;
            made.isInline = output.isInline;
            made.bytes = output.bytes;
            made.place = output.place;
        }
        m_scratch.clear();
        record.write(m_scratch);
        bytes = m_scratch.view();
    }
    if (bytes.size() > lane.region.recordBytesMax()) {
        slot.state = SlotState::Failed;
        slot.error = "its arguments make a record of " + std::to_string(bytes.size()) + " bytes and a lane carries " + std::to_string(lane.region.recordBytesMax());
        settle(id);
        return true;
    }
    const auto position = lane.tasks.write(bytes);
    if (!position) return false;
    if (lane.inFlight.empty()) lane.first = *position;
    lane.inFlight.push_back(id);
    slot.state = SlotState::InLane;
    slot.lease = lane.id;
    slot.position = *position;
    ++lane.unpublished;
    return true;
}

void Driver::publish(Lane& lane)
{
    if (lane.unpublished == 0) return;
    lane.unpublished = 0;
    lane.tasks.publish();
    lane.worker.ring();
    wakeNode();
}

void Driver::wakeNode()
{
    // The node looks by itself while anything goes on; only the first record after a pause wakes it.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    auto& flag = m_uplink.results().header->started.value;
    if (flag.load(std::memory_order_relaxed) != 0 && flag.exchange(0) != 0) m_node->wakeNow();
}

void Driver::flush()
{
    for (auto& lane : m_lanes) publish(*lane);
}

// Its worker wrote what it may not. The node finds the same and kills it; LaneDead follows and settles what is open.
void Driver::distrust(Lane& lane)
{
    lane.closed = true;
    lane.tasks.close();
}

bool Driver::reap(Lane& lane)
{
    bool any = false;
    while (lane.results.available()) {
        if (lane.results.read(m_bytes) != lane::ReadOutcome::Record || !m_result.read(m_bytes)) {
            distrust(lane);
            return any;
        }
        if (lane.inFlight.empty() || m_result.position != lane.first) {
            distrust(lane);
            return any;
        }
        any = true;
        const std::uint64_t id = lane.inFlight.front();
        lane.inFlight.pop_front();
        ++lane.first;
        Slot& slot = m_slots[id];
        const double took = static_cast<double>(std::max<base::TimeNs>(m_result.endNs - m_result.startNs, 0));
        auto [average, isNew] = m_durationNs.try_emplace(slot.function.templateId, took);
        if (!isNew) average->second += (took - average->second) * 0.1;
        if (m_result.status == types::ResultRecord::Status::Ok && m_result.outputs.size() == slot.function.outputs) {
            slot.state = SlotState::Done;
            slot.outputs = std::move(m_result.outputs);
        } else {
            slot.state = SlotState::Failed;
            slot.error = m_result.error.empty() ? "it was cancelled or returned the wrong number of outputs" : m_result.error;
        }
        settle(id);
    }
    return any;
}

bool Driver::reapAll()
{
    bool any = false;
    for (auto& lane : m_lanes) any = reap(*lane) || any;
    if (any && !m_queue.empty()) dispatch();
    return any;
}

void Driver::settle(std::uint64_t id)
{
    --m_pending;
    for (const Arg& arg : std::exchange(m_slots[id].args, {})) {
        Slot& from = m_slots[arg.ref.slot];
        if (--from.pins == 0 && from.released) free(arg.ref.slot);
    }
    if (m_slots[id].released && m_slots[id].pins == 0) free(id);
}

void Driver::dispatch()
{
    for (auto it = m_lanes.rbegin(); it != m_lanes.rend() && !m_queue.empty(); ++it) {
        Lane& lane = **it;
        std::size_t looked = 0;
        while (!lane.closed && !m_queue.empty() && looked < m_queue.size()) {
            const std::uint64_t id = m_queue.front();
            Slot& slot = m_slots[id];
            if (slot.function.classIndex != lane.classIndex || !ready(slot)) {
                m_queue.pop_front();
                m_queue.push_back(id);
                ++looked;
                continue;
            }
            if (room(lane, slot.function.templateId) == 0 || !push(lane, id)) break;
            m_queue.pop_front();
            looked = 0;
        }
        publish(lane);
    }
}

void Driver::takeBack(Lane& lane, bool dead, const std::string& why)
{
    reap(lane); // what was published counts
    lane.closed = true;
    publish(lane);
    const std::uint64_t begun = lane.tasks.close();
    std::vector<std::uint64_t> again;
    while (!lane.inFlight.empty() && lane.first + lane.inFlight.size() - 1 >= begun) {
        again.push_back(lane.inFlight.back());
        lane.inFlight.pop_back();
    }
    if (dead) {
        // Begun and without a result: the attempt is lost with its worker.
        for (const std::uint64_t id : std::exchange(lane.inFlight, {})) {
            ++m_attemptsLost;
            Slot& slot = m_slots[id];
            if (slot.attempt > kDriverRetries) {
                slot.state = SlotState::Failed;
                slot.error = "its worker died in each of " + std::to_string(slot.attempt) + " attempts: " + why;
                settle(id);
                continue;
            }
            ++slot.attempt;
            again.push_back(id);
        }
    }
    std::sort(again.begin(), again.end());
    for (auto it = again.rbegin(); it != again.rend(); ++it) {
        m_slots[*it].state = SlotState::Queued;
        m_queue.push_front(*it);
    }
    if (!dead && lane.inFlight.empty()) {
        ByteWriter out;
        out.put(FromDriver::Return);
        out.put(lane.id);
        (void)m_socket.send(out.view());
        const std::uint64_t id = lane.id;
        std::erase_if(m_lanes, [&](const auto& one) { return one->id == id; });
    }
    m_wanted.clear();
    if (!m_queue.empty()) wantMore(m_slots[m_queue.front()].function);
}

base::Result<std::span<const std::byte>> Driver::get(RefId ref)
{
    if (ref.slot >= m_slots.size() || m_slots[ref.slot].state == SlotState::Free) return fail(Errc::NotFound, "this reference was released");
    const auto over = [&] { return m_slots[ref.slot].state == SlotState::Done || m_slots[ref.slot].state == SlotState::Failed; };
    if (!over()) {
        flush();
        while (!over()) {
            // Leases that were taken back are returned when the last call of their lane is through.
            for (std::size_t i = 0; i < m_lanes.size(); ++i)
                if (m_lanes[i]->closed && m_lanes[i]->inFlight.empty()) takeBack(*m_lanes[i--], false, {});
            const std::uint64_t lease = m_slots[ref.slot].lease;
            const lane::Doorbell* peer = nullptr;
            for (const auto& lane : m_lanes)
                if (lane->id == lease) peer = &lane->worker;
            const bool got = m_doorbell->waitFor(
                [&] {
                    for (const auto& lane : m_lanes)
                        if (lane->results.available()) return true;
                    return false;
                },
                peer, m_slots[ref.slot].state == SlotState::InLane ? 20 * base::kMillisecond : base::kMillisecond);
            reapAll();
            flush();
            if (!got) ORRERY_TRY(pollControl(false));
        }
    }
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
        out.put(std::max(aligned(bytes), kWindowBytes));
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
