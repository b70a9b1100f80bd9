// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The scene of the design's pictures on the real canvas. With ORRERY_PICTURES=folder they are saved there, to be looked at.
#include "tests/widgets/graph/canvas_samples.h"
#include "tests/widgets/graph/deep_zoom_run.h"
#include "widgets/graph/pick_list.h"

#include <QApplication>
#include <QLineEdit>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

// The canvas where the window has it: in a window of full height.
struct Stage {
    explicit Stage(QSize size, types::Graph document = samples::deepZoom())
    {
        graph.setCatalog(samples::imagingCatalog());
        graph.setGraph(std::move(document), {});
        window.resize(size.width(), 1080);
        canvas.resize(size);
        canvas.setMinimapLeft(true);
        window.show();
        canvas.setFocus();
        if (!QTest::qWaitForWindowActive(&window)) qFatal("the window has not become active");
    }
    void play(int done, bool again = false)
    {
        run.take(samples::deepZoomRun(std::make_shared<const types::Graph>(graph.graph()), done, again));
        QTest::qWait(150); // states and minimap are brought up to date
    }
    QRect card(const char* id) const
    {
        return canvas.scene().cards()[static_cast<std::size_t>(canvas.scene().cardOf(QString::fromLatin1(id)))].rect;
    }
    GraphModel graph;
    RunModel run;
    Selection selection;
    QWidget window;
    GraphCanvas canvas{graph, run, selection, &window};
};

void keep(QWidget& widget, const QString& name)
{
    const QString folder = qEnvironmentVariable("ORRERY_PICTURES");
    if (!folder.isEmpty()) QVERIFY(widget.grab().save(folder + u'/' + name + QStringLiteral(".png")));
}

} // namespace

class TestCanvasPictures : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::of().setReduceMotion(true); }
    void cardsHaveTheMeasuresOfTheDesign()
    {
        Stage stage(QSize(1344, 464));
        QVERIFY(stage.graph.checked().ok());
        stage.play(149);
        QCOMPARE(stage.card("render"), QRect(320, 24, 304, 375));
        QCOMPARE(stage.card("blur"), QRect(660, 24, 152, 104));
        QCOMPARE(stage.card("colour_map").size(), QSize(152, 104));
        QCOMPARE(stage.card("zoom_window").height(), 104);
        QCOMPARE(stage.card("sharpen").height(), 60);
        QCOMPARE(stage.card("annotate").height(), 82);
        QVERIFY(stage.card("zoom_window").width() < stage.card("blur").width());
        const auto& scene = stage.canvas.scene();
        for (const auto& wire : scene.wires()) {
            const auto from = QString::fromStdString(wire.edge.from.vertex),
                       to = QString::fromStdString(wire.edge.to.vertex);
            const bool main = from == u"zoom_window" || from == u"tiles_list" || (from == u"render" && to == u"blur") ||
                              (from == u"colour_map" && to == u"mosaic") || from == u"mosaic";
            if (main) QCOMPARE(wire.path.kind, WirePath::Kind::Straight); // the main chain is one straight line
            if (from == u"sharpen") QCOMPARE(wire.path.kind, WirePath::Kind::Back);
            if (from == u"sharpen") QCOMPARE(wire.path.gap, 256.0); // between the rows
        }
        QCOMPARE(stage.canvas.zoom(), 1.0); // it fits without being made smaller
    }
    void theSceneOfTheDesignIsDrawn_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
    void theSceneOfTheDesignIsDrawn()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        Stage stage(QSize(1344, 464));
        const QString mode = dark ? QStringLiteral("dark") : QStringLiteral("light");
        keep(stage.canvas, QStringLiteral("idle-") + mode);
        stage.play(149);
        stage.selection.selectTask({93, static_cast<std::uint16_t>(stage.graph.graph().indexOf("render")), 93},
                                   QStringLiteral("render"));
        keep(stage.canvas, QStringLiteral("run-") + mode);
        stage.play(256, true);
        keep(stage.canvas, QStringLiteral("done-") + mode);
        stage.canvas.zoomTo(.6);
        keep(stage.canvas, QStringLiteral("half-") + mode);
        stage.canvas.zoomTo(.3);
        keep(stage.canvas, QStringLiteral("far-") + mode);
        stage.canvas.zoomTo(2);
        keep(stage.canvas, QStringLiteral("close-") + mode);
    }
    void aSmallWindowIsDrawn()
    {
        Theme::of().setMode(Theme::Mode::Dark);
        Stage stage(QSize(688, 298));
        stage.window.resize(1024, 640);
        stage.play(149);
        QCOMPARE(stage.canvas.zoom(), 1.0);
        QVERIFY(QRectF(stage.canvas.rect()).contains(stage.canvas.tileRect(QStringLiteral("render"), 0)));
        keep(stage.canvas, QStringLiteral("small-dark"));
    }
    void theHandAtWorkIsDrawn_data() { theSceneOfTheDesignIsDrawn_data(); }
    void theHandAtWorkIsDrawn()
    {
        QFETCH(bool, dark);
        Theme::of().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        const QString mode = dark ? QStringLiteral("dark") : QStringLiteral("light");
        auto document = samples::deepZoom();
        document.vertices.push_back(samples::vertex("denoise", "astro.denoise", 24, 200));
        document.vertices.push_back(samples::vertex("blur_2", "imaging.blur", 24, 320));
        document.edges.push_back(samples::edge("denoise.out", "blur_2.tile"));
        for (auto& vertex : document.vertices)
            if (vertex.id == "blur") vertex.params = R"({"radius":-4})";
        Stage stage(QSize(1344, 464), document);
        stage.canvas.setMinimapLeft(false);
        stage.selection.selectVertices({QStringLiteral("mosaic"), QStringLiteral("edges")});
        const auto at = [&](const char* vertex, const char* port, bool output) {
            return stage.canvas.portPoint({vertex, port}, output).toPoint();
        };
        QTest::mousePress(&stage.canvas, Qt::LeftButton, {}, at("histogram", "table", true));
        for (const QPoint& by : {QPoint(-20, 4), QPoint(-6, 2), QPoint(1, 1)})
            QTest::mouseMove(&stage.canvas, at("png_encode", "image", false) + by);
        QVERIFY(!stage.canvas.refusal().isEmpty());
        keep(stage.canvas, QStringLiteral("refused-") + mode);
        QTest::keyClick(&stage.canvas, Qt::Key_Escape);
        QTest::mouseRelease(&stage.canvas, Qt::LeftButton, {}, QPoint(2, 2));
        QTest::mousePress(&stage.canvas, Qt::LeftButton, {}, QPoint(250, 430));
        for (int x = 260; x <= 800; x += 90) QTest::mouseMove(&stage.canvas, QPoint(x, 430 - x / 4));
        QCOMPARE(stage.selection.vertices(), QStringList({QStringLiteral("histogram"), QStringLiteral("render")}));
        keep(stage.canvas, QStringLiteral("band-") + mode);
        QTest::mouseRelease(&stage.canvas, Qt::LeftButton, {}, QPoint(800, 230));
        QTest::mouseDClick(&stage.canvas, Qt::LeftButton, {}, QPoint(900, 360));
        auto* list = stage.window.findChild<PickList*>();
        QVERIFY(list);
        QTest::keyClicks(list->edit(), QStringLiteral("ma"));
        QCOMPARE(list->current().key, QStringLiteral("imaging.colour_map"));
        keep(stage.window, QStringLiteral("palette-") + mode);
        QTest::keyClick(list->edit(), Qt::Key_Escape);
    }
};

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    installTheme(app, Theme::Mode::Dark);
    TestCanvasPictures test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_canvas_pictures.moc"
