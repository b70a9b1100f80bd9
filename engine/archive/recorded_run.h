// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RecordedRun: an .orun, read and checked whole, as the session and the command line want it.
// A file that is damaged, of another program or of a newer Orrery is refused with one sentence; bytes of a stranger can make
// the opening fail, nothing else: SQLite's own check, the exact tables we write, a hash on every row, every trace block opened
// with all its checks and applied in order.
// Thread: one at a time. Lifetime: values read on demand keep the file open.

#include "engine/archive/database.h"
#include "engine/archive/records.h"
#include "engine/trace/run_store.h"
#include "engine/types/session_values.h"

#include <filesystem>
#include <map>
#include <memory>

namespace orrery::archive {

struct RecordedRun {
    RunEntry run;
    base::ClusterId cluster;
    std::int64_t wallOffsetNs = 0;   // wall clock = cluster clock + this
    bool complete = false;           // false: its head ended before it; what is here was committed
    std::shared_ptr<const types::Graph> graph;
    std::shared_ptr<const types::Catalog> catalog; // the plugins of then
    std::vector<types::LogLine> logs;
    std::vector<types::NodeRow> nodes;
    std::vector<types::WorkerRow> workers;
    std::unique_ptr<trace::RunStore> store;
    std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint64_t> objects; // (row, output) -> bytes, of the values that were kept
    std::shared_ptr<Database> file;

    // A kept value with its header. NotFound: it was not kept. BadInput: its bytes were changed.
    base::Result<base::Bytes> value(std::uint32_t row, std::uint16_t output) const;
};

base::Result<RecordedRun> openRecordedRun(const std::filesystem::path& path);

} // namespace orrery::archive
