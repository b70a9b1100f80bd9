// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// EnrolLink: one connection of an enrolment, over TLS on a socket that its owner made and waits for: the joiner sends one message
// and gets one back. A message is a u32 (little endian) and so many bytes, at most kEnrolBytesMax.
// Nothing here blocks or waits: each call moves what the socket has or takes, and says what it waits for next.
// Thread: one. The socket and the context live longer.

#include "engine/security/enroller.h"
#include "engine/security/tls.h"

namespace orrery::security {

class EnrolLink {
public:
    enum class Now : std::uint8_t { Done, WaitRead, WaitWrite };
    enum class Side : std::uint8_t { Head, Joiner };
    EnrolLink(const TlsContext& tls, int fd, Side side);

    base::Result<Now> shake();
    // Done: message() has it.
    base::Result<Now> receive();
    // put() once, then send() until Done.
    void put(std::span<const std::byte> message);
    base::Result<Now> send();
    const base::Bytes& message() const { return m_message; }

private:
    base::Result<Now> now(int result, const char* what);
    TlsHandle m_tls;
    const Side m_side;
    base::Bytes m_head, m_message, m_out;
    std::size_t m_got = 0, m_sent = 0;
};

} // namespace orrery::security
