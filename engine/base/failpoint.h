// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// ORRERY_FAILPOINT(name): a named moment at which a test may kill this process. Compiled in only where ORRERY_FAILPOINTS is
// defined (the death tests); everywhere else it is nothing.

#ifdef ORRERY_FAILPOINTS
#include <csignal>
#include <string_view>
#include <unistd.h>
namespace orrery::base {
struct Failpoint {
    std::string_view name;
    int skip = 0; // how often it passes before it kills
};
inline Failpoint g_failpoint;
inline void reachFailpoint(std::string_view name)
{
    if (g_failpoint.name != name) return;
    if (g_failpoint.skip-- > 0) return;
    ::kill(::getpid(), SIGKILL);
}
} // namespace orrery::base
#define ORRERY_FAILPOINT(name) ::orrery::base::reachFailpoint(name)
#else
#define ORRERY_FAILPOINT(name) static_cast<void>(0)
#endif
