// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ObjectRows: the table "objects" of a run: one row for each result ever told, freed ones too; a row is the store's index of it.
// Thread, life and bounds: as TaskRows.

#include "engine/trace/table_rows.h"
#include "engine/trace/vertex_names.h"

#include <array>

namespace orrery::trace {

class ObjectRows final : public TableRows {
public:
    ObjectRows(const RunStore& store, RunWorld world);
    ObjectRows(const ObjectRows&) = delete;
    ObjectRows& operator=(const ObjectRows&) = delete;
    const types::TableSchema& schema() const override { return types::objectSchema(); }
    std::uint32_t rows() const override { return m_rows; }
    bool prepare(std::uint64_t fields) override;
    bool changed() const override { return m_store.blocks() != m_blocks; }
    void forget() override;
    std::int64_t number(types::FieldId field, std::uint32_t object) const override;
    std::string_view text(types::FieldId field, std::uint32_t object, std::string& scratch) const override;
    std::int64_t textKey(types::FieldId field, std::uint32_t object) const override;
    bool keyDecides(types::FieldId field) const override;

private:
    // What only records tell, by object.
    enum class Fact : std::uint8_t { Node, Refs, Type, Form, Shape01, Shape23, Items, Attempt, Made };
    static constexpr std::size_t kFacts = 9;
    static std::uint32_t factsOf(types::FieldId field); // bits
    static std::int64_t factIn(const types::ObjectRecord& record, Fact fact);
    bool scanPiece();
    std::int64_t fact(Fact fact, std::uint32_t object) const;
    std::string_view shape(std::uint32_t object, std::string& scratch) const;
    std::uint16_t vertex(std::uint32_t object) const { return m_store.vertexOf(m_store.objectRow(object)); }
    std::uint32_t mapIndex(std::uint32_t object) const { return m_store.mapIndex(m_store.objectRow(object)); }
    base::ObjectId id(std::uint32_t object) const;

    const RunStore& m_store;
    const RunWorld m_world;
    VertexNames m_names;
    const std::uint32_t m_rows;
    const std::uint64_t m_blocks;
    std::uint32_t m_wanted = 0;
    bool m_loaded = false;
    std::uint64_t m_block = 1;
    std::uint32_t m_first = 0;
    std::array<std::vector<std::int64_t>, kFacts> m_facts;
    // Of the object that was read last without prepare().
    mutable std::uint32_t m_object = kNone;
    mutable std::uint64_t m_objectBlocks = 0;
    mutable types::ObjectRecord m_record;
};

} // namespace orrery::trace
