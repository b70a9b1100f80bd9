// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// PluginGiver: gives nodes that have no plugin folder the libraries of the head's catalog, piece by piece. Only what a scan has
// described is given, and named by its hash: no path comes from a node.
// Runs on: the head's loop; files are read on a thread of its own. Lives: with the loop; the destructor waits for that thread.
// Bound: kPiecesWaitingMax questions wait for the disk; one more is answered with a problem.

#include "engine/base/epoll_loop.h"
#include "engine/net/node_link.h"

#include <functional>
#include <thread>

namespace orrery::host {

inline constexpr std::size_t kPiecesWaitingMax = 256;

class PluginGiver {
public:
    // pathOf: of a library of the catalog; empty: there is none with that hash.
    PluginGiver(base::Loop& loop, std::function<std::string(const std::string& sha256)> pathOf);
    ~PluginGiver();
    PluginGiver(const PluginGiver&) = delete;
    PluginGiver& operator=(const PluginGiver&) = delete;
    // give: later, on the loop.
    void ask(const net::AskPlugin& ask, std::function<void(net::PluginPiece)> give);

private:
    base::Loop& m_loop;
    const std::function<std::string(const std::string&)> m_pathOf;
    std::size_t m_waiting = 0;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    base::EpollLoop m_disk;
    std::thread m_thread; // last: it runs the loop above
};

} // namespace orrery::host
