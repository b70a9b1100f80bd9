// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/trace/object_rows.h"

#include "engine/types/value.h"

#include <bit>

#include <fmt/format.h>

#include <iterator>

namespace orrery::trace {

using types::FieldId;
using types::kNoNumber;
using types::ObjectField;
using types::ObjectRecord;
using types::ObjectState;

namespace {

constexpr std::uint32_t kPiece = 1024; // records in one piece of a scan

} // namespace

ObjectRows::ObjectRows(const RunStore& store, RunWorld world)
    : FactRows(store, std::move(world), {store.objects(), kFacts, kPiece})
{
}

std::uint32_t ObjectRows::factsOf(FieldId field) const
{
    const auto bit = [](Fact fact) { return 1u << static_cast<unsigned>(fact); };
    switch (static_cast<ObjectField>(field)) {
    case ObjectField::Node:
    case ObjectField::NodeId: return bit(Fact::Node);
    case ObjectField::Refs: return bit(Fact::Refs);
    case ObjectField::Type: return bit(Fact::Type);
    case ObjectField::DType: return bit(Fact::Form);
    case ObjectField::Shape: return bit(Fact::Form) | bit(Fact::Shape01) | bit(Fact::Shape23);
    case ObjectField::Items: return bit(Fact::Items);
    case ObjectField::Attempt: return bit(Fact::Attempt);
    case ObjectField::Created:
    case ObjectField::CreationTime: return bit(Fact::Made);
    default: return 0;
    }
}

std::int64_t ObjectRows::factIn(const ObjectRecord& record, Fact fact)
{
    const auto both = [](std::uint32_t low, std::uint32_t high) { return static_cast<std::int64_t>(static_cast<std::uint64_t>(high) << 32 | low); };
    switch (fact) {
    case Fact::Node: return record.node;
    case Fact::Refs: return record.refs;
    case Fact::Type: return record.type;
    case Fact::Form: return record.dtype | record.rank << 8;
    case Fact::Shape01: return both(record.shape[0], record.shape[1]);
    case Fact::Shape23: return both(record.shape[2], record.shape[3]);
    case Fact::Items: return record.items;
    case Fact::Attempt: return record.attempt;
    case Fact::Made: return record.atNs;
    }
    return kNoNumber;
}

std::optional<ObjectRows::Text> ObjectRows::ranksOf(FieldId field) const
{
    const auto which = static_cast<ObjectField>(field);
    return which == ObjectField::Vertex || which == ObjectField::Name ? std::optional(Text::Vertex) : std::nullopt;
}

// Records in the order in which the store took them: the last one of an object holds, but what it is was told by the last
// that had a value (as RunStore::object() has it).
void ObjectRows::scan(const BlockView& view, std::uint32_t first, std::uint32_t end)
{
    constexpr std::uint32_t kOfLast = 1u << static_cast<unsigned>(Fact::Node) | 1u << static_cast<unsigned>(Fact::Refs);
    for (; first < end; ++first) {
        const ObjectRecord record = view.object(first);
        const std::uint32_t object = m_store.findObject(record.row, record.output);
        if (object >= m_rows) continue;
        const bool describes = record.state != ObjectState::Freed && record.state != ObjectState::Lost;
        for (std::uint32_t rest = wanted(); rest != 0; rest &= rest - 1) {
            const auto which = static_cast<std::size_t>(std::countr_zero(rest));
            auto& value = column(which)[object];
            if ((kOfLast >> which & 1) != 0 || describes || value == kNoNumber) value = factIn(record, static_cast<Fact>(which));
        }
    }
}

std::int64_t ObjectRows::fact(Fact fact, std::uint32_t object) const
{
    if (isLaidOut(static_cast<std::size_t>(fact))) return column(static_cast<std::size_t>(fact))[object];
    if (m_object != object || m_objectBlocks != m_store.blocks()) {
        m_object = object;
        m_objectBlocks = m_store.blocks();
        m_record = m_store.object(object);
        m_record.atNs = m_store.objectMadeNs(object);
    }
    return factIn(m_record, fact);
}

std::int64_t ObjectRows::number(FieldId field, std::uint32_t object) const
{
    switch (static_cast<ObjectField>(field)) {
    case ObjectField::State: return static_cast<std::int64_t>(m_store.objectState(object));
    case ObjectField::Size: return static_cast<std::int64_t>(m_store.objectBytes(object));
    case ObjectField::Type: return fact(Fact::Type, object);
    case ObjectField::DType: return fact(Fact::Form, object) & 0xff;
    case ObjectField::Items: return fact(Fact::Type, object) == static_cast<std::int64_t>(types::ValueType::List) ? fact(Fact::Items, object) : kNoNumber;
    case ObjectField::Refs: return fact(Fact::Refs, object);
    case ObjectField::TaskStatus: return static_cast<std::int64_t>(m_store.state(m_store.objectRow(object)));
    case ObjectField::MapIndex: return mapIndex(object);
    case ObjectField::Output: return m_store.objectOutput(object);
    case ObjectField::Attempt: return fact(Fact::Attempt, object);
    case ObjectField::Created: return fact(Fact::Made, object) - m_store.firstNs();
    case ObjectField::CreationTime: return m_world.wallMs(fact(Fact::Made, object));
    case ObjectField::Row: return m_store.objectRow(object);
    default: return kNoNumber;
    }
}

// What is gone lies nowhere.
std::span<const std::uint16_t> ObjectRows::copiesOf(std::uint32_t object) const
{
    const auto state = m_store.objectState(object);
    return state == types::ObjectState::Freed || state == types::ObjectState::Lost ? std::span<const std::uint16_t>() : m_store.copiesOf(object);
}

base::ObjectId ObjectRows::id(std::uint32_t object) const
{
    return base::derive<base::ObjectId>(m_store.run(), vertex(object), mapIndex(object), m_store.objectOutput(object));
}

std::string_view ObjectRows::shape(std::uint32_t object, std::string& scratch) const
{
    const auto rank = std::min<std::int64_t>(4, fact(Fact::Form, object) >> 8);
    const auto low = static_cast<std::uint64_t>(fact(Fact::Shape01, object)), high = static_cast<std::uint64_t>(fact(Fact::Shape23, object));
    const std::uint64_t sizes[] = {low & 0xffffffff, low >> 32, high & 0xffffffff, high >> 32};
    scratch.clear();
    for (std::int64_t i = 0; i < rank; ++i) fmt::format_to(std::back_inserter(scratch), "{}{}", i == 0 ? "" : " x ", sizes[i]);
    return scratch;
}

std::string_view ObjectRows::text(FieldId field, std::uint32_t object, std::string& scratch) const
{
    const auto made = [&scratch](std::string text) {
        scratch = std::move(text);
        return std::string_view(scratch);
    };
    switch (static_cast<ObjectField>(field)) {
    case ObjectField::ObjectId: return made(id(object).text());
    case ObjectField::Name: {
        const std::string output = m_names.outputName(vertex(object), m_store.objectOutput(object));
        const std::string_view name = m_names.taskName(vertex(object), mapIndex(object), scratch);
        return output.empty() ? name : made(std::string(name) + output);
    }
    case ObjectField::Shape: return shape(object, scratch);
    case ObjectField::Node: return made(types::nodeLetter(static_cast<std::uint16_t>(fact(Fact::Node, object))));
    case ObjectField::NodeId: {
        const auto node = m_world.node(static_cast<std::uint16_t>(fact(Fact::Node, object)));
        return node.isNull() ? std::string_view() : made(node.text());
    }
    case ObjectField::Copies: {
        std::string letters;
        for (const auto node : copiesOf(object)) letters += (letters.empty() ? "" : " ") + types::nodeLetter(node);
        return made(std::move(letters));
    }
    case ObjectField::TaskId: return made(base::derive<base::TaskId>(m_store.run(), vertex(object), mapIndex(object)).text());
    case ObjectField::JobId: return made(m_store.run().text());
    case ObjectField::Vertex: return m_names.text(Text::Vertex, vertex(object), scratch);
    default: return {};
    }
}

std::int64_t ObjectRows::textKey(FieldId field, std::uint32_t object) const
{
    switch (static_cast<ObjectField>(field)) {
    case ObjectField::ObjectId: return idKey(id(object));
    case ObjectField::Name: return m_names.rank(Text::Vertex, vertex(object)) << 32 | mapIndex(object);
    case ObjectField::Node: return fact(Fact::Node, object);
    case ObjectField::NodeId: return idKey(m_world.node(static_cast<std::uint16_t>(fact(Fact::Node, object))));
    case ObjectField::TaskId: return idKey(base::derive<base::TaskId>(m_store.run(), vertex(object), mapIndex(object)));
    case ObjectField::JobId: return 0;
    case ObjectField::Vertex: return m_names.rank(Text::Vertex, vertex(object));
    default: return TableRows::textKey(field, object);
    }
}

bool ObjectRows::keyDecides(FieldId field) const
{
    const auto which = static_cast<ObjectField>(field);
    return which != ObjectField::Shape && which != ObjectField::Name && which != ObjectField::Copies;
}

} // namespace orrery::trace
