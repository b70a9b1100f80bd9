// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/security/tls.h"

#include <algorithm>
#include <optional>

namespace orrery::security {

using base::Errc;
using base::fail;

struct TlsContext::Check {
    std::optional<Trust> trust; // none: by pin
    Digest pin{};
    std::vector<Role> peers;
    const base::Clock* clock = nullptr; // null: the peer shows nothing
    Refused refused;

    base::Result<Trust> trustIn(STACK_OF(X509) * shown) const
    {
        return trust ? base::Result<Trust>(*trust) : Trust::pinned(shown, pin);
    }
    base::Result<PeerIdentity> look(X509* certificate, STACK_OF(X509) * shown) const
    {
        const auto with = trustIn(shown);
        if (!with) return with.error();
        auto who = peerIdentity(certificate, *with, clock->wallNs());
        if (!who) return who;
        if (std::find(peers.begin(), peers.end(), who->role) != peers.end()) return who;
        return fail(Errc::Refused,
                    "The peer has the role " + std::string(roleName(who->role)) + ", which has no business here.");
    }
};

namespace {

// In place of OpenSSL's own check, of which peerIdentity() is the stricter half.
int verify(X509_STORE_CTX* chain, void* check)
{
    const auto& own = *static_cast<const TlsContext::Check*>(check);
    const auto who = own.look(X509_STORE_CTX_get0_cert(chain), X509_STORE_CTX_get0_untrusted(chain));
    if (who.ok()) {
        X509_STORE_CTX_set_error(chain, X509_V_OK);
        return 1;
    }
    X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
    if (own.refused) own.refused(who.error());
    return 0;
}

} // namespace

TlsContext::TlsContext(std::unique_ptr<Check> check) : m_check(std::move(check)) {}
TlsContext::~TlsContext() = default;
TlsContext::TlsContext(TlsContext&& other) noexcept = default;
TlsContext& TlsContext::operator=(TlsContext&& other) noexcept = default;

base::Result<TlsContext> TlsContext::make(std::unique_ptr<Check> check, const Identity* me, bool server)
{
    const QuietErrors quiet;
    TlsContext made(std::move(check));
    made.m_context.reset(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()));
    SSL_CTX* const at = made.m_context.get();
    bool ok = at && SSL_CTX_set_min_proto_version(at, TLS1_3_VERSION) == 1 && SSL_CTX_set_num_tickets(at, 0) == 1;
    if (ok) {
        SSL_CTX_set_session_cache_mode(at, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_options(at, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
        SSL_CTX_set_max_cert_list(at, 16384); // of a peer's chain, before anybody has looked at it
        // Both, as a client without the first would go on with anybody.
        if (made.m_check->clock) SSL_CTX_set_verify(at, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        SSL_CTX_set_cert_verify_callback(at, verify, made.m_check.get());
    }
    if (ok && me) {
        const auto own = certificatesIn(me->certificatePem());
        // The authority goes with it: a joiner knows it by its pin only.
        ok = !own.empty() && SSL_CTX_use_certificate(at, own.front().get()) == 1 &&
             SSL_CTX_use_PrivateKey(at, me->key()) == 1 && SSL_CTX_check_private_key(at) == 1 &&
             SSL_CTX_add1_chain_cert(at, me->trust().certificate()) == 1;
    }
    if (!ok) return fail(Errc::Internal, "TLS cannot be set up: " + QuietErrors::reason());
    return made;
}

base::Result<TlsContext> TlsContext::mutual(const Identity& me, Side side, std::vector<Role> peers,
                                            const base::Clock& clock, Refused refused)
{
    auto check = std::make_unique<Check>();
    check->trust = me.trust();
    check->peers = std::move(peers);
    check->clock = &clock;
    check->refused = std::move(refused);
    return make(std::move(check), &me, side == Side::Server);
}

base::Result<TlsContext> TlsContext::enrolServer(const Identity& head)
{
    if (head.who().role != Role::Head) return fail(Errc::Refused, "Only a head lets others join.");
    return make(std::make_unique<Check>(), &head, true);
}

base::Result<TlsContext> TlsContext::enrolClient(const Digest& pin, const base::Clock& clock, Refused refused)
{
    auto check = std::make_unique<Check>();
    check->pin = pin;
    check->peers = {Role::Head};
    check->clock = &clock;
    check->refused = std::move(refused);
    return make(std::move(check), nullptr, false);
}

TlsHandle TlsContext::connection() const
{
    const QuietErrors quiet;
    return TlsHandle(SSL_new(m_context.get()));
}

base::Result<PeerIdentity> TlsContext::peerOf(SSL* connection) const
{
    const QuietErrors quiet;
    if (!m_check->clock) return fail(Errc::Refused, "Who enrols has no name yet.");
    return m_check->look(SSL_get0_peer_certificate(connection), SSL_get_peer_cert_chain(connection));
}

base::Result<Trust> TlsContext::trustOf(SSL* connection) const
{
    return m_check->trustIn(SSL_get_peer_cert_chain(connection));
}

} // namespace orrery::security
