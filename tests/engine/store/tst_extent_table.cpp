// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The table of extents against random use, with its audit after every step.
#include "engine/base/random.h"
#include "engine/store/extent_table.h"

#include <QTest>

#include <algorithm>

using namespace orrery;
using store::ExtentTable;
using store::kExtentBytes;
using types::Place;

class TestExtentTable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aRunOfExtentsIsTakenWholeOrNotAtAll()
    {
        ExtentTable table;
        table.addSegment(1, 4 * kExtentBytes);
        const auto first = table.take(3 * kExtentBytes);
        QVERIFY(first);
        QCOMPARE(first->bytes, 3 * kExtentBytes);
        QVERIFY(!table.take(2 * kExtentBytes));
        QVERIFY(table.take(1));
        QCOMPARE(table.usedBytes(), table.totalBytes());
        QCOMPARE(table.audit(), std::string());
    }

    void anExtentIsFreeWhenItsLastHolderIsGone()
    {
        ExtentTable table;
        table.addSegment(1, kExtentBytes);
        const auto window = *table.take(1);
        const Place a{1, 0, 100}, b{1, 100, 100};
        table.hold(a);
        table.hold(b);
        QVERIFY(!table.release(window));
        QVERIFY(!table.release(a));
        QVERIFY(!table.take(1));
        QVERIFY(table.release(b));
        QVERIFY(table.take(1));
    }

    void whatIsRetiredIsNeverTakenAndCountsNoMore()
    {
        ExtentTable table;
        table.addSegment(1, 8 * kExtentBytes);
        std::vector<Place> held;
        for (int i = 0; i < 8; ++i) held.push_back(*table.take(1));
        for (int i = 0; i < 8; i += 2) table.release(held[static_cast<std::size_t>(i)]);
        QVERIFY(!table.take(2 * kExtentBytes)); // free, but in pieces
        const auto gone = table.retire(3 * kExtentBytes);
        QCOMPARE(gone.size(), std::size_t{3});
        QCOMPARE(table.totalBytes(), 5 * kExtentBytes);
        QCOMPARE(table.usedBytes(), 4 * kExtentBytes);
        QCOMPARE(table.audit(), std::string());
        const auto last = table.take(1);
        QVERIFY(last);
        for (const auto& place : gone) QVERIFY(place.offset != last->offset);
        QVERIFY(!table.take(1));
        table.release(*last);
        for (int i = 1; i < 8; i += 2) table.release(held[static_cast<std::size_t>(i)]);
        QVERIFY(table.segmentFree(1));
        table.removeSegment(1);
        QCOMPARE(table.totalBytes(), std::uint64_t{0});
        QCOMPARE(table.audit(), std::string());
    }

    void randomUseKeepsTheTableSound()
    {
        for (std::uint64_t seed = 1; seed <= 30; ++seed) {
            base::Random random(seed);
            ExtentTable table;
            std::uint32_t segments = 0;
            std::vector<Place> held;
            for (int step = 0; step < 2000; ++step) {
                const auto dice = random.below(10);
                if (dice == 0 && segments < 12) table.addSegment(++segments, (1 + random.below(32)) * kExtentBytes);
                else if (dice == 1) (void)table.retire(random.below(6) * kExtentBytes);
                else if (dice < 6) {
                    if (const auto place = table.take(1 + random.below(5 * kExtentBytes))) {
                        for (const auto& other : held)
                            QVERIFY2(place->segment != other.segment || place->offset + place->bytes <= other.offset || other.offset + other.bytes <= place->offset, qPrintable(QStringLiteral("seed %1: two holders of one extent").arg(seed)));
                        held.push_back(*place);
                    }
                } else if (!held.empty()) {
                    const auto at = random.below(held.size());
                    table.release(held[at]);
                    held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
                }
                const auto wrong = table.audit();
                QVERIFY2(wrong.empty(), qPrintable(QStringLiteral("seed %1: %2").arg(seed).arg(QString::fromStdString(wrong))));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestExtentTable)
#include "tst_extent_table.moc"
