// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/sim_node.h"

#include <algorithm>
#include <cstring>

namespace orrery::sim {

using node::LeaseId;
using node::Track;

base::Bytes encodeWords(const std::vector<std::uint64_t>& words)
{
    const auto bytes = std::as_bytes(std::span(words));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::uint64_t> decodeWords(std::span<const std::byte> bytes)
{
    std::vector<std::uint64_t> words(bytes.size() / 8);
    if (!words.empty()) std::memcpy(words.data(), bytes.data(), words.size() * 8);
    return words;
}

bool SimWorld::step()
{
    if (m_events.empty()) return false;
    const auto event = m_events.top();
    m_events.pop();
    m_now = std::max(m_now, event.at);
    event.run();
    return true;
}

SimNode::SimNode(SimWorld& world, std::uint16_t number, types::Resources total, SimNodeOptions options)
    : m_world(world), m_number(number), m_options(options), m_total(total)
{
    stop();
}

void SimNode::stop()
{
    m_source = nullptr;
    m_lanes.clear();
    m_leases.emplace(m_total, static_cast<std::uint32_t>(m_total.amount(types::kCpu)) * 2);
    m_armed = -1;
    *m_alive = false;
    m_alive = std::make_shared<bool>(true);
}

void SimNode::later(TimeNs delay, std::function<void()> run)
{
    m_world.later(delay, [alive = m_alive, run = std::move(run)] {
        if (*alive) run();
    });
}

types::Place SimNode::newPlace(base::Bytes bytes)
{
    const types::Place place{m_number + 1u, ++m_lastPlace, bytes.size()};
    m_memory[place.offset] = std::move(bytes);
    return place;
}

void SimNode::freePlace(const types::Place& place)
{
    if (place.segment != m_number + 1u) m_world.problem = "node " + std::to_string(m_number) + " was to free a place of another node";
    else if (m_memory.erase(place.offset) == 0) m_world.problem = "a place of node " + std::to_string(m_number) + " was freed twice";
}

void SimNode::write(const types::Place& place, const base::Bytes& bytes) { m_memory.at(place.offset) = bytes; }

const base::Bytes* SimNode::read(const types::Place& place) const
{
    const auto found = m_memory.find(place.offset);
    return place.segment == m_number + 1u && found != m_memory.end() ? &found->second : nullptr;
}

bool SimNode::idle() const
{
    return std::all_of(m_lanes.begin(), m_lanes.end(), [](const auto& lane) { return lane.second.tasks.empty(); });
}

void SimNode::pump()
{
    if (!m_source) return;
    for (auto& [track, lane] : m_lanes) fill(track, lane);
    const auto classes = m_source->classes();
    for (std::size_t i = 0; i < classes.size(); ++i) {
        std::size_t busy = 0;
        for (const auto& [track, lane] : m_lanes) busy += lane.lease != 0 && lane.classIndex == i && !lane.closed && !lane.tasks.empty() ? 1 : 0;
        m_leases->want(1, classes[i], static_cast<std::uint32_t>(m_source->ready(i) + busy));
    }
    bool revoked = false;
    for (const auto& effect : m_leases->step(m_world.now())) {
        revoked = revoked || std::holds_alternative<node::Revoke>(effect);
        if (std::holds_alternative<node::StartWorker>(effect)) {
            const Track track = ++m_world.lastTrack;
            m_world.later(base::kMillisecond, [this, alive = m_alive, track] {
                if (!*alive) return;
                m_lanes[track] = {};
                m_leases->workerReady(track);
                pump();
            });
        } else if (const auto* grant = std::get_if<node::Grant>(&effect)) {
            Lane& lane = m_lanes.at(grant->track);
            lane = {};
            lane.lease = grant->lease;
            lane.classIndex = static_cast<std::size_t>(std::find(classes.begin(), classes.end(), grant->resources) - classes.begin());
            fill(grant->track, lane);
        } else if (const auto* revoke = std::get_if<node::Revoke>(&effect)) {
            recall(revoke->lease);
        }
    }
    if (auto wrong = m_leases->audit(); !wrong.empty()) m_world.problem = "lease table: " + wrong;
    if (revoked) return pump();
    if (const TimeNs due = m_leases->nextStepNs(); due >= 0 && due != m_armed) {
        m_armed = due;
        later(std::max<TimeNs>(due - m_world.now(), 0), [this] { pump(); });
    }
}

void SimNode::fill(Track track, Lane& lane)
{
    if (lane.lease == 0 || lane.closed) return;
    while (lane.tasks.size() < m_options.laneTasks) {
        const auto rows = m_source->take(lane.classIndex, m_options.laneTasks - lane.tasks.size(), m_world.now());
        if (rows.empty()) break;
        for (const auto row : rows) lane.tasks.push_back(m_source->record(row, m_world.now()));
    }
    m_leases->idle(lane.lease, lane.tasks.empty(), m_world.now());
    begin(track, lane);
}

void SimNode::begin(Track track, Lane& lane)
{
    if (lane.running || lane.tasks.empty()) return;
    lane.running = true;
    const auto& task = lane.tasks.front();
    if (m_world.random().chance(0.8)) m_source->began(task.row, task.attempt, track, m_world.now());
    const TimeNs took = 1 + static_cast<TimeNs>(m_world.random().below(static_cast<std::uint64_t>(m_options.taskMaxNs)));
    if (m_world.random().chance(m_options.killsPerTask)) later(static_cast<TimeNs>(m_world.random().below(static_cast<std::uint64_t>(took))), [this, track] { kill(track); });
    else later(took, [this, track, startNs = m_world.now()] { finish(track, startNs); });
}

void SimNode::finish(Track track, TimeNs startNs)
{
    const auto found = m_lanes.find(track);
    if (found == m_lanes.end() || found->second.tasks.empty()) return;
    Lane& lane = found->second;
    const types::TaskRecord task = lane.tasks.front();
    std::vector<std::uint64_t> inputs;
    for (const auto& arg : task.args) {
        const base::Bytes* bytes = arg.isInline ? &arg.bytes : read(arg.place);
        if (!bytes) {
            m_world.problem = "row " + std::to_string(task.row) + " on node " + std::to_string(m_number) + " reads memory that is not there";
            return;
        }
        const auto words = decodeWords(*bytes);
        if (arg.item >= 0) inputs.push_back(words.at(static_cast<std::size_t>(arg.item)));
        else inputs.insert(inputs.end(), words.begin(), words.end());
    }
    types::ResultRecord result;
    result.row = task.row;
    result.attempt = task.attempt;
    result.startNs = startNs;
    result.endNs = m_world.now();
    const auto words = m_compute(task, inputs);
    types::Output& output = result.outputs.emplace_back();
    output.items = static_cast<std::uint32_t>(words.size());
    output.isInline = m_world.random().chance(0.4);
    if (output.isInline) output.bytes = encodeWords(words);
    else output.place = newPlace(encodeWords(words));
    const types::Place place = output.place;
    lane.tasks.pop_front();
    lane.running = false;
    if (!m_source->finished(result, track, m_world.now()) && !result.outputs[0].isInline) freePlace(place);
    if (lane.closed && lane.tasks.empty()) giveBack(lane);
    pump();
    if (m_changed) m_changed();
}

void SimNode::kill(Track track)
{
    const auto found = m_lanes.find(track);
    if (found == m_lanes.end()) return;
    ++m_world.kills;
    const Lane lane = std::move(found->second);
    m_lanes.erase(found);
    for (std::size_t i = lane.tasks.size(); i-- > 0;) {
        const auto& task = lane.tasks[i];
        if (i == 0 && lane.running) m_source->lost(task.row, task.attempt, track, types::Cause::WorkerDied, "its worker was killed", m_world.now());
        else m_source->recalled(task.row, task.attempt, m_world.now());
    }
    m_leases->workerGone(track);
    pump();
    if (m_changed) m_changed();
}

void SimNode::recall(LeaseId lease)
{
    for (auto& [track, lane] : m_lanes) {
        if (lane.lease != lease || lane.closed) continue;
        lane.closed = true;
        while (lane.tasks.size() > (lane.running ? 1u : 0u)) {
            m_source->recalled(lane.tasks.back().row, lane.tasks.back().attempt, m_world.now());
            lane.tasks.pop_back();
        }
        if (lane.tasks.empty()) giveBack(lane);
        return;
    }
}

void SimNode::giveBack(Lane& lane)
{
    m_leases->returned(lane.lease);
    lane = {};
}

} // namespace orrery::sim
