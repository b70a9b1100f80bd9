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

#include <QAbstractButton>
#include <QFileDialog>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>

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

private:
    std::unique_ptr<WindowHome> m_home;
};

QTEST_MAIN(TestFirstLight)
#include "tst_first_light.moc"
