// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What may be on a bulk connection, and what a stream asks for: values only.
#include "engine/base/random.h"
#include "engine/rpc/bulk_plan.h"

#include <QTest>

using namespace orrery;
using namespace orrery::rpc;

namespace {

template <std::size_t N>
std::span<const std::byte, N> view(const std::array<std::byte, N>& frame)
{
    return std::span<const std::byte, N>(frame);
}

BulkRequest sample()
{
    return {{base::RunId{{0x1122334455667788, 0x99aabbccddeeff00}}, 77, 3, 2}, {5u << 20, 1u << 20}};
}

BulkLimits limits()
{
    return {};
}

} // namespace

class TestBulkFrame : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void framesComeBackAsTheyWereSent()
    {
        const auto request = parseRequest(view(packRequest(sample())));
        QVERIFY(request.ok());
        QVERIFY(request->key == sample().key && request->range == sample().range);
        const auto reply = parseReply(view(packReply({BulkStatus::Ok, true, 100, 40})));
        QVERIFY(reply.ok());
        QVERIFY(reply->isChecked && reply->total == 100 && reply->bytes == 40 && reply->status == BulkStatus::Ok);
        const auto hello = parseHello(view(packHello(BulkStatus::Busy)));
        QVERIFY(hello.ok() && *hello == BulkStatus::Busy);
    }

    void aFrameWithAnyBitTurnedIsRefused()
    {
        const auto request = packRequest(sample());
        for (std::size_t bit = 0; bit < request.size() * 8; ++bit) {
            auto bent = request;
            bent[bit / 8] ^= std::byte(1 << (bit % 8));
            QVERIFY(!parseRequest(view(bent)).ok());
        }
        const auto reply = packReply({BulkStatus::Ok, true, 1000, 500});
        for (std::size_t bit = 0; bit < reply.size() * 8; ++bit) {
            auto bent = reply;
            bent[bit / 8] ^= std::byte(1 << (bit % 8));
            QVERIFY(!parseReply(view(bent)).ok());
        }
    }

    void sizesThatMakeNoSenseAreRefusedThoughTheirCheckIsRight()
    {
        QVERIFY(!parseRequest(view(packRequest({{}, {~std::uint64_t{0}, 2}}))).ok());
        QVERIFY(parseRequest(view(packRequest({{}, {~std::uint64_t{0} - 2, 2}}))).ok());
        QVERIFY(!parseReply(view(packReply({BulkStatus::Ok, true, 10, 11}))).ok());
        QVERIFY(!parseReply(view(packReply({BulkStatus::NotFound, true, 10, 10}))).ok());
        QVERIFY(!parseReply(view(packReply({static_cast<BulkStatus>(kBulkStatusLast + 1), true, 10, 0}))).ok());
    }

    void anObjectOfNoBytesIsAskedForOnce()
    {
        BulkPlan plan({0, 0}, limits());
        QCOMPARE(plan.next()->bytes, std::uint64_t{0});
        plan.good({0, 0});
        QVERIFY(!plan.next());
    }

    void aBrokenStreamGoesOnAtTheLastWholeChunk()
    {
        BulkPlan plan({0, 3 * kBulkChunkBytes}, limits());
        plan.good({0, kBulkChunkBytes});
        QVERIFY(plan.broken().has_value());
        QVERIFY((*plan.next() == BulkRange{kBulkChunkBytes, 2 * kBulkChunkBytes}));
    }

    void wrongChunksAreAskedForAgainWhenTheOthersHaveCome()
    {
        BulkPlan plan({0, 3 * kBulkChunkBytes}, limits());
        plan.good({0, kBulkChunkBytes});
        QVERIFY(plan.bad({kBulkChunkBytes, kBulkChunkBytes}));
        plan.good({2 * kBulkChunkBytes, kBulkChunkBytes});
        QVERIFY((*plan.next() == BulkRange{kBulkChunkBytes, kBulkChunkBytes}));
        plan.good({kBulkChunkBytes, kBulkChunkBytes});
        QVERIFY(!plan.next());
    }

    void oneChunkMayBeWrongSoOftenAndNoMore()
    {
        BulkPlan plan({0, 2 * kBulkChunkBytes}, limits());
        for (int i = 1; i < limits().chunkTriesMax; ++i) QVERIFY(plan.bad({0, kBulkChunkBytes}));
        QVERIFY(!plan.bad({0, kBulkChunkBytes}));
    }

    void manyWrongChunksEndThePull()
    {
        BulkPlan plan({0, 1000 * kBulkChunkBytes}, limits());
        std::size_t wrong = 0;
        while (wrong < 1000 && plan.bad({wrong * kBulkChunkBytes, kBulkChunkBytes})) ++wrong;
        QCOMPARE(wrong, kBulkBadChunksMax);
    }

    void pausesDoubleUpToTheirMostAndTriesEnd()
    {
        BulkPlan plan({0, 2 * kBulkChunkBytes}, limits());
        std::vector<base::TimeNs> pauses;
        while (const auto pause = plan.broken()) pauses.push_back(*pause);
        QCOMPARE(static_cast<int>(pauses.size()), limits().triesMax - 1);
        QCOMPARE(pauses[0], limits().pauseNs);
        QCOMPARE(pauses[1], 2 * limits().pauseNs);
        QCOMPARE(pauses.back(), limits().pauseMaxNs);
    }

    void aWholeChunkBringsAllTriesBack()
    {
        BulkPlan plan({0, 2 * kBulkChunkBytes}, limits());
        for (int i = 1; i < limits().triesMax; ++i) QVERIFY(plan.broken().has_value());
        plan.good({0, kBulkChunkBytes});
        QVERIFY(plan.broken().has_value());
    }

    void whateverHappensEveryByteIsAskedForUntilItIsRight()
    {
        base::Random random(11);
        for (int round = 0; round < 500; ++round) {
            const BulkRange all{0, random.below(20 * kBulkChunkBytes)};
            BulkPlan plan(all, limits());
            std::vector<bool> right(all.bytes / kBulkChunkBytes + 1, false);
            while (const auto range = plan.next()) {
                bool ends = false;
                for (std::uint64_t at = range->offset; at < range->end() && !ends;) {
                    const BulkRange chunk{at, std::min(kBulkChunkBytes, range->end() - at)};
                    if (random.chance(0.1)) {
                        if (!plan.broken()) return; // gave up: nothing more to be promised
                        ends = true;
                    } else if (random.chance(0.02)) {
                        if (!plan.bad(chunk)) return;
                    } else {
                        plan.good(chunk);
                        right[at / kBulkChunkBytes] = true;
                    }
                    at = chunk.end();
                }
                if (range->bytes == 0) plan.good(*range);
            }
            for (std::uint64_t at = 0; at < all.bytes; at += kBulkChunkBytes) QVERIFY(right[at / kBulkChunkBytes]);
        }
    }
};

QTEST_GUILESS_MAIN(TestBulkFrame)
#include "tst_bulk_frame.moc"
