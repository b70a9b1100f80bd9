// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Figures of the canvas with 10,000 vertices and 19,800 wires at 1920x1080, printed: a frame is an input event and the repaint
// that follows it, in wall time and in CPU time of the thread (a shared machine bends the first). Only ratios are asserted.
#include "tests/widgets/graph/canvas_hand.h"
#include "widgets/graph/graph_layout.h"

#include <QApplication>

#include <ctime>

using namespace orrery;
using namespace orrery::widgets;
using samples::Hand;

namespace {

double now(clockid_t clock)
{
    timespec at{};
    clock_gettime(clock, &at);
    return static_cast<double>(at.tv_sec) * 1e3 + static_cast<double>(at.tv_nsec) / 1e6;
}

struct Figures {
    double wall50 = 0, wall95 = 0, cpu50 = 0, cpu95 = 0;
};

template <typename Step>
Figures measure(const char* what, int frames, Step step)
{
    std::vector<double> wall, cpu;
    for (int i = 0; i < frames; ++i) {
        const double w = now(CLOCK_MONOTONIC), c = now(CLOCK_THREAD_CPUTIME_ID);
        step(i);
        wall.push_back(now(CLOCK_MONOTONIC) - w);
        cpu.push_back(now(CLOCK_THREAD_CPUTIME_ID) - c);
    }
    std::sort(wall.begin(), wall.end());
    std::sort(cpu.begin(), cpu.end());
    const auto at = [&](const std::vector<double>& sorted, double share) {
        return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    };
    const Figures figures{at(wall, .5), at(wall, .95), at(cpu, .5), at(cpu, .95)};
    qInfo("%-34s wall %6.2f ms p50 %6.2f p95   cpu %6.2f p50 %6.2f p95", what, figures.wall50, figures.wall95,
          figures.cpu50, figures.cpu95);
    return figures;
}

} // namespace

class BenchCanvas : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::of().setReduceMotion(true); }
    void tenThousandCardsPanAndZoom()
    {
        constexpr int kFrames = 60;
        Hand hand(samples::wideGraph(10'000, 100), QSize(1920, 1080));
        RunUpdate update; // every card has a state
        update.run = samples::runId(1);
        update.graph = std::make_shared<const types::Graph>(hand.model.graph());
        for (int v = 0; v < 10'000; ++v)
            update.vertices.push_back(samples::counts(v, {{v % 3 == 0   ? types::TaskState::Finished
                                                           : v % 3 == 1 ? types::TaskState::Running
                                                                        : types::TaskState::PendingArgs,
                                                           1}}));
        hand.run.take(update);
        QTRY_VERIFY(hand.canvas.runOf(0).shown);
        for (const double scale : {hand.canvas.zoom(), .25, .5, 1.0}) {
            hand.canvas.zoomTo(scale);
            hand.canvas.repaint();
            const auto name = [&](const char* what) {
                return QByteArray(what) + " at " + QByteArray::number(scale, 'g', 2);
            };
            const QPointF middle(960, 540);
            QTest::mousePress(&hand.canvas, Qt::MiddleButton, {}, middle.toPoint());
            const Figures pan = measure(name("pan, 24 px a frame"), kFrames, [&](int i) {
                QMouseEvent move(QEvent::MouseMove, middle + QPointF(i % 20 * 24, i % 20 * 6),
                                 hand.canvas.mapToGlobal(middle), Qt::NoButton, Qt::MiddleButton, {});
                QCoreApplication::sendEvent(&hand.canvas, &move);
                hand.canvas.repaint();
            });
            QTest::mouseRelease(&hand.canvas, Qt::MiddleButton, {}, middle.toPoint());
            const Figures full = measure(name("whole image"), kFrames / 2, [&](int) {
                Q_EMIT Theme::of().changed();
                hand.canvas.repaint();
            });
            measure(name("zoom, 4 % a frame"), kFrames, [&](int i) {
                hand.wheel(middle, i % 8 < 4 ? 26 : -26, Qt::ControlModifier);
                hand.canvas.repaint();
            });
            QVERIFY2(pan.cpu50 * 1.5 < full.cpu50 || full.cpu50 < 3, "a pan draws a strip");
        }
        hand.canvas.zoomTo(1);
        const QPointF header = hand.header(QString::fromStdString(hand.model.graph().vertices[4'820].id));
        hand.canvas.repaint();
        hand.press(header);
        measure("drag of one card at 1", kFrames, [&](int i) {
            hand.moveTo(header + QPointF(20 + i % 15 * 12, i % 15 * 8));
            hand.canvas.repaint();
        });
        hand.release(header);
        measure("states of all cards at 1", 10, [&](int i) {
            for (auto& counts : update.vertices) counts.busyNs = static_cast<std::uint64_t>(i) + 1;
            update.graph.reset();
            hand.run.take(update);
            QTest::qWait(20);
        });
        measure("an edit", 5, [&](int i) {
            hand.model.addVertex(QStringLiteral("numbers.add"), {i * 10, -200});
            hand.canvas.repaint();
        });
    }
    void tenThousandBoxesAreLaidOut()
    {
        const auto graph = samples::wideGraph(10'000, 100);
        LayoutInput input;
        for (std::size_t v = 0; v < graph.vertices.size(); ++v) input.boxes.push_back({132, 82});
        for (const auto& edge : graph.edges)
            input.edges.push_back({static_cast<std::uint32_t>(std::stoi(edge.from.vertex.substr(1)) - 100'000),
                                   static_cast<std::uint32_t>(std::stoi(edge.to.vertex.substr(1)) - 100'000), 42, 42});
        std::vector<LayoutPoint> points;
        measure("layout of 10,000", 5, [&](int) { points = layoutGraph(input); });
        QCOMPARE(points.size(), 10'000u);
    }
};

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    installTheme(app, Theme::Mode::Dark);
    BenchCanvas test;
    return QTest::qExec(&test, argc, argv);
}
#include "bench_canvas.moc"
