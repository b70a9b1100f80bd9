// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// runWorker: the life of a worker: attach to the node over the inherited socket, then take tasks from lanes, run them, write
// results, until told to leave or the node is gone. Main thread of an orrery-worker process.

namespace orrery::worker {

// controlFd: a SeqSocket to the node. Returns the exit code.
int runWorker(int controlFd);

} // namespace orrery::worker
