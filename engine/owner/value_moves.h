// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ValueMoves: what lies on a guest that is to leave, on its way to the home of the run, or to a guest that stays where home has no
// room for it. Each value with its primary there is copied, and the copy is the primary then; the guest keeps its own until it is let
// go of, so nothing is in one place only meanwhile.
// It is let go of when it has no task and nothing is left to be moved. What fits nowhere, or is not where it should be, is left: lost
// with the node, and made again if somebody needs it.
// Pure: no I/O, no clock. Runs on: the home node's loop.
// Bound: kMovesMax values of a guest are under way at once.

#include "engine/owner/guest_table.h"
#include "engine/owner/home_tasks.h"

#include <deque>
#include <map>
#include <set>

namespace orrery::owner {

class ValueMoves {
public:
    ValueMoves(RunTable& table, GuestTable& guests, HomeTasks::Copies& copies) : m_table(table), m_guests(guests), m_copies(copies) {}
    ~ValueMoves() { *m_alive = false; }
    // Begins what can be begun; Copies::arrived() asks for the next call.
    void pump(TimeNs now);

private:
    struct Leaving {
        std::deque<net::ObjectKey> queue;
        std::map<net::ObjectKey, std::uint16_t> under; // way, to that node
        std::set<net::ObjectKey> left;
        std::map<std::uint16_t, std::uint64_t> tooMuch; // by node: so many bytes found no room there
        std::size_t tasks = ~std::size_t{0}; // that it had when its values were looked for last
        std::uint32_t moved = 0;
    };
    void answered();
    void look(std::uint16_t node, Leaving& guest);
    void move(std::uint16_t node, Leaving& guest, const net::ObjectKey& key);
    void bringHome(std::uint16_t node, const net::ObjectKey& key, net::WantedValue want);
    bool isThere(std::uint16_t node, const net::ObjectKey& key) const;
    // True: its primary lies at `to` now.
    bool arrived(std::uint16_t node, Leaving* guest, const net::ObjectKey& key, std::uint16_t to);
    void noRoom(std::uint16_t node, Leaving& guest, const net::ObjectKey& key, std::uint16_t at);

    RunTable& m_table;
    GuestTable& m_guests;
    HomeTasks::Copies& m_copies;
    TimeNs m_now = 0;
    std::map<std::uint16_t, Leaving> m_leaving;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

inline constexpr std::size_t kMovesMax = 8;

} // namespace orrery::owner
