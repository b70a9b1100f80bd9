// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The head's two ports for what lasts, on the archive: its control store (<data>/control.db) and the record of each run
// (<data>/runs/*.orun). The values of both sides are the same things; they are copied field by field.
// Thread: as engine/head/ports.h says; answers come on the loop that `deliver` posts to.

#include "engine/archive/journal.h"
#include "engine/archive/run_archive.h"
#include "engine/archive/run_loader.h"
#include "engine/head/ports.h"

namespace orrery::host {

class ControlStore final : public head::Journal {
public:
    explicit ControlStore(std::unique_ptr<archive::Journal> journal) : m_journal(std::move(journal)) {}
    void record(head::StoredRun run, head::Done done) override;
    void record(head::StoredNode node) override;
    head::Stored stored() const; // what the last head left
    base::ClusterId cluster() const { return m_journal->loaded().cluster; }
    // Of joining: no role knows of them.
    const std::vector<archive::TokenEntry>& tokens() const { return m_journal->loaded().tokens; }
    const std::vector<archive::EnrolEntry>& members() const { return m_journal->loaded().members; }
    const std::vector<archive::DenyEntry>& denied() const { return m_journal->loaded().denied; }
    void record(archive::Entry entry, head::Done done) { m_journal->record(std::move(entry), std::move(done)); }

private:
    const std::unique_ptr<archive::Journal> m_journal;
};

class RunRecords final : public head::RunRecorder {
public:
    RunRecords(base::ClusterId cluster, archive::RunArchive::Options options);
    void open(const head::StoredRun& run, head::RecordWorld world) override;
    void append(base::RunId run, std::uint64_t number, types::BlockBytes bytes, head::Done done) override;
    void logs(base::RunId run, std::vector<types::LogLine> lines) override;
    void close(const head::StoredRun& run, head::RecordWorld world) override;
    void load(const types::RunRow& run, Loaded done) override;

private:
    const base::ClusterId m_cluster;
    const std::filesystem::path m_folder;
    const archive::Deliver m_deliver;
    archive::RunArchive m_archive;
    archive::RunLoader m_loader; // not on the archive's thread: reading an old run delays no record of a new one
};

// Where the record of a run lies, below a data folder.
std::string recordPath(const std::string& dataDir, const types::RunRow& run);
std::string recordsFolder(const std::string& dataDir);

} // namespace orrery::host
