// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What a later home takes over of an earlier one, and what moves before its node leaves.
#include "engine/owner/run_table.h"

#include <algorithm>

namespace orrery::owner {

bool RunTable::adopt(const net::ObjectKey& key, std::uint32_t items, const Holder& holder)
{
    ORRERY_ASSERT(!m_started);
    if (key.vertex >= m_vertices.size() || (holder.place.bytes == 0 && !holder.bytes)) return false;
    const std::size_t outputs = m_plan->vertices[key.vertex].outputs.size();
    if (key.output == net::kDoneMark ? outputs > 0 || !holder.bytes : key.output >= outputs) return false;
    Adoptable& value = m_adoptable[key];
    // Equal keys have equal bytes; who says otherwise is not believed.
    const auto same = [&](const Holder& one) { return one.bytes || holder.bytes || one.place.bytes == holder.place.bytes; };
    if (!value.holders.empty() && (value.items != items || !std::all_of(value.holders.begin(), value.holders.end(), same))) return false;
    if (std::any_of(value.holders.begin(), value.holders.end(), [&](const Holder& one) { return one.node == holder.node && !one.bytes == !holder.bytes; })) return true;
    value.items = items;
    value.holders.push_back(holder);
    return true;
}

void RunTable::adoptableGone(const net::ObjectKey& key, std::uint16_t node)
{
    const auto found = m_adoptable.find(key);
    if (found == m_adoptable.end()) return;
    std::erase_if(found->second.holders, [node](const Holder& one) { return one.node == node && !one.bytes; });
    if (found->second.holders.empty()) m_adoptable.erase(found);
}

void RunTable::adoptableLost(std::uint16_t node)
{
    for (auto entry = m_adoptable.begin(); entry != m_adoptable.end();) {
        std::erase_if(entry->second.holders, [node](const Holder& one) { return one.node == node && !one.bytes; });
        entry = entry->second.holders.empty() ? m_adoptable.erase(entry) : std::next(entry);
    }
}

void RunTable::letGo(const net::ObjectKey& key, const Adoptable& value)
{
    for (const Holder& one : value.holders)
        if (!one.bytes) m_sink.leftOver(key, one.node, one.place);
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
            if (one.node == node && !one.bytes) there.push_back({key, one.place});
    return there;
}

std::vector<InlineValue> RunTable::inlineValues(std::size_t bytesMax) const
{
    std::vector<InlineValue> there;
    std::size_t bytes = 0;
    const auto tell = [&](const net::ObjectKey& key, std::uint32_t items, const std::shared_ptr<const base::Bytes>& value) {
        if (bytes + value->size() > bytesMax) return;
        bytes += value->size();
        there.push_back({key, items, value});
    };
    const auto nothing = std::make_shared<const base::Bytes>();
    for (const Task& task : m_tasks) {
        const auto outputs = static_cast<std::uint16_t>(m_plan->vertices[task.vertex].outputs.size());
        if (outputs == 0 && types::isGood(task.state)) tell({task.vertex, net::kDoneMark, task.index}, 0, nothing);
        for (std::uint16_t output = 0; output < outputs; ++output) {
            const Value& value = m_values[task.firstValue + output];
            if (value.where == Value::Where::Inline) tell({task.vertex, output, task.index}, value.items, value.bytes);
        }
    }
    for (const auto& [key, value] : m_adoptable)
        for (const Holder& one : value.holders)
            if (one.bytes) tell(key, value.items, one.bytes);
    return there;
}

bool RunTable::moved(std::uint32_t row, std::uint16_t output, std::uint16_t from, std::uint16_t to, TimeNs now)
{
    const Value* known = value(row, output);
    if (!known || known->where != Value::Where::Store || known->node != from || from == to || !isAt(row, output, to)) return false;
    const auto place = m_sink.promoted(row, output, to, now);
    if (!place) return false;
    const std::uint32_t at = m_tasks[row].firstValue + output;
    dropCopy(row, output, to, now);
    addCopy(row, output, from, {}, now);
    m_away = m_away - (from != m_home ? 1 : 0) + (to != m_home ? 1 : 0);
    m_values[at].node = to;
    if (to == m_home) m_values[at].place = *place;
    return true;
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
    const bool marked = outputs == 0 && m_adoptable.erase({vertex, net::kDoneMark, index}) > 0;
    if (there == 0 && !marked) return false;
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
        // What is in the table first, then home's own, then one that its node keeps by itself.
        const auto worth = [this](const Holder& one) { return one.bytes ? 3 : one.node == m_home ? 2 : one.primary ? 1 : 0; };
        const auto best = std::max_element(known.holders.begin(), known.holders.end(), [&](const Holder& a, const Holder& b) { return worth(a) < worth(b); });
        const std::uint32_t at = m_tasks[row].firstValue + output;
        Value& value = m_values[at];
        value.items = known.items;
        if (best->bytes) {
            value.where = Value::Where::Inline;
            value.bytes = best->bytes;
            letGo(key, known);
            m_sink.adopted(row, output, value, false, now);
            continue;
        }
        value.where = Value::Where::Store;
        value.node = best->node;
        value.place = best->place;
        m_away += value.node != m_home ? 1 : 0;
        m_sink.adopted(row, output, value, worth(*best) == 0, now);
        for (const Holder& one : known.holders)
            if (one.node != best->node) addCopy(row, output, one.node, {}, now);
    }
    return whole;
}

void RunTable::forget(TimeNs now)
{
    for (std::uint32_t row = 0; row < rows(); ++row) dropValues(row, now);
    for (const auto& [key, value] : std::exchange(m_adoptable, {})) letGo(key, value);
}

} // namespace orrery::owner
