// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Clock: the port through which everything learns the time, so that the simulator can own it.
// monoNs: never goes back, meaningless between machines and boots. wallNs: since 1970, for people only.
// Thread: any.

#include <cstdint>

namespace orrery::base {

using TimeNs = std::int64_t;

constexpr TimeNs kMicrosecond = 1'000;
constexpr TimeNs kMillisecond = 1'000'000;
constexpr TimeNs kSecond = 1'000'000'000;

struct Clock {
    virtual ~Clock() = default;
    virtual TimeNs monoNs() const = 0;
    virtual TimeNs wallNs() const = 0;
};

// The machine's clocks (CLOCK_MONOTONIC and CLOCK_REALTIME).
const Clock& systemClock();

} // namespace orrery::base
