// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Editing on the canvas with the mouse and the keys: what the graph is afterwards, and what undo makes of it.
#include "tests/widgets/graph/canvas_hand.h"
#include "widgets/graph/pick_list.h"

#include <QApplication>
#include <QClipboard>
#include <QDropEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QUrl>

using namespace orrery;
using namespace orrery::widgets;
using samples::Hand;

namespace {

PickList* palette(QWidget& canvas)
{
    return canvas.window()->findChild<PickList*>();
}

// Opens nothing itself: types into the palette that is open and takes the first match.
void pick(QWidget& canvas, const QString& letters)
{
    PickList* list = palette(canvas);
    QVERIFY(list);
    QTest::keyClicks(list->edit(), letters);
    QTest::keyClick(list->edit(), Qt::Key_Return);
    QTRY_VERIFY(!palette(canvas));
}

types::Graph three()
{
    types::Graph graph;
    graph.plugins = {{"numbers", {}}, {"pictures", {}}};
    graph.vertices = {samples::vertex("make", "numbers.make", 40, 40), samples::vertex("add", "numbers.add", 300, 40),
                      samples::vertex("save", "pictures.save", 300, 240)};
    return graph;
}

} // namespace

class TestCanvasEdit : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::of().setReduceMotion(true); }

    void threeTasksAreAddedAndWiredByHand()
    {
        Hand hand;
        hand.key(Qt::Key_Tab);
        pick(hand.canvas, QStringLiteral("mak"));
        hand.key(Qt::Key_Tab);
        pick(hand.canvas, QStringLiteral("add"));
        QTest::mouseDClick(&hand.canvas, Qt::LeftButton, {}, QPoint(900, 500));
        pick(hand.canvas, QStringLiteral("draw"));
        QCOMPARE(hand.model.graph().vertices.size(), 3u);
        hand.drag(hand.out("make", "out"), hand.in("add", "a"));
        hand.drag(hand.out("add", "sum"), hand.in("draw", "n"));
        QCOMPARE(hand.wires(), QStringLiteral("make.out>add.a add.sum>draw.n"));
        QVERIFY(hand.model.checked().ok());
        QCOMPARE(hand.selection.vertices(), QStringList({QStringLiteral("draw")}));
    }
    void aRefusedWireSaysWhyAndChangesNothing()
    {
        Hand hand(three());
        const std::string before = hand.model.documentText();
        QSignalSpy said(&hand.canvas, &GraphCanvas::message);
        const QPointF from = hand.out("make", "out"), to = hand.in("save", "image");
        hand.press(from);
        hand.carry(from, to);
        QCOMPARE(hand.canvas.refusal(), QStringLiteral("expects image, got i64"));
        const QImage refused = hand.canvas.grab().toImage();
        hand.release(to);
        QCOMPARE(said.count(), 1);
        QCOMPARE(said[0][0].toString(), QStringLiteral("expects image, got i64"));
        QVERIFY(hand.canvas.refusal().isEmpty());
        QCOMPARE(hand.model.documentText(), before);
        QVERIFY(!hand.model.undoStack().canUndo());
        QVERIFY(hand.canvas.grab().toImage() != refused); // the line at the cursor is gone
    }
    void aWireThatWouldCloseACycleIsRefused()
    {
        auto graph = three();
        graph.vertices.push_back(samples::vertex("add_2", "numbers.add", 520, 40));
        graph.edges = {samples::edge("add.sum", "add_2.a")};
        Hand hand(graph);
        const QPointF from = hand.out("add_2", "sum"), to = hand.in("add", "b");
        hand.press(from);
        hand.carry(from, to);
        QCOMPARE(hand.canvas.refusal(), QStringLiteral("this would close a cycle"));
        hand.release(to);
        QCOMPARE(hand.model.graph().edges.size(), 1u);
    }
    void aWireDroppedOnACardTakesItsFirstPortThatFits()
    {
        Hand hand(three());
        hand.drag(hand.out("make", "out"), hand.header(QStringLiteral("add")));
        QCOMPARE(hand.wires(), QStringLiteral("make.out>add.a"));
        hand.drag(hand.out("make", "out"), hand.header(QStringLiteral("add")));
        QCOMPARE(hand.wires(), QStringLiteral("make.out>add.a make.out>add.b"));
    }
    void anInputIsDraggedToItsSource()
    {
        Hand hand(three());
        hand.drag(hand.in("add", "a"), hand.out("make", "out"));
        QCOMPARE(hand.wires(), QStringLiteral("make.out>add.a"));
    }
    void aWiresEndMovesToAnotherInputInOneStep()
    {
        auto graph = three();
        graph.edges = {samples::edge("make.out", "add.a")};
        Hand hand(graph);
        hand.drag(hand.in("add", "a"), hand.in("add", "b"));
        QCOMPARE(hand.wires(), QStringLiteral("make.out>add.b"));
        QCOMPARE(hand.model.undoStack().count(), 1);
        hand.model.undoStack().undo();
        QCOMPARE(hand.wires(), QStringLiteral("make.out>add.a"));
    }
    void aWiresEndDroppedOnNothingIsRemoved()
    {
        auto graph = three();
        graph.edges = {samples::edge("make.out", "add.a")};
        Hand hand(graph);
        hand.drag(hand.in("add", "a"), QPointF(700, 600));
        QVERIFY(hand.model.graph().edges.empty());
        QVERIFY(!palette(hand.canvas));
    }
    void aWireDroppedOnNothingOffersWhatFitsAndWiresIt()
    {
        Hand hand(three());
        hand.drag(hand.out("make", "out"), QPointF(900, 560));
        PickList* list = palette(hand.canvas);
        QVERIFY(list);
        QCOMPARE(list->count(), 3); // add, draw, tile take an i64
        pick(hand.canvas, QStringLiteral("draw"));
        QCOMPARE(hand.wires(), QStringLiteral("make.out>draw.n"));
        QCOMPARE(hand.model.undoStack().count(), 1);
        const QPointF port = hand.in("draw", "n");
        QVERIFY2((port - QPointF(900, 560)).manhattanLength() < 8,
                 "the new card's port lies where the wire was dropped");
    }
    void aClickedWireIsDeletedWithTheKey()
    {
        auto graph = three();
        graph.edges = {samples::edge("make.out", "add.a")};
        Hand hand(graph);
        hand.click((hand.out("make", "out") + hand.in("add", "a")) / 2);
        hand.key(Qt::Key_Delete);
        QVERIFY(hand.model.graph().edges.empty());
        QCOMPARE(hand.model.graph().vertices.size(), 3u);
    }
    void undoAndRedoRestoreTheDocumentByteByByte()
    {
        Hand hand(three());
        std::vector<std::string> texts{hand.model.documentText()};
        const auto note = [&] {
            QVERIFY(hand.model.documentText() != texts.back());
            texts.push_back(hand.model.documentText());
        };
        hand.drag(hand.out("make", "out"), hand.in("add", "a"));
        note();
        hand.drag(hand.header(QStringLiteral("save")), hand.header(QStringLiteral("save")) + QPointF(200, 80));
        note();
        hand.key(Qt::Key_D, Qt::ControlModifier);
        note();
        hand.key(Qt::Key_Delete);
        note();
        hand.key(Qt::Key_Tab);
        pick(hand.canvas, QStringLiteral("join"));
        note();
        QCOMPARE(hand.model.undoStack().count(), 5);
        for (std::size_t i = texts.size() - 1; i-- > 0;) {
            hand.key(Qt::Key_Z, Qt::ControlModifier);
            QCOMPARE(hand.model.documentText(), texts[i]);
        }
        for (std::size_t i = 1; i < texts.size(); ++i) {
            hand.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
            QCOMPARE(hand.model.documentText(), texts[i]);
        }
    }
    void aDragIsOneStepAndEscapeTakesItBack()
    {
        Hand hand(three());
        const std::string before = hand.model.documentText();
        const QPointF from = hand.header(QStringLiteral("add"));
        hand.press(from);
        hand.carry(from, from + QPointF(120, 60));
        hand.key(Qt::Key_Escape);
        hand.release(from + QPointF(120, 60));
        QCOMPARE(hand.model.documentText(), before);
        QCOMPARE(hand.header(QStringLiteral("add")), from);
        hand.drag(from, from + QPointF(120, 60));
        QCOMPARE(hand.model.undoStack().count(), 1);
        QCOMPARE(hand.model.graph().find("add")->x, 420);
        QCOMPARE(hand.model.graph().find("add")->y, 100);
    }
    void pastedTasksHaveNewNamesAndTheirWires()
    {
        auto graph = three();
        graph.edges = {samples::edge("make.out", "add.a")};
        Hand hand(graph);
        hand.selection.selectVertices({QStringLiteral("make"), QStringLiteral("add")});
        hand.key(Qt::Key_C, Qt::ControlModifier);
        hand.key(Qt::Key_V, Qt::ControlModifier);
        hand.key(Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(hand.model.graph().vertices.size(), 7u);
        QCOMPARE(hand.wires(), QStringLiteral("make.out>add.a make_2.out>add_2.a make_3.out>add_3.a"));
        QCOMPARE(hand.selection.vertices(), QStringList({QStringLiteral("add_3"), QStringLiteral("make_3")}));
        QVERIFY2(hand.canvas.cardRect(QStringLiteral("make_2")).topLeft() !=
                     hand.canvas.cardRect(QStringLiteral("make_3")).topLeft(),
                 "one does not hide the other");
        hand.key(Qt::Key_X, Qt::ControlModifier);
        QCOMPARE(hand.model.graph().vertices.size(), 5u);
        QVERIFY(types::parseDocument(QApplication::clipboard()->text().toStdString()).ok());
    }
    void aClipboardWithoutTasksSaysSo()
    {
        Hand hand(three());
        QSignalSpy said(&hand.canvas, &GraphCanvas::message);
        QApplication::clipboard()->setText(QStringLiteral("hello"));
        hand.key(Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(said.count(), 1);
        QCOMPARE(hand.model.graph().vertices.size(), 3u);
    }
    void aHeapIsLaidOutInOneStepOffTheThread()
    {
        auto graph = samples::wideGraph(60, 6);
        for (auto& vertex : graph.vertices) vertex.x = vertex.y = 12;
        Hand hand(graph);
        const std::string before = hand.model.documentText();
        hand.key(Qt::Key_L);
        QVERIFY(hand.canvas.isLayoutRunning());
        QTRY_VERIFY(!hand.canvas.isLayoutRunning());
        const auto& cards = hand.canvas.scene().cards();
        for (std::size_t a = 0; a < cards.size(); ++a)
            for (std::size_t b = a + 1; b < cards.size(); ++b) QVERIFY(!cards[a].rect.intersects(cards[b].rect));
        QCOMPARE(hand.model.undoStack().count(), 1);
        hand.model.undoStack().undo();
        QCOMPARE(hand.model.documentText(), before);
    }
    void aLayoutOfAGraphThatChangedIsDropped()
    {
        Hand hand(three());
        QSignalSpy said(&hand.canvas, &GraphCanvas::message);
        hand.key(Qt::Key_L);
        hand.model.addVertex(QStringLiteral("numbers.add"), {700, 400});
        const std::string now = hand.model.documentText();
        QTRY_VERIFY(!hand.canvas.isLayoutRunning());
        QCOMPARE(said.count(), 1);
        QCOMPARE(hand.model.documentText(), now);
    }
    void aCanvasMayGoWhileItsLayoutRuns()
    {
        Hand hand(samples::wideGraph(2'000, 40));
        hand.key(Qt::Key_L);
        QVERIFY(hand.canvas.isLayoutRunning());
    }
    void aBandSelectsWhatItTouchesAndControlAddsOne()
    {
        Hand hand(three());
        const QRectF save = hand.canvas.cardRect(QStringLiteral("save"));
        hand.drag(QPointF(4, 4), hand.canvas.cardRect(QStringLiteral("add")).center());
        QCOMPARE(hand.selection.vertices(), QStringList({QStringLiteral("add"), QStringLiteral("make")}));
        hand.click(save.center(), Qt::ControlModifier);
        QCOMPARE(hand.selection.vertices().size(), 3);
        hand.click(save.center(), Qt::ControlModifier);
        QCOMPARE(hand.selection.vertices().size(), 2);
        hand.click(save.bottomRight() + QPointF(60, 60));
        QVERIFY(hand.selection.vertices().isEmpty());
    }
    void allIsDoneWithoutAMouse()
    {
        Hand hand(three());
        QSignalSpy inspector(&hand.canvas, &GraphCanvas::inspectorRequested);
        hand.key(Qt::Key_Right);
        QCOMPARE(hand.selection.vertices(), QStringList({QStringLiteral("make")}));
        hand.key(Qt::Key_W);
        pick(hand.canvas, QStringLiteral("add.a"));
        QCOMPARE(hand.wires(), QStringLiteral("make.out>add.a"));
        hand.key(Qt::Key_W);
        pick(hand.canvas, QStringLiteral("remove"));
        QVERIFY(hand.model.graph().edges.empty());
        hand.key(Qt::Key_Right);
        QCOMPARE(hand.selection.vertices(), QStringList({QStringLiteral("add")}));
        hand.key(Qt::Key_Down);
        QCOMPARE(hand.selection.vertices(), QStringList({QStringLiteral("save")}));
        const int x = hand.model.graph().find("save")->x, steps = hand.model.undoStack().count();
        hand.key(Qt::Key_Right, Qt::ControlModifier);
        hand.key(Qt::Key_Right, Qt::ControlModifier);
        QCOMPARE(hand.model.graph().find("save")->x, x + 16);
        QCOMPARE(hand.model.undoStack().count(), steps + 1);
        hand.key(Qt::Key_Return);
        QCOMPARE(inspector.count(), 1);
        hand.key(Qt::Key_A, Qt::ControlModifier);
        hand.key(Qt::Key_Delete);
        QVERIFY(hand.model.graph().vertices.empty());
    }
    void escapeClosesThePaletteAndGivesTheKeysBack()
    {
        Hand hand(three());
        hand.key(Qt::Key_Tab);
        QVERIFY(palette(hand.canvas));
        QTest::keyClicks(palette(hand.canvas)->edit(), QStringLiteral("zzz"));
        QCOMPARE(palette(hand.canvas)->count(), 0);
        QTest::keyClick(palette(hand.canvas)->edit(), Qt::Key_Return);
        QVERIFY2(palette(hand.canvas), "nothing to take");
        QTest::keyClick(palette(hand.canvas)->edit(), Qt::Key_Escape);
        QTRY_VERIFY(!palette(hand.canvas));
        QVERIFY(hand.canvas.hasFocus());
        QCOMPARE(hand.model.graph().vertices.size(), 3u);
    }
    void aFunctionOfTheLibraryAndADocumentAreDropped()
    {
        Hand hand;
        QSignalSpy opened(&hand.canvas, &GraphCanvas::fileDropped);
        const auto drop = [&](QMimeData& data, QPointF at) {
            QDragEnterEvent enter(at.toPoint(), Qt::CopyAction, &data, Qt::LeftButton, {});
            QCoreApplication::sendEvent(&hand.canvas, &enter);
            QDropEvent event(at, Qt::CopyAction, &data, Qt::LeftButton, {});
            if (enter.isAccepted()) QCoreApplication::sendEvent(&hand.canvas, &event);
            return enter.isAccepted();
        };
        QMimeData function, file, other;
        function.setData(kFunctionMime, "numbers.add");
        file.setUrls({QUrl::fromLocalFile(QStringLiteral("/graphs/one.orrery"))});
        other.setText(QStringLiteral("words"));
        QVERIFY(drop(function, {400, 300}));
        QVERIFY(hand.canvas.cardRect(QStringLiteral("add")).contains(QPointF(400, 300)));
        QVERIFY(drop(file, {10, 10}));
        QCOMPARE(opened[0][0].toString(), QStringLiteral("/graphs/one.orrery"));
        QVERIFY(!drop(other, {10, 10}));
    }
    void anUnknownFunctionKeepsItsParametersAndWires()
    {
        auto graph = three();
        graph.vertices.push_back(samples::vertex("lost", "gone.away", 560, 40));
        graph.vertices.back().params = R"({"a":1})";
        graph.edges = {samples::edge("add.sum", "lost.first"), samples::edge("lost.second", "save.image")};
        Hand hand(graph);
        const Card& card =
            hand.canvas.scene().cards()[static_cast<std::size_t>(hand.canvas.scene().cardOf(QStringLiteral("lost")))];
        QVERIFY(!card.known);
        QVERIFY(card.problem.contains(QStringLiteral("there is no function")));
        QCOMPARE(card.inputs[0].name, QStringLiteral("first"));
        QCOMPARE(card.outputs[0].name, QStringLiteral("second"));
        hand.drag(hand.header(QStringLiteral("lost")), hand.header(QStringLiteral("lost")) + QPointF(40, 40));
        QCOMPARE(hand.model.graph().find("lost")->params, R"({"a":1})");
        QCOMPARE(hand.model.graph().edges.size(), 2u);
    }
    void aPortThatMissesItsWireSaysSo()
    {
        Hand hand(three());
        const auto& scene = hand.canvas.scene();
        const Card& add = scene.cards()[static_cast<std::size_t>(scene.cardOf(QStringLiteral("add")))];
        QCOMPARE(add.inputs[0].problem, QStringLiteral("a is not connected"));
        QVERIFY2(add.inputs[1].problem.isEmpty(), "an optional one may be free");
        QVERIFY2(add.problem.isEmpty(), "the port says it, not the card as well");
        hand.drag(hand.out("make", "out"), hand.in("add", "a"));
        QVERIFY(
            scene.cards()[static_cast<std::size_t>(scene.cardOf(QStringLiteral("add")))].inputs[0].problem.isEmpty());
    }
};

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    installTheme(app, Theme::Mode::Dark);
    TestCanvasEdit test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_canvas_edit.moc"
