// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/panel_hand.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/pages/cluster_panel.h"
#include "widgets/pages/node_card.h"

#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

struct Stage {
    RunModel run;
    Selection selection;
    ClusterPanel panel{(tests::theme(), run), selection};

    explicit Stage(bool told = true)
    {
        tests::theme().setReduceMotion(true);
        if (told) run.take(tests::scene());
    }
    bool show() { return tests::showAt(panel, 256, 476); }
};

RunUpdate withLostNode()
{
    auto update = tests::scene();
    update.nodes[2].state = types::NodeState::Dead;
    update.nodes[2].why = "the connection was closed";
    update.nodes[2].heartbeatNs = update.nowNs - 4'500 * base::kMillisecond;
    for (auto& worker : update.workers)
        if (worker.node == 2) {
            worker.alive = false;
            worker.endNs = update.nowNs - 4'400 * base::kMillisecond;
        }
    return update;
}

} // namespace

class TestClusterPanel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void eachNodeHasACardAndTheHeadCounts();
    void withoutANodeTheReasonIsSaid();
    void aCardSaysItsFigures();
    void theNodeBesideTheHeadSaysSo();
    void aNewNodeDropsIn();
    void aLostNodeGreysAndStandsFirst();
    void aNodeThatIsGoneLeaves();
    void thePlugListsLivingWorkersAndKillsTheChosenOne();
    void aReasonDisablesThePlugAndIsItsToolTip();
    void aNodeWithoutWorkersHasNoPlugToPull();
    void aSquareSelectsItsWorker();
    void anEndedWorkerIsCrossedForAMoment();
    void manyWorkersFitTheCard();
    void plusAsksForANode();
    void aReasonDisablesPlus();
    void hiddenItIsNotRead();
};

void TestClusterPanel::eachNodeHasACardAndTheHeadCounts()
{
    Stage stage;
    QVERIFY(stage.show());
    QCOMPARE(stage.panel.order(), (QList<std::uint16_t>{0, 1, 2}));
    QCOMPARE(stage.panel.facts(), QStringLiteral("3 nodes · 10 workers"));
    QCOMPARE(stage.panel.card(0)->size(), QSize(240, 132)); // of the design
    QCOMPARE(stage.panel.card(1)->y() - stage.panel.card(0)->y(), 140);
    QVERIFY(!stage.panel.card(7));
}

void TestClusterPanel::withoutANodeTheReasonIsSaid()
{
    Stage stage(false);
    QVERIFY(stage.show());
    const auto says = [&](const QString& text) {
        for (const auto* label : stage.panel.findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(text)) return true;
        return false;
    };
    QVERIFY(says(QStringLiteral("starting")));
    RunUpdate failed;
    failed.link = LinkState::Failed;
    failed.linkText = QStringLiteral("Port 4317 is taken by another program.");
    stage.run.take(failed);
    QTRY_VERIFY(says(failed.linkText));
    RunUpdate up;
    stage.run.take(up);
    QTRY_VERIFY(says(QStringLiteral("No node yet")));
    QSignalSpy wished(&stage.panel, &ClusterPanel::addNodeRequested);
    QPushButton* action = nullptr;
    for (auto* button : stage.panel.findChildren<QPushButton*>())
        if (button->isVisible()) action = button;
    QVERIFY(action);
    QTest::mouseClick(action, Qt::LeftButton);
    QCOMPARE(wished.size(), 1);
}

void TestClusterPanel::theNodeBesideTheHeadSaysSo()
{
    Stage stage;
    QVERIFY(stage.show());
    const auto beside = [&] {
        QList<std::uint16_t> nodes;
        for (const auto node : stage.panel.order())
            if (stage.panel.card(node)->isOfHead()) nodes << node;
        return nodes;
    };
    QVERIFY(beside().isEmpty()); // where the head is, is not known
    const QImage without = stage.panel.card(0)->grab().toImage();
    stage.panel.setHeadHost(QStringLiteral("here"));
    QTRY_COMPARE(beside(), QList<std::uint16_t>{0}); // one, not every node of that computer
    QVERIFY(stage.panel.card(0)->accessibleName().startsWith(QStringLiteral("Node A, local (head), ")));
    QVERIFY(stage.panel.card(0)->grab().toImage() != without);
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("cluster-head")));
    auto moved = tests::scene();
    moved.nodes[0].host = "elsewhere";
    moved.nodes[1].state = types::NodeState::Dead;
    stage.run.take(moved);
    QTRY_COMPARE(beside(), QList<std::uint16_t>{2});
    stage.panel.setHeadHost({});
    QTRY_VERIFY(beside().isEmpty());
}

void TestClusterPanel::aCardSaysItsFigures()
{
    Stage stage;
    QVERIFY(stage.show());
    QCOMPARE(stage.panel.card(0)->summary(), QStringLiteral("Node A, local, 4 of 4 busy, CPU 98 %"));
    QCOMPARE(stage.panel.card(0)->accessibleName(), stage.panel.card(0)->summary());
}

void TestClusterPanel::aNewNodeDropsIn()
{
    Stage stage;
    QVERIFY(stage.show());
    tests::theme().setReduceMotion(false);
    auto update = tests::scene();
    update.nodes.push_back(tests::node(3, 1, update.nowNs));
    update.workers.push_back(tests::worker(10, 3, ""));
    stage.run.take(update);
    QTRY_VERIFY(stage.panel.card(3));
    QVERIFY(!stage.panel.card(3)->plugButton()->isVisible()); // not while it falls
    QTRY_VERIFY(stage.panel.card(3)->plugButton()->isVisible());
    QVERIFY(stage.panel.card(0)->plugButton()->isVisible()); // the others never moved
}

void TestClusterPanel::aLostNodeGreysAndStandsFirst()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.run.take(withLostNode());
    QTRY_COMPARE(stage.panel.order(), (QList<std::uint16_t>{2, 0, 1}));
    NodeCard* lost = stage.panel.card(2);
    QVERIFY(lost->isLost());
    QVERIFY2(lost->summary().contains(QStringLiteral("lost 4.5 s ago")), qPrintable(lost->summary()));
    QVERIFY(!lost->plugButton()->isEnabled());
    QCOMPARE(stage.panel.facts(), QStringLiteral("2 of 3 nodes · 8 workers"));
    const QImage grey = lost->grab().toImage(), well = stage.panel.card(0)->grab().toImage();
    QCOMPARE(QColor(grey.pixel(2, 60)), color(Token::Failed)); // the bar at the side
    QCOMPARE(QColor(well.pixel(2, 60)), color(Token::Succeeded));
    QTRY_COMPARE(lost->y(), 8); // above the others
}

void TestClusterPanel::aNodeThatIsGoneLeaves()
{
    Stage stage;
    QVERIFY(stage.show());
    auto update = tests::scene();
    update.nodes.pop_back();
    stage.run.take(update);
    QTRY_COMPARE(stage.panel.order(), (QList<std::uint16_t>{0, 1}));
    QVERIFY(!stage.panel.card(2));
}

void TestClusterPanel::thePlugListsLivingWorkersAndKillsTheChosenOne()
{
    Stage stage;
    auto update = tests::scene();
    update.workers[5].alive = false; // long ago
    stage.run.take(update);
    QVERIFY(stage.show());
    QSignalSpy killed(&stage.panel, &ClusterPanel::killWorkerRequested);
    QTest::mouseClick(stage.panel.card(1)->plugButton(), Qt::LeftButton);
    QMenu* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    QVERIFY(menu);
    QList<QAction*> entries;
    for (QAction* action : menu->actions())
        if (!action->isSeparator()) entries << action;
    QCOMPARE(entries.size(), 3); // tracks 4, 6 and 7
    QCOMPARE(entries[1]->text(), QStringLiteral("Worker 3 · imaging.render · pid 4006"));
    QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(entries[1]).center());
    QCOMPARE(killed.size(), 1);
    QCOMPARE(killed[0][0].value<quint16>(), quint16{6});
}

void TestClusterPanel::aReasonDisablesThePlugAndIsItsToolTip()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.panel.setCanKill({false, "A recorded run has no workers."});
    QVERIFY(!stage.panel.card(0)->plugButton()->isEnabled());
    QCOMPARE(stage.panel.card(0)->plugButton()->toolTip(), QStringLiteral("A recorded run has no workers."));
    stage.panel.setCanKill({});
    QVERIFY(stage.panel.card(0)->plugButton()->isEnabled());
}

void TestClusterPanel::aNodeWithoutWorkersHasNoPlugToPull()
{
    Stage stage(false);
    auto update = tests::scene();
    update.workers.clear();
    stage.run.take(update);
    QVERIFY(stage.show());
    QVERIFY(!stage.panel.card(0)->plugButton()->isEnabled());
    QVERIFY(stage.panel.card(0)->plugButton()->toolTip().contains(QStringLiteral("no worker")));
}

void TestClusterPanel::aSquareSelectsItsWorker()
{
    Stage stage;
    QVERIFY(stage.show());
    NodeCard* card = stage.panel.card(1);
    QTest::mouseClick(card, Qt::LeftButton, {}, card->workerRect(6).center());
    QCOMPARE(stage.selection.worker(), std::optional<std::uint16_t>(6));
    QTest::mouseClick(card, Qt::LeftButton, {}, QPoint(120, 120)); // beside them
    QCOMPARE(stage.selection.worker(), std::optional<std::uint16_t>(6));
}

void TestClusterPanel::anEndedWorkerIsCrossedForAMoment()
{
    Stage stage;
    QVERIFY(stage.show());
    RunUpdate update;
    update.nowNs = tests::scene().nowNs;
    auto ended = tests::worker(6, 1, "");
    ended.alive = false;
    ended.exit = "killed by signal 9";
    ended.endNs = update.nowNs - base::kSecond;
    update.workers = {ended, tests::worker(10, 1, "imaging.render")}; // and the one that takes its place
    stage.run.take(update);
    NodeCard* card = stage.panel.card(1);
    QTRY_VERIFY(!card->workerRect(10).isEmpty());
    QVERIFY(!card->workerRect(6).isEmpty());
    QVERIFY(card->summary().contains(QStringLiteral("4 of 4 busy")));
    RunUpdate later;
    later.nowNs = update.nowNs + 10 * base::kSecond;
    later.nodes = tests::scene().nodes;
    stage.run.take(later);
    QTRY_VERIFY(card->workerRect(6).isEmpty());
}

void TestClusterPanel::manyWorkersFitTheCard()
{
    Stage stage(false);
    auto update = tests::scene();
    update.workers.clear();
    for (std::uint16_t track = 0; track < 24; ++track)
        update.workers.push_back(tests::worker(track, 0, "imaging.render"));
    stage.run.take(update);
    QVERIFY(stage.show());
    QVERIFY(!stage.panel.card(0)->workerRect(23).isEmpty());
    QVERIFY(stage.panel.card(0)->workerRect(23).right() < 240 - 90); // left of the words
    for (std::uint16_t track = 24; track < 96; ++track) update.workers.push_back(tests::worker(track, 0, ""));
    stage.run.take(update);
    QTRY_VERIFY(stage.panel.card(0)->workerRect(23).isEmpty()); // a bar stands for them
    QCOMPARE(stage.panel.card(0)->summary(), QStringLiteral("Node A, local, 24 of 96 busy, CPU 98 %"));
    const QImage picture = stage.panel.card(0)->grab().toImage();
    const QColor busy(picture.pixel(20, 40)), idle(picture.pixel(100, 40));
    QVERIFY(busy != idle);
    QCOMPARE(idle, color(Token::BarEmpty));
}

void TestClusterPanel::plusAsksForANode()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy wished(&stage.panel, &ClusterPanel::addNodeRequested);
    QTest::mouseClick(stage.panel.findChild<QToolButton*>(QStringLiteral("addNode")), Qt::LeftButton);
    QCOMPARE(wished.size(), 1);
}

void TestClusterPanel::aReasonDisablesPlus()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.panel.setCanAdd({false, "Another machine's head adds nodes there."});
    QSignalSpy wished(&stage.panel, &ClusterPanel::addNodeRequested);
    auto* plus = stage.panel.findChild<QToolButton*>(QStringLiteral("addNode"));
    QTest::mouseClick(plus, Qt::LeftButton);
    QCOMPARE(wished.size(), 0);
    QCOMPARE(plus->toolTip(), QStringLiteral("Another machine's head adds nodes there."));
}

void TestClusterPanel::hiddenItIsNotRead()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.panel.hide();
    stage.run.take(withLostNode());
    QTest::qWait(2 * kFrameMs);
    QVERIFY(!stage.panel.card(2)->isLost());
    stage.panel.show(); // catches up at once
    QVERIFY(stage.panel.card(2)->isLost());
}

QTEST_MAIN(TestClusterPanel)
#include "tst_cluster_panel.moc"
