// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Probe: sizes the sample to the machine. One tile of the document's map, made as a run of its own, tells what a tile costs;
// from that follows how many samples a pixel make the whole map some kProbeGoal of work. The tile shows the whole window at the
// map's pixels a tile, so its cost a pixel is the mean over the map's tiles.
// A probe's run is started as one (StartRun::probe), so that no window follows, lists or counts it.
// Thread: plain values and pure functions.

#include "engine/types/run.h"

#include <string>
#include <string_view>

namespace orrery::app {

inline constexpr std::string_view kProbeTitle = "probe: what a tile costs";
inline constexpr types::TimeNs kProbeGoal = 10 * base::kSecond;
inline constexpr types::TimeNs kProbeLimit = 60 * base::kSecond; // then the probe is given up and stopped
inline constexpr int kSamplesMax = 64;

// What to run and what to look for in it.
struct ProbePlan {
    std::string document;      // what makes one tile, with one sample
    std::uint16_t vertex = 0;  // in that document's graph: whose task makes the tile
    std::string target;        // id of that vertex in the whole document: where `samples` belongs
    std::uint64_t tiles = 0;   // of the whole document
};

struct Probed {
    int samples = 1;
    std::string vertex;        // id: whose parameter `samples` it is
    types::TimeNs tileNs = 0;  // measured, of one tile with one sample
    std::uint64_t tiles = 0;
    double cpus = 0;           // of the nodes that were there
};

// BadInput: the document cannot be read, or has no vertex imaging.render over an imaging.tiles_list.
base::Result<ProbePlan> planProbe(std::string_view document);
// 1 to kSamplesMax.
int samplesFor(types::TimeNs tileNs, std::uint64_t tiles, double cpus);

} // namespace orrery::app
