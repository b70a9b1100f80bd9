// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Mirror: the shown run as the view thread knows it: its blocks in a RunStore, its graph, the timeline's index and the pictures.
// Deltas of the run's watch in; what changed since the last update out.
// Runs on: view thread. Pure: no session, no clock, no thread.

#include "app/bridge/tile_board.h"
#include "engine/types/span_block.h"

#include <memory>
#include <string>

namespace orrery::app {

class Mirror {
public:
    explicit Mirror(base::RunId run) : m_run(run), m_store(std::make_unique<trace::RunStore>(run)) {}
    base::RunId run() const { return m_run; }
    const trace::RunStore& store() const { return *m_store; }
    const std::shared_ptr<const types::Graph>& graph() const { return m_graph; } // null: not told yet
    TileBoard& board() { return m_board; }

    void setCatalog(std::shared_ptr<const types::Catalog> catalog);
    // Its row, told on another way than its blocks, and perhaps before them.
    void rowTold(const types::RunRow& row) { m_row = row; }
    // Forgets what was told, as before the first delta; the next fill() says resync.
    void reset();

    struct Applied {
        bool gap = false;       // blocks are missing: watch anew
        std::string damage;     // a block cannot be read; empty: none
        std::uint64_t liveEvents = 0; // ranges, marks, attempts and objects of the last kLiveNs before the delta's now
    };
    static constexpr types::TimeNs kLiveNs = 2 * base::kSecond;
    // REQUIRES: delta.run == run()
    Applied apply(const types::Delta& delta);
    // All that the head counts of the run is here, so questions about rows can be answered from here.
    bool complete() const;
    // Adds what changed since the last time, and the run's totals.
    void fill(widgets::RunUpdate& update);

private:
    void addBlock(std::uint64_t number);
    void forgetSpans();
    void setOpenSpans();

    const base::RunId m_run;
    std::unique_ptr<trace::RunStore> m_store;
    std::shared_ptr<const types::Graph> m_graph;
    std::shared_ptr<const types::Catalog> m_catalog;
    std::optional<types::RunRow> m_row;
    std::map<std::uint16_t, types::VertexCounts> m_counts; // changed ones
    types::SpanBuilder m_spans, m_transfers;
    bool m_transfersChanged = false;
    std::vector<std::uint16_t> m_openTracks;
    TileBoard m_board;
    bool m_resync = true, m_graphChanged = false, m_rowsChanged = false;
};

} // namespace orrery::app
