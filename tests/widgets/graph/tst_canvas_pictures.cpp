// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The scene of the design's pictures on the real canvas. With ORRERY_PICTURES=folder they are saved there, to be looked at.
#include "tests/widgets/graph/canvas_samples.h"
#include "tests/widgets/graph/deep_zoom_run.h"

#include <QApplication>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

struct Stage {
    explicit Stage(QSize size)
    {
        graph.setCatalog(samples::imagingCatalog());
        graph.setGraph(samples::deepZoom(), {});
        canvas.setMinimapLeft(true);
        canvas.resize(size);
        canvas.show();
    }
    void play(int done, bool again = false) { run.take(samples::deepZoomRun(std::make_shared<const types::Graph>(graph.graph()), done, again)); }
    GraphModel graph;
    RunModel run;
    Selection selection;
    GraphCanvas canvas{graph, run, selection};
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
        QVERIFY(stage.graph.checked().ok());
        keep(stage.canvas, QStringLiteral("idle-") + mode);
        stage.play(149);
        stage.selection.selectTask({93, static_cast<std::uint16_t>(stage.graph.graph().indexOf("render")), 93}, QStringLiteral("render"));
        QTest::qWait(50);
        keep(stage.canvas, QStringLiteral("run-") + mode);
        stage.play(256, true);
        QTest::qWait(50);
        keep(stage.canvas, QStringLiteral("done-") + mode);
        stage.canvas.zoomTo(.3);
        keep(stage.canvas, QStringLiteral("far-") + mode);
        stage.canvas.zoomTo(2);
        keep(stage.canvas, QStringLiteral("close-") + mode);
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
