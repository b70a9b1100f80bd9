// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/head/request_table.h"

namespace orrery::head {

std::uint64_t RequestTable::open(Kind kind, Ticket ticket, std::uint16_t node, TimeNs now)
{
    m_open[++m_last] = {kind, ticket, node, now + kRequestNs};
    return m_last;
}

std::optional<RequestTable::Request> RequestTable::take(std::uint64_t request, std::uint16_t node)
{
    const auto found = m_open.find(request);
    if (found == m_open.end() || found->second.node != node) return std::nullopt;
    const Request taken = found->second;
    m_open.erase(found);
    return taken;
}

std::vector<RequestTable::Request> RequestTable::takeOfNode(std::uint16_t node)
{
    std::vector<Request> taken;
    for (auto entry = m_open.begin(); entry != m_open.end();) {
        if (entry->second.node != node) {
            ++entry;
            continue;
        }
        taken.push_back(entry->second);
        entry = m_open.erase(entry);
    }
    return taken;
}

std::vector<RequestTable::Request> RequestTable::takeOverdue(TimeNs now)
{
    std::vector<Request> taken;
    while (!m_open.empty() && m_open.begin()->second.deadlineNs <= now) {
        taken.push_back(m_open.begin()->second);
        m_open.erase(m_open.begin());
    }
    return taken;
}

TimeNs RequestTable::nextDeadlineNs() const { return m_open.empty() ? -1 : m_open.begin()->second.deadlineNs; }

} // namespace orrery::head
