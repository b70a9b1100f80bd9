// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/rpc/bulk_plan.h"

#include <algorithm>

namespace orrery::rpc {

std::optional<BulkRange> BulkPlan::next() const
{
    if (m_at < m_end || !m_isConfirmed) return BulkRange{m_at, m_end - m_at};
    if (!m_again.empty()) return m_again.front().chunk;
    return std::nullopt;
}

void BulkPlan::passed(BulkRange chunk)
{
    m_isConfirmed = true;
    if (chunk.offset == m_at) m_at = chunk.end();
}

void BulkPlan::good(BulkRange chunk)
{
    passed(chunk);
    m_tries = 0;
    std::erase_if(m_again, [&](const Again& again) { return again.chunk == chunk; });
}

bool BulkPlan::bad(BulkRange chunk)
{
    passed(chunk);
    auto found = std::find_if(m_again.begin(), m_again.end(), [&](const Again& again) { return again.chunk == chunk; });
    if (found == m_again.end()) {
        if (m_again.size() >= kBulkBadChunksMax) return false;
        found = m_again.insert(m_again.end(), Again{chunk});
    }
    return ++found->times < m_limits.chunkTriesMax;
}

std::optional<base::TimeNs> BulkPlan::broken()
{
    if (++m_tries >= m_limits.triesMax) return std::nullopt;
    base::TimeNs pause = m_limits.pauseNs;
    for (int i = 1; i < m_tries && pause < m_limits.pauseMaxNs; ++i) pause *= 2;
    return std::min(pause, m_limits.pauseMaxNs);
}

} // namespace orrery::rpc
