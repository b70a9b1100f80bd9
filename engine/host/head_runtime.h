// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HeadRuntime: a whole head of a local cluster in this process: control store, records, plugins, launcher, sessions and node
// links on the cluster's Unix socket. `orreryd head` is one on its main thread, the window's EmbeddedHead one on a thread.
// Runs on: the thread that calls make() and run(); shutDown(), leave() and slot() from any.
// Lives: until run() returned; it must be destroyed on the same thread. Sessions of the slot may live longer.
// Ends: by a Shutdown of any session (every node is stopped first), or by leave(): then the nodes go on, and another head of
// the same name and data finds them.

#include "engine/base/epoll_loop.h"
#include "engine/host/folder_catalog.h"
#include "engine/host/head_launcher.h"
#include "engine/host/head_session.h"
#include "engine/host/head_stores.h"
#include "engine/host/joining.h"
#include "engine/launch/cluster_dir.h"

#include <memory>
#include <string>

namespace orrery::host {

struct HeadWish {
    std::string name = "local";   // of the cluster
    std::string dataDir;          // empty: launch::defaultDataDir()/<name>
    double cpus = 0;              // of each node that is started, where nobody says otherwise; 0: all
    std::uint64_t storeBytes = 0; // likewise; 0: a quarter of memory
    std::string listen;           // "HOST:PORT" for nodes of other machines; empty: no port opens
    std::string enrol;            // where they enrol; empty: the next port of the same host, or any where listen says any
};

// With `nodes` nodes here, each gets its share where the wish says nothing: of the CPUs (at least one), of a quarter of memory.
HeadWish shareOut(HeadWish wish, unsigned nodes);
// How many nodes a cluster of this computer begins with: three, so that one may be lost while the others go on; one where they
// would have no room (one CPU, or under 3 GiB of memory).
unsigned usualNodes();

class HeadRuntime {
public:
    // May wait for the disk (the head's epoch is durable on return). Refused: the cluster runs, or its data is in use.
    static base::Result<std::unique_ptr<HeadRuntime>> make(const HeadWish& wish);
    ~HeadRuntime();
    HeadRuntime(const HeadRuntime&) = delete;
    HeadRuntime& operator=(const HeadRuntime&) = delete;

    void run();
    void shutDown(); // every node too
    void leave();    // only the head
    const launch::ClusterEntry& entry() const { return m_entry; }
    const std::shared_ptr<HeadSlot>& slot() const { return m_slot; }

private:
    class Servers; // gRPC: its headers stay out of this one
    HeadRuntime(launch::ClusterEntry entry, std::unique_ptr<base::EpollLoop> loop, std::unique_ptr<ControlStore> store, const HeadWish& wish);
    base::Result<void> open();
    // Numeric; opens the port for members, and those of the nodes of this machine. enrol: where machines join; empty: the next port, or any.
    base::Result<void> openNetwork(std::string listen, std::string enrol);
    base::Result<types::Reply> listenNow(const std::string& address); // a person wants it

    launch::ClusterEntry m_entry; // constant after make()
    const HeadWish m_wish;
    const std::unique_ptr<base::EpollLoop> m_loop;
    const std::shared_ptr<HeadSlot> m_slot;
    const std::unique_ptr<ControlStore> m_store;
    RunRecords m_records;
    FolderCatalog m_plugins;
    LocalLauncher m_launcher;
    std::unique_ptr<head::Head> m_head;
    std::unique_ptr<HeadSession> m_session; // what the server speaks through
    std::unique_ptr<Servers> m_servers;
    std::unique_ptr<Joining> m_joining; // null: not on a network
    bool m_shutDown = false; // it ended by a Shutdown
};

} // namespace orrery::host
