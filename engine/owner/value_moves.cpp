// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/owner/value_moves.h"

#include <algorithm>

namespace orrery::owner {

void ValueMoves::pump(TimeNs now)
{
    m_now = now;
    answered();
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
            move(node, guest, key);
        }
        if (tasks > 0 || !guest.queue.empty() || !guest.under.empty()) continue;
        m_guests.letGo(node, guest.moved, static_cast<std::uint32_t>(guest.left.size()), now);
        m_leaving.erase(node);
        m_copies.arrived(); // what was on its way to it, from another one that leaves
    }
}

// What guests said that were to have something.
void ValueMoves::answered()
{
    for (const auto& said : m_guests.takeKept()) {
        bool asked = false;
        for (auto& [node, guest] : m_leaving) {
            for (auto under = guest.under.begin(); said.gone && under != guest.under.end();) {
                const bool was = under->second == said.node;
                if (was) guest.queue.push_back(under->first);
                under = was ? guest.under.erase(under) : std::next(under);
            }
            const auto under = guest.under.find(said.key);
            if (said.gone || under == guest.under.end() || under->second != said.node) continue;
            asked = true;
            guest.under.erase(under);
            if (!said.kept) noRoom(node, guest, said.key, said.node);
            else if (!arrived(node, &guest, said.key, said.node)) asked = false;
        }
        // It keeps what is wanted there no more, or a copy more: equal keys have equal bytes.
        if (said.gone || asked || !said.kept) continue;
        const auto row = m_table.rowOf(said.key.vertex, said.key.index);
        const Value* value = m_table.value(row, said.key.output);
        if (value && value->where == Value::Where::Store) m_table.copied(row, said.key.output, said.node, m_now);
        else m_guests.free(said.node, said.key);
    }
}

void ValueMoves::look(std::uint16_t node, Leaving& guest)
{
    for (const auto& [key, place] : m_table.valuesAt(node))
        if (m_table.rowOf(key.vertex, key.index) != types::kNoRow && guest.left.count(key) == 0) guest.queue.push_back(key);
}

bool ValueMoves::isThere(std::uint16_t node, const net::ObjectKey& key) const
{
    const Value* value = m_table.value(m_table.rowOf(key.vertex, key.index), key.output);
    return value && value->where == Value::Where::Store && value->node == node;
}

void ValueMoves::move(std::uint16_t node, Leaving& guest, const net::ObjectKey& key)
{
    if (!isThere(node, key)) return; // it is gone, or elsewhere
    const auto row = m_table.rowOf(key.vertex, key.index);
    const std::uint16_t home = m_table.home();
    net::WantedValue want{key, m_table.value(row, key.output)->place.bytes, m_table.copiesOf(row, key.output)};
    want.at.insert(want.at.begin(), node);
    const auto hasRoom = [&](std::uint16_t at) {
        const auto full = guest.tooMuch.find(at);
        return full == guest.tooMuch.end() || want.size < full->second;
    };
    std::uint16_t to = home;
    if (!hasRoom(home)) {
        const auto others = m_guests.staying();
        const auto other = std::find_if(others.begin(), others.end(), hasRoom);
        if (other == others.end()) {
            guest.left.insert(key);
            return;
        }
        to = *other;
    }
    std::erase(want.at, to);
    guest.under[key] = to;
    if (to != home) m_guests.bring(to, std::move(want));
    else bringHome(node, key, std::move(want));
}

void ValueMoves::bringHome(std::uint16_t node, const net::ObjectKey& key, net::WantedValue want)
{
    m_copies.bring({std::move(want)}, [this, alive = m_alive, node, key](base::Result<void> outcome, const net::ObjectKey&) {
        if (!*alive) return;
        const auto found = m_leaving.find(node);
        Leaving* guest = found != m_leaving.end() && found->second.under.erase(key) > 0 ? &found->second : nullptr;
        if (outcome) {
            const bool moved = arrived(node, guest, key, m_table.home());
            m_copies.unpin({key});
            if (moved) m_copies.drop(key); // the table holds it now
        } else if (guest && outcome.error().code == base::Errc::NotFound && isThere(node, key)) {
            m_table.valueLost(m_table.rowOf(key.vertex, key.index), key.output, m_now); // named by nobody who could have it: what is known of it is wrong
        } else if (guest) {
            noRoom(node, *guest, key, m_table.home());
        }
        m_copies.arrived();
    });
}

bool ValueMoves::arrived(std::uint16_t node, Leaving* guest, const net::ObjectKey& key, std::uint16_t to)
{
    if (!isThere(node, key)) return false;
    const auto row = m_table.rowOf(key.vertex, key.index);
    m_table.copied(row, key.output, to, m_now);
    if (!m_table.moved(row, key.output, node, to, m_now)) return false;
    if (guest) ++guest->moved;
    return true;
}

void ValueMoves::noRoom(std::uint16_t node, Leaving& guest, const net::ObjectKey& key, std::uint16_t at)
{
    if (!isThere(node, key)) return;
    const std::uint64_t size = m_table.value(m_table.rowOf(key.vertex, key.index), key.output)->place.bytes;
    auto& full = guest.tooMuch.try_emplace(at, size).first->second;
    full = std::min(full, size);
    guest.queue.push_back(key);
}

} // namespace orrery::owner
