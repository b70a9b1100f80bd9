// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The columns of a run's row, the same in control.db and in an .orun.

#include "engine/archive/database.h"
#include "engine/archive/records.h"
#include "engine/base/bytes.h"

namespace orrery::archive {

inline constexpr std::string_view kRunColumns = "id, number, title, state, submit_wall_ns, start_ns, end_ns, tasks, counts, reexecuted, error, document, home, home_epoch";
inline constexpr std::string_view kRunMarks = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14";
inline constexpr int kRunColumnCount = 14;

// A run's row while it is bound: its texts live here until the statement ran.
class RunBinding {
public:
    explicit RunBinding(const RunEntry& entry);
    void bind(Statement& statement) const; // parameters 1..kRunColumnCount

private:
    const RunEntry& m_entry;
    const std::string m_id, m_home;
    const base::Bytes m_counts;
};

// Of the present row, columns from 0. BadInput when a value is none.
base::Result<RunEntry> readRun(const Statement& statement);

// Hash of a row's content for check_hash: the values in the order of the columns.
class RowHash {
public:
    RowHash& add(std::int64_t value);
    RowHash& add(std::string_view text);
    RowHash& add(std::span<const std::byte> blob);
    std::int64_t value() const;

private:
    base::ByteWriter m_bytes;
};
void addTo(RowHash& hash, const RunEntry& entry);
// A kept value into a statement of (task_row, output, bytes, check_hash).
base::Result<void> putObject(Statement& statement, std::uint32_t row, std::uint16_t output, std::span<const std::byte> value);

} // namespace orrery::archive
