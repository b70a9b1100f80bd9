// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/track_rows.h"

#include "widgets/common/theme.h"
#include "widgets/models/run_model.h"

#include <algorithm>
#include <map>

namespace orrery::widgets {

namespace {

constexpr int kLaneLeast = 2; // a lane of a shared row
constexpr int kTransferGap = 4;

bool isShown(const RunModel& model, std::uint16_t track, const types::WorkerRow& worker)
{
    if (worker.alive) return true;
    if (const auto* spans = model.spans()->find(track); spans != nullptr && (spans->spans > 0 || !spans->open.empty())) return true;
    const auto* run = model.shownRun();
    return run != nullptr && run->startNs > 0 && worker.endNs >= run->startNs && (run->endNs == 0 || worker.startNs <= run->endNs);
}

std::map<std::uint16_t, std::vector<std::uint16_t>> tracksByNode(const RunModel& model)
{
    std::map<std::uint16_t, std::vector<std::uint16_t>> nodes;
    for (const auto& node : model.nodes())
        if (node.state != types::NodeState::Dead) nodes[node.node];
    for (const auto& [track, worker] : model.workers())
        if (isShown(model, track, worker)) nodes[worker.node].push_back(track);
    for (const auto& spans : model.spans()->tracks)
        if (model.workers().count(spans.track) == 0 && (spans.spans > 0 || !spans.open.empty())) nodes[kNoNode].push_back(spans.track);
    return nodes;
}

int mostOf(const TrackRow& row)
{
    switch (row.kind) {
    case RowKind::Worker: return kTrackMost;
    case RowKind::Lanes: return std::max(row.height, static_cast<int>(row.tracks.size()) * metric::kTrack + 4);
    case RowKind::Cluster: return kClusterMost;
    case RowKind::Node:
    case RowKind::Transfers:
    case RowKind::Marks: break;
    }
    return row.height;
}

// Rows of one kind grow alike; tracks before the chart of the cluster, which takes what is left.
void fill(std::vector<TrackRow>& rows, int room)
{
    int left = room - heightOf(rows);
    for (const RowKind kind : {RowKind::Worker, RowKind::Lanes, RowKind::Cluster}) {
        const auto count = static_cast<int>(std::count_if(rows.begin(), rows.end(), [kind](const TrackRow& row) { return row.kind == kind; }));
        const int share = count > 0 ? std::max(left, 0) / count : 0;
        for (TrackRow& row : rows) {
            if (row.kind != kind) continue;
            const int more = std::min(share, mostOf(row) - row.height);
            row.height += more;
            left -= more;
        }
    }
    int y = 0;
    for (TrackRow& row : rows) {
        row.top = y;
        y += row.height;
    }
}

} // namespace

std::vector<TrackRow> rowsOf(const RunModel& model, const std::set<std::uint16_t>& collapsed, bool compact, int room)
{
    std::vector<TrackRow> rows;
    int y = 0;
    const auto put = [&](RowKind kind, std::uint16_t node, std::vector<std::uint16_t> tracks, int height, bool open = true) {
        rows.push_back({kind, node, std::move(tracks), y, height, open});
        y += height;
    };
    if (!compact) put(RowKind::Cluster, kNoNode, {}, kClusterRow);
    for (const auto& [node, tracks] : tracksByNode(model)) {
        if (compact) {
            if (!tracks.empty()) put(RowKind::Lanes, node, tracks, std::max(kLanesRow, static_cast<int>(tracks.size()) * kLaneLeast + 4));
            continue;
        }
        const bool open = collapsed.count(node) == 0;
        put(RowKind::Node, node, {}, metric::kNodeHeader, open);
        if (open)
            for (const std::uint16_t track : tracks) put(RowKind::Worker, node, {track}, metric::kTrack);
        if (const auto* brought = model.transfers()->find(node); open && brought != nullptr && brought->spans > 0) put(RowKind::Transfers, node, {}, kTransfersRow);
    }
    if (!compact) put(RowKind::Marks, kNoNode, {}, kMarksRow);
    fill(rows, room);
    return rows;
}

int heightOf(const std::vector<TrackRow>& rows) { return rows.empty() ? 0 : rows.back().bottom(); }

int rowAt(const std::vector<TrackRow>& rows, int y)
{
    const auto found = std::partition_point(rows.begin(), rows.end(), [y](const TrackRow& row) { return row.bottom() <= y; });
    return found != rows.end() && found->top <= y ? static_cast<int>(found - rows.begin()) : -1;
}

int rowOfTrack(const std::vector<TrackRow>& rows, std::uint16_t track)
{
    const auto found = std::find_if(rows.begin(), rows.end(), [track](const TrackRow& row) { return std::find(row.tracks.begin(), row.tracks.end(), track) != row.tracks.end(); });
    return found == rows.end() ? -1 : static_cast<int>(found - rows.begin());
}

Band bandOf(const TrackRow& row, std::size_t lane)
{
    if (row.kind == RowKind::Transfers) return {kTransferGap, row.height - 2 * kTransferGap};
    if (row.kind != RowKind::Lanes) { // a higher track leaves more free beside its spans
        const int free = (metric::kTrack - metric::kTrackSpan + std::max(0, row.height - metric::kTrack) / 8) / 2;
        return {free, std::max(1, row.height - 2 * free)};
    }
    const int lanes = std::max(1, static_cast<int>(row.tracks.size())), room = row.height - 4, at = static_cast<int>(lane);
    const int top = 2 + room * at / lanes, bottom = 2 + room * (at + 1) / lanes;
    return {top, std::max(1, bottom - top - (room / lanes >= 4 ? 1 : 0))};
}

} // namespace orrery::widgets
