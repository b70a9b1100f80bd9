// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/net/peer_channel.h"

#include <algorithm>
#include <utility>

namespace orrery::net {

bool PeerChannel::send(base::Bytes body)
{
    if (m_bytes + body.size() > kUnacknowledgedBytesMax) return false;
    m_bytes += body.size();
    auto& frame = m_unacknowledged.emplace_back();
    frame.kind = PeerFrame::Kind::Data;
    frame.from = m_from;
    frame.to = m_to;
    frame.life = m_life;
    frame.number = ++m_lastSent;
    frame.body = std::move(body);
    // Before the peer has said what it has, nothing goes: it may be another than before.
    if (m_up && m_known) m_events.send(frame);
    return true;
}

void PeerChannel::up()
{
    m_up = true;
    m_known = false;
    hello();
}

void PeerChannel::down()
{
    m_up = false;
    m_known = false;
}

void PeerChannel::hello()
{
    m_lastTold = m_lastReceived;
    m_events.send({PeerFrame::Kind::Hello, m_from, m_to, m_life, m_peerLife, m_lastReceived, {}});
}

void PeerChannel::acknowledged(std::uint64_t upTo)
{
    while (!m_unacknowledged.empty() && m_unacknowledged.front().number <= upTo) {
        m_bytes -= m_unacknowledged.front().body.size();
        m_unacknowledged.pop_front();
    }
}

void PeerChannel::resend(std::size_t bytesMax)
{
    std::size_t bytes = 0;
    for (const auto& frame : m_unacknowledged) {
        m_events.send(frame);
        if ((bytes += frame.body.size()) > bytesMax) return;
    }
}

// Hello and Ack say the same; a Hello wants an answer, because who says it does not know what the other end has.
void PeerChannel::greeted(const PeerFrame& frame)
{
    const bool isHello = frame.kind == PeerFrame::Kind::Hello, ofUs = frame.ofLife == m_life;
    if (frame.life < m_peerLife || (!isHello && !ofUs)) return; // an earlier life, late
    const bool another = m_peerLife != 0 && frame.life != m_peerLife;
    if (another) {
        m_unacknowledged.clear();
        m_bytes = 0;
        m_lastSent = m_lastReceived = m_lastTold = m_askedAt = 0;
    }
    m_peerLife = frame.life;
    if (another) m_events.lifeChanged();
    if (ofUs) acknowledged(frame.number);
    const bool first = !std::exchange(m_known, true);
    if (isHello && (first || !ofUs)) hello();
    else if (isHello) tell();
    if (first || isHello) resend(kUnacknowledgedBytesMax);
}

void PeerChannel::on(const PeerFrame& frame)
{
    if (!m_up || frame.life == 0) return;
    if (frame.kind != PeerFrame::Kind::Data) return greeted(frame);
    if (frame.life != m_peerLife || !m_known) return; // its hello comes first
    if (frame.number <= m_lastReceived) {
        m_lastTold = std::min(m_lastTold, frame.number - 1); // doubled; or what was told was lost: the next poke() tells it again
        return;
    }
    if (frame.number != m_lastReceived + 1) {
        // Something between is missing: say once what is here, the rest comes again.
        if (m_askedAt != m_lastReceived + 1) {
            m_askedAt = m_lastReceived + 1;
            hello();
        }
        return;
    }
    m_lastReceived = frame.number;
    m_events.received(frame.body);
    if (m_lastReceived - m_lastTold >= kAcknowledgeEvery) tell();
}

void PeerChannel::poke()
{
    if (!m_up) return;
    if (!m_known) { // the hello was lost
        if (++m_sameOldest % kPokesUntilAgain == 0) hello();
        return;
    }
    if (m_lastTold != m_lastReceived) tell();
    const std::uint64_t oldest = m_unacknowledged.empty() ? 0 : m_unacknowledged.front().number;
    m_sameOldest = oldest != 0 && oldest == m_oldest ? m_sameOldest + 1 : 0;
    m_oldest = oldest;
    if (m_sameOldest < kPokesUntilAgain) return;
    m_sameOldest = 0;
    resend(kResendBytes); // the rest is behind it
}

void PeerChannel::tell()
{
    m_lastTold = m_lastReceived;
    m_events.send({PeerFrame::Kind::Ack, m_from, m_to, m_life, m_peerLife, m_lastReceived, {}});
}

} // namespace orrery::net
