// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/facts_source.h"

#include <utility>

namespace orrery::widgets {

FactsSource::FactsSource(RowSource& rows, QObject* parent) : QObject(parent), m_rows(rows)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &FactsSource::ask);
}

FactsSource::~FactsSource()
{
    if (m_ticket != 0) m_rows.drop(m_ticket);
}

void FactsSource::setWish(const std::optional<Wish>& wish)
{
    if (m_wish == wish) return;
    if (m_ticket != 0) m_rows.drop(std::exchange(m_ticket, 0));
    m_timer.stop();
    m_again = m_answered = false;
    m_wish = wish;
    m_task = {};
    m_objects.clear();
    m_asked.invalidate();
    if (m_wish) askTask();
}

void FactsSource::ask()
{
    if (!m_wish) return;
    if (m_ticket != 0) {
        m_again = true;
        return;
    }
    const qint64 since = m_asked.isValid() ? m_asked.elapsed() : kFactsMs;
    if (since >= kFactsMs) return askTask();
    if (!m_timer.isActive()) m_timer.start(kFactsMs - static_cast<int>(since));
}

void FactsSource::askTask()
{
    m_asked.start();
    types::Query query;
    query.table = "tasks";
    query.run = m_wish->run;
    query.count = 1;
    if (m_wish->row != types::kNoRow) query.filter = "row = " + std::to_string(m_wish->row);
    else
        query.filter =
            "vertex = \"" + m_wish->vertex.toStdString() + "\" and map_index = " + std::to_string(m_wish->mapIndex);
    m_ticket = m_rows.ask(std::move(query), [this](base::Result<types::Page> page) {
        m_ticket = 0;
        m_answered = true;
        if (!page || page->rows.empty()) { // not there yet: a run that has just begun
            Q_EMIT answered();
            return;
        }
        m_task = taskFacts(*page, 0);
        askObjects();
    });
}

void FactsSource::askObjects()
{
    types::Query query;
    query.table = "objects";
    query.run = m_wish->run;
    query.filter = "row = " + std::to_string(m_task.row);
    m_ticket = m_rows.ask(std::move(query), [this](base::Result<types::Page> page) {
        m_ticket = 0;
        if (page) m_objects = resultFacts(*page);
        if (std::exchange(m_again, false)) ask();
        Q_EMIT answered();
    });
}

const ResultFacts* FactsSource::object(std::uint16_t output) const
{
    for (const auto& object : m_objects)
        if (object.output == output) return &object;
    return nullptr;
}

} // namespace orrery::widgets
