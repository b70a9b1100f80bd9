// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Tasks for which no node is large enough: what never had one is refused at once, what had one waits for another.
#include "engine/owner/unfit_wait.h"

#include <QtTest/qtest.h>

using namespace orrery;
using base::kSecond;
using owner::kUnfitWaitNs;
using Verdict = owner::UnfitWait::Verdict;
using Kind = Verdict::Kind;

namespace {

constexpr std::size_t kSmall = 0, kGpu = 1, kWide = 2; // classes
constexpr std::uint16_t kB = 1, kC = 2;                // nodes

types::Resources has(double cpus, double gpus)
{
    auto made = types::Resources::cpus(cpus);
    if (gpus > 0) (void)made.set(types::kGpu, gpus);
    return made;
}

types::Resources gpu()
{
    types::Resources made;
    (void)made.set(types::kGpu, 1);
    return made;
}

struct World {
    std::vector<types::Resources> classes{has(1, 0), gpu(), has(8, 0)};
    owner::UnfitWait wait{classes, has(2, 0)};
};

} // namespace

class TestUnfitWait : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatFitsAtHomeOrElsewhereRuns()
    {
        World world;
        world.wait.here(kB, has(1, 1));
        QCOMPARE(world.wait.look(kSmall, kSecond).kind, Kind::Runs);
        QCOMPARE(world.wait.look(kGpu, kSecond).kind, Kind::Runs);
        QCOMPARE(world.wait.nextNs(kSecond), base::TimeNs{0});
    }
    void whatNeverHadANodeThatFitsIsRefusedAtOnce()
    {
        World world;
        world.wait.here(kB, has(4, 1));
        world.wait.gone(kB, kSecond); // had no eight CPUs
        const auto verdict = world.wait.look(kWide, 2 * kSecond);
        QCOMPARE(verdict.kind, Kind::Refused);
        QCOMPARE(verdict.text, std::string("it needs CPU 8 and no node has so much; its home has CPU 2"));
    }
    void whatLostItsLastNodeThatFitsWaitsAndSaysSoOnce()
    {
        World world;
        world.wait.here(kB, has(1, 1));
        world.wait.here(kC, has(1, 2));
        world.wait.gone(kC, kSecond);
        QCOMPARE(world.wait.look(kGpu, kSecond).kind, Kind::Runs);
        world.wait.gone(kB, 2 * kSecond);
        const auto first = world.wait.look(kGpu, 3 * kSecond);
        QCOMPARE(first.kind, Kind::Waits);
        QCOMPARE(first.text, std::string("wait for a node with GPU 1: node B, which had so much, is gone; they fail in 60 s if no such node comes"));
        const auto second = world.wait.look(kGpu, 4 * kSecond);
        QCOMPARE(second.kind, Kind::Waits);
        QVERIFY(second.text.empty());
        QCOMPARE(world.wait.nextNs(4 * kSecond), 3 * kSecond + kUnfitWaitNs);
        // Others are what they were.
        QCOMPARE(world.wait.look(kWide, 4 * kSecond).kind, Kind::Refused);
    }
    void theWaitBeginsWhenTasksNeedTheNodeNotWhenItIsLost()
    {
        World world;
        world.wait.here(kB, has(1, 1));
        world.wait.gone(kB, kSecond);
        QCOMPARE(world.wait.nextNs(kSecond), base::TimeNs{0}); // nobody has asked for it
        const base::TimeNs later = 1000 * kSecond;
        QCOMPARE(world.wait.look(kGpu, later).kind, Kind::Waits); // its whole time from now on
        QCOMPARE(world.wait.nextNs(later), later + kUnfitWaitNs);
    }
    void afterItsTimeItIsRefusedWithWhatWhyAndWhatToDo()
    {
        World world;
        world.wait.here(kB, has(1, 1));
        world.wait.gone(kB, kSecond);
        QCOMPARE(world.wait.look(kGpu, 2 * kSecond).kind, Kind::Waits);
        QCOMPARE(world.wait.look(kGpu, 2 * kSecond + kUnfitWaitNs - 1).kind, Kind::Waits);
        const auto verdict = world.wait.look(kGpu, 2 * kSecond + kUnfitWaitNs);
        QCOMPARE(verdict.kind, Kind::Refused);
        QCOMPARE(verdict.text, std::string("it needs GPU 1; node B, which had so much, has been gone for 61 s and no other came: add a node with GPU 1 and run again"));
        QCOMPARE(world.wait.nextNs(2 * kSecond + kUnfitWaitNs), base::TimeNs{0});
        // What gets ready now has had its wait.
        QCOMPARE(world.wait.look(kGpu, 99 * kSecond).kind, Kind::Refused);
    }
    void aNodeThatFitsEndsTheWaitAndItsLossBeginsAnother()
    {
        World world;
        world.wait.here(kB, has(1, 1));
        world.wait.gone(kB, kSecond);
        QCOMPARE(world.wait.look(kGpu, kSecond).kind, Kind::Waits);
        world.wait.here(kC, has(4, 0)); // fits no better
        QCOMPARE(world.wait.look(kGpu, 2 * kSecond).kind, Kind::Waits);
        world.wait.here(kC, has(1, 1));
        QCOMPARE(world.wait.look(kGpu, 50 * kSecond).kind, Kind::Runs);
        QCOMPARE(world.wait.nextNs(50 * kSecond), base::TimeNs{0});
        world.wait.gone(kC, 55 * kSecond);
        const auto verdict = world.wait.look(kGpu, 70 * kSecond);
        QCOMPARE(verdict.kind, Kind::Waits);
        QVERIFY2(verdict.text.find("node C") != std::string::npos, verdict.text.c_str());
        QCOMPARE(world.wait.nextNs(70 * kSecond), 70 * kSecond + kUnfitWaitNs);
    }
    void aNodeThatComesAfterTheTimeIsStillTaken()
    {
        World world;
        world.wait.here(kB, has(1, 1));
        world.wait.gone(kB, kSecond);
        QCOMPARE(world.wait.look(kGpu, kSecond).kind, Kind::Waits);
        QCOMPARE(world.wait.look(kGpu, 2 * kUnfitWaitNs).kind, Kind::Refused);
        world.wait.here(kB, has(1, 1));
        QCOMPARE(world.wait.look(kGpu, 2 * kUnfitWaitNs).kind, Kind::Runs);
    }
    void aLaterHomeWaitsForWhatAnEarlierOneMayHaveHad()
    {
        World world;
        world.wait.takenOver(10 * kSecond);
        const auto told = world.wait.look(kWide, 10 * kSecond);
        QCOMPARE(told.kind, Kind::Waits);
        QCOMPARE(told.text, std::string("wait for a node with CPU 8: none has so much, and one may have had it before this home took the run over; they fail in 60 s if no such node comes"));
        const auto verdict = world.wait.look(kWide, 10 * kSecond + kUnfitWaitNs);
        QCOMPARE(verdict.kind, Kind::Refused);
        QCOMPARE(verdict.text, std::string("it needs CPU 8; no node had so much in the 60 s since this home took the run over: add a node with CPU 8 and run again"));
    }
    void aLaterHomeNamesTheDeadNodeThatHadIt()
    {
        World world;
        world.wait.here(kB, has(1, 1));
        world.wait.gone(kB, 9 * kSecond);
        world.wait.takenOver(10 * kSecond);
        QCOMPARE(world.wait.look(kGpu, 10 * kSecond).kind, Kind::Waits);
        const auto verdict = world.wait.look(kGpu, 10 * kSecond + kUnfitWaitNs);
        QVERIFY2(verdict.text.find("node B, which had so much, has been gone for 61 s") != std::string::npos, verdict.text.c_str());
    }
};

QTEST_GUILESS_MAIN(TestUnfitWait)
#include "tst_unfit_wait.moc"
