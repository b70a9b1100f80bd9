// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// orreryd: a head or a node without a window. `orreryd head --name N`, `orreryd node --head SOCKET --name N`.
#include "engine/base/log.h"
#include "engine/host/head_program.h"
#include "engine/host/node_process.h"
#include "engine/host/stop_signals.h"
#include "engine/launch/cluster_dir.h"
#include "engine/rpc/node_stream.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace {

using namespace orrery;

int complain(const base::Error& error)
{
    std::fprintf(stderr, "orreryd: %s\n", error.message.c_str());
    return error.code == base::Errc::BadInput ? 2 : error.code == base::Errc::Unavailable ? 3 : 1;
}

int runNode(const std::string& head, host::NodeProcessOptions options)
{
    if (options.workerProgram.empty()) options.workerProgram = launch::siblingProgram("orrery-worker");
    options.driverSocket = std::filesystem::path(head).parent_path().string() + "/node-" + options.name + ".sock";
    ::unlink(options.driverSocket.c_str()); // left by a node of this name that was killed
    options.peerSocket = std::filesystem::path(head).parent_path().string() + "/peer-" + options.name + ".sock";
    host::NodeProcess node(std::move(options), [head](base::Loop& loop, host::NodeProcess::LinkEvents events) {
        return rpc::connectToHead(head, loop, {std::move(events.message), std::move(events.state)});
    });
    if (auto started = node.start(); !started) return complain(started.error());
    const host::StopSignals signals([&node] { node.stop(); });
    node.run();
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    setenv("GRPC_ENABLE_FORK_SUPPORT", "0", 0);
    host::blockStopSignals();

    CLI::App app{"orreryd: a head or a node of an Orrery cluster"};
    app.require_subcommand(1);
    auto* node = app.add_subcommand("node", "a node of this computer");
    std::string headSocket;
    host::NodeProcessOptions nodeOptions;
    node->add_option("--head", headSocket, "socket of the head")->required();
    node->add_option("--name", nodeOptions.name);
    node->add_option("--cpus", nodeOptions.cpus)->check(CLI::Range(0.0, 4096.0));
    node->add_option("--store-bytes", nodeOptions.storeBytes);
    node->add_option("--worker-program", nodeOptions.workerProgram);

    auto* head = app.add_subcommand("head", "a head");
    host::HeadWish headWish;
    head->add_option("--name", headWish.name);
    head->add_option("--data", headWish.dataDir);
    head->add_option("--cpus", headWish.cpus);
    head->add_option("--store-bytes", headWish.storeBytes);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (node->parsed()) return runNode(headSocket, std::move(nodeOptions));
    return host::runHeadProgram(headWish);
}
