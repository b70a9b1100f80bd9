// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Frames of the real window over a real run of 100,000 tasks, in wall time: from the moment a frame is due at 60 a second, an input
// in it, to its paint. And the same beside two busy workers and a driver that submits one task after another, with the workers at
// several priorities: the figures behind their niceness (engine/worker/README.md).
// Only what does not depend on the machine is asserted; `wall` is worth reading on a quiet machine alone.
#include "engine/client/driver.h"
#include "tests/gui/window_home.h"
#include "widgets/timeline/timeline_panel.h"
#include "widgets/timeline/timeline_state.h"
#include "widgets/timeline/track_field.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QTimer>

#include <atomic>
#include <cmath>
#include <sched.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace orrery;
using namespace orrery::tests;

namespace {

constexpr double kFrameMs = 1000.0 / 60;
constexpr int kFrames = 180;
constexpr int kTimelineColumns = 12; // a frame

double share(std::vector<double>& values, double part)
{
    if (values.empty()) return NAN;
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

struct PaintSeen final : QObject {
    bool seen = false;
    bool eventFilter(QObject*, QEvent* event) override
    {
        seen = seen || event->type() == QEvent::Paint;
        return false;
    }
};

// step(i) is the input of a frame; the time until `painted` has been painted after it.
template <typename Step>
std::vector<double> frames(QWidget& painted, Step step)
{
    PaintSeen paint;
    painted.installEventFilter(&paint);
    QElapsedTimer clock;
    clock.start();
    const auto now = [&] { return static_cast<double>(clock.nsecsElapsed()) / 1e6; };
    std::vector<double> taken;
    double due = now();
    for (int i = 0; i < kFrames; ++i) {
        due = std::max(due + kFrameMs, now());
        while (now() < due) { // asleep, as a window is that waits for its next frame
            QEventLoop wait;
            QTimer::singleShot(std::max(1, static_cast<int>(due - now())), Qt::PreciseTimer, &wait, &QEventLoop::quit);
            wait.exec();
        }
        paint.seen = false;
        step(i);
        while (!paint.seen && now() < due + 2000) QCoreApplication::processEvents();
        taken.push_back(now() - due);
    }
    painted.removeEventFilter(&paint);
    return taken;
}

// A program that submits an empty task and waits for it, again and again.
class Submitter {
public:
    explicit Submitter(const std::string& socket)
        : m_thread([this, socket] {
              auto driver = client::Driver::attach(socket);
              if (!driver) return;
              auto noop = (*driver)->function("basic.noop");
              if (!noop) return;
              while (!m_stop) {
                  const auto began = base::systemClock().monoNs();
                  const auto ref = (*driver)->submit(*noop);
                  if (!(*driver)->get(ref)) return;
                  (*driver)->release(ref);
                  m_us.push_back(static_cast<double>(base::systemClock().monoNs() - began) / 1e3);
              }
          })
    {
    }
    std::vector<double> end()
    {
        m_stop = true;
        m_thread.join();
        return std::move(m_us);
    }

private:
    std::atomic<bool> m_stop{false};
    std::vector<double> m_us;
    std::thread m_thread;
};

} // namespace

class BenchWindow : public QObject {
    Q_OBJECT
    std::unique_ptr<WindowHome> m_home;
    std::unique_ptr<app::MainWindow> m_window;

    std::vector<double> panCanvas()
    {
        auto& canvas = m_window->area().canvas();
        const QPointF middle = canvas.rect().center();
        QTest::mousePress(&canvas, Qt::MiddleButton, {}, middle.toPoint());
        auto taken = frames(canvas, [&](int i) {
            const QPointF at = middle + QPointF(150 * std::sin(i / 9.0), 60 * std::cos(i / 7.0));
            QMouseEvent move(QEvent::MouseMove, at, canvas.mapToGlobal(at), Qt::NoButton, Qt::MiddleButton, {});
            QCoreApplication::sendEvent(&canvas, &move);
        });
        QTest::mouseRelease(&canvas, Qt::MiddleButton, {}, middle.toPoint());
        return taken;
    }
    std::vector<double> panTimeline()
    {
        auto& state = *m_window->timeline().findChild<widgets::TimelineState*>();
        auto& field = *m_window->timeline().findChild<widgets::TrackField*>();
        const auto length = state.endNs() - state.beginNs();
        state.show(state.beginNs() + length / 4, state.beginNs() + length / 2);
        return frames(field, [&](int i) { state.pan(i / 60 % 2 == 0 ? kTimelineColumns : -kTimelineColumns); });
    }
    static void say(const QString& what, std::vector<double> taken)
    {
        qInfo("%-44s p50 %6.2f  p95 %6.2f  most %6.2f ms", qPrintable(what), share(taken, .5), share(taken, .95), share(taken, 1));
    }
    std::vector<pid_t> workers() const
    {
        std::vector<pid_t> pids;
        for (const auto& [track, worker] : m_window->run().workers())
            if (worker.alive && worker.pid > 0) pids.push_back(static_cast<pid_t>(worker.pid));
        return pids;
    }
    static void setPolicy(pid_t pid, int nice, int policy)
    {
        const sched_param none{};
        QCOMPARE(sched_setscheduler(pid, policy, &none), 0);
        QCOMPARE(setpriority(PRIO_PROCESS, static_cast<id_t>(pid), nice), 0);
        // Where sessions are scheduled as groups (sched(7), autogroup) niceness counts inside a session only; the group has its own.
        QFile group(QStringLiteral("/proc/%1/autogroup").arg(pid));
        if (group.open(QIODevice::WriteOnly | QIODevice::Unbuffered)) group.write(QByteArray::number(nice));
    }
    void openFlood(double microseconds)
    {
        QVERIFY(m_window->documents().openExample(QStringLiteral("flood")));
        const auto vertices = m_window->graph().graph().vertices; // a copy: they change below
        for (const auto& vertex : vertices)
            if (vertex.function == "basic.spin") QCOMPARE(m_window->graph().setParameter(QString::fromStdString(vertex.id), QStringLiteral("microseconds"), QByteArray::number(microseconds)), QString());
        m_window->graph().setSaved();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_home = std::make_unique<WindowHome>();
        app::WindowOptions wish;
        wish.size = QSize(1920, 1080);
        m_window = std::make_unique<app::MainWindow>(wish);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(nodeIsThere(*m_window), kClusterMs);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->graph().catalog().plugins.empty(), kClusterMs);
        m_window->bottomDock().showPanel(QStringLiteral("timeline"));
        QTRY_VERIFY(m_window->timeline().isVisible());
    }
    void cleanupTestCase()
    {
        m_window->graph().setSaved();
        QVERIFY(m_window->close());
        m_window.reset();
        m_home.reset();
    }

    void panningOverAHundredThousandTasks()
    {
        openFlood(50);
        m_window->control().start();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->run().spans()->spans > 1000, kClusterMs);
        say(QStringLiteral("canvas, while the run goes on"), panCanvas());
        say(QStringLiteral("timeline, while the run goes on"), panTimeline());
        QTRY_VERIFY_WITH_TIMEOUT(succeeded(*m_window), 2 * kClusterMs);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->run().spans()->spans >= 100'000, kClusterMs);
        say(QStringLiteral("canvas, 100,000 tasks done"), panCanvas());
        say(QStringLiteral("timeline, 100,000 tasks done"), panTimeline());
    }

    void panningBesideBusyWorkersAtSeveralPriorities()
    {
        if (geteuid() != 0) QSKIP("only root may take a lower niceness again");
        const auto cluster = launch::findCluster(m_window->headCluster().toStdString());
        QVERIFY(cluster.ok());
        const auto socket = cluster->nodeSocket("local");
        openFlood(1000);
        m_window->control().start();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->run().spans()->spans > 100, kClusterMs);
        struct Row {
            const char* name;
            int nice, policy;
        };
        for (int round = 0; round < 2; ++round) {
            for (const Row& row : {Row{"nice 0", 0, SCHED_OTHER}, Row{"nice 5", 5, SCHED_OTHER}, Row{"nice 10", 10, SCHED_OTHER}, Row{"SCHED_BATCH", 0, SCHED_BATCH}, Row{"SCHED_BATCH nice 5", 5, SCHED_BATCH}}) {
                for (const pid_t pid : workers()) setPolicy(pid, row.nice, row.policy);
                Submitter submitter(socket);
                auto canvas = panCanvas();
                auto us = submitter.end();
                qInfo("%-20s frames p50 %6.2f  p95 %6.2f ms   sync p50 %7.2f  p95 %9.2f us (%zu)", row.name, share(canvas, .5), share(canvas, .95), share(us, .5), share(us, .95), us.size());
                QVERIFY(!us.empty());
            }
        }
        m_window->control().stop();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->run().shownRun() && types::isTerminal(m_window->run().shownRun()->state), kClusterMs);
    }
};

QTEST_MAIN(BenchWindow)
#include "bench_window.moc"
