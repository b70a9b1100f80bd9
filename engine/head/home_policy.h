// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// homeFor: which node becomes the home of a run. Pure choice.
// Of the nodes that are alive, connected and not leaving: those on which every vertex can run come before the others, then
// those with the fewest runs, then those with the most CPUs, then the lowest number. (The first rule is a wish: other nodes run what the home cannot, but each
// such task goes over the network.)

#include "engine/types/run.h"

#include <optional>
#include <span>

namespace orrery::head {

struct HomeCandidate {
    std::uint16_t node = 0;
    const types::Resources* total = nullptr;
    std::size_t runs = 0; // that it is home of now
};

inline std::optional<std::uint16_t> homeFor(std::span<const HomeCandidate> candidates, std::span<const types::Resources> needs)
{
    const HomeCandidate* best = nullptr;
    bool bestFits = false;
    for (const auto& candidate : candidates) {
        bool fits = true;
        for (const auto& need : needs) fits = fits && need.fits(*candidate.total);
        const auto cpus = candidate.total->units(types::kCpu);
        const bool better = !best || (fits != bestFits ? fits
                                      : candidate.runs != best->runs ? candidate.runs < best->runs
                                      : cpus != best->total->units(types::kCpu) ? cpus > best->total->units(types::kCpu)
                                                                                : candidate.node < best->node);
        if (!better) continue;
        best = &candidate;
        bestFits = fits;
    }
    return best ? std::optional(best->node) : std::nullopt;
}

} // namespace orrery::head
