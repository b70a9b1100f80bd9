// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What is known of another clock: never wrong by more than it says, and better with each quick answer.
#include "engine/base/random.h"
#include "engine/net/clock_estimate.h"

#include <QtTest/qtest.h>

#include <cstdlib>

using namespace orrery;
using base::kMicrosecond;
using base::kMillisecond;
using base::kSecond;
using net::ClockEstimate;

class TstClockEstimate : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // Promise: with any delays, each way its own, and clocks that part by up to 100 ppm, the truth lies within the error.
    void truth_lies_within_the_error()
    {
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            base::Random random(seed);
            const std::int64_t offset = static_cast<std::int64_t>(random.below(2'000'000'000)) - 1'000'000'000;
            const std::int64_t ppm = static_cast<std::int64_t>(random.below(201)) - 100;
            const auto theirs = [&](base::TimeNs ours) { return ours + offset + ours / 1'000'000 * ppm; };
            ClockEstimate estimate;
            base::TimeNs now = kSecond;
            for (int i = 0; i < 100; ++i) {
                const base::TimeNs there = static_cast<base::TimeNs>(random.below(5'000'000)), back = static_cast<base::TimeNs>(random.below(5'000'000));
                estimate.add(now, theirs(now + there), now + there + back);
                now += there + back;
                const std::int64_t truth = theirs(now) - now;
                QVERIFY2(std::llabs(truth - estimate.offsetNs()) <= estimate.errorNs() + 1, qPrintable(QStringLiteral("seed %1, answer %2").arg(seed).arg(i)));
                now += kSecond;
            }
        }
    }

    // Promise: one quick answer among slow ones is enough, and its worth fades with the drift only.
    void quick_answer_is_kept()
    {
        ClockEstimate estimate;
        estimate.add(0, 50 * kMillisecond, 100 * kMillisecond);
        QCOMPARE(estimate.errorNs(), 50 * kMillisecond);
        estimate.add(kSecond, kSecond + 100 * kMicrosecond, kSecond + 200 * kMicrosecond);
        QCOMPARE(estimate.errorNs(), 100 * kMicrosecond);
        estimate.add(2 * kSecond, 2 * kSecond + 40 * kMillisecond, 2 * kSecond + 80 * kMillisecond);
        QVERIFY(estimate.errorNs() <= 100 * kMicrosecond + 2 * kSecond / net::kClockDrift);
        QVERIFY(estimate.contains(0));
    }

    // Promise: a clock that was set is followed with the first answer after that, not averaged away.
    void clock_that_was_set_is_followed()
    {
        ClockEstimate estimate;
        estimate.add(0, kMillisecond, 2 * kMillisecond);
        estimate.add(kSecond, kSecond + 3600 * kSecond, kSecond + 2 * kMillisecond);
        QVERIFY(estimate.contains(3600 * kSecond - kMillisecond));
        QVERIFY(!estimate.contains(0));
    }
};

QTEST_GUILESS_MAIN(TstClockEstimate)
#include "tst_clock_estimate.moc"
