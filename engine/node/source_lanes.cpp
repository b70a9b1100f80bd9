// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/node/source_lanes.h"

#include <algorithm>
#include <cstring>

namespace orrery::node {

SourceLanes::SourceLanes(Node& node, SubmitterId submitter, TaskSource& source, ValueStore& store)
    : m_node(node), m_submitter(submitter), m_source(source), m_store(store)
{
    m_node.addUser(submitter, *this);
}

SourceLanes::~SourceLanes()
{
    *m_alive = false;
    m_node.removeUser(m_submitter);
    for (auto& [id, lane] : m_lanes) {
        close(lane);
        for (const InFlight& one : lane.inFlight) freeArgs(one);
        // A call that still runs is nobody's: its worker ends with it, and the lease with the worker.
        if (lane.inFlight.empty()) m_node.leaseReturned(id, lane.track);
        else m_node.killWorker(lane.track, "the run it worked for was closed");
    }
}

void SourceLanes::freeArgs(const InFlight& one)
{
    if (one.args.bytes > 0) m_store.releaseWindow(one.args);
}

bool SourceLanes::placeArgs(types::TaskRecord& record, std::uint32_t row, TimeNs now, types::Place& window)
{
    if (const auto refused = m_noRoom.find(row); refused != m_noRoom.end()) {
        m_source.refuse(row, "its " + std::to_string(record.args.size()) + " inputs do not fit the store: " + refused->second, now);
        m_noRoom.erase(refused);
        return false;
    }
    if (m_waitsForRoom) { // one question at a time; its answer comes with a pump
        m_source.recalled(row, record.attempt, now);
        return false;
    }
    base::ByteWriter args;
    record.writeArgs(args);
    std::optional<base::Result<types::Place>> given;
    bool here = true; // the answer comes inside the call, or later, when the row has gone back long ago
    const auto alive = m_alive;
    auto late = std::make_shared<bool*>(&here);
    m_store.takeWindow(args.view().size(), [this, alive, late, &given, &store = m_store, row](base::Result<types::Place> place) {
        if (*late) {
            given = std::move(place);
        } else if (!*alive) {
            if (place) store.releaseWindow(*place);
        } else {
            m_waitsForRoom = false;
            if (place) m_store.releaseWindow(*place);
            else m_noRoom[row] = place.error().message;
            pump(); // there is room now, or none will come
        }
    });
    *late = nullptr;
    if (!given) {
        m_waitsForRoom = true;
        m_source.recalled(row, record.attempt, now);
        return false;
    }
    if (!*given) {
        m_source.refuse(row, "its " + std::to_string(record.args.size()) + " inputs do not fit the store: " + given->error().message, now);
        return false;
    }
    window = **given; // what goes back later, whole
    record.argsPlace = window;
    std::memcpy(m_store.bytes(record.argsPlace).data(), args.view().data(), args.view().size());
    record.argsPlace.bytes = args.view().size();
    record.args.clear();
    return true;
}

void SourceLanes::sayDemand()
{
    const auto classes = m_source.classes();
    for (std::size_t i = 0; i < classes.size(); ++i) {
        std::size_t busy = 0;
        for (const auto& [id, lane] : m_lanes) busy += lane.classIndex == i && !lane.closed && !lane.inFlight.empty() ? 1 : 0;
        const std::size_t wanted = m_source.ready(i) + busy;
        m_node.want(m_submitter, classes[i], static_cast<std::uint32_t>(std::min<std::size_t>(wanted, 1u << 16)));
    }
}

void SourceLanes::pump()
{
    for (auto& [id, lane] : m_lanes) fill(lane);
    sayDemand();
}

void SourceLanes::granted(LeaseId id, const Grant& grant)
{
    auto region = lane::Region::create({});
    const auto classes = m_source.classes();
    const auto found = std::find(classes.begin(), classes.end(), grant.resources);
    if (!region || found == classes.end()) {
        m_node.leaseReturned(id, grant.track);
        return;
    }
    Lane& lane = m_lanes[id];
    lane.lease = id;
    lane.track = grant.track;
    lane.classIndex = static_cast<std::size_t>(found - classes.begin());
    lane.region = std::move(*region);
    lane.tasks = std::make_unique<lane::TaskWriter>(lane.region);
    lane.results = std::make_unique<lane::ResultReader>(lane.region);
    lane.follower = std::make_unique<lane::Follower>(lane.region);
    m_node.attachLane(grant.track, id, lane.region, m_node.doorbell().fd(), m_node.doorbell().eventFd());
    fill(lane);
    sayDemand();
}

bool SourceLanes::idle() const
{
    return std::all_of(m_lanes.begin(), m_lanes.end(), [](const auto& entry) { return entry.second.inFlight.empty(); });
}

std::size_t SourceLanes::tasks() const
{
    std::size_t all = 0;
    for (const auto& [id, lane] : m_lanes) all += lane.inFlight.size();
    return all;
}

bool SourceLanes::hasIdle(std::size_t classIndex) const
{
    return std::any_of(m_lanes.begin(), m_lanes.end(), [classIndex](const auto& entry) { return entry.second.classIndex == classIndex && !entry.second.closed && entry.second.inFlight.empty(); });
}

std::size_t SourceLanes::room(const Lane& lane) const
{
    if (lane.closed) return 0;
    if (lane.inFlight.empty()) return 1;
    double work = 0;
    for (const InFlight& one : lane.inFlight) {
        const auto known = m_estimates.find(one.templateId);
        if (known == m_estimates.end()) return 0;
        work += known->second.ns();
        if (work >= static_cast<double>(lane::kLaneWorkNs)) return 0;
    }
    if (lane.inFlight.size() >= kLaneTasksMax) return 0;
    const double each = std::max(work / static_cast<double>(lane.inFlight.size()), 100.0);
    return std::clamp<std::size_t>(static_cast<std::size_t>((static_cast<double>(lane::kLaneWorkNs) - work) / each), 1, kLaneTasksMax - lane.inFlight.size());
}

void SourceLanes::fill(Lane& lane)
{
    bool wrote = false;
    for (;;) {
        std::size_t want = room(lane);
        if (want == 0) break;
        const TimeNs now = m_node.loop().nowNs();
        // An unmeasured function goes alone, whatever was estimated from its neighbours.
        auto rows = m_source.take(lane.classIndex, lane.inFlight.empty() ? 1 : want, now);
        if (rows.empty()) break;
        for (const std::uint32_t row : rows) {
            types::TaskRecord record = m_source.record(row, now);
            types::Place window;
            m_scratch.clear();
            record.write(m_scratch);
            if (m_scratch.view().size() > lane.region.recordBytesMax()) {
                if (!placeArgs(record, row, now, window)) {
                    want = 0;
                    continue;
                }
                m_scratch.clear();
                record.write(m_scratch);
            }
            m_node.giveTemplate(lane.track, record.templateId);
            const auto position = lane.tasks->write(m_scratch.view());
            if (!position) { // no room now: it goes back and comes again
                m_source.recalled(row, record.attempt, now);
                if (window.bytes > 0) m_store.releaseWindow(window);
                want = 0;
                continue;
            }
            lane.inFlight.push_back({*position, row, record.templateId, record.attempt, false, window});
            wrote = true;
        }
        if (want == 0) break;
    }
    if (wrote) {
        lane.tasks->publish();
        m_node.ringWorker(lane.track);
        m_node.leaseIdle(lane.lease, false);
        lane.told = false;
        if (!lane.inFlight.empty()) m_node.noteRunning(lane.track, lane.inFlight.front().templateId);
    } else if (lane.inFlight.empty() && !lane.told) {
        lane.told = true;
        m_node.leaseIdle(lane.lease, true);
        m_node.noteRunning(lane.track, 0);
    }
}

bool SourceLanes::reap(Lane& lane)
{
    bool any = false;
    const TimeNs now = m_node.loop().nowNs();
    for (;;) {
        const auto got = lane.results->read(m_record);
        if (got == lane::ReadOutcome::Empty) break;
        if (got == lane::ReadOutcome::Bad || !m_result.read(m_record)) {
            m_node.killWorker(lane.track, "it wrote a result that cannot be read");
            break;
        }
        any = true;
        const auto found = std::find_if(lane.inFlight.begin(), lane.inFlight.end(), [&](const InFlight& one) { return one.position == m_result.position; });
        if (found == lane.inFlight.end() || found->row != m_result.row || found->attempt != m_result.attempt) {
            m_node.killWorker(lane.track, "it answered a task that it was not given");
            break;
        }
        const TimeNs took = m_result.endNs - m_result.startNs;
        if (auto [estimate, isNew] = m_estimates.try_emplace(found->templateId, took); !isNew) estimate->second.note(took);
        freeArgs(*found);
        lane.inFlight.erase(found);
        if (!m_node.acceptResult(lane.track, m_result)) break;
        if (!m_source.finished(m_result, lane.track, now)) m_node.freeOutputs(m_result);
    }
    if (any) {
        // This side is its own follower: what it has read is recorded.
        lane.follower->skipToReader();
    }
    // The first task that is not answered runs, when the worker has begun it.
    const auto begun = lane.tasks->started();
    for (InFlight& one : lane.inFlight) {
        if (one.position >= begun) break;
        if (one.began) continue;
        one.began = true;
        m_source.began(one.row, one.attempt, lane.track, now);
        m_node.noteRunning(lane.track, one.templateId);
    }
    return any;
}

bool SourceLanes::poll()
{
    bool any = false;
    std::vector<LeaseId> ids;
    for (auto& [id, lane] : m_lanes) ids.push_back(id);
    for (const LeaseId id : ids) {
        const auto found = m_lanes.find(id);
        if (found == m_lanes.end()) continue;
        any = reap(found->second) || any;
        giveBackIfEmpty(id);
    }
    if (any) pump();
    return any;
}

void SourceLanes::close(Lane& lane)
{
    if (lane.closed) return;
    lane.closed = true;
    const auto begun = lane.tasks->close(); // the first position that will never begin
    const TimeNs now = m_node.loop().nowNs();
    while (!lane.inFlight.empty() && lane.inFlight.back().position >= begun) {
        const InFlight one = lane.inFlight.back();
        lane.inFlight.pop_back();
        freeArgs(one);
        m_source.recalled(one.row, one.attempt, now);
    }
}

void SourceLanes::giveBackIfEmpty(LeaseId id)
{
    const auto found = m_lanes.find(id);
    if (found == m_lanes.end() || !found->second.closed || !found->second.inFlight.empty()) return;
    const Track track = found->second.track;
    m_lanes.erase(found);
    m_node.leaseReturned(id, track);
    sayDemand();
}

void SourceLanes::revoke(LeaseId lease)
{
    const auto found = m_lanes.find(lease);
    if (found == m_lanes.end()) return;
    close(found->second);
    giveBackIfEmpty(lease);
}

void SourceLanes::workerBlocked(LeaseId lease)
{
    revoke(lease);
    pump();
}

void SourceLanes::workerGone(LeaseId lease, Track track, const std::string& why)
{
    const auto found = m_lanes.find(lease);
    if (found == m_lanes.end()) return;
    Lane& lane = found->second;
    reap(lane); // what it published before its end counts
    close(lane);
    const TimeNs now = m_node.loop().nowNs();
    for (const InFlight& one : lane.inFlight) {
        freeArgs(one);
        m_source.lost(one.row, one.attempt, track, types::Cause::WorkerDied, "its worker died: " + why, now);
    }
    m_lanes.erase(found);
    pump();
}

void SourceLanes::cancelAll()
{
    std::vector<LeaseId> ids;
    for (auto& [id, lane] : m_lanes) ids.push_back(id);
    for (const LeaseId id : ids) {
        Lane& lane = m_lanes.at(id);
        close(lane);
        for (const InFlight& one : lane.inFlight) m_node.cancelTask(lane.track, id, one.position);
        if (!lane.inFlight.empty() && !std::exchange(lane.cancelling, true)) {
            // Nobody may hold a stopped run for ever.
            m_node.loop().after(kCancelGraceNs, [node = &m_node, this, alive = m_alive, id] {
                if (!*alive) return;
                const auto found = m_lanes.find(id);
                if (found != m_lanes.end()) node->killWorker(found->second.track, "the run was stopped and its task did not end");
            });
        }
        giveBackIfEmpty(id);
    }
    sayDemand();
}

} // namespace orrery::node
