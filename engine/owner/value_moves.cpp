// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/owner/value_moves.h"

namespace orrery::owner {

void ValueMoves::pump(TimeNs now)
{
    m_now = now;
    std::erase_if(m_leaving, [this](const auto& guest) { return !m_guests.has(guest.first); });
    if (!m_table.started()) return; // what lies where is not known yet
    for (const auto node : m_guests.leaving()) {
        Leaving& guest = m_leaving[node];
        // What it made meanwhile is looked for when one of its tasks is over and the rest is through, and at the very end: a copy of its
        // may have become the primary of a value.
        const std::size_t tasks = m_guests.tasksAt(node);
        if (guest.queue.empty() && guest.under.empty() && (guest.tasks != tasks || tasks == 0)) {
            guest.tasks = tasks;
            look(node, guest);
        }
        while (guest.under.size() < kMovesMax && !guest.queue.empty()) {
            const net::ObjectKey key = guest.queue.front();
            guest.queue.pop_front();
            bring(node, key);
        }
        if (tasks > 0 || !guest.queue.empty() || !guest.under.empty()) continue;
        m_guests.letGo(node, guest.moved, static_cast<std::uint32_t>(guest.left.size()), now);
        m_leaving.erase(node);
    }
}

void ValueMoves::look(std::uint16_t node, Leaving& guest)
{
    for (const auto& [key, place] : m_table.valuesAt(node))
        if (m_table.rowOf(key.vertex, key.index) != types::kNoRow && guest.left.count(key) == 0) guest.queue.push_back(key);
}

void ValueMoves::bring(std::uint16_t node, const net::ObjectKey& key)
{
    const auto row = m_table.rowOf(key.vertex, key.index);
    const Value* value = m_table.value(row, key.output);
    if (!value || value->where != Value::Where::Store || value->node != node) return; // it is gone, or elsewhere
    m_leaving.at(node).under.insert(key);
    net::WantedValue want{key, value->place.bytes, m_table.copiesOf(row, key.output)};
    std::erase(want.at, m_table.home());
    want.at.insert(want.at.begin(), node);
    m_copies.bring({std::move(want)}, [this, alive = m_alive, node, key](base::Result<void> outcome, const net::ObjectKey&) {
        if (*alive) brought(node, key, outcome);
    });
}

void ValueMoves::brought(std::uint16_t node, const net::ObjectKey& key, const base::Result<void>& outcome)
{
    const auto row = m_table.rowOf(key.vertex, key.index);
    const Value* value = m_table.value(row, key.output);
    const bool there = value && value->where == Value::Where::Store && value->node == node;
    const auto guest = m_leaving.find(node);
    const bool ours = guest != m_leaving.end() && guest->second.under.erase(key) > 0;
    bool moved = false;
    if (outcome && there) {
        m_table.copied(row, key.output, m_table.home());
        moved = m_table.moveHome(row, key.output, node, m_now);
        if (moved && ours) ++guest->second.moved;
    } else if (!outcome && ours && there) {
        // Named by nobody who could have it: what is known of it is wrong.
        if (outcome.error().code == base::Errc::NotFound) m_table.valueLost(row, key.output, m_now);
        else guest->second.left.insert(key);
    }
    if (outcome) m_copies.unpin({key});
    if (moved) m_copies.drop(key); // the table holds it now
    m_copies.arrived();
}

} // namespace orrery::owner
