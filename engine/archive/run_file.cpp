// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/run_file.h"

#include "engine/archive/data_lock.h"
#include "engine/archive/member_codec.h"
#include "engine/archive/migrations.h"
#include "engine/archive/run_columns.h"

#include <fmt/format.h>

#include <cstdio>

namespace orrery::archive {

std::string runFileName(std::uint32_t number, const base::RunId& run) 
{
    const bool probe = number > types::kProbeNumbers;
    return fmt::format("{}-{:04}-{:08x}.orun", probe ? "probe" : "run", probe ? number - types::kProbeNumbers : number, static_cast<std::uint32_t>(run.bits.low));
}

base::Result<std::unique_ptr<RunFile>> RunFile::create(const std::filesystem::path& path, const RunEntry& run, const RecordInfo& info, std::uint64_t fileBytesMax)
{
    for (const char* tail : {"", "-wal", "-shm", "-journal"}) {
        std::error_code code;
        std::filesystem::remove(path.string() + tail, code);
        if (code) return base::fail(base::Errc::Refused, fmt::format("The old record {}{} cannot be removed ({}). Remove it, or choose another data folder.", path.string(), tail, code.message()));
    }
    auto database = Database::open(path, Database::Mode::Create, fmt::format("record of run {}", run.row.number));
    if (!database) return database.error();
    ORRERY_TRY(database->exec("PRAGMA journal_mode=WAL"));
    ORRERY_TRY(database->exec("PRAGMA synchronous=NORMAL"));
    ORRERY_TRY(database->limitBytes(fileBytesMax));
    ORRERY_TRY(migrate(*database, orunMigrations(), kRunApplicationId));
    std::unique_ptr<RunFile> file(new RunFile(std::move(*database), run, info));
    ORRERY_TRY(file->prepare());
    ORRERY_TRY(file->begin());
    ORRERY_TRY(file->putRun(false));
    ORRERY_TRY(file->putPlugins());
    ORRERY_TRY(file->commit());
    return file;
}

RunFile::~RunFile()
{
    if (m_database) rollback();
}

base::Result<void> RunFile::prepare()
{
    const auto make = [this](Statement& statement, std::string_view sql) -> base::Result<void> {
        auto made = m_database.prepare(sql);
        if (!made) return made.error();
        statement = std::move(*made);
        return {};
    };
    ORRERY_TRY(make(m_putBlock, "INSERT OR IGNORE INTO blocks (number, bytes) VALUES (?1, ?2)")); // a block is sealed: told twice it is the same
    ORRERY_TRY(make(m_putLog, "INSERT INTO logs (seq, at_ns, node, worker, task_row, level, text, check_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
    ORRERY_TRY(make(m_putMembers, "INSERT OR REPLACE INTO members (kind, rows, check_hash) VALUES (?1, ?2, ?3)"));
    ORRERY_TRY(make(m_putObject, "INSERT OR REPLACE INTO objects (task_row, output, bytes, check_hash) VALUES (?1, ?2, ?3, ?4)"));
    return {};
}

base::Result<void> RunFile::begin()
{
    if (m_open) return {};
    ORRERY_TRY(m_database.exec("BEGIN IMMEDIATE"));
    m_open = true;
    return {};
}

base::Result<void> RunFile::commit()
{
    if (!m_open) return {};
    ORRERY_TRY(m_database.exec("COMMIT"));
    m_open = false;
    m_committedBlocks = m_blocks;
    m_committedLogs = m_logs;
    return {};
}

void RunFile::rollback()
{
    if (!std::exchange(m_open, false)) return;
    (void)m_database.exec("ROLLBACK"); // SQLite may have rolled back already
    m_blocks = m_committedBlocks;
    m_logs = m_committedLogs;
}

base::Result<void> RunFile::putRun(bool complete)
{
    auto put = m_database.prepare(fmt::format("INSERT OR REPLACE INTO run (one, {}, cluster, wall_offset_ns, blocks, logs, complete, check_hash) VALUES (1, {}, ?15, ?16, ?17, ?18, ?19, ?20)", kRunColumns, kRunMarks));
    if (!put) return put.error();
    const RunBinding binding(m_run);
    binding.bind(*put);
    const std::string cluster = m_info.cluster.text();
    RowHash hash;
    addTo(hash, m_run);
    hash.add(cluster).add(m_info.wallOffsetNs).add(static_cast<std::int64_t>(m_blocks)).add(static_cast<std::int64_t>(m_logs)).add(std::int64_t{complete});
    put->bind(15, cluster).bind(16, m_info.wallOffsetNs).bind(17, static_cast<std::int64_t>(m_blocks)).bind(18, static_cast<std::int64_t>(m_logs)).bind(19, std::int64_t{complete}).bind(20, hash.value());
    return put->run();
}

base::Result<void> RunFile::putPlugins()
{
    if (!m_info.catalog) return {};
    auto put = m_database.prepare("INSERT OR REPLACE INTO plugins (name, version, path, sha256, interface, description, check_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    if (!put) return put.error();
    for (const auto& plugin : m_info.catalog->plugins) {
        const base::Bytes description = writePlugin(plugin);
        const std::span<const std::byte> blob(description);
        RowHash hash;
        hash.add(plugin.name).add(plugin.version).add(plugin.path).add(plugin.sha256).add(plugin.interfaceHash).add(blob);
        ORRERY_TRY(put->bind(1, plugin.name).bind(2, plugin.version).bind(3, plugin.path).bind(4, plugin.sha256).bind(5, plugin.interfaceHash).bind(6, blob).bind(7, hash.value()).run());
    }
    return {};
}

base::Result<void> RunFile::addBlock(std::uint64_t number, std::span<const std::byte> bytes)
{
    ORRERY_TRY(begin());
    ORRERY_TRY(m_putBlock.bind(1, static_cast<std::int64_t>(number)).bind(2, bytes).run());
    m_blocks = std::max(m_blocks, number);
    return {};
}

base::Result<void> RunFile::addLog(const types::LogLine& line)
{
    ORRERY_TRY(begin());
    const auto seq = static_cast<std::int64_t>(m_logs + 1);
    RowHash hash;
    hash.add(seq).add(line.atNs).add(std::int64_t{line.node}).add(std::int64_t{line.worker}).add(std::int64_t{line.row}).add(std::int64_t{line.level}).add(line.text);
    m_putLog.bind(1, seq).bind(2, line.atNs).bind(3, std::int64_t{line.node}).bind(4, std::int64_t{line.worker}).bind(5, std::int64_t{line.row}).bind(6, std::int64_t{line.level});
    ORRERY_TRY(m_putLog.bind(7, line.text).bind(8, hash.value()).run());
    ++m_logs;
    return {};
}

base::Result<void> RunFile::setMembers(const std::vector<types::NodeRow>& nodes, const std::vector<types::WorkerRow>& workers)
{
    ORRERY_TRY(begin());
    const auto put = [this](std::string_view kind, const base::Bytes& rows) {
        const std::span<const std::byte> blob(rows);
        RowHash hash;
        hash.add(kind).add(blob);
        return m_putMembers.bind(1, kind).bind(2, blob).bind(3, hash.value()).run();
    };
    ORRERY_TRY(put("nodes", writeNodes(nodes)));
    return put("workers", writeWorkers(workers));
}

base::Result<void> RunFile::addObject(std::uint32_t row, std::uint16_t output, std::span<const std::byte> value)
{
    ORRERY_TRY(begin());
    return putObject(m_putObject, row, output, value);
}

base::Result<void> RunFile::makeOneFile(Database& database)
{
    ORRERY_TRY(database.exec("PRAGMA synchronous=FULL"));
    ORRERY_TRY(database.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
    const auto mode = database.text("PRAGMA journal_mode=DELETE");
    if (!mode) return mode.error();
    if (*mode != "delete") return base::fail(base::Errc::Unavailable, fmt::format("The {} {} is being read by another program and keeps its log file.", database.what(), database.path().string()));
    const std::filesystem::path folder = database.path().parent_path();
    database.close();
    return syncFolder(folder.empty() ? "." : folder);
}

base::Result<void> RunFile::finish(const RunEntry& run)
{
    m_run = run;
    ORRERY_TRY(begin());
    ORRERY_TRY(putRun(true));
    ORRERY_TRY(commit());
    m_putBlock = Statement();
    m_putLog = Statement();
    m_putMembers = Statement();
    m_putObject = Statement();
    return makeOneFile(m_database);
}

base::Result<void> RunFile::mend(const std::filesystem::path& path)
{
    if (!std::filesystem::exists(path.string() + "-wal")) return {};
    auto database = Database::open(path, Database::Mode::ReadWrite, "record of a run");
    if (!database) return database.error();
    const auto id = database->number("PRAGMA application_id");
    if (!id) return id.error();
    if (*id != kRunApplicationId) return {};
    return makeOneFile(*database);
}

} // namespace orrery::archive
