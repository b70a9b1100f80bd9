// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/activity_buckets.h"

#include <algorithm>

namespace orrery::types {

void ActivityBuckets::add(TimeNs readyNs, TimeNs startNs, TimeNs endNs, bool countDone)
{
    cover(readyNs, endNs);
    addTo(&Bucket::ready, readyNs, startNs);
    addTo(&Bucket::running, startNs, endNs);
    ++m_buckets[place(startNs)].started;
    if (countDone) ++m_buckets[place(endNs)].done;
}

void ActivityBuckets::cover(TimeNs fromNs, TimeNs toNs)
{
    if (m_buckets.empty()) {
        m_first = fromNs >> m_shift;
        m_buckets.resize(1);
    }
    const auto last = [this] { return m_first + static_cast<TimeNs>(m_buckets.size()) - 1; };
    while (std::max(toNs >> m_shift, last()) - std::min(fromNs >> m_shift, m_first) >= static_cast<TimeNs>(kActivityBuckets)) coarsen();
    if (const TimeNs first = fromNs >> m_shift; first < m_first) {
        m_buckets.insert(m_buckets.begin(), static_cast<std::size_t>(m_first - first), Bucket{});
        m_first = first;
    }
    if (const TimeNs wanted = toNs >> m_shift; wanted > last()) m_buckets.resize(m_buckets.size() + static_cast<std::size_t>(wanted - last()));
}

void ActivityBuckets::coarsen()
{
    std::vector<Bucket> merged(m_buckets.size() / 2 + 1);
    const double bucketNs = static_cast<double>(TimeNs{1} << m_shift);
    std::int64_t running = 0, ready = 0;
    for (std::size_t i = 0; i < m_buckets.size(); ++i) {
        const Bucket& from = m_buckets[i];
        Bucket& to = merged[static_cast<std::size_t>(((m_first + static_cast<TimeNs>(i)) >> 1) - (m_first >> 1))];
        running += from.running.whole;
        ready += from.ready.whole;
        to.running.partNs += from.running.partNs + static_cast<double>(running) * bucketNs;
        to.ready.partNs += from.ready.partNs + static_cast<double>(ready) * bucketNs;
        to.started += from.started;
        to.done += from.done;
    }
    const TimeNs last = (m_first + static_cast<TimeNs>(m_buckets.size()) - 1) >> 1;
    m_first >>= 1;
    ++m_shift;
    merged.resize(static_cast<std::size_t>(last - m_first) + 1);
    m_buckets = std::move(merged);
}

void ActivityBuckets::addTo(Sum Bucket::*sum, TimeNs fromNs, TimeNs toNs)
{
    const std::size_t from = place(fromNs), to = place(toNs);
    if (from == to) {
        (m_buckets[from].*sum).partNs += static_cast<double>(toNs - fromNs);
        return;
    }
    const auto edge = [this](std::size_t i) { return (m_first + static_cast<TimeNs>(i)) << m_shift; };
    (m_buckets[from].*sum).partNs += static_cast<double>(edge(from + 1) - fromNs);
    (m_buckets[to].*sum).partNs += static_cast<double>(toNs - edge(to));
    ++(m_buckets[from + 1].*sum).whole;
    --(m_buckets[to].*sum).whole;
}

Activity ActivityBuckets::snapshot() const
{
    Activity made;
    if (m_buckets.empty()) return made;
    made.firstNs = m_first << m_shift;
    made.bucketNs = TimeNs{1} << m_shift;
    const double bucketNs = static_cast<double>(made.bucketNs);
    const std::size_t n = m_buckets.size();
    made.running.reserve(n);
    made.ready.reserve(n);
    made.started.reserve(n);
    made.done.reserve(n);
    std::int64_t running = 0, ready = 0;
    std::uint32_t started = 0, done = 0;
    for (const Bucket& bucket : m_buckets) {
        running += bucket.running.whole;
        ready += bucket.ready.whole;
        started += bucket.started;
        done += bucket.done;
        made.running.push_back(static_cast<float>(bucket.running.partNs / bucketNs + static_cast<double>(running)));
        made.ready.push_back(static_cast<float>(bucket.ready.partNs / bucketNs + static_cast<double>(ready)));
        made.started.push_back(started);
        made.done.push_back(done);
    }
    return made;
}

} // namespace orrery::types
