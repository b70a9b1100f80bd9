// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Where else the values of a run lie, and who takes the place of a primary.
#include "engine/owner/run_table.h"

#include <algorithm>

namespace orrery::owner {

void RunTable::clear(std::uint32_t row, std::uint16_t output, TimeNs now)
{
    Value& value = m_values[m_tasks[row].firstValue + output];
    if (value.where == Value::Where::Store && value.node != m_home) --m_away;
    if (!m_copies.empty())
        for (const auto node : copiesOf(row, output)) dropCopy(row, output, node, now);
    value = Value{};
}

void RunTable::addCopy(std::uint32_t row, std::uint16_t output, std::uint16_t node, const Way& way, TimeNs now)
{
    m_copies[m_tasks[row].firstValue + output].push_back(node);
    m_sink.copied(row, output, node, way.from == types::kNoNode ? Way{types::kNoNode, now, now} : way);
}

void RunTable::dropCopy(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs now)
{
    const auto found = m_copies.find(m_tasks[row].firstValue + output);
    if (found == m_copies.end() || std::erase(found->second, node) == 0) return;
    if (found->second.empty()) m_copies.erase(found);
    m_sink.copyGone(row, output, node, now);
}

void RunTable::copied(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs now, const Way& way)
{
    const Value* known = value(row, output);
    if (known && known->where == Value::Where::Store && !isAt(row, output, node)) addCopy(row, output, node, way, now);
}

void RunTable::copyGone(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs now)
{
    if (value(row, output)) dropCopy(row, output, node, now);
}

// A copy becomes the primary; home's own first: it dies with us only. False: there is none.
bool RunTable::inherit(std::uint32_t row, std::uint16_t output, TimeNs now)
{
    const std::uint32_t at = m_tasks[row].firstValue + output;
    for (;;) {
        const auto copies = m_copies.find(at);
        if (copies == m_copies.end()) return false;
        const auto own = std::find(copies->second.begin(), copies->second.end(), m_home);
        const std::uint16_t heir = own != copies->second.end() ? m_home : copies->second.front();
        dropCopy(row, output, heir, now);
        const auto place = m_sink.promoted(row, output, heir, now);
        if (!place) continue;
        Value& value = m_values[at];
        m_away = m_away - (value.node != m_home ? 1 : 0) + (heir != m_home ? 1 : 0);
        value.node = heir;
        if (heir == m_home) value.place = *place;
        return true;
    }
}

} // namespace orrery::owner
