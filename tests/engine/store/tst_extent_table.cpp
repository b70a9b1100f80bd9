// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The table of extents against random use, with its audit after every step.
#include "engine/base/plant.h"
#include "engine/base/random.h"
#include "engine/store/extent_table.h"

#include <QTest>

#include <algorithm>

using namespace orrery;
using store::ExtentTable;
using store::kExtentBytes;
using types::Place;

namespace {

bool overlap(const Place& a, const Place& b) { return a.segment == b.segment && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes; }

// Takes everything that is to be had, holes too, looks whether it is somebody's, and gives it back.
std::string probe(ExtentTable& table, const std::vector<Place>& windows, const std::vector<Place>& objects)
{
    std::vector<Place> taken;
    std::string wrong;
    while (const auto place = table.take(1)) taken.push_back(*place);
    while (const auto hole = table.takeHole(1)) taken.push_back(*hole);
    for (const auto& place : taken) {
        for (const auto* held : {&windows, &objects})
            for (const auto& other : *held)
                if (overlap(place, other)) wrong = "an extent was given away that somebody holds";
        table.release(place);
    }
    return wrong;
}

// Windows are opened, objects sealed in them, windows closed, objects freed, segments added and extents retired. "" or what broke.
std::string walk(std::uint64_t seed)
{
    base::Random random(seed);
    ExtentTable table;
    std::uint32_t segments = 0;
    std::vector<Place> windows, objects;
    for (int step = 0; step < 400; ++step) {
        const auto dice = random.below(12);
        if (dice == 0 && segments < 12) {
            table.addSegment(++segments, (1 + random.below(32)) * kExtentBytes);
        } else if (dice == 1) {
            (void)table.retire(random.below(6) * kExtentBytes);
        } else if (dice < 7) {
            if (const auto place = table.take(1 + random.below(5 * kExtentBytes))) windows.push_back(*place);
        } else if (dice < 10 && !windows.empty()) {
            const auto window = windows.back();
            for (std::uint64_t at = 0; at < window.bytes; at += kExtentBytes / 2 + 1) {
                if (!random.chance(0.3)) continue;
                objects.push_back({window.segment, window.offset + at, std::min<std::uint64_t>(100, window.bytes - at)});
                table.hold(objects.back());
            }
            table.release(window);
            windows.pop_back();
        } else if (!objects.empty()) {
            const auto at = random.below(objects.size());
            table.release(objects[at]);
            objects.erase(objects.begin() + static_cast<std::ptrdiff_t>(at));
        }
        if (random.chance(0.1))
            if (const auto hole = table.takeHole(1 + random.below(kExtentBytes))) windows.push_back(*hole);
        if (auto wrong = table.audit(); !wrong.empty()) return wrong;
        if (auto wrong = probe(table, windows, objects); !wrong.empty()) return wrong;
    }
    return {};
}

} // namespace

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

    void aHoleIsTakenWhereItFitsBestAndNothingElseOfItsExtent()
    {
        ExtentTable table;
        table.addSegment(1, 2 * kExtentBytes);
        QVERIFY(!table.takeHole(1)); // of a free extent it would be no hole
        const Place first{1, 0, kExtentBytes / 2}, second{1, kExtentBytes, 100};
        const auto window = *table.take(1), other = *table.take(1);
        table.hold(first);
        table.hold(second);
        QVERIFY(!table.takeHole(1)); // windows are held whole
        table.release(window);
        table.release(other);
        const auto half = table.takeHole(kExtentBytes / 4);
        QVERIFY(half);
        QCOMPARE(half->offset, kExtentBytes / 2);
        QCOMPARE(half->bytes, kExtentBytes / 2);
        const auto most = table.takeHole(kExtentBytes / 4);
        QVERIFY(most);
        QCOMPARE(most->offset, kExtentBytes + store::kGranuleBytes); // the value lies in the first granule
        QVERIFY(!table.takeHole(1));
        table.release(first);
        QVERIFY(table.takeHole(kExtentBytes / 2)); // where it was
        QCOMPARE(table.usedBytes(), 2 * kExtentBytes);
        QCOMPARE(table.audit(), std::string());
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
            const auto problem = walk(seed);
            QVERIFY2(problem.empty(), qPrintable(QStringLiteral("seed %1: %2").arg(seed).arg(QString::fromStdString(problem))));
        }
    }

    void aForgottenPinIsFound()
    {
        base::g_plant = "forget a pin";
        int found = 0;
        for (std::uint64_t seed = 1; seed <= 30; ++seed) found += walk(seed).empty() ? 0 : 1;
        base::g_plant.clear();
        QCOMPARE(found, 30);
    }
};

QTEST_GUILESS_MAIN(TestExtentTable)
#include "tst_extent_table.moc"
