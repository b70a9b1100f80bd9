// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// KnownHomes: who is home of which run by the head's word, held against what a peer says as a home.
// A peer that opens a run here gives this node work and gets what lies here of the run, so it has to be the one that the head chose,
// of the epoch that the head gave. Word and peer come by different ways, so a peer may be first: what it says is held, in order,
// until the head has spoken. A newer word, or another home of the same epoch, means that it never will be.
// What is held of one peer is bounded in bytes: room for the graphs of as many runs as a head ever opens at once. A peer that says more
// (Verdict::Full) has to begin anew.
// Runs on: node loop. Pure.

#include "engine/net/peer_link.h"

#include <map>
#include <utility>
#include <vector>

namespace orrery::node {

inline constexpr std::size_t kHeldBytesMax = 64u << 20; // of one peer, as they are on the wire
inline constexpr std::size_t kHeldCost = 256;           // of a message beyond that
inline constexpr std::size_t kHeldRunsMax = 4096;       // likewise

class KnownHomes {
public:
    enum class Verdict : std::uint8_t { Deliver, Held, Refused, Full };
    using Said = std::pair<std::uint16_t, net::ToGuest>; // and the home that said it

    // The head's word. What was held for it and may be delivered now, in order.
    std::vector<Said> use(const net::UseHomes& word);
    // What a peer says. Moved from if Held. Full: once, until gone(). Only an OpenRun is looked at, and what follows one that is held: for all else there is no
    // guest if the OpenRun was refused.
    Verdict said(std::uint16_t home, net::ToGuest& message);
    // For the log: "the head says node 3, epoch 2.1".
    std::string wordOf(base::RunId run) const;
    void gone(std::uint16_t home); // what it said is void
    void clear();                  // also the head's word: another life begins
    std::size_t held() const;      // messages

private:
    struct Home {
        std::uint16_t node = 0;
        std::uint64_t epoch = 0;
    };
    struct Early {
        std::uint64_t epoch = 0;
        std::vector<net::ToGuest> messages; // the first is its OpenRun
        std::size_t bytes = 0;
    };
    struct Peer {
        std::map<base::RunId, Early> runs;
        std::size_t bytes = 0;
        bool full = false; // it said too much, and nothing of it counts until it has begun anew
        void drop(base::RunId run);
    };
    Verdict judge(std::uint16_t home, base::RunId run, std::uint64_t epoch) const; // Held: the head has not said it yet

    std::map<base::RunId, Home> m_homes;
    std::map<std::uint16_t, Peer> m_early; // by node
};

} // namespace orrery::node
