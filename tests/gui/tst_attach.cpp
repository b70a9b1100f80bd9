// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The window on a head elsewhere: attached through a socket that leads to it, as a tunnel does, every panel is live; with the cable
// pulled it says so, and when it is back nothing that happened meanwhile is missing and nothing comes twice.
#include "engine/host/attach.h"
#include "engine/launch/cluster_dir.h"
#include "tests/gui/window_home.h"
#include "tests/support/cable.h"
#include "tests/support/ctl.h"
#include "widgets/common/buttons.h"
#include "widgets/pages/run_strip.h"

#include <QElapsedTimer>
#include <QLabel>

#include <optional>

using namespace orrery;
using namespace orrery::tests;

namespace {
constexpr std::uint32_t kTasks = 100'000; // of the flood, and some that begin and sum it up
const QString kCluster = QStringLiteral("far");
} // namespace

class TestAttach : public QObject {
    Q_OBJECT
    std::unique_ptr<WindowHome> m_home;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Cable> m_cable;
    std::unique_ptr<app::MainWindow> m_window;
    std::uint64_t m_bytesOfRun = 0; // of a flood, to the window
    static QStringList flood(const QStringList& more = {})
    {
        return QStringList{QStringLiteral("run"), QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/flood.orrery"), QStringLiteral("--address"), kCluster} + more;
    }
    std::uint32_t finished() const
    {
        const auto* run = m_window->run().shownRun();
        return run ? run->counts[static_cast<std::size_t>(types::TaskState::Finished)] : 0;
    }
    bool isWhole() const
    {
        const auto* run = m_window->run().shownRun();
        return succeeded(*m_window) && run->tasks > kTasks && finished() == run->tasks && m_window->run().spans()->spans >= run->tasks;
    }
    // Bytes a second both ways, over some seconds of rest.
    double rate(int ms)
    {
        QElapsedTimer time;
        time.start();
        const auto before = m_cable->toWindow() + m_cable->toHead();
        QTest::qWait(ms); // a measurement, not a wait for something
        return static_cast<double>(m_cable->toWindow() + m_cable->toHead() - before) * 1000 / static_cast<double>(time.elapsed());
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_home = std::make_unique<WindowHome>();
        m_folder = std::make_unique<QTemporaryDir>();
        const auto up = ctl({QStringLiteral("up"), QStringLiteral("--name"), kCluster, QStringLiteral("--nodes"), QStringLiteral("1"), QStringLiteral("--cpus"), QStringLiteral("2"), QStringLiteral("--store-mib"), QStringLiteral("256")});
        QVERIFY2(up.code == 0, qPrintable(up.err));
        const auto entry = launch::findCluster(kCluster.toStdString());
        QVERIFY(entry.ok());
        const std::string socket = m_folder->filePath(QStringLiteral("cable.sock")).toStdString();
        m_cable = std::make_unique<Cable>(socket, entry->headSocket());
        QVERIFY(m_cable->isThere());
        app::WindowOptions options;
        options.size = QSize(1600, 1000);
        options.attach = QString::fromStdString(socket);
        m_window = std::make_unique<app::MainWindow>(options);
        m_window->show();
    }
    void cleanupTestCase()
    {
        m_window.reset();
        m_cable.reset();
        ctl({QStringLiteral("down"), QStringLiteral("--address"), kCluster});
        m_home.reset();
    }

    void everyPanelOfAHeadElsewhereIsLive()
    {
        QTRY_VERIFY_WITH_TIMEOUT(nodeIsThere(*m_window), kClusterMs);
        QCOMPARE(m_window->run().nodes().size(), std::size_t{1});
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->graph().catalog().plugins.empty(), kClusterMs);
        const double rest = rate(3000);
        const auto before = m_cable->toWindow();
        QElapsedTimer time;
        time.start();
        QCOMPARE(ctl(flood()).code, 0);
        QTRY_VERIFY_WITH_TIMEOUT(isWhole(), 120'000);
        m_bytesOfRun = m_cable->toWindow() - before;
        const double all = static_cast<double>(m_bytesOfRun);
        qInfo("at rest %.0f bytes a second both ways; 100,000 tasks: %.1f MiB to the window in %.1f s, %.2f MiB a second, %.0f bytes a task", rest, all / 1048576, static_cast<double>(time.elapsed()) / 1000,
              all / 1048.576 / static_cast<double>(time.elapsed()), all / kTasks);
        // Nothing was open here: the canvas shows what runs there.
        QCOMPARE(m_window->graph().graph().vertices.size(), m_window->run().graph()->vertices.size());
        QVERIFY(m_window->graph().graph().vertices.size() > 20);
        QTRY_VERIFY(!m_window->area().strip().runButton()->currentText().contains(QStringLiteral("live")));
        shoot(*m_window, QStringLiteral("attached"));
    }
    void aPulledCableIsSaidAndWhatWasMissedComesOnce()
    {
        QCOMPARE(ctl(flood()).code, 0);
        QTRY_VERIFY_WITH_TIMEOUT(finished() > 1000 && finished() < kTasks, 60'000);
        const auto id = m_window->run().shownRun()->id;
        const auto told = m_cable->toWindow();
        m_cable->pull();
        QTRY_COMPARE_WITH_TIMEOUT(m_window->run().link(), widgets::LinkState::Away, 60'000);
        QVERIFY2(m_window->run().linkText().contains(QStringLiteral("does not answer")), qPrintable(m_window->run().linkText()));
        shoot(*m_window, QStringLiteral("cable-pulled"));
        // It goes on without us, and another one with it.
        const auto other = ctl(flood({QStringLiteral("--wait"), QStringLiteral("--json")}), 120);
        QVERIFY2(other.code == 0, qPrintable(other.err));
        QTest::qWait(qEnvironmentVariableIntValue("ORRERY_CABLE_MS")); // longer, by hand
        m_cable->plug();
        QTRY_COMPARE_WITH_TIMEOUT(m_window->run().link(), widgets::LinkState::Up, 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(isWhole() && m_window->run().shownRun()->id != id, 60'000);
        QCOMPARE(m_window->run().runs().size(), std::size_t{3});
        for (const auto& [number, run] : m_window->run().runs()) QCOMPARE(run.state, types::RunState::Succeeded);
        qInfo("%.1f MiB came after the cable was pulled", static_cast<double>(m_cable->toWindow() - told) / 1048576);
        QTRY_VERIFY(m_window->area().strip().runButton()->currentText().startsWith(QStringLiteral("Run 3")));
        shoot(*m_window, QStringLiteral("caught-up"));
    }
    void ofARunThatIsShownOnlyTheRestComes()
    {
        QCOMPARE(ctl(flood()).code, 0);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->run().shownRun()->number == m_window->run().runs().rbegin()->first && m_window->run().runs().size() == 4 && finished() > kTasks / 2, 120'000);
        const auto id = m_window->run().shownRun()->id;
        m_cable->pull();
        QTRY_COMPARE_WITH_TIMEOUT(m_window->run().link(), widgets::LinkState::Away, 60'000);
        const auto told = m_cable->toWindow();
        m_cable->plug();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->run().link() == widgets::LinkState::Up && isWhole(), 120'000);
        QCOMPARE(m_window->run().shownRun()->id, id);
        const auto rest = m_cable->toWindow() - told;
        QVERIFY2(rest < m_bytesOfRun * 8 / 10, qPrintable(QStringLiteral("%1 bytes after a break in the second half, %2 for a whole run").arg(rest).arg(m_bytesOfRun)));
    }
    // Promise: over the network, as a member of their own, a person does in the window what the role allows, and reads why not.
    void overTheNetworkARoleDoesWhatItMay()
    {
        const auto port = ctl({QStringLiteral("listen"), QStringLiteral("127.0.0.1:0"), QStringLiteral("--json"), QStringLiteral("--address"), kCluster});
        QVERIFY2(port.code == 0, qPrintable(port.err));
        const auto token = ctl({QStringLiteral("token"), QStringLiteral("create"), QStringLiteral("--role"), QStringLiteral("operator"), QStringLiteral("--json"), QStringLiteral("--address"), kCluster});
        QVERIFY2(token.code == 0, qPrintable(token.err));
        const auto address = host::joinAsUser(token.rows().at(0).toObject().value(QStringLiteral("token")).toString().toStdString());
        QVERIFY2(address.ok(), address.ok() ? "" : address.error().message.c_str());
        QCOMPARE(QString::fromStdString(*address), port.rows().at(0).toObject().value(QStringLiteral("address")).toString());
        app::WindowOptions options;
        options.size = QSize(1600, 1000);
        options.attach = QString::fromStdString(*address);
        app::MainWindow window(options);
        window.show();
        QTRY_VERIFY_WITH_TIMEOUT(nodeIsThere(window), kClusterMs);
        QTRY_VERIFY_WITH_TIMEOUT(!window.graph().catalog().plugins.empty(), kClusterMs);
        const auto before = window.run().runs().size();
        QVERIFY(window.documents().openExample(QStringLiteral("add")));
        window.control().start();
        QTRY_VERIFY_WITH_TIMEOUT(window.run().runs().size() == before + 1 && succeeded(window), kClusterMs);
        std::optional<base::Result<types::Preview>> preview;
        window.bridge().preview({{window.run().shownRun()->id, 0, 0, -1}, 64, 10, 100}, [&preview](base::Result<types::Preview> made) { preview = std::move(made); });
        QTRY_VERIFY(preview.has_value());
        QVERIFY2(preview->ok(), preview->ok() ? "" : preview->error().message.c_str());
        window.setPerspective(app::Perspective::Cluster);
        auto* problem = window.findChild<QLabel*>(QStringLiteral("problem"));
        QTRY_COMPARE(problem->text(), QStringLiteral("ListTokens is not allowed for the role operator."));
        shoot(window, QStringLiteral("attached-by-network"));
    }
    void anAddressThatLeadsNowhereIsSaid()
    {
        app::WindowOptions options;
        options.attach = QStringLiteral("/nowhere/head.sock");
        app::MainWindow window(options);
        window.show();
        QTRY_COMPARE(window.run().link(), widgets::LinkState::Failed);
        QVERIFY2(window.run().linkText().contains(QStringLiteral("/nowhere/head.sock")), qPrintable(window.run().linkText()));
    }
};

QTEST_MAIN(TestAttach)
#include "tst_attach.moc"
