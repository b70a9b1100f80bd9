// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/sim/sim_home.h"

namespace orrery::sim {

using net::ObjectKey;
using owner::Value;

SimHome::SimHome(SimCluster& cluster, SimMachine& machine, std::uint64_t epoch)
    : m_cluster(cluster), m_machine(machine), m_number(machine.number()), m_epoch(epoch),
      m_values(std::make_shared<SimValues>(cluster, machine, [this](const ObjectKey& key, bool gone) { copyHere(key, gone); })),
      m_table(cluster.run, 7, cluster.plan, *this, m_number), m_guests(m_table, epoch, *this), m_tasks(m_table, *this, m_number), m_moves(m_table, m_guests, m_moveCopies)
{
    std::vector<std::uint32_t> workers;
    for (const auto& wanted : m_table.classes()) workers.push_back(m_machine.workersFor(wanted));
    m_guests.setHomeWorkers(std::move(workers));
    m_machine.place().run(*this);
    m_machine.place().setCompute([this](const types::TaskRecord& task, const std::vector<std::uint64_t>& inputs) { return m_cluster.compute(m_table.vertexOf(task.row), task, inputs); });
    m_machine.place().setChanged([this] { pump(); });
}

SimHome::~SimHome()
{
    *m_alive = false;
    m_machine.place().stop();
    m_machine.place().setChanged({});
    m_quiet = true;
    m_table.forget(m_cluster.world.now());
}

void SimHome::start(const std::vector<node::KeptValue>& kept, bool again, bool moved)
{
    for (const auto& one : kept) {
        if (one.bytes) {
            (void)m_table.adopt(one.key, one.items, {m_number, true, {}, one.bytes});
            continue;
        }
        const auto items = static_cast<std::uint32_t>(m_machine.place().read(one.place)->size() / 8);
        if (!m_table.adopt(one.key, items, {m_number, true, one.place})) m_machine.place().freePlace(one.place);
    }
    m_gathering = again && !m_guests.heard();
    if (!m_gathering) return begin();
    m_cluster.world.later(moved ? owner::kInventoryWaitMovedNs : owner::kInventoryWaitNs, [this, alive = m_alive] {
        if (!*alive) return;
        m_gatheredLong = true;
        gathered();
    });
}

void SimHome::gathered()
{
    if (m_gathering && m_guests.heard(m_gatheredLong)) begin();
}

void SimHome::begin()
{
    m_gathering = false;
    m_table.start(m_cluster.world.now());
    pump();
}

void SimHome::guestGone(std::uint16_t node)
{
    m_guests.gone(node, "node " + std::to_string(node) + " is gone", m_cluster.world.now());
    gathered();
    pump();
}

void SimHome::guestLeaves(std::uint16_t node)
{
    m_guests.leave(node);
    arrived();
}

void SimHome::rest()
{
    m_rests = true;
    m_guests.pause();
}

void SimHome::said(std::uint16_t node, net::ToHome& message)
{
    m_guests.on(node, message, m_cluster.world.now());
    gathered();
    pump();
}

void SimHome::pump()
{
    if (std::exchange(m_pumping, true)) return;
    ++m_cluster.report.decisions;
    if (!m_rests) m_moves.pump(m_cluster.world.now());
    m_machine.place().pump();
    m_guests.pump(m_cluster.world.now());
    for (std::size_t i = 0; i < m_table.classes().size(); ++i)
        if (!m_rests && m_tasks.ready(i) == 0 && m_machine.place().idle()) m_guests.recall(i);
    m_pumping = false;
    m_cluster.check();
}

void SimHome::forget()
{
    m_table.forget(m_cluster.world.now());
    m_guests.pump(m_cluster.world.now());
    m_guests.close();
}

std::vector<node::KeptValue> SimHome::give()
{
    m_machine.place().stop(); // nothing of it runs any more
    std::vector<node::KeptValue> kept;
    for (const auto& [key, place] : m_table.valuesAt(m_number)) kept.push_back({key, place, true}); // before copies of the same
    for (const auto& copy : m_values.give()) kept.push_back(copy);
    for (auto& one : m_table.inlineValues(net::kInventoryInlineMax)) kept.push_back({one.key, {}, false, std::move(one.bytes), one.items});
    m_given = true;
    return kept;
}

void SimHome::arrived()
{
    m_cluster.world.later(0, [this, alive = m_alive] {
        if (*alive) pump();
    });
}

void SimHome::MoveCopies::bring(std::vector<net::WantedValue> wanted, node::RunValues::Brought done)
{
    if (home.m_cluster.world.random().chance(home.m_cluster.options.fullHomes)) done(base::fail(base::Errc::Refused, "the store is full"), wanted.front().key);
    else home.bring(std::move(wanted), std::move(done));
}

void SimHome::copyHere(const ObjectKey& key, bool gone)
{
    const auto row = m_table.rowOf(key.vertex, key.index);
    const TimeNs now = m_cluster.world.now();
    if (gone) m_table.copyGone(row, key.output, m_number, now);
    else if (m_table.value(row, key.output)) m_table.copied(row, key.output, m_number, now);
    else m_values.free(key);
}

void SimHome::copied(std::uint32_t row, std::uint16_t output, std::uint16_t node, const owner::Way&)
{
    if (!m_told.emplace(row, output, node).second) m_cluster.say("a copy of row " + std::to_string(row) + " came to node " + std::to_string(node) + " twice");
}

void SimHome::copyGone(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs)
{
    if (m_told.erase({row, output, node}) == 0) m_cluster.say("a copy of row " + std::to_string(row) + " went from node " + std::to_string(node) + " and never came");
}

const base::Bytes* SimHome::bytesAt(const ObjectKey& key) const
{
    const auto row = m_table.rowOf(key.vertex, key.index);
    const auto* value = row == types::kNoRow ? nullptr : m_table.value(row, key.output);
    if (value && value->where == Value::Where::Store && value->node == m_number) return m_machine.place().read(value->place);
    const auto* copy = m_values.find(key);
    return copy ? m_machine.place().read(*copy) : nullptr;
}

// ---- what the tables tell ----

void SimHome::made(std::uint32_t, std::uint16_t, std::uint8_t, const Value& value, TimeNs)
{
    m_cluster.report.away += value.where == Value::Where::Store && value.node != m_number ? 1 : 0;
}

void SimHome::dropped(std::uint32_t row, std::uint16_t output, const Value& value, TimeNs)
{
    if (value.where != Value::Where::Store) return;
    const auto key = m_guests.keyOf(row, output);
    auto holders = m_table.copiesOf(row, output);
    holders.push_back(value.node);
    for (const auto node : holders) {
        if (node != m_number) m_guests.free(node, key);
        else if (m_given) continue;
        else if (value.node == m_number) m_machine.place().freePlace(value.place);
        else m_values.free(key);
    }
}

std::optional<types::Place> SimHome::promoted(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs)
{
    ++m_cluster.report.promoted;
    const auto key = m_guests.keyOf(row, output);
    if (node == m_number) {
        const auto* place = m_values.find(key);
        if (!place) return std::nullopt;
        return m_machine.place().newPlace(*m_machine.place().read(*place)); // as holding the same memory once more
    }
    m_guests.keep(node, key);
    return types::Place{};
}

void SimHome::adopted(std::uint32_t row, std::uint16_t output, const Value& value, bool keep, TimeNs)
{
    ++m_cluster.report.adopted;
    if (value.node == m_number) ++m_cluster.report.adoptedHere;
    if (keep) m_guests.keep(value.node, m_guests.keyOf(row, output));
}

void SimHome::unwanted(std::uint32_t row, std::uint16_t output, const Value& value)
{
    if (value.where != Value::Where::Store) return;
    if (value.node == m_number) m_machine.place().freePlace(value.place);
    else if (!m_table.isAt(row, output, value.node)) m_guests.free(value.node, m_guests.keyOf(row, output));
}

void SimHome::leftOver(const ObjectKey& key, std::uint16_t node, const types::Place& place)
{
    ++m_cluster.report.unwanted;
    if (node != m_number) m_guests.free(node, key);
    else if (!m_given) m_machine.place().freePlace(place);
}

void SimHome::send(std::uint16_t node, net::ToGuest message)
{
    if (m_quiet) return;
    ++m_cluster.report.messages;
    if (std::holds_alternative<net::BringValue>(message)) ++m_cluster.report.movedToGuests;
    if (const auto* close = std::get_if<net::CloseRun>(&message)) m_cluster.report.left += close->left;
    m_machine.toGuest(node, message);
}

// ---- tasks of its own workers ----

bool SimHome::finished(const types::ResultRecord& result, node::Track track, TimeNs now)
{
    m_tasks.left(result.row);
    return m_table.finished(result, track, m_number, now);
}

void SimHome::lost(std::uint32_t row, std::uint8_t attempt, node::Track track, types::Cause cause, const std::string& why, TimeNs now)
{
    m_tasks.left(row);
    m_table.lost(row, attempt, track, cause, why, 0, now);
}

void SimHome::recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now)
{
    m_tasks.left(row);
    m_table.recalled(row, attempt, now);
}

// ---- reports ----

std::string SimHome::audit() const
{
    for (const auto& [what, wrong] : {std::pair("run table", m_table.audit()), std::pair("guest table", m_guests.audit()), std::pair("home's copies", m_values.audit())})
        if (!wrong.empty()) return std::string(what) + ": " + wrong;
    return {};
}

std::string SimHome::openRows() const
{
    std::string text = m_gathering ? " gathering" : "";
    for (std::uint32_t row = 0; row < m_table.rows() && text.size() < 1000; ++row)
        if (!types::isTerminal(m_table.state(row))) text += " " + std::to_string(row) + "=" + m_table.plan().vertices[m_table.vertexOf(row)].id + "[" + std::to_string(m_table.indexOf(row)) + "] " + std::string(types::jsonName(m_table.state(row)));
    return text + "; home fetches " + std::to_string(m_tasks.fetching());
}

} // namespace orrery::sim
