// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The port for machines that nobody knows yet: whatever a stranger does there, the next one is let ask.
#include "engine/host/enrol_door.h"
#include "engine/rpc/bulk_socket.h"
#include "engine/security/authority.h"

#include <QTemporaryDir>
#include <QTest>

#include <poll.h>
#include <sys/socket.h>

using namespace orrery;
using security::EnrolLink;

namespace {

struct World {
    QTemporaryDir folder;
    security::Authority authority = std::move(*security::Authority::make(base::ClusterId{{1, 2}}, now()));
    std::atomic<int> asked{0}, unreadable{0};
    std::unique_ptr<host::EnrolDoor> door;
    std::string address;

    static base::TimeNs now() { return base::systemClock().wallNs(); }
    World()
    {
        const std::filesystem::path at = folder.path().toStdString() + "/head";
        const auto request = security::Identity::request(at);
        const auto issued = authority.issue(*request, security::Role::Head, "head", now());
        const auto identity = security::Identity::install(at, issued->pem, authority.trust().pem(), now());
        door = std::move(*host::EnrolDoor::make(*identity, [this](base::Result<security::EnrolRequest> request, const std::string&, host::EnrolDoor::Answer answer) {
            ++(request ? asked : unreadable);
            answer(base::fail(base::Errc::Refused, "not today"));
        }));
        address = *door->open("127.0.0.1:0");
    }
    base::UniqueFd connect() const
    {
        auto fd = rpc::connectBulk(address);
        if (!fd) return {};
        pollfd polled{fd->get(), POLLOUT, 0};
        ::poll(&polled, 1, 5000);
        int failed = 0;
        socklen_t size = sizeof failed;
        ::getsockopt(fd->get(), SOL_SOCKET, SO_ERROR, &failed, &size);
        return failed == 0 ? std::move(*fd) : base::UniqueFd();
    }
    // What the head says to these bytes; empty: it hung up.
    std::string ask(std::span<const std::byte> message, bool pinned = true) const
    {
        const auto fd = connect();
        if (!fd) return {};
        auto pin = authority.trust().pin();
        if (!pinned) pin[3] ^= std::byte{1};
        const auto tls = security::TlsContext::enrolClient(pin, base::systemClock());
        EnrolLink link(*tls, fd.get(), EnrolLink::Side::Joiner);
        const auto drive = [&](auto step) {
            for (int i = 0; i < 100; ++i) {
                const base::Result<EnrolLink::Now> now = step();
                if (!now) return false;
                if (*now == EnrolLink::Now::Done) return true;
                pollfd polled{fd.get(), static_cast<short>(*now == EnrolLink::Now::WaitRead ? POLLIN : POLLOUT), 0};
                if (::poll(&polled, 1, 5000) != 1) return false;
            }
            return false;
        };
        if (!drive([&] { return link.shake(); })) return {};
        link.put(message);
        if (!drive([&] { return link.send(); }) || !drive([&] { return link.receive(); })) return {};
        return security::enrolReplyFrom(link.message()).error().message;
    }
    base::Bytes request() const
    {
        security::EnrolRequest made;
        made.token = {7};
        made.host = "far";
        made.request = base::Bytes(100);
        return security::toBytes(made);
    }
};

bool isClosed(const base::UniqueFd& fd, int waitMs)
{
    pollfd polled{fd.get(), POLLIN, 0};
    char byte = 0;
    return ::poll(&polled, 1, waitMs) == 1 && ::recv(fd.get(), &byte, 1, MSG_DONTWAIT) <= 0;
}

} // namespace

class TestEnrolDoor : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whoAsksIsAnswered()
    {
        World world;
        QCOMPARE(world.ask(world.request()), std::string("not today"));
        QCOMPARE(world.asked.load(), 1);
        const base::Bytes nonsense(50, std::byte{0x55});
        QCOMPARE(world.ask(nonsense), std::string("not today"));
        QCOMPARE(world.unreadable.load(), 1);
    }
    void aJoinerThatIsAtTheWrongHeadTellsNothing()
    {
        World world;
        QVERIFY(world.ask(world.request(), false).empty());
        QCOMPARE(world.asked.load() + world.unreadable.load(), 0);
    }
    void strangersHoldNobodyUp()
    {
        World world;
        std::vector<base::UniqueFd> silent;
        for (std::size_t i = 0; i + 1 < host::kEnrolLinksMax; ++i) silent.push_back(world.connect());
        QCOMPARE(world.ask(world.request()), std::string("not today")); // the last place
        silent.push_back(world.connect());
        const auto more = world.connect();
        QVERIFY(isClosed(more, 3000));
        ::send(silent.front().get(), "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL); // no TLS: it is cut off
        QVERIFY(isClosed(silent.front(), 3000) || isClosed(silent.front(), 3000));
        silent[1] = {}; // it left
        QTRY_COMPARE(world.ask(world.request()), std::string("not today"));
    }
    void itIsOpenOnlyWhileItIsMeantToBe()
    {
        World world;
        QVERIFY(world.connect());
        world.door->close();
        QVERIFY(!world.connect());
        QVERIFY(world.ask(world.request()).empty());
        const auto again = world.door->open("127.0.0.1:0");
        QVERIFY(again.ok());
        QCOMPARE(*again, world.address); // the one it had: tokens name it
        QCOMPARE(world.ask(world.request()), std::string("not today"));
        QVERIFY(world.door->isOpen());
    }
};

QTEST_GUILESS_MAIN(TestEnrolDoor)
#include "tst_enrol_door.moc"
