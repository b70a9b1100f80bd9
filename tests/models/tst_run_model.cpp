// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "widgets/models/run_model.h"

#include <QSignalSpy>
#include <QTest>

using namespace orrery;
using widgets::LinkState;
using widgets::RunModel;
using widgets::RunUpdate;

namespace {

base::RunId runId(std::uint64_t number) { return {{3, number}}; }

RunUpdate updateOf(std::uint32_t number)
{
    RunUpdate update;
    update.run = runId(number);
    types::RunRow row;
    row.id = runId(number);
    row.number = number;
    update.runs = {row};
    return update;
}

types::NodeRow node(std::uint16_t number, base::TimeNs heartbeatNs, std::uint64_t netIn = 0)
{
    types::NodeRow row;
    row.node = number;
    row.heartbeatNs = heartbeatNs;
    row.netInBytes = netIn;
    return row;
}

} // namespace

class tst_run_model : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everythingIsInItsPlaceBeforeTheFirstSignal()
    {
        RunModel model;
        auto update = updateOf(1);
        auto graph = std::make_shared<types::Graph>();
        graph->vertices.push_back({"sum", "basic.add"});
        update.graph = graph;
        update.vertices = {types::VertexCounts{0, 3, {}, 0}};
        update.logs.resize(2);
        int seen = 0;
        const auto whole = [&] {
            ++seen;
            QVERIFY(model.shownRun() && model.shownRun()->number == 1);
            QCOMPARE(model.taskName(0, 2), QStringLiteral("sum [2]"));
            QCOMPARE(model.functionOf(0), QStringLiteral("basic.add"));
            QCOMPARE(model.logs().size(), std::size_t{2});
        };
        connect(&model, &RunModel::linkChanged, this, whole);
        connect(&model, &RunModel::shownRunChanged, this, whole);
        connect(&model, &RunModel::runsChanged, this, whole);
        connect(&model, &RunModel::countsChanged, this, whole);
        connect(&model, &RunModel::logsChanged, this, whole);
        connect(&model, &RunModel::rowsChanged, this, whole);
        connect(&model, &RunModel::ticked, this, whole);
        model.take(update);
        QCOMPARE(seen, 7);
    }
    void whatDidNotChangeIsNotSignalled()
    {
        RunModel model;
        model.take(updateOf(1));
        QSignalSpy link(&model, &RunModel::linkChanged), runs(&model, &RunModel::runsChanged), rows(&model, &RunModel::rowsChanged), spans(&model, &RunModel::spansChanged),
            nodes(&model, &RunModel::nodesChanged), ticks(&model, &RunModel::ticked);
        RunUpdate nothing;
        nothing.run = runId(1);
        model.take(nothing);
        QCOMPARE(link.count() + runs.count() + rows.count() + spans.count() + nodes.count(), 0);
        QCOMPARE(ticks.count(), 1);
    }
    void anotherRunForgetsTheOneBefore()
    {
        RunModel model;
        auto first = updateOf(1);
        first.vertices = {types::VertexCounts{4, 9, {}, 0}};
        first.tiles.resize(1);
        first.tiles[0].tiles = {{0, {}}};
        first.previews = {{0, QImage(1, 1, QImage::Format_RGB32)}};
        first.graph = std::make_shared<types::Graph>();
        first.objects = 7;
        model.take(first);
        QCOMPARE(model.vertices().size(), std::size_t{5});
        model.take(updateOf(2));
        QVERIFY(model.vertices().empty() && !model.tiles(0) && model.preview(0).isNull() && !model.graph());
        QCOMPARE(model.objects(), std::uint64_t{0});
        QCOMPARE(model.shownRun()->number, 2u);
        QCOMPARE(model.runs().size(), std::size_t{2}); // runs are of the world
        RunUpdate none;
        none.resync = true;
        model.take(none);
        QVERIFY(!model.shownRun());
    }
    void theShownRunIsFoundWhenItsRowComesLater()
    {
        RunModel model;
        RunUpdate early;
        early.run = runId(5);
        model.take(early);
        QVERIFY(!model.shownRun());
        auto row = updateOf(5);
        row.runs[0].tasks = 3;
        model.take(row);
        QCOMPARE(model.shownRun()->tasks, 3u);
        row.runs[0].tasks = 4;
        model.take(row);
        QCOMPARE(model.shownRun()->tasks, 4u);
    }
    void anotherWorldForgetsRunsNodesWorkersAndLines()
    {
        RunModel model;
        auto update = updateOf(1);
        update.nodes = {node(0, 5 * base::kSecond)};
        update.workers.resize(1);
        update.logs.resize(3);
        model.take(update);
        QSignalSpy nodes(&model, &RunModel::nodesChanged), workers(&model, &RunModel::workersChanged);
        auto other = updateOf(2);
        other.newWorld = true;
        other.logs.resize(1);
        model.take(other);
        QCOMPARE(model.runs().size(), std::size_t{1});
        QVERIFY(model.nodes().empty() && model.workers().empty());
        QCOMPARE(model.logs().size(), std::size_t{1});
        QCOMPARE(model.logsSeen(), std::uint64_t{4}); // who reads on from there misses nothing
        QCOMPARE(nodes.count() + workers.count(), 2);
        // Its nodes have another clock.
        other.nodes = {node(0, base::kSecond)};
        model.take(other);
        QCOMPARE(model.figures(0).size(), std::size_t{1});
    }
    void linesAndTilesStayBounded()
    {
        RunModel model;
        auto update = updateOf(1);
        update.logs.resize(widgets::kLogLinesKept + 10);
        update.logsDropped = 5;
        update.tiles.resize(1);
        update.tiles[0].tiles = {{1, {}}, {widgets::kTilesMax, {}}, {0xffffffff, {}}};
        update.tiles[0].images = {{widgets::kTilesMax, QImage(1, 1, QImage::Format_RGB32)}};
        model.take(update);
        QCOMPARE(model.logs().size(), widgets::kLogLinesKept);
        QCOMPARE(model.logsDropped(), std::uint64_t{15});
        QCOMPARE(model.tiles(0)->tiles.size(), std::size_t{2});
        QVERIFY(model.tiles(0)->images.isEmpty());
    }
    void figuresComeFromHeartbeatsAndRatesFromTwoOfThem()
    {
        RunModel model;
        RunUpdate update;
        update.nodes = {node(1, base::kSecond, 1000), node(0, base::kSecond)};
        model.take(update);
        QCOMPARE(model.nodes()[0].node, std::uint16_t{0}); // by number
        QCOMPARE(model.figures(1).back().netInPerSecond, 0.0);
        model.take(update); // the same heartbeat again
        QCOMPARE(model.figures(1).size(), std::size_t{1});
        update.nodes[0] = node(1, 3 * base::kSecond, 5000);
        model.take(update);
        QCOMPARE(model.figures(1).size(), std::size_t{2});
        QCOMPARE(model.figures(1).back().netInPerSecond, 2000.0);
        update.nodes[0] = node(1, 4 * base::kSecond, 10); // it began anew
        model.take(update);
        QCOMPARE(model.figures(1).back().netInPerSecond, 0.0);
        for (std::size_t i = 0; i < widgets::kFiguresKept; ++i) {
            update.nodes[0].heartbeatNs += base::kSecond;
            model.take(update);
        }
        QCOMPARE(model.figures(1).size(), widgets::kFiguresKept);
        QVERIFY(model.figures(9).empty());
    }
    void workersAreCountedOnTheirNodeAndNodesHaveLetters()
    {
        RunModel model;
        RunUpdate update;
        for (std::uint16_t track = 0; track < 5; ++track) {
            types::WorkerRow worker;
            worker.track = track;
            worker.node = track % 2;
            update.workers.push_back(worker);
        }
        model.take(update);
        QCOMPARE(model.workerNumber(0), 1);
        QCOMPARE(model.workerNumber(4), 3);
        QCOMPARE(model.workerNumber(3), 2);
        QCOMPARE(model.workerNumber(77), 0);
        QCOMPARE(RunModel::nodeLetter(0), QStringLiteral("A"));
        QCOMPARE(RunModel::nodeLetter(25), QStringLiteral("Z"));
        QCOMPARE(RunModel::nodeLetter(26), QStringLiteral("AA"));
    }
};

QTEST_APPLESS_MAIN(tst_run_model)
#include "tst_run_model.moc"
