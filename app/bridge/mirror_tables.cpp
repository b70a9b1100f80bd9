// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/mirror_tables.h"

#include <algorithm>

namespace orrery::app {

void MirrorTables::drop(widgets::Ticket ticket)
{
    std::erase_if(m_open, [&](const auto& open) { return open.ticket == ticket; });
}

void MirrorTables::forget()
{
    m_kept.clear();
    for (auto& open : m_open) open.begun.reset();
}

std::vector<std::pair<widgets::Ticket, types::Query>> MirrorTables::takeAll()
{
    std::vector<std::pair<widgets::Ticket, types::Query>> all;
    for (auto& open : m_open) all.emplace_back(open.ticket, std::move(open.query));
    m_open.clear();
    m_kept.clear();
    return all;
}

std::optional<MirrorTables::Finished> MirrorTables::work(const trace::RunStore& store, const std::function<trace::RunWorld()>& world, const Stop& stop)
{
    Open& open = m_open.front();
    const auto finish = [&](base::Result<types::Page> page) {
        Finished finished{open.ticket, std::move(page)};
        m_open.pop_front();
        return finished;
    };
    if (!open.begun || open.begun->gone()) {
        const auto kept = std::find_if(m_kept.begin(), m_kept.end(), [&](const auto& query) { return !query.gone() && query.answers(open.query); });
        if (kept != m_kept.end()) return finish(kept->page(open.query.first, open.query.count));
        auto made = trace::RunQuery::make(open.query, store, world());
        if (!made) return finish(made.error());
        open.begun.emplace(std::move(*made));
    }
    if (!open.begun->work(stop)) return std::nullopt;
    m_kept.push_front(std::move(*open.begun));
    if (m_kept.size() > kKept) m_kept.pop_back();
    return finish(m_kept.front().page(open.query.first, open.query.count));
}

} // namespace orrery::app
