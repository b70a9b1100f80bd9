// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Tasks on their way: into the lanes of leased workers, and back.
#include "engine/client/driver.h"

#include <algorithm>

namespace orrery::client {

using base::ByteWriter;
using types::FromDriver;

namespace {
constexpr std::size_t kLaneTasksMax = 2048;
constexpr std::uint32_t kBatchMin = 32, kBatchMax = 1024; // tasks a publish
} // namespace

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
    const auto known = m_estimates.find(templateId);
    if (known == m_estimates.end()) return 0;
    const double each = std::max(known->second.ns(), 100.0);
    const auto most = std::clamp<std::size_t>(static_cast<std::size_t>(static_cast<double>(lane::kLaneWorkNs) / each), 1, kLaneTasksMax);
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
    if (lane.unpublished++ == 0) lane.unpublishedSinceNs = now;
    return true;
}

// Never later than a lane's work after the first of them, however fast they come.
bool Driver::isBatchFull(const Lane& lane) const
{
    if (lane.unpublished % kBatchMin != 0) return false;
    return lane.unpublished >= lane.batch || base::systemClock().monoNs() - lane.unpublishedSinceNs >= lane::kLaneWorkNs;
}

void Driver::publish(Lane& lane)
{
    if (lane.unpublished == 0) return;
    lane.unpublished = 0;
    lane.tasks.publish();
    m_doorbell->here();
    // A worker that sleeps again by the next publish has nobody to win by being woken for each: it shares a CPU with this program.
    lane.batch = lane.worker.ring() ? std::clamp(lane.batch * 2, kBatchMin, kBatchMax) : kBatchMin;
    wakeNode();
    if (lane.tasks.pastHalf()) m_node->ring();
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
    lane.distrusted = true;
    lane.tasks.close();
}

bool Driver::reap(Lane& lane)
{
    bool any = false;
    while (!lane.distrusted && lane.results.available()) {
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
        const base::TimeNs took = m_result.endNs - m_result.startNs;
        if (auto [estimate, isNew] = m_estimates.try_emplace(slot.function.templateId, took); !isNew) estimate->second.note(took);
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
    if (!m_slots[id].args.empty()) --m_dependents;
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

} // namespace orrery::client
