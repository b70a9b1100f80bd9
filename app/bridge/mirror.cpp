// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/mirror.h"

namespace orrery::app {

using types::ObjectState;

void Mirror::setCatalog(std::shared_ptr<const types::Catalog> catalog)
{
    if (m_catalog == catalog) return;
    m_catalog = std::move(catalog);
    if (!m_graph || !m_catalog) return;
    m_board.setGraph(*m_graph, *m_catalog);
    m_board.rescan(*m_store);
}

void Mirror::reset()
{
    m_store = std::make_unique<trace::RunStore>(m_run);
    m_graph.reset();
    m_row.reset();
    m_counts.clear();
    forgetSpans();
    m_board = TileBoard();
    m_resync = true;
    m_graphChanged = m_rowsChanged = false;
}

void Mirror::forgetSpans()
{
    m_spans.clear();
    m_openTracks.clear();
    m_transfers.clear();
    m_transfersChanged = true;
}

Mirror::Applied Mirror::apply(const types::Delta& delta)
{
    Applied out;
    for (const auto& row : delta.runs)
        if (row.id == m_run) m_row = row;
    for (const auto& counts : delta.vertices) m_counts[counts.vertex] = counts;
    if (delta.graph) {
        m_graph = delta.graph;
        m_graphChanged = true;
        if (m_catalog) m_board.setGraph(*m_graph, *m_catalog);
        m_board.rescan(*m_store);
    }
    for (const auto& block : delta.blocks) {
        const auto homeEpoch = m_store->homeEpoch();
        const auto applied = m_store->apply(block);
        if (!applied) {
            out.damage = applied.error().message;
            break;
        }
        if (*applied == trace::Applied::Gap) {
            out.gap = true;
            break;
        }
        if (*applied != trace::Applied::Now) continue;
        if (homeEpoch != 0 && homeEpoch != m_store->homeEpoch()) { // the run began anew
            forgetSpans();
            m_resync = m_graphChanged = true;
            m_board = TileBoard();
            if (m_graph && m_catalog) m_board.setGraph(*m_graph, *m_catalog);
        }
        addBlock(m_store->blocks());
        const auto header = trace::BlockView::trusted(*block).header();
        if (header.lastNs >= delta.nowNs - kLiveNs) out.liveEvents += std::uint64_t{header.ranges} + header.marks + header.attempts + header.objects + header.copies;
    }
    if (m_rowsChanged) setOpenSpans();
    return out;
}

void Mirror::addBlock(std::uint64_t number)
{
    m_rowsChanged = true;
    m_store->eachAttemptOfBlock(number, [&](std::uint32_t, const types::Attempt& attempt) {
        if (attempt.worker != types::kNoWorker && attempt.startNs > 0) m_spans.add(attempt); // else it never ran
    });
    m_store->eachCopyOfBlock(number, [this](const types::CopyRecord& copy) {
        m_transfers.add(copy, m_store->vertexOf(copy.row), m_store->mapIndex(copy.row));
        m_transfersChanged = true;
    });
    m_board.blockTold(*m_store, number);
}

void Mirror::setOpenSpans()
{
    std::map<std::uint16_t, std::vector<types::OpenTask>> open;
    for (const auto track : m_openTracks) open[track]; // to say that nothing runs there any more
    m_openTracks.clear();
    for (const auto& span : m_store->openSpans()) {
        auto& tasks = open[span.worker];
        if (tasks.empty()) m_openTracks.push_back(span.worker);
        tasks.push_back({.row = span.row, .mapIndex = m_store->mapIndex(span.row), .vertex = m_store->vertexOf(span.row), .attempt = m_store->attemptOf(span.row),
                         .startNs = span.startNs});
    }
    for (auto& [track, tasks] : open) m_spans.setOpen(track, std::move(tasks));
}

bool Mirror::complete() const { return m_row && m_row->tasks == m_store->rows() && m_row->counts == m_store->counts(); }

void Mirror::fill(widgets::RunUpdate& update)
{
    update.run = m_run;
    update.resync = std::exchange(m_resync, false);
    if (std::exchange(m_graphChanged, false)) update.graph = m_graph;
    for (const auto& [vertex, counts] : std::exchange(m_counts, {})) update.vertices.push_back(counts);
    if (std::exchange(m_rowsChanged, false)) {
        update.changes = 1;
        update.spans = m_spans.snapshot();
        if (std::exchange(m_transfersChanged, false)) update.transfers = m_transfers.snapshot();
    }
    m_board.fill(*m_store, update);
    update.copies = m_store->copies();
    const auto& totals = m_store->objectTotals();
    for (const auto state : {ObjectState::Inline, ObjectState::Memory, ObjectState::Spilled, ObjectState::InFlight}) {
        update.objects += totals.count[static_cast<std::size_t>(state)];
        update.objectBytes += totals.bytes[static_cast<std::size_t>(state)];
    }
}

} // namespace orrery::app
