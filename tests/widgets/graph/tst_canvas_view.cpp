// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Looking at the canvas: what is painted, what a run shows on it, how the camera moves.
#include "tests/widgets/graph/canvas_hand.h"
#include "widgets/graph/minimap.h"

#include <QAccessible>
#include <QApplication>

using namespace orrery;
using namespace orrery::widgets;
using samples::Hand;
using types::TaskState;

namespace {

constexpr QRgb kRed = 0xffc81e1e, kBlue = 0xff1e1ec8;

// Sixteen tiles in a square: one red picture, one running, one ready, one lost and computed again in blue.
RunUpdate sixteen(std::shared_ptr<const types::Graph> graph)
{
    const auto tile = static_cast<std::uint16_t>(graph->indexOf("tile"));
    RunUpdate update;
    update.run = samples::runId(1);
    update.graph = std::move(graph);
    update.nowNs = 1'000;
    update.vertices = {
        samples::counts(tile, {{TaskState::Finished, 2}, {TaskState::Running, 1}, {TaskState::PendingAssignment, 13}})};
    TileUpdate tiles;
    tiles.vertex = tile;
    tiles.columns = tiles.rows = 4;
    for (std::uint32_t i = 0; i < 16; ++i) {
        Tile one;
        one.row = 100 + i;
        one.state = i == 5 || i == 6 ? TaskState::Finished : i == 9 ? TaskState::Running : TaskState::PendingAssignment;
        if (i == 6) one.attempt = 2;
        tiles.tiles.emplace_back(i, one);
    }
    tiles.images = {{5u, samples::picture(kRed)}, {6u, samples::picture(kBlue)}};
    update.tiles.push_back(tiles);
    return update;
}

QColor pixel(GraphCanvas& canvas, const QPointF& at)
{
    return canvas.grab().toImage().pixelColor(at.toPoint());
}

int distance(QRgb a, QRgb b)
{
    return std::abs(qRed(a) - qRed(b)) + std::abs(qGreen(a) - qGreen(b)) + std::abs(qBlue(a) - qBlue(b));
}

} // namespace

class TestCanvasView : public QObject {
    Q_OBJECT
private:
    static void play(Hand& hand)
    {
        hand.run.take(sixteen(std::make_shared<const types::Graph>(hand.model.graph())));
        QTRY_COMPARE(hand.canvas.runOf(hand.canvas.scene().cardOf(QStringLiteral("tile"))).tasks, 16u);
    }

private Q_SLOTS:
    void initTestCase() { Theme::of().setReduceMotion(true); }

    void ofTenThousandCardsOnlyVisibleOnesAreLookedAt()
    {
        Hand hand(samples::wideGraph(10'000, 100), QSize(1600, 900));
        Q_EMIT Theme::of().changed(); // all is drawn anew
        hand.canvas.grab();
        QCOMPARE(hand.canvas.lastPaint().cards, 10'000); // fitted: all are seen
        hand.canvas.zoomTo(1);
        hand.canvas.grab();
        const auto whole = hand.canvas.lastPaint();
        const int room = (1600 / 220 + 2) * (900 / 110 + 2);
        QVERIFY2(whole.cards > 20 && whole.cards <= room, qPrintable(QString::number(whole.cards)));
        QVERIFY2(whole.wires < 12 * room, qPrintable(QString::number(whole.wires)));
        // A pan draws a strip, not the screen.
        QTest::mousePress(&hand.canvas, Qt::MiddleButton, {}, QPoint(800, 450));
        QTest::mouseMove(&hand.canvas, QPoint(810, 450));
        hand.canvas.grab();
        QTest::mouseRelease(&hand.canvas, Qt::MiddleButton, {}, QPoint(810, 450));
        QVERIFY2(hand.canvas.lastPaint().cards <= 900 / 110 + 2,
                 qPrintable(QString::number(hand.canvas.lastPaint().cards)));
        hand.moveTo({1, 1});
        hand.canvas.grab();
        hand.canvas.grab();
        QCOMPARE(hand.canvas.lastPaint().cards, 0); // nothing has changed
    }
    void aPannedImageIsTheImageDrawnThere_data()
    {
        QTest::addColumn<double>("scale");
        for (const double scale : {.1, .3, .8, 1.0, 1.7}) QTest::addRow("%.1f", scale) << scale;
    }
    void aPannedImageIsTheImageDrawnThere()
    {
        QFETCH(double, scale);
        Hand hand(samples::wideGraph(600, 20), QSize(700, 500));
        hand.canvas.findChild<Minimap*>()->hide();
        hand.canvas.zoomTo(scale);
        hand.canvas.grab();
        QTest::mousePress(&hand.canvas, Qt::MiddleButton, {}, QPoint(300, 200));
        for (const QPoint by : {QPoint(313, 200), QPoint(330, 221), QPoint(280, 250), QPoint(120, 90)}) {
            QTest::mouseMove(&hand.canvas, by);
            hand.canvas.grab();
        }
        QTest::mouseRelease(&hand.canvas, Qt::MiddleButton, {}, QPoint(120, 90));
        QTest::mouseMove(&hand.canvas, QPoint(1, 1));
        const QImage panned = hand.canvas.grab().toImage();
        Q_EMIT Theme::of().changed();
        const QImage drawn = hand.canvas.grab().toImage();
        int worst = 0;
        for (int y = 0; y < drawn.height(); ++y)
            for (int x = 0; x < drawn.width(); ++x)
                worst = std::max(worst, distance(panned.pixel(x, y), drawn.pixel(x, y)));
        QVERIFY2(worst <= 24,
                 qPrintable(QStringLiteral("a pixel differs by %1").arg(worst))); // smooth lines are cut to the strip
    }
    void tilesAreDrawnInPlace()
    {
        Hand hand(samples::pictureGraph());
        hand.canvas.zoomTo(1);
        play(hand);
        const auto middle = [&](std::uint32_t index) {
            return hand.canvas.tileRect(QStringLiteral("tile"), index).center();
        };
        QCOMPARE(hand.canvas.tileRect(QStringLiteral("tile"), 0).width(), 72.0);
        QCOMPARE(pixel(hand.canvas, middle(5)).rgb(), kRed);
        QCOMPARE(pixel(hand.canvas, middle(6) - QPointF(10, 10)).rgb(), kBlue);
        QVERIFY(hand.canvas.tileRect(QStringLiteral("tile"), 5).bottom() ==
                hand.canvas.tileRect(QStringLiteral("tile"), 9).top());
        // The second attempt has its outline, the first has not.
        const QColor retry = color(Token::Retrying);
        QVERIFY(
            distance(
                pixel(hand.canvas, hand.canvas.tileRect(QStringLiteral("tile"), 6).topLeft() + QPointF(30, 0)).rgb(),
                retry.rgb()) < 40);
        QVERIFY(
            distance(
                pixel(hand.canvas, hand.canvas.tileRect(QStringLiteral("tile"), 5).topLeft() + QPointF(30, 0)).rgb(),
                retry.rgb()) > 40);
        // A result that is lost shows no picture until it is there again.
        RunUpdate lost;
        lost.run = samples::runId(1);
        Tile again;
        again.state = TaskState::Retrying;
        lost.tiles = {{static_cast<std::uint16_t>(hand.model.graph().indexOf("tile")), {{5u, again}}, {}, {}, 0, 0}};
        hand.run.take(lost);
        QVERIFY(pixel(hand.canvas, middle(5) + QPointF(20, -20)).rgb() != kRed);
    }
    void aClickOnATileSelectsItsTask()
    {
        Hand hand(samples::pictureGraph());
        play(hand);
        QSignalSpy revealed(&hand.selection, &Selection::revealed);
        hand.click(hand.canvas.tileRect(QStringLiteral("tile"), 9).center());
        QVERIFY(hand.selection.task().has_value());
        QCOMPARE(*hand.selection.task(),
                 (TaskRef{109, static_cast<std::uint16_t>(hand.model.graph().indexOf("tile")), 9}));
        QCOMPARE(hand.selection.vertices(), QStringList({QStringLiteral("tile")}));
        QCOMPARE(revealed.count(), 1);
        const QRectF rect = hand.canvas.tileRect(QStringLiteral("tile"), 9);
        QCOMPARE(pixel(hand.canvas, QPointF(rect.center().x(), rect.top() - 1)).rgb(), color(Token::Accent).rgb());
        // The header is the card, not a tile.
        hand.click(hand.header(QStringLiteral("tile")));
        QVERIFY(!hand.selection.task().has_value());
        QCOMPARE(hand.selection.vertices(), QStringList({QStringLiteral("tile")}));
    }
    void aSelectedTileStaysSoInTheNextRun()
    {
        Hand hand(samples::pictureGraph());
        play(hand);
        hand.click(hand.canvas.tileRect(QStringLiteral("tile"), 9).center());
        auto next = sixteen(std::make_shared<const types::Graph>(hand.model.graph()));
        next.resync = true;
        next.run = samples::runId(2);
        for (auto& row : next.runs) row.id = next.run, row.number = 2;
        const auto tiles = std::exchange(next.tiles, {}); // they come when the first one runs
        hand.run.take(next);
        RunUpdate later;
        later.run = next.run;
        later.tiles = tiles;
        hand.run.take(later);
        const QRectF rect = hand.canvas.tileRect(QStringLiteral("tile"), 9);
        QTRY_COMPARE(pixel(hand.canvas, QPointF(rect.center().x(), rect.top() - 1)).rgb(), color(Token::Accent).rgb());
    }
    void aTaskSelectedElsewhereIsBroughtIntoView()
    {
        Hand hand(samples::pictureGraph());
        play(hand);
        hand.canvas.zoomTo(3);
        hand.selection.selectTask({115, static_cast<std::uint16_t>(hand.model.graph().indexOf("tile")), 15},
                                  QStringLiteral("tile"));
        hand.selection.reveal();
        QVERIFY(QRectF(hand.canvas.rect()).contains(hand.canvas.tileRect(QStringLiteral("tile"), 15)));
        hand.selection.selectVertices({QStringLiteral("save")});
        QVERIFY(!QRectF(hand.canvas.rect()).contains(hand.canvas.cardRect(QStringLiteral("save"))));
        hand.selection.reveal();
        QVERIFY(QRectF(hand.canvas.rect()).contains(hand.canvas.cardRect(QStringLiteral("save"))));
    }
    void aRunOfAnotherDocumentShowsNothingHere()
    {
        Hand hand(samples::pictureGraph());
        auto other = std::make_shared<types::Graph>();
        other->vertices = {samples::vertex("a", "numbers.make", 0, 0), samples::vertex("b", "numbers.add", 0, 0),
                           samples::vertex("save", "pictures.save", 0, 0)};
        RunUpdate update;
        update.run = samples::runId(1);
        update.graph = other;
        update.vertices = {samples::counts(0, {{TaskState::Finished, 1}}),
                           samples::counts(1, {{TaskState::Finished, 1}}),
                           samples::counts(2, {{TaskState::Failed, 1}})};
        hand.run.take(update);
        QTest::qWait(40);
        for (int card = 0; card < static_cast<int>(hand.canvas.scene().cards().size()); ++card)
            QVERIFY(!hand.canvas.runOf(card).shown);
        play(hand);
        QTRY_VERIFY(hand.canvas.runOf(hand.canvas.scene().cardOf(QStringLiteral("save"))).shown);
        QCOMPARE(hand.canvas.runOf(hand.canvas.scene().cardOf(QStringLiteral("tile"))).state, TaskState::Running);
    }
    void statesStayWhenTheGraphIsEditedABit()
    {
        Hand hand(samples::pictureGraph());
        play(hand);
        hand.selection.selectVertices({QStringLiteral("save")});
        hand.canvas.removeSelected();
        QCOMPARE(hand.canvas.runOf(hand.canvas.scene().cardOf(QStringLiteral("tile"))).tasks, 16u);
        hand.model.addVertex(QStringLiteral("pictures.draw"), {0, 400});
        QCOMPARE(hand.canvas.runOf(hand.canvas.scene().cardOf(QStringLiteral("tile"))).tasks, 16u);
        QVERIFY(!hand.canvas.runOf(hand.canvas.scene().cardOf(QStringLiteral("draw"))).shown);
    }
    void aMapThatIsAStepIsNotThePicture()
    {
        Hand hand(samples::pictureGraph());
        const auto body = [&](const char* id) {
            return hand.canvas.scene()
                .cards()[static_cast<std::size_t>(hand.canvas.scene().cardOf(QString::fromLatin1(id)))]
                .body;
        };
        QCOMPARE(body("tile"), CardBody::Tiles);
        QCOMPARE(body("grey"), CardBody::Map);
        QCOMPARE(body("join"), CardBody::Plain);
        QCOMPARE(body("range"), CardBody::Figures);
    }
    void theWheelZoomsRoundTheCursorWithControlAndPansWithout()
    {
        Hand hand(samples::pictureGraph());
        QSignalSpy zoomed(&hand.canvas, &GraphCanvas::zoomChanged);
        hand.canvas.zoomTo(1);
        const QPointF at = hand.canvas.cardRect(QStringLiteral("join")).topLeft();
        hand.wheel(at, 120, Qt::ControlModifier);
        QVERIFY(hand.canvas.zoom() > 1.1);
        QVERIFY((hand.canvas.cardRect(QStringLiteral("join")).topLeft() - at).manhattanLength() < 2);
        const double zoom = hand.canvas.zoom();
        const QPointF before = hand.canvas.cardRect(QStringLiteral("join")).topLeft();
        hand.wheel(at, 120, {});
        QCOMPARE(hand.canvas.zoom(), zoom);
        QCOMPARE(hand.canvas.cardRect(QStringLiteral("join")).topLeft() - before, QPointF(0, 60));
        hand.key(Qt::Key_1);
        QCOMPARE(hand.canvas.zoom(), 1.0);
        QVERIFY(!zoomed.isEmpty());
        QCOMPARE(zoomed.last()[0].toDouble(), 1.0);
    }
    void fittingShowsAllAboveTheReserve()
    {
        Hand hand(samples::wideGraph(60, 12));
        hand.canvas.setBottomReserve(200);
        hand.canvas.zoomTo(3);
        hand.key(Qt::Key_Home);
        for (const auto& card : hand.canvas.scene().cards()) {
            const QRectF rect = hand.canvas.cardRect(card.id);
            QVERIFY(QRectF(0, 0, hand.canvas.width(), hand.canvas.height() - 200).contains(rect));
        }
        hand.selection.selectVertices({QStringLiteral("v100030")});
        hand.key(Qt::Key_F);
        QVERIFY(hand.canvas.zoom() > 1);
        QVERIFY(QRectF(hand.canvas.rect()).contains(hand.canvas.cardRect(QStringLiteral("v100030"))));
    }
    void aFittedGraphStaysFittedUntilTheCameraIsMoved()
    {
        Hand hand(samples::pictureGraph());
        hand.canvas.resize(800, 500);
        QVERIFY(hand.canvas.zoom() < 1);
        QVERIFY(QRectF(hand.canvas.rect()).contains(hand.canvas.cardRect(QStringLiteral("save"))));
        hand.canvas.zoomTo(1);
        hand.canvas.resize(820, 500);
        QCOMPARE(hand.canvas.zoom(), 1.0);
    }
    void whereAllWouldBeTooSmallThePictureIsShownAtFullSize()
    {
        Hand hand(samples::pictureGraph(), QSize(500, 380));
        QCOMPARE(hand.canvas.zoom(), 1.0);
        const QRectF tile = hand.canvas.cardRect(QStringLiteral("tile"));
        QVERIFY(std::abs(tile.center().x() - 250) <= 1 && tile.top() == 16);
        hand.key(Qt::Key_Home);
        QVERIFY(QRectF(hand.canvas.rect()).contains(hand.canvas.cardRect(QStringLiteral("save"))));
        hand.canvas.resize(480, 380);
        QVERIFY(QRectF(hand.canvas.rect()).contains(hand.canvas.cardRect(QStringLiteral("save"))));
    }
    void fromAfarACardIsTakenNotItsPort()
    {
        Hand hand(samples::pictureGraph());
        hand.canvas.zoomTo(.3);
        hand.drag(hand.out("range", "items") - QPointF(4, 0), hand.out("range", "items") + QPointF(60, 60));
        QCOMPARE(hand.model.graph().find("range")->x, 212);
        QCOMPARE(hand.model.graph().edges.size(), 4u);
    }
    void theMinimapLeadsThere()
    {
        Hand hand(samples::pictureGraph());
        hand.canvas.zoomTo(2);
        auto* map = hand.canvas.findChild<Minimap*>();
        QVERIFY(map->isVisible());
        const int card = hand.canvas.scene().cardOf(QStringLiteral("save"));
        QTRY_VERIFY(map->view().width() > 0);
        const QPointF target = QRectF(hand.canvas.scene().cards()[static_cast<std::size_t>(card)].rect).center();
        QTest::mouseClick(map, Qt::LeftButton, {}, map->pointOf(target).toPoint());
        QVERIFY((hand.canvas.cardRect(QStringLiteral("save")).center() - QRectF(hand.canvas.rect()).center())
                    .manhattanLength() < 40);
        hand.canvas.setMinimapLeft(true);
        QCOMPARE(map->x(), 12);
        hand.canvas.setMinimapLeft(false);
        QCOMPARE(map->x(), hand.canvas.width() - 12 - map->width());
    }
    void everyCardIsAnItemThatCanBeRead()
    {
        Hand hand(samples::pictureGraph());
        play(hand);
        QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&hand.canvas);
        QVERIFY(list);
        QCOMPARE(list->childCount(), 5);
        const int number = hand.canvas.scene().cardOf(QStringLiteral("tile"));
        QAccessibleInterface* tile = list->child(number);
        QCOMPARE(tile->text(QAccessible::Name), QStringLiteral("tile, running, 2 of 16; 1 input, 1 output"));
        QCOMPARE(list->indexOfChild(tile), number);
        QCOMPARE(list->childAt(tile->rect().center().x(), tile->rect().center().y()), tile);
        QVERIFY(!tile->state().selected);
        hand.selection.selectVertices({QStringLiteral("tile")});
        QVERIFY(tile->state().selected);
        QCOMPARE(list->focusChild(), tile);
        hand.canvas.removeSelected();
        QVERIFY(!tile->isValid());
        QCOMPARE(list->childCount(), 4);
    }
    void anEmptyCanvasSaysWhatToDo()
    {
        Hand hand;
        const QImage image = hand.canvas.grab().toImage();
        int written = 0;
        for (int x = 0; x < image.width(); ++x)
            for (int y = 330; y < 370; ++y) written += distance(image.pixel(x, y), color(Token::Canvas).rgb()) > 150;
        QVERIFY(written > 200);
        QVERIFY(!hand.canvas.findChild<Minimap*>()->isVisible());
    }
    void dataMovesAlongTheWiresOfATaskThatStarts()
    {
        Theme::of().setReduceMotion(false);
        Hand hand(samples::pictureGraph());
        hand.canvas.zoomTo(1);
        const auto graph = std::make_shared<const types::Graph>(hand.model.graph());
        const auto grey = graph->indexOf("grey");
        RunUpdate update;
        update.run = samples::runId(1);
        update.graph = graph;
        update.vertices = {samples::counts(grey, {{TaskState::PendingArgs, 8}})};
        hand.run.take(update);
        QTRY_COMPARE(hand.canvas.runOf(hand.canvas.scene().cardOf(QStringLiteral("grey"))).tasks, 8u);
        const QPointF from = hand.out("tile", "tile"), to = hand.in("grey", "tile");
        const auto lit = [&] {
            const QImage image = hand.canvas.grab().toImage();
            int count = 0;
            for (int x = static_cast<int>(from.x()) + 8; x < to.x() - 8; ++x)
                count += qGray(image.pixel(x, static_cast<int>(from.y()))) > 160;
            return count;
        };
        QCOMPARE(lit(), 0);
        update.graph.reset();
        update.vertices = {samples::counts(grey, {{TaskState::Running, 1}, {TaskState::PendingArgs, 7}})};
        hand.run.take(update);
        QTRY_VERIFY(lit() > 3);
        QTRY_COMPARE(lit(), 0); // a second later all is still
        Theme::of().setReduceMotion(true);
    }
};

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    installTheme(app, Theme::Mode::Dark);
    TestCanvasView test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_canvas_view.moc"
