// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A fake of each port of the head (engine/head/ports.h): they keep what they were told and answer when the test lets them.

#include "engine/head/ports.h"

#include <deque>
#include <map>
#include <vector>

namespace orrery::tests {

// Durable at once, unless held back.
struct FakeJournal final : head::Journal {
    std::map<base::RunId, head::StoredRun> runs;
    std::map<base::NodeId, head::StoredNode> nodes;
    std::deque<head::Done> waiting; // while `hold`
    bool hold = false;
    std::string problem;

    void record(head::StoredRun run, head::Done done) override
    {
        if (problem.empty()) runs[run.row.id] = std::move(run);
        if (!done) return;
        if (hold) waiting.push_back(std::move(done));
        else done(problem);
    }
    void record(head::StoredNode node) override
    {
        if (node.gone) nodes.erase(node.id);
        else nodes[node.id] = std::move(node);
    }
    // What the next head finds.
    head::Stored stored(base::ClusterId cluster, std::uint64_t headEpoch) const
    {
        head::Stored all{cluster, headEpoch, {}, {}};
        std::map<std::uint32_t, head::StoredRun> byNumber;
        for (const auto& [id, run] : runs) byNumber[run.row.number] = run;
        for (auto& [number, run] : byNumber) all.runs.push_back(run);
        for (const auto& [id, node] : nodes) all.nodes.push_back(node);
        return all;
    }
};

struct FakeRecorder final : head::RunRecorder {
    struct Record {
        std::uint64_t homeEpoch = 0;
        std::vector<types::BlockBytes> blocks;
        std::vector<types::LogLine> lines;
        head::RecordWorld world;
        bool closed = false;
    };
    std::map<base::RunId, Record> records;
    std::string problem;
    int loads = 0;

    void open(const head::StoredRun& run, head::RecordWorld world) override { records[run.row.id] = {run.homeEpoch, {}, {}, std::move(world), false}; }
    void append(base::RunId run, std::uint64_t, types::BlockBytes bytes, head::Done done) override
    {
        if (problem.empty()) records[run].blocks.push_back(std::move(bytes));
        done(problem);
    }
    void logs(base::RunId run, std::vector<types::LogLine> lines) override { records[run].lines.insert(records[run].lines.end(), lines.begin(), lines.end()); }
    void close(const head::StoredRun& run, head::RecordWorld world) override
    {
        records[run.row.id].closed = true;
        records[run.row.id].world = std::move(world);
    }
    void load(const types::RunRow& run, Loaded done) override
    {
        ++loads;
        const auto found = records.find(run.id);
        if (found == records.end()) return done(nullptr, "there is no record");
        auto store = std::make_shared<trace::RunStore>(run.id);
        for (const auto& block : found->second.blocks)
            if (auto applied = store->apply(block); !applied) return done(nullptr, applied.error().message);
        done(std::move(store), {});
    }
};

struct FakeCatalogSource final : head::CatalogSource {
    std::shared_ptr<const types::Catalog> catalog; // null: the scan waits for answer()
    std::function<void(std::shared_ptr<const types::Catalog>, std::string)> waiting;

    void scan(std::function<void(std::shared_ptr<const types::Catalog>, std::string)> done) override
    {
        if (catalog) done(catalog, {});
        else waiting = std::move(done);
    }
};

// Processes are numbers from 5000; a test makes them join or end.
struct FakeLauncher final : head::NodeLauncher {
    std::vector<std::string> started;
    std::vector<std::int64_t> watched, killed;
    std::string problem;
    std::int64_t lastPid = 4999;
    std::function<void(std::int64_t, std::string)> exited;

    void start(const types::AddNode&, const std::string& name, std::function<void(std::int64_t, std::string)> done) override
    {
        started.push_back(name);
        if (problem.empty()) done(++lastPid, {});
        else done(0, problem);
    }
    void watch(std::int64_t pid) override { watched.push_back(pid); }
    void kill(std::int64_t pid) override { killed.push_back(pid); }
    void setExited(std::function<void(std::int64_t, std::string)> told) override { exited = std::move(told); }
};

} // namespace orrery::tests
