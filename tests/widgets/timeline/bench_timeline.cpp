// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Figures of the timeline at 1920 x 1080, in CPU time, printed; what is asserted is how many spans and summaries a frame touches.
// ORRERY_BENCH_SPANS=n sets the larger run.
#include "widgets/common/theme.h"
#include "widgets/models/run_model.h"
#include "widgets/models/selection.h"
#include "widgets/timeline/timeline_panel.h"
#include "widgets/timeline/track_field.h"

#include <QApplication>
#include <QTest>
#include <algorithm>
#include <ctime>
#include <random>

using namespace orrery;
using namespace orrery::widgets;
using types::TimeNs;

namespace {

constexpr TimeNs kBegin = 1'000'000'000;
constexpr std::uint16_t kTracks = 64;

// Of this process: what others do on the machine is not in it.
TimeNs cpuNs()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * base::kSecond + now.tv_nsec;
}

double ms(TimeNs ns) { return static_cast<double>(ns) / 1e6; }

struct Frames {
    std::vector<TimeNs> taken;
    void add(TimeNs ns) { taken.push_back(ns); }
    TimeNs share(double part)
    {
        std::sort(taken.begin(), taken.end());
        return taken[static_cast<std::size_t>(part * static_cast<double>(taken.size() - 1))];
    }
};

// Tasks of about a millisecond, most of the time of every track.
types::Attempt attempt(std::mt19937_64& random, std::uint32_t row, std::vector<TimeNs>& freeNs)
{
    types::Attempt made;
    made.row = row;
    made.mapIndex = row;
    made.worker = static_cast<std::uint16_t>(row % kTracks);
    made.vertex = static_cast<std::uint16_t>(random() % 5);
    made.startNs = freeNs[made.worker] + static_cast<TimeNs>(random() % 60'000);
    made.submitNs = made.startNs - 1'000;
    made.endNs = made.startNs + 200'000 + static_cast<TimeNs>(random() % (row % 97 == 0 ? 30'000'000 : 1'400'000));
    freeNs[made.worker] = made.endNs;
    return made;
}

RunUpdate updateOf(std::uint32_t spans)
{
    std::mt19937_64 random(spans);
    std::vector<TimeNs> freeNs(kTracks, kBegin);
    types::SpanBuilder builder;
    const TimeNs t0 = cpuNs();
    for (std::uint32_t i = 0; i < spans; ++i) builder.add(attempt(random, i, freeNs));
    const TimeNs t1 = cpuNs();
    RunUpdate update;
    update.spans = builder.snapshot();
    const TimeNs t2 = cpuNs();
    const auto again = builder.snapshot();
    const TimeNs t3 = cpuNs();
    qInfo("%u spans: built in %.0f ms (%.1f M/s, with making them up), first snapshot %.2f ms, next %.2f ms", spans, ms(t1 - t0), spans / (ms(t1 - t0) * 1e3), ms(t2 - t1), ms(t3 - t2));

    auto graph = std::make_shared<types::Graph>();
    for (const char* name : {"render", "blur", "colour_map", "edges", "hash"}) graph->vertices.push_back({name, std::string("imaging.") + name});
    update.graph = graph;
    update.run = base::RunId{base::hash128("bench")};
    update.nowNs = update.spans->lastNs;
    types::RunRow run;
    run.id = update.run;
    run.number = 1;
    run.state = types::RunState::Succeeded;
    run.startNs = kBegin;
    run.endNs = update.spans->lastNs;
    run.tasks = spans;
    update.runs.push_back(run);
    for (std::uint16_t v = 0; v < 5; ++v) {
        types::VertexCounts counts;
        counts.vertex = v;
        counts.tasks = spans / 5;
        update.vertices.push_back(counts);
    }
    for (std::uint16_t t = 0; t < kTracks; ++t) {
        types::WorkerRow worker;
        worker.track = t;
        worker.node = static_cast<std::uint16_t>(t / 16);
        update.workers.push_back(worker);
    }
    for (std::uint16_t n = 0; n < kTracks / 16; ++n) {
        types::NodeRow node;
        node.node = n;
        update.nodes.push_back(node);
    }
    return update;
}

} // namespace

class BenchTimeline : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aFrameTouchesFewSpansHoweverMany_data()
    {
        QTest::addColumn<std::uint32_t>("spans");
        QTest::newRow("100 k") << 100'000u;
        QTest::newRow("large") << (qEnvironmentVariableIsSet("ORRERY_BENCH_SPANS") ? qEnvironmentVariable("ORRERY_BENCH_SPANS").toUInt() : 10'000'000u);
    }
    void aFrameTouchesFewSpansHoweverMany()
    {
        QFETCH(std::uint32_t, spans);
        RunModel model;
        Selection selection;
        TimelinePanel panel(model, selection);
        panel.resize(1920, 1080);
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        model.take(updateOf(spans));
        auto& field = *panel.findChild<TrackField*>();
        auto& state = *panel.findChild<TimelineState*>();
        QTRY_COMPARE(&state.set(), model.spans().get());
        field.repaint();
        const TimeNs length = state.endNs() - kBegin;
        for (const int part : {1, 4, 16, 64, 256, 1'024, 4'096, 16'384}) {
            if (length / part < 50 * base::kMicrosecond) break;
            Frames fresh, pans;
            std::uint64_t most = 0, panned = 0;
            for (int i = 0; i < 24; ++i) {
                const TimeNs from = kBegin + (part == 1 ? 0 : (length - length / part) / 24 * i);
                state.show(from, from + length / part);
                const std::uint64_t before = field.picture().visits();
                TimeNs t0 = cpuNs();
                field.repaint();
                fresh.add(cpuNs() - t0);
                most = std::max(most, field.picture().visits() - before);
                state.pan(12);
                const std::uint64_t still = field.picture().visits();
                t0 = cpuNs();
                field.repaint();
                pans.add(cpuNs() - t0);
                panned = std::max(panned, field.picture().visits() - still);
                QCOMPARE(field.picture().counts().single + field.picture().counts().merged, field.picture().counts().inView);
            }
            qInfo("1/%-6d new view p50 %5.2f p95 %5.2f ms, %7llu visits | pan p50 %5.2f p95 %5.2f ms, %6llu visits | %s", part, ms(fresh.share(.5)), ms(fresh.share(.95)),
                  static_cast<unsigned long long>(most), ms(pans.share(.5)), ms(pans.share(.95)), static_cast<unsigned long long>(panned),
                  qPrintable(QStringLiteral("%1 in view, %2 single").arg(field.picture().counts().inView).arg(field.picture().counts().single)));
            // At most some ten spans or summaries a column of each of the tracks, and a pan a small part of that.
            const auto columns = static_cast<std::uint64_t>(state.scale().width) * kTracks;
            QVERIFY2(most < 12 * columns, qPrintable(QString::number(most)));
            QVERIFY2(panned < 12 * columns / 20, qPrintable(QString::number(panned)));
        }
        filter(state, field);
    }

private:
    static void filter(TimelineState& state, TrackField& field)
    {
        state.goHome();
        field.repaint();
        QCOMPARE(state.setFilter(QStringLiteral("dur>1ms vertex:render")), QString());
        Frames frames;
        const TimeNs t0 = cpuNs();
        do {
            const TimeNs at = cpuNs();
            field.repaint();
            frames.add(cpuNs() - at);
        } while (!state.filter().complete());
        const auto n = frames.taken.size();
        qInfo("filter: %zu frames, %.0f ms until all is known, frame p50 %.2f p95 %.2f ms, %llu match", n, ms(cpuNs() - t0), ms(frames.share(.5)), ms(frames.share(.95)),
              static_cast<unsigned long long>(state.filter().kept()));
        std::uint64_t kept = 0;
        for (const auto& track : state.set().tracks)
            for (const auto& block : track.blocks)
                for (std::size_t i = 0; i < block->size(); ++i) kept += block->vertex[i] == 0 && block->endNs(i) - block->startNs(i) > base::kMillisecond;
        QCOMPARE(state.filter().kept(), kept);
    }
};

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    installTheme(app, Theme::Mode::Dark);
    BenchTimeline test;
    return QTest::qExec(&test, argc, argv);
}

#include "bench_timeline.moc"
