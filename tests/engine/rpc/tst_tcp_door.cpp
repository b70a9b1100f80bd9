// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The one TCP port: what comes is told apart by its first bytes, nothing of it is read, and who says nothing holds nothing.
#include "engine/base/epoll_loop.h"
#include "engine/rpc/bulk_socket.h"
#include "engine/rpc/tcp_door.h"

#include <QTest>

#include <future>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

using namespace orrery;

namespace {

struct World {
    base::EpollLoop loop;
    std::unique_ptr<rpc::TcpDoor> door;
    std::string address;
    std::atomic<int> grpc{0}, bulk{0};
    std::vector<base::UniqueFd> taken; // loop
    std::thread thread;

    World()
    {
        std::atomic<bool> ready{false};
        loop.post([&] {
            door = std::make_unique<rpc::TcpDoor>(loop, [this](base::UniqueFd fd) { keep(std::move(fd), grpc); }, [this](base::UniqueFd fd) { keep(std::move(fd), bulk); });
            if (door->listen("127.0.0.1:0")) address = door->address();
            ready = true;
            ready.notify_one();
        });
        thread = std::thread([this] { loop.run(); });
        ready.wait(false);
    }
    ~World()
    {
        loop.post([this] {
            door.reset();
            taken.clear();
            loop.stop();
        });
        thread.join();
    }
    void keep(base::UniqueFd fd, std::atomic<int>& count)
    {
        taken.push_back(std::move(fd));
        ++count;
    }
    base::UniqueFd connect() const
    {
        auto fd = rpc::connectBulk(address);
        if (!fd) return {};
        pollfd polled{fd->get(), POLLOUT, 0};
        ::poll(&polled, 1, 5000);
        return std::move(*fd);
    }
    static bool say(const base::UniqueFd& fd, std::string_view text) { return ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()); }
    // What is left to read of the one that was taken last.
    std::string rest()
    {
        std::promise<std::string> text;
        loop.post([&] {
            char buffer[64] = {};
            const auto size = ::recv(taken.back().get(), buffer, sizeof buffer, MSG_DONTWAIT);
            text.set_value(std::string(buffer, size > 0 ? static_cast<std::size_t>(size) : 0));
        });
        return text.get_future().get();
    }
};

bool isClosed(const base::UniqueFd& fd, int waitMs)
{
    pollfd polled{fd.get(), POLLIN, 0};
    char byte = 0;
    return ::poll(&polled, 1, waitMs) == 1 && ::recv(fd.get(), &byte, 1, MSG_DONTWAIT) <= 0;
}

} // namespace

class TestTcpDoor : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theMagicGoesToBulkAndAllElseToGrpcUnread()
    {
        World world;
        QVERIFY(world.address.starts_with("127.0.0.1:") && !world.address.ends_with(":0"));
        const auto bulk = world.connect();
        QVERIFY(World::say(bulk, "OBLKhello"));
        QTRY_COMPARE(world.bulk.load(), 1);
        QCOMPARE(world.rest(), std::string("OBLKhello"));
        const auto tls = world.connect();
        QVERIFY(World::say(tls, "\x16\x03\x01"));
        QTRY_COMPARE(world.grpc.load(), 1);
        QCOMPARE(world.rest(), std::string("\x16\x03\x01"));
        const auto almost = world.connect();
        QVERIFY(World::say(almost, "OBLX"));
        QTRY_COMPARE(world.grpc.load(), 2);
        QCOMPARE(world.bulk.load(), 1);
    }
    void aMagicInPartsIsAMagic()
    {
        World world;
        const auto slow = world.connect();
        for (const char* part : {"O", "B", "L"}) {
            QVERIFY(World::say(slow, part));
            QTest::qWait(60);
            QCOMPARE(world.bulk.load() + world.grpc.load(), 0);
        }
        QVERIFY(World::say(slow, "K"));
        QTRY_COMPARE(world.bulk.load(), 1);
        QCOMPARE(world.rest(), std::string("OBLK"));
    }
    void whoSaysNothingIsClosedAndHoldsNobodyUp()
    {
        World world;
        std::vector<base::UniqueFd> silent;
        for (std::size_t i = 0; i < rpc::kDoorSilentMax; ++i) silent.push_back(world.connect());
        const auto part = world.connect(); // one more than may be silent
        QVERIFY(isClosed(part, 3000));
        silent.back() = {};
        QTRY_VERIFY(([&] {
            const auto next = world.connect();
            return World::say(next, "OBLK") && QTest::qWaitFor([&] { return world.bulk.load() > 0; }, 200);
        }()));
        QVERIFY(isClosed(silent.front(), 8000));
        const auto later = world.connect();
        QVERIFY(World::say(later, "PRI "));
        QTRY_VERIFY(world.grpc.load() > 0);
    }
    void aPartOfTheMagicIsNoWayToStay()
    {
        World world;
        const auto part = world.connect();
        QVERIFY(World::say(part, "OB"));
        QVERIFY(isClosed(part, 9000));
        QCOMPARE(world.bulk.load() + world.grpc.load(), 0);
    }
    void whatIsNoAddressIsSaid()
    {
        World world;
        for (const char* wrong : {"", "here", "localhost:1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "unix:/tmp/x", "300.0.0.1:1"}) QVERIFY2(!rpc::listenTcp(wrong), wrong);
        const auto taken = rpc::listenTcp(world.address);
        QVERIFY(!taken && taken.error().message.find(world.address) != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestTcpDoor)
#include "tst_tcp_door.moc"
