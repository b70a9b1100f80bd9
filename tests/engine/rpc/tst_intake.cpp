// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The bound of what a stream has received: who reads waits, nobody else does.
#include "engine/rpc/intake.h"

#include <QTest>

#include <future>

using namespace orrery;
using rpc::Intake;
using rpc::kIntakeBytesMax;
using rpc::kIntakeMax;

namespace {

// A reader that asks for room on a thread of its own.
std::future<bool> entering(Intake& intake, std::size_t bytes)
{
    return std::async(std::launch::async, [&intake, bytes] { return intake.enter(bytes); });
}

} // namespace

class TestIntake : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aReaderBeyondTheBoundWaitsUntilOneMessageWasTaken()
    {
        Intake intake;
        for (std::size_t i = 0; i < kIntakeMax; ++i) QVERIFY(intake.enter(1));
        auto waits = entering(intake, 1);
        QCOMPARE(waits.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
        intake.leave(1);
        QVERIFY(waits.get());
    }

    void fewLargeMessagesAreBoundByTheirBytes()
    {
        Intake intake;
        QVERIFY(intake.enter(kIntakeBytesMax - 10));
        QVERIFY(intake.enter(10));
        auto waits = entering(intake, 1);
        QCOMPARE(waits.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
        intake.leave(10);
        QVERIFY(waits.get());
    }

    void aMessageLargerThanTheBoundGoesAlone()
    {
        Intake intake;
        QVERIFY(intake.enter(2 * kIntakeBytesMax));
        auto waits = entering(intake, 0);
        QCOMPARE(waits.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
        intake.leave(2 * kIntakeBytesMax);
        QVERIFY(waits.get());
    }

    void closingEndsTheWait()
    {
        Intake intake;
        for (std::size_t i = 0; i < kIntakeMax; ++i) QVERIFY(intake.enter(0));
        auto waits = entering(intake, 0);
        intake.close();
        QVERIFY(!waits.get());
        QVERIFY(!intake.enter(0));
    }
};

QTEST_GUILESS_MAIN(TestIntake)
#include "tst_intake.moc"
