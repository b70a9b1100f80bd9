// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Objects from one node to another when things break or lie: connections, bytes, servers, peers. ORRERY_SEED repeats a run.
#include "tests/engine/rpc/bulk_relay.h"
#include "tests/engine/rpc/bulk_world.h"

#include "engine/rpc/bulk_frame.h"
#include "engine/rpc/bulk_socket.h"

#include <QTest>

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

using namespace orrery;
using namespace orrery::bulkworld;
using base::kMillisecond;
using rpc::kBulkChunkBytes;

namespace {

constexpr std::size_t kLarge = 70u << 20;

std::uint64_t seedOfRun()
{
    const QByteArray chosen = qgetenv("ORRERY_SEED");
    const std::uint64_t seed = chosen.isEmpty() ? base::entropySeed() : chosen.toULongLong();
    qInfo("ORRERY_SEED=%llu", static_cast<unsigned long long>(seed));
    return seed;
}

long residentMostKiB()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

// Bytes that are nearly those of a frame: random ones are refused by the first look and try nothing.
template <std::size_t N>
void bend(std::array<std::byte, N>& frame, base::Random& random)
{
    for (auto times = random.below(4); times > 0; --times) frame[random.below(N)] = static_cast<std::byte>(random.next());
}

rpc::BulkRange anyRange(base::Random& random, std::uint64_t of)
{
    switch (random.below(4)) {
    case 0: return {random.next(), random.next()};
    case 1: return {random.below(of + 2), random.below(of + 2)};
    case 2: return {0, ~std::uint64_t{0}};
    default: return {of / 2, of / 2};
    }
}

// Accepts, and says what it is told to; the thread ends when the listener is shut down.
class FakeServer {
public:
    explicit FakeServer(std::function<void(int fd)> speak) : m_listener(listenTcp()), m_speak(std::move(speak)), m_thread([this] { run(); }) {}
    ~FakeServer()
    {
        m_isOver = true;
        ::shutdown(m_listener.get(), SHUT_RDWR);
        m_thread.join();
    }
    rpc::BulkPeer peer() const { return {addressOf(m_listener.get()), {}}; }

private:
    void run()
    {
        while (!m_isOver) {
            pollfd waits{m_listener.get(), POLLIN, 0};
            poll(&waits, 1, -1);
            const base::UniqueFd fd(::accept(m_listener.get(), nullptr, nullptr));
            if (fd) m_speak(fd.get());
        }
    }
    std::atomic<bool> m_isOver{false};
    base::UniqueFd m_listener;
    std::function<void(int)> m_speak;
    std::thread m_thread;
};

template <std::size_t N>
void say(int fd, const std::array<std::byte, N>& frame)
{
    [[maybe_unused]] const ssize_t sent = ::send(fd, frame.data(), frame.size(), MSG_NOSIGNAL);
}

bool hear(int fd, std::size_t bytes)
{
    base::Bytes to(bytes);
    return ::recv(fd, to.data(), bytes, MSG_WAITALL) == ssize_t(bytes);
}

} // namespace

class TestBulkFaults : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_relays = 0;
    std::string path(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)).toStdString(); }
    std::string m_path = path("bulk");

private Q_SLOTS:
    void aConnectionKilledAnywhereGoesOnWhereItWas()
    {
        base::Random random(seedOfRun());
        Server server(m_path);
        const base::Bytes objects[] = {bytesOf(9'000'001, 3), bytesOf(kLarge, 3)};
        for (std::uint32_t i = 0; i < 2; ++i) server.add(keyOf(i), objects[i]);
        for (int round = 0; round < 44; ++round) {
            const std::uint32_t which = round % 11 == 10 ? 1 : 0; // the one in two streams now and then
            const base::Bytes& bytes = objects[which];
            std::atomic<int> cuts{0};
            const int most = 1 + static_cast<int>(random.below(8));
            std::vector<std::uint64_t> at;
            for (int i = 0; i < most; ++i) at.push_back(random.chance(0.2) ? random.below(100) : random.below(bytes.size() / 4));
            auto listener = listenTcp();
            const std::string address = addressOf(listener.get());
            Relay relay(std::move(listener), "unix:" + m_path, [&](int connection) {
                if (connection >= most) return Relay::Fault{};
                return Relay::Fault{.cutAt = at[static_cast<std::size_t>(connection)], .atCut = [&] { ++cuts; }};
            });
            auto limits = quick();
            limits.triesMax = 12;
            Puller puller({limits, nullptr, rpc::kBulkThreads});
            base::Bytes to(bytes.size());
            const auto result = puller.pull({address, {}}, keyOf(which), to);
            QVERIFY2(result.ok(), result ? "" : result.error().message.c_str());
            QVERIFY(to == bytes);
            const auto figures = puller.figures();
            QVERIFY(figures.retries > 0);
            // What a break costs is the chunk that was under way.
            QVERIFY(figures.bytesReceived <= bytes.size() + static_cast<std::uint64_t>(cuts) * kBulkChunkBytes);
            QCOMPARE(figures.chunksWrong, std::uint64_t{0});
        }
        QVERIFY(soon([&] { return server.pinsAlive() == 0; }));
    }

    void aServerThatComesBackIsGoneOnWith()
    {
        Server server(m_path);
        const auto bytes = bytesOf(kLarge, 4);
        server.add(keyOf(1), bytes);
        auto listener = listenTcp();
        const std::string address = addressOf(listener.get());
        Relay relay(std::move(listener), "unix:" + m_path, [&](int connection) {
            if (connection > 0) return Relay::Fault{};
            return Relay::Fault{.cutAt = 20u << 20, .atCut = [&] { server.restart(); }};
        });
        Puller puller;
        base::Bytes to(kLarge);
        const auto result = puller.pull({address, {}}, keyOf(1), to);
        QVERIFY2(result.ok(), result ? "" : result.error().message.c_str());
        QVERIFY(to == bytes);
        QVERIFY(puller.figures().bytesReceived < kLarge + 4 * kBulkChunkBytes);
    }

    void aServerThatIsGoneForGoodIsOneClearError()
    {
        auto limits = quick();
        limits.triesMax = 4;
        auto server = std::make_unique<Server>(m_path);
        server->add(keyOf(1), bytesOf(kLarge));
        auto listener = listenTcp();
        const std::string address = addressOf(listener.get());
        Relay relay(std::move(listener), "unix:" + m_path, [&](int connection) {
            if (connection > 0) return Relay::Fault{.cutAt = 0};
            return Relay::Fault{.cutAt = 20u << 20, .atCut = [&] { server->stop(); }};
        });
        Puller puller({limits, nullptr, rpc::kBulkThreads});
        base::Bytes to(kLarge);
        for (const auto& peer : {rpc::BulkPeer{address, {}}, rpc::BulkPeer{"unix:" + path("never"), {}}}) {
            const auto result = puller.pull(peer, keyOf(1), to);
            QVERIFY(!result.ok());
            QCOMPARE(result.error().code, base::Errc::Unavailable);
            QVERIFY2(result.error().message.find(peer.address) != std::string::npos, result.error().message.c_str());
            QVERIFY2(result.error().message.find("tried 4 times") != std::string::npos, result.error().message.c_str());
        }
    }

    void aServerThatFallsSilentIsOneClearError()
    {
        auto limits = quick();
        limits.triesMax = 2;
        limits.stallNs = limits.greetNs = 100 * kMillisecond;
        Server server(m_path);
        server.add(keyOf(1), bytesOf(10u << 20));
        Puller puller({limits, nullptr, rpc::kBulkThreads});
        base::Bytes to(10u << 20);
        for (const std::uint64_t stop : {0u, 5u, 20u, 300'000u}) {
            auto listener = listenTcp();
            const std::string address = addressOf(listener.get());
            Relay relay(std::move(listener), "unix:" + m_path, [&](int) { return Relay::Fault{.stopAt = stop}; });
            const auto result = puller.pull({address, {}}, keyOf(1), to);
            QVERIFY(!result.ok());
            QCOMPARE(result.error().code, base::Errc::Unavailable);
        }
    }

    void aServerThatFallsSilentHoldsPullsOfItsOwnOnly()
    {
        Server server(m_path);
        server.add(keyOf(1), bytesOf(1000));
        const auto silent = listenTcp(); // takes connections, and says nothing
        Puller puller;
        base::Bytes to(1000);
        std::vector<Puller::Outcome> held;
        for (std::size_t i = 0; i < rpc::kBulkPullsMax - 1; ++i) held.push_back(puller.begin({addressOf(silent.get()), {}}, keyOf(1), {}));
        QVERIFY(puller.pull({"unix:" + m_path, {}}, keyOf(1), to).ok());
        held.push_back(puller.begin({addressOf(silent.get()), {}}, keyOf(1), {}));
        const auto result = puller.pull({"unix:" + m_path, {}}, keyOf(1), to); // one too many
        QVERIFY(!result.ok());
        QCOMPARE(result.error().code, base::Errc::Refused);
        for (const auto& each : held) QVERIFY(each.wait_for(std::chrono::seconds(0)) != std::future_status::ready);
        QVERIFY(puller.figures().connects <= rpc::kBulkStreamsPerPeerMax + 1);
    }

    void aByteThatWasBentOnTheWayIsRepaired()
    {
        Server server(m_path);
        const auto bytes = bytesOf(10u << 20, 5);
        server.add(keyOf(1), bytes);
        for (const std::uint64_t at : {40u, 1u << 20, 5'000'000u, (10u << 20) + 40}) {
            auto listener = listenTcp();
            const std::string address = addressOf(listener.get());
            Relay relay(std::move(listener), "unix:" + m_path, [&](int connection) { return connection == 0 ? Relay::Fault{.bendAt = at} : Relay::Fault{}; });
            Puller puller;
            base::Bytes to(10u << 20);
            const auto result = puller.pull({address, {}}, keyOf(1), to);
            QVERIFY2(result.ok(), result ? "" : result.error().message.c_str());
            QVERIFY(to == bytes);
            QCOMPARE(puller.figures().chunksWrong, std::uint64_t{1});
            QCOMPARE(puller.figures().bytesReceived, std::uint64_t{11u << 20});
        }
    }

    void bytesThatComeWrongAgainAndAgainAreAnError()
    {
        FakeServer server([](int fd) {
            if (!hear(fd, rpc::kBulkMagic.size())) return;
            say(fd, rpc::packHello(rpc::BulkStatus::Ok));
            while (hear(fd, rpc::kBulkRequestBytes)) {
                say(fd, rpc::packReply({rpc::BulkStatus::Ok, true, 100, 100}));
                say(fd, std::array<std::byte, 100 + rpc::kBulkCheckBytes>{});
            }
        });
        Puller puller;
        base::Bytes to(100);
        const auto result = puller.pull(server.peer(), keyOf(1), to);
        QVERIFY(!result.ok());
        QCOMPARE(result.error().code, base::Errc::Failed);
        QVERIFY(result.error().message.find("checksum") != std::string::npos);
        QCOMPARE(puller.figures().chunksWrong, static_cast<std::uint64_t>(quick().chunkTriesMax));
    }

    void requestsThatLieCrashNothingAndGetNothingThatIsNotThere()
    {
        base::Random random(seedOfRun());
        auto limits = quick();
        limits.greetNs = limits.servedIdleNs = 500 * kMillisecond;
        Server server(m_path, {limits, nullptr, rpc::kBulkThreads});
        server.add(keyOf(1), bytesOf(3u << 20));
        base::Bytes drain(1u << 20);
        const long before = residentMostKiB();
        for (int i = 0; i < 500; ++i) {
            const auto fd = greeted("unix:" + m_path);
            QVERIFY(fd);
            auto request = rpc::packRequest({keyOf(static_cast<std::uint32_t>(random.below(2))), anyRange(random, 3u << 20)});
            if (random.chance(0.5)) bend(request, random);
            say(fd.get(), request);
            ::shutdown(fd.get(), SHUT_WR);
            std::uint64_t got = 0;
            for (ssize_t bytes = 0; (bytes = ::recv(fd.get(), drain.data(), drain.size(), 0)) > 0;) got += static_cast<std::uint64_t>(bytes);
            QVERIFY(got <= (3u << 20) + rpc::kBulkReplyBytes + 3 * rpc::kBulkCheckBytes);
        }
        for (int i = 0; i < 200; ++i) { // and those that do not even greet
            base::UniqueFd fd;
            QVERIFY(soon([&] { // more at once than the listener lets wait
                auto made = rpc::connectBulk("unix:" + m_path);
                if (made) fd = std::move(*made);
                return made.ok();
            }));
            std::array<std::byte, 64> noise;
            for (auto& byte : noise) byte = static_cast<std::byte>(random.next());
            if (random.chance(0.5)) std::copy(rpc::kBulkMagic.begin(), rpc::kBulkMagic.end(), noise.begin());
            say(fd.get(), noise);
        }
        Puller puller;
        base::Bytes to(3u << 20);
        QVERIFY(puller.pull({"unix:" + m_path, {}}, keyOf(1), to).ok());
        QVERIFY(to == bytesOf(3u << 20));
        QVERIFY(residentMostKiB() - before < 64 * 1024);
        QVERIFY(soon([&] { return server.pinsAlive() == 0; }));
    }

    void answersThatLieEndThePullAndWriteNothingBeyondIt()
    {
        const std::uint64_t seed = seedOfRun();
        constexpr std::size_t kBytes = 5000;
        std::atomic<std::uint64_t> turn{0};
        FakeServer server([&](int fd) {
            base::Random random(seed + turn++);
            if (!hear(fd, rpc::kBulkMagic.size())) return;
            auto hello = rpc::packHello(static_cast<rpc::BulkStatus>(random.chance(0.9) ? 0 : random.below(8)));
            if (random.chance(0.1)) bend(hello, random);
            say(fd, hello);
            if (!hear(fd, rpc::kBulkRequestBytes)) return;
            const bool isHonest = random.chance(0.4);
            auto reply = rpc::packReply({static_cast<rpc::BulkStatus>(isHonest ? 0 : random.below(7)), random.chance(0.9), isHonest ? kBytes : random.next() >> random.below(64), isHonest ? kBytes : random.below(3 * kBytes)});
            if (random.chance(0.3)) bend(reply, random);
            say(fd, reply);
            base::Bytes noise(random.below(3 * kBytes));
            [[maybe_unused]] const ssize_t sent = ::send(fd, noise.data(), noise.size(), MSG_NOSIGNAL);
        });
        auto limits = quick();
        limits.triesMax = 3;
        limits.pauseNs = limits.pauseMaxNs = 100'000;
        limits.stallNs = limits.greetNs = 2 * base::kSecond;
        Puller puller({limits, nullptr, rpc::kBulkThreads});
        const long before = residentMostKiB();
        for (int i = 0; i < 400; ++i) {
            base::Bytes to(kBytes + 64, std::byte{0x5a});
            const auto result = puller.pull(server.peer(), keyOf(1), std::span(to).first(kBytes));
            QVERIFY(!result.ok());
            QVERIFY(result.error().code != base::Errc::Internal);
            QVERIFY(std::all_of(to.begin() + kBytes, to.end(), [](std::byte byte) { return byte == std::byte{0x5a}; }));
        }
        QVERIFY(residentMostKiB() - before < 64 * 1024);
    }
};

QTEST_GUILESS_MAIN(TestBulkFaults)
#include "tst_bulk_faults.moc"
