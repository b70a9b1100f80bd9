// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The store with real memory: what fits is given, whatever lies where; what does not is refused in time.
#include "engine/base/epoll_loop.h"
#include "engine/store/store.h"

#include <QTest>

#include <atomic>
#include <cstring>
#include <future>
#include <map>
#include <sys/stat.h>
#include <thread>

using namespace orrery;
using store::kExtentBytes;
using store::kSegmentBytes;
using types::Place;

namespace {

// A store with its loop on a thread of its own. Holds one object a window; gives up those in `spare`.
class World final : public store::Store::Port {
public:
    explicit World(std::uint64_t capacity) : m_store(std::make_unique<store::Store>(loop, capacity, *this))
    {
        m_store->start();
        m_thread = std::thread([this] { loop.run(); });
    }
    ~World() override
    {
        loop.stop();
        m_thread.join();
    }
    void segmentAdded(std::uint32_t segment) override { m_segments[segment] = m_store->segmentFd(segment); }
    void segmentDropped(std::uint32_t segment) override { m_segments.erase(segment); }
    bool relieve(std::uint64_t) override
    {
        ++asked;
        if (spare.empty()) return false;
        m_store->freeObject(spare.back());
        spare.pop_back();
        return true;
    }
    template <typename Fn>
    auto onLoop(Fn fn)
    {
        std::promise<decltype(fn(*m_store))> promise;
        loop.post([&] { promise.set_value(fn(*m_store)); });
        return promise.get_future().get();
    }
    void free(const Place& place) { onLoop([&](store::Store& store) { return store.freeObject(place), true; }); }
    base::Result<Place> window(std::uint64_t bytes)
    {
        auto promise = std::make_shared<std::promise<base::Result<Place>>>();
        auto future = promise->get_future();
        loop.post([this, bytes, promise] { m_store->takeWindow(bytes, [promise](base::Result<Place> place) { promise->set_value(std::move(place)); }); });
        if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready) return base::fail(base::Errc::Internal, "no answer came");
        return future.get();
    }
    // An object of that size, filled with one byte; its window is given back.
    base::Result<Place> object(std::uint64_t bytes, unsigned char fill = 0)
    {
        auto place = window(bytes);
        if (!place) return place;
        const Place object{place->segment, place->offset, bytes};
        return onLoop([&](store::Store& store) {
            store.addObject(object);
            store.releaseWindow(*place);
            std::memset(store.bytes(object).data(), fill, bytes);
            return object;
        });
    }
    // Memory that is really there, of all segments.
    std::uint64_t resident()
    {
        return onLoop([&](store::Store&) {
            std::uint64_t bytes = 0;
            for (const auto& [id, fd] : m_segments) {
                struct stat info {};
                if (::fstat(fd, &info) == 0) bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
            }
            return bytes;
        });
    }
    base::EpollLoop loop;
    std::vector<Place> spare; // of the loop while it is asked
    std::atomic<int> asked{0};

private:
    std::map<std::uint32_t, int> m_segments;
    std::unique_ptr<store::Store> m_store;
    std::thread m_thread;
};

} // namespace

class TestStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void memoryInPiecesIsWorthAsMuchAsMemoryInOnePiece()
    {
        World world(4 * kSegmentBytes);
        std::vector<Place> held;
        for (std::uint64_t i = 0; i < 4 * kSegmentBytes / kExtentBytes; ++i) {
            const auto place = world.object(kExtentBytes, static_cast<unsigned char>(i));
            QVERIFY2(place.ok(), place.ok() ? "" : place.error().message.c_str());
            held.push_back(*place);
        }
        // Every second extent is freed: half of the store, and no two of them side by side.
        for (std::size_t i = 0; i < held.size(); i += 2) world.free(held[i]);
        const auto large = world.object(2 * kSegmentBytes);
        QVERIFY2(large.ok(), large.ok() ? "" : large.error().message.c_str());
        QCOMPARE(world.onLoop([](store::Store& store) { return store.usedBytes(); }), 4 * kSegmentBytes);
        QVERIFY2(world.resident() <= 4 * kSegmentBytes, "more memory is there than the capacity allows");
        // Nothing that was held is touched by that.
        for (std::size_t i = 1; i < held.size(); i += 2)
            QCOMPARE(world.onLoop([&](store::Store& store) { return static_cast<std::size_t>(store.bytes(held[i])[0]); }), i);
        QCOMPARE(world.onLoop([](store::Store& store) { return store.audit(); }), std::string());
    }

    void whatNobodyNeedsIsGivenUpForWhatIsAskedFor()
    {
        World world(kSegmentBytes);
        for (std::uint64_t i = 0; i < kSegmentBytes / kExtentBytes; ++i) world.spare.push_back(*world.object(kExtentBytes));
        QCOMPARE(world.asked.load(), 0);
        const auto large = world.object(kSegmentBytes / 2);
        QVERIFY2(large.ok(), large.ok() ? "" : large.error().message.c_str());
        QCOMPARE(world.spare.size(), static_cast<std::size_t>(kSegmentBytes / kExtentBytes / 2)); // no more than needed
    }

    void aFullStoreRefusesInTimeAndGoesOn()
    {
        World world(kSegmentBytes);
        const auto held = world.object(kSegmentBytes - kExtentBytes);
        QVERIFY(held.ok());
        const auto refused = world.window(2 * kExtentBytes);
        QVERIFY(!refused.ok());
        QCOMPARE(refused.error().code, base::Errc::Refused);
        QVERIFY2(refused.error().message.find("is full") != std::string::npos, refused.error().message.c_str());
        QVERIFY(world.object(kExtentBytes).ok());
        const auto never = world.window(2 * kSegmentBytes);
        QVERIFY(!never.ok());
        QVERIFY2(never.error().message.find("larger than the store") != std::string::npos, never.error().message.c_str());
    }

    // A wish that no hole can serve waits for whole extents; the holes that small ones need do not bring it nearer.
    void smallWishesAreServedBehindALargeOneThatWaits()
    {
        World world(kSegmentBytes);
        const auto most = world.object(kSegmentBytes - kExtentBytes);
        const auto small = world.object(4096); // the last extent: all but a granule of it is a hole
        QVERIFY(most.ok() && small.ok());
        std::promise<base::Result<Place>> large;
        auto answer = large.get_future();
        world.onLoop([&](store::Store& store) {
            store.takeWindow(2 * kExtentBytes, [&](base::Result<Place> place) { large.set_value(std::move(place)); });
            return true;
        });
        QVERIFY(world.window(64 * 1024).ok());
        QVERIFY(answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready); // it still waits
        world.free(*most);
        QVERIFY(answer.get().ok());
        QCOMPARE(world.onLoop([](store::Store& store) { return store.audit(); }), std::string());
    }

    void whoWaitsGetsWhatIsFreedMeanwhile()
    {
        World world(kSegmentBytes);
        const auto held = world.object(kSegmentBytes);
        QVERIFY(held.ok());
        world.onLoop([&](store::Store& store) { return world.loop.after(50 * base::kMillisecond, [&store, &held] { store.freeObject(*held); }); });
        QVERIFY(world.window(kSegmentBytes).ok());
    }
};

QTEST_GUILESS_MAIN(TestStore)
#include "tst_store.moc"
