// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/count_history.h"

#include <algorithm>

namespace orrery::widgets {

using types::TaskState;
using types::TimeNs;

void CountHistory::add(TimeNs at, const std::vector<types::VertexCounts>& vertices)
{
    CountSample sample{at, 0, 0, 0};
    for (const auto& vertex : vertices)
        for (std::size_t s = 0; s < vertex.counts.size(); ++s) {
            const auto state = static_cast<TaskState>(s);
            const double count = vertex.counts[s];
            if (state == TaskState::Running) sample.running += count;
            else if (types::isGood(state)) sample.done += count;
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

std::optional<CountSample> CountHistory::at(TimeNs at, const types::Activity& spans) const
{
    if (!m_samples.empty() && at >= m_samples.front().atNs) {
        if (at > m_samples.back().atNs) return std::nullopt;
        const auto next = std::upper_bound(m_samples.begin(), m_samples.end(), at, [](TimeNs t, const CountSample& s) { return t < s.atNs; });
        CountSample sample = *(next - 1);
        sample.atNs = at;
        return sample;
    }
    if (spans.bucketNs == 0 || at < spans.firstNs) return std::nullopt;
    const auto bucket = static_cast<std::size_t>((at - spans.firstNs) / spans.bucketNs);
    if (bucket >= spans.running.size()) return std::nullopt;
    return CountSample{at, static_cast<double>(spans.running[bucket]), static_cast<double>(spans.ready[bucket]), static_cast<double>(spans.done[bucket])};
}

} // namespace orrery::widgets
