// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The rows of the timeline, from top to bottom: the cluster's activity, then a header and its workers for each node, and what the
// node brought from others, if it brought anything in the shown run.
// Pure: what is there comes in, places come out. Rows fill the room that there is, as far as each may grow. A dead worker has a row only while the shown run has something of it.
// Thread: UI.

#include "engine/types/run.h"

#include <QString>
#include <cstdint>
#include <set>
#include <vector>

namespace orrery::widgets {

class RunModel;

inline constexpr int kClusterRow = 52, kMarksRow = 20, kLanesRow = 34, kTransfersRow = 16;
inline constexpr int kTrackMost = 50, kClusterMost = 160; // with room to spare
inline constexpr int kTwoLines = 32;                      // a row so high has two lines of words
using types::kNoNode; // of tracks whose worker is not known

enum class RowKind : std::uint8_t { Cluster, Node, Worker, Transfers, Lanes, Marks };

struct TrackRow {
    RowKind kind = RowKind::Worker;
    std::uint16_t node = 0;
    std::vector<std::uint16_t> tracks; // one, or all of a node in Lanes
    int top = 0, height = 0;           // in device-independent pixels, from the first row's top
    bool open = true;                  // of a Node
    int bottom() const { return top + height; }
    bool operator==(const TrackRow&) const = default;
};

// room: pixels to fill; rows that need more keep their least height and are scrolled.
std::vector<TrackRow> rowsOf(const RunModel& model, const std::set<std::uint16_t>& collapsed, bool compact, int room = 0);
int heightOf(const std::vector<TrackRow>& rows);
// -1: none.
int rowAt(const std::vector<TrackRow>& rows, int y);
int rowOfTrack(const std::vector<TrackRow>& rows, std::uint16_t track);

// Where a track's spans lie inside its row, from the row's top.
struct Band {
    int top = 0, height = 0;
};
Band bandOf(const TrackRow& row, std::size_t lane);

} // namespace orrery::widgets
