// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Values that stay among values that go: how much of a store can be used when a few of each window stay. The figures are in the
// store's README.
#include "engine/base/epoll_loop.h"
#include "engine/base/random.h"
#include "engine/store/store.h"

#include <QTest>

#include <deque>
#include <future>
#include <thread>

using namespace orrery;
using store::kSegmentBytes;
using types::Place;

namespace {

constexpr std::uint64_t kCapacity = 2 * kSegmentBytes;
constexpr std::size_t kShortLived = 200; // values that are read soon, at any time

// A worker as it fills its windows: values side by side, 64-byte aligned, a new window when the next does not fit.
class Worker final : public store::Store::Port {
public:
    Worker() : m_store(std::make_unique<store::Store>(m_loop, kCapacity, *this))
    {
        m_store->start();
        m_thread = std::thread([this] { m_loop.run(); });
    }
    ~Worker() override
    {
        m_loop.stop();
        m_thread.join();
    }
    void segmentAdded(std::uint32_t) override {}
    void segmentDropped(std::uint32_t) override {}
    bool relieve(std::uint64_t) override { return false; } // everything is needed
    // False: the store is full.
    bool make(std::uint64_t bytes, bool stays)
    {
        const std::uint64_t rounded = (bytes + 63) / 64 * 64;
        if (m_used + rounded > m_window.bytes) {
            auto window = std::make_shared<std::promise<base::Result<Place>>>();
            auto given = window->get_future();
            m_loop.post([&] { m_store->takeWindow(rounded, [window](base::Result<Place> place) { window->set_value(std::move(place)); }); });
            auto place = given.get();
            if (!place) return false;
            ++windows;
            onLoop([&] {
                if (m_window.bytes > 0) m_store->releaseWindow(m_window);
            });
            m_window = *place;
            m_used = 0;
        }
        const Place value{m_window.segment, m_window.offset + m_used, bytes};
        m_used += rounded;
        onLoop([&] {
            m_store->addObject(value);
            if (stays) {
                kept += bytes;
                return;
            }
            m_going.push_back(value);
            if (m_going.size() <= kShortLived) return;
            m_store->freeObject(m_going.front());
            m_going.pop_front();
        });
        return true;
    }
    std::string audit()
    {
        std::string wrong;
        onLoop([&] { wrong = m_store->audit(); });
        return wrong;
    }
    std::uint64_t kept = 0;
    int windows = 0;

private:
    template <typename Fn>
    void onLoop(Fn fn)
    {
        std::promise<void> done;
        m_loop.post([&] {
            fn();
            done.set_value();
        });
        done.get_future().get();
    }
    base::EpollLoop m_loop;
    std::unique_ptr<store::Store> m_store;
    std::thread m_thread;
    Place m_window;
    std::uint64_t m_used = 0;
    std::deque<Place> m_going; // of the loop
};

} // namespace

class TestMixedLives : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fewValuesThatStayDoNotKeepTheStoreOfAllOthers_data()
    {
        QTest::addColumn<int>("oneOf");
        QTest::newRow("one of 4 stays") << 4;
        QTest::newRow("one of 32 stays") << 32;
    }
    void fewValuesThatStayDoNotKeepTheStoreOfAllOthers()
    {
        QFETCH(int, oneOf);
        Worker worker;
        base::Random random(7);
        int made = 0;
        while (worker.make((8u << 10) + random.below(120u << 10), made % oneOf == 0)) ++made;
        const double share = static_cast<double>(worker.kept) / static_cast<double>(kCapacity);
        qInfo("one of %d values stays: full when they are %.0f %% of the store, after %d values in %d windows", oneOf, share * 100, made, worker.windows);
        QVERIFY2(share > 0.6, "what has gone still keeps its place");
        QCOMPARE(worker.audit(), std::string());
    }
};

QTEST_GUILESS_MAIN(TestMixedLives)
#include "tst_mixed_lives.moc"
