// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where the clusters of this user live: $XDG_RUNTIME_DIR/orrery/<cluster>/, else orrery-<uid>/<cluster>/ in the temporary folder.
// A folder is 0700 and ours, or it is not used. It holds head.sock, node-<name>.sock and cluster.json; what a head that is
// gone left is swept away when the list is read, but not the sockets of nodes that live on.
// Thread: any.

#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace orrery::launch {

struct ClusterEntry {
    std::string name;
    std::string folder;
    std::int64_t headPid = 0;
    std::int64_t headStart = 0; // clock ticks since boot (proc(5), field 22): tells a reused pid
    std::string dataDir;
    std::string listen; // "<numeric address>:<port>" for members of other machines; empty: it is on no network
    std::string headSocket() const { return folder + "/head.sock"; }
    std::string nodeSocket(const std::string& node) const { return folder + "/node-" + node + ".sock"; }
};

// The folder above all clusters, made when missing. Refused when it is not ours or open to others.
base::Result<std::string> clustersFolder();
// A folder for a new cluster of this name. Refused when a living cluster has it.
base::Result<ClusterEntry> makeCluster(const std::string& name, const std::string& dataDir);
base::Result<void> writeEntry(const ClusterEntry& entry); // with this process as the head
void removeEntry(const ClusterEntry& entry); // the whole folder
void removeHead(const ClusterEntry& entry);  // only what is the head's: nodes may live on
std::vector<ClusterEntry> livingClusters(); // newest first
// address: a name, a folder or a socket path; empty: the newest. Unavailable: none is there.
base::Result<ClusterEntry> findCluster(const std::string& address);
// The socket of a head to attach to: of a cluster as above, or a Unix socket of this user that leads to one, as `ssh -L` makes it.
// Unavailable: neither is there. Refused: the socket is another user's.
base::Result<std::string> headSocketAt(const std::string& address);

std::int64_t processStart(std::int64_t pid); // 0: no such process
// $XDG_DATA_HOME/orrery, else ~/.local/share/orrery.
std::string defaultDataDir();
// The folder of the running program, and programs and plugins beside it.
std::string programFolder();
std::string siblingProgram(const std::string& name);
// Where task libraries lie: the folders of ORRERY_PLUGINS (":" between them), else those that came with the program and then
// this user's own, which need not be there. New ones go into the last. Never empty, but for an ORRERY_PLUGINS of colons only.
std::vector<std::string> pluginFolders();
std::string installedPluginFolder(); // ../plugins beside the program, else ../lib/orrery/plugins

} // namespace orrery::launch
