// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The property editor over a schema that the plugin SDK itself makes, with one parameter of each kind.
#include "tests/widgets/inspector/params_stage.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/common/scrub_label.h"
#include "widgets/inspector/number_box.h"
#include "widgets/inspector/params_page.h"
#include "widgets/inspector/switch_box.h"
#include "widgets/inspector/text_box.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace orrery;
using namespace orrery::widgets;

using Editor = tests::ParamsStage;

class TestParams : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyKindOfParameterHasItsEditor();
    void parametersStandInTheOrderOfTheirAuthor();
    void aTypedNumberIsOneStepOfUndo();
    void aNumberOutOfRangeIsRefusedWithTheReasonAndNothingChanges();
    void escapeBringsTheNumberBack();
    void whatIsNoNumberIsSaid();
    void arrowsStepInsideTheBounds();
    void draggingTheLabelChangesTheNumberInOneStepOfUndo();
    void aWholeNumberBeyondADoubleKeepsItsLastDigit();
    void aSwitchSwitches();
    void aChoiceIsChosenByKey();
    void aTextIsTakenWhenTheFocusLeaves();
    void aListIsWrittenAsJson();
    void aListThatIsNoJsonSaysWhere();
    void aValueThatIsMissingDoesNotStandInTheWayOfOthers();
    void resetGoesBackToTheDefault();
    void undoIsShown();
    void whatOneIsWritingSurvivesAChangeElsewhere();
    void anotherVertexOfTheSameFunctionShowsItsOwnValues();
    void theShownRunTellsWhatItHad();
    void aVertexIsRenamedAndWiresFollow();
    void aBadNameIsRefused();
    void retriesAndResourcesAreEdited();
    void aFunctionWithoutParametersSaysSo();
    void itLooksLikeTheMock();
};

void TestParams::everyKindOfParameterHasItsEditor()
{
    Editor editor;
    QVERIFY(editor.editor<NumberBox>("size"));
    QVERIFY(editor.editor<NumberBox>("zoom"));
    QVERIFY(editor.editor<SwitchBox>("smooth"));
    QVERIFY(editor.editor<QComboBox>("order"));
    QVERIFY(editor.editor<QLineEdit>("title"));
    QVERIFY(editor.editor<TextBox>("notes"));
    QVERIFY(editor.editor<TextBox>("levels"));
    QVERIFY(editor.editor<QLineEdit>("path"));
    QCOMPARE(editor.editor<NumberBox>("size")->findChild<QLineEdit*>()->text(),
             QStringLiteral("512")); // the default is shown
    QCOMPARE(editor.editor<TextBox>("levels")->toPlainText(), QStringLiteral("[1,2]"));
    QVERIFY(editor.params().isEmpty()); // and not written
}

void TestParams::parametersStandInTheOrderOfTheirAuthor()
{
    Editor editor;
    QVERIFY(editor.show());
    int last = -1;
    for (const char* name : {"size", "zoom", "smooth", "order", "title", "notes", "levels", "path"}) {
        const int y = editor.page->row(QString::fromLatin1(name))->y();
        QVERIFY2(y > last, name);
        last = y;
    }
}

void TestParams::aTypedNumberIsOneStepOfUndo()
{
    Editor editor;
    QVERIFY(editor.show());
    const int before = editor.steps();
    editor.retype(editor.editor<NumberBox>("size"), QStringLiteral("1024"));
    QCOMPARE(editor.param("size"), QJsonValue(1024));
    QCOMPARE(editor.steps(), before + 1);
}

void TestParams::aNumberOutOfRangeIsRefusedWithTheReasonAndNothingChanges()
{
    Editor editor;
    QVERIFY(editor.show());
    const int before = editor.steps();
    auto* box = editor.editor<NumberBox>("size");
    editor.retype(box, QStringLiteral("9999"));
    QCOMPARE(editor.page->row(QStringLiteral("size"))->problem(), QStringLiteral("9999 is more than 4096"));
    QCOMPARE(editor.steps(), before);
    QVERIFY(editor.params().isEmpty());
    QCOMPARE(box->findChild<QLineEdit*>()->text(), QStringLiteral("9999")); // what was written stays to be mended
    editor.retype(box, QStringLiteral("4096"));
    QVERIFY(editor.page->row(QStringLiteral("size"))->problem().isEmpty());
    QCOMPARE(editor.param("size"), QJsonValue(4096));
}

void TestParams::escapeBringsTheNumberBack()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* box = editor.editor<NumberBox>("size");
    editor.retype(box, QStringLiteral("9999"));
    QTest::keyClick(box, Qt::Key_Escape);
    QCOMPARE(box->findChild<QLineEdit*>()->text(), QStringLiteral("512"));
    QVERIFY(editor.page->row(QStringLiteral("size"))->problem().isEmpty());
    QVERIFY(editor.params().isEmpty());
}

void TestParams::whatIsNoNumberIsSaid()
{
    Editor editor;
    QVERIFY(editor.show());
    editor.retype(editor.editor<NumberBox>("size"), QStringLiteral("many"));
    QCOMPARE(editor.page->row(QStringLiteral("size"))->problem(), QStringLiteral("This is no whole number."));
    QVERIFY(editor.params().isEmpty());
}

void TestParams::arrowsStepInsideTheBounds()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* box = editor.editor<NumberBox>("zoom");
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Up);
    QCOMPARE(editor.param("zoom").toDouble(), 1.75);
    for (int i = 0; i < 10; ++i) QTest::keyClick(box, Qt::Key_Down);
    QCOMPARE(editor.param("zoom").toDouble(), 0.0);
}

void TestParams::draggingTheLabelChangesTheNumberInOneStepOfUndo()
{
    Editor editor;
    QVERIFY(editor.show());
    const int before = editor.steps();
    auto* label = editor.page->row(QStringLiteral("size"))->label();
    QVERIFY(qobject_cast<ScrubLabel*>(label));
    const auto drag = [&](int pixels) {
        QTest::mousePress(label, Qt::LeftButton, {}, QPoint(10, 12));
        for (int x = 1; x <= pixels; ++x) QTest::mouseMove(label, QPoint(10 + x, 12));
        QTest::mouseRelease(label, Qt::LeftButton, {}, QPoint(10 + pixels, 12));
    };
    drag(40);
    QCOMPARE(editor.param("size"), QJsonValue(522)); // a step every four pixels
    QCOMPARE(editor.steps(), before + 1);
    drag(20); // another drag is another step
    QCOMPARE(editor.param("size"), QJsonValue(527));
    QCOMPARE(editor.steps(), before + 2);
    editor.graph.undoStack().undo();
    QCOMPARE(editor.param("size"), QJsonValue(522));
    editor.graph.undoStack().undo();
    QVERIFY(editor.params().isEmpty());
}

void TestParams::aWholeNumberBeyondADoubleKeepsItsLastDigit()
{
    tests::theme();
    NumberBox box(true, {}, {});
    QVERIFY(tests::showAt(box, 200, 24));
    QSignalSpy entered(&box, &NumberBox::entered);
    QTest::keyClicks(&box, QStringLiteral("9007199254740993"));
    QTest::keyClick(&box, Qt::Key_Return);
    QCOMPARE(entered.size(), 1);
    QCOMPARE(jsonText(entered[0][0].value<QJsonValue>()), QByteArray("9007199254740993"));
    box.setValue(entered[0][0].value<QJsonValue>());
    QCOMPARE(jsonText(box.stepped(1)), QByteArray("9007199254740994"));
}

void TestParams::aSwitchSwitches()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* box = editor.editor<SwitchBox>("smooth");
    QVERIFY(box->isChecked());
    QTest::mouseClick(box, Qt::LeftButton);
    QCOMPARE(editor.param("smooth"), QJsonValue(false));
    QTest::keyClick(box, Qt::Key_Space);
    QCOMPARE(editor.param("smooth"), QJsonValue(true));
}

void TestParams::aChoiceIsChosenByKey()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* box = editor.editor<QComboBox>("order");
    QCOMPARE(box->currentText(), QStringLiteral("spiral"));
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Down);
    QCOMPARE(editor.param("order"), QJsonValue(QStringLiteral("columns")));
}

void TestParams::aTextIsTakenWhenTheFocusLeaves()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* line = editor.editor<QLineEdit>("title");
    line->setFocus();
    QTest::keySequence(line, QKeySequence::SelectAll);
    QTest::keyClicks(line, QStringLiteral("Deep"));
    QVERIFY(editor.params().isEmpty());
    QTest::keyClick(line, Qt::Key_Tab);
    QCOMPARE(editor.param("title"), QJsonValue(QStringLiteral("Deep")));
    auto* text = editor.editor<TextBox>("notes");
    QTRY_VERIFY(text->hasFocus());
    QTest::keyClicks(text, QStringLiteral("a line"));
    QTest::keyClick(text, Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(editor.param("notes"), QJsonValue(QStringLiteral("a line")));
}

void TestParams::aListIsWrittenAsJson()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* text = editor.editor<TextBox>("levels");
    text->setFocus();
    QTest::keySequence(text, QKeySequence::SelectAll);
    QTest::keyClicks(text, QStringLiteral("[3, 4, 5]"));
    QTest::keyClick(text, Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(jsonText(editor.param("levels")), QByteArray("[3,4,5]"));
    QTest::keySequence(text, QKeySequence::SelectAll);
    QTest::keyClicks(text, QStringLiteral("[3, \"x\"]"));
    QTest::keyClick(text, Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(!editor.page->row(QStringLiteral("levels"))->problem().isEmpty()); // not of the type of its items
    QCOMPARE(jsonText(editor.param("levels")), QByteArray("[3,4,5]"));
}

void TestParams::aListThatIsNoJsonSaysWhere()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* text = editor.editor<TextBox>("levels");
    text->setFocus();
    QTest::keySequence(text, QKeySequence::SelectAll);
    QTest::keyClicks(text, QStringLiteral("[1, 2"));
    QTest::keyClick(text, Qt::Key_Return, Qt::ControlModifier);
    QVERIFY2(editor.page->row(QStringLiteral("levels"))->problem().startsWith(u"This is no JSON"),
             qPrintable(editor.page->row(QStringLiteral("levels"))->problem()));
    QVERIFY(editor.params().isEmpty());
}

void TestParams::aValueThatIsMissingDoesNotStandInTheWayOfOthers()
{
    Editor editor; // path is required and not given
    QVERIFY(editor.show());
    editor.retype(editor.editor<NumberBox>("size"), QStringLiteral("64"));
    QCOMPARE(editor.param("size"), QJsonValue(64));
    bool asked = false;
    for (const auto* label : editor.page->row(QStringLiteral("path"))->findChildren<QLabel*>())
        asked = asked || (label->isVisible() && label->text() == u"A value is needed.");
    QVERIFY(asked);
}

void TestParams::resetGoesBackToTheDefault()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* row = editor.page->row(QStringLiteral("size"));
    QVERIFY(!row->resetButton()->isVisible());
    editor.retype(row->editor(), QStringLiteral("64"));
    QVERIFY(row->resetButton()->isVisible());
    QTest::mouseClick(row->resetButton(), Qt::LeftButton);
    QVERIFY(editor.params().isEmpty());
    QCOMPARE(editor.editor<NumberBox>("size")->value(), QJsonValue(512));
    QVERIFY(!row->resetButton()->isVisible());
}

void TestParams::undoIsShown()
{
    Editor editor;
    QVERIFY(editor.show());
    editor.retype(editor.editor<NumberBox>("size"), QStringLiteral("64"));
    editor.graph.undoStack().undo();
    QCOMPARE(editor.editor<NumberBox>("size")->findChild<QLineEdit*>()->text(), QStringLiteral("512"));
}

void TestParams::whatOneIsWritingSurvivesAChangeElsewhere()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* title = editor.editor<QLineEdit>("title");
    title->setFocus();
    QTest::keySequence(title, QKeySequence::SelectAll);
    QTest::keyClicks(title, QStringLiteral("Dee"));
    auto* size = editor.editor<NumberBox>("size")->findChild<QLineEdit*>();
    size->setText(QStringLiteral("10")); // as if both were under way
    auto* name = editor.child<QLineEdit>("vertex.name");
    name->setText(QStringLiteral("pai"));
    editor.graph.moveVertices({{QStringLiteral("paint"), QPoint(50, 50)}}, QStringLiteral("Move"), false);
    editor.page->setVertex(QStringLiteral("paint")); // what a live run causes ten times a second
    QTest::keyClicks(title, QStringLiteral("p"));
    QCOMPARE(title->text(), QStringLiteral("Deep"));
    QCOMPARE(size->text(), QStringLiteral("10"));
    QCOMPARE(name->text(), QStringLiteral("pai"));
    QTest::keyClick(title, Qt::Key_Return);
    QCOMPARE(editor.param("title"), QJsonValue(QStringLiteral("Deep")));
}

void TestParams::anotherVertexOfTheSameFunctionShowsItsOwnValues()
{
    Editor editor;
    QVERIFY(editor.show());
    const QString second = editor.graph.addVertex(QStringLiteral("demo.paint"), {});
    auto* box = editor.editor<NumberBox>("size");
    editor.retype(box, QStringLiteral("9999")); // refused, and left so
    editor.page->setVertex(second);
    QCOMPARE(box->findChild<QLineEdit*>()->text(), QStringLiteral("512"));
    QVERIFY(editor.page->row(QStringLiteral("size"))->problem().isEmpty());
    QCOMPARE(editor.child<QLineEdit>("vertex.name")->text(), second);
}

void TestParams::theShownRunTellsWhatItHad()
{
    Editor editor;
    QVERIFY(editor.show());
    RunUpdate update;
    update.run = tests::runId(3);
    update.runs = {tests::run(3, 1, types::RunState::Succeeded)};
    update.graph = std::make_shared<const types::Graph>(editor.graph.graph());
    editor.run.take(update);
    editor.retype(editor.editor<NumberBox>("size"), QStringLiteral("64"));
    bool told = false;
    for (const auto* label : editor.page->row(QStringLiteral("size"))->findChildren<QLabel*>())
        told = told || (label->isVisible() && label->text() == u"Run 3 had 512");
    QVERIFY(told);
}

void TestParams::aVertexIsRenamedAndWiresFollow()
{
    tests::theme();
    GraphModel graph;
    RunModel run;
    graph.setCatalog(tests::catalog());
    graph.setGraph(tests::deepZoom(), {});
    ParamsPage page(graph, run);
    QVERIFY(tests::showAt(page, 320, 500));
    QSignalSpy renamed(&page, &ParamsPage::renamed);
    page.setVertex(QStringLiteral("render"));
    auto* name = page.findChild<QLineEdit*>(QStringLiteral("vertex.name"));
    QTest::keySequence(name, QKeySequence::SelectAll);
    QTest::keyClicks(name, QStringLiteral("draw"));
    QTest::keyClick(name, Qt::Key_Return);
    QCOMPARE(renamed.size(), 1);
    QVERIFY(graph.graph().find("draw") && !graph.graph().find("render"));
    for (const auto& edge : graph.graph().edges) QVERIFY(edge.from.vertex != "render" && edge.to.vertex != "render");
    graph.undoStack().undo();
    QCOMPARE(graph.graph(), tests::deepZoom());
}

void TestParams::aBadNameIsRefused()
{
    Editor editor;
    QVERIFY(editor.show());
    auto* name = editor.child<QLineEdit>("vertex.name");
    const auto before = editor.graph.graph();
    for (const char* bad : {"Big Name", "other", ""}) {
        name->setFocus();
        QTest::keySequence(name, QKeySequence::SelectAll);
        QTest::keyClick(name, Qt::Key_Delete);
        QTest::keyClicks(name, QString::fromLatin1(bad));
        QTest::keyClick(name, Qt::Key_Return);
        QCOMPARE(editor.graph.graph(), before);
    }
}

void TestParams::retriesAndResourcesAreEdited()
{
    Editor editor;
    QVERIFY(editor.show());
    editor.retype(editor.child<NumberBox>("vertex.retries"), QStringLiteral("7"));
    editor.retype(editor.child<NumberBox>("vertex.cpus"), QStringLiteral("2.5"));
    editor.retype(editor.child<NumberBox>("vertex.memory"), QStringLiteral("256"));
    editor.retype(editor.child<NumberBox>("vertex.retries"), QStringLiteral("-1")); // refused
    const auto* vertex = editor.graph.graph().find("paint");
    QCOMPARE(vertex->retries, std::optional<std::int32_t>(7));
    QCOMPARE(vertex->resources->amount(types::kCpu), 2.5);
    QCOMPARE(vertex->resources->amount(types::kMemory), 256.0 * 1024 * 1024);
    auto* note = editor.child<TextBox>("vertex.note");
    note->setFocus();
    QTest::keyClicks(note, QStringLiteral("why it is here"));
    QTest::keyClick(note, Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(editor.graph.graph().find("paint")->note, std::string("why it is here"));
}

void TestParams::aFunctionWithoutParametersSaysSo()
{
    Editor editor;
    QVERIFY(editor.show());
    editor.page->setVertex(QStringLiteral("other"));
    QVERIFY(!editor.page->row(QStringLiteral("size")));
    bool told = false;
    for (const auto* label : editor.page->findChildren<QLabel*>())
        told = told || (label->isVisible() && label->text() == u"demo.other has no parameters.");
    QVERIFY(told);
}

void TestParams::itLooksLikeTheMock()
{
    Editor editor;
    QVERIFY(editor.show());
    editor.retype(editor.editor<NumberBox>("zoom"), QStringLiteral("2.25"));
    editor.retype(editor.editor<NumberBox>("size"), QStringLiteral("9999"));
    QVERIFY(tests::shoot(editor.area, QStringLiteral("params")));
}

QTEST_MAIN(TestParams)
#include "tst_params.moc"
