// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// orrery-worker: runs plugin code. --worker and --spawner are started by a node (descriptor 3 is its socket); --describe FILE
// prints what a plugin says of itself and ends. Links neither gRPC, protobuf, SQLite nor Qt.
#include "engine/types/worker_messages.h"
#include "engine/worker/describe.h"
#include "engine/worker/exec_loop.h"
#include "engine/worker/spawner.h"

#include <cstdio>
#include <string_view>
#include <sys/prctl.h>

int main(int argc, char** argv)
{
    prctl(PR_SET_NAME, "orrery-worker"); // started as /proc/self/exe, it would be called "exe" in every list of processes
    const std::string_view mode = argc > 1 ? argv[1] : "";
    if (mode == "--worker") return orrery::worker::runWorker(orrery::types::kControlFd);
    if (mode == "--spawner") return orrery::worker::runSpawner(orrery::types::kControlFd);
    if (mode == "--describe" && argc == 3) return orrery::worker::describe(argv[2]);
    std::fprintf(stderr, "orrery-worker is started by a node; by hand: orrery-worker --describe PLUGIN.so\n");
    return 2;
}
