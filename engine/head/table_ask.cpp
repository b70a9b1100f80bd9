// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/table_ask.h"

#include "engine/head/list_rows.h"

namespace orrery::head {

using base::Errc;
using base::fail;

bool TableAsk::work(const std::function<bool()>& stop)
{
    if (!m_begun || !stillHolds()) {
        if (auto begun = begin(); !begun) {
            m_done(begun.error());
            return true;
        }
        if (stop()) return false;
    }
    return m_ofRun ? answer(*m_ofRun, stop) : answer(*m_ofList, stop);
}

template <typename Q>
bool TableAsk::answer(Q& query, const std::function<bool()>& stop)
{
    if (!query.work(stop) || !query.fillPage(m_page, stop)) return false;
    m_page.epoch = m_table.viewEpoch();
    m_page.seq = m_table.version();
    m_done(std::move(m_page));
    return true;
}

base::Result<void> TableAsk::begin()
{
    m_begun = true;
    m_page = {};
    const types::TableSchema* schema = types::findTable(m_query.table);
    if (!schema) return fail(Errc::BadInput, "There is no table \"" + m_query.table.substr(0, 64) + "\"; there are jobs, tasks, objects, nodes, workers and logs.");
    if (schema == &types::taskSchema() || schema == &types::objectSchema()) return beginRun();
    auto made = trace::TableQuery::make(m_query, listRows(m_query.table, m_table, world()));
    if (!made) return made.error();
    m_ofList.emplace(std::move(*made));
    if (schema == &types::logSchema()) m_page.dropped = m_table.logs().dropped();
    return {};
}

base::Result<void> TableAsk::beginRun()
{
    const Run* run = m_query.run.isNull() ? m_table.runs().newest() : m_table.runs().find(m_query.run);
    if (!m_query.run.isNull() && (!run || !run->recorded)) return fail(Errc::NotFound, "There is no run " + m_query.run.text() + " in this cluster.");
    if (run && !run->store && run->terminal() && run->row.startNs != 0)
        return fail(Errc::NotFound, "The trace of " + run->name() + " is no longer in the memory of the head; open its record instead.");
    m_ofRun.reset();
    auto around = world();
    if (run) {
        m_query.run = run->row.id;
        around.graph = run->graph;
    }
    m_store = run ? run->store.get() : nullptr;
    if (!m_store) m_none = std::make_unique<trace::RunStore>(m_query.run);
    auto made = trace::RunQuery::make(m_query, m_store ? *m_store : *m_none, std::move(around));
    if (!made) return made.error();
    m_ofRun.emplace(std::move(*made));
    m_page.complete = !m_store || m_store->problems() == 0;
    return {};
}

bool TableAsk::stillHolds() const
{
    if (!m_ofRun || !m_store) return true;
    const Run* run = m_table.runs().find(m_query.run);
    return run && run->store.get() == m_store && !m_ofRun->gone();
}

trace::RunWorld TableAsk::world() const
{
    trace::RunWorld made;
    made.catalog = m_table.catalog();
    made.wallOffsetNs = m_now.wallNs - m_now.monoNs;
    made.nowNs = m_now.monoNs;
    for (const auto& [number, member] : m_table.members().members()) made.addNode(member.row);
    for (const auto& [track, worker] : m_table.members().workers()) made.addWorker(worker.row);
    return made;
}

} // namespace orrery::head
