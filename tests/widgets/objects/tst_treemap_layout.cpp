// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "widgets/objects/treemap_layout.h"

#include <QRandomGenerator>
#include <QRegion>
#include <QTest>
#include <cmath>
#include <numeric>

using namespace orrery::widgets;

class TestTreemapLayout final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void partsFillThePlaceWithoutOverlap();
    void areasFollowWeights();
    void partsAreNearToSquares();
    void nothingIsLaidOutInNoPlace();
    void eachPointOfACellFindsItsCell();
    void theLastRowOfAGridMayBeShort();
};

namespace {

std::vector<double> weights(quint32 seed, int count)
{
    QRandomGenerator dice(seed);
    std::vector<double> made;
    for (int i = 0; i < count; ++i) made.push_back(std::exp(dice.generateDouble() * 5));
    std::sort(made.rbegin(), made.rend());
    return made;
}

} // namespace

void TestTreemapLayout::partsFillThePlaceWithoutOverlap()
{
    for (quint32 seed = 1; seed <= 40; ++seed) {
        const QRect place(7, 11, 200 + static_cast<int>(seed) * 31, 90 + static_cast<int>(seed) * 5);
        QRegion all;
        std::int64_t area = 0;
        for (const QRect& part : squarify(weights(seed, 1 + static_cast<int>(seed)), place)) {
            QVERIFY(part.isEmpty() || place.contains(part));
            all += part;
            area += static_cast<std::int64_t>(part.width()) * part.height();
        }
        QCOMPARE(all, QRegion(place));
        QCOMPARE(area, static_cast<std::int64_t>(place.width()) * place.height());
    }
}

void TestTreemapLayout::areasFollowWeights()
{
    const auto wanted = weights(5, 9);
    const double sum = std::accumulate(wanted.begin(), wanted.end(), 0.0);
    const QRect place(0, 0, 1500, 300);
    const auto parts = squarify(wanted, place);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const double share = static_cast<double>(parts[i].width()) * parts[i].height() / (1500.0 * 300.0);
        QVERIFY(std::abs(share - wanted[i] / sum) < 0.01);
    }
}

void TestTreemapLayout::partsAreNearToSquares()
{
    const auto parts = squarify(std::vector<double>(12, 1.0), QRect(0, 0, 1200, 300));
    for (const QRect& part : parts) QVERIFY(std::max(part.width(), part.height()) < 2 * std::min(part.width(), part.height()));
}

void TestTreemapLayout::nothingIsLaidOutInNoPlace()
{
    for (const QRect& part : squarify({3, 2, 1}, QRect())) QVERIFY(part.isEmpty());
    QVERIFY(squarify({}, QRect(0, 0, 10, 10)).empty());
    QCOMPARE(gridOf(5, QRect()).at({0, 0}), -1);
    QCOMPARE(gridOf(0, QRect(0, 0, 10, 10)).at({1, 1}), -1);
}

void TestTreemapLayout::eachPointOfACellFindsItsCell()
{
    for (const std::uint32_t count : {1u, 2u, 7u, 256u, 411u, 4096u}) {
        const CellGrid grid = gridOf(count, QRect(3, 5, 317, 211));
        QRegion all;
        for (std::uint32_t i = 0; i < count; ++i) {
            const QRect cell = grid.cell(i);
            all += cell;
            if (cell.isEmpty()) continue;
            QCOMPARE(grid.at(cell.topLeft()), static_cast<std::int64_t>(i));
            QCOMPARE(grid.at(cell.bottomRight()), static_cast<std::int64_t>(i));
        }
        QVERIFY(QRegion(grid.place).contains(all.boundingRect()));
    }
}

void TestTreemapLayout::theLastRowOfAGridMayBeShort()
{
    const CellGrid grid = gridOf(10, QRect(0, 0, 400, 300));
    QCOMPARE(grid.columns, 4);
    QCOMPARE(grid.rows, 3);
    QCOMPARE(grid.at({350, 290}), -1);
    QCOMPARE(grid.at({150, 290}), 9);
}

QTEST_GUILESS_MAIN(TestTreemapLayout)
#include "tst_treemap_layout.moc"
