// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What the table of a run tells, as its trace: into blocks, and on their way to the head.
#include "engine/host/home_run.h"

#include "engine/types/value.h"

namespace orrery::host {

void HomeRun::range(const types::RowRange& range)
{
    types::RowRange told = range;
    told.atNs = cluster(range.atNs);
    m_writer.add(told);
    traced();
}

void HomeRun::mark(const types::StateMark& mark)
{
    types::StateMark told = mark;
    told.atNs = cluster(mark.atNs);
    m_writer.add(told);
    traced();
}

void HomeRun::attempt(types::Attempt attempt, const std::string& error)
{
    attempt.submitNs = cluster(attempt.submitNs);
    attempt.startNs = cluster(attempt.startNs);
    attempt.endNs = cluster(attempt.endNs);
    if (!error.empty()) attempt.error = m_writer.addError(error);
    m_writer.add(attempt);
    traced();
}

net::ValueFacts factsOf(std::span<const std::byte> bytes)
{
    net::ValueFacts facts;
    const auto view = types::ValueView::open(bytes);
    if (!view) return facts;
    facts.type = static_cast<std::uint8_t>(view->type());
    facts.dtype = static_cast<std::uint8_t>(view->dtype());
    const auto shape = view->shape();
    facts.rank = static_cast<std::uint8_t>(shape.size());
    for (std::size_t i = 0; i < shape.size() && i < facts.shape.size(); ++i) facts.shape[i] = static_cast<std::uint32_t>(shape[i]);
    return facts;
}

std::uint32_t itemsOf(std::span<const std::byte> bytes)
{
    const auto view = types::ValueView::open(bytes);
    return view && view->type() == types::ValueType::List ? static_cast<std::uint32_t>(view->length()) : 0;
}

void HomeRun::describe(types::ObjectRecord& record, const owner::Value& value)
{
    record.items = value.items;
    net::ValueFacts facts;
    if (value.where == owner::Value::Where::Store && value.node != m_place.nodeNumber) {
        record.bytes = value.place.bytes;
        const auto key = m_guests.keyOf(record.row, record.output);
        if (m_outputs && record.output < m_outputs->size()) m_facts[key] = (*m_outputs)[record.output].facts;
        if (const auto known = m_facts.find(key); known != m_facts.end()) facts = known->second;
    } else {
        const bool isInline = value.where == owner::Value::Where::Inline;
        const std::span<const std::byte> bytes = isInline ? std::span<const std::byte>(*value.bytes) : m_place.store.bytes(value.place);
        record.bytes = bytes.size();
        facts = factsOf(bytes);
    }
    record.type = facts.type;
    record.dtype = facts.dtype;
    record.rank = facts.rank;
    record.shape = facts.shape;
}

void HomeRun::made(std::uint32_t row, std::uint16_t output, std::uint8_t attempt, const owner::Value& value, TimeNs atNs)
{
    types::ObjectRecord record;
    record.row = row;
    record.output = output;
    record.node = value.where == owner::Value::Where::Store ? value.node : m_place.nodeNumber;
    record.state = value.where == owner::Value::Where::Inline ? types::ObjectState::Inline : types::ObjectState::Memory;
    record.attempt = attempt;
    record.refs = static_cast<std::uint32_t>(m_table.plan().vertices[m_table.vertexOf(row)].consumers.size()) + 1; // its readers and the run
    record.atNs = cluster(atNs);
    describe(record, value);
    m_writer.add(record);
    traced();
}

void HomeRun::dropped(std::uint32_t row, std::uint16_t output, const owner::Value& value, TimeNs atNs)
{
    if (value.where == owner::Value::Where::Store) {
        const auto key = m_guests.keyOf(row, output);
        auto holders = m_table.copiesOf(row, output);
        holders.push_back(value.node);
        for (const auto node : holders) {
            if (node != m_place.nodeNumber) m_guests.free(node, key);
            else if (m_given) continue;
            else if (value.node == node) m_place.store.freeObject(value.place);
            else m_values.free(key);
        }
    }
    tell(row, output, value, types::ObjectState::Freed, atNs);
}

void HomeRun::vanished(std::uint32_t row, std::uint16_t output, const owner::Value& value, TimeNs atNs) { tell(row, output, value, types::ObjectState::Lost, atNs); }

std::optional<types::Place> HomeRun::promoted(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs atNs)
{
    const auto key = m_guests.keyOf(row, output);
    types::Place place;
    if (node == m_place.nodeNumber) {
        const auto* copy = m_values.find(key);
        if (!copy) return std::nullopt;
        place = *copy;
        m_place.store.addObject(place); // the table's own hold; the copy keeps its pins
    } else {
        m_guests.keep(node, key);
    }
    owner::Value value = *m_table.value(row, output);
    value.node = node;
    if (node == m_place.nodeNumber) value.place = place;
    made(row, output, m_table.attemptOf(row), value, atNs);
    return place;
}

void HomeRun::adopted(std::uint32_t row, std::uint16_t output, const owner::Value& value, bool keep, TimeNs atNs)
{
    made(row, output, m_table.attemptOf(row), value, atNs);
    if (keep) m_guests.keep(value.node, m_guests.keyOf(row, output));
}

void HomeRun::copied(std::uint32_t row, std::uint16_t output, std::uint16_t node, const owner::Way& way)
{
    if (node == m_place.nodeNumber && m_lookedAt.count(m_guests.keyOf(row, output)) > 0) return;
    m_writer.add(types::CopyRecord{row, output, node, way.from, false, cluster(way.startNs), cluster(way.endNs)});
    traced();
}

void HomeRun::copyGone(std::uint32_t row, std::uint16_t output, std::uint16_t node, TimeNs atNs)
{
    if (node == m_place.nodeNumber && m_lookedAt.erase(m_guests.keyOf(row, output)) > 0) return;
    if (m_untold) return;
    m_writer.add(types::CopyRecord{row, output, node, types::kNoNode, true, cluster(atNs), cluster(atNs)});
    traced();
}

void HomeRun::leftOver(const net::ObjectKey& key, std::uint16_t node, const types::Place& place)
{
    if (node != m_place.nodeNumber) m_guests.free(node, key);
    else if (!m_given) m_place.store.freeObject(place);
}

void HomeRun::unwanted(std::uint32_t row, std::uint16_t output, const owner::Value& value)
{
    if (value.where != owner::Value::Where::Store) return;
    if (value.node == m_place.nodeNumber) m_place.store.freeObject(value.place);
    else if (!m_table.isAt(row, output, value.node)) m_guests.free(value.node, m_guests.keyOf(row, output));
}

void HomeRun::tell(std::uint32_t row, std::uint16_t output, const owner::Value& value, types::ObjectState state, TimeNs atNs)
{
    if (m_untold) return;
    if (!m_facts.empty()) m_facts.erase(m_guests.keyOf(row, output));
    types::ObjectRecord record;
    record.row = row;
    record.output = output;
    record.node = value.where == owner::Value::Where::Store ? value.node : m_place.nodeNumber;
    record.state = state;
    record.bytes = value.where == owner::Value::Where::Store ? value.place.bytes : value.bytes->size();
    record.atNs = cluster(atNs);
    m_writer.add(record);
    traced();
}

void HomeRun::traced()
{
    m_dirty = true;
    if (m_writer.full()) seal();
}

void HomeRun::seal()
{
    m_dirty = false;
    net::TraceBlock block;
    block.run = m_run;
    block.number = ++m_lastBlock;
    block.bytes = m_writer.seal(block.number);
    m_unacknowledged.push_back(block);
    m_place.head.send(std::move(block));
}

void HomeRun::flush()
{
    m_table.flushMarks();
    if (m_dirty) seal();
    if (m_toldEnd || !m_table.ended()) return;
    m_toldEnd = true;
    net::RunEnded ended;
    ended.run = m_run;
    ended.homeEpoch = m_homeEpoch;
    ended.state = m_table.outcome();
    ended.error = m_table.error();
    ended.reexecuted = m_table.reexecuted();
    m_place.head.send(std::move(ended));
}

void HomeRun::acknowledged(std::uint64_t upTo)
{
    while (!m_unacknowledged.empty() && m_unacknowledged.front().number <= upTo) m_unacknowledged.pop_front();
}

void HomeRun::resend()
{
    for (const auto& block : m_unacknowledged) m_place.head.send(block);
    m_toldEnd = false; // the next flush tells it again
}

} // namespace orrery::host
