// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Quick figures of the path driver - worker - driver with the node in a process of its own (fork before threads).
#include "engine/client/driver.h"
#include "tests/support/mini_node.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <sys/wait.h>

using namespace orrery;

int main(int argc, char** argv)
{
    const std::string build = argc > 1 ? argv[1] : ORRERY_BUILD_DIR;
    const std::string socket = "/tmp/orrery-bench-" + std::to_string(getpid()) + ".sock";
    const pid_t child = fork();
    if (child == 0) {
        prctl(1, SIGKILL);
        tests::MiniNode node(build + "/bin/orrery-worker", build + "/plugins/basic.so", argc > 2 ? atof(argv[2]) : 2, socket);
        if (!node.start().ok()) return 1;
        for (;;) pause();
    }
    std::unique_ptr<client::Driver> driver;
    while (!driver) {
        auto made = client::Driver::attach(socket);
        if (made) driver = std::move(*made);
    }
    const auto noop = *driver->function("basic.noop");
    for (int i = 0; i < 2000; ++i) {
        auto ref = driver->submit(noop);
        (void)driver->get(ref);
        driver->release(ref);
    }
    for (int round = 0; round < 3; ++round) {
        std::vector<double> us;
        const auto begin = base::systemClock().monoNs();
        for (int i = 0; i < 20000; ++i) {
            const auto t = base::systemClock().monoNs();
            auto ref = driver->submit(noop);
            (void)driver->get(ref);
            driver->release(ref);
            us.push_back(static_cast<double>(base::systemClock().monoNs() - t) / 1000);
        }
        const double seconds = static_cast<double>(base::systemClock().monoNs() - begin) / 1e9;
        std::sort(us.begin(), us.end());
        std::printf("sync: %.0f/s p50 %.2f us p99 %.2f us\n", 20000 / seconds, us[us.size() / 2], us[us.size() * 99 / 100]);
    }
    for (int round = 0; round < 5; ++round) {
        const int count = 200000;
        std::vector<client::RefId> refs;
        refs.reserve(count);
        const auto begin = base::systemClock().monoNs();
        for (int i = 0; i < count; ++i) refs.push_back(driver->submit(noop));
        const auto mid = base::systemClock().monoNs();
        for (auto ref : refs) (void)driver->get(ref);
        const double seconds = static_cast<double>(base::systemClock().monoNs() - begin) / 1e9;
        for (auto ref : refs) driver->release(ref);
        std::printf("async: %.0f/s (submit %.0f ns each)\n", count / seconds, static_cast<double>(mid - begin) / count);
    }
    driver.reset();
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    unlink(socket.c_str());
}
