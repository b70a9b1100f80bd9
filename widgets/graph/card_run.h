// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CardRun: what the shown run says of one vertex, as a card shows it: one state, how much is done, one line of text.
// Pure: counts in, words out. Thread: plain value.

#include "engine/types/run.h"

#include <QString>

namespace orrery::widgets {

struct CardRun {
    bool shown = false; // false: the run is of another document, or there is none
    int vertex = -1;    // of the run's graph
    types::TaskState state = types::TaskState::PendingArgs;
    types::StateCounts counts{};
    std::uint32_t tasks = 0; // 0: not known yet
    std::uint64_t busyNs = 0;
    bool operator==(const CardRun&) const = default;

    std::uint32_t count(types::TaskState which) const { return counts[static_cast<std::size_t>(which)]; }
    std::uint32_t done() const { return count(types::TaskState::Finished) + count(types::TaskState::Cached); }
    std::uint32_t ready() const
    {
        return count(types::TaskState::PendingAssignment) + count(types::TaskState::Submitted);
    }
    std::uint32_t started() const; // that took their inputs
    double share() const { return tasks > 0 ? done() / static_cast<double>(tasks) : 0; }
};

CardRun cardRun(const types::VertexCounts& counts);
types::TaskState stateOf(const types::VertexCounts& counts);
QString lineOf(const CardRun& run);     // "107 wait", "1 run", "all done"
QString sentenceOf(const CardRun& run); // "running, 812 of 1,000, 3 failed"
QString withCommas(std::uint64_t number);

} // namespace orrery::widgets
