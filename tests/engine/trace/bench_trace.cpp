// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Figures of trace with a million tasks, printed; the bounds here are loose, so that a shared machine does not fail them.
#include "engine/base/clock.h"
#include "engine/trace/run_store.h"
#include "tests/engine/trace/trace_samples.h"

#include <QtTest/qtest.h>
#include <QtTest/qtestcase.h>

using namespace orrery;

class BenchTrace : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aMillionTasksAreAppliedFastAndTakeLittle()
    {
        constexpr std::uint32_t kWidth = 1'000'000;
        const auto run = samples::runId(1);
        const auto clock = [] { return base::systemClock().monoNs(); };
        for (const bool objects : {false, true}) {
            auto t0 = clock();
            const auto blocks = samples::flood(run, kWidth, 1, objects);
            auto t1 = clock();
            std::size_t bytes = 0;
            for (const auto& block : blocks) bytes += block->size();
            qInfo("%s: made and sealed %zu blocks in %.0f ms (%.0f ns a task), %.1f bytes a task", objects ? "with objects" : "attempts only", blocks.size(),
                  static_cast<double>(t1 - t0) / 1e6, static_cast<double>(t1 - t0) / kWidth, static_cast<double>(bytes) / kWidth);
            trace::RunStore store(run);
            t0 = clock();
            for (const auto& block : blocks) QVERIFY(store.apply(block).ok());
            t1 = clock();
            const double rate = kWidth / (static_cast<double>(t1 - t0) / 1e9);
            const auto memory = store.memory();
            qInfo("applied in %.1f ms: %.1f M attempts/s; %.1f bytes a task (blocks %.1f, row columns %.1f, objects %.1f, other %.1f)", static_cast<double>(t1 - t0) / 1e6, rate / 1e6,
                  static_cast<double>(memory.all()) / kWidth, static_cast<double>(memory.blockBytes) / kWidth, static_cast<double>(memory.rowBytes) / kWidth,
                  static_cast<double>(memory.objectBytes) / kWidth, static_cast<double>(memory.otherBytes) / kWidth);
            QVERIFY(rate > 500'000);
            std::vector<std::uint8_t> states;
            store.statesAt(store.lastNs(), states);
            t0 = clock();
            store.statesAt((store.firstNs() + store.lastNs()) / 2, states);
            t1 = clock();
            qInfo("all states at an instant: %.1f ms", static_cast<double>(t1 - t0) / 1e6);
        }
        // The parts of apply: checking a block, and reading it.
        const auto blocks = samples::flood(run, kWidth, 1, false);
        auto t0 = clock();
        for (const auto& block : blocks) QVERIFY(trace::BlockView::open(*block).ok());
        auto t1 = clock();
        qInfo("open with every check: %.1f ns an attempt", static_cast<double>(t1 - t0) / kWidth);
        std::uint64_t sum = 0;
        t0 = clock();
        for (const auto& block : blocks) trace::BlockView::trusted(*block).eachAttempt([&](std::uint32_t, const types::Attempt& a) { sum += a.row + a.cpuUs; });
        t1 = clock();
        qInfo("read every attempt: %.1f ns each (%llu)", static_cast<double>(t1 - t0) / kWidth, static_cast<unsigned long long>(sum));
    }
};

QTEST_GUILESS_MAIN(BenchTrace)
#include "bench_trace.moc"
