// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunBook: the runs of a cluster as its head knows them, by number; and which finished runs keep what.
//   objects (on their home): of each document the newest finished run, at most kObjectRunsKept runs in all; running ones always.
//   trace (in the head's memory): the newest kStoresKept finished runs; all that are not finished; of those that were loaded
//   from their records since, the last kStoresLoaded.
//   row: the newest kRunsKept finished runs. Of finished probes the newest alone is kept: trace and row, no objects. (A node that missed its ForgetRun and comes back later than that keeps them.)
// The record (.orun) of a run is nobody's to delete here.
// Thread: the head's loop. Pure.
// Home epochs: each time a run gets a home it is of a higher epoch than ever before, also over the death of heads: the head's own
// epoch (durable before the head does anything) is the upper part, a counter of this head the lower one. So no epoch is given
// twice even where the control store could not be written meanwhile.
// Invariants (audit): numbers rise and are unique; a run that runs has a home, a trace and a record; one that waits has none of
// the first; the end of a run and its state agree.

#include "engine/head/events.h"
#include "engine/head/bounds.h"
#include "engine/trace/run_store.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace orrery::head {

using types::RunState;

using net::homeEpochOf;

struct Run {
    types::RunRow row;
    std::string document;                // canonical text, parameters of the start applied
    std::shared_ptr<const types::Graph> graph;
    std::vector<types::Resources> needs; // one entry each set of resources that a vertex asks for
    std::string documentKey;             // runs of the same document have the same
    Ticket ticket = 0;                   // of the StartRun, until it is durable
    bool recorded = false;               // durable; before that nobody is told of it
    std::uint64_t homeEpoch = 0;         // of the newest home
    std::uint32_t homes = 0;             // that this head gave it
    bool homed = false;                  // a node has it now, or had it when it ended
    std::uint16_t home = 0;              // REQUIRES homed
    bool moved = false;                  // from the home before, which lost nothing
    std::uint32_t homeDeaths = 0;
    std::uint64_t computedBefore = 0;    // attempts that earlier homes had done
    std::uint64_t mostDone = 0;          // tasks that the one of them that got farthest saw done
    std::uint64_t acknowledged = 0;      // blocks of this epoch
    bool recordBroken = false;           // its .orun cannot be written; said once
    bool objectsKept = true;             // false: ForgetRun was sent
    std::set<std::uint16_t> holders;     // nodes that may hold something of it, of any epoch
    bool openBefore = false;             // an earlier head left it open: any node may have it, of an epoch nobody recorded
    std::shared_ptr<trace::RunStore> store; // null: never ran, or too long ago
    bool loading = false;                // its trace is on its way from its record
    bool traceLost = false;              // the record cannot be read
    std::uint64_t version = 0;
    bool terminal() const { return types::isTerminal(row.state); }
    bool loadable() const { return terminal() && recorded && !store && row.startNs != 0 && !traceLost; }
    bool placeable() const { return recorded && row.state == RunState::Queued; }
    std::string name() const { return row.isProbe() ? "Probe " + std::to_string(row.number - types::kProbeNumbers) : "Run " + std::to_string(row.number); }
};

class RunBook {
public:
    explicit RunBook(std::uint64_t& version) : m_version(version) {}
    Run& add(Run run); // REQUIRES: its number is higher than all others of its kind (runs of people, probes)
    void remove(std::uint32_t number);
    void touch(Run& run) { run.version = ++m_version; }
    // Null id: the newest that is recorded and no probe.
    Run* find(const RunId& id);
    const Run* find(const RunId& id) const;
    const Run* newest() const;
    std::map<std::uint32_t, Run>& all() { return m_runs; }
    const std::map<std::uint32_t, Run>& all() const { return m_runs; }
    std::uint32_t nextNumber(bool probe) { return ++(probe ? m_lastProbe : m_lastNumber); }
    std::size_t active() const;
    // Finished runs whose objects are to be forgotten now by the rule above.
    std::vector<std::uint32_t> objectsToForget() const;
    // Drops traces and rows beyond their bounds.
    void trim();
    std::string audit() const;

private:
    std::uint64_t& m_version;
    std::map<std::uint32_t, Run> m_runs; // by number
    std::map<RunId, std::uint32_t> m_numbers;
    std::uint32_t m_lastNumber = 0, m_lastProbe = types::kProbeNumbers;
};

} // namespace orrery::head
