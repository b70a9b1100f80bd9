// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/panel_hand.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/pages/cluster_panel.h"
#include "widgets/pages/node_card.h"

#include <QContextMenuEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

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

// Of the menu that is open.
QStringList entryTexts()
{
    QStringList texts;
    const auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    for (const QAction* action : menu ? menu->actions() : QList<QAction*>())
        if (!action->isSeparator()) texts << action->text();
    return texts;
}

QAction* entryOf(QMenu* menu, const QString& text)
{
    for (QAction* action : menu->actions())
        if (action->text() == text) return action;
    return nullptr;
}

bool choose(const QString& text)
{
    auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    QAction* action = menu ? entryOf(menu, text) : nullptr;
    if (action) QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
    return action != nullptr;
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
    void aNodeThatWasTakenOutIsNotLost();
    void thePlugListsTheNodeAndItsLivingWorkers();
    void thePlugKillsTheNode();
    void aWorkerHasAMenuOfItsOwn();
    void theMenuOfACardRemovesKillsAndAdds();
    void aLostNodeOffersNothingThatCannotBeDone();
    void theKeyboardGoesFromCardToCardAndOpensTheMenu();
    void aReasonDisablesThePlugAndIsItsToolTip();
    void aNodeWithoutWorkersCanBeKilledToo();
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

void TestClusterPanel::aNodeThatWasTakenOutIsNotLost()
{
    Stage stage;
    QVERIFY(stage.show());
    auto update = withLostNode();
    update.nodes[2].why.clear();
    stage.run.take(update);
    QTRY_COMPARE(stage.panel.order(), (QList<std::uint16_t>{0, 1}));
    QCOMPARE(stage.panel.facts(), QStringLiteral("2 nodes · 8 workers"));
}

void TestClusterPanel::thePlugListsTheNodeAndItsLivingWorkers()
{
    Stage stage;
    auto update = tests::scene();
    update.workers[5].alive = false; // long ago
    stage.run.take(update);
    QVERIFY(stage.show());
    QSignalSpy killed(&stage.panel, &ClusterPanel::killWorkerRequested);
    QTest::mouseClick(stage.panel.card(1)->plugButton(), Qt::LeftButton);
    const auto texts = entryTexts();
    QCOMPARE(texts.size(), 4); // the node, tracks 4, 6 and 7
    QVERIFY2(texts[0].startsWith(QStringLiteral("Node B · 3 of 3 busy · pid ")), qPrintable(texts[0]));
    QCOMPARE(texts[2], QStringLiteral("Worker 3 · imaging.render · pid 4006"));
    QVERIFY(choose(texts[2]));
    QCOMPARE(killed.size(), 1);
    QCOMPARE(killed[0][0].value<quint16>(), quint16{6});
}

void TestClusterPanel::thePlugKillsTheNode()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy killed(&stage.panel, &ClusterPanel::killNodeRequested);
    QTest::mouseClick(stage.panel.card(2)->plugButton(), Qt::LeftButton);
    QVERIFY(choose(entryTexts()[0]));
    QCOMPARE(killed.size(), 1);
    QCOMPARE(killed[0][0].value<quint16>(), quint16{2});
}

void TestClusterPanel::aWorkerHasAMenuOfItsOwn()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy killed(&stage.panel, &ClusterPanel::killWorkerRequested);
    NodeCard* card = stage.panel.card(1);
    const QPoint at = card->workerRect(6).center();
    QContextMenuEvent asked(QContextMenuEvent::Mouse, at, card->mapToGlobal(at));
    QApplication::sendEvent(card, &asked);
    QCOMPARE(entryTexts(), (QStringList{QStringLiteral("Show worker 3"), QStringLiteral("Kill worker 3 without warning")}));
    QVERIFY(choose(QStringLiteral("Kill worker 3 without warning")));
    QCOMPARE(killed.size(), 1);
    QCOMPARE(killed[0][0].value<quint16>(), quint16{6});
}

void TestClusterPanel::theMenuOfACardRemovesKillsAndAdds()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy removed(&stage.panel, &ClusterPanel::removeNodeRequested), killed(&stage.panel, &ClusterPanel::killNodeRequested),
        added(&stage.panel, &ClusterPanel::addNodeRequested);
    NodeCard* card = stage.panel.card(1);
    const auto open = [card] { QTest::mouseClick(card->findChild<QToolButton*>(QStringLiteral("more")), Qt::LeftButton); };
    open();
    QVERIFY(choose(QStringLiteral("Remove node B")));
    open();
    QVERIFY(choose(QStringLiteral("Pull the plug on node B")));
    open();
    QVERIFY(choose(QStringLiteral("Add a node on this computer")));
    QCOMPARE(removed.size(), 1);
    QCOMPARE(removed[0][0].value<quint16>(), quint16{1});
    QCOMPARE(killed.size(), 1);
    QCOMPARE(added.size(), 1);
    auto leaving = tests::scene();
    leaving.nodes[1].state = types::NodeState::Draining;
    stage.run.take(leaving);
    QTRY_VERIFY2(card->summary().contains(QStringLiteral("leaving, 4 of 4 busy")), qPrintable(card->summary()));
    QVERIFY(!entryOf(card->moreMenu(), QStringLiteral("Remove node B"))->isEnabled());
    stage.panel.setCanRemove({false, "A recorded run has no nodes."});
    auto* kill = entryOf(card->moreMenu(), QStringLiteral("Pull the plug on node B"));
    QVERIFY(!kill->isEnabled());
    QCOMPARE(kill->toolTip(), QStringLiteral("A recorded run has no nodes."));
}

void TestClusterPanel::aLostNodeOffersNothingThatCannotBeDone()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.run.take(withLostNode());
    QTRY_VERIFY(stage.panel.card(2)->isLost());
    QVERIFY(!stage.panel.card(2)->plugButton()->isVisible());
    for (const auto* action : stage.panel.card(2)->moreMenu()->actions()) {
        QVERIFY(!action->text().contains(QStringLiteral("Remove")));
        QVERIFY(!action->text().contains(QStringLiteral("plug")));
    }
}

void TestClusterPanel::theKeyboardGoesFromCardToCardAndOpensTheMenu()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.panel.card(0)->setFocus();
    QTest::keyClick(stage.panel.card(0), Qt::Key_Down);
    QVERIFY(stage.panel.card(1)->hasFocus());
    QTest::keyClick(stage.panel.card(1), Qt::Key_Return);
    QVERIFY(entryTexts().contains(QStringLiteral("Remove node B")));
    QApplication::activePopupWidget()->close();
    QTest::keyClick(stage.panel.card(1), Qt::Key_Up);
    QVERIFY(stage.panel.card(0)->hasFocus());
}

void TestClusterPanel::aReasonDisablesThePlugAndIsItsToolTip()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.panel.setCanRemove({false, "A recorded run has no workers."});
    QVERIFY(!stage.panel.card(0)->plugButton()->isEnabled());
    QCOMPARE(stage.panel.card(0)->plugButton()->toolTip(), QStringLiteral("A recorded run has no workers."));
    stage.panel.setCanRemove({});
    QVERIFY(stage.panel.card(0)->plugButton()->isEnabled());
}

void TestClusterPanel::aNodeWithoutWorkersCanBeKilledToo()
{
    Stage stage(false);
    auto update = tests::scene();
    update.workers.clear();
    stage.run.take(update);
    QVERIFY(stage.show());
    QVERIFY(stage.panel.card(0)->plugButton()->isEnabled());
    QTest::mouseClick(stage.panel.card(0)->plugButton(), Qt::LeftButton);
    const auto texts = entryTexts();
    QCOMPARE(texts.size(), 1);
    QVERIFY2(texts[0].startsWith(QStringLiteral("Node A · no workers · pid ")), qPrintable(texts[0]));
    QApplication::activePopupWidget()->close();
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
