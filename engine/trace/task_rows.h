// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TaskRows: the table "tasks" of a run: one row a task, as its newest attempt is. What an attempt's record tells is missing
// until that attempt has ended; only the begin is known while it runs, and the duration so far when the world has a clock.
// Rows are those that were there when this was made; each is read as it is when it is read.
// Thread: that which applies blocks to the store. Lives no longer than the store. Bounds: prepare() takes 8 bytes a row and column.

#include "engine/trace/table_rows.h"
#include "engine/trace/vertex_names.h"

#include <array>
#include <optional>

namespace orrery::trace {

class TaskRows final : public TableRows {
public:
    TaskRows(const RunStore& store, RunWorld world);
    TaskRows(const TaskRows&) = delete;
    TaskRows& operator=(const TaskRows&) = delete;
    const types::TableSchema& schema() const override { return types::taskSchema(); }
    std::uint32_t rows() const override { return m_rows; }
    bool prepare(std::uint64_t fields) override;
    bool changed() const override { return m_store.blocks() != m_blocks; }
    void forget() override;
    std::int64_t number(types::FieldId field, std::uint32_t row) const override;
    std::string_view text(types::FieldId field, std::uint32_t row, std::string& scratch) const override;
    std::int64_t textKey(types::FieldId field, std::uint32_t row) const override;
    bool keyDecides(types::FieldId field) const override;

private:
    // What attempts tell, by row.
    enum class Fact : std::uint8_t { Start, End, WaitUs, CpuUs, BytesOut, PeakKiB, Cause, Error };
    static constexpr std::size_t kFacts = 8;
    static std::uint32_t factsOf(types::FieldId field); // bits
    static std::int64_t factIn(const types::Attempt& attempt, Fact fact);
    bool scanPiece();
    std::int64_t fact(Fact fact, std::uint32_t row) const;
    std::int64_t readFact(Fact fact, std::uint32_t row) const;
    std::int64_t duration(std::uint32_t row) const;
    const RunWorld::Worker* worker(std::uint32_t row) const;

    const RunStore& m_store;
    const RunWorld m_world;
    VertexNames m_names;
    const std::uint32_t m_rows;
    const std::uint64_t m_blocks;
    std::uint32_t m_wanted = 0;   // facts that are being loaded or are there
    bool m_loaded = false;
    std::uint64_t m_block = 1;    // next piece of the scan
    std::uint32_t m_first = 0;
    std::array<std::vector<std::int64_t>, kFacts> m_facts;
    // Of the row that was read last without prepare().
    mutable std::uint32_t m_row = types::kNoRow;
    mutable std::uint64_t m_rowBlocks = 0;
    mutable std::optional<types::Attempt> m_attempt;
    mutable types::TimeNs m_openNs = types::kNoNumber;
};

} // namespace orrery::trace
