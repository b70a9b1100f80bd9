// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/run_query.h"

#include "engine/trace/object_rows.h"
#include "engine/trace/task_rows.h"

namespace orrery::trace {

base::Result<RunQuery> RunQuery::make(const types::Query& query, const RunStore& store, RunWorld world)
{
    std::unique_ptr<TableRows> rows;
    if (query.table == "tasks") rows = std::make_unique<TaskRows>(store, std::move(world));
    else if (query.table == "objects") rows = std::make_unique<ObjectRows>(store, std::move(world));
    else return base::fail(base::Errc::BadInput, "A run has the tables tasks and objects, and no table \"" + query.table.substr(0, 64) + "\".");
    auto made = TableQuery::make(query, std::move(rows));
    if (!made) return made.error();
    return RunQuery(query, store, std::move(*made));
}

bool RunQuery::answers(const types::Query& query) const
{
    return !gone() && m_store->blocks() == m_blocks && query.run == m_asked.run && query.table == m_asked.table && query.filter == m_asked.filter && query.sort == m_asked.sort &&
           query.columns == m_asked.columns;
}

} // namespace orrery::trace
