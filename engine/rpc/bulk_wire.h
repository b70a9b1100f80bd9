// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// BulkWire: one bulk connection's bytes, in the clear or under TLS; nothing of it blocks. After Again, wait for wants().
// Thread: one at a time.

#include "engine/base/fd.h"
#include "engine/rpc/bulk_tls.h"

namespace orrery::rpc {

class BulkWire {
public:
    explicit BulkWire(base::UniqueFd fd) : m_fd(std::move(fd)) {}
    void beginTls(std::shared_ptr<const BulkTls> tls, bool isServer, const std::string& peerName);
    bool isTls() const { return m_tls != nullptr; }
    bool stillKnowsPeer() { return !m_tls || m_tls->stillKnowsPeer(); }
    int fd() const { return m_fd.get(); }

    BulkIo shake();
    // All that the socket has, up to the end of the span. Moved with no bytes: the span was empty.
    BulkMoved read(std::span<std::byte> to);
    // The first span, then the second, as one. Moved says of how many bytes there need be no more care.
    BulkMoved write(std::span<const std::byte> first, std::span<const std::byte> second = {});
    // Moved: all that was written is with the socket.
    BulkIo flush() { return m_tls ? waitingFor(m_tls->flush()) : BulkIo::Moved; }
    // Bytes that were received and not yet read().
    bool hasBuffered() const { return m_tls && m_tls->hasBuffered(); }
    void rest() { if (m_tls) m_tls->rest(); }
    std::uint32_t wants() const { return m_wants; }
    void waitToWrite();
    // Why the last call was Broken or Refused.
    const std::string& why() const { return m_tls && !m_tls->why().empty() ? m_tls->why() : m_why; }

private:
    BulkIo waitingFor(BulkIo io);
    BulkMoved failed(std::uint32_t wants);

    base::UniqueFd m_fd;
    std::unique_ptr<BulkTlsSession> m_tls;
    std::uint32_t m_wants = 0;
    std::string m_why;
};

} // namespace orrery::rpc
