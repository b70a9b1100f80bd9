// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/run_bundle.h"

#include "engine/archive/data_lock.h"
#include "engine/archive/run_columns.h"

#include <fmt/format.h>

#include <cstdio>
#include <thread>

namespace orrery::archive {

using base::Errc;
using base::fail;

namespace {

base::Result<void> keep(const std::filesystem::path& path, const std::vector<KeptValue>& values)
{
    auto database = Database::open(path, Database::Mode::ReadWrite, "bundle of a run");
    if (!database) return database.error();
    ORRERY_TRY(database->exec("PRAGMA synchronous=FULL"));
    ORRERY_TRY(database->exec("BEGIN IMMEDIATE"));
    {
        auto put = database->prepare("INSERT OR REPLACE INTO objects (task_row, output, bytes, check_hash) VALUES (?1, ?2, ?3, ?4)");
        if (!put) return put.error();
        for (const auto& value : values) ORRERY_TRY(putObject(*put, value.row, value.output, value.bytes));
    }
    ORRERY_TRY(database->exec("COMMIT"));
    database->close();
    return {};
}

// A file without a log beside it may also be one that is only being made: what it says of itself decides.
bool saysComplete(const std::filesystem::path& record)
{
    auto database = Database::open(record, Database::Mode::Immutable, "record of a run");
    if (!database) return false;
    auto asked = database->prepare("SELECT complete FROM run WHERE one = 1");
    if (!asked) return false;
    const auto row = asked->step();
    return row && *row && asked->integer(0) == 1;
}

// Removes itself unless it was put in its place.
struct Part {
    std::filesystem::path path;
    ~Part()
    {
        std::error_code ignored;
        if (!path.empty()) std::filesystem::remove(path, ignored);
    }
};

} // namespace

base::Result<void> bundleRun(const std::filesystem::path& record, const std::filesystem::path& to, const std::vector<KeptValue>& values)
{
    Part part{to.string() + ".part"};
    std::error_code code;
    std::filesystem::copy_file(record, part.path, std::filesystem::copy_options::overwrite_existing, code);
    if (code) return fail(Errc::BadInput, fmt::format("The record {} cannot be copied to {}: {}", record.string(), to.string(), code.message()));
    ORRERY_TRY(keep(part.path, values));
    const auto readBack = openRecordedRun(part.path);
    if (!readBack) return readBack.error();
    if (!readBack->complete) return fail(Errc::Failed, fmt::format("The record {} is not complete.", record.string()));
    if (std::rename(part.path.c_str(), to.c_str()) != 0) return base::failErrno(Errc::BadInput, "cannot write " + to.string());
    part.path.clear();
    return syncFolder(to.parent_path().empty() ? "." : to.parent_path());
}

base::Result<void> waitRecordClosed(const std::filesystem::path& record, std::chrono::milliseconds limit)
{
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
        std::error_code code;
        const bool there = std::filesystem::exists(record, code);
        // Its log file goes when it is closed.
        if (there && !std::filesystem::exists(record.string() + "-wal", code) && saysComplete(record)) return {};
        if (std::chrono::steady_clock::now() > until) {
            if (there) return fail(Errc::Unavailable, fmt::format("The record {} is not closed yet.", record.string()));
            return fail(Errc::NotFound, fmt::format("There is no record {}: the run is not recorded (the log of the cluster says why), or its data folder is on another machine.", record.string()));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

} // namespace orrery::archive
