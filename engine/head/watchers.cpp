// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/watchers.h"

#include <algorithm>

namespace orrery::head {

namespace {
constexpr TimeNs kIntervalMinNs = 10 * base::kMillisecond;
constexpr std::uint64_t kLogLinesAtStart = 2000; // a new watch gets so many of the past
} // namespace

base::Result<void> Watchers::add(WatchId id, types::Interest interest)
{
    if (!interest.run.isNull()) {
        const Run* run = m_table.runs().find(interest.run);
        if (!run || !run->recorded) return base::fail(base::Errc::NotFound, "there is no run " + interest.run.text() + " in this cluster (any more)");
    }
    Watch watch;
    watch.interest = std::move(interest);
    watch.interest.intervalNs = std::max(watch.interest.intervalNs, kIntervalMinNs);
    watch.epoch = m_table.viewEpoch();
    watch.nextLog = firstLog();
    m_watches[id] = std::move(watch);
    return {};
}

std::uint64_t Watchers::firstLog() const
{
    const auto& logs = m_table.logs();
    return logs.next() - std::min<std::uint64_t>(kLogLinesAtStart, logs.lines().size());
}

void Watchers::taken(WatchId id)
{
    const auto found = m_watches.find(id);
    if (found != m_watches.end()) found->second.outstanding = false;
}

std::vector<WatchId> Watchers::ids() const
{
    std::vector<WatchId> all;
    for (const auto& [id, watch] : m_watches) all.push_back(id);
    return all;
}

TimeNs Watchers::nextDueNs() const
{
    TimeNs next = -1;
    for (const auto& [id, watch] : m_watches) {
        if (watch.outstanding || !hasNews(watch)) continue;
        const TimeNs at = watch.backlog || !watch.sent ? 0 : watch.lastNs + watch.interest.intervalNs;
        if (next < 0 || at < next) next = at;
    }
    return next;
}

std::vector<Watchers::Due> Watchers::due(Now now)
{
    std::vector<Due> all;
    for (auto& [id, watch] : m_watches) {
        if (watch.outstanding || !hasNews(watch)) continue;
        if (watch.sent && !watch.backlog && now.monoNs < watch.lastNs + watch.interest.intervalNs) continue;
        Due due{id, {}};
        if (!make(watch, now, due.delta)) continue;
        watch.outstanding = true;
        watch.sent = true;
        watch.lastNs = now.monoNs;
        all.push_back(std::move(due));
    }
    return all;
}

bool Watchers::make(Watch& watch, Now now, types::Delta& delta)
{
    if (watch.epoch != m_table.viewEpoch()) {
        watch.epoch = m_table.viewEpoch();
        watch.resync = watch.sent; // who was told nothing has nothing to forget
        watch.fresh = true;
        watch.interest.haveBlocks = 0;
        watch.nextLog = firstLog();
    }
    const bool always = watch.fresh;
    follow(watch, delta);
    addRows(watch, delta);
    std::size_t budget = m_deltaBytesMax;
    watch.backlog = false;
    if (const Run* run = watch.run.isNull() ? nullptr : m_table.runs().find(watch.run)) {
        delta.run = watch.run;
        if (run->store) addVertices(watch, *run->store, delta);
        if (run->store && watch.interest.blocks) addBlocks(watch, *run->store, delta, budget);
    }
    addLogs(watch, delta, budget);
    watch.seenVersion = m_table.version();
    watch.fresh = false;
    const bool empty = delta.runs.empty() && delta.vertices.empty() && delta.nodes.empty() && delta.workers.empty() && delta.blocks.empty() && !delta.graph &&
                       !delta.catalog && delta.logs.empty();
    if (empty && !always) return false;
    delta.epoch = watch.epoch;
    delta.seq = ++watch.seq;
    delta.resync = std::exchange(watch.resync, false);
    delta.nowNs = now.monoNs;
    delta.wallOffsetNs = now.wallNs - now.monoNs;
    return true;
}

// Which run the watch is about now, and what has to be said when that is another one.
void Watchers::follow(Watch& watch, types::Delta& delta)
{
    const Run* run = m_table.runs().find(watch.interest.run);
    const base::RunId now = run && run->recorded ? run->row.id : base::RunId{};
    if (now == watch.run && !watch.fresh) return;
    watch.run = now;
    watch.toldBlock = 0;
    watch.nextBlock = 1;
    if (!run) return;
    delta.graph = run->graph;
    // Only a run that was named can be what the mirror has blocks of.
    const std::uint64_t have = watch.interest.run.isNull() ? 0 : std::exchange(watch.interest.haveBlocks, 0);
    if (have == 0) return;
    if (run->store && have <= run->store->blocks() && watch.interest.haveTrace == run->store->homeEpoch()) watch.nextBlock = have + 1;
    else if (run->store) watch.resync = true; // the trace began anew since
}

void Watchers::addRows(Watch& watch, types::Delta& delta)
{
    const std::uint64_t since = watch.fresh ? 0 : watch.seenVersion;
    for (const auto& [number, run] : m_table.runs().all())
        if (run.recorded && run.version > since) delta.runs.push_back(run.row);
    const auto& members = m_table.members();
    if (watch.fresh || members.nodesVersion() > watch.nodesSeen)
        for (const auto& [number, member] : members.members()) delta.nodes.push_back(member.row);
    watch.nodesSeen = members.nodesVersion();
    for (const auto& [track, worker] : members.workers())
        if (worker.version > since) delta.workers.push_back(worker.row);
    if (m_table.catalog() && (watch.fresh || m_table.catalogVersion() > watch.catalogSeen)) delta.catalog = m_table.catalog();
    watch.catalogSeen = m_table.catalogVersion();
}

void Watchers::addVertices(Watch& watch, const trace::RunStore& store, types::Delta& delta)
{
    for (std::size_t i = 0; i < store.vertices(); ++i)
        if (store.vertexChanged(i) > watch.toldBlock) delta.vertices.push_back(store.vertex(i));
    watch.toldBlock = store.blocks();
}

void Watchers::addBlocks(Watch& watch, const trace::RunStore& store, types::Delta& delta, std::size_t& budget)
{
    delta.firstBlock = watch.nextBlock;
    delta.trace = store.homeEpoch();
    while (watch.nextBlock <= store.blocks()) {
        const auto& block = store.block(watch.nextBlock);
        // One block always goes, however large, else it would never go.
        if (!delta.blocks.empty() && block->size() > budget) {
            watch.backlog = true;
            return;
        }
        delta.blocks.push_back(block);
        budget -= std::min(budget, block->size());
        ++watch.nextBlock;
    }
}

void Watchers::addLogs(Watch& watch, types::Delta& delta, std::size_t& budget)
{
    const auto& logs = m_table.logs();
    if (!watch.interest.logs) return;
    if (watch.nextLog < logs.first()) {
        types::LogLine note;
        note.atNs = logs.lines().empty() ? 0 : logs.lines().front().atNs;
        note.level = static_cast<std::uint8_t>(base::LogLevel::Warn);
        note.text = std::to_string(logs.first() - watch.nextLog) + " log lines came faster than they could be shown and were dropped here";
        delta.logs.push_back(std::move(note));
        watch.nextLog = logs.first();
    }
    for (; watch.nextLog < logs.next(); ++watch.nextLog) {
        const auto& line = logs.at(watch.nextLog);
        if (LogRing::cost(line) > budget && !(delta.logs.empty() && delta.blocks.empty())) {
            watch.backlog = true;
            return;
        }
        budget -= std::min(budget, LogRing::cost(line));
        delta.logs.push_back(line);
    }
}

} // namespace orrery::head
