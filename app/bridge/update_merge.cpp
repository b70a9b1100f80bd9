// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/update_merge.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace orrery::app {

namespace {

// Entries of `later` take the place of those with the same key; new ones follow.
template <typename T, typename KeyOf>
void replace(std::vector<T>& into, std::vector<T>&& later, KeyOf keyOf)
{
    if (later.empty()) return;
    if (into.empty()) {
        into = std::move(later);
        return;
    }
    std::unordered_map<std::uint64_t, std::size_t> at;
    at.reserve(into.size() + later.size());
    for (std::size_t i = 0; i < into.size(); ++i) at[keyOf(into[i])] = i;
    for (auto& entry : later) {
        const auto [found, isNew] = at.try_emplace(keyOf(entry), into.size());
        if (isNew) into.push_back(std::move(entry));
        else into[found->second] = std::move(entry);
    }
}

void mergeTiles(std::vector<widgets::TileUpdate>& into, std::vector<widgets::TileUpdate>&& later)
{
    const auto first = [](const auto& entry) { return std::uint64_t{entry.first}; };
    for (auto& change : later) {
        const auto found = std::find_if(into.begin(), into.end(), [&](const auto& one) { return one.vertex == change.vertex; });
        if (found == into.end()) {
            into.push_back(std::move(change));
            continue;
        }
        replace(found->tiles, std::move(change.tiles), first);
        replace(found->images, std::move(change.images), first);
        if (!change.places.empty()) found->places = std::move(change.places);
        if (change.columns > 0) found->columns = change.columns;
        if (change.rows > 0) found->rows = change.rows;
    }
}

void mergeLogs(widgets::RunUpdate& into, widgets::RunUpdate& later)
{
    into.logsDropped += later.logsDropped;
    into.logs.insert(into.logs.end(), std::make_move_iterator(later.logs.begin()), std::make_move_iterator(later.logs.end()));
    if (into.logs.size() <= widgets::kLogLinesKept) return;
    const std::size_t over = into.logs.size() - widgets::kLogLinesKept;
    into.logs.erase(into.logs.begin(), into.logs.begin() + static_cast<std::ptrdiff_t>(over));
    into.logsDropped += over;
}

} // namespace

void mergeUpdate(widgets::RunUpdate& into, widgets::RunUpdate&& later)
{
    if (later.newWorld) {
        into.newWorld = true;
        into.runs.clear();
        into.nodes.clear();
        into.workers.clear();
        into.logsDropped += into.logs.size();
        into.logs.clear();
    }
    if (later.resync || (!later.run.isNull() && later.run != into.run)) {
        into.resync = true;
        into.run = later.run;
        into.vertices.clear();
        into.graph.reset();
        into.spans.reset();
        into.transfers.reset();
        into.tiles.clear();
        into.previews.clear();
    }
    into.link = later.link;
    into.linkText = std::move(later.linkText);
    if (later.nowNs > 0) {
        into.nowNs = later.nowNs;
        into.wallOffsetNs = later.wallOffsetNs;
    }
    replace(into.runs, std::move(later.runs), [](const auto& run) { return std::uint64_t{run.number}; });
    replace(into.vertices, std::move(later.vertices), [](const auto& counts) { return std::uint64_t{counts.vertex}; });
    if (!later.nodes.empty()) into.nodes = std::move(later.nodes);
    replace(into.workers, std::move(later.workers), [](const auto& worker) { return std::uint64_t{worker.track}; });
    if (later.graph) into.graph = std::move(later.graph);
    if (later.catalog) into.catalog = std::move(later.catalog);
    mergeLogs(into, later);
    if (later.spans) into.spans = std::move(later.spans);
    if (later.transfers) into.transfers = std::move(later.transfers);
    mergeTiles(into.tiles, std::move(later.tiles));
    replace(into.previews, std::move(later.previews), [](const auto& entry) { return std::uint64_t{entry.first}; });
    into.changes = std::max(into.changes, later.changes);
    into.objects = later.objects;
    into.objectBytes = later.objectBytes;
    into.copies = later.copies;
    into.settling = later.settling;
    into.eventsPerSecond = later.eventsPerSecond;
    into.lagNs = later.lagNs;
    if (later.deltaBytes > 0) into.deltaBytes = later.deltaBytes;
}

} // namespace orrery::app
