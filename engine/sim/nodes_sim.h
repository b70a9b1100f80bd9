// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// NodesSim: one run over several nodes in virtual time: the real RunTable, HomeTasks and GuestTable at home, the real GuestRun and
// RunValues on the guests, the real PeerChannels between them, over a network that loses, doubles, delays and reorders frames and
// is cut now and then. Workers die, nodes die and come back, homes too, copies are given up, pulls break; a node that the head does
// not hear any more may live on and speak with an epoch that is past; nodes are drained at any moment. The head is played: who is alive,
// who leaves, who is home; a node may say that it is and be none.
// Every table is audited after every event; at the end every value is compared with the plain reference executor, wherever it
// lies, and when the run is forgotten no node may hold anything of it.
// Thread: the caller's; no clock, no I/O. Everything follows from the seed.

#include "engine/sim/cluster_sim.h"

namespace orrery::sim {

struct NodesSimOptions {
    std::uint64_t seed = 1;
    std::uint16_t nodes = 3;
    double cpus = 2;               // of the home; guests have 1 to 4
    double killsPerTask = 0.02;    // a task's worker dies under it
    double lossPerFrame = 0.02, doublePerFrame = 0.02, latePerFrame = 0.05;
    double cutsPerSecond = 0.5;    // a link is down for a while
    double deathsPerSecond = 0.3;  // of nodes; they are given up on 6 s later at most, and some come back
    double partitionsPerSecond = 0; // a node is cut off from the head, and given up on if for long
    double headDeathsPerSecond = 0; // the next head gives the run a home with a higher epoch while the earlier home lives
    std::uint32_t homeFaults = 0;   // so many of these hit the home at most
    double fullHomes = 0;           // a value that moves home finds no room there
    double drainsPerSecond = 0;     // a node is told to leave, home or not, and is stopped when it has nothing left or after some time
    double liesPerSecond = 0;      // a node opens the run at another one, of an epoch that the head never gave
    double brokenPulls = 0.03;
    double evictionsPerTask = 0.1; // a node gives up copies
    base::TimeNs taskMaxNs = 50 * base::kMillisecond;
};

struct NodesSimReport {
    std::string problem; // "" or the first broken promise
    types::RunState outcome = types::RunState::Failed;
    std::uint64_t events = 0, attempts = 0, frames = 0, lostFrames = 0, pulls = 0, deaths = 0, kills = 0, reexecuted = 0, promoted = 0, away = 0;
    std::uint64_t homeFaults = 0, partitions = 0, heads = 0;
    std::uint64_t drained = 0, drainedLate = 0, homesMoved = 0; // nodes that left in time, that were stopped with something left; runs that went on elsewhere for it
    std::uint64_t movedToGuests = 0, left = 0; // values for which home had no room, and nobody
    std::uint64_t madeAgain = 0; // times that a task ran to its end again
    std::uint64_t adopted = 0, adoptedHere = 0, unwanted = 0, fenced = 0; // values taken over, of these at the new home itself, found and of no use; messages of a past epoch
    std::uint64_t heldEarly = 0, lies = 0; // messages of a home before the head's word of it; of who never was one
    std::uint64_t messages = 0, decisions = 0; // between home and guests; times that the home looked what to give to whom
    base::TimeNs endedNs = 0;
};

NodesSimReport simulateNodes(std::shared_ptr<const types::Plan> plan, const NodesSimOptions& options);

} // namespace orrery::sim
