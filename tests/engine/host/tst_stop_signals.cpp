// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A program's end by signal: once, on a thread of its own, whatever threads there are.
#include "engine/host/stop_signals.h"

#include <QTest>

#include <csignal>
#include <future>
#include <unistd.h>

using namespace orrery;

class TestStopSignals : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void eachStopSignalIsTakenOnceByAThreadOfItsOwn_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
    }
    void eachStopSignalIsTakenOnceByAThreadOfItsOwn()
    {
        QFETCH(int, number);
        std::promise<std::thread::id> stopped; // a second call would throw, and end the program
        auto where = stopped.get_future();
        const host::StopSignals stopSignals([&] { stopped.set_value(std::this_thread::get_id()); });
        QCOMPARE(::kill(::getpid(), number), 0);
        QCOMPARE(where.wait_for(std::chrono::seconds(20)), std::future_status::ready);
        QVERIFY(where.get() != std::this_thread::get_id());
    }
    void whoEndsWithoutASignalIsNotStopped()
    {
        std::atomic<int> stops{0};
        {
            const host::StopSignals stopSignals([&] { ++stops; });
        }
        QCOMPARE(stops.load(), 0);
        // Nothing of the end is left over for the next one.
        sigset_t pending;
        sigpending(&pending);
        QVERIFY(!sigismember(&pending, SIGTERM));
    }
};

// Qt Test starts threads of its own: the signals are blocked before, as in a program.
int main(int argc, char** argv)
{
    host::blockStopSignals();
    QCoreApplication app(argc, argv);
    TestStopSignals test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_stop_signals.moc"
