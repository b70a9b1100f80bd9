// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A driver program for tst_lane_calls: rounds of 1,000 warm tasks, each round between two calls of getppid(), which nothing else
// here makes. warm_submitter SOCKET ROUNDS
#include "engine/client/driver.h"

#include <cstdio>
#include <cstdlib>
#include <sys/syscall.h>
#include <unistd.h>

using namespace orrery;

namespace {

constexpr int kTasks = 1000;

base::Result<void> round(client::Driver& driver, const client::Function& noop, std::vector<client::RefId>& refs)
{
    for (auto& ref : refs) ref = driver.submit(noop);
    if (auto all = driver.wait(refs); !all) return all.error();
    for (const auto& ref : refs) {
        if (auto value = driver.get(ref); !value) return value.error();
        driver.release(ref);
    }
    return {};
}

int complain(const base::Error& error)
{
    std::fprintf(stderr, "warm_submitter: %s\n", error.message.c_str());
    return 1;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) return 2;
    auto driver = client::Driver::attach(argv[1]);
    if (!driver) return complain(driver.error());
    auto noop = (*driver)->function("basic.noop");
    if (!noop) return complain(noop.error());
    std::vector<client::RefId> refs(kTasks);
    for (int i = 0; i < 20; ++i) // warm: lanes are leased, memory is there, the duration is known
        if (auto done = round(**driver, *noop, refs); !done) return complain(done.error());
    for (int i = 0; i < std::atoi(argv[2]); ++i) {
        syscall(SYS_getppid);
        if (auto done = round(**driver, *noop, refs); !done) return complain(done.error());
        syscall(SYS_getppid);
    }
    return 0;
}
