// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/clock.h"

#include <ctime>

namespace orrery::base {
namespace {

TimeNs read(clockid_t id)
{
    timespec at{};
    clock_gettime(id, &at);
    return static_cast<TimeNs>(at.tv_sec) * kSecond + at.tv_nsec;
}

class SystemClock final : public Clock {
public:
    TimeNs monoNs() const override { return read(CLOCK_MONOTONIC); }
    TimeNs wallNs() const override { return read(CLOCK_REALTIME); }
};

} // namespace

const Clock& systemClock()
{
    static const SystemClock clock;
    return clock;
}

} // namespace orrery::base
