// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// run, job stop|delete, cancel.
#include "engine/host/ctl.h"

#include "engine/archive/run_bundle.h"
#include "engine/host/head_stores.h"
#include "engine/host/run_mirror.h"
#include "engine/host/value_files.h"
#include "engine/types/value_export.h"
#include "engine/types/vertex_ports.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unistd.h>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

constexpr auto kRecordLimit = std::chrono::seconds(20); // for the head to close the record of a run that has ended

struct RunWish {
    std::string path, out, bundle;
    std::vector<std::string> params;
    bool wait = false;
};

// Every chunk of a value.
base::Result<base::Bytes> fetchWhole(client::Session& session, types::ObjectAddress address)
{
    base::Bytes all;
    for (;;) {
        auto chunk = ctlWait<types::Chunk>([&](auto done) { session.fetch(address, {all.size(), 0}, std::move(done)); });
        if (!chunk) return chunk.error();
        all.insert(all.end(), chunk->bytes.begin(), chunk->bytes.end());
        if (all.size() >= chunk->total || chunk->bytes.empty()) return all;
    }
}

// What --out writes (formats page): outputs that no edge reads, and the inputs of vertices without outputs.
std::vector<types::PortRef> resultPorts(const types::Graph& graph, const types::Catalog& catalog)
{
    std::vector<types::PortRef> ports;
    for (const auto& vertex : graph.vertices) {
        const auto function = types::functionOf(catalog, vertex);
        if (!function) continue;
        for (const auto& output : function->outputs) {
            const types::PortRef port{vertex.id, output.name};
            bool read = false;
            for (const auto& edge : graph.edges) read = read || edge.from == port;
            if (!read) ports.push_back(port);
        }
        if (!function->outputs.empty()) continue;
        for (const auto& edge : graph.edges)
            if (edge.to.vertex == vertex.id && std::find(ports.begin(), ports.end(), edge.from) == ports.end()) ports.push_back(edge.from);
    }
    return ports;
}

// One value of the results, with its bytes.
struct RunResult {
    types::PortRef port;
    std::uint32_t row = 0;
    std::uint16_t output = 0;
    bool ofMany = false; // its vertex is a map
    std::uint32_t index = 0;
    base::Bytes bytes;
};

// One after the other: together they may not fit into memory.
base::Result<void> eachResult(client::Session& session, const RunMirror& mirror, base::RunId run, const std::function<base::Result<void>(RunResult)>& take)
{
    if (!mirror.graph() || !mirror.catalog()) return fail(Errc::Internal, "the head did not send the graph of the run");
    const auto& graph = *mirror.graph();
    for (const auto& port : resultPorts(graph, *mirror.catalog())) {
        const int vertex = graph.indexOf(port.vertex);
        const auto function = types::functionOf(*mirror.catalog(), graph.vertices[static_cast<std::size_t>(vertex)]);
        const auto& outputs = function->outputs;
        std::uint16_t output = 0;
        while (outputs[output].name != port.port) ++output;
        std::vector<std::uint32_t> rows;
        for (std::uint32_t row = 0; row < mirror.store().rows(); ++row)
            if (mirror.store().vertexOf(row) == vertex && types::isGood(mirror.store().state(row))) rows.push_back(row);
        for (const auto row : rows) {
            auto bytes = fetchWhole(session, {run, row, output, -1});
            if (!bytes) return bytes.error();
            const std::uint32_t index = mirror.store().mapIndex(row);
            ORRERY_TRY(take({port, row, output, rows.size() > 1 || index > 0, index, std::move(*bytes)}));
        }
    }
    return {};
}

base::Result<std::vector<std::string>> writeResults(client::Session& session, const RunMirror& mirror, base::RunId run, const std::string& folder)
{
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return fail(Errc::BadInput, "cannot make the folder " + folder + ": " + failed.message());
    std::vector<std::string> written;
    const auto keep = [&](RunResult result) -> base::Result<void> {
        std::string path = folder + "/" + result.port.vertex + "." + result.port.port;
        if (result.ofMany) path += "." + std::to_string(result.index);
        path += "." + types::valueExtension(result.bytes);
        ORRERY_TRY(writeValue(result.bytes, path));
        written.push_back(path);
        return {};
    };
    ORRERY_TRY(eachResult(session, mirror, run, keep));
    return written;
}

// The run's record with its results in it, as one file.
base::Result<void> writeBundle(CtlCluster& cluster, const RunMirror& mirror, const types::RunRow& run, const std::string& path)
{
    if (cluster.entry.dataDir.empty()) return fail(Errc::BadInput, "the record of the run lies on the head's machine; --bundle works there, --out FOLDER here");
    const std::string record = recordPath(cluster.entry.dataDir, run);
    ORRERY_TRY(archive::waitRecordClosed(record, kRecordLimit));
    std::vector<archive::KeptValue> values;
    ORRERY_TRY(eachResult(*cluster.session, mirror, run.id, [&](RunResult result) -> base::Result<void> {
        values.push_back({result.row, result.output, std::move(result.bytes)});
        return {};
    }));
    return archive::bundleRun(record, path, values);
}

// Results asked for may die with their node between the end of the run and here; then the run is made once more.
constexpr int kRunsForResults = 3;
// A run that waits longer for a node says so: who waits for it may have to add one.
constexpr std::chrono::seconds kQueuedQuietly{2};

int runOnce(const RunWish& wish, const CtlOptions& options, const types::StartRun& start, bool& resultsLost);

int run(const RunWish& wish, const CtlOptions& options)
{
    types::StartRun start;
    {
        if (std::filesystem::is_directory(wish.path)) return ctlFail(fail(Errc::BadInput, wish.path + " is a folder; give a graph document"));
        std::ifstream file(wish.path, std::ios::binary);
        if (!file) return ctlFail(fail(Errc::BadInput, "cannot read " + wish.path + ": " + std::strerror(errno)));
        std::stringstream text;
        text << file.rdbuf();
        start.document = text.str();
    }
    start.title = std::filesystem::path(wish.path).filename().string();
    for (const auto& param : wish.params) {
        const auto equals = param.find('=');
        if (equals == std::string::npos || param.find('.') > equals) return ctlFail(fail(Errc::BadInput, "--param " + param + ": write vertex.name=value"));
        std::string value = param.substr(equals + 1);
        // A bare word is a text; numbers, true, lists and objects are JSON.
        if (nlohmann::json::parse(value, nullptr, false).is_discarded()) value = nlohmann::json(value).dump();
        start.params[param.substr(0, equals)] = value;
    }
    for (int again = 1;; ++again) {
        bool resultsLost = false;
        const int code = runOnce(wish, options, start, resultsLost);
        if (!resultsLost || again == kRunsForResults) return code;
        std::fprintf(stderr, "orreryctl: the run is made once more\n");
    }
}

int runOnce(const RunWish& wish, const CtlOptions& options, const types::StartRun& start, bool& resultsLost)
{
    auto cluster = ctlConnect(options);
    if (!cluster) return ctlFail(cluster.error());
    auto& session = *cluster->session;
    auto reply = ctlAct(session, start);
    if (!reply) return ctlFail(reply.error());
    if (!reply->problems.empty()) {
        std::fprintf(stderr, "orreryctl: %s was refused: %zu problem%s\n", wish.path.c_str(), reply->problems.size(), reply->problems.size() == 1 ? "" : "s");
        for (const auto& problem : reply->problems) std::fprintf(stderr, "  %s\n", problem.c_str());
        return 2;
    }
    if (!wish.wait && wish.out.empty() && wish.bundle.empty()) {
        if (options.json) std::printf("%s\n", nlohmann::json{{"rows", {{{"run", reply->run.text()}}}}, {"complete", true}, {"dropped", 0}}.dump().c_str());
        else std::printf("%s\n", reply->run.text().c_str());
        return 0;
    }
    RunMirror mirror(session, reply->run);
    const bool live = ::isatty(STDERR_FILENO) != 0 && !options.json;
    using Clock = std::chrono::steady_clock;
    auto placed = Clock::now(); // when a node had the run last
    bool told = false;
    auto ended = mirror.waitEnd([&](const types::RunRow& row) {
        if (row.state != types::RunState::Queued) placed = Clock::now();
        if (row.state == types::RunState::Queued && !told && Clock::now() - placed > kQueuedQuietly) {
            std::fprintf(stderr, "%sorreryctl: %s waits: no node of cluster %s can take it now; 'orreryctl nodes' says what became of them, 'orreryctl up --name %s --nodes 1' adds one\n", live ? "\n" : "", reply->run.text().c_str(),
                cluster->entry.name.c_str(), cluster->entry.name.c_str());
            told = true;
        }
        if (!live) return;
        std::uint32_t done = 0;
        for (int state = 0; state < types::kTaskStates; ++state) done += types::isTerminal(static_cast<types::TaskState>(state)) ? row.counts[static_cast<std::size_t>(state)] : 0;
        std::fprintf(stderr, "\r%u of %u tasks ", done, row.tasks);
    });
    if (live) std::fprintf(stderr, "\n");
    if (!ended) return ctlFail(ended.error());
    std::vector<std::string> files;
    if (!wish.out.empty()) {
        auto written = writeResults(session, mirror, reply->run, wish.out);
        if (!written) {
            // Gone before they were asked for, or while they were on their way.
            const auto code = written.error().code;
            resultsLost = (code == Errc::Lost || code == Errc::NotFound || code == Errc::Unavailable) && ended->state == types::RunState::Succeeded;
            return ctlFail(written.error());
        }
        files = std::move(*written);
    }
    if (!wish.bundle.empty()) {
        if (auto written = writeBundle(*cluster, mirror, *ended, wish.bundle); !written) return ctlFail(written.error());
        files.push_back(wish.bundle);
    }
    const double seconds = static_cast<double>(ended->endNs - ended->startNs) / 1e9;
    if (options.json) {
        const nlohmann::json row = {{"run", reply->run.text()}, {"state", std::string(types::runStateName(ended->state))}, {"tasks", ended->tasks}, {"seconds", seconds},
                                    {"reexecuted", ended->reexecuted}, {"files", files}, {"error", ended->error}};
        std::printf("%s\n", nlohmann::json{{"rows", {row}}, {"complete", true}, {"dropped", 0}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    } else {
        std::printf("%s: %s, %u tasks in %.3f s", reply->run.text().c_str(), std::string(types::runStateName(ended->state)).c_str(), ended->tasks, seconds);
        if (ended->reexecuted > 0) std::printf(", %llu computed again", static_cast<unsigned long long>(ended->reexecuted));
        std::printf("\n");
        for (const auto& file : files) std::printf("%s\n", file.c_str());
    }
    if (ended->state == types::RunState::Succeeded) return 0;
    std::fprintf(stderr, "orreryctl: the run %s: %s\n", ended->state == types::RunState::Stopped ? "was stopped" : "failed", ended->error.c_str());
    return 1;
}

} // namespace

void addRunCommands(CLI::App& app, CtlOptions& options, int& code)
{
    auto wish = std::make_shared<RunWish>();
    auto* command = app.add_subcommand("run", "run a graph");
    command->add_option("graph", wish->path, "GRAPH.orrery")->required();
    command->add_option("--param", wish->params, "vertex.name=value; may come again");
    command->add_flag("--wait", wish->wait, "wait for the end; exit 1 when something failed");
    command->add_option("--out", wish->out, "folder for the results (waits)");
    command->add_option("--bundle", wish->bundle, "FILE.orun: the record of the run with its results (waits)");
    command->callback([&options, &code, wish] { code = run(*wish, options); });

    auto* job = app.add_subcommand("job", "a job (run)");
    job->require_subcommand(1);
    auto id = std::make_shared<std::string>();
    const auto stop = [&options, &code, id] {
        auto run = base::RunId::parse(*id);
        auto cluster = ctlConnect(options);
        if (!run || !cluster) {
            code = ctlFail(run ? cluster.error() : run.error());
            return;
        }
        auto reply = ctlAct(*cluster->session, types::StopRun{*run});
        if (!reply) code = ctlFail(reply.error());
    };
    for (auto* parent : {job->add_subcommand("stop", "stop a run"), app.add_subcommand("cancel", "stop a run")}) {
        parent->add_option("id", *id, "R-...")->required();
        parent->callback(stop);
    }
}

} // namespace orrery::host
