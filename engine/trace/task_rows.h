// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TaskRows: the table "tasks" of a run: one row a task, as its newest attempt is. What an attempt's record tells is missing
// until that attempt has ended; only the begin is known while it runs, and the duration so far when the world has a clock.
// Thread, life and bounds: as FactRows.

#include "engine/trace/fact_rows.h"

#include <optional>

namespace orrery::trace {

class TaskRows final : public FactRows {
public:
    TaskRows(const RunStore& store, RunWorld world);
    const types::TableSchema& schema() const override { return types::taskSchema(); }
    std::int64_t number(types::FieldId field, std::uint32_t row) const override;
    std::string_view text(types::FieldId field, std::uint32_t row, std::string& scratch) const override;
    std::int64_t textKey(types::FieldId field, std::uint32_t row) const override;
    bool keyDecides(types::FieldId field) const override;

private:
    // What attempts tell, by row.
    enum class Fact : std::uint8_t { Start, End, WaitUs, CpuUs, BytesOut, PeakKiB, Cause, Error };
    static constexpr std::size_t kFacts = 8;
    static std::int64_t factIn(const types::Attempt& attempt, Fact fact);
    std::optional<Text> ranksOf(types::FieldId field) const override;
    std::uint32_t factsOf(types::FieldId field) const override;
    std::uint32_t records(const BlockView& view) const override { return view.header().attempts; }
    void scan(const BlockView& view, std::uint32_t first, std::uint32_t end) override;
    void scanned() override;
    void forgetRow() override { m_row = types::kNoRow; }
    std::int64_t fact(Fact fact, std::uint32_t row) const;
    std::int64_t readFact(Fact fact, std::uint32_t row) const;
    std::int64_t duration(std::uint32_t row) const;
    const RunWorld::Worker* worker(std::uint32_t row) const;

    // Of the row that was read last without prepare().
    mutable std::uint32_t m_row = types::kNoRow;
    mutable std::uint64_t m_rowBlocks = 0;
    mutable std::optional<types::Attempt> m_attempt;
    mutable types::TimeNs m_openNs = types::kNoNumber;
};

} // namespace orrery::trace
