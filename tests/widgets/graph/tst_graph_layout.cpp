// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The pure parts of the canvas: layout, routes, the index of places, fuzzy search.
#include "widgets/graph/fuzzy.h"
#include "widgets/graph/layered_graph.h"
#include "widgets/graph/loose_grid.h"
#include "widgets/graph/wire_path.h"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <set>

using namespace orrery::widgets;

namespace {

LayoutInput randomGraph(int boxes, int edges, quint32 seed, bool cycles)
{
    QRandomGenerator random(seed);
    LayoutInput input;
    for (int i = 0; i < boxes; ++i) input.boxes.push_back({112.0 + 4 * random.bounded(18), 60.0 + random.bounded(300)});
    for (int i = 0; i < edges; ++i) {
        auto from = static_cast<std::uint32_t>(random.bounded(boxes)),
             to = static_cast<std::uint32_t>(random.bounded(boxes));
        if (!cycles && from > to) std::swap(from, to);
        if (!cycles && from == to) continue;
        input.edges.push_back({from, to, 42.0 + 22 * random.bounded(3), 42.0 + 22 * random.bounded(3)});
    }
    return input;
}

bool overlap(const LayoutInput& input, const std::vector<LayoutPoint>& points)
{
    for (std::size_t a = 0; a < points.size(); ++a)
        for (std::size_t b = a + 1; b < points.size(); ++b)
            if (points[a].x < points[b].x + input.boxes[b].width && points[b].x < points[a].x + input.boxes[a].width &&
                points[a].y < points[b].y + input.boxes[b].height && points[b].y < points[a].y + input.boxes[a].height)
                return true;
    return false;
}

} // namespace

class TestGraphLayout : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void boxesNeverOverlap_data()
    {
        QTest::addColumn<int>("boxes");
        QTest::addColumn<int>("edges");
        QTest::addColumn<bool>("cycles");
        for (const auto& [boxes, edges] : {std::pair(1, 0), std::pair(2, 1), std::pair(12, 14), std::pair(40, 0),
                                           std::pair(60, 120), std::pair(300, 700)})
        {
            QTest::addRow("%d boxes, %d edges", boxes, edges) << boxes << edges << false;
            QTest::addRow("%d boxes, %d edges, cycles", boxes, edges) << boxes << edges << true;
        }
    }
    void boxesNeverOverlap()
    {
        QFETCH(int, boxes);
        QFETCH(int, edges);
        QFETCH(bool, cycles);
        for (quint32 seed = 1; seed <= 8; ++seed) {
            const auto input = randomGraph(boxes, edges, seed, cycles);
            const auto points = layoutGraph(input);
            QCOMPARE(points.size(), input.boxes.size());
            QVERIFY(!overlap(input, points));
        }
    }
    void theSameGraphHasTheSamePlaces()
    {
        const auto input = randomGraph(200, 420, 7, true);
        QVERIFY(layoutGraph(input) == layoutGraph(input));
    }
    void edgesLeadRightwards()
    {
        const auto input = randomGraph(150, 300, 3, false);
        const auto points = layoutGraph(input);
        for (const auto& edge : input.edges)
            QVERIFY(points[edge.from].x + input.boxes[edge.from].width < points[edge.to].x);
    }
    void aChainIsOneStraightLine()
    {
        LayoutInput input;
        for (const double height : {104.0, 104.0, 375.0, 60.0, 82.0}) input.boxes.push_back({132, height});
        for (std::uint32_t i = 0; i + 1 < 5; ++i) input.edges.push_back({i, i + 1, 42, 42});
        const auto points = layoutGraph(input);
        for (const auto& point : points) QVERIFY(std::abs(point.y - points[0].y) < .5);
    }
    void sweepsLeaveFewerCrossings()
    {
        const auto input = randomGraph(120, 260, 5, false);
        LayeredGraph graph(input);
        const std::size_t before = graph.crossings();
        graph.orderLayers(8, nullptr);
        QVERIFY2(graph.crossings() < before * 3 / 4,
                 qPrintable(QStringLiteral("%1 of %2").arg(graph.crossings()).arg(before)));
    }
    void twoChainsThatWouldCrossAreParted()
    {
        LayoutInput input;
        for (int i = 0; i < 4; ++i) input.boxes.push_back({132, 60});
        input.edges = {{0, 3, 42, 42}, {1, 2, 42, 42}};
        const auto points = layoutGraph(input);
        QCOMPARE(points[0].y < points[1].y, points[3].y < points[2].y);
    }
    void aStoppedLayoutGivesNothing()
    {
        std::atomic<bool> stop{true};
        QVERIFY(layoutGraph(randomGraph(50, 80, 1, false), &stop).empty());
    }

    void levelPortsAreJoinedByAStraightLineAndABackEdgeRunsInTheGap()
    {
        QCOMPARE(routeForward({0, 10}, {50, 10}).kind, WirePath::Kind::Straight);
        QCOMPARE(routeForward({0, 10}, {50, 90}).kind, WirePath::Kind::Curve);
        QVERIFY(leadsBack({500, 42}, {100, 306}));
        // Two rows of cards with 16 between 248 and 264: the wire takes the middle.
        const std::vector<QRectF> cards = {
            {100, 24, 132, 104}, {300, 144, 132, 104}, {100, 264, 132, 82}, {300, 264, 132, 60}};
        const WirePath back = routeBack({500, 66}, {100, 306}, cards, 0);
        QCOMPARE(back.gap, 256.0);
        for (const auto& card : cards) QVERIFY(back.gap < card.top() || back.gap > card.bottom());
        QVERIFY(back.bounds().contains(QRectF(84, 66, 432, 240)));
        QVERIFY(back.distanceTo({300, 256}) < .1);
        QVERIFY(back.distanceTo({300, 200}) > 40);
    }
    void theGridFindsWhatASearchFinds()
    {
        QRandomGenerator random(11);
        LooseGrid grid;
        std::vector<QRectF> rects;
        for (int i = 0; i < 500; ++i) {
            const double size = i % 50 == 0 ? 9'000 : i % 7 == 0 ? 900 : 120;
            rects.emplace_back(random.bounded(20'000) - 10'000, random.bounded(20'000) - 10'000,
                               random.bounded(size) + 1, random.bounded(size) + 1);
            grid.insert(i, rects.back());
        }
        std::set<int> gone;
        for (int i = 0; i < 500; i += 9) {
            grid.remove(i, rects[static_cast<std::size_t>(i)]);
            gone.insert(i);
        }
        for (int query = 0; query < 60; ++query) {
            const QRectF box(random.bounded(20'000) - 10'000, random.bounded(20'000) - 10'000,
                             random.bounded(query % 2 ? 400 : 15'000) + 1, random.bounded(4'000) + 1);
            std::vector<int> found;
            grid.query(box, found);
            std::set<int> met;
            for (const int thing : found) {
                QVERIFY(!gone.count(thing));
                QVERIFY2(met.insert(thing).second, "once each");
            }
            for (int i = 0; i < 500; ++i)
                if (!gone.count(i) && rects[static_cast<std::size_t>(i)].intersects(box)) QVERIFY(met.count(i));
        }
    }
    void lettersInOrderMatchAndStartsOfWordsWin()
    {
        const auto score = [](const char* word, const char* text) {
            return fuzzyMatch(QString::fromLatin1(word), QString::fromLatin1(text)).score;
        };
        QVERIFY(score("cmap", "colour map") > 0);
        QCOMPARE(score("pamc", "colour map"), 0);
        QVERIFY(score("BLUR", "blur") > 0);
        QVERIFY(score("map", "colour map") > score("map", "my alpha"));
        QVERIFY(score("en", "encode") > score("en", "open"));
        QVERIFY(score("edge", "edges") > score("edge", "embedding"));
        QCOMPARE(fuzzyMatch(QStringLiteral("cm"), QStringLiteral("colour map")).letters, (std::vector<int>{0, 7}));
    }
};

QTEST_GUILESS_MAIN(TestGraphLayout)
#include "tst_graph_layout.moc"
