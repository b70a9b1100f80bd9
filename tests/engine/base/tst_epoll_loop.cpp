// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What may be posted to a loop: everything, from everywhere, also by the loop itself.
#include "engine/base/epoll_loop.h"

#include <QTest>

#include <array>
#include <sys/mman.h>
#include <thread>
#include <vector>

using namespace orrery;
using base::kLoopJobsMax;

namespace {

// What the process says on stderr while this lives.
class Said {
public:
    Said() : m_file(::memfd_create("said", MFD_CLOEXEC)), m_before(::dup(STDERR_FILENO)) { ::dup2(m_file.get(), STDERR_FILENO); }
    ~Said() { ::dup2(m_before.get(), STDERR_FILENO); }
    int lines(const char* with) const
    {
        std::array<char, 4096> text{};
        [[maybe_unused]] const ssize_t got = ::pread(m_file.get(), text.data(), text.size() - 1, 0);
        return static_cast<int>(QByteArray(text.data()).count(with));
    }

private:
    base::UniqueFd m_file, m_before;
};

} // namespace

class TestEpollLoop : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aLoopThatPostsToItselfNeverWaitsAndLosesNothing()
    {
        base::EpollLoop loop;
        const Said said;
        std::size_t next = 0;
        bool inOrder = true;
        loop.post([&] {
            for (std::size_t i = 0; i < 2 * kLoopJobsMax; ++i)
                loop.post([&, i] { inOrder = inOrder && i == next++; });
            loop.post([&] { loop.stop(); });
        });
        loop.run();
        QCOMPARE(next, 2 * kLoopJobsMax);
        QVERIFY(inOrder);
    }

    void moreThanTheBoundIsSaidOnceAndKept()
    {
        base::EpollLoop loop;
        const Said said;
        std::size_t ran = 0;
        for (std::size_t i = 0; i < kLoopJobsMax; ++i) loop.post([&] { ++ran; });
        QCOMPARE(said.lines("without a bound"), 0);
        for (int i = 0; i < 1000; ++i) loop.post([&] { ++ran; });
        QCOMPARE(said.lines("without a bound"), 1);
        loop.stop();
        loop.run(); // what was posted before the end
        QCOMPARE(ran, kLoopJobsMax + 1000);
    }

    void jobsOfOneThreadRunInItsOrderWhateverOthersPost()
    {
        constexpr int kThreads = 4, kJobs = 5000;
        base::EpollLoop loop;
        std::array<int, kThreads> next{};
        int left = kThreads * kJobs;
        bool inOrder = true;
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < kThreads; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < kJobs; ++i)
                    loop.post([&, t, i] {
                        inOrder = inOrder && next[t]++ == i;
                        if (--left == 0) loop.stop();
                    });
            });
        loop.run();
        for (auto& thread : threads) thread.join();
        QVERIFY(inOrder);
        QCOMPARE(left, 0);
    }
};

QTEST_GUILESS_MAIN(TestEpollLoop)
#include "tst_epoll_loop.moc"
