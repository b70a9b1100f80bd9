// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/random.h"

#include "engine/base/clock.h"

#include <sys/random.h>

namespace orrery::base {

std::uint64_t entropySeed()
{
    std::uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = static_cast<std::uint64_t>(systemClock().wallNs());
    return seed;
}

} // namespace orrery::base
