// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TrackNumbers: the numbers that the head gave this node for its workers, block after block; each is used once.
// The head gives the next block while some of the last one are left, and says each block again with every welcome.
// Thread: the node's loop. Pure.

#include "engine/node/ports.h"

#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace orrery::node {

class TrackNumbers {
public:
    // Another life of the node: what it had is somebody else's.
    void reset()
    {
        m_blocks.clear();
        m_known.clear();
    }
    void add(Track first, std::uint16_t count)
    {
        if (count > 0 && m_known.insert(first).second) m_blocks.emplace_back(first, count);
    }
    // Empty: all are used, the head has to give more.
    std::optional<Track> next()
    {
        if (m_blocks.empty()) return std::nullopt;
        auto& [first, count] = m_blocks.front();
        const Track track = first++;
        if (--count == 0) m_blocks.pop_front();
        return track;
    }

    // The last one was not used after all.
    void giveBack(Track track) { m_blocks.emplace_front(track, 1); }

private:
    std::deque<std::pair<Track, std::uint16_t>> m_blocks; // what is left of each
    std::set<Track> m_known;                              // first numbers
};

} // namespace orrery::node
