// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The omnibox over the tables of production.
#include "tests/support/panel_hand.h"
#include "tests/support/zoom_scene.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/common/search_field.h"
#include "widgets/pages/line_delegate.h"
#include "widgets/pages/omnibox.h"
#include "widgets/pages/omnibox_model.h"

#include <QBoxLayout>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

struct Stage {
    tests::ZoomScene scene;
    GraphModel graph;
    RunModel run;
    Selection selection;
    QWidget window;
    QPushButton before{QStringLiteral("had the focus"), &window};
    Omnibox box{(tests::theme(), graph), run, selection, scene.rows, &window};
    QAction runAction{QStringLiteral("&Run")}, fresh{QStringLiteral("Run all fresh")},
        stop{QStringLiteral("Stop the run")};

    explicit Stage(bool told = true) : scene({256, 40, 0})
    {
        graph.setCatalog(tests::catalog());
        graph.setGraph(tests::deepZoom(), {});
        if (told) run.take(scene.update());
        runAction.setShortcut(QKeySequence(Qt::Key_F5));
        stop.setEnabled(false);
        stop.setStatusTip(QStringLiteral("Nothing runs."));
        QObject::connect(&box, &Omnibox::actionChosen, [](QAction* action) { action->trigger(); });
        box.setActions({&runAction, &fresh, &stop});
        before.setGeometry(10, 300, 120, 24);
        box.setGeometry(100, 8, 460, 28);
    }
    bool show()
    {
        if (!tests::showAt(window, 800, 600)) return false;
        before.setFocus();
        return true;
    }
    void type(const QString& text)
    {
        box.open();
        QTest::keyClicks(box.field(), text);
    }
    bool answered()
    {
        return QTest::qWaitFor([this] { return scene.rows.open.empty(); });
    }
    QStringList found() const
    {
        QStringList texts;
        for (int i = 0; i < box.list()->model()->rowCount(); ++i)
            texts << box.list()->model()->index(i, 0).data().toString();
        return texts;
    }
    QVariant data(int row, int role) const { return box.list()->model()->index(row, 0).data(role); }
    void press(Qt::Key key) { QTest::keyClick(box.field(), key); }
};

} // namespace

class TestOmnibox : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void typingFindsCommandsAndTasksOfTheGraph();
    void enterChoosesTheCommandAndGivesTheFocusBack();
    void aCommandShowsItsKey();
    void aDisabledCommandSaysWhyAndIsNotTriggered();
    void aTaskOfTheGraphIsSelectedAndShown();
    void atFindsTasksOfTheRunByFilter();
    void hashFindsObjects();
    void exclamationFindsProblemsAndFailedTasks();
    void aFilterThatIsWrongSaysWhy();
    void withoutARunAtSaysSo();
    void arrowsMoveTheChoice();
    void aClickChooses();
    void escapeClearsThenLeaves();
    void openWithAPrefixListsCommandsOnly();
    void anAnswerToAnEarlierWordIsDropped();
    void leavingTheFieldClosesTheList();
    void tabIntoItOpensNothing();
    void nothingFoundIsSaid();
};

void TestOmnibox::typingFindsCommandsAndTasksOfTheGraph()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("re"));
    QVERIFY(stage.box.list()->isVisible());
    QCOMPARE(stage.found().first(), QStringLiteral("render"));
    stage.type({});
    stage.type(QStringLiteral("run"));
    QCOMPARE(stage.found().mid(0, 2), (QStringList{QStringLiteral("Run"), QStringLiteral("Run all fresh")}));
    QVERIFY(stage.scene.rows.seen.empty()); // nothing is asked for that
}

void TestOmnibox::enterChoosesTheCommandAndGivesTheFocusBack()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy triggered(&stage.runAction, &QAction::triggered);
    stage.type(QStringLiteral("run"));
    stage.press(Qt::Key_Return);
    QCOMPARE(triggered.size(), 1);
    QVERIFY(!stage.box.list()->isVisible());
    QVERIFY(stage.box.field()->text().isEmpty());
    QVERIFY(stage.before.hasFocus());
}

void TestOmnibox::aCommandShowsItsKey()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral(">run"));
    QCOMPARE(stage.data(0, KeyRole).toString(), QStringLiteral("F5"));
    QCOMPARE(stage.data(1, KeyRole).toString(), QString());
}

void TestOmnibox::aDisabledCommandSaysWhyAndIsNotTriggered()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy triggered(&stage.stop, &QAction::triggered);
    stage.type(QStringLiteral(">stop"));
    QCOMPARE(stage.found(), QStringList{QStringLiteral("Stop the run")});
    QCOMPARE(stage.data(0, DetailRole).toString(), QStringLiteral("Nothing runs."));
    QVERIFY(stage.data(0, DisabledRole).toBool());
    stage.press(Qt::Key_Return);
    QCOMPARE(triggered.size(), 0);
    QVERIFY(stage.box.list()->isVisible());
}

void TestOmnibox::aTaskOfTheGraphIsSelectedAndShown()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy revealed(&stage.selection, &Selection::revealed);
    stage.type(QStringLiteral("mosaic"));
    stage.press(Qt::Key_Return);
    QCOMPARE(stage.selection.vertices(), QStringList{QStringLiteral("mosaic")});
    QCOMPARE(revealed.size(), 1);
}

void TestOmnibox::atFindsTasksOfTheRunByFilter()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("@blur map_index=17"));
    QVERIFY(stage.answered());
    QCOMPARE(stage.scene.rows.seen.back().filter, std::string("blur map_index=17"));
    QCOMPARE(stage.scene.rows.seen.back().run, tests::ZoomScene::runId());
    QCOMPARE(stage.found().size(), 1);
    stage.press(Qt::Key_Return);
    QVERIFY(stage.selection.task());
    QCOMPARE(stage.selection.task()->row, stage.scene.row("blur", 17));
    QCOMPARE(stage.selection.task()->mapIndex, 17u);
    QCOMPARE(stage.selection.vertices(), QStringList{QStringLiteral("blur")});
}

void TestOmnibox::hashFindsObjects()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("#type=table"));
    QVERIFY(stage.answered());
    QCOMPARE(stage.found().size(), 1);
    QCOMPARE(stage.data(0, DetailRole).toString(), QStringLiteral("table"));
    stage.press(Qt::Key_Return);
    QVERIFY(stage.selection.object());
    QCOMPARE(stage.selection.object()->task.row, stage.scene.row("histogram"));
}

void TestOmnibox::exclamationFindsProblemsAndFailedTasks()
{
    Stage stage;
    auto graph = tests::deepZoom();
    graph.vertices[0].function = "imaging.gone";
    stage.graph.setGraph(graph, {});
    QVERIFY(stage.show());
    QSignalSpy problem(&stage.box, &Omnibox::problemChosen);
    stage.type(QStringLiteral("!"));
    QVERIFY(stage.answered());
    const auto texts = stage.found();
    QVERIFY2(texts.first().contains(QStringLiteral("imaging.gone")), qPrintable(texts.first()));
    QVERIFY(texts.contains(QStringLiteral("edges [1]")));
    stage.press(Qt::Key_Return);
    QCOMPARE(problem.size(), 1);
    QVERIFY(problem[0][0].toString().startsWith(QStringLiteral("/vertices/0")));
    QCOMPARE(stage.selection.vertices(), QStringList{QString::fromStdString(graph.vertices[0].id)});
}

void TestOmnibox::aFilterThatIsWrongSaysWhy()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("@stat=FAILED"));
    QVERIFY(stage.answered());
    QCOMPARE(stage.found().size(), 1);
    QVERIFY2(stage.found().first().contains(QStringLiteral("state")),
             qPrintable(stage.found().first())); // the nearest name
    stage.press(Qt::Key_Return);
    QVERIFY(!stage.selection.task());
}

void TestOmnibox::withoutARunAtSaysSo()
{
    Stage stage(false);
    QVERIFY(stage.show());
    stage.type(QStringLiteral("@x"));
    QVERIFY(stage.scene.rows.seen.empty());
    QVERIFY(stage.found().first().startsWith(QStringLiteral("No run yet")));
}

void TestOmnibox::arrowsMoveTheChoice()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy triggered(&stage.fresh, &QAction::triggered);
    stage.type(QStringLiteral(">run"));
    stage.press(Qt::Key_Down);
    QCOMPARE(stage.box.list()->currentIndex().row(), 1);
    stage.press(Qt::Key_Up);
    stage.press(Qt::Key_Up); // stays at the first
    QCOMPARE(stage.box.list()->currentIndex().row(), 0);
    stage.press(Qt::Key_Down);
    stage.press(Qt::Key_Return);
    QCOMPARE(triggered.size(), 1);
}

void TestOmnibox::aClickChooses()
{
    Stage stage;
    QVERIFY(stage.show());
    QSignalSpy triggered(&stage.fresh, &QAction::triggered);
    stage.type(QStringLiteral(">run"));
    const QModelIndex second = stage.box.list()->model()->index(1, 0);
    QTest::mouseClick(stage.box.list()->viewport(), Qt::LeftButton, {}, stage.box.list()->visualRect(second).center());
    QCOMPARE(triggered.size(), 1);
}

void TestOmnibox::escapeClearsThenLeaves()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("mos"));
    stage.press(Qt::Key_Escape);
    QVERIFY(stage.box.field()->text().isEmpty());
    QVERIFY(stage.box.field()->hasFocus());
    stage.press(Qt::Key_Escape);
    QVERIFY(stage.before.hasFocus());
    QVERIFY(!stage.box.list()->isVisible());
}

void TestOmnibox::openWithAPrefixListsCommandsOnly()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.box.open(QStringLiteral(">"));
    QCOMPARE(stage.found().size(), 3);
    QTest::keyClicks(stage.box.field(), QStringLiteral("mosaic"));
    QVERIFY(!stage.found().contains(QStringLiteral("mosaic")));
}

void TestOmnibox::anAnswerToAnEarlierWordIsDropped()
{
    Stage stage;
    stage.scene.rows.byItself = false;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("@b"));
    const auto first = stage.scene.rows.open.back().ticket;
    QTest::keyClicks(stage.box.field(), QStringLiteral("l"));
    QVERIFY(std::find(stage.scene.rows.dropped.begin(), stage.scene.rows.dropped.end(), first) !=
            stage.scene.rows.dropped.end());
    QCOMPARE(stage.scene.rows.open.size(), std::size_t{1});
    stage.press(Qt::Key_Escape);
    stage.press(Qt::Key_Escape);
    QVERIFY(stage.scene.rows.open.empty()); // nobody waits any more
}

void TestOmnibox::leavingTheFieldClosesTheList()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("run"));
    QTest::mouseClick(&stage.before, Qt::LeftButton);
    QVERIFY(!stage.box.list()->isVisible());
}

void TestOmnibox::tabIntoItOpensNothing()
{
    Stage stage;
    QVERIFY(stage.show());
    QTest::keyClick(&stage.before, Qt::Key_Tab);
    QTRY_VERIFY(stage.box.field()->hasFocus());
    QTest::qWait(0);
    QVERIFY(!stage.box.list()->isVisible());
    stage.press(Qt::Key_Down); // until one asks for it
    QVERIFY(stage.box.list()->isVisible());
}

void TestOmnibox::nothingFoundIsSaid()
{
    Stage stage;
    QVERIFY(stage.show());
    stage.type(QStringLiteral("qqq"));
    QCOMPARE(stage.found(), QStringList{QStringLiteral("Nothing matches \"qqq\".")});
    stage.press(Qt::Key_Return); // and chooses nothing
    QVERIFY(stage.box.field()->hasFocus());
}

QTEST_MAIN(TestOmnibox)
#include "tst_omnibox.moc"
