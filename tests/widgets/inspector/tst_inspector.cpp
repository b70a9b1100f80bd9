// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/widgets/inspector/inspector_stage.h"
#include "widgets/common/buttons.h"
#include "widgets/common/key_value_list.h"
#include "widgets/common/tab_bar.h"
#include "widgets/common/value_preview.h"
#include "widgets/inspector/attempts_list.h"
#include "widgets/inspector/inputs_page.h"
#include "widgets/inspector/inspector_head.h"
#include "widgets/inspector/log_page.h"
#include "widgets/inspector/output_chooser.h"
#include "widgets/inspector/params_page.h"
#include "widgets/inspector/value_page.h"
#include "widgets/inspector/why_page.h"

#include <QAbstractButton>
#include <QLabel>
#include <QSignalSpy>

using namespace orrery;
using namespace orrery::widgets;
using tests::InspectorStage;
using Page = InspectorPanel::Page;

namespace {

QString valueOf(const QList<KeyValue>& rows, const QString& key)
{
    for (const KeyValue& row : rows)
        if (row.key == key) return row.value;
    return {};
}

void clickTab(InspectorPanel& panel, Page page)
{
    auto* tabs = panel.findChild<TabBar*>();
    const int at = static_cast<int>(panel.pages().indexOf(page));
    QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(at).center());
}

} // namespace

class TestInspector : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingSelectedSaysWhatStandsHere();
    void aTaskShowsItsValueItsPlaceAndItsAttempts();
    void aTaskThatWasMadeAgainShowsBothAttempts();
    void aVertexOfAFinishedRunShowsItsResult();
    void aSinkWithoutOutputsShowsWhatItTookIn();
    void eachOutputIsChosenByMouseOrKeys();
    void namesThatDoNotFitAreAList();
    void openAndSaveTellTheObjectAndAName();
    void aMapAsAWholeShowsItsCounts();
    void aTaskThatHasNotRunSaysSo();
    void whyTellsTheWayOfAnAttempt();
    void whyTellsTheErrorOfAFailure();
    void anInputLeadsToTheTaskOfTheSameIndex();
    void anInputOfAVertexLeadsToTheVertex();
    void theLogHasTheLinesOfThisTaskOnly();
    void aWorkerShowsWhatItIs();
    void onlyPagesWithContentHaveATab();
    void theChosenPageStaysFromOneSelectionToTheNext();
    void anAnswerAboutAnEarlierSelectionIsNotShown();
    void hiddenItAsksNothing();
    void itLooksLikeTheMock();
};

void TestInspector::nothingSelectedSaysWhatStandsHere()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    QVERIFY(stage.panel.pages().isEmpty());
    QVERIFY(!stage.panel.head()->isVisible());
    QVERIFY(stage.scene.rows.seen.empty());
}

void TestInspector::aTaskShowsItsValueItsPlaceAndItsAttempts()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    stage.selectTask("render", 93);
    QTRY_COMPARE(valueOf(stage.panel.value()->facts(), QStringLiteral("type")), QStringLiteral("tensor"));
    const auto& words = stage.panel.head()->words();
    QCOMPARE(words.title, QStringLiteral("render [93]"));
    QCOMPARE(words.note, QStringLiteral("tile 13,5"));
    QCOMPARE(words.place, QStringLiteral("attempt 1 of 1"));
    QVERIFY(words.id.startsWith(u"T·"));
    QVERIFY(words.glyph == types::TaskState::Finished);
    QCOMPARE(valueOf(stage.panel.value()->facts(), QStringLiteral("bytes")), QStringLiteral("256 KiB"));
    QVERIFY(!stage.panel.value()->preview()->image().isNull());
    const auto& where = stage.panel.value()->where();
    QVERIFY(valueOf(where, QStringLiteral("object")).startsWith(u"O·"));
    QCOMPARE(valueOf(where, QStringLiteral("producer")), QStringLiteral("render [93]"));
    const auto attempts = stage.panel.value()->attempts()->texts();
    QCOMPARE(attempts.size(), 1);
    const auto attempt = stage.scene.store.lastAttempt(stage.scene.row("render", 93));
    QVERIFY2(attempts[0].startsWith(QStringLiteral("1 %1 worker %2")
                                        .arg(RunModel::nodeLetter(stage.scene.workers[attempt->worker].node))
                                        .arg(stage.run.workerNumber(attempt->worker))),
             qPrintable(attempts[0]));
}

void TestInspector::aTaskThatWasMadeAgainShowsBothAttempts()
{
    InspectorStage stage({256, 0, 4});
    QVERIFY(stage.show());
    stage.selectTask("render", 5);
    QTRY_COMPARE(stage.panel.head()->words().place, QStringLiteral("attempt 2 of 2"));
    const auto attempts = stage.panel.value()->attempts()->texts();
    QCOMPARE(attempts.size(), 2);
    QVERIFY2(attempts[0].endsWith(u"cut off"), qPrintable(attempts[0]));
    QVERIFY2(attempts[1].endsWith(u"ms"), qPrintable(attempts[1]));
    QTRY_VERIFY(stage.panel.why()->sentence().contains(u"in attempt 2"));
}

void TestInspector::aVertexOfAFinishedRunShowsItsResult()
{
    InspectorStage stage;
    QVERIFY(stage.show(360, 600));
    stage.selection.selectVertices({QStringLiteral("annotate")});
    QTRY_VERIFY(!stage.panel.value()->preview()->image().isNull());
    QCOMPARE(stage.panel.value()->preview()->object()->row, stage.scene.row("annotate"));
    QCOMPARE(stage.panel.page(), Page::Value);
    QVERIFY(stage.panel.findChild<QWidget*>(QStringLiteral("openValue"))->isVisible());
}

void TestInspector::aSinkWithoutOutputsShowsWhatItTookIn()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    stage.selection.selectVertices({QStringLiteral("save")});
    QTRY_VERIFY(stage.panel.value()->preview()->preview().has_value());
    QCOMPARE(stage.panel.value()->preview()->object()->row, stage.scene.row("png_encode"));
    QCOMPARE(valueOf(stage.panel.value()->where(), QStringLiteral("producer")), QStringLiteral("png_encode"));
}

void TestInspector::eachOutputIsChosenByMouseOrKeys()
{
    InspectorStage stage;
    stage.giveBlurThreeOutputs();
    QVERIFY(stage.show());
    stage.selectTask("blur", 5);
    auto* outputs = stage.panel.value()->outputs();
    auto* preview = stage.panel.value()->preview();
    QTRY_VERIFY(outputs->isVisible());
    const auto names = outputs->findChildren<QAbstractButton*>();
    QCOMPARE(names.size(), 3);
    QCOMPARE(names[1]->text(), QStringLiteral("radius"));
    QCOMPARE(preview->object()->output, std::uint16_t{0});
    QTest::mouseClick(names[1], Qt::LeftButton);
    QTRY_VERIFY(preview->preview() && preview->preview()->text == "radius of 5");
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("inspector-outputs")));
    QSignalSpy saved(&stage.panel, &InspectorPanel::saveRequested);
    QTest::mouseClick(stage.panel.findChild<QAbstractButton*>(QStringLiteral("saveValue")), Qt::LeftButton);
    QCOMPARE(saved[0][1].toString(), QStringLiteral("blur.5.radius"));

    stage.selectTask("blur", 6); // the choice stays for the vertex
    QTRY_VERIFY(preview->preview() && preview->preview()->text == "radius of 6");
    QVERIFY(QTest::qWaitForWindowActive(&stage.panel));
    QVERIFY(names[1]->focusPolicy() & Qt::TabFocus);
    names[1]->setFocus(Qt::TabFocusReason);
    QTest::keyClick(names[1], Qt::Key_Right);
    QTRY_COMPARE(preview->object()->output, std::uint16_t{2});
    QTRY_VERIFY(!preview->problem().isEmpty()); // it was not given, and says so
    stage.selection.selectObject({*stage.selection.task(), 0}, QStringLiteral("blur")); // as the table of objects does
    QTRY_COMPARE(preview->object()->output, std::uint16_t{0});
    QCOMPARE(outputs->current(), 0);
    QTest::mouseClick(names[1], Qt::LeftButton);
    QTRY_COMPARE(stage.selection.object()->output, std::uint16_t{1});
    stage.selectTask("render", 93); // has one
    QTRY_VERIFY(!outputs->isVisible());
    QTRY_COMPARE(preview->object()->output, std::uint16_t{0});
}

void TestInspector::namesThatDoNotFitAreAList()
{
    tests::theme();
    OutputChooser outputs;
    const QStringList names{QStringLiteral("a name that takes"), QStringLiteral("more room than"), QStringLiteral("there is")};
    outputs.setOutputs(names, 1);
    QVERIFY(tests::showAt(outputs, 240, 40));
    auto* list = outputs.findChild<ComboButton*>();
    QVERIFY(list->isVisible() && !outputs.findChild<Segments*>()->isVisible());
    QCOMPARE(list->currentText(), names[1]);
    QVERIFY(list->geometry().right() < outputs.width());
    QSignalSpy chosen(&outputs, &OutputChooser::chosen);
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Down);
    QCOMPARE(chosen.count(), 1);
    QCOMPARE(chosen[0][0].toInt(), 2);
    outputs.resize(480, 40);
    QTRY_VERIFY(!list->isVisible() && outputs.findChild<Segments*>()->isVisible());
    QCOMPARE(outputs.findChild<Segments*>()->current(), 2);
}

void TestInspector::openAndSaveTellTheObjectAndAName()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    QSignalSpy opened(&stage.panel, &InspectorPanel::openRequested),
        saved(&stage.panel, &InspectorPanel::saveRequested);
    stage.selectTask("render", 93);
    QTRY_VERIFY(stage.panel.value()->preview()->preview().has_value());
    for (const char* name : {"openValue", "saveValue"}) {
        auto* button = stage.panel.findChild<QAbstractButton*>(QString::fromLatin1(name));
        QVERIFY(button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
    }
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].value<types::ObjectAddress>().row, stage.scene.row("render", 93));
    QCOMPARE(opened[0][1].toString(), QStringLiteral("render.93.value"));
    QCOMPARE(saved.size(), 1);
    QCOMPARE(saved[0][1].toString(), QStringLiteral("render.93.value"));
}

void TestInspector::aMapAsAWholeShowsItsCounts()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    stage.selection.selectVertices({QStringLiteral("render")});
    QTRY_COMPARE(valueOf(stage.panel.value()->facts(), QStringLiteral("tasks")), QStringLiteral("256"));
    QCOMPARE(stage.panel.head()->words().note, QStringLiteral("×256"));
    QVERIFY(!stage.panel.value()->preview()->isVisible());
    QVERIFY(stage.scene.rows.seen.empty()); // counts are pushed, nothing is asked
}

void TestInspector::aTaskThatHasNotRunSaysSo()
{
    InspectorStage stage({256, 40, 0});
    QVERIFY(stage.show());
    stage.selectTask("edges", 1);
    QTRY_VERIFY(stage.panel.head()->words().glyph == types::TaskState::Failed);
    QVERIFY(!stage.panel.findChild<QWidget*>(QStringLiteral("saveValue"))->isVisible());
    QVERIFY(!stage.panel.value()->preview()->object().has_value());
}

void TestInspector::whyTellsTheWayOfAnAttempt()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    stage.selectTask("render", 93);
    QTRY_VERIFY(stage.panel.why()->sentence() != QStringLiteral("Not told yet.") &&
                stage.panel.pages().contains(Page::Why));
    clickTab(stage.panel, Page::Why);
    QCOMPARE(stage.panel.page(), Page::Why);
    const auto attempt = stage.scene.store.lastAttempt(stage.scene.row("render", 93));
    QVERIFY(stage.panel.why()->isVisible());
    QCOMPARE(valueOf(stage.panel.why()->times(), QStringLiteral("took")),
             QStringLiteral("%1 ms").arg((attempt->endNs - attempt->startNs + 500'000) / 1'000'000));
    QVERIFY(stage.panel.why()->sentence().startsWith(u"Finished on worker"));
}

void TestInspector::whyTellsTheErrorOfAFailure()
{
    InspectorStage stage({256, 40, 0});
    QVERIFY(stage.show());
    stage.selectTask("edges", 1);
    QTRY_VERIFY(stage.panel.why()->sentence() != QStringLiteral("Not told yet.") &&
                stage.panel.pages().contains(Page::Why));
    QVERIFY2(stage.panel.why()->sentence().contains(u"threw"), qPrintable(stage.panel.why()->sentence()));
    bool told = false;
    for (const auto* label : stage.panel.why()->findChildren<QLabel*>())
        told = told || label->text().contains(u"smaller than the kernel");
    QVERIFY(told);
}

void TestInspector::anInputLeadsToTheTaskOfTheSameIndex()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    stage.selectTask("blur", 17);
    QTRY_VERIFY(stage.panel.pages().contains(Page::Inputs));
    clickTab(stage.panel, Page::Inputs);
    QCOMPARE(stage.panel.inputs()->texts().first(), QStringLiteral("tile: render [17]"));
    QSignalSpy revealed(&stage.selection, &Selection::revealed);
    auto* list = stage.panel.inputs()->findChildren<KeyValueList*>().first();
    QTest::mouseClick(list, Qt::LeftButton, {}, QPoint(30 + 88 + 10, 12));
    QTRY_VERIFY(stage.selection.task().has_value() && stage.selection.task()->row == stage.scene.row("render", 17));
    QCOMPARE(stage.selection.vertices(), QStringList{QStringLiteral("render")});
    QTRY_COMPARE(revealed.size(), 1);
}

void TestInspector::anInputOfAVertexLeadsToTheVertex()
{
    InspectorStage stage({}, false);
    QVERIFY(stage.show());
    stage.selection.selectVertices({QStringLiteral("blur")});
    QVERIFY(stage.panel.pages().contains(Page::Inputs));
    stage.panel.inputs()->follow(true, 0);
    QCOMPARE(stage.selection.vertices(), QStringList{QStringLiteral("render")});
    QVERIFY(!stage.selection.task());
}

void TestInspector::theLogHasTheLinesOfThisTaskOnly()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    stage.selectTask("render", 93);
    QTRY_VERIFY(stage.panel.why()->sentence() != QStringLiteral("Not told yet.") &&
                stage.panel.pages().contains(Page::Why));
    QVERIFY(!stage.panel.pages().contains(Page::Log));
    RunUpdate more;
    more.nowNs = stage.run.nowNs();
    for (const auto& [row, text] :
         {std::pair(stage.scene.row("render", 93), "mine"), std::pair(stage.scene.row("render", 94), "another's")})
    {
        types::LogLine line;
        line.row = row;
        line.text = text;
        more.logs.push_back(line);
    }
    stage.run.take(more);
    QTRY_VERIFY(stage.panel.pages().contains(Page::Log));
    QVERIFY(stage.panel.log()->text().contains(u"mine"));
    QVERIFY(!stage.panel.log()->text().contains(u"another's"));
    stage.run.take(more);
    QTRY_COMPARE(stage.panel.log()->lines(), 2); // new lines are added, none twice
}

void TestInspector::aWorkerShowsWhatItIs()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    stage.selection.selectWorker(5);
    QTRY_COMPARE(valueOf(stage.panel.value()->facts(), QStringLiteral("pid")), QStringLiteral("4005"));
    QCOMPARE(stage.panel.head()->words().title, QStringLiteral("worker 2"));
    QCOMPARE(stage.panel.pages(), QList<Page>{Page::Value});
}

void TestInspector::onlyPagesWithContentHaveATab()
{
    InspectorStage stage({}, false);
    QVERIFY(stage.show());
    stage.selection.selectVertices({QStringLiteral("zoom_window")});
    QCOMPARE(stage.panel.pages(), (QList<Page>{Page::Params, Page::Inputs}));
    QCOMPARE(stage.panel.findChild<TabBar*>()->count(), 2);
    QCOMPARE(stage.panel.page(), Page::Params);
}

void TestInspector::theChosenPageStaysFromOneSelectionToTheNext()
{
    InspectorStage stage;
    QVERIFY(stage.show());
    stage.selectTask("render", 93);
    QTRY_VERIFY(stage.panel.why()->sentence() != QStringLiteral("Not told yet.") &&
                stage.panel.pages().contains(Page::Why));
    clickTab(stage.panel, Page::Inputs);
    stage.selectTask("blur", 3);
    QCOMPARE(stage.panel.page(), Page::Inputs);
    stage.selection.selectWorker(1); // has no such page
    QCOMPARE(stage.panel.page(), Page::Value);
    stage.selectTask("render", 94);
    QCOMPARE(stage.panel.page(), Page::Inputs);
}

void TestInspector::anAnswerAboutAnEarlierSelectionIsNotShown()
{
    InspectorStage stage;
    stage.scene.rows.byItself = false;
    QVERIFY(stage.show());
    stage.selectTask("render", 93);
    const auto asked = stage.scene.rows.open;
    QVERIFY(!asked.empty());
    stage.selectTask("render", 94);
    for (const auto& question : asked)
        QVERIFY(std::find(stage.scene.rows.dropped.begin(), stage.scene.rows.dropped.end(), question.ticket) !=
                stage.scene.rows.dropped.end());
    stage.answerTables();
    QTRY_COMPARE(stage.panel.head()->words().title, QStringLiteral("render [94]"));
    QVERIFY(stage.panel.head()->words().fullId ==
            QString::fromStdString(
                base::derive<base::TaskId>(tests::ZoomScene::runId(), stage.scene.vertex("render"), 94).text()));
}

void TestInspector::hiddenItAsksNothing()
{
    InspectorStage stage;
    stage.selectTask("render", 93);
    QTest::qWait(0);
    QVERIFY(stage.scene.rows.seen.empty());
    QVERIFY(stage.show()); // and catches up
    QTRY_COMPARE(stage.panel.head()->words().title, QStringLiteral("render [93]"));
    QVERIFY(!stage.scene.rows.seen.empty());
    stage.panel.hide();
    QVERIFY(stage.settled());
    const auto before = stage.scene.rows.seen.size();
    RunUpdate change;
    change.changes = 2;
    stage.run.take(change);
    stage.selectTask("render", 95);
    QTest::qWait(0);
    QCOMPARE(stage.scene.rows.seen.size(), before);
}

void TestInspector::itLooksLikeTheMock()
{
    InspectorStage stage({256, 40, 4});
    QVERIFY(stage.show());
    stage.selectTask("render", 93);
    QTRY_VERIFY(!stage.panel.value()->preview()->image().isNull());
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("inspector-value")));
    stage.panel.resize(296, 400); // the drawer of a small window: the picture still stands beside its facts
    QTRY_VERIFY(stage.panel.value()->preview()->width() < 120);
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("inspector-drawer")));
    stage.panel.resize(320, 530);
    clickTab(stage.panel, Page::Params);
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("inspector-params")));
    stage.selectTask("render", 5);
    clickTab(stage.panel, Page::Why);
    QTRY_VERIFY(stage.panel.why()->sentence().contains(u"attempt 2"));
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("inspector-why")));
    stage.selectTask("blur", 5);
    clickTab(stage.panel, Page::Inputs);
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("inspector-inputs")));
    clickTab(stage.panel, Page::Value);
    for (const char* id : {"annotate", "histogram", "render", "tiles_list", "zoom_window"}) {
        stage.selection.selectVertices({QString::fromLatin1(id)});
        QVERIFY(stage.settled());
        QVERIFY(tests::shoot(stage.panel, QStringLiteral("inspector-vertex-%1").arg(QString::fromLatin1(id))));
    }
    stage.selectTask("edges", 1);
    clickTab(stage.panel, Page::Why);
    QVERIFY(stage.settled());
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("inspector-failed")));
    stage.selection.clear();
    QVERIFY(tests::shoot(stage.panel, QStringLiteral("inspector-empty")));
}

QTEST_MAIN(TestInspector)
#include "tst_inspector.moc"
