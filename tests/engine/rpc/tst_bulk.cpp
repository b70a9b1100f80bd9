// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Objects from one node to another over their own sockets, when nothing breaks: what arrives, what is held meanwhile, and who
// waits for whom.
#include "tests/engine/rpc/bulk_world.h"

#include "engine/rpc/bulk_frame.h"

#include <QTest>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

using namespace orrery;
using namespace orrery::bulkworld;
using base::kMillisecond;
using base::kSecond;
using rpc::kBulkChunkBytes;

namespace {

constexpr std::size_t kLarge = 70u << 20; // two streams
static_assert(kLarge >= rpc::kBulkTwoStreamsBytes);

// Asks for all of it and reads nothing.
bool ask(int fd, const rpc::BulkKey& key, std::uint64_t bytes)
{
    const auto request = rpc::packRequest({key, {0, bytes}});
    return ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == ssize_t(request.size());
}

} // namespace

class TestBulk : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    std::string m_path = m_folder.filePath(QStringLiteral("bulk")).toStdString();
    rpc::BulkPeer m_peer{"unix:" + m_path, {}};

private Q_SLOTS:
    void bytesArriveAsTheyWere_data()
    {
        QTest::addColumn<quint64>("size");
        for (const quint64 size : {quint64{0}, quint64{1}, quint64{kBulkChunkBytes - 1}, quint64{kBulkChunkBytes}, quint64{kBulkChunkBytes + 1}, quint64{kLarge}, quint64{kLarge} + 12345})
            QTest::addRow("%llu bytes", size) << size;
    }
    void bytesArriveAsTheyWere()
    {
        QFETCH(quint64, size);
        const auto bytes = bytesOf(size);
        Server server(m_path);
        server.add(keyOf(1), bytes);
        const auto listener = listenTcp();
        server.serveAll(listener.get());
        Puller puller;
        for (const rpc::BulkPeer& peer : {m_peer, rpc::BulkPeer{addressOf(listener.get()), {}}}) {
            base::Bytes to(size);
            const auto result = puller.pull(peer, keyOf(1), to);
            QVERIFY2(result.ok(), result ? "" : result.error().message.c_str());
            QVERIFY(to == bytes);
        }
        QCOMPARE(puller.figures().bytesReceived, 2 * size);
        QCOMPARE(puller.figures().retries, std::uint64_t{0});
    }

    void connectionsAreKeptForTheNextPulls()
    {
        Server server(m_path);
        for (std::uint32_t i = 0; i < 300; ++i) server.add(keyOf(i), bytesOf(i * 7, i));
        Puller puller;
        std::vector<base::Bytes> to(300);
        std::vector<Puller::Outcome> outcomes;
        for (std::uint32_t i = 0; i < 300; ++i) {
            to[i].resize(i * 7);
            outcomes.push_back(puller.begin(m_peer, keyOf(i), to[i]));
        }
        for (auto& each : outcomes) QVERIFY(outcome(each).ok());
        for (std::uint32_t i = 0; i < 300; ++i) QVERIFY(to[i] == bytesOf(i * 7, i));
        QVERIFY(puller.figures().connects <= rpc::kBulkStreamsPerPeerMax);
        QVERIFY(soon([&] { return server.figures().connections <= rpc::kBulkStreamsPerPeerMax; }));
    }

    void aKeptConnectionThatTheServerClosedCostsNoTry()
    {
        Server server(m_path);
        server.add(keyOf(1), bytesOf(100));
        auto limits = quick();
        limits.triesMax = 1;
        Puller puller({limits, nullptr, rpc::kBulkThreads});
        base::Bytes to(100);
        for (int i = 0; i < 20; ++i) {
            const auto result = puller.pull(m_peer, keyOf(1), to);
            QVERIFY2(result.ok(), result ? "" : result.error().message.c_str());
            server.restart();
        }
    }

    void anObjectThatIsNotThereIsSaidAtOnce()
    {
        Server server(m_path);
        Puller puller;
        base::Bytes to(10);
        const auto result = puller.pull(m_peer, keyOf(5), to);
        QVERIFY(!result.ok());
        QCOMPARE(result.error().code, base::Errc::NotFound);
        QVERIFY(result.error().message.find("index 5") != std::string::npos);
        QCOMPARE(puller.figures().retries, std::uint64_t{0});
    }

    void anotherSizeThanExpectedIsAnErrorAndWritesNothing()
    {
        Server server(m_path);
        server.add(keyOf(1), bytesOf(1000));
        Puller puller;
        for (const std::size_t expected : {std::size_t{0}, std::size_t{999}, std::size_t{1001}}) {
            base::Bytes to(expected);
            const auto result = puller.pull(m_peer, keyOf(1), to);
            QVERIFY(!result.ok());
            QCOMPARE(result.error().code, base::Errc::Failed);
            QVERIFY(result.error().message.find("1000 bytes") != std::string::npos);
            QVERIFY(to == base::Bytes(expected));
        }
    }

    void anAddressThatIsNoneIsSaidAtOnce()
    {
        Puller puller;
        base::Bytes to(1);
        for (const char* address : {"", "nowhere", "host.name:80", "127.0.0.1:0", "127.0.0.1:99999", "[::1:5", "unix:"}) {
            const auto result = puller.pull({address, {}}, keyOf(1), to);
            QVERIFY(!result.ok());
            QCOMPARE(result.error().code, base::Errc::BadInput);
        }
    }

    void aPinEndsWithItsReplyItsConnectionAndItsServer()
    {
        Server server(m_path);
        server.add(keyOf(1), bytesOf(kLarge));
        Puller puller;
        base::Bytes to(kLarge);
        QVERIFY(puller.pull(m_peer, keyOf(1), to).ok());
        QVERIFY(soon([&] { return server.pinsAlive() == 0; }));
        {
            const auto reader = greeted(m_peer.address);
            QVERIFY(ask(reader.get(), keyOf(1), kLarge));
            QVERIFY(soon([&] { return server.pinsAlive() == 1; }));
        }
        QVERIFY(soon([&] { return server.pinsAlive() == 0; }));
        const auto reader = greeted(m_peer.address);
        QVERIFY(ask(reader.get(), keyOf(1), kLarge));
        QVERIFY(soon([&] { return server.pinsAlive() == 1; }));
        server.stop();
        QCOMPARE(server.pinsAlive(), 0);
    }

    void anObjectThatIsRestoredFirstIsWaitedFor()
    {
        Server server(m_path);
        const auto bytes = bytesOf(5000);
        server.add(keyOf(1), bytes);
        server.hold(true);
        Puller puller;
        base::Bytes to(5000);
        auto began = puller.begin(m_peer, keyOf(1), to);
        QVERIFY(soon([&] { return server.held() == 1; }));
        server.release();
        QVERIFY(outcome(began).ok());
        QVERIFY(to == bytes);
    }

    void aCancelledPullLetsGoOfItsMemoryAndSaysSo()
    {
        Server server(m_path);
        server.add(keyOf(1), bytesOf(kLarge));
        server.hold(true);
        Puller puller;
        base::Bytes to(kLarge);
        rpc::PullId id = 0;
        auto began = puller.begin(m_peer, keyOf(1), to, &id);
        QVERIFY(soon([&] { return server.held() == 2; }));
        puller.cancel(id);
        const auto result = outcome(began);
        QVERIFY(!result.ok());
        QCOMPARE(result.error().code, base::Errc::Cancelled);
        server.release(); // too late: nobody is there to take it
        QVERIFY(soon([&] { return server.pinsAlive() == 0; }));
        QVERIFY(to == base::Bytes(kLarge));
    }

    void aPullIsCancelledAtAnyMomentAndEndsOnce()
    {
        Server server(m_path);
        const auto bytes = bytesOf(kLarge);
        server.add(keyOf(1), bytes);
        Puller puller;
        int finished = 0;
        for (int i = 0; i < 30; ++i) {
            base::Bytes to(kLarge);
            rpc::PullId id = 0;
            auto began = puller.begin(m_peer, keyOf(1), to, &id);
            const std::uint64_t before = puller.figures().bytesReceived;
            const auto most = static_cast<std::uint64_t>(i) * kLarge / 25;
            while (puller.figures().bytesReceived - before < most && began.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {}
            puller.cancel(id);
            const auto result = outcome(began);
            if (result.ok()) {
                ++finished;
                QVERIFY(to == bytes);
            } else {
                QCOMPARE(result.error().code, base::Errc::Cancelled);
            }
        }
        QVERIFY(finished < 30);
        QVERIFY(soon([&] { return server.pinsAlive() == 0; }));
    }

    void aPullerThatGoesWhileItPullsWritesNothingAnyMore()
    {
        Server server(m_path);
        server.add(keyOf(1), bytesOf(kLarge));
        for (int i = 0; i < 10; ++i) {
            Puller puller;
            base::Bytes to(kLarge);
            auto began = puller.begin(m_peer, keyOf(1), to);
            while (puller.figures().bytesReceived < static_cast<std::uint64_t>(i) * kLarge / 10 && began.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {}
            puller.end(); // then the memory goes: a sanitizer would see a late byte
        }
        QVERIFY(soon([&] { return server.pinsAlive() == 0; }));
    }

    void peersThatStopReadingHoldNobody()
    {
        auto limits = quick();
        limits.stallNs = kSecond;
        Server server(m_path, {limits, nullptr, rpc::kBulkThreads});
        const auto bytes = bytesOf(kLarge);
        server.add(keyOf(1), bytes);
        std::vector<base::UniqueFd> readers;
        for (unsigned i = 0; i < 4 * rpc::kBulkThreads; ++i) {
            readers.push_back(greeted(m_peer.address));
            QVERIFY(ask(readers.back().get(), keyOf(1), kLarge));
        }
        QVERIFY(soon([&] { return server.figures().pins == readers.size(); }));
        Puller puller;
        base::Bytes to(kLarge);
        QVERIFY(puller.pull(m_peer, keyOf(1), to).ok());
        QVERIFY(to == bytes);
        // And they do not hold their own for ever either.
        QVERIFY(soon([&] { return server.figures().pins == 0; }));
    }

    void silentPeersAreLetGo()
    {
        auto limits = quick();
        limits.greetNs = 100 * kMillisecond;
        limits.servedIdleNs = 100 * kMillisecond;
        Server server(m_path, {limits, nullptr, rpc::kBulkThreads});
        const auto silent = rpc::BulkPeer(m_peer);
        const auto before = greeted(silent.address); // says no more than its greeting
        const auto during = greeted(silent.address); // and half a request
        QVERIFY(before && during);
        QCOMPARE(::send(during.get(), "half", 4, MSG_NOSIGNAL), ssize_t{4});
        int pair[2];
        QCOMPARE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        const base::UniqueFd mute(pair[1]); // says nothing at all
        server.serve(base::UniqueFd(pair[0]));
        QVERIFY(soon([&] { return server.figures().connections == 0; }));
    }

    void aServerThatIsFullTellsToComeLater()
    {
        Server server(m_path);
        server.add(keyOf(1), bytesOf(10));
        std::vector<base::UniqueFd> guests;
        for (std::size_t i = 0; i < rpc::kBulkServedMax; ++i) QVERIFY(guests.emplace_back(greeted(m_peer.address)));
        auto limits = quick();
        limits.triesMax = 10'000;
        Puller puller({limits, nullptr, rpc::kBulkThreads});
        base::Bytes to(10);
        auto began = puller.begin(m_peer, keyOf(1), to);
        QVERIFY(soon([&] { return puller.figures().retries > 0; }));
        guests.clear();
        QVERIFY(outcome(began).ok());
    }

    void anotherUserIsTurnedAway()
    {
        if (geteuid() != 0) QSKIP("only root can be somebody else");
        Server server(m_path);
        server.add(keyOf(1), bytesOf(10));
        QCOMPARE(chmod(m_folder.path().toLocal8Bit().constData(), 0755), 0);
        QCOMPARE(chmod(m_path.c_str(), 0666), 0);
        const pid_t stranger = fork();
        if (stranger == 0) {
            if (setuid(65534) != 0) _exit(9);
            const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
            sockaddr_un to{};
            to.sun_family = AF_UNIX;
            std::memcpy(to.sun_path, m_path.c_str(), m_path.size() + 1);
            if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) _exit(8);
            std::array<std::byte, rpc::kBulkHelloBytes> hello;
            if (recv(fd, hello.data(), hello.size(), MSG_WAITALL) != ssize_t(hello.size())) _exit(7);
            _exit(static_cast<int>(hello[5])); // the status
        }
        int status = 0;
        QVERIFY(soon([&] { return waitpid(stranger, &status, WNOHANG) == stranger; }));
        QCOMPARE(WEXITSTATUS(status), static_cast<int>(rpc::BulkStatus::Refused));
        QCOMPARE(server.figures().turnedAway, std::uint64_t{1});
        QCOMPARE(server.figures().connections, std::uint64_t{0});
    }
};

QTEST_GUILESS_MAIN(TestBulk)
#include "tst_bulk.moc"
