// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The strips of the run and of the status bar.
#include "tests/support/panel_hand.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/common/buttons.h"
#include "widgets/common/state_bar.h"
#include "widgets/pages/run_strip.h"
#include "widgets/pages/run_words.h"
#include "widgets/pages/status_strip.h"

#include <QSignalSpy>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;
using types::TaskState;

class TestStrips : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tests::theme(); }
    void theTimeLeftFollowsFromTheRate();
    void aRunIsChosenFromTheList();
    void theListKeepsUpWithNewRuns();
    void theStripSaysWhatIsDone();
    void withoutARunTheStripSaysWhatToDo();
    void aNarrowStripKeepsItsBar();
    void theStatusSaysEverythingWhereThereIsRoom();
    void theStatusLeavesWordsThenPartsOut();
    void theStatusCountsLostNodes();
    void aHeadThatFailedSaysWhy();
    void aHeadThatStartsSaysSo();
    void aFinishedRunCountsWhatIsDone();
    void itLooksLikeTheMock();
};

void TestStrips::theTimeLeftFollowsFromTheRate()
{
    auto run = tests::run(1, 516); // half of 1,032
    QCOMPARE(RunStrip::remaining(run, tests::kBegin + 6 * base::kSecond), QStringLiteral("0:06"));
    run.counts[static_cast<std::size_t>(TaskState::Finished)] = 0;
    QCOMPARE(RunStrip::remaining(run, tests::kBegin + 6 * base::kSecond), QString()); // no rate yet
    QCOMPARE(RunStrip::remaining(tests::run(1, 1'032, types::RunState::Succeeded), tests::kBegin + 20 * base::kSecond),
             QString());
    auto slow = tests::run(1, 1);
    QCOMPARE(RunStrip::remaining(slow, tests::kBegin + base::kSecond), QStringLiteral("17:11"));
}

void TestStrips::aRunIsChosenFromTheList()
{
    RunModel model;
    RunStrip strip(model);
    auto update = tests::scene();
    update.run = tests::runId(2);
    update.runs = {tests::run(1, 1'032, types::RunState::Succeeded), tests::run(2, 10)};
    model.take(update);
    QVERIFY(tests::showAt(strip, 1340, 32));
    QSignalSpy wished(&strip, &RunStrip::showRunRequested);
    QCOMPARE(strip.runButton()->currentText(), QStringLiteral("Run 2 · live"));
    QCOMPARE(strip.runButton()->itemText(1), QStringLiteral("Run 1 · done"));
    strip.runButton()->setFocus();
    QTest::keyClick(strip.runButton(), Qt::Key_Down);
    QCOMPARE(wished.size(), 1);
    QCOMPARE(wished[0][0].value<base::RunId>(), tests::runId(1));
}

void TestStrips::theListKeepsUpWithNewRuns()
{
    RunModel model;
    RunStrip strip(model);
    model.take(tests::scene());
    QVERIFY(tests::showAt(strip, 1340, 32));
    QCOMPARE(strip.runButton()->count(), 1);
    RunUpdate more;
    more.run = tests::runId(2);
    more.runs = {tests::run(2, 0)};
    model.take(more);
    QTRY_COMPARE(strip.runButton()->count(), 2);
    QCOMPARE(strip.runButton()->currentText(), QStringLiteral("Run 2 · live"));
    RunUpdate ended;
    ended.runs = {tests::run(2, 1'032, types::RunState::Failed)};
    model.take(ended);
    QTRY_COMPARE(strip.runButton()->currentText(), QStringLiteral("Run 2 · failed"));
}

void TestStrips::theStripSaysWhatIsDone()
{
    RunModel model;
    RunStrip strip(model);
    model.take(tests::scene());
    QVERIFY(tests::showAt(strip, 1340, 32));
    QCOMPARE(strip.accessibleName(), QStringLiteral("Run 1 · live, 595 of 1032 tasks done"));
}

void TestStrips::withoutARunTheStripSaysWhatToDo()
{
    RunModel model;
    RunStrip strip(model);
    QVERIFY(tests::showAt(strip, 1340, 32));
    QVERIFY(!strip.runButton()->isVisible());
    QVERIFY(!strip.findChild<StateBar*>()->isVisible());
    model.take(tests::scene());
    QTRY_VERIFY(strip.runButton()->isVisible());
}

void TestStrips::aNarrowStripKeepsItsBar()
{
    RunModel model;
    RunStrip strip(model);
    model.take(tests::scene());
    for (const int width : {1340, 800, 600, 400}) {
        QVERIFY(tests::showAt(strip, width, 32));
        const QRect bar = strip.findChild<StateBar*>()->geometry();
        QVERIFY(bar.width() >= 60 && bar.right() < width);
        QCOMPARE(strip.runButton()->isVisible(), width > 620);
        QVERIFY(!strip.runButton()->isVisible() || strip.runButton()->geometry().right() < bar.left());
    }
}

void TestStrips::theStatusSaysEverythingWhereThereIsRoom()
{
    RunModel model;
    StatusStrip strip(model);
    model.take(tests::scene());
    QVERIFY(tests::showAt(strip, 1920, 24));
    QCOMPARE(strip.shownTexts().join(QStringLiteral(" | ")),
             QStringLiteral("local head | 3 nodes | CPU 98 % | Store 0.12 / 1.3 GiB | 10 running | 100 ready | 327 "
                            "waiting | 0 failed | 412 events/s | lag 38 ms"));
}

void TestStrips::theStatusLeavesWordsThenPartsOut()
{
    RunModel model;
    StatusStrip strip(model);
    model.take(tests::scene());
    QVERIFY(tests::showAt(strip, 680, 24));
    QStringList texts = strip.shownTexts();
    QVERIFY2(texts.contains(QStringLiteral("3 nodes")) && texts.contains(QStringLiteral("CPU 98 %")) &&
                 texts.contains(QStringLiteral("10")) && texts.contains(QStringLiteral("lag 38 ms")),
             qPrintable(texts.join(u'|')));
    QVERIFY(!texts.contains(QStringLiteral("10 running")) && !texts.contains(QStringLiteral("412 events/s")));
    strip.resize(320, 24);
    texts = strip.shownTexts();
    QVERIFY2(texts.size() < 7 && texts.contains(QStringLiteral("10")), qPrintable(texts.join(u'|')));
}

void TestStrips::theStatusCountsLostNodes()
{
    RunModel model;
    StatusStrip strip(model);
    auto update = tests::scene();
    update.nodes[1].state = types::NodeState::Dead;
    update.nodes[1].why = "its process was killed by signal 9 (Killed)";
    update.nodes[1].cpuShare = 0;
    model.take(update);
    QVERIFY(tests::showAt(strip, 1920, 24));
    QVERIFY(strip.shownTexts().contains(QStringLiteral("2 of 3 nodes")));
    QVERIFY(strip.shownTexts().contains(QStringLiteral("CPU 98 %"))); // the dead one has no say
}

void TestStrips::aHeadThatFailedSaysWhy()
{
    RunModel model;
    StatusStrip strip(model);
    auto update = tests::scene();
    update.link = LinkState::Failed;
    update.linkText = QStringLiteral("The socket's folder is not writable.");
    model.take(update);
    QVERIFY(tests::showAt(strip, 1920, 24));
    QCOMPARE(strip.shownTexts(), QStringList{update.linkText});
    QTRY_COMPARE(strip.accessibleName(), update.linkText);
}

void TestStrips::aHeadThatStartsSaysSo()
{
    RunModel model;
    StatusStrip strip(model);
    QVERIFY(tests::showAt(strip, 1920, 24));
    QCOMPARE(strip.shownTexts(), QStringList{QStringLiteral("Starting the head...")});
}

void TestStrips::aFinishedRunCountsWhatIsDone()
{
    RunModel model;
    StatusStrip strip(model);
    auto update = tests::scene();
    update.runs = {tests::run(1, 1'032, types::RunState::Succeeded)};
    update.runs[0].reexecuted = 118;
    model.take(update);
    QVERIFY(tests::showAt(strip, 1920, 24));
    const QStringList texts = strip.shownTexts();
    QVERIFY(texts.contains(QStringLiteral("1,032 done")) && texts.contains(QStringLiteral("118 recomputed")) &&
            !texts.contains(QStringLiteral("0 running")));
}

void TestStrips::itLooksLikeTheMock()
{
    RunModel model;
    QWidget both;
    RunStrip run(model, &both);
    StatusStrip status(model, &both);
    model.take(tests::scene());
    QVERIFY(tests::showAt(both, 1340, 60));
    for (const int width : {1340, 800, 480}) {
        both.resize(width, 60);
        run.setGeometry(0, 0, width, 32);
        status.setGeometry(0, 34, width, 24);
        QVERIFY(tests::shoot(both, QStringLiteral("strips-%1").arg(width)));
    }
}

QTEST_MAIN(TestStrips)
#include "tst_strips.moc"
