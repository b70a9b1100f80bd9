// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random: a small seeded generator (SplitMix64, Steele et al. 2014), a value: same seed, same numbers, on every machine.
// Nothing in a table makes randomness itself; it is handed in. Not for secrets.

#include <cstdint>

namespace orrery::base {

class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9e3779b97f4a7c15ull);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }
    // 0 <= result < bound. REQUIRES: bound > 0
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    bool chance(double probability) { return unit() < probability; }

private:
    std::uint64_t m_state;
};

// A seed from the machine, for ids of clusters, nodes and workers. Falls back to the clock.
std::uint64_t entropySeed();

} // namespace orrery::base
