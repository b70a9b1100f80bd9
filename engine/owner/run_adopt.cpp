// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What a later home takes over of an earlier one.
#include "engine/owner/run_table.h"

#include <algorithm>

namespace orrery::owner {

bool RunTable::adopt(const net::ObjectKey& key, std::uint32_t items, const Holder& holder)
{
    ORRERY_ASSERT(!m_started);
    if (key.vertex >= m_vertices.size() || key.output >= m_plan->vertices[key.vertex].outputs.size() || holder.place.bytes == 0) return false;
    Adoptable& value = m_adoptable[key];
    // Equal keys have equal bytes; who says otherwise is not believed.
    if (!value.holders.empty() && (value.items != items || value.holders.front().place.bytes != holder.place.bytes)) return false;
    if (std::any_of(value.holders.begin(), value.holders.end(), [&](const Holder& one) { return one.node == holder.node; })) return true;
    value.items = items;
    value.holders.push_back(holder);
    return true;
}

void RunTable::adoptableGone(const net::ObjectKey& key, std::uint16_t node)
{
    const auto found = m_adoptable.find(key);
    if (found == m_adoptable.end()) return;
    std::erase_if(found->second.holders, [node](const Holder& one) { return one.node == node; });
    if (found->second.holders.empty()) m_adoptable.erase(found);
}

void RunTable::adoptableLost(std::uint16_t node)
{
    for (auto entry = m_adoptable.begin(); entry != m_adoptable.end();) {
        std::erase_if(entry->second.holders, [node](const Holder& one) { return one.node == node; });
        entry = entry->second.holders.empty() ? m_adoptable.erase(entry) : std::next(entry);
    }
}

void RunTable::letGo(const net::ObjectKey& key, const Adoptable& value)
{
    for (const Holder& one : value.holders) m_sink.leftOver(key, one.node, one.place);
}

std::vector<std::pair<net::ObjectKey, types::Place>> RunTable::valuesAt(std::uint16_t node) const
{
    std::vector<std::pair<net::ObjectKey, types::Place>> there;
    for (const Task& task : m_tasks) {
        for (std::uint16_t output = 0; output < m_plan->vertices[task.vertex].outputs.size(); ++output) {
            const Value& value = m_values[task.firstValue + output];
            if (value.where == Value::Where::Store && value.node == node) there.push_back({{task.vertex, output, task.index}, value.place});
        }
    }
    for (const auto& [key, value] : m_adoptable)
        for (const Holder& one : value.holders)
            if (one.node == node) there.push_back({key, one.place});
    return there;
}

void RunTable::letGoOf(std::uint16_t vertex)
{
    auto left = m_adoptable.lower_bound({vertex, 0, 0});
    while (left != m_adoptable.end() && left->first.vertex == vertex) {
        letGo(left->first, left->second);
        left = m_adoptable.erase(left);
    }
}

bool RunTable::takeOver(std::uint32_t row, TimeNs now)
{
    const std::uint16_t vertex = m_tasks[row].vertex;
    const std::uint32_t index = m_tasks[row].index;
    const auto outputs = static_cast<std::uint16_t>(m_plan->vertices[vertex].outputs.size());
    std::uint16_t there = 0;
    for (std::uint16_t output = 0; output < outputs; ++output) there += m_adoptable.count({vertex, output, index}) > 0 ? 1 : 0;
    if (there == 0) return false;
    const bool whole = there == outputs;
    if (whole) {
        go(row, TaskState::Cached);
        m_sink.mark({row, TaskState::Cached, m_tasks[row].attempt, types::kNoWorker, now});
        --m_openRows;
        ++m_vertices[vertex].good;
        ++m_adopted;
    }
    for (std::uint16_t output = 0; output < outputs; ++output) {
        const net::ObjectKey key{vertex, output, index};
        const auto found = m_adoptable.find(key);
        if (found == m_adoptable.end()) continue;
        Adoptable known = std::move(found->second);
        m_adoptable.erase(found);
        if (!whole) {
            letGo(key, known);
            continue;
        }
        // Home's own first, then one that its node keeps by itself.
        const auto worth = [this](const Holder& one) { return one.node == m_home ? 2 : one.primary ? 1 : 0; };
        const auto best = std::max_element(known.holders.begin(), known.holders.end(), [&](const Holder& a, const Holder& b) { return worth(a) < worth(b); });
        const std::uint32_t at = m_tasks[row].firstValue + output;
        Value& value = m_values[at];
        value.where = Value::Where::Store;
        value.items = known.items;
        value.node = best->node;
        value.place = best->place;
        m_away += value.node != m_home ? 1 : 0;
        for (const Holder& one : known.holders)
            if (one.node != best->node) m_copies[at].push_back(one.node);
        m_sink.adopted(row, output, value, worth(*best) == 0, now);
    }
    return whole;
}

void RunTable::forget(TimeNs now)
{
    for (std::uint32_t row = 0; row < rows(); ++row) dropValues(row, now);
    for (const auto& [key, value] : std::exchange(m_adoptable, {})) letGo(key, value);
}

} // namespace orrery::owner
