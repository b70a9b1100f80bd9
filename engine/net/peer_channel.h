// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// PeerChannel: makes of a link that breaks, loses, doubles and reorders one that delivers each message once and in order, for as
// long as both ends live the same life. Each message has a number; the other end says up to which it has them; what it does not
// have is sent again when the link is made anew or a gap is seen.
// A life is a node's incarnation. A peer of another life than the one that was talked to knows nothing of the earlier messages:
// then lifeChanged is told, and both directions begin at 1.
// Pure: no I/O, no clock. Thread: the owner's loop.
// Bound: kUnacknowledgedBytesMax wait for the other end; beyond it send() says so and the owner gives the peer up.

#include "engine/base/bytes.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <span>

namespace orrery::net {

inline constexpr std::size_t kUnacknowledgedBytesMax = 256u << 20;
inline constexpr std::uint32_t kAcknowledgeEvery = 64; // messages; and at each poke()
inline constexpr std::uint32_t kPokesUntilAgain = 10;
inline constexpr std::size_t kResendBytes = 1u << 20; // then

struct PeerFrame {
    enum class Kind : std::uint8_t { Hello, Data, Ack };
    Kind kind = Kind::Data;
    std::uint16_t from = 0, to = 0; // numbers of the nodes; not the channel's to read
    std::uint64_t life = 0;   // of the sender
    std::uint64_t ofLife = 0; // Hello, Ack: the life of the other end that is meant; 0: not known yet
    std::uint64_t number = 0; // Data: from 1. Hello, Ack: the last one received in order
    base::Bytes body;         // Data
};

class PeerChannel {
public:
    struct Events {
        std::function<void(PeerFrame)> send; // to the link; may be lost
        std::function<void(std::span<const std::byte>)> received;
        std::function<void()> lifeChanged;   // the peer is another than before: all that was said to it is void
    };
    // from, to: the nodes' numbers. life: ours.
    PeerChannel(std::uint16_t from, std::uint16_t to, std::uint64_t life, Events events) : m_from(from), m_to(to), m_life(life), m_events(std::move(events)) {}

    // False: too much waits for the peer.
    bool send(base::Bytes body);
    void up();   // the link was made (anew)
    void down(); // it broke; what is sent waits
    void on(const PeerFrame& frame);
    // Some ten times a second while anything waits: tells what was received, and sends again what nobody answers to.
    void poke();
    bool isUp() const { return m_up; }
    // poke() will have something to do.
    bool restless() const { return !m_unacknowledged.empty() || m_lastTold != m_lastReceived || (m_up && !m_known); }
    std::size_t waiting() const { return m_unacknowledged.size(); }

private:
    void hello();
    void tell();
    void greeted(const PeerFrame& frame);
    void acknowledged(std::uint64_t upTo);
    void resend(std::size_t bytesMax);

    const std::uint16_t m_from, m_to;
    const std::uint64_t m_life;
    const Events m_events;
    std::uint64_t m_peerLife = 0;
    std::uint64_t m_lastSent = 0, m_lastReceived = 0, m_lastTold = 0;
    std::uint64_t m_askedAt = 0; // a gap before this number was told of already
    std::deque<PeerFrame> m_unacknowledged;
    std::size_t m_bytes = 0;
    std::uint64_t m_oldest = 0;   // number that waited at the last poke
    std::uint32_t m_sameOldest = 0;
    bool m_up = false;
    bool m_known = false; // the peer said hello since the link is up
};

} // namespace orrery::net
