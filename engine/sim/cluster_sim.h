// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ClusterSim: one node and its workers in virtual time: the real RunTable and LeaseTable, with workers, lanes and the store
// played by the simulator. Everything that happens follows from the seed, so a failing seed is a complete bug report.
// It kills workers at random moments, delays results behind deaths, recalls leases, loses sealed values and doubles
// results, audits the tables after every event, and at the end compares every value with a plain reference executor.
// Thread: the caller's; no clock, no I/O.

#include "engine/base/random.h"
#include "engine/node/lease_table.h"
#include "engine/owner/run_table.h"

#include <map>
#include <memory>
#include <string>

namespace orrery::sim {

struct SimOptions {
    std::uint64_t seed = 1;
    double cpus = 4;
    double killsPerTask = 0.05;   // chance that a task's worker dies while it runs
    double valueLossPerTask = 0.02;
    double doubledPerTask = 0.05; // a result arrives twice
    double recallPerTask = 0.05;
    double shortPerTask = 0.1;    // the store runs short when a result comes: values nobody needs are given up
    std::size_t laneTasks = 4;
};

struct SimReport {
    std::string problem;          // "" or the first broken promise
    types::RunState outcome = types::RunState::Failed;
    std::uint64_t events = 0, attempts = 0, kills = 0, losses = 0, reexecuted = 0, givenUp = 0;
    base::TimeNs endedNs = 0;
};

// The plan's functions are "list:N" (a list of N numbers) or anything else (one number made from all inputs).
SimReport simulate(std::shared_ptr<const types::Plan> plan, const SimOptions& options);

// vertex and index -> its value(s), computed without any runtime.
using Reference = std::map<std::pair<std::uint16_t, std::uint32_t>, std::vector<std::uint64_t>>;
Reference referenceRun(const types::Plan& plan);

// A random plan of `vertices` vertices with maps, gathers and transposes.
std::shared_ptr<const types::Plan> randomPlan(base::Random& random, std::size_t vertices);

} // namespace orrery::sim
