// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The edited graph without a canvas: wires that fit, steps of undo, what is checked.
#include "tests/widgets/graph/canvas_samples.h"

#include <QSignalSpy>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

struct Desk {
    explicit Desk(types::Graph graph)
    {
        model.setCatalog(samples::catalog());
        model.setGraph(std::move(graph), {});
    }
    QStringList fitting(const char* vertex, const char* port, bool outward) const
    {
        QStringList names;
        for (const auto& fit : model.fitting({vertex, port}, outward)) names << fit.function + u'.' + fit.port;
        return names;
    }
    GraphModel model;
};

bool hasProblem(const types::CheckedGraph& checked, const std::string& part)
{
    return std::any_of(checked.problems.begin(), checked.problems.end(),
                       [&](const auto& problem) { return problem.message.find(part) != std::string::npos; });
}

} // namespace

class TestGraphModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void functionsThatFitAWireAreFound()
    {
        const Desk desk(samples::pictureGraph());
        // Of a map: index by index to one, or all of it to a list.
        QCOMPARE(desk.fitting("tile", "tile", true),
                 QStringList({QStringLiteral("pictures.grey.tile"), QStringLiteral("pictures.join.tiles")}));
        // A list of numbers: each to whoever takes one.
        QCOMPARE(desk.fitting("range", "items", true),
                 QStringList({QStringLiteral("numbers.add.a"), QStringLiteral("pictures.draw.n"),
                              QStringLiteral("pictures.tile.n")}));
        // What an input takes; one that has its wire takes nothing more.
        QCOMPARE(desk.fitting("save", "image", false), QStringList());
        Desk open(samples::pictureGraph());
        open.model.remove({}, {samples::edge("join.image", "save.image")});
        QCOMPARE(open.fitting("save", "image", false),
                 QStringList({QStringLiteral("pictures.draw.image"), QStringLiteral("pictures.join.image")}));
    }
    void aTaskAndItsWireComeInOneStepOrNotAtAll()
    {
        Desk desk(samples::pictureGraph());
        const std::string before = desk.model.documentText();
        QString why;
        QVERIFY(desk.model
                    .addWired(QStringLiteral("pictures.save"), {0, 300}, {"tile", "tile"}, true,
                              QStringLiteral("image"), &why)
                    .isEmpty());
        QVERIFY(!why.isEmpty());
        QCOMPARE(desk.model.documentText(), before);
        QCOMPARE(desk.model.addWired(QStringLiteral("pictures.grey"), {0, 300}, {"tile", "tile"}, true,
                                     QStringLiteral("tile")),
                 QStringLiteral("grey_2"));
        QCOMPARE(desk.model.graph().edges.size(), 5u);
        QVERIFY(desk.model.checked().ok());
        desk.model.undoStack().undo();
        QCOMPARE(desk.model.documentText(), before);
    }
    void portsListedInParametersFollowThem()
    {
        types::FunctionInfo listed;
        listed.name = "numbers.listed";
        listed.computedPorts = true;
        listed.outputs = {{"out", "i64", {}, false}};
        listed.paramSchema = R"({"type":"object","properties":{"outputs":{"type":"array","items":{"type":"string"},
            "default":["out"],"x-ports":"outputs","x-port-types":["i64"]}}})";
        auto catalog = std::make_shared<types::Catalog>(*samples::catalog());
        for (auto& plugin : catalog->plugins)
            if (plugin.name == "numbers") plugin.functions.push_back(listed);
        GraphModel model;
        model.setCatalog(catalog);
        const QString id = model.addVertex(QStringLiteral("numbers.listed"), {0, 0});
        const auto outputs = [&] {
            QStringList names;
            for (const auto& port : model.functionOf(*model.graph().find(id.toStdString()))->outputs)
                names << QString::fromStdString(port.name);
            return names;
        };
        QCOMPARE(outputs(), QStringList({QStringLiteral("out")}));
        QCOMPARE(model.setParameter(id, QStringLiteral("outputs"), R"(["first","second"])"), QString());
        QCOMPARE(outputs(), QStringList({QStringLiteral("first"), QStringLiteral("second")}));
        QVERIFY(model.checked().ok());
        const QString adds = model.addVertex(QStringLiteral("numbers.add"), {200, 0});
        const types::PortRef second{id.toStdString(), "second"}, a{adds.toStdString(), "a"};
        QCOMPARE(model.connectPorts(second, a), QString());
        QCOMPARE(model.setParameter(id, QStringLiteral("outputs"), R"(["first"])"), QString());
        QVERIFY(hasProblem(model.checked(), "numbers.listed has no output \"second\""));
        model.undoStack().undo();
        QVERIFY(!hasProblem(model.checked(), "has no output"));
    }
    void aRefusedRewiringLeavesTheOldWire()
    {
        Desk desk(samples::pictureGraph());
        const std::string before = desk.model.documentText();
        const auto edge = samples::edge("join.image", "save.image");
        QVERIFY(!desk.model.rewire(edge, {"join", "image"}, {"grey", "tile"}).isEmpty());
        QCOMPARE(desk.model.documentText(), before);
        QVERIFY(!desk.model.canConnect({"join", "image"}, {"save", "image"}).yes);
        QVERIFY(desk.model.canRewire(edge, {"join", "image"}, {"save", "image"}).yes);
    }
    void movesOfTheSameTasksAreOneStepAndOthersAnother()
    {
        Desk desk(samples::pictureGraph());
        const auto move = [&](const char* id, int x) {
            desk.model.moveVertices({{QString::fromLatin1(id), QPoint(x, 8)}}, QStringLiteral("Move"), true);
        };
        for (const int x : {8, 16, 24}) move("tile", x);
        QCOMPARE(desk.model.undoStack().count(), 1);
        move("grey", 8);
        QCOMPARE(desk.model.undoStack().count(), 2);
        desk.model.undoStack().undo();
        QCOMPARE(desk.model.graph().find("tile")->x, 24);
        desk.model.undoStack().undo();
        QCOMPARE(desk.model.graph().find("tile")->x, 160);
    }
    void pastedTasksPinTheirPlugin()
    {
        Desk from(samples::pictureGraph()), to({});
        QCOMPARE(to.model.paste(from.model.copy({QStringLiteral("join"), QStringLiteral("save")}), {100, 40}).size(),
                 2);
        QCOMPARE(to.model.graph().plugins.size(), 1u);
        QCOMPARE(to.model.graph().plugins[0].name, "pictures");
        QCOMPARE(to.model.graph().find("join")->x, 100);
        QVERIFY(to.model.paste("no graph", {}).isEmpty());
    }
    void aCycleIsNamedAndWidthsFlowAlongWires()
    {
        auto graph = samples::pictureGraph();
        const auto checked = types::checkGraph(graph, *samples::catalog());
        QVERIFY(checked.ok());
        const auto wide = [&](const char* id) {
            return checked.vertices[static_cast<std::size_t>(graph.indexOf(id))].wide;
        };
        QVERIFY(wide("tile") && wide("grey"));
        QVERIFY(!wide("range") && !wide("join"));
        graph.edges.push_back(samples::edge("join.image", "tile.n"));
        QVERIFY(hasProblem(types::checkGraph(graph, *samples::catalog()), "cycle: "));
        QVERIFY(hasProblem(types::checkGraph(graph, *samples::catalog()), "join"));
    }
    void anotherDocumentForgetsUndoAndSaysSoFirst()
    {
        Desk desk(samples::pictureGraph());
        desk.model.addVertex(QStringLiteral("numbers.add"), {});
        QSignalSpy replaced(&desk.model, &GraphModel::graphReplaced);
        bool before = false;
        connect(&desk.model, &GraphModel::graphChanged, this, [&] { before = replaced.count() == 1; });
        desk.model.setGraph({}, QStringLiteral("/graphs/other.orrery"));
        QVERIFY(before);
        QVERIFY(!desk.model.undoStack().canUndo());
        QCOMPARE(desk.model.title(), QStringLiteral("other.orrery"));
    }
};

QTEST_GUILESS_MAIN(TestGraphModel)
#include "tst_graph_model.moc"
