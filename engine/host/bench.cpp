// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// orreryctl bench: rows named as Ray's own microbenchmark, from a driver attached by shared memory to a node in another process.
// How a row is built follows ray_perf.py (ray.md 2a): an empty task; async rows submit 1,000 then get all; put and get of a small
// value. Each row runs in rounds of at least kRoundNs; the median of the rounds is printed.
#include "engine/host/ctl.h"

#include "engine/base/clock.h"
#include "engine/client/driver.h"
#include "engine/host/session_snapshot.h"
#include "engine/types/value.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>

namespace orrery::host {

using base::Errc;
using base::fail;
using base::TimeNs;

namespace {

constexpr TimeNs kRoundNs = 400 * base::kMillisecond;
constexpr int kRounds = 5;

struct Row {
    const char* slug;
    const char* name;
    double reference; // Ray's figure on its own machine (64 vCPU), per second; newest known
    bool sync;        // latencies are told
    std::function<base::Result<std::uint64_t>(client::Driver&)> step; // one batch; how many operations it was
};

struct Figure {
    double median = 0, p50Us = 0, p99Us = 0;
};

base::Result<Figure> measure(client::Driver& driver, const Row& row)
{
    ORRERY_TRY([&]() -> base::Result<void> {
        const TimeNs until = base::systemClock().monoNs() + kRoundNs / 2;
        while (base::systemClock().monoNs() < until)
            if (auto done = row.step(driver); !done) return done.error();
        return {};
    }());
    std::vector<double> rates, latencies;
    for (int round = 0; round < kRounds; ++round) {
        const TimeNs begin = base::systemClock().monoNs();
        TimeNs now = begin;
        std::uint64_t count = 0;
        while (now - begin < kRoundNs) {
            auto done = row.step(driver);
            if (!done) return done.error();
            count += *done;
            const TimeNs after = base::systemClock().monoNs();
            if (row.sync) latencies.push_back(static_cast<double>(after - now) / 1000.0 / static_cast<double>(*done));
            now = after;
        }
        rates.push_back(static_cast<double>(count) * 1e9 / static_cast<double>(now - begin));
    }
    std::sort(rates.begin(), rates.end());
    std::sort(latencies.begin(), latencies.end());
    Figure figure;
    figure.median = rates[rates.size() / 2];
    if (!latencies.empty()) {
        figure.p50Us = latencies[latencies.size() / 2];
        figure.p99Us = latencies[latencies.size() * 99 / 100];
    }
    return figure;
}

// A sealed value of type bytes.
base::Bytes bytesValue(std::size_t size)
{
    types::ValueHeader head;
    head.magic = 0x4C41564Fu;
    head.version = 1;
    head.type = static_cast<std::uint8_t>(types::ValueType::Bytes);
    head.size = sizeof head + size;
    head.length = size;
    head.dataOffset = sizeof head;
    head.dataBytes = size;
    base::Bytes value(head.size);
    std::memcpy(value.data(), &head, sizeof head);
    return value;
}

int bench(const std::vector<std::string>& names, const CtlOptions& options)
{
    auto entry = launch::findCluster(options.address);
    if (!entry) return ctlFail(entry.error());
    auto cluster = ctlConnect(options);
    if (!cluster) return ctlFail(cluster.error());
    auto now = sessionSnapshot(*cluster->session);
    if (!now) return ctlFail(now.error());
    const auto node = std::find_if(now->nodes.begin(), now->nodes.end(), [](const auto& row) { return row.state == types::NodeState::Alive; });
    if (node == now->nodes.end()) return ctlFail(fail(Errc::Unavailable, "the cluster has no node; start it with orreryctl up --nodes 1"));
    auto driver = client::Driver::attach(entry->nodeSocket(node->name));
    if (!driver) return ctlFail(driver.error());
    auto noop = (*driver)->function("basic.noop");
    if (!noop) return ctlFail(noop.error());
    const base::Bytes small = bytesValue(0);
    auto stored = (*driver)->put(small);
    if (!stored) return ctlFail(stored.error());

    const std::vector<Row> rows = {
        {"single_client_get_calls", "single client get calls (Plasma Store)", 8379, true,
         [&](client::Driver& d) -> base::Result<std::uint64_t> {
             for (int i = 0; i < 1000; ++i)
                 if (auto got = d.get(*stored); !got) return got.error();
             return std::uint64_t{1000};
         }},
        {"single_client_put_calls", "single client put calls (Plasma Store)", 3836, true,
         [&](client::Driver& d) -> base::Result<std::uint64_t> {
             for (int i = 0; i < 1000; ++i) {
                 auto ref = d.put(small);
                 if (!ref) return ref.error();
                 d.release(*ref);
             }
             return std::uint64_t{1000};
         }},
        {"single_client_tasks_sync", "single client tasks sync", 805, true,
         [&](client::Driver& d) -> base::Result<std::uint64_t> {
             const auto ref = d.submit(*noop);
             auto got = d.get(ref);
             if (!got) return got.error();
             d.release(ref);
             return std::uint64_t{1};
         }},
        {"single_client_tasks_async", "single client tasks async", 7175, false,
         [&](client::Driver& d) -> base::Result<std::uint64_t> {
             std::vector<client::RefId> refs;
             refs.reserve(1000);
             for (int i = 0; i < 1000; ++i) refs.push_back(d.submit(*noop));
             if (auto done = d.wait(refs); !done) return done.error();
             for (const auto& ref : refs) {
                 if (auto got = d.get(ref); !got) return got.error();
                 d.release(ref);
             }
             return std::uint64_t{1000};
         }},
    };
    for (const auto& wanted : names) {
        const bool known = std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return wanted == row.slug || wanted == row.name; });
        if (!known) return ctlFail(fail(Errc::BadInput, "there is no benchmark \"" + wanted + "\"; orreryctl bench without a name runs them all"));
    }
    nlohmann::json json = nlohmann::json::array();
    for (const Row& row : rows) {
        if (!names.empty() && std::none_of(names.begin(), names.end(), [&](const auto& wanted) { return wanted == row.slug || wanted == row.name; })) continue;
        auto figure = measure(**driver, row);
        if (!figure) return ctlFail(figure.error());
        nlohmann::json one = {{"name", row.name}, {"slug", row.slug}, {"median", figure->median}, {"unit", "1/s"}, {"reference", row.reference}, {"ratio", figure->median / row.reference}};
        if (row.sync) {
            one["p50_us"] = figure->p50Us;
            one["p99_us"] = figure->p99Us;
        }
        if (!options.json) {
            std::printf("%-42s %12.0f /s", row.name, figure->median);
            if (row.sync) std::printf("   p50 %8.2f us   p99 %8.2f us", figure->p50Us, figure->p99Us);
            std::printf("   Ray %6.0f /s (x%.0f)\n", row.reference, figure->median / row.reference);
            std::fflush(stdout);
        }
        json.push_back(std::move(one));
    }
    if (options.json) std::printf("%s\n", nlohmann::json{{"rows", json}, {"complete", true}, {"dropped", 0}}.dump().c_str());
    return 0;
}

} // namespace

void addBench(CLI::App& app, CtlOptions& options, int& code)
{
    auto names = std::make_shared<std::vector<std::string>>();
    auto* command = app.add_subcommand("bench", "the benchmark suite, rows named as Ray's own microbenchmark");
    command->add_option("names", *names, "rows to run (default: all)");
    command->callback([&options, &code, names] { code = bench(*names, options); });
}

} // namespace orrery::host
