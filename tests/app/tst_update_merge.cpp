// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/mailbox.h"
#include "engine/base/random.h"

#include <QTest>
#include <chrono>
#include <functional>
#include <semaphore>
#include <thread>

using namespace orrery;
using base::Random;
using widgets::LinkState;
using widgets::RunModel;
using widgets::RunUpdate;

namespace {

// What a view thread could send: it knows which run is shown, and says so in each update.
class Sender {
public:
    explicit Sender(std::uint64_t seed) : m_random(seed) {}
    RunUpdate next()
    {
        RunUpdate update;
        if (m_random.chance(0.08)) update.newWorld = true;
        if (m_random.chance(0.15)) m_run = m_random.chance(0.2) ? base::RunId{} : base::RunId{{7, 1 + m_random.below(3)}};
        update.run = m_run;
        update.resync = m_run.isNull() || m_random.chance(0.05);
        update.link = static_cast<LinkState>(m_random.below(4));
        update.linkText = QString::number(m_random.below(3));
        update.nowNs = m_random.chance(0.2) ? 0 : static_cast<base::TimeNs>(++m_count);
        update.wallOffsetNs = static_cast<std::int64_t>(m_random.below(9));
        fillWorld(update);
        if (!m_run.isNull()) fillRun(update);
        update.objects = m_random.below(9);
        update.objectBytes = m_random.below(9);
        update.eventsPerSecond = static_cast<double>(m_random.below(9));
        update.settling = m_random.chance(0.5);
        update.deltaBytes = m_random.below(3);
        update.changes = m_random.below(2);
        return update;
    }

private:
    void fillWorld(RunUpdate& update)
    {
        for (auto n = m_random.below(3); n > 0; --n) {
            types::RunRow run;
            run.number = static_cast<std::uint32_t>(1 + m_random.below(3));
            run.id = base::RunId{{7, run.number}};
            run.tasks = static_cast<std::uint32_t>(++m_count);
            update.runs.push_back(run);
        }
        for (auto n = m_random.below(2); n > 0; --n) {
            types::WorkerRow worker;
            worker.track = static_cast<std::uint16_t>(m_random.below(4));
            worker.tasksDone = ++m_count;
            update.workers.push_back(worker);
        }
        if (m_random.chance(0.3)) {
            types::NodeRow node;
            node.node = static_cast<std::uint16_t>(m_random.below(2));
            node.heartbeatNs = static_cast<base::TimeNs>(++m_count);
            update.nodes.push_back(node);
        }
        for (auto n = m_random.below(4); n > 0; --n) {
            types::LogLine line;
            line.text = std::to_string(++m_count);
            update.logs.push_back(line);
        }
        if (m_random.chance(0.1)) {
            auto catalog = std::make_shared<types::Catalog>();
            catalog->problems.push_back({std::to_string(++m_count), {}});
            update.catalog = catalog;
        }
        update.logsDropped = m_random.below(2);
    }
    void fillRun(RunUpdate& update)
    {
        if (m_random.chance(0.2)) {
            auto graph = std::make_shared<types::Graph>();
            graph->title = std::to_string(++m_count);
            update.graph = graph;
        }
        if (m_random.chance(0.3)) {
            auto spans = std::make_shared<types::SpanSet>();
            spans->spans = ++m_count;
            update.spans = spans;
        }
        if (m_random.chance(0.3)) {
            auto transfers = std::make_shared<types::SpanSet>();
            transfers->spans = ++m_count;
            update.transfers = transfers;
        }
        for (auto n = m_random.below(3); n > 0; --n) {
            types::VertexCounts counts;
            counts.vertex = static_cast<std::uint16_t>(m_random.below(4));
            counts.tasks = static_cast<std::uint32_t>(++m_count);
            update.vertices.push_back(counts);
        }
        for (std::uint16_t vertex = 0; vertex < 2; ++vertex) {
            if (m_random.chance(0.5)) continue;
            widgets::TileUpdate change;
            change.vertex = vertex;
            for (auto n = m_random.below(5); n > 0; --n) {
                widgets::Tile tile;
                tile.row = static_cast<std::uint32_t>(++m_count);
                change.tiles.emplace_back(static_cast<std::uint32_t>(m_random.below(6)), tile);
            }
            for (auto n = m_random.below(3); n > 0; --n) change.images.emplace_back(static_cast<std::uint32_t>(m_random.below(4)), picture());
            if (m_random.chance(0.2)) {
                change.places.emplace_back(static_cast<std::uint16_t>(++m_count), 1);
                change.columns = static_cast<int>(++m_count);
                change.rows = 2;
            }
            update.tiles.push_back(change);
        }
        if (m_random.chance(0.3)) update.previews.emplace_back(static_cast<std::uint16_t>(m_random.below(2)), picture());
    }
    QImage picture()
    {
        QImage image(1, 1, QImage::Format_ARGB32);
        image.setPixel(0, 0, static_cast<QRgb>(++m_count));
        return image;
    }
    Random m_random;
    base::RunId m_run;
    std::uint64_t m_count = 0;
};

// Everything that can be read of a model, but samples of figures and the number of changes.
QString all(const RunModel& model)
{
    QString text = QStringLiteral("%1 %2 now %3 %4 run %5\n")
                       .arg(static_cast<int>(model.link()))
                       .arg(model.linkText())
                       .arg(model.nowNs())
                       .arg(model.wallOffsetNs())
                       .arg(model.shownRun() ? model.shownRun()->tasks : 0);
    text += QStringLiteral("graph %1, catalog %2, spans %3, transfers %4\n")
                .arg(model.graph() ? QString::fromStdString(model.graph()->title) : QStringLiteral("none"))
                .arg(model.catalog()->problems.empty() ? QStringLiteral("none") : QString::fromStdString(model.catalog()->problems[0].path))
                .arg(model.spans()->spans)
                .arg(model.transfers()->spans);
    for (const auto& [number, run] : model.runs()) text += QStringLiteral("run %1: %2\n").arg(number).arg(run.tasks);
    for (const auto& counts : model.vertices()) text += QStringLiteral("vertex %1: %2\n").arg(counts.vertex).arg(counts.tasks);
    for (const auto& node : model.nodes()) text += QStringLiteral("node %1: %2\n").arg(node.node).arg(node.heartbeatNs);
    for (const auto& [track, worker] : model.workers()) text += QStringLiteral("worker %1: %2\n").arg(track).arg(worker.tasksDone);
    for (std::uint16_t vertex = 0; vertex < 2; ++vertex) {
        if (const auto* tiles = model.tiles(vertex)) {
            text += QStringLiteral("tiles %1: %2 x %3, %4 places").arg(vertex).arg(tiles->columns).arg(tiles->rows).arg(tiles->places.empty() ? 0 : tiles->places[0].first);
            for (const auto& tile : tiles->tiles) text += QStringLiteral(" %1").arg(tile.row);
            for (std::uint32_t index = 0; index < 4; ++index) text += QStringLiteral(" p%1").arg(tiles->images.value(index).isNull() ? 0 : tiles->images.value(index).pixel(0, 0));
        }
        text += QStringLiteral(" preview %1\n").arg(model.preview(vertex).isNull() ? 0 : model.preview(vertex).pixel(0, 0));
    }
    for (const auto& line : model.logs()) text += QString::fromStdString(line.text) + u' ';
    text += QStringLiteral("\ndropped %1, objects %2 %3 %4, %5/s, delta %6, %7").arg(model.logsDropped()).arg(model.objects()).arg(model.objectBytes()).arg(model.copies()).arg(model.eventsPerSecond()).arg(model.deltaBytes()).arg(model.shownRunLacksPictures());
    return text;
}

// Awake for a moment, so that two threads do meet; then asleep, so that a busy machine is not made busier. False: it never comes.
bool comes(std::counting_semaphore<>& what)
{
    const auto awake = std::chrono::steady_clock::now() + std::chrono::microseconds(200);
    while (std::chrono::steady_clock::now() < awake)
        if (what.try_acquire()) return true;
    return what.try_acquire_for(std::chrono::seconds(20));
}

} // namespace

class tst_update_merge : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void mergedUpdatesLeaveTheModelAsTheyWouldOneByOne()
    {
        for (std::uint64_t seed = 1; seed <= 300; ++seed) {
            Sender sender(seed);
            Random random(seed * 31);
            RunModel oneByOne, merged;
            for (int round = 0; round < 20; ++round) {
                std::optional<RunUpdate> together;
                for (auto n = 1 + random.below(5); n > 0; --n) {
                    RunUpdate update = sender.next();
                    oneByOne.take(update);
                    if (together) app::mergeUpdate(*together, std::move(update));
                    else together = std::move(update);
                }
                const auto changes = merged.changes();
                merged.take(*together);
                if (together->changes > 0) QVERIFY(merged.changes() > changes);
                if (all(merged) != all(oneByOne)) QCOMPARE(QStringLiteral("seed %1 round %2\n").arg(seed).arg(round) + all(merged), all(oneByOne));
            }
        }
    }
    void whatAWindowNeverTakesStaysBounded()
    {
        RunUpdate kept;
        kept.run = base::RunId{{1, 1}};
        for (int i = 0; i < 200; ++i) {
            RunUpdate update;
            update.run = kept.run;
            widgets::TileUpdate tiles;
            for (std::uint32_t index = 0; index < 100; ++index) tiles.tiles.emplace_back(index, widgets::Tile{});
            update.tiles.push_back(tiles);
            update.runs.resize(1);
            update.runs[0].number = static_cast<std::uint32_t>(1 + i % 3);
            update.logs.resize(500);
            app::mergeUpdate(kept, std::move(update));
        }
        QCOMPARE(kept.tiles.size(), std::size_t{1});
        QCOMPARE(kept.tiles[0].tiles.size(), std::size_t{100});
        QCOMPARE(kept.runs.size(), std::size_t{3});
        QCOMPARE(kept.logs.size(), widgets::kLogLinesKept);
        QCOMPARE(kept.logsDropped + kept.logs.size(), std::uint64_t{200 * 500});
    }
    void whoeverComesBetweenTheStepsOfTheMailboxTheLastMailIsTold()
    {
        // The other side comes in whole at each step of put and of take, with a mail in the box and without.
        struct Side {
            std::function<void()>* other;
            void operator()() const
            {
                if (*other) std::exchange(*other, nullptr)();
            }
        };
        for (const bool full : {false, true})
            for (int step = 0; step < 3; ++step)
                for (const bool inPut : {false, true}) {
                    std::function<void()> other;
                    app::BasicMailbox<Side> box(Side{&other});
                    int wakes = 0; // that no take has answered
                    std::uint64_t put = 0, got = 0;
                    const auto doPut = [&] {
                        const auto serial = ++put;
                        if (box.put(RunUpdate(), serial)) ++wakes;
                    };
                    const auto doTake = [&] {
                        wakes = 0;
                        if (const auto mail = box.take()) got = mail->serial;
                    };
                    if (full) doPut();
                    int left = step;
                    std::function<void()> wait = [&] {
                        if (left-- > 0) other = wait; // not at this step yet
                        else if (inPut) doTake();
                        else doPut();
                    };
                    other = wait;
                    if (inPut) doPut();
                    else doTake();
                    other = nullptr;
                    while (wakes > 0) doTake();
                    QVERIFY2(got == put, qPrintable(QStringLiteral("full %1, step %2, in put %3: %4 of %5").arg(full).arg(step).arg(inPut).arg(got).arg(put)));
                }
    }
    void theMailboxLosesNothingBetweenTwoThreads()
    {
        // A few puts, of which the last may meet the take that an earlier one's wake brought; then all must have arrived.
        app::Mailbox box;
        std::counting_semaphore<> wakes(0), taken(0);
        constexpr std::uint64_t kRounds = 20'000;
        const auto linesOf = [](std::uint64_t round) { return 2 + round % 3; };
        std::jthread view([&] {
            std::uint64_t line = 0;
            for (std::uint64_t round = 0; round < kRounds; ++round) {
                for (auto left = linesOf(round); left > 0; --left) {
                    RunUpdate update;
                    update.logs.resize(1);
                    update.logs[0].text = std::to_string(++line);
                    if (box.put(std::move(update), line)) wakes.release();
                }
                if (!comes(taken)) return;
            }
        });
        std::uint64_t seen = 0, serial = 0;
        for (std::uint64_t round = 0, last = 0; round < kRounds; ++round) {
            last += linesOf(round);
            while (seen < last) {
                QVERIFY2(comes(wakes), qPrintable(QStringLiteral("line %1 was never told of").arg(seen + 1)));
                while (wakes.try_acquire()) {} // as a tick does, one take serves all of them
                const auto mail = box.take();
                if (!mail) continue; // it is just being merged, and a wake follows; or an earlier take got it
                QVERIFY(mail->serial > serial);
                serial = mail->serial;
                for (const auto& line : mail->update.logs) QCOMPARE(line.text, std::to_string(++seen));
            }
            taken.release();
        }
        QCOMPARE(serial, seen);
    }
};

QTEST_APPLESS_MAIN(tst_update_merge)
#include "tst_update_merge.moc"
