// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/owner/home_tasks.h"

namespace orrery::owner {

std::vector<std::uint32_t> HomeTasks::take(std::size_t classIndex, std::size_t max, std::size_t fetchingMax, TimeNs now)
{
    m_now = now;
    m_taking = true;
    std::vector<std::uint32_t> rows;
    auto& fetched = m_fetched[classIndex];
    for (;;) {
        while (rows.size() < max && !fetched.empty()) {
            const Row one = fetched.front();
            fetched.pop_front();
            if (m_table.fetched(one.row, one.attempt, now)) rows.push_back(one.row);
            else left(one.row);
        }
        if (rows.size() >= max || m_table.ready(classIndex) == 0) break;
        const bool spread = m_table.spread();
        const auto taken = m_table.take(classIndex, spread ? 1 : max - rows.size(), m_home, now);
        if (!spread) {
            rows.insert(rows.end(), taken.begin(), taken.end());
            continue;
        }
        const std::uint32_t row = taken.front();
        auto wanted = wantedOf(row);
        if (wanted.empty()) {
            rows.push_back(row);
        } else if (m_table.state(row) == TaskState::PendingFetch && m_fetching.size() >= fetchingMax) {
            m_table.recalled(row, m_table.attemptOf(row), now);
            break;
        } else {
            fetch(row, classIndex, std::move(wanted));
        }
    }
    m_taking = false;
    return rows;
}

// Of what it reads that which has its primary copy elsewhere; a copy may lie here, and must be pinned.
std::vector<net::WantedValue> HomeTasks::wantedOf(std::uint32_t row) const
{
    std::vector<net::WantedValue> wanted;
    m_table.inputs(row, [&](std::uint16_t, std::int32_t, std::uint32_t from, std::uint16_t output, const Value& value) {
        if (value.where != Value::Where::Store || value.node == m_home) return;
        net::WantedValue& want = wanted.emplace_back(net::WantedValue{keyOf(from, output), value.place.bytes, m_table.copiesOf(from, output)});
        std::erase(want.at, m_home);
        want.at.insert(want.at.begin(), value.node);
    });
    return wanted;
}

void HomeTasks::fetch(std::uint32_t row, std::size_t classIndex, std::vector<net::WantedValue> wanted)
{
    const Row one{row, m_table.attemptOf(row)};
    std::vector<net::ObjectKey> keys;
    for (const auto& want : wanted) keys.push_back(want.key);
    m_fetching[row] = one;
    m_copies.bring(std::move(wanted), [this, alive = m_alive, one, classIndex, keys](base::Result<void> outcome) {
        if (*alive) brought(one, classIndex, keys, outcome);
    });
}

void HomeTasks::brought(Row one, std::size_t classIndex, const std::vector<net::ObjectKey>& keys, const base::Result<void>& outcome)
{
    const auto found = m_fetching.find(one.row);
    const bool ours = found != m_fetching.end() && found->second.attempt == one.attempt;
    if (ours) m_fetching.erase(found);
    if (!ours || !outcome) {
        if (outcome) m_copies.unpin(keys);
        // Where the value was lost the table knows it by now, or will: the task waits for its input again.
        if (ours) m_table.recalled(one.row, one.attempt, m_now);
    } else {
        m_pinned[one.row] = keys;
        m_fetched[classIndex].push_back(one);
    }
    if (!m_taking) m_copies.arrived();
}

types::TaskRecord HomeTasks::record(std::uint32_t row, std::uint32_t templateId, TimeNs now) const
{
    auto made = m_table.record(row, templateId, now);
    if (m_pinned.empty() || m_pinned.count(row) == 0) return made;
    std::size_t at = 0;
    m_table.inputs(row, [&](std::uint16_t, std::int32_t, std::uint32_t from, std::uint16_t output, const Value& value) {
        types::Argument& arg = made.args[at++];
        if (arg.isInline || value.node == m_home) return;
        if (const auto* place = m_copies.find(keyOf(from, output))) arg.place = *place;
    });
    return made;
}

void HomeTasks::left(std::uint32_t row)
{
    const auto found = m_pinned.find(row);
    if (found == m_pinned.end()) return;
    const auto keys = std::move(found->second);
    m_pinned.erase(found);
    m_copies.unpin(keys);
}

void HomeTasks::stop(TimeNs now)
{
    m_now = now;
    for (auto& rows : m_fetched) {
        for (const Row one : std::exchange(rows, {})) {
            left(one.row);
            m_table.recalled(one.row, one.attempt, now);
        }
    }
    for (const auto& [row, one] : std::exchange(m_fetching, {})) m_table.recalled(row, one.attempt, now);
}

} // namespace orrery::owner
