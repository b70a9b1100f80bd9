// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunQuery: a question about the tasks or the objects of a run, answered from its RunStore. The head works it off in pieces,
// the window's view thread in one go, `work([] { return false; })`; both keep the order of rows and page through it.
// Thread: that which applies blocks to the store. Lives no longer than the store.

#include "engine/trace/run_store.h"
#include "engine/trace/run_world.h"
#include "engine/trace/table_query.h"

namespace orrery::trace {

class RunQuery {
public:
    // Tables "tasks" and "objects". BadInput: no such table here, or as TableQuery::make().
    static base::Result<RunQuery> make(const types::Query& query, const RunStore& store, RunWorld world);
    // It still holds for this question, whatever page of it: same table, filter, sort and columns, and the store was not told
    // more. Names of nodes and workers, and for how long a task has been running, are those of the world it was made with.
    bool answers(const types::Query& query) const;
    // The store was cleared for another home since: rows may be gone, make another.
    bool gone() const { return m_store->homeEpoch() != m_homeEpoch; }

    // ---- as TableQuery; REQUIRES: !gone() ----
    bool work(const TableQuery::Stop& stop) { return m_query.work(stop); }
    bool done() const { return m_query.done(); }
    std::uint64_t total() const { return m_query.total(); }
    std::uint32_t rowAt(std::uint64_t i) const { return m_query.rowAt(i); } // row of a task; index of an object
    types::Page page(std::uint64_t first, std::uint32_t count) const { return m_query.page(first, count); }
    bool fillPage(types::Page& page, const TableQuery::Stop& stop) { return m_query.fillPage(page, stop); }

private:
    RunQuery(types::Query query, const RunStore& store, TableQuery made)
        : m_asked(std::move(query)), m_store(&store), m_homeEpoch(store.homeEpoch()), m_blocks(store.blocks()), m_query(std::move(made))
    {
    }
    types::Query m_asked;
    const RunStore* m_store;
    std::uint64_t m_homeEpoch, m_blocks;
    TableQuery m_query;
};

} // namespace orrery::trace
