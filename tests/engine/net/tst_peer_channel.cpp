// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The channel between two nodes: each message once and in order, whatever the link does to the frames.
#include "engine/base/random.h"
#include "engine/net/peer_channel.h"

#include <QtTest/qtest.h>

#include <deque>
#include <memory>
#include <vector>

using namespace orrery;
using net::PeerChannel;
using net::PeerFrame;

namespace {

base::Bytes bodyOf(std::uint32_t number)
{
    base::ByteWriter out;
    out.put(number);
    return out.take();
}

// Two ends and what is on the way between them.
struct Pair {
    struct End {
        std::unique_ptr<PeerChannel> channel;
        std::deque<PeerFrame> arriving;
        std::vector<std::uint32_t> got;
        int lives = 0;
    };
    End a, b;
    explicit Pair(std::uint64_t lifeOfB = 1)
    {
        make(a, b, 0, 1, 1);
        make(b, a, 1, 0, lifeOfB);
    }
    static void make(End& end, End& other, std::uint16_t from, std::uint16_t to, std::uint64_t life)
    {
        end.channel = std::make_unique<PeerChannel>(from, to, life, PeerChannel::Events{
            [&other](PeerFrame frame) { other.arriving.push_back(std::move(frame)); },
            [&end](std::span<const std::byte> body) { end.got.push_back(base::ByteReader(body).get<std::uint32_t>()); },
            [&end] { ++end.lives; }});
    }
    void up()
    {
        a.channel->up();
        b.channel->up();
    }
    // The link breaks: what is on the way is lost.
    void cut()
    {
        a.channel->down();
        b.channel->down();
        a.arriving.clear();
        b.arriving.clear();
    }
    bool carryOne()
    {
        for (End* end : {&a, &b}) {
            if (end->arriving.empty()) continue;
            const PeerFrame frame = std::move(end->arriving.front());
            end->arriving.pop_front();
            end->channel->on(frame);
            return true;
        }
        return false;
    }
    void carry()
    {
        while (carryOne()) {}
    }
};

std::vector<std::uint32_t> upTo(std::uint32_t last)
{
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 1; i <= last; ++i) all.push_back(i);
    return all;
}

} // namespace

class TestPeerChannel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatIsSentBeforeTheLinkStandsArrivesInOrder()
    {
        Pair pair;
        for (std::uint32_t i = 1; i <= 3; ++i) QVERIFY(pair.a.channel->send(bodyOf(i)));
        pair.up();
        pair.carry();
        QCOMPARE(pair.b.got, upTo(3));
    }
    void whatALinkLostComesAgainAndNothingComesTwice()
    {
        Pair pair;
        pair.up();
        pair.carry();
        for (std::uint32_t i = 1; i <= 4; ++i) pair.a.channel->send(bodyOf(i));
        for (int i = 0; i < 2; ++i) pair.carryOne(); // two of four arrive
        pair.cut();
        pair.a.channel->send(bodyOf(5));
        pair.up();
        pair.carry();
        QCOMPARE(pair.b.got, upTo(5));
        pair.b.channel->poke(); // tells what it has
        pair.carry();
        QCOMPARE(pair.a.channel->waiting(), std::size_t{0});
    }
    void aPeerOfAnotherLifeKnowsNothingAndIsToldSo()
    {
        Pair pair;
        pair.up();
        pair.a.channel->send(bodyOf(1));
        pair.carry();
        pair.cut();
        pair.a.channel->send(bodyOf(2)); // for the one that is gone
        pair.b.got.clear();
        Pair::make(pair.b, pair.a, 1, 0, 2);
        pair.up();
        pair.carry();
        QCOMPARE(pair.a.lives, 1);
        QVERIFY(pair.b.got.empty());
        pair.a.channel->send(bodyOf(7));
        pair.b.channel->send(bodyOf(8));
        pair.carry();
        QCOMPARE(pair.b.got, std::vector<std::uint32_t>{7});
        QCOMPARE(pair.a.got, std::vector<std::uint32_t>{8});
    }
    void framesOfAnEarlierLifeAreDropped()
    {
        Pair pair(2);
        pair.up();
        pair.carry();
        PeerFrame late;
        late.kind = PeerFrame::Kind::Data;
        late.life = 1;
        late.number = 1;
        late.body = bodyOf(9);
        pair.a.channel->on(late);
        late.kind = PeerFrame::Kind::Hello;
        pair.a.channel->on(late);
        QVERIFY(pair.a.got.empty());
        QCOMPARE(pair.a.lives, 0);
    }
    void whatWaitsForThePeerIsBounded()
    {
        Pair pair;
        const base::Bytes large(64u << 20);
        int taken = 0;
        while (pair.a.channel->send(large)) QVERIFY(++taken < 10);
        QCOMPARE(static_cast<std::size_t>(taken), net::kUnacknowledgedBytesMax / large.size());
    }
    void anyLossDoublingAndReorderingGivesEachMessageOnceAndInOrder()
    {
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            base::Random random(seed);
            Pair pair;
            pair.up();
            std::uint32_t sentA = 0, sentB = 0;
            for (int step = 0; step < 3000; ++step) {
                if (sentA < 100 && random.chance(0.1)) pair.a.channel->send(bodyOf(++sentA));
                if (sentB < 100 && random.chance(0.1)) pair.b.channel->send(bodyOf(++sentB));
                if (random.chance(0.01)) {
                    pair.cut();
                    pair.up();
                }
                for (Pair::End* end : {&pair.a, &pair.b}) {
                    if (end->arriving.empty()) continue;
                    const auto at = static_cast<std::ptrdiff_t>(random.below(std::min<std::size_t>(end->arriving.size(), 3)));
                    const PeerFrame frame = end->arriving[static_cast<std::size_t>(at)];
                    if (!random.chance(0.1)) end->arriving.erase(end->arriving.begin() + at); // else it comes once more
                    if (!random.chance(0.1)) end->channel->on(frame);
                }
                if (step % 20 == 0) {
                    pair.a.channel->poke();
                    pair.b.channel->poke();
                }
            }
            for (int quiet = 0; quiet < 100; ++quiet) {
                pair.carry();
                pair.a.channel->poke();
                pair.b.channel->poke();
            }
            QVERIFY2(pair.b.got == upTo(sentA) && pair.a.got == upTo(sentB), qPrintable(QStringLiteral("seed %1").arg(seed)));
            QVERIFY2(!pair.a.channel->restless() && !pair.b.channel->restless(), qPrintable(QStringLiteral("seed %1 does not come to rest").arg(seed)));
        }
    }
};

QTEST_GUILESS_MAIN(TestPeerChannel)
#include "tst_peer_channel.moc"
