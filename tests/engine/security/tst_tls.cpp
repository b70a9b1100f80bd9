// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// TLS 1.3 between members, in memory: who gets through a handshake, and who does not.
#include "engine/security/tls.h"
#include "tests/engine/security/forge.h"

#include <QTest>

using namespace orrery;
using namespace orrery::samples;
using security::Identity;
using security::Role;
using security::TlsContext;
using Side = TlsContext::Side;

namespace {

// Two ends joined by two buffers.
struct Pair {
    security::TlsHandle client, server;
    bool clientRead = false, serverRead = false; // a byte of the other has come through

    Pair(security::TlsHandle clientEnd, security::TlsHandle serverEnd)
        : client(std::move(clientEnd)), server(std::move(serverEnd))
    {
        BIO *there = nullptr, *here = nullptr;
        BIO_new_bio_pair(&there, 0, &here, 0);
        SSL_set_bio(client.get(), there, there);
        SSL_set_bio(server.get(), here, here);
        SSL_set_connect_state(client.get());
        SSL_set_accept_state(server.get());
        // A client of TLS 1.3 is done before it knows whether its certificate was liked; only a byte from the server
        // tells.
        bool sent[2] = {false, false};
        for (int turn = 0; turn < 20; ++turn) {
            step(client.get(), sent[0], clientRead);
            step(server.get(), sent[1], serverRead);
        }
        ERR_clear_error();
    }
    bool up() const { return clientRead && serverRead; }

private:
    static void step(SSL* end, bool& sent, bool& read)
    {
        if (SSL_do_handshake(end) != 1) return;
        char byte = 'x';
        if (!sent) sent = SSL_write(end, &byte, 1) == 1;
        if (!read) read = SSL_read(end, &byte, 1) == 1;
    }
};

// A client that does as it likes: its own certificate, or none.
security::ContextHandle looseClient(X509* certificate = nullptr, EVP_PKEY* key = nullptr)
{
    security::ContextHandle made(SSL_CTX_new(TLS_client_method()));
    if (certificate &&
        (SSL_CTX_use_certificate(made.get(), certificate) != 1 || SSL_CTX_use_PrivateKey(made.get(), key) != 1))
        qFatal("cannot use the certificate");
    return made;
}

} // namespace

class TestTls : public QObject {
    Q_OBJECT
    SetClock m_clock;
    std::vector<std::string> m_refused;
    security::Refused refused()
    {
        m_refused.clear();
        return [this](const base::Error& why) { m_refused.push_back(why.message); };
    }
    TlsContext end(const Identity& who, Side side, std::vector<Role> peers)
    {
        return need(TlsContext::mutual(who, side, std::move(peers), m_clock,
                                       [this](const base::Error& why) { m_refused.push_back(why.message); }));
    }
    // A head as the server, which lets nodes in; the client wants a head.
    bool handshake(const Identity& head, const Identity& node)
    {
        m_refused.clear();
        const auto server = end(head, Side::Server, {Role::Node}), client = end(node, Side::Client, {Role::Head});
        return Pair(client.connection(), server.connection()).up();
    }
    bool refusedWith(const char* words) const { return m_refused.size() == 1 && says(m_refused[0], words); }

private Q_SLOTS:
    void init()
    {
        m_clock.now = kNow;
        m_refused.clear();
    }

    void twoMembersOfOneClusterMeetAndKnowEachOther()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow));
        const auto head = member(authority, Role::Head, "head-1"), node = member(authority, Role::Node, kNode);
        const auto server = end(head, Side::Server, {Role::Node}), client = end(node, Side::Client, {Role::Head});
        const Pair pair(client.connection(), server.connection());
        QVERIFY2(pair.up(), m_refused.empty() ? "" : m_refused[0].c_str());
        QCOMPARE(need(server.peerOf(pair.server.get())), node.who());
        QCOMPARE(need(client.peerOf(pair.client.get())), head.who());
        QCOMPARE(SSL_version(pair.client.get()), TLS1_3_VERSION);
        QVERIFY(m_refused.empty());
    }

    void aConnectionIsNeverResumed()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow));
        const auto server = end(member(authority, Role::Head, "head-1"), Side::Server, {Role::Node}),
                   client = end(member(authority, Role::Node, kNode), Side::Client, {Role::Head});
        const Pair first(client.connection(), server.connection());
        QVERIFY(first.up());
        SSL_SESSION* const session = SSL_get0_session(first.client.get());
        QVERIFY(!session || !SSL_SESSION_is_resumable(session));
        auto again = client.connection();
        if (session) SSL_set_session(again.get(), session);
        const Pair second(std::move(again), server.connection());
        QVERIFY(second.up());
        QVERIFY(!SSL_session_reused(second.client.get()));
    }

    void aStrangerIsRefusedByEitherEnd()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow)),
                   twin = need(security::Authority::make(kCluster, kNow));
        const auto head = member(authority, Role::Head, "head-1"), node = member(authority, Role::Node, kNode);
        QVERIFY(!handshake(member(twin, Role::Head, "head-1"), node));
        QVERIFY(refusedWith("was not signed by the authority"));
        // A client that would take anybody, so that the server has to say no.
        const auto server = end(head, Side::Server, {Role::Node});
        const auto stranger = member(twin, Role::Node, kNode);
        const auto own = security::certificatesIn(stranger.certificatePem());
        m_refused.clear();
        const auto loose = looseClient(own[0].get(), stranger.key());
        const Pair pair(security::TlsHandle(SSL_new(loose.get())), server.connection());
        QVERIFY(!pair.clientRead && !pair.serverRead);
        QVERIFY(refusedWith("was not signed by the authority"));
    }

    void anExpiredMemberIsRefused()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow));
        const auto head = member(authority, Role::Head, "head-1"),
                   node = member(authority, Role::Node, kNode); // 30 and 7 days
        m_clock.now = kNow + 7 * security::kDay - kMinute;
        QVERIFY(handshake(head, node));
        m_clock.now = kNow + 7 * security::kDay + kMinute;
        QVERIFY(!handshake(head, node));
        QVERIFY2(refusedWith("expired on"), m_refused.empty() ? "nobody was refused" : m_refused[0].c_str());
        m_clock.now = kNow - kMinute * 60;
        QVERIFY(!handshake(head, node));
        QVERIFY(refusedWith("compare the clocks"));
    }

    void aCertificateOfTheWrongRoleIsRefused()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow));
        const auto head = member(authority, Role::Head, "head-1"), node = member(authority, Role::Node, kNode);
        QVERIFY(!handshake(head, member(authority, Role::Viewer, "ann")));
        QVERIFY(refusedWith("has the role viewer"));
        QVERIFY(!handshake(member(authority, Role::Node, kNode), node)); // a node that plays the head
        QVERIFY(refusedWith("has the role node"));
    }

    void whoShowsNothingIsRefused()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow));
        const auto server = end(member(authority, Role::Head, "head-1"), Side::Server, {Role::Node});
        const auto loose = looseClient();
        const Pair pair(security::TlsHandle(SSL_new(loose.get())), server.connection());
        QVERIFY(!pair.clientRead && !pair.serverRead);
        QVERIFY(!server.peerOf(pair.server.get()).ok());
    }

    void anOlderTlsIsRefused()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow));
        const auto head = member(authority, Role::Head, "head-1"), node = member(authority, Role::Node, kNode);
        const auto own = security::certificatesIn(node.certificatePem());
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            const auto server = end(head, Side::Server, {Role::Node});
            const auto loose = looseClient(own[0].get(), node.key());
            SSL_CTX_set_max_proto_version(loose.get(), version);
            QCOMPARE(Pair(security::TlsHandle(SSL_new(loose.get())), server.connection()).up(),
                     version == TLS1_3_VERSION);
        }
    }

    // ---- enrolment: before there is a certificate ----

    void aJoinerKnowsTheHeadByThePinOfItsTokenAndGetsItsAuthority()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow));
        const auto server = need(TlsContext::enrolServer(member(authority, Role::Head, "head-1")));
        const auto joiner = need(TlsContext::enrolClient(authority.trust().pin(), m_clock, refused()));
        const Pair pair(joiner.connection(), server.connection());
        QVERIFY2(pair.up(), m_refused.empty() ? "" : m_refused[0].c_str());
        QCOMPARE(need(joiner.peerOf(pair.client.get())).role, Role::Head);
        QCOMPARE(need(joiner.trustOf(pair.client.get())).pem(), authority.trust().pem());
        QVERIFY(!server.peerOf(pair.server.get()).ok()); // has no name yet
    }

    void aJoinerSendsNothingToWhoIsNotTheHeadOfItsToken()
    {
        const auto authority = need(security::Authority::make(kCluster, kNow)),
                   twin = need(security::Authority::make(kCluster, kNow));
        const auto joiner = need(TlsContext::enrolClient(authority.trust().pin(), m_clock, refused()));
        {
            const auto impostor = need(TlsContext::enrolServer(member(twin, Role::Head, "head-1")));
            const Pair pair(joiner.connection(), impostor.connection());
            QVERIFY(!pair.clientRead && !pair.serverRead);
            QVERIFY(refusedWith("not the one of the token"));
        }
        m_refused.clear();
        { // a member of the right cluster, but no head
            const auto node = end(member(authority, Role::Node, kNode), Side::Server, {Role::Node});
            const Pair pair(joiner.connection(), node.connection());
            QVERIFY(!pair.clientRead && !pair.serverRead);
            QVERIFY(refusedWith("has the role node"));
        }
        m_refused.clear();
        { // the right head, its certificate run out
            m_clock.now = kNow + 31 * security::kDay;
            const auto late = need(TlsContext::enrolServer(member(authority, Role::Head, "head-1")));
            QVERIFY(!Pair(joiner.connection(), late.connection()).up());
            QVERIFY(refusedWith("expired on"));
        }
        QVERIFY(!TlsContext::enrolServer(member(authority, Role::Node, kNode)).ok());
    }
};

QTEST_GUILESS_MAIN(TestTls)
#include "tst_tls.moc"
