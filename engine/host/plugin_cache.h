// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// PluginCache: the plugins of a node that has no plugin folder. It asks the head for each library that its catalog names, piece by
// piece, and gives the catalog on with the paths of this machine, once all are here.
// A library has its final name, <folder>/<sha256>.so, only after its bytes were found to have that hash; nothing is opened before.
// One that is here already is hashed again, once a process. One that cannot be had becomes a problem of the catalog.
// Runs on: node loop; the disk has a thread of its own. Lives: with the node; the destructor waits for the disk.
// Bound: one piece is under way, kPluginBytesMax a library, kCachedPluginsMax libraries.

#include "engine/base/epoll_loop.h"
#include "engine/net/node_link.h"

#include <filesystem>
#include <set>
#include <thread>

namespace orrery::host {

inline constexpr std::size_t kCachedPluginsMax = 1000;
inline constexpr base::TimeNs kPieceAgainNs = 10 * base::kSecond; // a piece that did not come is asked for again

class PluginCache {
public:
    struct Owner {
        std::function<void(net::AskPlugin)> ask;
        std::function<void(std::shared_ptr<const types::Catalog>)> ready; // on the loop, never inside use()
    };
    PluginCache(base::Loop& loop, std::filesystem::path folder, Owner owner);
    ~PluginCache();
    PluginCache(const PluginCache&) = delete;
    PluginCache& operator=(const PluginCache&) = delete;

    // A newer catalog replaces one that is still being made ready.
    void use(std::shared_ptr<const types::Catalog> catalog);
    void piece(net::PluginPiece piece);
    void askAgain(); // the link is new: what was asked for is lost

private:
    class Disk;
    void next();
    void looked(std::uint64_t round, bool here);
    void wrote(std::uint64_t round, base::Result<bool> whole);
    void ask();
    void failed(const std::string& why);
    std::filesystem::path pathOf(const std::string& sha256) const { return m_folder / (sha256 + ".so"); }

    base::Loop& m_loop;
    const std::filesystem::path m_folder;
    const Owner m_owner;
    std::shared_ptr<const types::Catalog> m_wanted; // null: nothing is being made ready
    std::shared_ptr<types::Catalog> m_made;
    std::size_t m_at = 0;
    std::uint64_t m_round = 0; // answers of the disk for an earlier one are let go
    std::uint64_t m_offset = 0, m_total = 0;
    bool m_asked = false;
    base::TimerId m_timer = 0;
    std::set<std::string> m_known; // hashed by this process
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    std::unique_ptr<Disk> m_disk;
};

} // namespace orrery::host
