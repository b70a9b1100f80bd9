// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/owner/home_tasks.h"

#include "engine/owner/guest_table.h"

namespace orrery::owner {

std::vector<std::uint32_t> HomeTasks::take(std::size_t classIndex, std::size_t max, std::size_t fetchingMax, TimeNs now)
{
    m_now = now;
    m_taking = true;
    m_failed = false;
    std::vector<std::uint32_t> rows;
    auto& fetched = m_fetched[classIndex];
    const auto another = [&](std::uint32_t row) { return !rows.empty() && m_table.vertexOf(row) != m_table.vertexOf(rows.front()); };
    for (;;) {
        while (rows.size() < max && !fetched.empty() && !another(fetched.front().row)) {
            const Row one = fetched.front();
            fetched.pop_front();
            if (!m_table.fetched(one.row, one.attempt, now)) {
                left(one.row);
            } else if (!complete(one.row)) { // an input was lost, and made again elsewhere
                left(one.row);
                m_table.recalled(one.row, one.attempt, now);
            } else {
                rows.push_back(one.row);
            }
        }
        if (rows.size() >= max || m_failed || !fetched.empty() || m_table.ready(classIndex) == 0) break;
        if (!m_table.spread()) {
            if (rows.empty()) rows = m_table.take(classIndex, max, m_home, now); // of one vertex
            break;
        }
        const std::uint32_t row = m_table.take(classIndex, 1, m_home, now).front();
        auto wanted = wantedOf(row);
        const bool away = m_table.state(row) == TaskState::PendingFetch;
        if (another(row) || (away && m_fetching.size() >= fetchingMax)) {
            m_table.recalled(row, m_table.attemptOf(row), now);
            break;
        }
        if (wanted.empty()) rows.push_back(row);
        else fetch(row, classIndex, std::move(wanted));
    }
    m_taking = false;
    return rows;
}

// Every input that lies elsewhere has its copy here, as long as it is pinned.
bool HomeTasks::complete(std::uint32_t row) const
{
    bool all = true;
    m_table.inputs(row, [&](std::uint16_t, std::int32_t, std::uint32_t from, std::uint16_t output, const Value& value) {
        if (value.where == Value::Where::Store && value.node != m_home) all = all && m_copies.find(keyOf(from, output)) != nullptr && m_pinned.count(row) > 0;
    });
    return all;
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
    m_fetching[row] = one;
    auto asked = wanted;
    m_copies.bring(std::move(wanted), [this, alive = m_alive, one, classIndex, asked = std::move(asked)](base::Result<void> outcome, const net::ObjectKey& missing) {
        if (*alive) brought(one, classIndex, asked, outcome, missing);
    });
}

void HomeTasks::brought(Row one, std::size_t classIndex, const std::vector<net::WantedValue>& wanted, const base::Result<void>& outcome, const net::ObjectKey& missing)
{
    const auto found = m_fetching.find(one.row);
    const bool ours = found != m_fetching.end() && found->second.attempt == one.attempt;
    if (ours) m_fetching.erase(found);
    std::vector<net::ObjectKey> keys;
    for (const auto& want : wanted) keys.push_back(want.key);
    if (!outcome) m_failed = true;
    if (!ours) {
        if (outcome) m_copies.unpin(keys);
    } else if (outcome) {
        m_pinned[one.row] = std::move(keys);
        m_fetched[classIndex].push_back(one);
    } else if (outcome.error().code == base::Errc::Refused && ++m_noRoom[one.row] >= kNoRoomMax) {
        m_noRoom.erase(one.row);
        m_table.refuse(one.row, "its inputs do not fit the store of its home: " + outcome.error().message, m_now);
    } else {
        // What lies nowhere it was said to lie is lost; else the table knows it by now, or will: the task waits for its input again.
        if (outcome.error().code == base::Errc::NotFound) {
            const auto row = m_table.rowOf(missing.vertex, missing.index);
            const Value* value = row == types::kNoRow ? nullptr : m_table.value(row, missing.output);
            for (const auto& want : wanted)
                if (want.key == missing && value && value->where == Value::Where::Store && value->node == want.at.front() && value->node != m_home) m_table.valueLost(row, missing.output, m_now);
        }
        m_table.recalled(one.row, one.attempt, m_now);
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
        arg.place = *m_copies.find(keyOf(from, output)); // pinned
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
