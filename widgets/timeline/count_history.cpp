// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/count_history.h"

#include <algorithm>

namespace orrery::widgets {

using types::TaskState;
using types::TimeNs;

void CountHistory::add(TimeNs at, const std::vector<types::VertexCounts>& vertices)
{
    CountSample sample{at};
    for (const auto& vertex : vertices)
        for (std::size_t s = 0; s < vertex.counts.size(); ++s) {
            const auto state = static_cast<TaskState>(s);
            const double count = vertex.counts[s];
            if (types::isGood(state)) sample.done += count;
            else if (state == TaskState::PendingAssignment || state == TaskState::PendingFetch || state == TaskState::Submitted) sample.ready += count;
        }
    if (!m_samples.empty() && at < m_samples.back().atNs) return; // late: what is known stays
    if (!m_samples.empty() && at == m_samples.back().atNs) m_samples.pop_back();
    m_samples.push_back(sample);
    if (m_samples.size() < kSamplesMax) return;
    std::vector<CountSample> kept;
    for (std::size_t i = 0; i < m_samples.size(); i += 2) kept.push_back(m_samples[i]);
    if (kept.back().atNs != m_samples.back().atNs) kept.push_back(m_samples.back());
    m_samples = std::move(kept);
}

std::optional<CountSample> CountHistory::at(TimeNs at, const types::Activity& spans, const std::vector<TimeNs>& openStarts) const
{
    const bool told = !m_samples.empty() && at >= m_samples.front().atNs && at <= m_samples.back().atNs;
    const bool late = !m_samples.empty() && at > m_samples.back().atNs;
    const TimeNs bucket = spans.bucketNs > 0 && at >= spans.firstNs ? (at - spans.firstNs) / spans.bucketNs : -1;
    const bool spanned = bucket >= 0 && bucket < static_cast<TimeNs>(spans.running.size());
    if (late || (!told && !spanned)) return std::nullopt;
    CountSample sample{at, static_cast<double>(std::upper_bound(openStarts.begin(), openStarts.end(), at) - openStarts.begin()), 0, 0};
    const auto i = static_cast<std::size_t>(bucket);
    if (spanned) sample.running += static_cast<double>(spans.running[i]);
    if (told) {
        const auto next = std::upper_bound(m_samples.begin(), m_samples.end(), at, [](TimeNs t, const CountSample& s) { return t < s.atNs; });
        // What was told is a moment old; who is known to have been ready was.
        sample.ready = std::max((next - 1)->ready, spanned ? static_cast<double>(spans.ready[i]) : 0.0);
        sample.done = (next - 1)->done;
    } else {
        sample.ready = static_cast<double>(spans.ready[i]);
        sample.done = static_cast<double>(spans.done[i]);
    }
    return sample;
}

} // namespace orrery::widgets
