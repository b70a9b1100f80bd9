// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Three processes on one lane - submitter, worker, follower - each killed (SIGKILL) at every step of a slot's life, at several
// moments. Afterwards the others do what the protocol says, and a ledger in shared memory is counted: nothing published is
// lost, nothing is doubled. Built with ORRERY_FAILPOINTS; the lane's own code is what runs.
#include "engine/lane/lane.h"

#include <QtTest/qtest.h>
#include <csignal>
#include <functional>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

using namespace orrery;

namespace {

constexpr std::uint32_t kTasks = 3000;
constexpr lane::LaneShape kShape{64, 16384}; // small, so that rings and side buffers wrap many times

struct Ledger {
    std::atomic<std::uint32_t> ran[kTasks];      // by workers
    std::atomic<std::uint32_t> answered[kTasks]; // results the submitter read
    std::atomic<std::uint32_t> taskSeen[kTasks]; // by the follower, counted once a position
    std::atomic<std::uint32_t> resultSeen[kTasks];
    std::atomic<std::uint64_t> taskPosition;     // the follower's own record of how far it is: idempotence by position
    std::atomic<std::uint64_t> resultPosition;
    std::atomic<std::uint32_t> wrong;            // contents that do not belong to their index
    std::atomic<std::uint32_t> stop;
};

base::Bytes recordOf(std::uint32_t index)
{
    // Sizes from 4 bytes to beyond a slot, so that inline and side records alternate.
    base::Bytes bytes(4 + (index * 37) % 1500);
    for (std::size_t i = 4; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(index + i);
    std::memcpy(bytes.data(), &index, 4);
    return bytes;
}

bool isRecordOf(std::span<const std::byte> bytes, std::uint32_t& index)
{
    if (bytes.size() < 4) return false;
    std::memcpy(&index, bytes.data(), 4);
    if (index >= kTasks) return false;
    const auto wanted = recordOf(index);
    return wanted.size() == bytes.size() && std::equal(bytes.begin(), bytes.end(), wanted.begin());
}

struct Setup {
    lane::Region region;
    std::unique_ptr<lane::Doorbell> submitterBell;
    std::unique_ptr<lane::Doorbell> workerBell;
    Ledger* ledger = nullptr;
    std::vector<std::uint32_t> todo; // indexes to submit
};

void submitter(Setup& setup)
{
    lane::TaskWriter tasks(setup.region);
    lane::ResultReader results(setup.region);
    base::Bytes bytes;
    std::size_t next = 0, open = 0;
    const auto reap = [&] {
        while (results.available()) {
            std::uint32_t index = 0;
            if (results.read(bytes) != lane::ReadOutcome::Record || !isRecordOf(bytes, index)) {
                ++setup.ledger->wrong;
                return;
            }
            ++setup.ledger->answered[index];
            --open;
        }
    };
    while (next < setup.todo.size() || open > 0) {
        bool wrote = false;
        for (int batch = 0; batch < 16 && next < setup.todo.size(); ++batch) {
            if (!tasks.write(recordOf(setup.todo[next]))) break;
            ++next;
            ++open;
            wrote = true;
        }
        if (wrote) {
            tasks.publish();
            setup.workerBell->ring();
        }
        reap();
        if (tasks.closed()) return;
        if (!wrote) setup.submitterBell->waitFor([&] { return results.available() || tasks.closed() || (next < setup.todo.size() && tasks.hasRoom()); }, setup.workerBell.get(), base::kMillisecond);
    }
}

void worker(Setup& setup)
{
    lane::TaskReader tasks(setup.region);
    lane::ResultWriter results(setup.region);
    base::Bytes bytes;
    while (!setup.ledger->stop.load()) {
        std::uint64_t position = 0;
        const auto got = tasks.read(bytes, position);
        if (got == lane::ReadOutcome::Bad) ++setup.ledger->wrong;
        if (got != lane::ReadOutcome::Record) {
            if (tasks.closed()) return;
            setup.workerBell->waitFor([&] { return tasks.available() || tasks.closed() || setup.ledger->stop.load() != 0; }, setup.submitterBell.get(), base::kMillisecond);
            continue;
        }
        if (!tasks.begin(position)) return;
        std::uint32_t index = 0;
        if (!isRecordOf(bytes, index)) ++setup.ledger->wrong;
        else ++setup.ledger->ran[index];
        while (!results.write(bytes)) {
            setup.submitterBell->ring();
            if (setup.ledger->stop.load()) return;
            setup.workerBell->waitFor([&] { return results.hasRoom(); }, nullptr, base::kMillisecond);
        }
        results.publish();
        setup.submitterBell->ring();
    }
}

void followOnce(Setup& setup, lane::Follower& follower)
{
    // The table of a real node is idempotent by position; so is this one.
    const auto note = [&](std::atomic<std::uint64_t>& seenUntil, std::atomic<std::uint32_t>* seen, std::uint64_t position, std::span<const std::byte> bytes) {
        std::uint32_t index = 0;
        if (!isRecordOf(bytes, index)) {
            ++setup.ledger->wrong;
            return;
        }
        if (position < seenUntil.load()) return;
        ++seen[index];
        seenUntil.store(position + 1);
    };
    const auto outcome = follower.follow(
        [&](std::uint64_t position, std::span<const std::byte> bytes) { note(setup.ledger->taskPosition, setup.ledger->taskSeen, position, bytes); },
        [&](std::uint64_t position, std::span<const std::byte> bytes) {
            std::uint32_t index = 0;
            if (isRecordOf(bytes, index) && setup.ledger->taskSeen[index].load() == 0) ++setup.ledger->wrong; // a result before its task
            note(setup.ledger->resultPosition, setup.ledger->resultSeen, position, bytes);
        });
    if (outcome == lane::ReadOutcome::Bad) ++setup.ledger->wrong;
}

void followerProcess(Setup& setup)
{
    lane::Follower follower(setup.region);
    while (!setup.ledger->stop.load()) {
        followOnce(setup, follower);
        const timespec pause{0, 100'000}; // the node's tick, shortened
        nanosleep(&pause, nullptr);
    }
    followOnce(setup, follower);
}

pid_t start(Setup& setup, void (*role)(Setup&), const char* failpoint = "", int skip = 0)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid != 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    base::g_failpoint = {failpoint, skip};
    role(setup);
    _exit(0);
}

// True: killed by the failpoint (or by us).
bool waitKilled(pid_t pid)
{
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status);
}

} // namespace

class TestLaneDeath : public QObject {
    Q_OBJECT
    Setup m_setup;

    void fresh()
    {
        auto region = lane::Region::create(kShape);
        QVERIFY(region.ok());
        m_setup.region = std::move(*region);
        m_setup.submitterBell = std::make_unique<lane::Doorbell>(std::move(*lane::Doorbell::create()));
        m_setup.workerBell = std::make_unique<lane::Doorbell>(std::move(*lane::Doorbell::create()));
        m_setup.ledger->stop = 0;
        m_setup.ledger->taskPosition = 0;
        m_setup.ledger->resultPosition = 0;
    }
    void finishFollower(pid_t follower)
    {
        m_setup.ledger->stop = 1;
        m_setup.workerBell->wakeNow();
        waitKilled(follower);
    }

private Q_SLOTS:
    void init()
    {
        void* at = mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        QVERIFY(at != MAP_FAILED);
        m_setup.ledger = new (at) Ledger{};
        m_setup.todo.clear();
        for (std::uint32_t i = 0; i < kTasks; ++i) m_setup.todo.push_back(i);
        fresh();
    }
    void cleanup() { munmap(m_setup.ledger, sizeof(Ledger)); }

    void withoutDeathsEveryTaskRunsOnceAndIsSeenOnce()
    {
        const pid_t follower = start(m_setup, followerProcess), work = start(m_setup, worker), submit = start(m_setup, submitter);
        QVERIFY(!waitKilled(submit));
        finishFollower(follower);
        QVERIFY(!waitKilled(work));
        QCOMPARE(m_setup.ledger->wrong.load(), 0u);
        for (std::uint32_t i = 0; i < kTasks; ++i) {
            QCOMPARE(m_setup.ledger->ran[i].load(), 1u);
            QCOMPARE(m_setup.ledger->answered[i].load(), 1u);
            QCOMPARE(m_setup.ledger->taskSeen[i].load(), 1u);
            QCOMPARE(m_setup.ledger->resultSeen[i].load(), 1u);
        }
    }

    void aKilledWorkerLosesAtMostTheTaskItHadBegun_data()
    {
        QTest::addColumn<QByteArray>("failpoint");
        QTest::addColumn<int>("skip");
        for (const char* point : {"lane.taken", "lane.read", "lane.begun", "lane.copied", "lane.written", "lane.published"})
            for (const int skip : {0, 1, 63, 64, 777}) QTest::addRow("%s after %d", point, skip) << QByteArray(point) << skip;
    }
    void aKilledWorkerLosesAtMostTheTaskItHadBegun()
    {
        QFETCH(QByteArray, failpoint);
        QFETCH(int, skip);
        pid_t follower = start(m_setup, followerProcess);
        const pid_t work = start(m_setup, worker, failpoint.constData(), skip);
        const pid_t submit = start(m_setup, submitter);
        QVERIFY(waitKilled(work));
        // The node: close, let the submitter read what was published, hand the rest to another worker on a fresh lane.
        const std::uint64_t begun = lane::Follower(m_setup.region).close();
        m_setup.submitterBell->wakeNow();
        QVERIFY(!waitKilled(submit));
        finishFollower(follower);
        lane::Follower last(m_setup.region);
        followOnce(m_setup, last);
        // What the submitter published and has no result: begun and lost (at most one), or never begun.
        const std::uint64_t published = m_setup.region.tasks().header->written.value.load();
        std::uint64_t lost = 0;
        std::vector<std::uint32_t> rest;
        for (std::uint32_t i = 0; i < kTasks; ++i) {
            const auto answered = m_setup.ledger->answered[i].load();
            QVERIFY(answered <= 1);
            QCOMPARE(m_setup.ledger->resultSeen[i].load(), answered);
            QCOMPARE(m_setup.ledger->taskSeen[i].load(), i < published ? 1u : 0u);
            if (answered == 1) continue;
            rest.push_back(i);
            if (i < begun) ++lost;
            else QCOMPARE(m_setup.ledger->ran[i].load(), 0u); // never begun, so never run
        }
        QVERIFY2(lost <= 1, "more than the one task in progress was lost");
        // The attempt is made again, once, elsewhere.
        m_setup.todo = rest;
        fresh();
        follower = start(m_setup, followerProcess);
        const pid_t second = start(m_setup, worker), again = start(m_setup, submitter);
        QVERIFY(!waitKilled(again));
        finishFollower(follower);
        QVERIFY(!waitKilled(second));
        QCOMPARE(m_setup.ledger->wrong.load(), 0u);
        for (std::uint32_t i = 0; i < kTasks; ++i) QCOMPARE(m_setup.ledger->answered[i].load(), 1u);
    }

    void aKilledFollowerGoesOnWhereItWasAndDoublesNothing_data()
    {
        QTest::addColumn<QByteArray>("failpoint");
        QTest::addColumn<int>("skip");
        for (const char* point : {"lane.visited", "lane.followed"})
            for (const int skip : {0, 1, 63, 64, 777}) QTest::addRow("%s after %d", point, skip) << QByteArray(point) << skip;
    }
    void aKilledFollowerGoesOnWhereItWasAndDoublesNothing()
    {
        QFETCH(QByteArray, failpoint);
        QFETCH(int, skip);
        const pid_t first = start(m_setup, followerProcess, failpoint.constData(), skip);
        const pid_t work = start(m_setup, worker), submit = start(m_setup, submitter);
        QVERIFY(waitKilled(first));
        const pid_t second = start(m_setup, followerProcess);
        QVERIFY(!waitKilled(submit));
        finishFollower(second);
        QVERIFY(!waitKilled(work));
        QCOMPARE(m_setup.ledger->wrong.load(), 0u);
        for (std::uint32_t i = 0; i < kTasks; ++i) {
            QCOMPARE(m_setup.ledger->ran[i].load(), 1u);
            QCOMPARE(m_setup.ledger->taskSeen[i].load(), 1u);
            QCOMPARE(m_setup.ledger->resultSeen[i].load(), 1u);
        }
    }

    void aKilledSubmitterLeavesNothingThatRunsTwiceOrUnseen_data()
    {
        QTest::addColumn<QByteArray>("failpoint");
        QTest::addColumn<int>("skip");
        for (const char* point : {"lane.copied", "lane.written", "lane.published", "lane.taken", "lane.read"})
            for (const int skip : {0, 1, 63, 64, 150}) QTest::addRow("%s after %d", point, skip) << QByteArray(point) << skip;
    }
    void aKilledSubmitterLeavesNothingThatRunsTwiceOrUnseen()
    {
        QFETCH(QByteArray, failpoint);
        QFETCH(int, skip);
        const pid_t follower = start(m_setup, followerProcess), work = start(m_setup, worker);
        const pid_t submit = start(m_setup, submitter, failpoint.constData(), skip);
        QVERIFY(waitKilled(submit));
        const std::uint64_t begun = lane::Follower(m_setup.region).close();
        m_setup.workerBell->wakeNow();
        finishFollower(follower);
        QVERIFY(!waitKilled(work));
        lane::Follower last(m_setup.region);
        followOnce(m_setup, last);
        const std::uint64_t published = m_setup.region.tasks().header->written.value.load();
        QVERIFY(begun <= published);
        QCOMPARE(m_setup.ledger->wrong.load(), 0u);
        for (std::uint32_t i = 0; i < kTasks; ++i) {
            QCOMPARE(m_setup.ledger->taskSeen[i].load(), i < published ? 1u : 0u);
            QCOMPARE(m_setup.ledger->ran[i].load(), i < begun ? 1u : 0u);
        }
    }
};

QTEST_GUILESS_MAIN(TestLaneDeath)
#include "tst_lane_death.moc"
