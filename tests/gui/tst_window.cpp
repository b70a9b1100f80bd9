// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The window without a cluster: it works, says why it is alone, and gives each width what fits.
#include "tests/gui/window_home.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/pages/cluster_page.h"

#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace orrery;
using namespace orrery::tests;

class TestWindow : public QObject {
    Q_OBJECT

    static app::WindowOptions alone(QSize size = {1920, 1080})
    {
        app::WindowOptions options;
        options.size = size;
        options.startHead = false;
        return options;
    }
    static QDockWidget* dock(app::MainWindow& window, const QString& name) { return window.findChild<QDockWidget*>(name); }

private Q_SLOTS:
    void initTestCase() { m_home = std::make_unique<WindowHome>(); }
    void cleanupTestCase() { m_home.reset(); }

    void withoutAHeadRunIsRefusedWithAReason()
    {
        app::MainWindow window(alone());
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QVERIFY(window.documents().openExample(QStringLiteral("add")));
        auto* run = window.actions().get("run.start");
        QVERIFY(!run->isEnabled());
        QVERIFY(!run->statusTip().isEmpty());
    }

    void everyActionIsNamedAndEveryKeyHasOneMeaning()
    {
        app::MainWindow window(alone());
        QMap<QString, QString> keys;
        for (const auto* action : window.actions().all()) {
            QVERIFY2(!action->text().isEmpty(), qPrintable(action->objectName()));
            for (const auto& key : action->shortcuts()) {
                const QString text = key.toString();
                QVERIFY2(!keys.contains(text), qPrintable(text + u": "_qs + action->objectName() + u" and "_qs + keys.value(text)));
                keys.insert(text, action->objectName());
            }
        }
        for (auto* menu : window.menuBar()->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly)) QVERIFY(!menu->actions().isEmpty());
    }

    void aDocumentWithProblemsIsRefusedWholeAndTheOldOneStays()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("bad.orrery")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\"orrery\": \"graph\", \"version\": 1, \"vertices\": [{\"id\": \"A\"}, {\"id\": \"b\", \"nonsense\": 1}]}");
        file.close();
        app::MainWindow window(alone());
        QVERIFY(window.documents().openExample(QStringLiteral("add")));
        const auto before = window.graph().documentText();
        QSignalSpy refused(&window.documents(), &app::Documents::refused);
        QVERIFY(!window.documents().open(file.fileName()));
        QCOMPARE(refused.count(), 1);
        QVERIFY(refused[0][1].toStringList().size() >= 2); // every problem at once
        QCOMPARE(window.graph().documentText(), before);
    }

    void aGraphSavedTwiceHasTheSameBytes()
    {
        QTemporaryDir folder;
        app::MainWindow window(alone());
        QVERIFY(window.documents().openExample(QStringLiteral("deep_zoom")));
        const auto read = [](const QString& path) {
            QFile file(path);
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        const QByteArray shipped = read(app::Documents::examplePath(QStringLiteral("deep_zoom")));
        QVERIFY(!shipped.isEmpty());
        QCOMPARE(QByteArray::fromStdString(window.graph().documentText()), shipped);
        window.graph().setPath(folder.filePath(QStringLiteral("mine.orrery")));
        QVERIFY(window.documents().save());
        QCOMPARE(read(window.graph().path()), shipped);
        QVERIFY(!window.graph().isModified());
    }

    void eachWidthKeepsWhatFits_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("left");
        QTest::addColumn<bool>("inspector");
        QTest::newRow("wide") << QSize(1920, 1080) << true << true;
        QTest::newRow("plain") << QSize(1440, 900) << true << true;
        QTest::newRow("rail") << QSize(1200, 800) << false << true;
        QTest::newRow("small") << QSize(1024, 640) << false << false;
    }
    void eachWidthKeepsWhatFits()
    {
        QFETCH(QSize, size);
        QFETCH(bool, left);
        QFETCH(bool, inspector);
        app::MainWindow window(alone(size));
        QVERIFY(window.documents().openExample(QStringLiteral("deep_zoom")));
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QCOMPARE(window.size(), size); // nothing inside asks for more
        QCOMPARE(dock(window, QStringLiteral("dock.left"))->isVisible(), left);
        QCOMPARE(dock(window, QStringLiteral("dock.inspector"))->isVisible(), inspector);
        QVERIFY(window.area().canvas().width() > size.width() / 3);
        QVERIFY(window.bottomDock().height() >= 100);
        shoot(window, QStringLiteral("alone-%1").arg(size.width()));
    }

    void aNarrowWindowOpensTheInspectorAsADrawer()
    {
        app::MainWindow window(alone({1024, 640}));
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QVERIFY(!window.inspector().isVisible());
        window.actions().get("view.inspector")->trigger();
        QVERIFY(window.inspector().isVisible());
        window.resize(1920, 1080);
        QTRY_VERIFY(dock(window, QStringLiteral("dock.inspector"))->isVisible());
        QVERIFY(window.inspector().isVisible());
    }

    void perspectivesShowTheirPanels()
    {
        app::MainWindow window(alone());
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        window.actions().get("view.analyse")->trigger();
        QVERIFY(!window.area().isVisible());
        QVERIFY(window.bottomDock().isVisible());
        window.actions().get("view.build")->trigger();
        QVERIFY(window.area().isVisible());
        QVERIFY(!window.bottomDock().isVisible());
        window.actions().get("view.run")->trigger();
        QVERIFY(window.area().isVisible() && window.bottomDock().isVisible());
        const auto* page = window.findChild<widgets::ClusterPage*>();
        QTest::keyClick(&window, Qt::Key_4, Qt::ControlModifier);
        QVERIFY(page->isVisible() && !window.area().isVisible());
        QCOMPARE(window.bottomDock().shownPanel(), QStringLiteral("metrics"));
        shoot(window, QStringLiteral("alone-cluster"));
        QTest::keyClick(&window, Qt::Key_2, Qt::ControlModifier);
        QVERIFY(window.area().isVisible() && !page->isVisible());
        QCOMPARE(window.bottomDock().shownPanel(), QStringLiteral("timeline"));
    }

    void withoutNodesNoneCanBeTakenOutAndTheReasonIsSaid()
    {
        app::MainWindow window(alone());
        for (const char* id : {"cluster.pull_plug", "cluster.remove_node", "run.pull_plug"}) {
            QVERIFY2(!window.actions().get(id)->isEnabled(), id);
            QVERIFY2(!window.actions().get(id)->statusTip().isEmpty(), id);
        }
    }

private:
    std::unique_ptr<WindowHome> m_home;
};

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
