// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/control_link.h"

#include <algorithm>
#include <chrono>
#include <unistd.h>

namespace orrery::worker {

using base::ByteReader;
using base::ByteWriter;
using base::Errc;
using base::fail;
using types::FromWorker;
using types::ToWorker;

namespace {
constexpr auto kTemplateWait = std::chrono::seconds(10);
constexpr std::size_t kCallBytesMax = 96 * 1024; // what fits a control message with room to spare
} // namespace

ControlLink::ControlLink(base::SeqSocket socket) : m_socket(std::move(socket)), m_memory([this](std::uint64_t bytes) { askWindow(bytes); }) {}

base::Result<void> ControlLink::begin()
{
    while (!m_doorbell) {
        auto message = m_socket.receive();
        if (!message) return message.error();
        handle(std::move(*message));
    }
    m_thread = std::thread([this] { read(); });
    m_thread.detach(); // it lives as long as the process and ends it
    ByteWriter out;
    out.put(FromWorker::Ready);
    out.put(static_cast<std::int64_t>(getpid()));
    send(out);
    return {};
}

void ControlLink::read()
{
    for (;;) {
        auto message = m_socket.receive();
        if (!message) _exit(0); // the node is gone
        handle(std::move(*message));
    }
}

void ControlLink::handle(base::SeqMessage message)
{
    ByteReader in(message.bytes);
    switch (in.get<ToWorker>()) {
    case ToWorker::Hello: {
        if (message.fds.size() != 4) _exit(3);
        auto own = lane::Doorbell::attach(std::move(message.fds[0]), {});
        auto node = lane::Doorbell::attach(std::move(message.fds[1]), std::move(message.fds[2]));
        auto gates = lane::GatePage::attach(std::move(message.fds[3]));
        if (!own || !node || !gates) _exit(3);
        m_doorbell = std::make_unique<lane::Doorbell>(std::move(*own));
        m_nodeDoorbell = std::make_unique<lane::Doorbell>(std::move(*node));
        m_gates = std::make_unique<lane::GatePage>(std::move(*gates));
        break;
    }
    case ToWorker::Attach: {
        const auto id = in.get<std::uint64_t>();
        if (message.fds.size() != 2 && message.fds.size() != 3) break;
        auto made = lane::WorkerLane::attach(std::move(message.fds[0]), std::move(message.fds[1]), message.fds.size() == 3 ? std::move(message.fds[2]) : base::UniqueFd());
        if (!made) break; // the node sees that nothing is done and takes the lease back
        const std::lock_guard lock(m_mutex);
        m_lanes[id] = {id, std::move(*made)};
        m_changes.fetch_add(1, std::memory_order_release);
        m_doorbell->ring();
        break;
    }
    case ToWorker::Detach: {
        const std::lock_guard lock(m_mutex);
        m_lanes.erase(in.get<std::uint64_t>());
        m_changes.fetch_add(1, std::memory_order_release);
        m_doorbell->ring();
        break;
    }
    case ToWorker::UseTemplate: {
        auto made = std::make_shared<types::Template>();
        made->read(in);
        if (!in.ok()) break;
        const std::lock_guard lock(m_mutex);
        m_templates[made->id] = std::move(made);
        m_changed.notify_all();
        break;
    }
    case ToWorker::Segment: {
        const auto id = in.get<std::uint32_t>();
        const auto bytes = in.get<std::uint64_t>();
        if (in.ok() && message.fds.size() == 1) (void)m_memory.addSegment(id, bytes, std::move(message.fds[0]));
        break;
    }
    case ToWorker::DropSegment: m_memory.dropSegment(in.get<std::uint32_t>()); break;
    case ToWorker::Window: {
        types::Place place;
        in.get(place.segment);
        in.get(place.offset);
        in.get(place.bytes);
        if (place.bytes > 0) m_memory.granted(place);
        else m_memory.refused(in.text());
        break;
    }
    case ToWorker::CallDone: {
        const auto call = in.get<std::uint64_t>();
        CallResult result;
        result.done = true;
        result.ok = in.get<std::uint8_t>() != 0;
        if (result.ok) {
            in.list(5, [&](ByteReader& r) {
                types::Output& o = result.outputs.emplace_back();
                o.isInline = r.get<std::uint8_t>() != 0;
                r.get(o.items);
                if (o.isInline) r.get(o.bytes);
                else { r.get(o.place.segment); r.get(o.place.offset); r.get(o.place.bytes); }
            });
        } else {
            in.get(result.error);
        }
        const std::lock_guard lock(m_mutex);
        if (const auto found = m_calls.find(call); found != m_calls.end()) found->second = std::move(result);
        m_changed.notify_all();
        break;
    }
    case ToWorker::Cancel: {
        const auto id = in.get<std::uint64_t>();
        const auto position = in.get<std::uint64_t>();
        if (m_runningLane.load() == id && m_runningPosition.load() == position) m_cancelRunning.store(true);
        break;
    }
    case ToWorker::Exit:
        m_leaving.store(true, std::memory_order_release);
        m_changes.fetch_add(1, std::memory_order_release);
        m_doorbell->ring();
        break;
    }
}

void ControlLink::send(const ByteWriter& out)
{
    const std::lock_guard lock(m_sendMutex);
    (void)m_socket.send(out.view()); // a lost node ends this process from the reading side
}

void ControlLink::askWindow(std::uint64_t bytes)
{
    ByteWriter out;
    out.put(FromWorker::NeedWindow);
    out.put(bytes);
    out.put(m_results.load(std::memory_order_relaxed));
    send(out);
}

std::vector<ControlLink::AttachedLane> ControlLink::lanes()
{
    const std::lock_guard lock(m_mutex);
    std::vector<AttachedLane> all;
    for (const auto& [id, one] : m_lanes) all.push_back(one);
    return all;
}

base::Result<std::shared_ptr<const types::Template>> ControlLink::findTemplate(std::uint32_t id)
{
    std::unique_lock lock(m_mutex);
    if (!m_changed.wait_for(lock, kTemplateWait, [&] { return m_templates.count(id) > 0; }))
        return fail(Errc::NotFound, "the node never described function " + std::to_string(id));
    return m_templates[id];
}

void ControlLink::setRunning(std::uint64_t laneId, std::uint64_t position)
{
    m_cancelRunning.store(false);
    m_runningPosition.store(position);
    m_runningLane.store(laneId);
    if (laneId != 0) return;
    const std::lock_guard lock(m_mutex);
    m_calls.clear();
}

void ControlLink::log(std::uint32_t owner, std::uint32_t row, int level, std::string_view text)
{
    ByteWriter out;
    out.put(FromWorker::Log);
    out.put(owner);
    out.put(row);
    out.put(static_cast<std::uint8_t>(std::clamp(level, 0, 3)));
    out.put(text);
    send(out);
}

bool ControlLink::cancelled() { return m_cancelRunning.load(std::memory_order_relaxed); }

base::Result<std::uint64_t> ControlLink::submit(std::string_view function, std::string_view params, std::vector<Part> parts)
{
    std::uint64_t call = 0;
    {
        const std::lock_guard lock(m_mutex);
        call = ++m_lastCall;
        m_calls[call] = {};
    }
    ByteWriter out;
    out.put(FromWorker::Call);
    out.put(call);
    out.put(function);
    out.put(params);
    out.list(parts, [](ByteWriter& w, const Part& part) {
        w.put(part.port);
        w.put(part.isCall);
        if (part.isCall) {
            w.put(part.call);
            w.put(part.output);
        } else {
            w.put(part.bytes);
        }
    });
    if (out.view().size() > kCallBytesMax)
        return fail(Errc::Refused, "the arguments of a call from inside a task are " + std::to_string(out.view().size()) + " bytes and may be " + std::to_string(kCallBytesMax));
    send(out);
    return call;
}

base::Result<std::vector<types::Output>> ControlLink::wait(std::uint64_t call, std::int64_t timeoutNs)
{
    std::unique_lock lock(m_mutex);
    const auto found = m_calls.find(call);
    if (found == m_calls.end()) return fail(Errc::NotFound, "this task made no such call");
    if (!found->second.done) {
        // Our CPU is free for others while we wait; what lies behind us in the lane goes to another worker.
        lock.unlock();
        ByteWriter out;
        out.put(FromWorker::Blocked);
        send(out);
        lock.lock();
        const auto there = [&] { return m_calls[call].done; };
        if (timeoutNs < 0) m_changed.wait(lock, there);
        else m_changed.wait_for(lock, std::chrono::nanoseconds(timeoutNs), there);
        lock.unlock();
        ByteWriter back;
        back.put(FromWorker::Unblocked);
        send(back);
        lock.lock();
    }
    const CallResult& result = m_calls[call];
    if (!result.done) return fail(Errc::Unavailable, "the call is not through in the time given");
    if (!result.ok) return fail(Errc::Failed, result.error);
    return result.outputs;
}

} // namespace orrery::worker
