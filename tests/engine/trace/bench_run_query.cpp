// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What a question about a million tasks costs, printed. Only counts are checked: a shared machine is slow at will.
#include "engine/base/clock.h"
#include "engine/trace/run_query.h"
#include "tests/engine/trace/naive_rows.h"
#include "tests/engine/trace/trace_samples.h"

#include <QTest>

#include <ctime>

using namespace orrery;

class BenchRunQuery : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aMillionRows()
    {
        constexpr std::uint32_t kWidth = 1'000'000;
        trace::RunStore store(samples::runId(1));
        for (const auto& block : samples::flood(store.run(), kWidth)) QVERIFY(store.apply(block).ok());
        const auto ms = [] { return static_cast<double>(base::systemClock().monoNs()) / 1e6; };
        const char* const questions[][3] = {
            {"tasks", "", ""}, {"tasks", "state=failed", ""}, {"tasks", "dur>100us", ""}, {"tasks", "dur>100us node=A -state=failed", ""}, {"tasks", "blur", ""}, {"tasks", "\"93]\"", ""},
            {"tasks", "fn~\"^imaging\\..*r$\"", ""}, {"tasks", "error:range", ""}, {"tasks", "task_id:T-7c", ""}, {"tasks", "", "-dur"}, {"tasks", "dur>100us", "-dur"}, {"tasks", "", "name"},
            {"tasks", "", "node"}, {"tasks", "", "task_id"}, {"tasks", "", "error_message"}, {"objects", "bytes>100", "-bytes"}, {"objects", "", "created"}, {"objects", "", "name"}};
        for (const auto& [table, filter, sort] : questions) {
            types::Query query;
            query.table = table;
            query.filter = filter;
            query.sort = sort;
            const double t0 = ms();
            auto made = trace::RunQuery::make(query, store, naive::testWorld());
            QVERIFY(made.ok());
            made->work([] { return false; });
            const double t1 = ms();
            const auto page = made->page(made->total() / 2, 100);
            const double t2 = ms();
            QVERIFY(made->total() <= kWidth);
            // The same in pieces: the longest between two looks at the clock, in CPU time.
            auto sliced = trace::RunQuery::make(query, store, naive::testWorld());
            const auto cpu = [] {
                timespec now{};
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
                return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
            };
            double last = cpu(), longest = 0;
            sliced->work([&] {
                const double now = cpu();
                longest = std::max(longest, now - std::exchange(last, now));
                return false;
            });
            QCOMPARE(sliced->total(), made->total());
            qInfo("%-8s where %-32s by %-14s %8llu rows in %6.1f ms, 100 rows in %.2f ms, longest piece %.2f ms", table, filter, sort, static_cast<unsigned long long>(made->total()), t1 - t0, t2 - t1, longest);
        }
    }
};

QTEST_GUILESS_MAIN(BenchRunQuery)
#include "bench_run_query.moc"
