// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Watchers: makes the deltas that sessions get, from what HeadTable looks like now. Each watch has at most one delta
// outstanding; the next is made only after taken(), and then tells everything since (coalesced), so a slow window costs the
// head a few positions and no queue.
// A delta's size follows what happened since the last one: counters of changed vertices, changed rows, blocks from where the
// watch is, at most kDeltaBytesMax of blocks and lines together. It does not follow how many tasks the run has.
// While more blocks wait than fit, the next delta is due as soon as the last was taken; else not before the watch's interval.
// Runs on: the head's loop. Pure: time is handed in. Lives: beside the table it reads.

#include "engine/head/head_table.h"

#include <map>
#include <vector>

namespace orrery::head {

using WatchId = std::uint64_t;

class Watchers {
public:
    struct Due {
        WatchId watch = 0;
        types::Delta delta;
    };
    explicit Watchers(const HeadTable& table, std::size_t deltaBytesMax = kDeltaBytesMax) : m_table(table), m_deltaBytesMax(deltaBytesMax) {}
    // NotFound: it names a run that is not there.
    base::Result<void> add(WatchId watch, types::Interest interest);
    void remove(WatchId watch) { m_watches.erase(watch); }
    // Doubled or unknown: ignored.
    void taken(WatchId watch);
    // Deltas that are due now. Each counts as outstanding from now on.
    std::vector<Due> due(Now now);
    // When due() may have something; -1: not before the table changes or a delta is taken.
    TimeNs nextDueNs() const;
    std::size_t size() const { return m_watches.size(); }
    std::vector<WatchId> ids() const;

private:
    struct Watch {
        types::Interest interest;
        bool fresh = true;             // nothing was sent, or everything has to be sent anew
        bool resync = false;
        bool outstanding = false;
        bool backlog = false;
        std::uint64_t seq = 0;
        std::uint64_t epoch = 0;
        base::RunId run;
        std::uint64_t nextBlock = 1;
        std::uint64_t nextLog = 0;
        std::uint64_t seenVersion = 0; // of the table
        std::uint64_t nodesSeen = 0, catalogSeen = 0;
        std::uint64_t toldBlock = 0;   // counters of vertices were told as of this block
        TimeNs lastNs = 0;
        bool sent = false;
    };
    bool hasNews(const Watch& watch) const { return watch.fresh || watch.backlog || watch.seenVersion != m_table.version(); }
    std::uint64_t firstLog() const;
    // False: there is nothing to tell.
    bool make(Watch& watch, Now now, types::Delta& delta);
    void follow(Watch& watch, types::Delta& delta);
    void addRows(Watch& watch, types::Delta& delta);
    void addVertices(Watch& watch, const trace::RunStore& store, types::Delta& delta);
    void addBlocks(Watch& watch, const trace::RunStore& store, types::Delta& delta, std::size_t& budget);
    void addLogs(Watch& watch, types::Delta& delta, std::size_t& budget);

    const HeadTable& m_table;
    const std::size_t m_deltaBytesMax;
    std::map<WatchId, Watch> m_watches;
};

} // namespace orrery::head
