// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Who is home of a run by the head's word: nobody else opens it here, and who is early is heard in order.
#include "engine/node/known_homes.h"

#include <QtTest/qtest.h>

using namespace orrery;
using node::KnownHomes;
using Verdict = node::KnownHomes::Verdict;

namespace {

constexpr base::RunId kRun{{7, 1}}, kOther{{7, 2}};

Verdict opens(KnownHomes& homes, std::uint16_t home, std::uint64_t epoch, base::RunId run = kRun)
{
    net::ToGuest message = net::OpenRun{run, epoch, nullptr};
    return homes.said(home, message);
}
Verdict cancels(KnownHomes& homes, std::uint16_t home, std::uint64_t epoch, base::RunId run = kRun)
{
    net::ToGuest message = net::CancelTasks{run, epoch};
    return homes.said(home, message);
}
Verdict closes(KnownHomes& homes, std::uint16_t home, std::uint64_t epoch, base::RunId run = kRun)
{
    net::ToGuest message = net::CloseRun{run, epoch};
    return homes.said(home, message);
}
net::UseHomes word(std::uint16_t home, std::uint64_t epoch, base::RunId run = kRun) { return {{{run, home, epoch}}, false}; }
// Kinds of what may be delivered, as their places in ToGuest.
std::vector<std::size_t> kinds(const std::vector<KnownHomes::Said>& said)
{
    std::vector<std::size_t> found;
    for (const auto& [home, message] : said) found.push_back(message.index());
    return found;
}
const std::size_t kOpen = net::ToGuest(net::OpenRun{}).index(), kCancel = net::ToGuest(net::CancelTasks{}).index();

} // namespace

class TestKnownHomes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theHomeThatTheHeadNamedIsHeard()
    {
        KnownHomes homes;
        QVERIFY(homes.use(word(2, 5)).empty());
        QCOMPARE(opens(homes, 2, 5), Verdict::Deliver);
        QCOMPARE(cancels(homes, 2, 5), Verdict::Deliver);
    }
    void anotherOneOfTheSameEpochAndAnEarlierHomeAreRefused()
    {
        KnownHomes homes;
        homes.use(word(2, 5));
        QCOMPARE(opens(homes, 3, 5), Verdict::Refused);
        QCOMPARE(opens(homes, 2, 4), Verdict::Refused);
        QCOMPARE(opens(homes, 3, 4), Verdict::Refused);
        QCOMPARE(homes.held(), std::size_t{0});
        QCOMPARE(homes.wordOf(kRun), std::string("the head says node 2, epoch 0.5"));
    }
    void whoIsEarlyIsHeardInOrderWhenTheHeadHasSpoken()
    {
        KnownHomes homes;
        homes.use(word(3, 4));
        QCOMPARE(opens(homes, 2, 5), Verdict::Held); // a later home than the head has named so far
        QCOMPARE(cancels(homes, 2, 5), Verdict::Held);
        QCOMPARE(cancels(homes, 3, 4), Verdict::Deliver);
        QVERIFY(homes.use(word(2, 5, kOther)).empty()); // of another run
        QCOMPARE(kinds(homes.use(word(2, 5))), (std::vector<std::size_t>{kOpen, kCancel}));
        QCOMPARE(homes.held(), std::size_t{0});
        QCOMPARE(cancels(homes, 2, 5), Verdict::Deliver);
    }
    void whoSaysALaterEpochThanTheHeadEverGaveIsNeverHeard()
    {
        KnownHomes homes;
        homes.use(word(2, 5));
        QCOMPARE(opens(homes, 3, 1000), Verdict::Held);
        QVERIFY(homes.use(word(2, 6)).empty());
        QCOMPARE(homes.held(), std::size_t{1});
        QVERIFY(homes.use(word(4, 1000)).empty()); // the head came to it, and means another node
        QCOMPARE(homes.held(), std::size_t{0});
    }
    void whatIsHeldGoesWithItsRunAndWithItsHome()
    {
        KnownHomes homes;
        opens(homes, 2, 5);
        QCOMPARE(closes(homes, 2, 5), Verdict::Held);
        QCOMPARE(homes.held(), std::size_t{0});
        opens(homes, 2, 5);
        QVERIFY(homes.use(word(types::kNoNode, 5)).empty()); // the run is over
        QCOMPARE(homes.held(), std::size_t{0});
        opens(homes, 2, 5);
        homes.use(word(types::kNoNode, 4)); // an earlier life of the run is
        QCOMPARE(homes.held(), std::size_t{1});
        homes.gone(2);
        QVERIFY(homes.use(word(2, 5)).empty());
    }
    void ofARunThatNobodyIsHomeOfAnymoreNobodyIs()
    {
        KnownHomes homes;
        homes.use(word(2, 5));
        homes.use(word(2, 5, kOther));
        homes.use(word(types::kNoNode, 5));
        QCOMPARE(opens(homes, 2, 5), Verdict::Held);
        homes.gone(2);
        homes.use({{}, true}); // all that the next head knows of
        QCOMPARE(opens(homes, 2, 5, kOther), Verdict::Held);
        QCOMPARE(homes.wordOf(kOther), std::string("the head has named none"));
    }
    void theLastThatAHomeSaysOfARunCounts()
    {
        KnownHomes homes;
        opens(homes, 2, 5);
        cancels(homes, 2, 5);
        QCOMPARE(opens(homes, 2, 6), Verdict::Held); // it became home again
        QCOMPARE(cancels(homes, 2, 5), Verdict::Deliver); // to no guest
        QCOMPARE(homes.held(), std::size_t{1});
        QCOMPARE(kinds(homes.use(word(2, 6))), (std::vector<std::size_t>{kOpen}));
    }
    void noPeerFillsTheMemoryOfAnother()
    {
        KnownHomes homes;
        for (std::uint64_t i = 0; i < 1000; ++i) QCOMPARE(opens(homes, 2, 5, base::RunId{{9, i}}), Verdict::Held); // as many runs as a head opens at once
        const auto offers = [&](std::uint16_t home) {
            net::ToGuest message = net::Offer{kRun, 5, std::vector<std::uint32_t>(1u << 20)};
            return homes.said(home, message);
        };
        opens(homes, 2, 5);
        std::size_t said = 0;
        while (said < 1000 && offers(2) == Verdict::Held) ++said;
        QVERIFY(said > 1 && said * (4u << 20) <= node::kHeldBytesMax);
        QCOMPARE(homes.held(), std::size_t{0}); // it has to begin anew, and until then nothing of it counts
        QCOMPARE(opens(homes, 2, 5), Verdict::Held);
        QCOMPARE(homes.held(), std::size_t{0});
        homes.gone(2);
        QCOMPARE(opens(homes, 2, 5), Verdict::Held);
        QCOMPARE(homes.held(), std::size_t{1});
        QCOMPARE(opens(homes, 3, 5), Verdict::Held); // each peer for itself
        QCOMPARE(offers(3), Verdict::Held);
        said = 0;
        while (said < node::kHeldBytesMax && cancels(homes, 3, 5) == Verdict::Held) ++said; // small ones cost too
        QVERIFY(said <= node::kHeldBytesMax / node::kHeldCost);
        Verdict last = Verdict::Held;
        for (std::uint64_t i = 0; i <= node::kHeldRunsMax && last == Verdict::Held; ++i) last = opens(homes, 4, 5, base::RunId{{9, i}});
        QCOMPARE(last, Verdict::Full);
    }
    void whoBeginsAnewWithALowerEpochIsHeardByThatOne()
    {
        KnownHomes homes;
        opens(homes, 2, 9);
        QCOMPARE(opens(homes, 2, 5), Verdict::Held);
        QCOMPARE(cancels(homes, 2, 5), Verdict::Held);
        const auto now = homes.use({{{kRun, 2, 5}, {kOther, 3, 4}}, true});
        QCOMPARE(kinds(now), (std::vector<std::size_t>{kOpen, kCancel}));
    }
};

QTEST_GUILESS_MAIN(TestKnownHomes)
#include "tst_known_homes.moc"
