// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ObjectRows: the table "objects" of a run: one row for each result ever told, freed ones too; a row is the store's index of it.
// Thread, life and bounds: as FactRows.

#include "engine/trace/fact_rows.h"

namespace orrery::trace {

class ObjectRows final : public FactRows {
public:
    ObjectRows(const RunStore& store, RunWorld world);
    const types::TableSchema& schema() const override { return types::objectSchema(); }
    std::int64_t number(types::FieldId field, std::uint32_t object) const override;
    std::string_view text(types::FieldId field, std::uint32_t object, std::string& scratch) const override;
    std::int64_t textKey(types::FieldId field, std::uint32_t object) const override;
    bool keyDecides(types::FieldId field) const override;

private:
    // What only records tell, by object.
    enum class Fact : std::uint8_t { Node, Refs, Type, Form, Shape01, Shape23, Items, Attempt, Made };
    static constexpr std::size_t kFacts = 9;
    static std::int64_t factIn(const types::ObjectRecord& record, Fact fact);
    std::optional<Text> ranksOf(types::FieldId field) const override;
    std::uint32_t factsOf(types::FieldId field) const override;
    std::uint32_t records(const BlockView& view) const override { return view.header().objects; }
    void scan(const BlockView& view, std::uint32_t first, std::uint32_t end) override;
    void forgetRow() override { m_object = kNone; }
    std::int64_t fact(Fact fact, std::uint32_t object) const;
    std::string_view shape(std::uint32_t object, std::string& scratch) const;
    std::uint16_t vertex(std::uint32_t object) const { return m_store.vertexOf(m_store.objectRow(object)); }
    std::uint32_t mapIndex(std::uint32_t object) const { return m_store.mapIndex(m_store.objectRow(object)); }
    base::ObjectId id(std::uint32_t object) const;
    std::span<const std::uint16_t> copiesOf(std::uint32_t object) const;

    // Of the object that was read last without prepare().
    mutable std::uint32_t m_object = kNone;
    mutable std::uint64_t m_objectBlocks = 0;
    mutable types::ObjectRecord m_record;
};

} // namespace orrery::trace
