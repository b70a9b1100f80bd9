// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// orreryd: a head or a node without a window. `orreryd head --name N`, `orreryd node --head SOCKET --name N`, and on any other
// machine `orreryd node --join TOKEN`.
#include "engine/host/head_program.h"
#include "engine/host/node_program.h"
#include "engine/host/stop_signals.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace orrery;

int main(int argc, char** argv)
{
    setenv("GRPC_ENABLE_FORK_SUPPORT", "0", 0);
    host::blockStopSignals();

    CLI::App app{"orreryd: a head or a node of an Orrery cluster"};
    app.require_subcommand(1);
    auto* node = app.add_subcommand("node", "a node: of this computer (--head), or of another one that joins over the network (--join)");
    host::NodeWish nodeWish;
    bool again = false;
    auto* headSocket = node->add_option("--head", nodeWish.headSocket, "socket of a head on this computer");
    auto* join = node->add_option("--join", nodeWish.join, "a token that orreryctl token create made; - reads it from the standard input, which is better: everybody on this computer can read arguments of programs");
    auto* member = node->add_flag("--again", again, "as the member that an earlier --join made of this computer");
    headSocket->excludes(join)->excludes(member);
    join->excludes(member);
    node->add_option("--name", nodeWish.options.name, "of the node (default: local, or the name of the computer that joins)");
    node->add_option("--cpus", nodeWish.options.cpus)->check(CLI::Range(0.0, 4096.0));
    node->add_option("--store-bytes", nodeWish.options.storeBytes);
    node->add_option("--worker-program", nodeWish.options.workerProgram);
    node->add_option("--data", nodeWish.data, "folder of a node that joins: its key, its certificate, plugins that came from the head");
    node->add_option("--member", nodeWish.member, "folder of key and certificate that the head made, with --head");
    node->add_option("--listen", nodeWish.listen, "HOST:PORT where other nodes reach this one (default: any port, on the address that faces the head)");
    node->add_option("--advertise", nodeWish.advertise, "address that other nodes are told instead");

    auto* head = app.add_subcommand("head", "a head");
    host::HeadWish headWish;
    head->add_option("--name", headWish.name);
    head->add_option("--data", headWish.dataDir);
    head->add_option("--cpus", headWish.cpus);
    head->add_option("--store-bytes", headWish.storeBytes);
    head->add_option("--listen", headWish.listen, "HOST:PORT where nodes of other machines reach the head; port 0: any. Without it no port opens");
    head->add_option("--enrol", headWish.enrol, "HOST:PORT where machines join while a token is unspent (default: the next port)");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (node->parsed()) {
        if (headSocket->count() + join->count() + member->count() != 1) {
            std::fprintf(stderr, "orreryd: a node needs one of --head SOCKET, --join TOKEN and --again; orreryctl token create makes a token\n");
            return 2;
        }
        // A token that was an argument is not to be read off the list of processes for as long as the node lives.
        for (int i = 1; i < argc; ++i)
            if (nodeWish.join.size() > 1 && std::strstr(argv[i], nodeWish.join.c_str()) != nullptr) std::memset(argv[i], '*', std::strlen(argv[i]));
        if (join->count() > 0 && nodeWish.join.empty()) nodeWish.join = " "; // no token, and none is read elsewhere
        return host::runNodeProgram(std::move(nodeWish));
    }
    return host::runHeadProgram(headWish);
}
