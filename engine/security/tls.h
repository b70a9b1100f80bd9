// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TlsContext: what links that are not gRPC's (bulk objects, enrolment) make their connections from: TLS 1.3, both ends
// named by certificate, the peer's name and role decided inside the handshake by peerIdentity(). Opens no socket.
// No session is resumed: a resumed one would not look at the certificate again, and so outlive it.
// Thread: made on one; connections may be made from it on several. refused runs inside a handshake, on that thread.
// Lives: longer than every connection made from it; the clock longer than both.

#include "engine/security/identity.h"

#include <functional>

namespace orrery::security {

// One sentence for each peer that is turned away: for the log and the audit.
using Refused = std::function<void(const base::Error&)>;

class TlsContext {
public:
    enum class Side { Client, Server };
    // Both show a certificate, and the peer has one of these roles.
    static base::Result<TlsContext> mutual(const Identity& me, Side side, std::vector<Role> peers,
                                           const base::Clock& clock, Refused refused = {});
    // The head's end of an enrolment: whoever comes has no certificate yet.
    static base::Result<TlsContext> enrolServer(const Identity& head);
    // The joiner's end: the peer is a head whose authority has the key of the token. Nothing is sent before that is
    // known.
    static base::Result<TlsContext> enrolClient(const Digest& pin, const base::Clock& clock, Refused refused = {});

    TlsHandle connection() const; // without a peer yet; null when memory is short
    SSL_CTX* context() const { return m_context.get(); }
    // Who is at the other end of a connection made from here. REQUIRES: its handshake is over.
    base::Result<PeerIdentity> peerOf(SSL* connection) const;
    // Of enrolClient(): the authority that the peer has shown. REQUIRES: as above.
    base::Result<Trust> trustOf(SSL* connection) const;

    struct Check; // private to the source
    ~TlsContext();
    TlsContext(TlsContext&& other) noexcept;
    TlsContext& operator=(TlsContext&& other) noexcept;

private:
    explicit TlsContext(std::unique_ptr<Check> check);
    static base::Result<TlsContext> make(std::unique_ptr<Check> check, const Identity* me, bool server);
    std::unique_ptr<Check> m_check; // at a fixed place: the context's callback has its address
    ContextHandle m_context;
};

} // namespace orrery::security
