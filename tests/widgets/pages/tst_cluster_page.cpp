// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/panel_hand.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/pages/cluster_page.h"
#include "widgets/pages/cluster_panel.h"
#include "widgets/pages/node_card.h"
#include "widgets/pages/worker_heat.h"

#include <QTest>

#include <numeric>

using namespace orrery;
using namespace orrery::widgets;

namespace {

types::Attempt ran(base::TimeNs startNs, base::TimeNs endNs, std::uint32_t row, std::uint16_t track)
{
    types::Attempt made;
    made.row = made.mapIndex = row;
    made.worker = track;
    made.submitNs = made.startNs = startNs;
    made.endNs = endNs;
    return made;
}

// Worker 0 was busy from 12.5 s to 10 s before now, worker 4 runs something for 2 s.
RunUpdate withSpans()
{
    auto update = tests::scene();
    types::SpanBuilder builder;
    builder.add(ran(update.nowNs - 12'500 * base::kMillisecond, update.nowNs - 10 * base::kSecond, 1, 0));
    builder.setOpen(4, {{2, 2, 0, 1, update.nowNs - 2 * base::kSecond}});
    update.spans = builder.snapshot();
    return update;
}

} // namespace

class TestClusterPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void busySharesAddUpToTheTimeThatWasSpent()
    {
        const auto update = withSpans();
        const auto from = update.nowNs - kHeatNs;
        const auto ended = busyShares(*update.spans->find(0), from, update.nowNs, kHeatCells);
        QCOMPARE(ended.size(), kHeatCells);
        const auto seconds = [](const std::vector<double>& shares) { return std::accumulate(shares.begin(), shares.end(), 0.0) * static_cast<double>(kHeatCellNs) / base::kSecond; };
        QVERIFY(std::abs(seconds(ended) - 2.5) < 1e-6);
        QCOMPARE(ended[95], 1.0); // 12.5 s to 12 s ago
        QCOMPARE(ended[94], 0.0);
        QCOMPARE(ended[100], 0.0);
        QVERIFY(std::abs(seconds(busyShares(*update.spans->find(4), from, update.nowNs, kHeatCells)) - 2) < 1e-6);
        // What began before counts from the edge; other cells, the same sum.
        QVERIFY(std::abs(busyShares(*update.spans->find(0), update.nowNs - 11 * base::kSecond, update.nowNs, 11)[0] - 1) < 1e-6);
        QVERIFY(busyShares(*update.spans->find(0), from, from, 4) == std::vector<double>(4, 0.0));
    }

    void cardsStandInARowAndWorkersBelow()
    {
        tests::theme().setReduceMotion(true);
        RunModel run;
        Selection selection;
        run.take(withSpans());
        ClusterPage page(run, selection);
        QVERIFY(tests::showAt(page, 1200, 500));
        QCOMPARE(page.nodes().order(), (QList<std::uint16_t>{0, 1, 2}));
        const auto* first = page.nodes().card(0);
        const auto* last = page.nodes().card(2);
        QCOMPARE(first->y(), last->y());
        QVERIFY(first->width() > 300 && first->width() == last->width());
        QCOMPARE(page.heat().rows(), 10u);
        const QRect cells = page.heat().rowRect(0);
        const QPoint at(cells.left() + cells.width() * 95 / 120 + cells.width() / 240, cells.center().y());
        QCOMPARE(page.heat().tip(at), QStringLiteral("A worker 1, 13 s ago: 100 % busy"));
        QVERIFY(page.heat().tip(QPoint(20, cells.center().y())).isEmpty());
        const QImage picture = page.heat().grab().toImage();
        QVERIFY(picture.pixel(at) != picture.pixel(cells.left() + 3, cells.center().y()));
        QTest::mouseClick(&page.heat(), Qt::LeftButton, {}, page.heat().rowRect(4).center());
        QCOMPARE(selection.worker(), std::optional<std::uint16_t>(4));
        QVERIFY(tests::shoot(page, QStringLiteral("cluster-page")));
    }
};

QTEST_MAIN(TestClusterPage)
#include "tst_cluster_page.moc"
