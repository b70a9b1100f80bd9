// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/node/node.h"

#include "engine/base/log.h"
#include "engine/base/random.h"

#include <algorithm>
#include <csignal>
#include <sys/epoll.h>

namespace orrery::node {

using base::ByteReader;
using base::ByteWriter;
using types::FromWorker;
using types::ToWorker;

namespace {
constexpr std::uint32_t kFailedStartsMax = 5; // in a row; then starting waits for the next step after a pause
}

Node::Node(base::EpollLoop& loop, NodeOptions options, ValueStore& store, NodeEvents& events)
    : m_loop(loop), m_options(std::move(options)), m_store(store), m_events(events), m_leases(m_options.total, m_options.workersMax),
      m_pool(loop, m_options.workerProgram, *this)
{
}

Node::~Node()
{
    m_loop.setIdle(nullptr);
    if (m_doorbell) m_loop.unwatch(m_doorbell->eventFd());
}

base::Result<void> Node::start()
{
    auto doorbell = lane::Doorbell::createForEpoll();
    if (!doorbell) return doorbell.error();
    m_doorbell = std::make_unique<lane::Doorbell>(std::move(*doorbell));
    auto gates = lane::GatePage::create();
    if (!gates) return gates.error();
    m_gates = std::make_unique<lane::GatePage>(std::move(*gates));
    m_loop.watch(m_doorbell->eventFd(), EPOLLIN, [this](std::uint32_t) { m_doorbell->clear(); });
    m_loop.setIdle([this] { return beforeSleep(); });
    return {};
}

int Node::gatePageFd() const { return m_gates->fd(); }

bool Node::pollUsers()
{
    bool any = false;
    // A user may remove itself while it is polled.
    std::vector<SubmitterId> ids;
    for (const auto& [id, user] : m_users) ids.push_back(id);
    for (const auto id : ids)
        if (const auto found = m_users.find(id); found != m_users.end()) any = found->second->poll() || any;
    return any;
}

// The loop's idle hook: lanes are looked at until nothing is there, then the doorbell is armed, then they are looked at once
// more, because a worker that published in between saw nobody asleep.
TimeNs Node::beforeSleep()
{
    if (pollUsers()) {
        step();
        return 0;
    }
    step();
    m_doorbell->arm();
    if (pollUsers()) {
        m_doorbell->disarm();
        return 0;
    }
    const TimeNs due = m_leases.nextStepNs();
    return due < 0 ? -1 : std::max<TimeNs>(due - m_loop.nowNs(), 0);
}

void Node::step()
{
    // What an idle lease gives back can be granted at once, and nothing else would wake us for it.
    while (applyLeaseEffects()) {}
}

// True: a lease was taken back.
bool Node::applyLeaseEffects()
{
    bool revoked = false;
    for (const auto& effect : m_leases.step(m_loop.nowNs())) {
        if (std::holds_alternative<StartWorker>(effect)) {
            startWorker();
        } else if (const auto* grant = std::get_if<Grant>(&effect)) {
            Worker& worker = m_workers.at(grant->track);
            worker.lease = grant->lease;
            worker.submitter = grant->submitter;
            if (const auto user = m_users.find(grant->submitter); user != m_users.end()) user->second->granted(grant->lease, *grant);
            else leaseReturned(grant->lease, grant->track);
        } else if (const auto* revoke = std::get_if<Revoke>(&effect)) {
            revoked = true;
            for (const auto& [id, user] : m_users) user->revoke(revoke->lease);
        }
    }
    return revoked;
}

void Node::removeUser(SubmitterId submitter)
{
    m_users.erase(submitter);
    m_leases.submitterGone(submitter);
}

void Node::setNumber(std::uint16_t number, bool anew)
{
    m_number = number;
    if (anew) m_tracks.reset();
}

void Node::startWorker()
{
    // A worker program that cannot start must not be started in a tight loop.
    if (m_failedStarts >= kFailedStartsMax && m_loop.nowNs() < m_startAgainNs) {
        m_leases.workerFailedToStart();
        return;
    }
    auto number = m_tracks.next();
    while (number && m_workers.count(*number) > 0) number = m_tracks.next(); // of an earlier life, and it lives
    if (!number) { // a block of the head's wakes the loop
        m_leases.workerFailedToStart();
        if (!std::exchange(m_toldNoTracks, true)) base::logf(base::LogLevel::Warn, "node", "no worker starts until the head gives more numbers for workers");
        return;
    }
    m_toldNoTracks = false;
    const Track track = *number;
    const auto started = m_pool.start(track);
    if (!started) {
        m_tracks.giveBack(track);
        m_leases.workerFailedToStart();
        startFailed(started.error().message);
        return;
    }
    Worker& worker = m_workers[track];
    worker.row.track = track;
    worker.row.node = m_number;
    worker.row.id = base::WorkerId{{base::entropySeed(), track + std::uint64_t{1}}};
    worker.row.startNs = m_loop.nowNs();
    hello(track);
}

void Node::startFailed(const std::string& why)
{
    if (++m_failedStarts > kFailedStartsMax) m_failedStarts = kFailedStartsMax;
    m_startAgainNs = m_loop.nowNs() + base::kSecond;
    m_loop.after(base::kSecond, [] {}); // wakes the loop, which steps
    base::logf(base::LogLevel::Error, "node", "a worker did not start: {}", why);
}

void Node::hello(Track track)
{
    auto doorbell = lane::Doorbell::create();
    if (!doorbell) {
        killWorker(track, doorbell.error().message);
        return;
    }
    ByteWriter out;
    out.put(ToWorker::Hello);
    out.put(track);
    const int fds[] = {doorbell->fd(), m_doorbell->fd(), m_doorbell->eventFd(), m_gates->fd()};
    m_pool.send(track, out.view(), fds);
    m_workers.at(track).doorbell = std::make_unique<lane::Doorbell>(std::move(*doorbell));
    for (const auto& segment : m_store.segments()) sendSegment(track, segment);
}

void Node::sendSegment(Track track, const ValueStore::Segment& segment)
{
    ByteWriter out;
    out.put(ToWorker::Segment);
    out.put(segment.id);
    out.put(segment.bytes);
    const int fds[] = {segment.fd};
    m_pool.send(track, out.view(), fds);
}

void Node::segmentAdded(std::uint32_t segment)
{
    for (const auto& one : m_store.segments())
        if (one.id == segment)
            for (const auto& [track, worker] : m_workers) sendSegment(track, one);
}

void Node::segmentDropped(std::uint32_t segment)
{
    ByteWriter out;
    out.put(ToWorker::DropSegment);
    out.put(segment);
    for (const auto& [track, worker] : m_workers) m_pool.send(track, out.view(), {});
}

void Node::ringWorker(Track track)
{
    if (const auto found = m_workers.find(track); found != m_workers.end() && found->second.doorbell) found->second.doorbell->ring();
}

int Node::workerDoorbellFd(Track track) const
{
    const auto found = m_workers.find(track);
    return found == m_workers.end() || !found->second.doorbell ? -1 : found->second.doorbell->fd();
}

void Node::attachLane(Track track, LeaseId lease, const lane::Region& region, int submitterDoorbellFd, int submitterEventFd)
{
    ByteWriter out;
    out.put(ToWorker::Attach);
    out.put(lease);
    const int fds[] = {region.fd(), submitterDoorbellFd, submitterEventFd};
    m_pool.send(track, out.view(), std::span(fds, submitterEventFd < 0 ? 2 : 3));
}

void Node::leaseReturned(LeaseId lease, Track track)
{
    const auto found = m_workers.find(track);
    if (found != m_workers.end() && found->second.lease == lease) {
        ByteWriter out;
        out.put(ToWorker::Detach);
        out.put(lease);
        m_pool.send(track, out.view());
        found->second.lease = 0;
        found->second.row.running.clear();
    }
    m_leases.returned(lease);
}

std::uint32_t Node::templateId(const types::Template& wanted)
{
    std::string key = wanted.plugin + '\0' + wanted.function + '\0' + wanted.params;
    const auto found = m_templateIds.find(key);
    if (found != m_templateIds.end()) return found->second;
    m_templates.push_back(wanted);
    const auto id = static_cast<std::uint32_t>(m_templates.size());
    m_templates.back().id = id;
    m_templateIds.emplace(std::move(key), id);
    return id;
}

void Node::giveTemplate(Track track, std::uint32_t templateId)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end() || !found->second.templates.insert(templateId).second) return;
    ByteWriter out;
    out.put(ToWorker::UseTemplate);
    m_templates[templateId - 1].write(out);
    m_pool.send(track, out.view());
}

bool Node::insideWindows(const Worker& worker, const types::Place& place) const
{
    return place.isValueIn(worker.window) || std::any_of(worker.oldWindows.begin(), worker.oldWindows.end(), [&](const auto& old) { return place.isValueIn(old.place); });
}

bool Node::acceptResult(Track track, const types::ResultRecord& result)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return false;
    Worker& worker = found->second;
    for (const auto& output : result.outputs) {
        if (output.isInline || insideWindows(worker, output.place)) continue;
        killWorker(track, "it named memory that was not granted to it");
        return false;
    }
    for (const auto& output : result.outputs)
        if (!output.isInline) m_store.addObject(output.place);
    ++worker.resultsFollowed;
    ++worker.row.tasksDone;
    while (!worker.oldWindows.empty() && worker.oldWindows.front().releaseAtResults <= worker.resultsFollowed) {
        m_store.releaseWindow(worker.oldWindows.front().place);
        worker.oldWindows.pop_front();
    }
    if (std::exchange(worker.makesCalls, false)) m_events.callerEnded(track);
    return true;
}

void Node::freeOutputs(const types::ResultRecord& result)
{
    for (const auto& output : result.outputs)
        if (!output.isInline) m_store.freeObject(output.place);
}

void Node::onNeedWindow(Track track, std::uint64_t bytes, std::uint64_t results)
{
    m_store.takeWindow(bytes, [this, track, results](base::Result<types::Place> place) {
        const auto found = m_workers.find(track);
        if (found == m_workers.end()) {
            if (place) m_store.releaseWindow(*place);
            return;
        }
        Worker& worker = found->second;
        ByteWriter out;
        out.put(ToWorker::Window);
        if (!place) {
            out.put(std::uint32_t{0});
            out.put(std::uint64_t{0});
            out.put(std::uint64_t{0});
            out.put(place.error().message);
        } else {
            // The old window may hold values of the call in progress: it goes when that call's result was followed.
            if (worker.window.bytes > 0) worker.oldWindows.push_back({worker.window, results + 1});
            worker.window = *place;
            out.put(place->segment);
            out.put(place->offset);
            out.put(place->bytes);
        }
        m_pool.send(track, out.view());
    });
}

void Node::workerMessage(Track track, FromWorker kind, ByteReader& in)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return;
    Worker& worker = found->second;
    switch (kind) {
    case FromWorker::Ready:
        worker.row.pid = in.get<std::int64_t>();
        if (worker.ready) break;
        worker.ready = true;
        m_failedStarts = 0;
        m_leases.workerReady(track);
        m_events.workerChanged(worker.row);
        break;
    case FromWorker::NeedWindow: {
        const auto bytes = in.get<std::uint64_t>();
        const auto results = in.get<std::uint64_t>();
        if (in.ok()) onNeedWindow(track, bytes, results);
        break;
    }
    case FromWorker::Log: {
        types::LogLine line;
        line.atNs = m_loop.nowNs();
        line.node = m_number;
        line.worker = track;
        (void)in.get<std::uint32_t>();
        in.get(line.row);
        in.get(line.level);
        in.get(line.text);
        if (in.ok()) m_events.logLine(std::move(line));
        break;
    }
    case FromWorker::Blocked:
    case FromWorker::Unblocked:
        m_leases.blocked(track, kind == FromWorker::Blocked);
        if (kind == FromWorker::Blocked)
            if (const auto user = m_users.find(worker.submitter); user != m_users.end()) user->second->workerBlocked(worker.lease);
        break;
    case FromWorker::Call: {
        const auto call = in.get<std::uint64_t>();
        std::string function = in.text();
        std::string params = in.text();
        std::vector<NodeEvents::CallPart> parts;
        in.list(3, [&](ByteReader& r) {
            NodeEvents::CallPart& part = parts.emplace_back();
            r.get(part.port);
            part.isCall = r.get<std::uint8_t>() != 0;
            if (part.isCall) {
                r.get(part.call);
                r.get(part.output);
            } else {
                r.get(part.bytes);
            }
        });
        if (!in.ok()) {
            killWorker(track, "it sent a call that cannot be read");
            break;
        }
        worker.makesCalls = true;
        m_events.callMade(track, call, std::move(function), std::move(params), std::move(parts));
        break;
    }
    }
}

void Node::answerCall(Track track, std::uint64_t call, const base::Result<std::vector<types::Output>>& outcome)
{
    ByteWriter out;
    out.put(ToWorker::CallDone);
    out.put(call);
    out.put(outcome.ok());
    if (outcome) {
        out.list(*outcome, [](ByteWriter& w, const types::Output& o) {
            w.put(o.isInline);
            w.put(o.items);
            if (o.isInline) w.put(o.bytes);
            else { w.put(o.place.segment); w.put(o.place.offset); w.put(o.place.bytes); }
        });
    } else {
        out.put(outcome.error().message);
    }
    m_pool.send(track, out.view());
}

void Node::workerGone(Track track, const std::string& why)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return;
    const std::string reason = found->second.killedWhy.empty() ? why : found->second.killedWhy;
    const LeaseId lease = found->second.lease;
    const SubmitterId submitter = found->second.submitter;
    if (lease != 0)
        if (const auto user = m_users.find(submitter); user != m_users.end()) user->second->workerGone(lease, track, reason);
    Worker worker = std::move(found->second);
    m_workers.erase(track);
    releaseWindows(worker);
    if (worker.makesCalls) m_events.callerEnded(track);
    if (worker.ready) {
        m_leases.workerGone(track);
    } else {
        m_leases.workerFailedToStart();
        startFailed(reason);
    }
    worker.row.alive = false;
    worker.row.exit = reason;
    worker.row.endNs = m_loop.nowNs();
    worker.row.running.clear();
    m_events.workerChanged(worker.row);
}

void Node::releaseWindows(Worker& worker)
{
    if (worker.window.bytes > 0) m_store.releaseWindow(worker.window);
    for (const auto& old : worker.oldWindows) m_store.releaseWindow(old.place);
    worker.window = {};
    worker.oldWindows.clear();
}

void Node::workerOutput(Track track, const std::string& text)
{
    types::LogLine line;
    line.atNs = m_loop.nowNs();
    line.node = m_number;
    line.worker = track;
    line.text = text;
    m_events.logLine(std::move(line));
}

void Node::noteRunning(Track track, std::uint32_t templateId)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return;
    found->second.row.running = templateId > 0 && templateId <= m_templates.size() ? m_templates[templateId - 1].function : std::string();
}

void Node::cancelTask(Track track, LeaseId lease, std::uint64_t position)
{
    ByteWriter out;
    out.put(ToWorker::Cancel);
    out.put(lease);
    out.put(position);
    m_pool.send(track, out.view());
}

void Node::killWorker(Track track, const std::string& why)
{
    const auto found = m_workers.find(track);
    if (found == m_workers.end()) return;
    found->second.killedWhy = why;
    m_pool.kill(track, SIGKILL);
}

base::Result<void> Node::plug(Track track)
{
    if (!m_workers.count(track)) return base::fail(base::Errc::NotFound, "worker " + std::to_string(track) + " is not running (any more)");
    m_pool.kill(track, SIGKILL);
    return {};
}

std::uint32_t Node::workersBusy() const
{
    std::uint32_t busy = 0;
    for (const auto& [track, worker] : m_workers) busy += worker.row.running.empty() ? 0 : 1;
    return busy;
}

std::vector<types::WorkerRow> Node::workerRows() const
{
    std::vector<types::WorkerRow> rows;
    for (const auto& [track, worker] : m_workers)
        if (worker.ready) rows.push_back(worker.row);
    return rows;
}

std::vector<std::int64_t> Node::pids() const
{
    std::vector<std::int64_t> pids;
    if (m_pool.spawnerPid() > 0) pids.push_back(m_pool.spawnerPid());
    for (const auto& [track, worker] : m_workers)
        if (worker.row.pid > 0) pids.push_back(worker.row.pid);
    return pids;
}

} // namespace orrery::node
