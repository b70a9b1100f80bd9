// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/host/plugin_giver.h"

#include "engine/base/fd.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

namespace orrery::host {

namespace {

net::PluginPiece pieceOf(const std::string& path, const net::AskPlugin& ask)
{
    net::PluginPiece piece{ask.sha256, ask.offset, 0, {}, {}};
    const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) != 0) {
        piece.problem = "the head cannot read it any more; rescan the plugins";
        return piece;
    }
    piece.total = static_cast<std::uint64_t>(info.st_size);
    if (ask.offset >= piece.total || piece.total > net::kPluginBytesMax) {
        piece.problem = "its file has " + std::to_string(piece.total) + " bytes, and the question begins behind its end or it is too large to be sent";
        return piece;
    }
    piece.bytes.resize(std::min<std::uint64_t>(net::kPluginPieceBytes, piece.total - ask.offset));
    std::size_t done = 0;
    while (done < piece.bytes.size()) {
        const ssize_t got = ::pread(file.get(), piece.bytes.data() + done, piece.bytes.size() - done, static_cast<off_t>(ask.offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            piece.problem = "the head could not read all of it; rescan the plugins";
            piece.bytes.clear();
            return piece;
        }
        done += static_cast<std::size_t>(got);
    }
    return piece;
}

} // namespace

PluginGiver::PluginGiver(base::Loop& loop, std::function<std::string(const std::string& sha256)> pathOf) : m_loop(loop), m_pathOf(std::move(pathOf)), m_thread([this] { m_disk.run(); }) {}

PluginGiver::~PluginGiver()
{
    *m_alive = false;
    m_disk.stop();
    m_thread.join();
}

void PluginGiver::ask(const net::AskPlugin& ask, std::function<void(net::PluginPiece)> give)
{
    ORRERY_ON(m_loop);
    const std::string path = m_pathOf(ask.sha256);
    if (path.empty()) return give({ask.sha256, ask.offset, 0, {}, "the head has no plugin with that hash any more"});
    if (m_waiting >= kPiecesWaitingMax) return; // who asks asks again; an answer would be the end of its try
    ++m_waiting;
    m_disk.post([this, alive = m_alive, path, ask, give = std::move(give)] {
        m_loop.post([this, alive, give, piece = std::make_shared<net::PluginPiece>(pieceOf(path, ask))] {
            if (!*alive) return;
            --m_waiting;
            give(std::move(*piece));
        });
    });
}

} // namespace orrery::host
