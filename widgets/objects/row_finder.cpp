// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/row_finder.h"

#include <QPointer>
#include <algorithm>

namespace orrery::widgets {

void RowFinder::find(types::Query query, std::vector<std::pair<std::string, std::int64_t>> key)
{
    stop();
    m_query = std::move(query);
    m_key = std::move(key);
    m_query.columns.clear();
    for (const auto& [column, value] : m_key) m_query.columns.push_back(column);
    m_query.first = 0;
    m_query.count = kFinderRows;
    m_exists = false;
    ask();
}

void RowFinder::stop()
{
    ++m_number;
    if (const Ticket ticket = std::exchange(m_ticket, 0); ticket != 0) m_source.drop(ticket);
}

void RowFinder::ask()
{
    types::Query query = m_query;
    if (!m_exists) {
        std::string one;
        for (const auto& [column, value] : m_key) one += (one.empty() ? "" : " and ") + column + " = " + std::to_string(value);
        const bool all = query.filter.find_first_not_of(" \t\n") == std::string::npos;
        query.filter = all ? one : "(" + query.filter + ") and " + one;
        query.sort.clear();
        query.count = 1;
    }
    const std::uint64_t number = ++m_number;
    m_ticket = m_source.ask(std::move(query), [self = QPointer<RowFinder>(this), number](base::Result<types::Page> answer) {
        if (self && self->m_number == number) self->take(std::move(answer));
    });
}

bool RowFinder::isKey(const types::Page& page, const std::vector<types::Cell>& row) const
{
    return std::all_of(m_key.begin(), m_key.end(), [&](const auto& wanted) {
        const auto column = std::find(page.columns.begin(), page.columns.end(), wanted.first);
        const auto at = static_cast<std::size_t>(column - page.columns.begin());
        const auto* value = at < row.size() ? std::get_if<std::int64_t>(&row[at]) : nullptr;
        return value != nullptr && *value == wanted.second;
    });
}

void RowFinder::take(base::Result<types::Page> answer)
{
    m_ticket = 0;
    ++m_number;
    if (!answer || answer->total == 0) {
        Q_EMIT notThere();
        return;
    }
    if (!m_exists) {
        m_exists = true;
        ask();
        return;
    }
    for (std::size_t i = 0; i < answer->rows.size(); ++i)
        if (isKey(*answer, answer->rows[i])) {
            Q_EMIT found(static_cast<int>(m_query.first + i));
            return;
        }
    m_query.first += answer->rows.size();
    if (answer->rows.empty() || m_query.first >= answer->total) Q_EMIT notThere();
    else ask();
}

} // namespace orrery::widgets
