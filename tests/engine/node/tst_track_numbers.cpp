// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Numbers for workers: block after block, each once.
#include "engine/node/track_numbers.h"

#include <QtTest/qtest.h>

using namespace orrery;
using node::TrackNumbers;

class TestTrackNumbers : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void blocksAreUsedUpInOrderAndNeverBeyondTheirEnds()
    {
        TrackNumbers numbers;
        QVERIFY(!numbers.next());
        numbers.add(256, 2);
        numbers.add(1024, 1);
        QCOMPARE(*numbers.next(), std::uint16_t{256});
        numbers.add(256, 2); // said again with the next welcome
        QCOMPARE(*numbers.next(), std::uint16_t{257});
        QCOMPARE(*numbers.next(), std::uint16_t{1024});
        QVERIFY(!numbers.next());
        numbers.add(1024, 1);
        numbers.add(5, 0);
        QVERIFY(!numbers.next());
    }
    void whatWasNotUsedIsUsedNext()
    {
        TrackNumbers numbers;
        numbers.add(256, 2);
        numbers.giveBack(*numbers.next());
        QCOMPARE(*numbers.next(), std::uint16_t{256});
        QCOMPARE(*numbers.next(), std::uint16_t{257});
        numbers.giveBack(257); // of a block that is through
        QCOMPARE(*numbers.next(), std::uint16_t{257});
        QVERIFY(!numbers.next());
    }
    void anotherLifeHasOtherNumbers()
    {
        TrackNumbers numbers;
        numbers.add(256, 2);
        numbers.reset();
        QVERIFY(!numbers.next());
        numbers.add(256, 2); // of a life that ended long ago
        QCOMPARE(*numbers.next(), std::uint16_t{256});
    }
};

QTEST_GUILESS_MAIN(TestTrackNumbers)
#include "tst_track_numbers.moc"
