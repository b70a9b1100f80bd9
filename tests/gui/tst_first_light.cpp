// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A person's first graph: drawn by hand in the real window, run on real processes, its result read out of the inspector.
#include "tests/gui/window_home.h"
#include "widgets/common/value_preview.h"
#include "widgets/graph/pick_list.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/number_box.h"
#include "widgets/inspector/param_row.h"
#include "widgets/inspector/params_page.h"
#include "widgets/pages/cluster_panel.h"
#include "widgets/pages/node_card.h"

#include <QAbstractButton>
#include <QCryptographicHash>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <functional>

using namespace orrery;
using namespace orrery::tests;

class TestFirstLight : public QObject {
    Q_OBJECT

    app::WindowOptions options() const
    {
        app::WindowOptions wish;
        wish.size = QSize(1600, 1000);
        return wish;
    }
    static void pick(app::MainWindow& window, const QString& letters)
    {
        auto& canvas = window.area().canvas();
        canvas.setFocus();
        QTest::keyClick(&canvas, Qt::Key_Tab);
        QTRY_VERIFY(window.findChild<widgets::PickList*>());
        auto* list = window.findChild<widgets::PickList*>();
        QTest::keyClicks(list->edit(), letters);
        QTest::keyClick(list->edit(), Qt::Key_Return);
        QTRY_VERIFY(!window.findChild<widgets::PickList*>());
    }
    static void wire(app::MainWindow& window, const types::PortRef& from, const types::PortRef& to)
    {
        auto& canvas = window.area().canvas();
        const QPointF begin = canvas.portPoint(from, true), end = canvas.portPoint(to, false);
        QTest::mousePress(&canvas, Qt::LeftButton, {}, begin.toPoint());
        for (int step = 1; step <= 6; ++step) QTest::mouseMove(&canvas, (begin + (end - begin) * (step / 6.0)).toPoint());
        QTest::mouseRelease(&canvas, Qt::LeftButton, {}, end.toPoint());
    }
    static void click(app::MainWindow& window, const QString& vertex)
    {
        auto& canvas = window.area().canvas();
        QTest::mouseClick(&canvas, Qt::LeftButton, {}, (canvas.cardRect(vertex).topLeft() + QPointF(40, 10)).toPoint());
        QCOMPARE(window.selection().vertices(), QStringList{vertex});
    }
    static void type(app::MainWindow& window, const QString& parameter, const QString& text)
    {
        auto& inspector = window.inspector();
        inspector.showPage(widgets::InspectorPanel::Page::Params);
        QTRY_VERIFY(inspector.findChild<widgets::ParamsPage*>()->row(parameter));
        auto* edit = inspector.findChild<widgets::ParamsPage*>()->row(parameter)->editor()->findChild<QLineEdit*>();
        QVERIFY(edit);
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, text);
        QTest::keyClick(edit, Qt::Key_Return);
    }

    // Starts what is drawn; true when that very run has ended well. Runs of earlier windows are in the same records.
    static bool runWell(app::MainWindow& window, const std::function<void()>& start)
    {
        QSignalSpy started(&window.control(), &app::RunControl::started);
        start();
        if (!QTest::qWaitFor([&] { return started.count() == 1; }, kClusterMs)) return false;
        const auto run = started[0][0].value<base::RunId>();
        return QTest::qWaitFor([&] { return succeeded(window) && window.run().shownRun()->id == run; }, kClusterMs);
    }
    static std::uint64_t spansOn(app::MainWindow& window, std::uint16_t node)
    {
        std::uint64_t spans = 0;
        for (const auto& track : window.run().spans()->tracks) {
            const auto worker = window.run().workers().find(track.track);
            if (worker != window.run().workers().end() && worker->second.node == node) spans += track.spans;
        }
        return spans;
    }

private Q_SLOTS:
    void initTestCase() { m_home = std::make_unique<WindowHome>(); }
    void cleanupTestCase() { m_home.reset(); }

    void threeTasksAreDrawnRunAndTheirSumIsReadInTheInspector()
    {
        app::MainWindow window(options());
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTRY_VERIFY_WITH_TIMEOUT(nodeIsThere(window), kClusterMs);
        QTRY_VERIFY_WITH_TIMEOUT(!window.graph().catalog().plugins.empty(), kClusterMs);
        window.area().canvas().zoomTo(1);

        pick(window, QStringLiteral("number"));
        pick(window, QStringLiteral("number"));
        pick(window, QStringLiteral("add"));
        QCOMPARE(window.graph().graph().vertices.size(), 3u);
        wire(window, {"number", "value"}, {"add", "a"});
        wire(window, {"number_2", "value"}, {"add", "b"});
        QCOMPARE(window.graph().graph().edges.size(), 2u);
        click(window, QStringLiteral("number"));
        type(window, QStringLiteral("value"), QStringLiteral("2"));
        click(window, QStringLiteral("number_2"));
        type(window, QStringLiteral("value"), QStringLiteral("40"));
        QVERIFY(window.graph().checked().ok());

        QTest::keyClick(&window, Qt::Key_F5);
        QTRY_VERIFY_WITH_TIMEOUT(succeeded(window), kClusterMs);
        click(window, QStringLiteral("add"));
        window.inspector().showPage(widgets::InspectorPanel::Page::Value);
        auto* value = window.inspector().findChild<widgets::ValuePreview*>();
        QVERIFY(value);
        QTRY_VERIFY_WITH_TIMEOUT(value->preview() && value->preview()->text == "42", kClusterMs);
        shoot(window, QStringLiteral("three-tasks-dark"));
        window.graph().setSaved(); // nobody answers the question of unsaved changes here
        QVERIFY(window.close());
    }

    void theInspectorSavesAValueWhereAPersonSays()
    {
        app::MainWindow window(options());
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTRY_VERIFY_WITH_TIMEOUT(nodeIsThere(window), kClusterMs);
        QVERIFY(window.documents().openExample(QStringLiteral("add")));
        window.control().start();
        QTRY_VERIFY_WITH_TIMEOUT(succeeded(window), kClusterMs);
        window.selection().selectVertices({QStringLiteral("sum")});
        window.inspector().showPage(widgets::InspectorPanel::Page::Value);
        auto* save = window.inspector().findChild<QAbstractButton*>(QStringLiteral("saveValue"));
        QTRY_VERIFY_WITH_TIMEOUT(save && save->isVisible(), kClusterMs);
        save->click();
        QTRY_VERIFY_WITH_TIMEOUT(window.findChild<QFileDialog*>(), kClusterMs);
        auto* dialog = window.findChild<QFileDialog*>();
        auto* name = dialog->findChild<QLineEdit*>();
        QVERIFY(name->text().startsWith(u"sum.") && name->text().endsWith(u".json"));
        QTemporaryDir folder;
        name->setText(folder.filePath(QStringLiteral("mine")));
        QMetaObject::invokeMethod(dialog, "accept");
        QFile written(folder.filePath(QStringLiteral("mine.json")));
        QTRY_VERIFY_WITH_TIMEOUT(written.exists(), kClusterMs);
        QVERIFY(written.open(QIODevice::ReadOnly));
        QCOMPARE(written.readAll().trimmed().toDouble(), 42.0);
        window.graph().setSaved();
        QVERIFY(window.close());
    }

    void aGraphThatIsRefusedSaysWhyAndTheClusterGoesOn()
    {
        app::MainWindow window(options());
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTRY_VERIFY_WITH_TIMEOUT(nodeIsThere(window), kClusterMs);
        QTRY_VERIFY_WITH_TIMEOUT(!window.graph().catalog().plugins.empty(), kClusterMs);
        pick(window, QStringLiteral("add")); // its inputs are missing
        QSignalSpy refused(&window.control(), &app::RunControl::refused);
        QTest::keyClick(&window, Qt::Key_F5);
        QTRY_COMPARE_WITH_TIMEOUT(refused.count(), 1, kClusterMs);
        QVERIFY(!refused[0][1].toStringList().isEmpty());
        QVERIFY(window.documents().openExample(QStringLiteral("add")));
        window.control().start();
        QTRY_VERIFY_WITH_TIMEOUT(succeeded(window), kClusterMs);
        window.graph().setSaved();
        QVERIFY(window.close());
    }

    // A worker is killed with the button of a card; the run ends well all the same.
    void aWorkerIsKilledFromTheWindowAndTheRunEndsWell()
    {
        app::MainWindow window(options());
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTRY_VERIFY_WITH_TIMEOUT(nodeIsThere(window), kClusterMs);
        QVERIFY(window.documents().openExample(QStringLiteral("deep_zoom")));
        QCOMPARE(window.graph().setParameter(QStringLiteral("tiles_list"), QStringLiteral("tiles"), "6"), QString());
        QSignalSpy killed(&window.control(), &app::RunControl::killed);
        window.control().start();
        QTRY_VERIFY_WITH_TIMEOUT(window.run().spans()->spans > 8, kClusterMs);
        window.actions().get("run.pull_plug")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(killed.count(), 1, kClusterMs);
        QTRY_VERIFY_WITH_TIMEOUT(succeeded(window), kClusterMs);
        const auto& workers = window.run().workers();
        QTRY_VERIFY(std::any_of(workers.begin(), workers.end(), [](const auto& one) { return !one.second.alive; })); // by the next delta
        window.graph().setSaved();
        QVERIFY(window.close());
    }

    // The plug of a card, by mouse: the node dies, its work is done again elsewhere, and what a person sees is the same.
    void aNodeIsKilledFromItsCardAndThePictureIsTheSame()
    {
        auto wish = options();
        wish.nodes = 3;
        app::MainWindow window(wish);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        auto* cluster = window.findChild<widgets::ClusterPanel*>(QStringLiteral("cluster"));
        QTRY_COMPARE_WITH_TIMEOUT(cluster->order(), (QList<std::uint16_t>{0, 1, 2}), kClusterMs);
        for (std::uint16_t node = 0; node < 3; ++node) QTRY_COMPARE_WITH_TIMEOUT(window.run().node(node)->state, types::NodeState::Alive, kClusterMs);
        QVERIFY(window.documents().openExample(QStringLiteral("deep_zoom")));
        QCOMPARE(window.graph().setParameter(QStringLiteral("tiles_list"), QStringLiteral("tiles"), "6"), QString());
        app::ResultPicture picture(window.run(), window.bridge(), window.bridge(), &window);
        QSignalSpy fetched(&picture, &app::ResultPicture::fetched), killed(&window.control(), &app::RunControl::nodeKilled);
        QList<app::PictureDigest> digests;
        connect(&picture, &app::ResultPicture::fetched, &window, [&digests](const base::RunId&, const app::PictureDigest& digest) { digests << digest; });
        QVERIFY(runWell(window, [&window] { window.control().start(); }));
        picture.fetch();
        QTRY_COMPARE_WITH_TIMEOUT(digests.size(), 1, kClusterMs);
        const auto first = window.run().shownRun()->number;

        window.control().start();
        QTRY_VERIFY_WITH_TIMEOUT(window.run().shownRun()->number != first && spansOn(window, 2) > 2, kClusterMs);
        auto* card = cluster->card(2);
        QTest::mouseClick(card->plugButton(), Qt::LeftButton);
        auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        QVERIFY(menu && menu->actions().size() > 1);
        QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(menu->actions()[1]).center()); // below the heading: the node
        QTRY_COMPARE_WITH_TIMEOUT(killed.count(), 1, kClusterMs);
        QTRY_VERIFY_WITH_TIMEOUT(card->isLost(), kClusterMs);
        QTRY_VERIFY_WITH_TIMEOUT(succeeded(window), kClusterMs);
        QVERIFY(window.run().shownRun()->reexecuted > 0);
        picture.fetch();
        QTRY_COMPARE_WITH_TIMEOUT(digests.size(), 2, kClusterMs);
        QVERIFY(digests[0] == digests[1]);
        shoot(window, QStringLiteral("node-killed-dark"));

        // One is taken out by the menu of its card, and is not missed; one comes instead.
        auto* other = cluster->card(1);
        QTest::mouseClick(other->findChild<QToolButton*>(QStringLiteral("more")), Qt::LeftButton);
        auto* actions = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        QVERIFY(actions);
        const auto entries = actions->actions();
        const auto remove = std::find_if(entries.begin(), entries.end(), [](const QAction* one) { return one->text() == u"Remove node B"; });
        QVERIFY(remove != entries.end());
        QTest::mouseClick(actions, Qt::LeftButton, {}, actions->actionGeometry(*remove).center());
        QTRY_COMPARE_WITH_TIMEOUT(cluster->order(), (QList<std::uint16_t>{2, 0}), kClusterMs);
        window.actions().get("cluster.add_node")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(cluster->order(), (QList<std::uint16_t>{2, 0, 3}), kClusterMs);
        window.graph().setSaved();
        QVERIFY(window.close());
    }

    // The last line of the first minute: a folder is chosen, a program reads its files, what it said is shown.
    void aCommandRunsOverAFolderThatAPersonChooses()
    {
        QTemporaryDir folder;
        for (const char* name : {"one.txt", "two.txt"}) {
            QFile file(folder.filePath(QString::fromLatin1(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(name);
        }
        app::MainWindow window(options());
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTRY_VERIFY_WITH_TIMEOUT(nodeIsThere(window), kClusterMs);
        QTRY_VERIFY_WITH_TIMEOUT(!window.graph().catalog().plugins.empty(), kClusterMs);
        QVERIFY(runWell(window, [&] {
            window.actions().get("run.own_files")->trigger();
            QVERIFY(QTest::qWaitFor([&] { return window.findChild<QFileDialog*>() != nullptr; }, kClusterMs));
            auto* dialog = window.findChild<QFileDialog*>();
            dialog->findChild<QLineEdit*>()->setText(folder.path());
            QMetaObject::invokeMethod(dialog, "accept");
        }));
        auto* value = window.inspector().findChild<widgets::ValuePreview*>();
        QTRY_VERIFY_WITH_TIMEOUT(value->preview() && value->preview()->text.find("one.txt") != std::string::npos, kClusterMs);
        for (const char* name : {"one.txt", "two.txt"}) {
            const auto sum = QCryptographicHash::hash(name, QCryptographicHash::Sha256).toHex().toStdString();
            QVERIFY2(value->preview()->text.find(sum) != std::string::npos, value->preview()->text.c_str());
        }
        QTemporaryDir empty;
        QSignalSpy refused(&window.documents(), &app::Documents::refused);
        QVERIFY(!window.documents().openOnFolder(empty.path()));
        QCOMPARE(refused.count(), 1);
        window.graph().setSaved();
        QVERIFY(window.close());
    }

private:
    std::unique_ptr<WindowHome> m_home;
};

QTEST_MAIN(TestFirstLight)
#include "tst_first_light.moc"
