// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// FactRows: a table of a run whose rows the store counts and whose facts only the records in its blocks tell. A question's
// facts are laid out by row, in one scan over all blocks in pieces; until then a fact is read from the records of one row.
// Rows are those that were there when this was made; each is read as it is when it is read.
// Thread: that which applies blocks to the store. Lives no longer than the store. Bounds: prepare() takes 8 bytes a row and fact.

#include "engine/trace/table_rows.h"
#include "engine/trace/vertex_names.h"

#include <optional>
#include <vector>

namespace orrery::trace {

class FactRows : public TableRows {
public:
    FactRows(const FactRows&) = delete;
    FactRows& operator=(const FactRows&) = delete;
    std::uint32_t rows() const final { return m_rows; }
    bool prepare(std::uint64_t fields) final;
    bool changed() const final { return m_store.blocks() != m_blocks; }
    void forget() final;

protected:
    using Text = VertexNames::Text;
    struct Shape {
        std::uint32_t rows = 0;
        std::size_t facts = 0;   // at most 32
        std::uint32_t piece = 0; // records in one piece of a scan
    };
    FactRows(const RunStore& store, RunWorld world, const Shape& shape);

    // The names whose ranks a field is sorted by; nullopt: none.
    virtual std::optional<Text> ranksOf(types::FieldId field) const = 0;
    virtual std::uint32_t factsOf(types::FieldId field) const = 0; // bits
    // How many records of the table's kind are in a block; those from first to end, into the columns of all wanted facts.
    virtual std::uint32_t records(const BlockView& view) const = 0;
    virtual void scan(const BlockView& view, std::uint32_t first, std::uint32_t end) = 0;
    virtual void scanned() {} // all blocks; what no record tells comes now
    virtual void forgetRow() = 0;

    bool isLaidOut(std::size_t fact) const { return m_loaded && (m_wanted >> fact & 1) != 0; }
    std::uint32_t wanted() const { return m_wanted; } // facts that are being laid out or are there
    std::vector<std::int64_t>& column(std::size_t fact) { return m_facts[fact]; }
    const std::vector<std::int64_t>& column(std::size_t fact) const { return m_facts[fact]; }
    std::uint64_t block() const { return m_block; } // that scan() is about

    const RunStore& m_store;
    const RunWorld m_world;
    VertexNames m_names;
    const std::uint32_t m_rows;

private:
    bool scanPiece();

    const std::uint32_t m_piece;
    const std::uint64_t m_blocks;
    std::uint32_t m_wanted = 0;
    bool m_loaded = false;
    std::uint64_t m_block = 1; // next piece of the scan
    std::uint32_t m_first = 0;
    std::vector<std::vector<std::int64_t>> m_facts;
};

} // namespace orrery::trace
