// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The lane is a lane: what a thousand warm tasks cost their submitter in system calls, counted by ptrace.
#include "tests/support/ctl.h"

#include <QTest>

#include <algorithm>
#include <csignal>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <vector>

using namespace orrery;

namespace {

constexpr int kRounds = 30;
constexpr int kCallsMax = 10;

// Runs the program under ptrace; how many system calls it made in each round.
std::vector<int> countCalls(const std::string& program, const std::string& socket)
{
    const std::string rounds = std::to_string(kRounds);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::execl(program.c_str(), "warm_submitter", socket.c_str(), rounds.c_str(), nullptr);
        ::_exit(127);
    }
    std::vector<int> counts;
    bool inside = false;
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return counts; // at exec
    ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    int deliver = 0;
    for (;;) {
        ::ptrace(PTRACE_SYSCALL, pid, nullptr, deliver);
        deliver = 0;
        if (::waitpid(pid, &status, 0) != pid || WIFEXITED(status) || WIFSIGNALED(status)) break;
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            deliver = WSTOPSIG(status);
            continue;
        }
        __ptrace_syscall_info info{};
        ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
        if (info.op != PTRACE_SYSCALL_INFO_ENTRY) continue; // its return
        if (info.entry.nr == SYS_getppid) {
            if (!std::exchange(inside, !inside)) counts.push_back(0);
        } else if (inside) {
            ++counts.back();
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) counts.clear();
    return counts;
}

} // namespace

class TestLaneCalls : public QObject {
    Q_OBJECT
    tests::ClusterHome m_home;
private Q_SLOTS:
    void cleanupTestCase() { (void)tests::ctl({QStringLiteral("down")}); } // when an assertion ended the test before it did

    void aThousandWarmTasksCostTheirSubmitterUnderTenSystemCalls()
    {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
        QSKIP("the sanitizer makes calls of its own");
#endif
        const auto up = tests::ctl({QStringLiteral("up"), QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--store-mib"), QStringLiteral("128")});
        QVERIFY2(up.code == 0, qPrintable(up.err));
        const auto run = tests::ctl({QStringLiteral("run"), QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/add.orrery"), QStringLiteral("--wait")}); // plugins are known
        QVERIFY2(run.code == 0, qPrintable(run.err));
        auto counts = countCalls(ORRERY_BUILD_DIR "/tests/warm_submitter", m_home.path("run/orrery/local/node-local.sock"));
        QCOMPARE(counts.size(), static_cast<std::size_t>(kRounds));
        std::sort(counts.begin(), counts.end());
        qInfo("system calls a round of 1,000 tasks: least %d, median %d, most %d", counts.front(), counts[kRounds / 2], counts.back());
        QCOMPARE(tests::ctl({QStringLiteral("down")}).code, 0);
        QVERIFY(counts[kRounds / 2] < kCallsMax);
    }
};

QTEST_GUILESS_MAIN(TestLaneCalls)
#include "tst_lane_calls.moc"
