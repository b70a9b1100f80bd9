// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Database, Statement: SQLite as far as the archive needs it. One connection a file, used by one thread at a time; never across fork().
// Every failure is one sentence: what of which file failed, why, what to do.
// Settings of every connection: busy_timeout, no trusted schema, defensive, cells checked, no memory mapping.

#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace orrery::archive {

inline constexpr int kBusyTimeoutMs = 5000;
inline constexpr int kControlApplicationId = 0x4f525243; // "ORRC"
inline constexpr int kRunApplicationId = 0x4f52554e;     // "ORUN"

class Database;

class Statement {
public:
    Statement() = default;
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();
    // Parameters from 1. Text and blobs are not copied: they must live until step() and reset() are done.
    Statement& bind(int at, std::int64_t value);
    Statement& bind(int at, std::string_view text);
    Statement& bind(int at, std::span<const std::byte> blob);
    Statement& bindNull(int at);
    // True: a row is there.
    base::Result<bool> step();
    // One execution without rows, then ready for the next.
    base::Result<void> run();
    void reset();
    // Columns from 0, of the present row; views live until the next step() or reset().
    std::int64_t integer(int column) const;
    std::string_view text(int column) const;
    std::span<const std::byte> blob(int column) const;
    bool isNull(int column) const;

private:
    friend class Database;
    Statement(sqlite3_stmt* statement, const Database* database) : m_statement(statement), m_database(database) {}
    sqlite3_stmt* m_statement = nullptr;
    const Database* m_database = nullptr;
};

class Database {
public:
    enum class Mode { Create, ReadWrite, ReadOnly, Immutable };
    // what: how people call the file ("control store", "record of run 3").
    static base::Result<Database> open(const std::filesystem::path& path, Mode mode, std::string what);
    Database() = default;
    Database(Database&& other) noexcept;
    Database& operator=(Database&& other) noexcept;
    ~Database();
    void close();
    explicit operator bool() const { return m_handle != nullptr; }
    base::Result<void> exec(const std::string& sql) const;
    // REQUIRES: the Database stays where it is while the statement lives.
    base::Result<Statement> prepare(std::string_view sql) const;
    base::Result<std::int64_t> number(const std::string& sql) const; // first column of the first row
    base::Result<std::string> text(const std::string& sql) const;
    // "" or the first finding of PRAGMA quick_check.
    base::Result<std::string> quickCheck() const;
    // A file larger than this fails as if the disk were full; 0: no bound.
    base::Result<void> limitBytes(std::uint64_t bytes) const;
    base::Error error(int code) const;
    const std::filesystem::path& path() const { return m_path; }
    const std::string& what() const { return m_what; }

private:
    sqlite3* m_handle = nullptr;
    std::filesystem::path m_path;
    std::string m_what;
};

// Brings a file to today's tables. A file of another program, or of a newer Orrery, is refused.
base::Result<void> migrate(Database& database, std::span<const std::string_view> steps, int applicationId);

} // namespace orrery::archive
