// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/node/orphan_values.h"

#include <algorithm>
#include <set>

namespace orrery::node {

void OrphanValues::put(base::RunId run, std::uint64_t epoch, std::vector<KeptValue> values, TimeNs now)
{
    drop(run);
    Orphan& orphan = m_runs[run];
    orphan.epoch = epoch;
    orphan.untilNs = now + kOrphanGraceNs;
    // A home may have had a value of its own and a copy of it.
    std::set<ObjectKey> known;
    for (const auto& value : values) {
        if (known.insert(value.key).second) orphan.values.push_back(value);
        else if (!value.bytes) m_free(value.place);
    }
}

std::vector<KeptValue> OrphanValues::take(base::RunId run)
{
    const auto found = m_runs.find(run);
    if (found == m_runs.end()) return {};
    auto values = std::move(found->second.values);
    m_runs.erase(found);
    return values;
}

bool OrphanValues::isPast(base::RunId run, std::uint64_t epoch) const
{
    const auto found = m_runs.find(run);
    return found != m_runs.end() && epoch <= found->second.epoch;
}

std::uint64_t OrphanValues::drop(base::RunId run)
{
    std::uint64_t freed = 0;
    for (const auto& value : take(run)) {
        if (value.bytes) continue;
        freed += value.place.bytes;
        m_free(value.place);
    }
    return freed;
}

void OrphanValues::expire(TimeNs now)
{
    std::vector<base::RunId> over;
    for (const auto& [run, orphan] : m_runs)
        if (orphan.untilNs <= now) over.push_back(run);
    for (const auto& run : over) drop(run);
}

TimeNs OrphanValues::nextNs() const
{
    TimeNs next = -1;
    for (const auto& [run, orphan] : m_runs) next = next < 0 ? orphan.untilNs : std::min(next, orphan.untilNs);
    return next;
}

std::uint64_t OrphanValues::evict(std::uint64_t bytes)
{
    std::uint64_t freed = 0;
    while (freed < bytes && !m_runs.empty()) freed += drop(m_runs.begin()->first);
    return freed;
}

void OrphanValues::clear()
{
    while (!m_runs.empty()) drop(m_runs.begin()->first);
}

} // namespace orrery::node
