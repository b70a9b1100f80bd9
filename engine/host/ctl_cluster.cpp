// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// up, down, status.
#include "engine/host/ctl.h"
#include "engine/types/table_schema.h"

#include "engine/client/session_service.h"
#include "engine/host/session_snapshot.h"
#include "engine/host/start_head.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <thread>

namespace orrery::host {

using base::Errc;
using base::fail;

namespace {

constexpr auto kStartLimit = std::chrono::seconds(20);
constexpr auto kStopLimit = std::chrono::seconds(20);

std::string lastLines(const std::string& path)
{
    std::ifstream file(path);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

struct UpWish {
    HeadWish head;
    unsigned nodes = 1;
    bool nodesSaid = false;
    std::uint64_t storeMiB = 0;
};

base::Result<CtlCluster> waitHead(const UpWish& wish, pid_t pid, std::chrono::steady_clock::time_point limit)
{
    const std::string log = headLog(wish.head);
    for (;;) {
        int status = 0;
        if (::waitpid(pid, &status, WNOHANG) == pid) return fail(Errc::Failed, "the head ended while it started; its last words (" + log + "):\n" + lastLines(log));
        auto entry = launch::findCluster(wish.head.name);
        if (entry && entry->headPid == pid) {
            auto session = client::connectSession(entry->headSocket());
            return CtlCluster{std::move(*entry), std::move(session)};
        }
        if (std::chrono::steady_clock::now() > limit) return fail(Errc::Failed, "the head did not start within 20 s; see " + log);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

std::size_t livingNodes(const types::Delta& now)
{
    return static_cast<std::size_t>(std::count_if(now.nodes.begin(), now.nodes.end(), [](const auto& node) { return node.state == types::NodeState::Alive || node.state == types::NodeState::Joining; }));
}

// The cluster runs and --nodes says how many nodes it should have: those that are missing are added.
base::Result<CtlCluster> addNodes(const UpWish& wish, launch::ClusterEntry entry)
{
    if (!wish.head.listen.empty() && entry.listen.empty()) return fail(Errc::Refused, "the cluster \"" + wish.head.name + "\" runs already and is on no network; orreryctl listen " + wish.head.listen + " opens it");
    if (!wish.nodesSaid) return fail(Errc::Refused, "the cluster \"" + wish.head.name + "\" runs already; stop it with orreryctl down, name another with --name, or say with --nodes how many nodes it should have");
    auto session = client::connectSession(entry.headSocket());
    CtlCluster cluster{std::move(entry), std::move(session)};
    auto now = sessionSnapshot(*cluster.session);
    if (!now) return now.error();
    types::AddNode more;
    more.cpus = wish.head.cpus;
    more.storeBytes = wish.storeMiB << 20;
    for (std::size_t have = livingNodes(*now); have < wish.nodes; ++have)
        if (auto added = ctlAct(*cluster.session, more); !added) return added.error();
    return cluster;
}

base::Result<CtlCluster> up(UpWish wish)
{
    for (auto& entry : launch::livingClusters())
        if (entry.name == wish.head.name) return addNodes(wish, std::move(entry));
    // Looked at here, where the answer is one line and not the last words of a head.
    for (const std::string* address : {&wish.head.listen, &wish.head.enrol})
        if (!address->empty())
            if (const auto numeric = numericAddress(*address); !numeric) return numeric.error();
    wish.head.storeBytes = wish.storeMiB << 20;
    wish.head = shareOut(wish.head, wish.nodes);
    auto pid = startHead(wish.head);
    if (!pid) return pid.error();
    auto cluster = waitHead(wish, *pid, std::chrono::steady_clock::now() + kStartLimit);
    if (!cluster) return cluster;
    for (unsigned i = 0; i < wish.nodes; ++i) {
        auto added = ctlAct(*cluster->session, types::AddNode{}); // answered when it has joined
        if (!added) return added.error();
    }
    return cluster;
}

int down(const CtlOptions& options)
{
    auto cluster = ctlConnect(options);
    if (!cluster) return ctlFail(cluster.error());
    std::vector<std::int64_t> pids{cluster->entry.headPid};
    if (auto now = sessionSnapshot(*cluster->session)) {
        for (const auto& node : now->nodes)
            if (cluster->entry.headPid != 0 && node.state != types::NodeState::Dead && !node.remote) pids.push_back(node.pid);
        const auto isRemote = [&now](std::uint16_t number) {
            return std::any_of(now->nodes.begin(), now->nodes.end(), [number](const auto& node) { return node.node == number && node.remote; });
        };
        for (const auto& worker : now->workers)
            if (cluster->entry.headPid != 0 && worker.alive && !isRemote(worker.node)) pids.push_back(worker.pid);
    }
    std::vector<std::int64_t> starts;
    for (const auto pid : pids) starts.push_back(launch::processStart(pid));
    auto stopped = ctlAct(*cluster->session, types::Shutdown{});
    if (!stopped && stopped.error().code != Errc::Unavailable) return ctlFail(stopped.error());
    const auto limit = std::chrono::steady_clock::now() + kStopLimit;
    for (std::size_t i = 0; i < pids.size(); ++i) {
        while (starts[i] != 0 && launch::processStart(pids[i]) == starts[i]) {
            if (std::chrono::steady_clock::now() > limit) return ctlFail(fail(Errc::Failed, "process " + std::to_string(pids[i]) + " of the cluster did not end within 20 s"));
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
    if (options.json) std::printf("{\"rows\": [], \"complete\": true, \"dropped\": 0}\n");
    else std::printf("cluster %s is down\n", cluster->entry.name.c_str());
    return 0;
}

int drain(const std::string& name, bool now, const CtlOptions& options)
{
    auto cluster = ctlConnect(options);
    if (!cluster) return ctlFail(cluster.error());
    auto snapshot = sessionSnapshot(*cluster->session);
    if (!snapshot) return ctlFail(snapshot.error());
    for (const auto& node : snapshot->nodes) {
        const bool named = node.name == name || node.id.text() == name || types::nodeLetter(node.node) == name;
        if (!named || node.state == types::NodeState::Dead) continue;
        auto removed = ctlAct(*cluster->session, types::RemoveNode{node.id, now}); // answered when it is gone
        if (!removed) return ctlFail(removed.error());
        if (options.json) std::printf("{\"rows\": [], \"complete\": true, \"dropped\": 0}\n");
        else std::printf("%s\n", removed->text.c_str());
        return 0;
    }
    return ctlFail(fail(Errc::BadInput, "no node " + name + " is alive; orreryctl nodes lists them"));
}

int status(const CtlOptions& options)
{
    const auto living = launch::livingClusters();
    if (options.json) {
        nlohmann::json rows = nlohmann::json::array();
        for (const auto& entry : living) rows.push_back({{"name", entry.name}, {"address", entry.headSocket()}, {"pid", entry.headPid}, {"data", entry.dataDir}, {"listen", entry.listen}});
        std::printf("%s\n", nlohmann::json{{"rows", rows}, {"complete", true}, {"dropped", 0}}.dump().c_str());
        return living.empty() ? 3 : 0;
    }
    if (living.empty()) return ctlFail(fail(Errc::Unavailable, "no cluster of this user runs here; start one with orreryctl up"));
    for (const auto& entry : living) {
        std::printf("%s  head pid %lld  %s\n", entry.name.c_str(), static_cast<long long>(entry.headPid), entry.headSocket().c_str());
        if (!entry.listen.empty()) std::printf("nodes of other machines reach it at %s\n", entry.listen.c_str());
        auto session = client::connectSession(entry.headSocket());
        showTables(*session, {"nodes", "jobs"});
    }
    return 0;
}

} // namespace

void addClusterCommands(CLI::App& app, CtlOptions& options, int& code)
{
    auto wish = std::make_shared<UpWish>();
    auto* start = app.add_subcommand("up", "start a head and local nodes in the background");
    auto* nodes = start->add_option("--nodes", wish->nodes, "local nodes; a cluster that runs gets those that are missing")->check(CLI::Range(0, 64));
    start->add_option("--cpus", wish->head.cpus, "CPUs of each node (default: all, divided by the nodes)")->check(CLI::Range(0.0, 4096.0));
    start->add_option("--store-mib", wish->storeMiB, "memory of each node's store")->check(CLI::Range(64, 1 << 20));
    start->add_option("--name", wish->head.name, "name of the cluster");
    start->add_option("--data", wish->head.dataDir, "folder of the control store and recorded runs");
    start->add_option("--listen", wish->head.listen, "HOST:PORT where nodes of other machines reach the head, port 0: any; without it no port opens");
    start->add_option("--enrol", wish->head.enrol, "HOST:PORT where machines join while a token is unspent (default: the next port)");
    start->callback([&options, &code, wish, nodes] {
        wish->nodesSaid = nodes->count() > 0;
        auto cluster = up(*wish);
        if (!cluster) {
            code = ctlFail(cluster.error());
            return;
        }
        if (options.json) std::printf("%s\n", nlohmann::json{{"rows", {{{"name", cluster->entry.name}, {"address", cluster->entry.headSocket()}, {"pid", cluster->entry.headPid}, {"listen", cluster->entry.listen}}}}, {"complete", true}, {"dropped", 0}}.dump().c_str());
        else std::printf("%s\n", cluster->entry.headSocket().c_str());
    });
    auto leaving = std::make_shared<std::pair<std::string, bool>>();
    auto* gone = app.add_subcommand("drain", "take a node out of the cluster; what it has goes to others first (30 s at most)");
    gone->add_option("node", leaving->first, "its letter, name or id")->required();
    gone->add_flag("--kill", leaving->second, "pull the plug instead: its processes are killed");
    gone->callback([&options, &code, leaving] { code = drain(leaving->first, leaving->second, options); });
    app.add_subcommand("down", "stop a cluster and everything it started")->callback([&] { code = down(options); });
    app.add_subcommand("status", "clusters of this user, their nodes and jobs")->callback([&] { code = status(options); });
}

} // namespace orrery::host
