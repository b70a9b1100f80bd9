// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The rings alone: order, wrap-around, room, hostile contents, closing; and the planted bug that reuses a slot early.
#include "engine/base/plant.h"
#include "engine/lane/lane.h"

#include <QtTest/qtest.h>
#include <thread>

using namespace orrery;

namespace {

base::Bytes filled(std::size_t size, int seed)
{
    base::Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(static_cast<std::size_t>(seed) * 31 + i);
    return bytes;
}

} // namespace

class TestLaneRing : public QObject {
    Q_OBJECT

    // Writes and reads with the follower far behind; true when the follower sees other bytes than were written.
    static bool followerSeesGarbage()
    {
        auto region = lane::Region::create({8, 4096});
        lane::TaskWriter writer(*region);
        lane::TaskReader reader(*region);
        base::Bytes bytes;
        std::uint64_t position = 0;
        int written = 0;
        for (int i = 0; i < 40; ++i) {
            if (writer.write(filled(100, i))) ++written;
            writer.publish();
            while (reader.read(bytes, position) == lane::ReadOutcome::Record) {}
        }
        lane::Follower follower(*region);
        bool wrong = false;
        int at = 0;
        const auto outcome = follower.follow([&](std::uint64_t, std::span<const std::byte> seen) { wrong = wrong || base::Bytes(seen.begin(), seen.end()) != filled(100, at); ++at; }, [](std::uint64_t, std::span<const std::byte>) {});
        return wrong || outcome == lane::ReadOutcome::Bad || at != written;
    }

private Q_SLOTS:
    void recordsOfEverySizeComeOutInOrderThroughManyRounds()
    {
        auto region = lane::Region::create({16, 8192});
        QVERIFY(region.ok());
        lane::TaskWriter writer(*region);
        lane::TaskReader reader(*region);
        lane::Follower follower(*region);
        base::Bytes bytes;
        int written = 0, read = 0;
        while (read < 5000) {
            while (written < 5000 && writer.write(filled(static_cast<std::size_t>(written * 53) % 2000, written))) ++written;
            writer.publish();
            std::uint64_t position = 0;
            while (reader.read(bytes, position) == lane::ReadOutcome::Record) {
                QCOMPARE(position, static_cast<std::uint64_t>(read));
                QVERIFY(bytes == filled(static_cast<std::size_t>(read * 53) % 2000, read));
                ++read;
            }
            follower.follow([](std::uint64_t, std::span<const std::byte>) {}, [](std::uint64_t, std::span<const std::byte>) {});
        }
    }

    void aFullRingRefusesUntilConsumerAndFollowerHavePassed()
    {
        auto region = lane::Region::create({8, 4096});
        lane::TaskWriter writer(*region);
        lane::TaskReader reader(*region);
        lane::Follower follower(*region);
        for (int i = 0; i < 8; ++i) QVERIFY(writer.write(filled(8, i)));
        QVERIFY(!writer.write(filled(8, 9)));
        writer.publish();
        base::Bytes bytes;
        std::uint64_t position = 0;
        while (reader.read(bytes, position) == lane::ReadOutcome::Record) {}
        QVERIFY2(!writer.write(filled(8, 9)), "the follower has not passed it");
        follower.follow([](std::uint64_t, std::span<const std::byte>) {}, [](std::uint64_t, std::span<const std::byte>) {});
        QVERIFY(writer.write(filled(8, 9)));
    }

    void whatWasNotBegunWhenTheLaneClosedNeverBegins()
    {
        auto region = lane::Region::create({64, 4096});
        lane::TaskWriter writer(*region);
        lane::TaskReader reader(*region);
        for (int i = 0; i < 10; ++i) writer.write(filled(8, i));
        writer.publish();
        base::Bytes bytes;
        std::uint64_t position = 0;
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(reader.read(bytes, position), lane::ReadOutcome::Record);
            QVERIFY(reader.begin(position));
        }
        QCOMPARE(reader.read(bytes, position), lane::ReadOutcome::Record); // taken but not begun
        QCOMPARE(writer.close(), std::uint64_t{4});
        QVERIFY(!reader.begin(position));
        QCOMPARE(writer.close(), std::uint64_t{4});
        QCOMPARE(reader.read(bytes, position), lane::ReadOutcome::Empty);
    }

    void closingWhileTheWorkerRunsGivesOneAnswerToBoth()
    {
        for (int round = 0; round < 200; ++round) {
            auto region = lane::Region::create({1024, 4096});
            lane::TaskWriter writer(*region);
            for (int i = 0; i < 1000; ++i) writer.write(filled(8, i));
            writer.publish();
            std::uint64_t begun = 0;
            std::thread worker([&] {
                lane::TaskReader reader(*region);
                base::Bytes bytes;
                std::uint64_t position = 0;
                while (reader.read(bytes, position) == lane::ReadOutcome::Record && reader.begin(position)) ++begun;
            });
            std::atomic<int> spin{0};
            while (spin.fetch_add(1) < round * 50) {}
            const std::uint64_t told = writer.close();
            worker.join();
            QCOMPARE(told, begun);
        }
    }

    void aHostilePeerIsFoundAndNothingIsReadOutside()
    {
        for (int attack = 0; attack < 6; ++attack) {
            auto region = lane::Region::create({8, 4096});
            lane::TaskWriter writer(*region);
            writer.write(filled(1000, 1));
            writer.publish();
            lane::Slot& slot = region->tasks().first[0];
            switch (attack) {
            case 0: slot.bytes = 0xffffffff; break;
            case 1: slot.sequence = 99; break;
            case 2: slot.inSide = 7; break;
            case 3: slot.sideAt = 4000; break;
            case 4: slot.inSide = 0; break;
            case 5: region->tasks().header->written.value = 1u << 30; break;
            }
            lane::TaskReader reader(*region);
            base::Bytes bytes;
            std::uint64_t position = 0;
            QCOMPARE(reader.read(bytes, position), lane::ReadOutcome::Bad);
            lane::Follower follower(*region);
            QCOMPARE(follower.follow([](std::uint64_t, std::span<const std::byte>) {}, [](std::uint64_t, std::span<const std::byte>) {}), lane::ReadOutcome::Bad);
        }
    }

    void foreignMemoryIsRefused()
    {
        base::UniqueFd fd(memfd_create("x", MFD_CLOEXEC));
        QVERIFY(!lane::Region::attach(std::move(fd)).ok());
        base::UniqueFd big(memfd_create("x", MFD_CLOEXEC));
        QCOMPARE(ftruncate(big.get(), 1 << 20), 0);
        QVERIFY(!lane::Region::attach(std::move(big)).ok());
        QVERIFY(!lane::Region::create({7, 4096}).ok());
    }

    void noWakeIsLostBetweenTwoThreads()
    {
        auto bell = lane::Doorbell::create();
        QVERIFY(bell.ok());
        bell->setSpin(false);
        std::atomic<int> value{0};
        std::thread ringer([&] {
            for (int i = 1; i <= 20'000; ++i) {
                value.store(i, std::memory_order_release);
                bell->ring();
                while (value.load(std::memory_order_acquire) == i) std::this_thread::yield();
            }
        });
        for (int i = 1; i <= 20'000; ++i) {
            bell->waitFor([&] { return value.load(std::memory_order_acquire) == i; });
            value.store(-i, std::memory_order_release);
        }
        ringer.join();
    }

    // A consumer that waits for the hundredth result is woken once, by the hundredth.
    void aMarkedSleeperIsWokenWhenItsMarkIsReachedAndNotBefore()
    {
        auto region = lane::Region::create({256, 4096});
        auto bell = lane::Doorbell::createForEpoll(); // its eventfd shows a wake without anybody sleeping
        QVERIFY(region.ok() && bell.ok());
        lane::ResultWriter writer(*region);
        lane::ResultReader reader(*region);
        reader.setMark(100);
        bell->arm();
        const auto record = std::as_bytes(std::span("result"));
        for (int i = 1; i <= 100; ++i) {
            QVERIFY(writer.write(record));
            writer.publish();
            bell->ringIf([&] { return writer.reachedMark(); });
            std::uint64_t rings = 0;
            const bool woken = ::read(bell->eventFd(), &rings, sizeof rings) == sizeof rings;
            QCOMPARE(woken, i == 100);
        }
    }

    void noWakeIsLostBetweenASleeperWithAMarkAndItsWorker()
    {
        constexpr std::uint64_t kAll = 200'000;
        auto region = lane::Region::create({64, 4096});
        auto bell = lane::Doorbell::create();
        QVERIFY(region.ok() && bell.ok());
        bell->setSpin(false);
        std::thread worker([&] {
            lane::ResultWriter writer(*region);
            const auto record = std::as_bytes(std::span("result"));
            for (std::uint64_t i = 0; i < kAll; ++i) {
                while (!writer.write(record)) std::this_thread::yield();
                writer.publish();
                bell->ringIf([&] { return writer.reachedMark(); });
            }
        });
        lane::ResultReader reader(*region);
        lane::Follower follower(*region);
        base::Bytes bytes;
        std::uint64_t got = 0;
        while (got < kAll) {
            reader.setMark(std::min(kAll, got + 1 + got % 7)); // less than there is room for
            bell->waitFor([&] { return reader.available(); });
            while (reader.read(bytes) == lane::ReadOutcome::Record) ++got;
            follower.skipToReader();
        }
        worker.join();
        QCOMPARE(got, kAll);
    }

    void thePlantedBugOfReusingASlotEarlyIsFound()
    {
        QVERIFY(!followerSeesGarbage());
        base::g_plant = "reuse a slot early";
        const bool found = followerSeesGarbage();
        base::g_plant.clear();
        QVERIFY2(found, "a slot was used again before the node had followed it, and nothing noticed");
    }
};

QTEST_GUILESS_MAIN(TestLaneRing)
#include "tst_lane_ring.moc"
