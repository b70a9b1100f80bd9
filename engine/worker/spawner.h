// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The spawner: a single-threaded process of its own, exec'ed by a node at its start, that starts, kills and reaps the node's
// workers. It loads no plugin and runs no loop but its own. It outlives nothing: it dies with its node (end of its socket, or
// PR_SET_PDEATHSIG), and every worker dies with it (PDEATHSIG again - safe because the parent has one thread).
// It is a child subreaper, so what a worker leaves behind is killed with the rest.
// It and its workers are a session of their own, at kWorkerNice.

namespace orrery::worker {

inline constexpr int kWorkerNice = 5;

// Runs on the calling thread until the node is gone. controlFd: a SeqSocket to the node. Returns the exit code.
int runSpawner(int controlFd);

} // namespace orrery::worker
