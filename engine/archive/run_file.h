// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunFile: one .orun while it is written. Begin, append within transactions, finish.
// While it is open a write-ahead log lies beside it (synchronous=NORMAL: what was committed survives our death, not a power
// cut); finish() leaves one durable file.
// Thread: the archive's. Lifetime: destroyed without finish() it leaves an incomplete record, which can be read.

#include "engine/archive/database.h"
#include "engine/archive/records.h"
#include "engine/types/session_values.h"

#include <filesystem>
#include <memory>

namespace orrery::archive {

// What does not change while a run is recorded.
struct RecordInfo {
    base::ClusterId cluster;
    std::int64_t wallOffsetNs = 0; // wall clock = cluster clock + this
    std::shared_ptr<const types::Catalog> catalog; // its plugins are described in the record; null: none
};

class RunFile {
public:
    // Replaces a file of that name. fileBytesMax 0: none.
    static base::Result<std::unique_ptr<RunFile>> create(const std::filesystem::path& path, const RunEntry& run, const RecordInfo& info, std::uint64_t fileBytesMax);
    ~RunFile();
    // Each begins a transaction when none is open.
    base::Result<void> addBlock(std::uint64_t number, std::span<const std::byte> bytes);
    base::Result<void> addLog(const types::LogLine& line);
    base::Result<void> setMembers(const std::vector<types::NodeRow>& nodes, const std::vector<types::WorkerRow>& workers);
    base::Result<void> addObject(std::uint32_t row, std::uint16_t output, std::span<const std::byte> value);
    base::Result<void> commit(); // nothing open: nothing to do
    void rollback();
    // Writes the last state of the run, makes it one durable file and closes it.
    base::Result<void> finish(const RunEntry& run);
    const std::filesystem::path& path() const { return m_database.path(); }
    // A record that a killed head left: its log is brought into the file. Nothing to do: fine.
    static base::Result<void> mend(const std::filesystem::path& path);

private:
    RunFile(Database database, RunEntry run, RecordInfo info) : m_database(std::move(database)), m_run(std::move(run)), m_info(std::move(info)) {}
    base::Result<void> prepare();
    base::Result<void> begin();
    base::Result<void> putRun(bool complete);
    base::Result<void> putPlugins();
    static base::Result<void> makeOneFile(Database& database);

    Database m_database;
    RunEntry m_run;
    const RecordInfo m_info;
    Statement m_putBlock, m_putLog, m_putMembers, m_putObject;
    bool m_open = false; // a transaction
    std::uint64_t m_blocks = 0, m_logs = 0;
    std::uint64_t m_committedBlocks = 0, m_committedLogs = 0;
};

// "run-0007-1c3f9a20.orun", "probe-0001-...": sorts by number and is never that of another cluster's run.
std::string runFileName(std::uint32_t number, const base::RunId& run);

} // namespace orrery::archive
