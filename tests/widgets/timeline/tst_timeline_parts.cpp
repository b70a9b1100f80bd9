// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// The parts of the timeline that draw and count, against a plain list of attempts. ORRERY_SEED=n repeats one world.
#include "tests/widgets/timeline/timeline_world.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/count_history.h"
#include "widgets/timeline/span_filter.h"
#include "widgets/timeline/span_find.h"
#include "widgets/timeline/span_words.h"
#include "widgets/timeline/strip_paint.h"
#include "widgets/timeline/track_rows.h"

#include <QApplication>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <random>

using namespace orrery;
using namespace orrery::widgets;
using tests::TimelineWorld;
using types::Attempt;
using types::TimeNs;

namespace {

constexpr TimeNs kBegin = 5'000'000'000;

Attempt ran(TimeNs startNs, TimeNs endNs, std::uint32_t row, std::uint16_t track = 0)
{
    Attempt made;
    made.row = made.mapIndex = row;
    made.vertex = static_cast<std::uint16_t>(row % 3);
    made.worker = track;
    made.submitNs = startNs - 1;
    made.startNs = startNs;
    made.endNs = endNs;
    return made;
}

// One worker, busy for most of the time with tasks of very different lengths.
std::vector<Attempt> busyTrack(std::uint64_t seed, std::uint32_t n, TimeNs usualNs, bool gaps)
{
    std::mt19937_64 random(seed);
    std::vector<Attempt> all;
    TimeNs at = kBegin;
    for (std::uint32_t i = 0; i < n; ++i) {
        if (gaps && random() % 3 == 0) at += static_cast<TimeNs>(random() % static_cast<std::uint64_t>(usualNs * 6));
        const double stretch = std::exp(3 * (static_cast<double>(random() % 1'000) / 1'000 - .5)) * (random() % 60 == 0 ? 30 : 1);
        const TimeNs took = std::max<TimeNs>(0, static_cast<TimeNs>(static_cast<double>(usualNs) * stretch));
        all.push_back(ran(at, at + took, i));
        at += took;
    }
    return all;
}

std::shared_ptr<const types::SpanSet> built(const std::vector<Attempt>& attempts)
{
    types::SpanBuilder builder;
    for (const auto& attempt : attempts) builder.add(attempt);
    return builder.snapshot();
}

TimeScale scaleOf(double nsPerColumn, TimeNs leftNs, int width = 1'200)
{
    TimeScale scale;
    scale.originNs = kBegin;
    scale.nsPerColumn = nsPerColumn;
    scale.width = width;
    scale.first = scale.columnOf(leftNs);
    return scale;
}

bool touches(const Attempt& a, TimeNs from, TimeNs to) { return a.startNs < to && (a.startNs >= from || a.endNs > from); }

struct View {
    double nsPerColumn;
    TimeNs leftNs;
};

std::vector<View> views(std::mt19937_64& random, TimeNs endNs)
{
    std::vector<View> all;
    for (double ns = static_cast<double>(endNs - kBegin) / 900; ns > 40; ns /= 2.7) {
        all.push_back({ns, kBegin - static_cast<TimeNs>(ns * 20)});
        for (int i = 0; i < 3; ++i) all.push_back({ns, kBegin + static_cast<TimeNs>(random() % static_cast<std::uint64_t>(endNs - kBegin))});
    }
    return all;
}

SpanLook whiteOnBlack()
{
    SpanLook look;
    look.canvas = qRgb(0, 0, 0);
    look.done.assign(3, qRgb(255, 255, 255));
    look.text = look.chip = qRgb(0, 0, 0);
    return look;
}

double coverageSum(const Strip& strip)
{
    double sum = 0;
    for (const auto& column : strip.columns()) sum += static_cast<double>(column.kept + column.faded);
    return sum;
}

std::uint64_t seedOf(int world) { return qEnvironmentVariableIsSet("ORRERY_SEED") ? qEnvironmentVariable("ORRERY_SEED").toULongLong() : static_cast<std::uint64_t>(world); }

} // namespace

class TestTimelineParts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everySpanInViewIsDrawnOrMerged()
    {
        for (int world = 0; world < 8; ++world) {
            std::mt19937_64 random(seedOf(world));
            const auto attempts = busyTrack(seedOf(world), 9'000, world % 2 == 0 ? 200'000 : 3'000, world % 3 != 0);
            const auto set = built(attempts);
            for (const View& view : views(random, attempts.back().endNs)) {
                const TimeScale scale = scaleOf(view.nsPerColumn, view.leftNs);
                Strip strip;
                strip.take(set->tracks.front(), scale, nullptr, 1);
                std::uint64_t inView = 0, wide = 0, seen = 0;
                for (const Attempt& a : attempts) {
                    if (!touches(a, scale.leftNs(), scale.rightNs())) continue;
                    ++inView;
                    const double columns = static_cast<double>(a.endNs - a.startNs) / scale.nsPerColumn;
                    wide += columns >= 7.5;
                    seen += columns >= 3.5;
                }
                const StripCounts& counts = strip.counts();
                QCOMPARE(counts.inView, inView);
                QCOMPARE(counts.single + counts.merged, inView);
                QVERIFY2(counts.single >= wide, "a wide span is not drawn by itself");
                QVERIFY(strip.spans().size() >= seen);
                std::uint64_t inRuns = 0, alone = 0, absorbed = 0;
                for (const MergedRun& run : strip.runs()) {
                    inRuns += run.count;
                    alone += run.count == 1;
                }
                for (const DrawnSpan& span : strip.spans()) absorbed += span.absorbed;
                QCOMPARE(counts.single, strip.spans().size() - absorbed + alone);
                QCOMPARE(inRuns - alone, counts.merged);
            }
        }
    }

    void whatOverlapsIsCountedToo()
    {
        std::mt19937_64 random(3);
        std::vector<Attempt> attempts;
        for (std::uint32_t i = 0; i < 5'000; ++i) {
            const TimeNs start = kBegin + static_cast<TimeNs>(random() % 1'000'000'000);
            attempts.push_back(ran(start, start + static_cast<TimeNs>(random() % 50'000'000), i));
        }
        const auto set = built(attempts);
        for (const View& view : views(random, kBegin + 1'050'000'000)) {
            const TimeScale scale = scaleOf(view.nsPerColumn, view.leftNs);
            Strip strip;
            strip.take(set->tracks.front(), scale, nullptr, 1);
            const auto inView = static_cast<std::uint64_t>(std::count_if(attempts.begin(), attempts.end(), [&](const Attempt& a) { return touches(a, scale.leftNs(), scale.rightNs()); }));
            QCOMPARE(strip.counts().inView, inView);
            QVERIFY(strip.counts().single <= inView);
        }
    }

    void paintedBusyTimeIsTheExactOne_data()
    {
        QTest::addColumn<TimeNs>("usualNs");
        QTest::addColumn<bool>("gaps");
        QTest::addColumn<double>("nsPerColumn");
        for (const double columns : {.02, .2, .9, 2.0, 4.0, 9.0, 60.0})
            for (const bool gaps : {false, true})
                QTest::addRow("a task is %.2f px, %s", columns, gaps ? "with gaps" : "always busy") << TimeNs{100'000} << gaps << 100'000 / columns;
    }
    void paintedBusyTimeIsTheExactOne()
    {
        QFETCH(TimeNs, usualNs);
        QFETCH(bool, gaps);
        QFETCH(double, nsPerColumn);
        const auto attempts = busyTrack(9, 40'000, usualNs, gaps);
        const auto set = built(attempts);
        const SpanLook look = whiteOnBlack();
        LabelAtlas atlas(Theme::of().font(FontRole::MonoTiny), 1);
        double painted = 0, exact = 0;
        for (int part = 0; part < 6; ++part) {
            const TimeScale scale = scaleOf(nsPerColumn, kBegin + part * static_cast<TimeNs>(nsPerColumn * 1'500), 1'500);
            Strip strip;
            strip.take(set->tracks.front(), scale, nullptr, 1);
            QImage image(scale.width, 14, QImage::Format_RGB32);
            image.fill(look.canvas);
            StripPainter(image, scale, look, atlas, 1).paint(strip, {0, 14, false}, [](std::uint16_t, std::uint32_t) { return QString(); });
            std::vector<bool> wide(static_cast<std::size_t>(scale.width));
            for (const DrawnSpan& span : strip.spans())
                for (auto c = std::max(span.left, scale.first); c < std::min(span.right, scale.first + scale.width); ++c) wide[static_cast<std::size_t>(c - scale.first)] = true;
            for (int x = 0; x < scale.width; ++x) {
                int light = 0; // the hatch darkens some rows
                for (int y = 0; y < image.height(); ++y) light = std::max(light, qRed(image.pixel(x, y)));
                if (light > 0) painted += wide[static_cast<std::size_t>(x)] ? 1 : std::max(0.0, (light / 255.0 - kFaintest) / (1 - kFaintest));
            }
            for (const Attempt& a : attempts)
                exact += static_cast<double>(std::max<TimeNs>(0, std::min(a.endNs, scale.rightNs()) - std::max(a.startNs, scale.leftNs()))) / nsPerColumn;
        }
        QVERIFY(exact > 100);
        QVERIFY2(std::abs(painted - exact) < .01 * exact, qPrintable(QStringLiteral("painted %1 columns, busy were %2").arg(painted).arg(exact)));
    }

    void aPanShowsWhatAFreshPictureShows()
    {
        const auto attempts = busyTrack(4, 20'000, 150'000, true);
        const auto set = built(attempts);
        std::mt19937_64 random(4);
        for (const double nsPerColumn : {4'000'000.0, 300'000.0, 40'000.0, 5'000.0}) {
            TimeScale scale = scaleOf(nsPerColumn, kBegin + 40'000'000);
            Strip panned;
            panned.take(set->tracks.front(), scale, nullptr, 1);
            for (int step = 0; step < 40; ++step) {
                scale.pan(static_cast<int>(random() % 400) - 190);
                panned.take(set->tracks.front(), scale, nullptr, 1);
                Strip fresh;
                fresh.take(set->tracks.front(), scale, nullptr, 1);
                QCOMPARE(panned.counts().inView, fresh.counts().inView);
                QCOMPARE(panned.spans().size(), fresh.spans().size());
                for (std::size_t i = 0; i < fresh.spans().size(); ++i) QCOMPARE(panned.spans()[i].startNs, fresh.spans()[i].startNs);
                QVERIFY(std::abs(coverageSum(panned) - coverageSum(fresh)) < 2);
                QVERIFY(std::abs(static_cast<double>(panned.counts().merged) - static_cast<double>(fresh.counts().merged)) <= 16);
            }
        }
    }

    void theCostOfAPictureDoesNotGrowWithTheSpans()
    {
        std::vector<std::uint64_t> visits;
        for (const std::uint32_t n : {30'000u, 300'000u}) {
            const auto attempts = busyTrack(6, n, 100'000, false);
            const auto set = built(attempts);
            const TimeScale scale = scaleOf(static_cast<double>(attempts.back().endNs - kBegin) / 1'200, kBegin);
            Strip strip;
            strip.take(set->tracks.front(), scale, nullptr, 1);
            visits.push_back(strip.visits());
            TimeScale moved = scale;
            moved.pan(30);
            strip.take(set->tracks.front(), moved, nullptr, 1);
            QVERIFY2(strip.visits() - visits.back() < visits.back() / 8, "a pan visits what was there");
            const auto before = strip.visits();
            strip.take(set->tracks.front(), moved, nullptr, 1);
            QCOMPARE(strip.visits(), before);
        }
        QVERIFY2(visits[1] < 25 * 1'200, qPrintable(QString::number(visits[1])));
        QVERIFY(visits[1] < 3 * visits[0]);
    }

    void aFilterKeepsWhatAPlainListKeeps_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text : {"dur>20ms", "vertex:render", "dur>20ms node:B", "attempt>1", "state:retrying", "fn=imaging.blur or index<10", "not worker=1", "name:\"render [7]\"", "start>1s end<3s", "nothing"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void aFilterKeepsWhatAPlainListKeeps()
    {
        QFETCH(QString, text);
        tests::WorldShape shape;
        shape.nodeDiesNs = 4 * base::kSecond;
        const TimelineWorld world(shape);
        RunModel model;
        model.take(world.at(world.endNs() + 1, true));
        SpanFilter filter(model);
        QCOMPARE(filter.setText(text), QString());
        filter.setSet(model.spans());
        QVERIFY(!filter.complete());
        while (!filter.work(1)) {}
        const auto keeps = [&](const Attempt& a) {
            const auto& vertex = world.graph().vertices[a.vertex];
            const auto& worker = model.workers().at(a.worker);
            const TimeNs dur = a.endNs - a.startNs;
            const bool map = a.vertex >= 2 && a.vertex <= 5;
            const QString name = QString::fromStdString(vertex.id) + (map ? QStringLiteral(" [%1]").arg(a.mapIndex) : QString());
            if (text == u"dur>20ms") return dur > 20'000'000;
            if (text == u"vertex:render") return vertex.id == "render";
            if (text == u"dur>20ms node:B") return dur > 20'000'000 && worker.node == 1;
            if (text == u"attempt>1") return a.attempt > 1;
            if (text == u"state:retrying") return a.outcome == types::TaskState::Retrying;
            if (text == u"fn=imaging.blur or index<10") return vertex.function == "imaging.blur" || (map && a.mapIndex < 10);
            if (text == u"not worker=1") return model.workerNumber(a.worker) != 1;
            if (text == u"name:\"render [7]\"") return name.contains(QStringLiteral("render [7]"));
            if (text == u"start>1s end<3s") return a.startNs - world.beginNs() > base::kSecond && a.endNs - world.beginNs() < 3 * base::kSecond;
            return name.contains(QStringLiteral("nothing"));
        };
        const auto expected = static_cast<std::uint64_t>(std::count_if(world.attempts().begin(), world.attempts().end(), keeps));
        QVERIFY(text == u"nothing" ? expected == 0 : expected > 0 && expected < world.attempts().size());
        QCOMPARE(filter.kept(), expected);
        std::uint64_t inView = 0, kept = 0;
        for (const auto& track : model.spans()->tracks) {
            TimeScale scale;
            scale.originNs = world.beginNs();
            scale.width = 900;
            scale.show(world.beginNs() + base::kSecond, world.beginNs() + 3 * base::kSecond, 0, 0);
            Strip strip;
            strip.take(track, scale, &filter, 1);
            inView += strip.counts().inView;
            kept += strip.counts().kept;
            for (const Attempt& a : world.attempts())
                if (a.worker == track.track && touches(a, scale.leftNs(), scale.rightNs())) {
                    --inView;
                    kept -= keeps(a);
                }
            for (const DrawnSpan& span : strip.spans()) { // and each one that is drawn is faded or not
                const auto a = std::find_if(world.attempts().begin(), world.attempts().end(), [&](const Attempt& other) { return other.row == span.row && other.attempt == types::spanAttempt(span.flags); });
                QCOMPARE(span.kept, keeps(*a));
            }
        }
        QCOMPARE(inView, std::uint64_t{0});
        QCOMPARE(kept, std::uint64_t{0});
    }

    void aRefusedFilterChangesNothing()
    {
        RunModel model;
        SpanFilter filter(model);
        QCOMPARE(filter.setText(QStringLiteral("dur>1ms")), QString());
        QVERIFY(filter.setText(QStringLiteral("durr>1ms")).contains(u"durr"));
        QVERIFY(filter.setText(QStringLiteral("peak>1MB")).contains(u"peak_bytes"));
        QCOMPARE(filter.text(), QStringLiteral("dur>1ms"));
    }

    void aTailThatGrewIsNotAskedAgain()
    {
        const TimelineWorld world({});
        RunModel model;
        model.take(world.at(world.beginNs() + 3 * base::kSecond, true));
        SpanFilter filter(model);
        QCOMPARE(filter.setText(QStringLiteral("dur>20ms")), QString());
        for (TimeNs now = world.beginNs() + 3 * base::kSecond; now < world.endNs(); now += 200 * base::kMillisecond) {
            model.take(world.at(now, false));
            filter.setSet(model.spans());
            while (!filter.work(1)) {}
            const auto expected = std::count_if(world.attempts().begin(), world.attempts().end(), [&](const Attempt& a) { return a.endNs <= now && a.endNs - a.startNs > 20'000'000; });
            QCOMPARE(filter.kept(), static_cast<std::uint64_t>(expected));
        }
    }

    void hitsAndNeighboursAreThoseOfThePlainList()
    {
        const auto attempts = busyTrack(12, 9'000, 100'000, true);
        const auto set = built(attempts);
        const auto& track = set->tracks.front();
        const TimeNs unit = track.blocks.front()->unitNs;
        std::mt19937_64 random(12);
        for (int i = 0; i < 300; ++i) {
            const Attempt& a = attempts[random() % (attempts.size() - 2) + 1];
            if (a.endNs - a.startNs < 4 * unit) continue;
            const auto hit = spanAt(track, (a.startNs + a.endNs) / 2, 0, 0);
            QVERIFY(hit && hit->row == a.row && hit->index == a.mapIndex);
            QCOMPARE(spanBeside(track, hit->startNs, 1, 0)->row, a.row + 1);
            QCOMPARE(spanBeside(track, hit->startNs, -1, 0)->row, a.row - 1);
            QCOMPARE(spanOf(*set, a.row, 0)->startNs, hit->startNs);
        }
        QVERIFY(!spanBeside(track, attempts.back().endNs, 1, 0));
        QVERIFY(!spanAt(track, attempts.front().startNs - 1'000'000, 999'000, 0));
        QCOMPARE(spanAt(track, attempts.front().startNs - 1'000'000, 1'001'000, 0)->row, 0u);
    }

    void flowsAreTheEdgesOfTheGraph()
    {
        tests::WorldShape shape;
        shape.width = 40;
        const TimelineWorld world(shape);
        const auto set = built(world.attempts());
        const auto flows = [&](std::uint16_t vertex, std::uint32_t index) {
            const auto a = std::find_if(world.attempts().begin(), world.attempts().end(), [&](const Attempt& other) { return other.vertex == vertex && other.mapIndex == index; });
            return flowsOf(*set, world.graph(), *spanOf(*set, a->row, 0), 0);
        };
        const auto names = [&](const std::vector<FoundSpan>& spans) {
            QStringList all;
            for (const auto& span : spans) all << QString::fromStdString(world.graph().vertices[span.vertex].id) + QString::number(span.index);
            all.sort();
            return all;
        };
        const auto blur = flows(3, 17);
        QCOMPARE(names(blur.producers), QStringList{QStringLiteral("render17")});
        QCOMPARE(names(blur.consumers), (QStringList{QStringLiteral("colour_map17"), QStringLiteral("edges17")}));
        QCOMPARE(names(flows(2, 3).producers), QStringList{QStringLiteral("tiles0")});
        QCOMPARE(flows(1, 0).consumers.size(), std::size_t{40});
        QCOMPARE(flows(6, 0).producers.size(), std::size_t{40});
        QVERIFY2(flows(7, 0).producers.empty(), "80 arrows are none");
    }

    void zoomKeepsTheInstantUnderTheCursor()
    {
        std::mt19937_64 random(8);
        for (int i = 0; i < 500; ++i) {
            TimeScale scale = scaleOf(100 + static_cast<double>(random() % 10'000'000), kBegin + static_cast<TimeNs>(random() % 100'000'000'000));
            const double x = static_cast<double>(random() % 1'200), factor = .3 + static_cast<double>(random() % 300) / 100;
            const TimeNs before = scale.timeAt(x);
            scale.zoom(x, factor);
            QVERIFY(std::abs(scale.xOf(before) - x) <= 1);
        }
    }

    void ticksAreRoundAndFarEnoughApart()
    {
        for (double ns = 1; ns < 1e11; ns *= 3.3) {
            const TimeScale scale = scaleOf(ns, kBegin - 100);
            const auto ticks = ticksOf(scale, 90);
            QVERIFY2(ticks.size() >= 3 && ticks.size() <= 15, qPrintable(QStringLiteral("%1 ns: %2 ticks").arg(ns).arg(ticks.size())));
            for (std::size_t i = 1; i < ticks.size(); ++i) {
                QVERIFY(scale.xOf(ticks[i].at) - scale.xOf(ticks[i - 1].at) >= 89.9);
                QVERIFY(ticks[i].text != ticks[i - 1].text);
            }
        }
        QCOMPARE(tickText(5'100'000'000, 100'000'000), QStringLiteral("5.1 s"));
        QCOMPARE(tickText(3'000'000'000, 1'000'000'000), QStringLiteral("3 s"));
    }

    void historyAnswersFromWhatWasToldAndElseFromSpans()
    {
        CountHistory history;
        types::Activity spans;
        spans.firstNs = 0;
        spans.bucketNs = 1'024;
        spans.running = {3};
        spans.ready = {2};
        spans.done = {9};
        spans.started = {9};
        std::vector<types::VertexCounts> counts(1);
        counts[0].counts[static_cast<std::size_t>(types::TaskState::Submitted)] = 5;
        counts[0].counts[static_cast<std::size_t>(types::TaskState::Cached)] = 2;
        const std::vector<TimeNs> open{1'200, 1'700};
        QCOMPARE(history.at(500, spans, open)->ready, 2.0);
        history.add(1'000, counts);
        counts[0].counts[static_cast<std::size_t>(types::TaskState::Finished)] = 7;
        history.add(2'000, counts);
        QCOMPARE(history.at(500, spans, open)->done, 9.0);
        QCOMPARE(history.at(500, spans, open)->running, 3.0);
        QCOMPARE(history.at(1'500, spans, open)->ready, 5.0);
        QCOMPARE(history.at(1'500, spans, open)->done, 2.0);
        QCOMPARE(history.at(1'500, spans, open)->running, 1.0); // the spans end before, one task runs
        QCOMPARE(history.at(2'000, spans, open)->running, 2.0);
        QCOMPARE(history.at(2'000, spans, open)->done, 9.0);
        QVERIFY(!history.at(2'001, spans, open));
        for (TimeNs t = 3'000; t < 30'000; ++t) history.add(t, counts);
        QVERIFY(history.size() < CountHistory::kSamplesMax);
        QCOMPARE(history.at(29'999, spans, open)->done, 9.0);
    }

    void anExitStandsAlone()
    {
        types::WorkerRow worker;
        QCOMPARE(exitText(worker), QStringLiteral("ended"));
        worker.exit = "it was killed by signal 9";
        QCOMPARE(exitText(worker), QStringLiteral("killed by signal 9"));
        worker.exit = "it ended with status 3";
        QCOMPARE(exitText(worker), QStringLiteral("ended with status 3"));
    }

    void aDeadWorkerOfAnotherRunHasNoRow()
    {
        const TimelineWorld world({});
        RunModel model;
        auto update = world.at(world.endNs() + 1, true);
        types::WorkerRow old;
        old.track = 90;
        old.alive = false;
        old.endNs = world.beginNs() - base::kSecond;
        update.workers.push_back(old);
        old.track = 91; // died in this run, before it did anything
        old.endNs = world.beginNs() + base::kSecond;
        update.workers.push_back(old);
        model.take(update);
        const auto rows = rowsOf(model, {}, false);
        QCOMPARE(rowOfTrack(rows, 90), -1);
        QVERIFY(rowOfTrack(rows, 91) > 0);
        QCOMPARE(rows.size(), std::size_t{1 + 3 + 10 + 1 + 1});
        for (std::size_t i = 1; i < rows.size(); ++i) QCOMPARE(rows[i].top, rows[i - 1].bottom());
        QCOMPARE(rowsOf(model, {1}, false).size(), rows.size() - 4);
        for (const TrackRow& row : rowsOf(model, {}, true)) {
            int below = 0;
            for (std::size_t lane = 0; lane < row.tracks.size(); ++lane) {
                const Band band = bandOf(row, lane);
                QVERIFY(band.height >= 1 && band.top >= below && band.top + band.height <= row.height);
                below = band.top + band.height;
            }
        }
    }
};

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    installTheme(app, Theme::Mode::Dark);
    TestTimelineParts test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_timeline_parts.moc"
