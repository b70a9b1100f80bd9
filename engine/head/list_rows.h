// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rows of the head's own tables, nodes, workers, jobs and logs, as trace::TableQuery reads them. A list holds the numbers
// of the rows that were there when it was made and reads each where it lies, as it is now; one that has gone meanwhile is not
// there() any more.
// Runs on: the head's loop. Lives no longer than the table.

#include "engine/head/head_table.h"
#include "engine/trace/run_world.h"
#include "engine/trace/table_rows.h"

namespace orrery::head {

class ListRows : public trace::TableRows {
public:
    const types::TableSchema& schema() const final { return m_schema; }
    std::uint32_t rows() const override { return static_cast<std::uint32_t>(m_numbers.size()); }
    bool changed() const override { return m_table.version() != m_version; }
    std::uint32_t rowsPerLook() const override { return 16; }

protected:
    ListRows(const HeadTable& table, trace::RunWorld world, const types::TableSchema& schema) : m_table(table), m_world(std::move(world)), m_schema(schema), m_version(table.version()) {}
    std::int64_t wallMs(TimeNs at) const { return at == 0 ? types::kNoNumber : m_world.wallMs(at); }

    const HeadTable& m_table;
    const trace::RunWorld m_world;
    std::vector<std::uint32_t> m_numbers; // of nodes, tracks or runs; empty for logs

private:
    const types::TableSchema& m_schema;
    const std::uint64_t m_version;
};

class NodeRows final : public ListRows {
public:
    NodeRows(const HeadTable& table, trace::RunWorld world);
    bool there(std::uint32_t row) const override { return find(row) != nullptr; }
    std::int64_t number(types::FieldId field, std::uint32_t row) const override;
    std::string_view text(types::FieldId field, std::uint32_t row, std::string& scratch) const override;
    std::int64_t textKey(types::FieldId field, std::uint32_t row) const override;

private:
    const types::NodeRow* find(std::uint32_t row) const;
};

class WorkerRows final : public ListRows {
public:
    WorkerRows(const HeadTable& table, trace::RunWorld world);
    bool there(std::uint32_t row) const override { return find(row) != nullptr; }
    std::int64_t number(types::FieldId field, std::uint32_t row) const override;
    std::string_view text(types::FieldId field, std::uint32_t row, std::string& scratch) const override;
    std::int64_t textKey(types::FieldId field, std::uint32_t row) const override;

private:
    const types::WorkerRow* find(std::uint32_t row) const;
};

class JobRows final : public ListRows {
public:
    JobRows(const HeadTable& table, trace::RunWorld world);
    bool there(std::uint32_t row) const override { return find(row) != nullptr; }
    std::int64_t number(types::FieldId field, std::uint32_t row) const override;
    std::string_view text(types::FieldId field, std::uint32_t row, std::string& scratch) const override;

private:
    const types::RunRow* find(std::uint32_t row) const;
};

// Lines never change; the oldest go.
class LogRows final : public ListRows {
public:
    LogRows(const HeadTable& table, trace::RunWorld world);
    std::uint32_t rows() const override { return m_count; }
    bool changed() const override { return false; }
    bool there(std::uint32_t row) const override { return m_first + row >= m_table.logs().first(); }
    std::uint32_t rowsPerLook() const override { return 1; } // a line may be long and a pattern slow
    std::int64_t number(types::FieldId field, std::uint32_t row) const override;
    std::string_view text(types::FieldId field, std::uint32_t row, std::string& scratch) const override;
    std::int64_t textKey(types::FieldId field, std::uint32_t row) const override;

private:
    const types::LogLine* find(std::uint32_t row) const { return there(row) ? &m_table.logs().at(m_first + row) : nullptr; }
    const std::uint64_t m_first; // number of row 0
    const std::uint32_t m_count;
};

// Null: the head has no such list. Tables "nodes", "workers", "jobs" (or "runs"), "logs".
std::unique_ptr<trace::TableRows> listRows(const std::string& table, const HeadTable& head, trace::RunWorld world);

} // namespace orrery::head
