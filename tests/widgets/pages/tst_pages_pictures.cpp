// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The pages in both themes: pictures to look at (in the folder that ORRERY_SHOTS names), and what can be checked without eyes.
#include "tests/support/fake_row_source.h"
#include "tests/widgets/pages/scene.h"
#include "widgets/common/search_field.h"
#include "widgets/common/theme.h"
#include "widgets/pages/cluster_panel.h"
#include "widgets/pages/coach_card.h"
#include "widgets/pages/key_sheet.h"
#include "widgets/pages/library_panel.h"
#include "widgets/pages/omnibox.h"
#include "widgets/pages/outline_panel.h"
#include "widgets/pages/run_strip.h"
#include "widgets/pages/runs_panel.h"
#include "widgets/pages/status_strip.h"

#include <QApplication>
#include <QDir>
#include <QScrollBar>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

void save(QWidget& widget, const QString& name)
{
    const QPixmap picture = widget.grab();
    const QString folder = qEnvironmentVariable("ORRERY_SHOTS");
    if (folder.isEmpty()) return;
    QDir().mkpath(folder);
    const QString scale =
        picture.devicePixelRatio() > 1 ? QStringLiteral("@%1").arg(picture.devicePixelRatio()) : QString();
    QVERIFY(picture.save(folder + u'/' + name + scale + QStringLiteral(".png")));
}

// Everything at its place as in the window's picture of 1920 x 1080, less what belongs to others.
struct Stage : QWidget {
    GraphModel graph;
    RunModel run;
    Selection selection;
    tests::FakeRowSource rows;
    Omnibox omnibox{graph, run, selection, rows, this};
    LibraryPanel library{graph, this};
    ClusterPanel cluster{run, selection, this};
    RunStrip strip{run, this};
    StatusStrip status{run, this};
    OutlinePanel outline{graph, run, selection, this};
    RunsPanel runs{run, this};
    CoachCard coach{QStringLiteral("First minute"), this};

    Stage()
    {
        graph.setCatalog(tests::catalog());
        graph.setGraph(tests::deepZoom(), {});
        tests::tell(run, tests::scene());
        resize(1920, 1080);
        omnibox.setGeometry(1122, 34, 460, 28);
        library.setGeometry(0, 97, 256, 451);
        cluster.setGeometry(0, 549, 256, 476);
        strip.setGeometry(257, 98, 1342, 32);
        outline.setGeometry(300, 200, 256, 300);
        runs.setGeometry(600, 200, 256, 300);
        status.setGeometry(0, 1056, 1920, 24);
        coach.setLines({QStringLiteral("Three nodes joined, the run started itself"),
                        QStringLiteral("Click a tile: its value, bytes and span"),
                        QStringLiteral("Pull the plug on node C"),
                        QStringLiteral("Run 100,000 tasks, filter dur > 1 ms"),
                        QStringLiteral("Your own files: a command on a folder")});
        coach.setDone(0);
        coach.setDone(1);
        coach.move(1276, 456);
        cluster.setPlugMarked(2);
        setAutoFillBackground(true);
        setBackgroundRole(QPalette::Base);
    }
};

} // namespace

class TestPagesPictures : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        installTheme(*qApp, Theme::Mode::Dark);
        Theme::of().setReduceMotion(true);
    }

    void everyPageIsDrawnInBothThemes_data()
    {
        QTest::addColumn<int>("mode");
        QTest::newRow("dark") << int(Theme::Mode::Dark);
        QTest::newRow("light") << int(Theme::Mode::Light);
    }
    void everyPageIsDrawnInBothThemes()
    {
        QFETCH(int, mode);
        Theme::of().setMode(Theme::Mode(mode));
        Stage stage;
        stage.show();
        QVERIFY(QTest::qWaitForWindowExposed(&stage));
        QTest::qWait(0);
        save(stage, QStringLiteral("pages-") + QString::fromLatin1(QTest::currentDataTag()));
        auto update = tests::scene();
        update.nodes[2].state = types::NodeState::Dead;
        update.nodes[2].why = "its process was killed by signal 9 (Killed)";
        update.nodes[2].heartbeatNs = update.nowNs - 4'500 * base::kMillisecond;
        update.nodes[1].cpuShare = 0.04;
        for (auto& worker : update.workers) {
            if (worker.node == 2) {
                worker.alive = false;
                worker.endNs = update.nowNs - 4'400 * base::kMillisecond;
            } else {
                worker.running.clear();
            }
        }
        update.runs = {tests::run(1, 1'032, types::RunState::Succeeded), tests::run(2, 700, types::RunState::Failed)};
        stage.run.take(update);
        QTRY_COMPARE(stage.cluster.order().first(), std::uint16_t{2});
        stage.omnibox.field()->setFocus();
        QAction run(QStringLiteral("&Run")), stop(QStringLiteral("Stop")), fresh(QStringLiteral("Run all fresh"));
        run.setShortcut(QKeySequence(Qt::Key_F5));
        fresh.setShortcut(QKeySequence(Qt::CTRL | Qt::Key_F5));
        stop.setShortcut(QKeySequence(Qt::SHIFT | Qt::Key_F5));
        stop.setEnabled(false);
        stop.setStatusTip(QStringLiteral("Nothing runs."));
        stage.omnibox.setActions({&run, &fresh, &stop});
        stage.omnibox.open(QStringLiteral("r"));
        QTRY_VERIFY(stage.rows.open.empty());
        QTest::qWait(250); // runs and strips refresh some times a second
        save(stage, QStringLiteral("pages-lost-") + QString::fromLatin1(QTest::currentDataTag()));
        KeySheet sheet(&stage);
        for (QAction* action : {&run, &stop, &fresh}) action->setProperty(kActionGroup, QStringLiteral("Run"));
        sheet.setActions({&run, &stop, &fresh});
        for (int i = 0; i < 24; ++i)
            sheet.addKeys(i < 12 ? QStringLiteral("Canvas") : QStringLiteral("Timeline"),
                          QStringLiteral("Ctrl+%1").arg(QChar(u'A' + i)),
                          QStringLiteral("Does the thing number %1").arg(i));
        sheet.popUp();
        save(stage, QStringLiteral("pages-keys-") + QString::fromLatin1(QTest::currentDataTag()));
    }
};

QTEST_MAIN(TestPagesPictures)
#include "tst_pages_pictures.moc"
