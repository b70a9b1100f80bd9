// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/recorded_run.h"

#include "engine/archive/member_codec.h"
#include "engine/archive/migrations.h"
#include "engine/archive/run_columns.h"
#include "engine/types/graph_document.h"

#include <fmt/format.h>

#include <array>
#include <fstream>

namespace orrery::archive {

using base::Errc;
using base::fail;

namespace {

constexpr std::size_t kLogLinesMax = 10'000'000;

class Reader {
public:
    Reader(const std::filesystem::path& path, Database& database, RecordedRun& out) : m_path(path), m_database(database), m_out(out) {}

    base::Result<void> read()
    {
        ORRERY_TRY(checkTables());
        ORRERY_TRY(readRunRow());
        ORRERY_TRY(readPlugins());
        ORRERY_TRY(readBlocks());
        ORRERY_TRY(readLogs());
        ORRERY_TRY(readMembers());
        return readObjects();
    }

    base::Error damaged(const std::string& why) const
    {
        return fail(Errc::BadInput, fmt::format("The recorded run {} is damaged: {}. Use a copy of it.", m_path.string(), why));
    }

private:
    // fn(statement) for each row.
    template <typename Fn>
    base::Result<void> each(std::string_view sql, Fn fn)
    {
        auto statement = m_database.prepare(sql);
        if (!statement) return statement.error();
        for (;;) {
            const auto row = statement->step();
            if (!row) return row.error();
            if (!*row) return {};
            ORRERY_TRY(fn(*statement));
        }
    }

    base::Result<std::vector<std::string>> tablesOf(const Database& database)
    {
        std::vector<std::string> tables;
        auto statement = database.prepare("SELECT type || ' ' || name || ' ' || tbl_name || ' ' || ifnull(sql, '') FROM sqlite_schema ORDER BY type, name");
        if (!statement) return statement.error();
        for (;;) {
            const auto row = statement->step();
            if (!row) return row.error();
            if (!*row) return tables;
            tables.emplace_back(statement->text(0));
            if (tables.size() > 100) return tables;
        }
    }

    // No table, view or trigger but ours: what we ask is then answered by nothing else.
    base::Result<void> checkTables()
    {
        auto ours = Database::open(":memory:", Database::Mode::Create, "pattern of a record");
        if (!ours) return ours.error();
        ORRERY_TRY(migrate(*ours, orunMigrations(), kRunApplicationId));
        const auto wanted = tablesOf(*ours);
        const auto found = tablesOf(m_database);
        if (!wanted) return wanted.error();
        if (!found) return found.error();
        if (*wanted != *found) return damaged("its tables are not those of a recorded run");
        return {};
    }

    base::Result<void> readRunRow()
    {
        int rows = 0;
        ORRERY_TRY(each(fmt::format("SELECT {}, cluster, wall_offset_ns, blocks, logs, complete, check_hash FROM run", kRunColumns), [&](const Statement& row) -> base::Result<void> {
            ++rows;
            auto run = readRun(row);
            if (!run) return damaged(run.error().message);
            m_out.run = std::move(*run);
            RowHash hash;
            addTo(hash, m_out.run);
            hash.add(row.text(kRunColumnCount));
            for (int i = 1; i <= 4; ++i) hash.add(row.integer(kRunColumnCount + i));
            if (hash.value() != row.integer(kRunColumnCount + 5)) return damaged("the row of the run was changed");
            const auto cluster = base::ClusterId::parse(row.text(kRunColumnCount));
            if (!cluster) return damaged(cluster.error().message);
            m_out.cluster = *cluster;
            m_out.wallOffsetNs = row.integer(kRunColumnCount + 1);
            m_blocks = row.integer(kRunColumnCount + 2);
            m_logs = row.integer(kRunColumnCount + 3);
            m_out.complete = row.integer(kRunColumnCount + 4) != 0;
            return {};
        }));
        if (rows != 1) return damaged(fmt::format("it describes {} runs", rows));
        auto parsed = types::parseDocument(m_out.run.document);
        if (!parsed.ok()) return damaged("its graph cannot be read (" + parsed.problems.front().text() + ")");
        m_out.graph = std::make_shared<const types::Graph>(std::move(parsed.graph));
        return {};
    }

    base::Result<void> readPlugins()
    {
        auto catalog = std::make_shared<types::Catalog>();
        ORRERY_TRY(each("SELECT name, version, path, sha256, interface, description, check_hash FROM plugins ORDER BY name", [&](const Statement& row) -> base::Result<void> {
            RowHash hash;
            for (int i = 0; i < 5; ++i) hash.add(row.text(i));
            hash.add(row.blob(5));
            if (hash.value() != row.integer(6)) return damaged("the row of a plugin was changed");
            auto plugin = readPlugin(row.blob(5));
            if (!plugin) return damaged(plugin.error().message);
            catalog->plugins.push_back(std::move(*plugin));
            return {};
        }));
        m_out.catalog = std::move(catalog);
        return {};
    }

    base::Result<void> readBlocks()
    {
        m_out.store = std::make_unique<trace::RunStore>(m_out.run.row.id);
        ORRERY_TRY(each("SELECT number, bytes FROM blocks ORDER BY number", [&](const Statement& row) -> base::Result<void> {
            const auto bytes = row.blob(1);
            if (row.integer(0) != static_cast<std::int64_t>(m_out.store->blocks()) + 1) return damaged(fmt::format("trace block {} is missing", m_out.store->blocks() + 1));
            auto block = std::make_shared<const base::Bytes>(bytes.begin(), bytes.end());
            const auto applied = m_out.store->apply(block);
            if (!applied) return damaged(applied.error().message);
            if (*applied != trace::Applied::Now) return damaged(fmt::format("trace block {} is not in its place", row.integer(0)));
            return {};
        }));
        if (m_out.complete && static_cast<std::int64_t>(m_out.store->blocks()) != m_blocks) return damaged(fmt::format("it has {} of {} trace blocks", m_out.store->blocks(), m_blocks));
        return {};
    }

    base::Result<void> readLogs()
    {
        ORRERY_TRY(each("SELECT seq, at_ns, node, worker, task_row, level, text, check_hash FROM logs ORDER BY seq", [&](const Statement& row) -> base::Result<void> {
            RowHash hash;
            for (int i = 0; i < 6; ++i) hash.add(row.integer(i));
            hash.add(row.text(6));
            if (hash.value() != row.integer(7) || row.integer(0) != static_cast<std::int64_t>(m_out.logs.size()) + 1) return damaged("a log line was changed or is missing");
            if (m_out.logs.size() >= kLogLinesMax) return damaged("it has more log lines than a record may");
            types::LogLine& line = m_out.logs.emplace_back();
            line.atNs = row.integer(1);
            line.node = static_cast<std::uint16_t>(row.integer(2));
            line.worker = static_cast<std::uint16_t>(row.integer(3));
            line.row = static_cast<std::uint32_t>(row.integer(4));
            line.level = static_cast<std::uint8_t>(row.integer(5));
            line.text = row.text(6);
            return {};
        }));
        if (m_out.complete && static_cast<std::int64_t>(m_out.logs.size()) != m_logs) return damaged(fmt::format("it has {} of {} log lines", m_out.logs.size(), m_logs));
        return {};
    }

    base::Result<void> readMembers()
    {
        return each("SELECT kind, rows, check_hash FROM members", [&](const Statement& row) -> base::Result<void> {
            RowHash hash;
            hash.add(row.text(0)).add(row.blob(1));
            if (hash.value() != row.integer(2)) return damaged("the rows of nodes or workers were changed");
            if (row.text(0) == "nodes") {
                auto nodes = readNodes(row.blob(1));
                if (!nodes) return damaged(nodes.error().message);
                m_out.nodes = std::move(*nodes);
            } else if (row.text(0) == "workers") {
                auto workers = readWorkers(row.blob(1));
                if (!workers) return damaged(workers.error().message);
                m_out.workers = std::move(*workers);
            }
            return {};
        });
    }

    base::Result<void> readObjects()
    {
        return each("SELECT task_row, output, length(bytes) FROM objects", [&](const Statement& row) -> base::Result<void> {
            m_out.objects[{static_cast<std::uint32_t>(row.integer(0)), static_cast<std::uint16_t>(row.integer(1))}] = static_cast<std::uint64_t>(row.integer(2));
            return {};
        });
    }

    const std::filesystem::path& m_path;
    Database& m_database;
    RecordedRun& m_out;
    std::int64_t m_blocks = 0, m_logs = 0;
};

// What can be told without SQLite: so that the commonest mistakes have their own words.
base::Result<void> look(const std::filesystem::path& path)
{
    const auto name = path.string();
    std::error_code code;
    if (!std::filesystem::exists(path, code)) return fail(Errc::NotFound, fmt::format("There is no file {}.", name));
    if (!std::filesystem::is_regular_file(path, code)) return fail(Errc::BadInput, fmt::format("{} is not a file.", name));
    std::array<char, 100> header{};
    std::ifstream in(path, std::ios::binary);
    if (!in) return base::failErrno(Errc::Refused, fmt::format("{} cannot be opened", name));
    in.read(header.data(), header.size());
    if (in.gcount() != static_cast<std::streamsize>(header.size()) || std::string_view(header.data(), 15) != "SQLite format 3")
        return fail(Errc::BadInput, fmt::format("{} is not a recorded run (.orun), or its beginning is lost.", name));
    const auto at = [&](std::size_t offset) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(header[offset + i]);
        return value;
    };
    if (at(68) != static_cast<std::uint32_t>(kRunApplicationId)) return fail(Errc::BadInput, fmt::format("{} is a database, but not a recorded run (.orun).", name));
    const std::uint32_t version = at(60);
    if (version > orunMigrations().size()) return fail(Errc::Refused, fmt::format("The recorded run {} was written by a newer Orrery (version {}, this program knows {}). Use the newer program.", name, version, orunMigrations().size()));
    if (version != orunMigrations().size()) return fail(Errc::BadInput, fmt::format("The recorded run {} is damaged: its version is {}. Use a copy of it.", name, version));
    return {};
}

} // namespace

base::Result<RecordedRun> openRecordedRun(const std::filesystem::path& path)
{
    const bool hasLog = std::filesystem::exists(path.string() + "-wal");
    if (!hasLog) ORRERY_TRY(look(path)); // with a log beside it the file's own header may be behind
    auto opened = Database::open(path, hasLog ? Database::Mode::ReadOnly : Database::Mode::Immutable, "recorded run");
    if (!opened) return opened.error();
    RecordedRun run;
    run.file = std::make_shared<Database>(std::move(*opened));
    Reader reader(path, *run.file, run);
    const auto id = run.file->number("PRAGMA application_id");
    if (!id) return id.error();
    if (*id != kRunApplicationId) return fail(Errc::BadInput, fmt::format("{} is not a recorded run (.orun).", path.string()));
    const auto found = run.file->quickCheck();
    if (!found) return found.error();
    if (!found->empty()) return reader.damaged(*found);
    ORRERY_TRY(reader.read());
    return run;
}

base::Result<base::Bytes> RecordedRun::value(std::uint32_t row, std::uint16_t output) const
{
    auto statement = file->prepare("SELECT bytes, check_hash FROM objects WHERE task_row=?1 AND output=?2");
    if (!statement) return statement.error();
    const auto found = statement->bind(1, std::int64_t{row}).bind(2, std::int64_t{output}).step();
    if (!found) return found.error();
    if (!*found) return fail(Errc::NotFound, fmt::format("The value of row {}, output {} was not kept in this recording. Run the graph again to see it.", row, output));
    const auto blob = statement->blob(0);
    RowHash hash;
    hash.add(std::int64_t{row}).add(std::int64_t{output}).add(blob);
    if (hash.value() != statement->integer(1)) return fail(Errc::BadInput, fmt::format("The value of row {}, output {} in {} was changed after it was recorded.", row, output, file->path().string()));
    return base::Bytes(blob.begin(), blob.end());
}

} // namespace orrery::archive
