// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The bulk plane under TLS: the same bytes, and nobody else's certificates.
#include "tests/engine/rpc/bulk_relay.h"
#include "tests/engine/rpc/bulk_world.h"
#include "tests/support/bulk_certificates.h"

#include <QTest>

#include <sys/socket.h>

using namespace orrery;
using namespace orrery::bulkworld;
using rpc::kBulkChunkBytes;

namespace {

constexpr std::size_t kLarge = 70u << 20;

// A server of one object, reached over TCP.
struct Node {
    explicit Node(std::shared_ptr<const rpc::BulkTls> tls, std::size_t size, rpc::BulkLimits limits = quick())
        : bytes(bytesOf(size, 8)), server({}, {limits, std::move(tls), rpc::kBulkThreads})
    {
        server.add(keyOf(1), bytes);
        server.serveAll(listener.get());
    }
    rpc::BulkPeer peer(std::string name = {}) const { return {addressOf(listener.get()), std::move(name)}; }
    const base::UniqueFd listener = listenTcp();
    const base::Bytes bytes;
    Server server;
};

rpc::BulkOptions with(std::shared_ptr<const rpc::BulkTls> tls)
{
    auto limits = quick();
    limits.triesMax = 4;
    return {limits, std::move(tls), rpc::kBulkThreads};
}

} // namespace

class TestBulkTls : public QObject {
    Q_OBJECT
    support::BulkAuthority m_ours, m_theirs;

private Q_SLOTS:
    void bytesArriveAsTheyWere_data()
    {
        QTest::addColumn<quint64>("size");
        for (const quint64 size : {quint64{0}, quint64{1}, quint64{kBulkChunkBytes - 1}, quint64{kBulkChunkBytes}, quint64{kBulkChunkBytes + 1}, quint64{kLarge}})
            QTest::addRow("%llu bytes", size) << size;
    }
    void bytesArriveAsTheyWere()
    {
        QFETCH(quint64, size);
        Node node(m_ours.tls("a"), size);
        Puller puller(with(m_ours.tls("b")));
        for (int again = 0; again < 2; ++again) { // the second over a kept connection
            base::Bytes to(size);
            const auto result = puller.pull(node.peer("a"), keyOf(1), to);
            QVERIFY2(result.ok(), result ? "" : result.error().message.c_str());
            QVERIFY(to == node.bytes);
        }
        QVERIFY(puller.figures().connects <= 2);
    }

    void aStrangersCertificateIsRefusedByEitherSide()
    {
        base::Bytes to(10);
        {
            Node node(m_ours.tls("a"), 10);
            Puller stranger(with(m_theirs.tls("b", &m_ours))); // trusts us, is not trusted
            const auto result = stranger.pull(node.peer(), keyOf(1), to);
            QVERIFY(!result.ok());
            QCOMPARE(result.error().code, base::Errc::Refused);
            QCOMPARE(node.server.figures().requests, std::uint64_t{0});
        }
        Node stranger(m_theirs.tls("a", &m_ours), 10);
        Puller puller(with(m_ours.tls("b")));
        const auto result = puller.pull(stranger.peer(), keyOf(1), to);
        QVERIFY(!result.ok());
        QCOMPARE(result.error().code, base::Errc::Refused);
        QVERIFY(to == base::Bytes(10));
    }

    void anotherNodeThanTheOneThatWasMeantIsRefused()
    {
        Node node(m_ours.tls("a"), 10);
        Puller puller(with(m_ours.tls("b")));
        base::Bytes to(10);
        const auto result = puller.pull(node.peer("c"), keyOf(1), to);
        QVERIFY(!result.ok());
        QCOMPARE(result.error().code, base::Errc::Refused);
        QVERIFY(puller.pull(node.peer("a"), keyOf(1), to).ok());
    }

    void whoSpeaksInTheClearGetsNothing()
    {
        auto clearly = with(nullptr), secretly = with(m_ours.tls("b"));
        // Each waits for the other to speak as it does.
        for (auto* options : {&clearly, &secretly}) options->limits.greetNs = base::kSecond / 5, options->limits.triesMax = 1;
        Node node(m_ours.tls("a"), 10);
        Puller puller(clearly);
        base::Bytes to(10);
        QVERIFY(!puller.pull(node.peer(), keyOf(1), to).ok());
        QCOMPARE(node.server.figures().requests, std::uint64_t{0});
        Node clear(nullptr, 10);
        Puller secure(secretly);
        QVERIFY(!secure.pull(clear.peer(), keyOf(1), to).ok());
        QCOMPARE(clear.server.figures().requests, std::uint64_t{0});
    }

    void aBreakUnderTlsGoesOnWhereItWas()
    {
        Node node(m_ours.tls("a"), kLarge);
        auto listener = listenTcp();
        const std::string address = addressOf(listener.get());
        Relay relay(std::move(listener), node.peer().address, [](int connection) {
            return connection < 5 ? Relay::Fault{.cutAt = 3'000'000u * static_cast<std::uint64_t>(connection + 1)} : Relay::Fault{};
        });
        Puller puller(with(m_ours.tls("b")));
        base::Bytes to(kLarge);
        const auto result = puller.pull({address, "a"}, keyOf(1), to);
        QVERIFY2(result.ok(), result ? "" : result.error().message.c_str());
        QVERIFY(to == node.bytes);
        QVERIFY(puller.figures().bytesReceived <= kLarge + 5 * kBulkChunkBytes);
    }

    void aByteThatWasBentOnTheWayBreaksTheConnectionAndIsRepaired()
    {
        Node node(m_ours.tls("a"), 10u << 20);
        auto listener = listenTcp();
        const std::string address = addressOf(listener.get());
        Relay relay(std::move(listener), node.peer().address, [](int connection) { return connection == 0 ? Relay::Fault{.bendAt = 5'000'000} : Relay::Fault{}; });
        Puller puller(with(m_ours.tls("b")));
        base::Bytes to(10u << 20);
        const auto result = puller.pull({address, "a"}, keyOf(1), to);
        QVERIFY2(result.ok(), result ? "" : result.error().message.c_str());
        QVERIFY(to == node.bytes);
        QCOMPARE(puller.figures().retries, std::uint64_t{1});
    }

    void noiseInsteadOfAHandshakeHoldsNothing()
    {
        auto limits = quick();
        limits.greetNs = 200 * base::kMillisecond;
        Node node(m_ours.tls("a"), 10, limits);
        base::Random random(5);
        std::vector<base::UniqueFd> guests;
        for (int i = 0; i < 100; ++i) {
            base::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            sockaddr_storage at{};
            socklen_t size = sizeof at;
            getsockname(node.listener.get(), reinterpret_cast<sockaddr*>(&at), &size);
            QCOMPARE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&at), size), 0);
            auto noise = bytesOf(random.below(300), random.next());
            noise.insert(noise.begin(), rpc::kBulkMagic.begin(), rpc::kBulkMagic.end());
            // Half of them begin as a handshake would, and say no more.
            if (i % 2 == 0 && noise.size() > 10) noise[4] = std::byte{0x16}, noise[5] = std::byte{3}, noise[6] = std::byte{1}, noise[7] = std::byte{1};
            QCOMPARE(::send(fd.get(), noise.data(), noise.size(), MSG_NOSIGNAL), ssize_t(noise.size()));
            guests.push_back(std::move(fd));
        }
        QVERIFY(soon([&] { return node.server.figures().connections == 0; }));
        Puller puller(with(m_ours.tls("b")));
        base::Bytes to(10);
        QVERIFY(puller.pull(node.peer(), keyOf(1), to).ok());
    }

    void pemTextThatIsNoneIsSaid()
    {
        auto pem = m_ours.node("a");
        for (auto part : {&rpc::BulkTlsPem::certificate, &rpc::BulkTlsPem::key, &rpc::BulkTlsPem::ca}) {
            auto bent = pem;
            bent.*part = "nothing of the kind";
            QVERIFY(!rpc::BulkTls::make(bent).ok());
        }
        pem.key = m_ours.node("b").key; // another's
        QVERIFY(!rpc::BulkTls::make(pem).ok());
    }
};

QTEST_GUILESS_MAIN(TestBulkTls)
#include "tst_bulk_tls.moc"
