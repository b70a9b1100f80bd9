// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/head_stores.h"

namespace orrery::host {

namespace {

archive::RunEntry entryOf(const head::StoredRun& run) { return {run.row, run.document, run.homeEpoch, run.home}; }

} // namespace

void ControlStore::record(head::StoredRun run, head::Done done)
{
    m_journal->record(archive::RunEntry{std::move(run.row), std::move(run.document), run.homeEpoch, run.home}, std::move(done));
}

void ControlStore::record(head::StoredNode node)
{
    archive::NodeEntry entry;
    entry.id = node.id;
    entry.incarnation = node.incarnation;
    entry.number = node.number;
    entry.firstTrack = node.firstTrack;
    entry.tracks = node.tracks;
    entry.name = std::move(node.name);
    entry.host = std::move(node.host);
    entry.pid = node.pid;
    entry.gone = node.gone;
    entry.remote = node.remote;
    m_journal->record(std::move(entry));
}

head::Stored ControlStore::stored() const
{
    const archive::Loaded& loaded = m_journal->loaded();
    head::Stored stored;
    stored.cluster = loaded.cluster;
    stored.headEpoch = loaded.headEpoch;
    for (const auto& run : loaded.runs) stored.runs.push_back({run.row, run.document, run.homeEpoch, run.home});
    for (const auto& node : loaded.nodes) {
        if (node.gone) continue;
        stored.nodes.push_back({node.id, node.incarnation, node.number, node.firstTrack, node.tracks, node.name, node.host, node.pid, node.gone, node.remote});
    }
    return stored;
}

RunRecords::RunRecords(base::ClusterId cluster, archive::RunArchive::Options options)
    : m_cluster(cluster), m_folder(options.folder), m_deliver(options.deliver), m_archive(std::move(options))
{
}

void RunRecords::load(const types::RunRow& run, Loaded done)
{
    m_loader.load(m_folder / archive::runFileName(run.number, run.id), [deliver = m_deliver, done = std::move(done)](base::Result<archive::RecordedRun> read) {
        std::shared_ptr<trace::RunStore> store;
        std::string problem;
        if (read) store = std::move(read->store);
        else problem = read.error().message;
        deliver([done, store = std::move(store), problem = std::move(problem)] { done(store, problem); });
    });
}

void RunRecords::open(const head::StoredRun& run, head::RecordWorld world)
{
    m_archive.open(entryOf(run), {m_cluster, world.wallOffsetNs, std::move(world.catalog)});
    m_archive.setMembers(run.row.id, std::move(world.nodes), std::move(world.workers));
}

void RunRecords::append(base::RunId run, std::uint64_t number, types::BlockBytes bytes, head::Done done)
{
    m_archive.append(run, number, std::move(bytes), std::move(done));
}

void RunRecords::logs(base::RunId run, std::vector<types::LogLine> lines) { m_archive.addLogs(run, std::move(lines)); }

void RunRecords::close(const head::StoredRun& run, head::RecordWorld world)
{
    m_archive.setMembers(run.row.id, std::move(world.nodes), std::move(world.workers));
    m_archive.close(entryOf(run));
}

std::string recordsFolder(const std::string& dataDir) { return dataDir + "/runs"; }

std::string recordPath(const std::string& dataDir, const types::RunRow& run)
{
    return recordsFolder(dataDir) + "/" + archive::runFileName(run.number, run.id);
}

} // namespace orrery::host
