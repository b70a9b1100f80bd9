// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

namespace orrery::archive {

using base::Errc;
using base::fail;

namespace {

constexpr int kLengthMax = 128 << 20; // a document or a block is far below

// A path as the file: URI that SQLite reads.
std::string uriOf(const std::string& path, std::string_view query)
{
    std::string uri = "file:";
    for (const char c : path) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '?' || c == '#' || c == '%' || u < 0x20) uri += fmt::format("%{:02x}", u);
        else uri += c;
    }
    return uri.append(query);
}

} // namespace

// ---- Statement ----

Statement::Statement(Statement&& other) noexcept : m_statement(std::exchange(other.m_statement, nullptr)), m_database(other.m_database) {}

Statement& Statement::operator=(Statement&& other) noexcept
{
    if (this != &other) {
        sqlite3_finalize(std::exchange(m_statement, std::exchange(other.m_statement, nullptr)));
        m_database = other.m_database;
    }
    return *this;
}

Statement::~Statement() { sqlite3_finalize(m_statement); }

Statement& Statement::bind(int at, std::int64_t value)
{
    sqlite3_bind_int64(m_statement, at, value);
    return *this;
}

Statement& Statement::bind(int at, std::string_view text)
{
    sqlite3_bind_text64(m_statement, at, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind(int at, std::span<const std::byte> blob)
{
    sqlite3_bind_blob64(m_statement, at, blob.empty() ? static_cast<const void*>("") : blob.data(), blob.size(), SQLITE_STATIC);
    return *this;
}

Statement& Statement::bindNull(int at)
{
    sqlite3_bind_null(m_statement, at);
    return *this;
}

base::Result<bool> Statement::step()
{
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return m_database->error(code);
}

base::Result<void> Statement::run()
{
    const auto stepped = step();
    reset();
    if (!stepped) return stepped.error();
    return {};
}

void Statement::reset()
{
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_statement, column); }

std::string_view Statement::text(int column) const
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
    return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))) : std::string_view();
}

std::span<const std::byte> Statement::blob(int column) const
{
    const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(m_statement, column));
    return data ? std::span(data, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))) : std::span<const std::byte>();
}

bool Statement::isNull(int column) const { return sqlite3_column_type(m_statement, column) == SQLITE_NULL; }

// ---- Database ----

base::Result<Database> Database::open(const std::filesystem::path& path, Mode mode, std::string what)
{
    Database made;
    made.m_path = path;
    made.m_what = std::move(what);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE;
    std::string_view query;
    switch (mode) {
    case Mode::Create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE; break;
    case Mode::ReadWrite: flags |= SQLITE_OPEN_READWRITE; break;
    case Mode::ReadOnly: flags |= SQLITE_OPEN_READONLY; break;
    case Mode::Immutable:
        flags |= SQLITE_OPEN_READONLY;
        query = "?immutable=1";
        break;
    }
    const int code = sqlite3_open_v2(uriOf(path.string(), query).c_str(), &made.m_handle, flags, nullptr);
    if (code != SQLITE_OK) return made.error(code);
    sqlite3_busy_timeout(made.m_handle, kBusyTimeoutMs);
    sqlite3_limit(made.m_handle, SQLITE_LIMIT_LENGTH, kLengthMax);
    sqlite3_db_config(made.m_handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(made.m_handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    for (const char* pragma : {"PRAGMA cell_size_check=ON", "PRAGMA mmap_size=0", "PRAGMA foreign_keys=ON"}) ORRERY_TRY(made.exec(pragma));
    return made;
}

Database::Database(Database&& other) noexcept
    : m_handle(std::exchange(other.m_handle, nullptr)), m_path(std::move(other.m_path)), m_what(std::move(other.m_what))
{
}

Database& Database::operator=(Database&& other) noexcept
{
    if (this != &other) {
        close();
        m_handle = std::exchange(other.m_handle, nullptr);
        m_path = std::move(other.m_path);
        m_what = std::move(other.m_what);
    }
    return *this;
}

Database::~Database() { close(); }

void Database::close() { sqlite3_close_v2(std::exchange(m_handle, nullptr)); }

base::Result<void> Database::exec(const std::string& sql) const
{
    const int code = sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error(code);
    return {};
}

base::Result<Statement> Database::prepare(std::string_view sql) const
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(m_handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return error(code);
    return Statement(statement, this);
}

base::Result<std::int64_t> Database::number(const std::string& sql) const
{
    auto statement = prepare(sql);
    if (!statement) return statement.error();
    const auto row = statement->step();
    if (!row) return row.error();
    return *row ? statement->integer(0) : 0;
}

base::Result<std::string> Database::text(const std::string& sql) const
{
    auto statement = prepare(sql);
    if (!statement) return statement.error();
    const auto row = statement->step();
    if (!row) return row.error();
    return *row ? std::string(statement->text(0)) : std::string();
}

base::Result<std::string> Database::quickCheck() const
{
    auto found = text("PRAGMA quick_check(1)");
    if (!found) return found.error();
    return *found == "ok" ? std::string() : *found;
}

base::Result<void> Database::limitBytes(std::uint64_t bytes) const
{
    if (bytes == 0) return {};
    const auto page = number("PRAGMA page_size");
    if (!page) return page.error();
    return exec(fmt::format("PRAGMA max_page_count={}", std::max<std::uint64_t>(1, bytes / static_cast<std::uint64_t>(*page))));
}

base::Error Database::error(int code) const
{
    const std::string where = fmt::format("The {} {}", m_what, m_path.string());
    const std::string said = m_handle ? sqlite3_errmsg(m_handle) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_FULL: return fail(Errc::Refused, where + " cannot grow: the disk or its quota is full. Free some space.");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return fail(Errc::Refused, fmt::format("{} cannot be opened or written ({}). Check that its folder exists and belongs to you.", where, said));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return fail(Errc::BadInput, fmt::format("{} is damaged ({}). Use a copy of it.", where, said));
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fail(Errc::Unavailable, where + " is in use by another program. Close that program first.");
    case SQLITE_IOERR: return fail(Errc::Failed, fmt::format("{} could not be read or written ({}). Check the disk and its free space.", where, said));
    default: return fail(Errc::Internal, fmt::format("{} failed ({}, code {}).", where, said, code));
    }
}

base::Result<void> migrate(Database& database, std::span<const std::string_view> steps, int applicationId)
{
    const auto id = database.number("PRAGMA application_id");
    if (!id) return id.error();
    const auto version = database.number("PRAGMA user_version");
    if (!version) return version.error();
    const std::string where = fmt::format("The {} {}", database.what(), database.path().string());
    const bool fresh = *id == 0 && *version == 0;
    if (fresh) {
        const auto tables = database.number("SELECT count(*) FROM sqlite_schema");
        if (!tables) return tables.error();
        if (*tables > 0) return fail(Errc::BadInput, where + " is a database of another program. Choose another folder.");
    } else if (*id != applicationId) {
        return fail(Errc::BadInput, where + " is a database of another program. Choose another folder.");
    }
    if (static_cast<std::size_t>(*version) > steps.size())
        return fail(Errc::Refused, fmt::format("{} was written by a newer Orrery (version {} of its tables, this program knows {}). Use the newer program.", where, *version, steps.size()));
    for (auto step = static_cast<std::size_t>(*version); step < steps.size(); ++step) {
        ORRERY_TRY(database.exec("BEGIN IMMEDIATE"));
        auto done = database.exec(std::string(steps[step]));
        if (done) done = database.exec(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT", applicationId, step + 1));
        if (!done) {
            (void)database.exec("ROLLBACK");
            return done;
        }
    }
    return {};
}

} // namespace orrery::archive
