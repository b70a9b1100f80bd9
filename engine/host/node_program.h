// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The program `orreryd node`: a whole node on the calling thread. Of the head's machine, found by its Unix socket; or of any other,
// which joins over the network.
// Thread: main.

#include "engine/host/node_process.h"

#include <string>

namespace orrery::host {

struct NodeWish {
    NodeProcessOptions options;
    std::string headSocket; // Unix socket of the head; empty: over the network
    std::string join;       // a join token, or "-": the first line of stdin; empty: as the member that this folder is already
    std::string data;       // folder of a joined node; empty: <data>/members/<name>
    std::string member;     // folder of key and certificate that the head made; with headSocket
    std::string listen;     // "HOST:PORT" for other nodes; empty: any port of the address by which the head is reached
    std::string advertise;  // address that others are told instead
};

// REQUIRES: blockStopSignals(); SIGTERM or SIGINT ends the node. The exit code: 2 where the machine is not let join.
int runNodeProgram(NodeWish wish);

} // namespace orrery::host
