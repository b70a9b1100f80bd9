// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/panel_hand.h"
#include "tests/support/zoom_scene.h"
#include "widgets/logs/problems_panel.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTableView>

using namespace orrery;
using widgets::Problem;
using widgets::ProblemsPanel;

namespace {

struct World {
    tests::ZoomScene scene;
    widgets::GraphModel graph;
    widgets::RunModel run;
    widgets::Selection selection;
    ProblemsPanel panel;

    explicit World(tests::ZoomScene::Wish wish = {}) : scene(wish), panel(graph, run, selection, scene.rows) { graph.setCatalog(tests::ZoomScene::catalog()); }
    void tell() { run.take(scene.update()); }
    bool show() { return tests::showAt(panel, 1000, 300); }
    bool has(int count) { return QTest::qWaitFor([&] { return panel.count() == count; }); }
    const Problem& row(int at) { return panel.model().at(at); }
    void click(int at) { QTest::mouseClick(panel.table()->viewport(), Qt::LeftButton, {}, panel.table()->visualRect(panel.model().index(at, 0)).center()); }
    QAbstractButton* button(const QString& text) const
    {
        for (auto* one : panel.findChildren<QAbstractButton*>())
            if (one->text() == text) return one;
        return nullptr;
    }
};

// One vertex with an unknown function, and an edge that cannot be.
types::Graph wrongGraph()
{
    types::Graph graph;
    graph.vertices.push_back({"render", "imaging.render", "{}", 0, 0, {}, {}, {}});
    graph.vertices.push_back({"strange", "imaging.nothing", "{}", 0, 0, {}, {}, {}});
    return graph;
}

} // namespace

class TestProblemsPanel final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { tests::theme(); }
    void withoutProblemsItSaysSo();
    void problemsOfTheGraphLeadToTheirVertex();
    void failedTasksAreGroupedByTheirError();
    void theFirstFailedTaskIsShownAndAllCanBeListed();
    void moreFailuresThanAreReadAreCounted();
    void pluginsLinkAndLostNodesAreProblemsToo();
    void aRefusalIsListedUntilTheNextTry();
    void theCountIsToldWhileHidden();
    void theQuestionIsAskedOnlyWhenTheNumberOfFailuresChanges();
    void anErrorOfTheQuestionIsAskedAgain();
    void aChosenRowStaysWhenItsCountGrows();
    void itLooksCalm();
};

void TestProblemsPanel::withoutProblemsItSaysSo()
{
    World world;
    world.tell();
    QVERIFY(world.show());
    QCOMPARE(world.panel.count(), 0);
    QVERIFY(!world.button(QStringLiteral("Go to"))->isEnabled());
    QVERIFY(world.scene.rows.seen.empty()); // no failed task: nothing to ask
}

void TestProblemsPanel::problemsOfTheGraphLeadToTheirVertex()
{
    World world;
    QVERIFY(world.show());
    QSignalSpy revealed(&world.selection, &widgets::Selection::revealed);
    world.graph.setGraph(wrongGraph(), {});
    const int expected = static_cast<int>(world.graph.checked().problems.size());
    QVERIFY(expected > 0);
    QVERIFY(world.has(expected));
    int row = 0;
    while (world.row(row).vertex != u"strange") ++row;
    world.click(row);
    QTest::mouseClick(world.button(QStringLiteral("Go to")), Qt::LeftButton);
    QCOMPARE(world.selection.vertices(), QStringList(QStringLiteral("strange")));
    QCOMPARE(revealed.size(), 1);
    QVERIFY(!world.button(QStringLiteral("Show tasks"))->isVisible());
    world.graph.setGraph({}, {});
    QVERIFY(world.has(0)); // mended
}

void TestProblemsPanel::failedTasksAreGroupedByTheirError()
{
    World world({256, 12, 0});
    QAbstractItemModelTester tester(&world.panel.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVERIFY(world.show());
    world.tell();
    QVERIFY(world.has(2));
    QCOMPARE(world.row(0).text, QStringLiteral("edges: the picture is empty"));
    QCOMPARE(world.row(0).count, std::uint64_t{4});
    QCOMPARE(world.row(1).count, std::uint64_t{8});
    QCOMPARE(world.row(1).nodes, (QStringList{QStringLiteral("A"), QStringLiteral("B"), QStringLiteral("C")}));
    QVERIFY(world.row(0).firstNs > 0);
}

void TestProblemsPanel::theFirstFailedTaskIsShownAndAllCanBeListed()
{
    World world({256, 12, 0});
    QVERIFY(world.show());
    world.tell();
    QVERIFY(world.has(2));
    QSignalSpy revealed(&world.selection, &widgets::Selection::revealed), tasks(&world.panel, &ProblemsPanel::tasksRequested);
    world.click(0);
    QTest::keyClick(world.panel.table(), Qt::Key_Return);
    QCOMPARE(revealed.size(), 1);
    QVERIFY(world.selection.task().has_value());
    QCOMPARE(world.selection.task()->row, world.scene.row("edges", 0));
    QTest::mouseClick(world.button(QStringLiteral("Show tasks")), Qt::LeftButton);
    QCOMPARE(tasks.size(), 1);
    types::Query query;
    query.table = "tasks";
    query.run = tests::ZoomScene::runId();
    query.filter = tasks[0][0].toString().toStdString(); // a filter that the tables take
    const auto page = world.scene.page(query);
    QVERIFY2(page.ok(), page.ok() ? "" : page.error().message.c_str());
    QCOMPARE(page->total, std::uint64_t{4});
}

void TestProblemsPanel::moreFailuresThanAreReadAreCounted()
{
    World world({5500, 5400, 0});
    world.tell();
    QVERIFY(world.has(3));
    QCOMPARE(world.row(2).count, std::uint64_t{400});
    QCOMPARE(world.row(0).count + world.row(1).count, std::uint64_t{widgets::kFailedTasksRead});
}

void TestProblemsPanel::pluginsLinkAndLostNodesAreProblemsToo()
{
    World world;
    QVERIFY(world.show());
    widgets::RunUpdate update = world.scene.update();
    auto catalog = std::make_shared<types::Catalog>();
    catalog->problems.push_back({"/opt/plugins/broken.so", "broken.so: undefined symbol zlib_9"});
    update.catalog = catalog;
    update.link = widgets::LinkState::Away;
    update.linkText = QStringLiteral("The head has not answered for 4 s.");
    update.nodes[2].state = types::NodeState::Dead;
    update.nodes[2].why = "connection closed by peer";
    world.run.take(update);
    QVERIFY(world.has(3));
    QCOMPARE(world.row(0).text, QStringLiteral("The head has not answered for 4 s."));
    QCOMPARE(world.row(1).text, QStringLiteral("Node C is lost: connection closed by peer"));
    QCOMPARE(world.row(2).where, QStringLiteral("broken.so"));
    update.link = widgets::LinkState::Up;
    update.linkText.clear();
    world.run.take(update);
    QVERIFY(world.has(2));
}

void TestProblemsPanel::aRefusalIsListedUntilTheNextTry()
{
    World world;
    world.panel.setRefusal(QStringLiteral("The run was refused."), {QStringLiteral("/vertices/0: one"), QStringLiteral("/edges/1: two")});
    QVERIFY(world.has(2));
    QCOMPARE(world.row(1).text, QStringLiteral("/edges/1: two"));
    world.panel.setRefusal(QStringLiteral("No program here opens a.xyz"), {});
    QVERIFY(world.has(1));
    world.tell(); // a run
    QVERIFY(world.has(0));
}

void TestProblemsPanel::theCountIsToldWhileHidden()
{
    World world({256, 12, 0});
    QSignalSpy told(&world.panel, &ProblemsPanel::countChanged);
    world.tell();
    QVERIFY(world.has(2));
    QVERIFY(!world.panel.isVisible());
    QCOMPARE(told.back()[0].toInt(), 2);
}

void TestProblemsPanel::theQuestionIsAskedOnlyWhenTheNumberOfFailuresChanges()
{
    World world({256, 12, 0});
    world.tell();
    QVERIFY(world.has(2));
    QCOMPARE(world.scene.rows.seen.size(), std::size_t{1});
    for (int i = 0; i < 3; ++i) world.tell();
    world.graph.setGraph(wrongGraph(), {}); // when this is seen, the rest has been looked at, too
    QVERIFY(QTest::qWaitFor([&] { return world.panel.count() > 2; }));
    QCOMPARE(world.scene.rows.seen.size(), std::size_t{1});
    widgets::RunUpdate update;
    types::VertexCounts counts = world.run.vertices()[world.scene.vertex("edges")];
    ++counts.counts[static_cast<std::size_t>(types::TaskState::Failed)];
    update.vertices = {counts};
    world.run.take(update);
    QTRY_COMPARE(world.scene.rows.seen.size(), std::size_t{2});
}

void TestProblemsPanel::anErrorOfTheQuestionIsAskedAgain()
{
    World world({256, 12, 0});
    int asked = 0;
    world.scene.rows.reply = [&](const types::Query& query) -> base::Result<types::Page> {
        if (++asked == 1) return base::fail(base::Errc::Unavailable, "Away.");
        return world.scene.page(query);
    };
    world.tell();
    QVERIFY(world.has(2));
    QCOMPARE(asked, 2);
}

void TestProblemsPanel::aChosenRowStaysWhenItsCountGrows()
{
    World world({256, 12, 0});
    QVERIFY(world.show());
    world.tell();
    QVERIFY(world.has(2));
    world.click(1);
    world.scene.rows.reply = [&](const types::Query& query) {
        auto page = world.scene.page(query);
        if (page.ok()) page->rows.push_back(page->rows.back());
        return page;
    };
    widgets::RunUpdate update;
    types::VertexCounts counts = world.run.vertices()[world.scene.vertex("edges")];
    ++counts.counts[static_cast<std::size_t>(types::TaskState::Failed)];
    update.vertices = {counts};
    world.run.take(update);
    QTRY_COMPARE(world.row(1).count, std::uint64_t{9});
    QVERIFY(world.panel.table()->selectionModel()->isRowSelected(1));
}

void TestProblemsPanel::itLooksCalm()
{
    World world({256, 12, 0});
    QVERIFY(tests::showAt(world.panel, 1416, 320));
    widgets::RunUpdate update = world.scene.update();
    update.nodes[2].state = types::NodeState::Dead;
    update.nodes[2].why = "connection closed by peer";
    world.run.take(update);
    world.graph.setGraph(wrongGraph(), {});
    QVERIFY(QTest::qWaitFor([&] { return world.panel.count() >= 4; }));
    world.click(world.panel.count() - 1);
    QVERIFY(tests::shoot(world.panel, QStringLiteral("problems")));
}

QTEST_MAIN(TestProblemsPanel)
#include "tst_problems_panel.moc"
