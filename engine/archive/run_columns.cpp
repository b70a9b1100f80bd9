// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/archive/run_columns.h"

namespace orrery::archive {

using base::Errc;
using base::fail;

namespace {

base::Bytes countsOf(const types::StateCounts& counts)
{
    base::ByteWriter out;
    for (const auto count : counts) out.put(count);
    return out.take();
}

} // namespace

RunBinding::RunBinding(const RunEntry& entry)
    : m_entry(entry), m_id(entry.row.id.text()), m_home(entry.home ? entry.home.text() : std::string()), m_counts(countsOf(entry.row.counts))
{
}

void RunBinding::bind(Statement& statement) const
{
    const types::RunRow& row = m_entry.row;
    statement.bind(1, m_id).bind(2, std::int64_t{row.number}).bind(3, row.title).bind(4, types::runStateName(row.state));
    statement.bind(5, row.submitWallNs).bind(6, row.startNs).bind(7, row.endNs).bind(8, std::int64_t{row.tasks});
    statement.bind(9, std::span<const std::byte>(m_counts)).bind(10, static_cast<std::int64_t>(row.reexecuted)).bind(11, row.error).bind(12, m_entry.document);
    if (m_home.empty()) statement.bindNull(13);
    else statement.bind(13, m_home);
    statement.bind(14, static_cast<std::int64_t>(m_entry.homeEpoch));
}

base::Result<RunEntry> readRun(const Statement& statement)
{
    RunEntry entry;
    types::RunRow& row = entry.row;
    const auto id = base::RunId::parse(statement.text(0));
    if (!id) return id.error();
    row.id = *id;
    row.number = static_cast<std::uint32_t>(statement.integer(1));
    row.title = statement.text(2);
    bool known = false;
    for (int i = 0; i <= static_cast<int>(types::RunState::Stopped); ++i) {
        if (types::runStateName(static_cast<types::RunState>(i)) != statement.text(3)) continue;
        row.state = static_cast<types::RunState>(i);
        known = true;
    }
    if (!known) return fail(Errc::BadInput, "A run has the state \"" + std::string(statement.text(3)) + "\", which is none.");
    row.submitWallNs = statement.integer(4);
    row.startNs = statement.integer(5);
    row.endNs = statement.integer(6);
    row.tasks = static_cast<std::uint32_t>(statement.integer(7));
    base::ByteReader counts(statement.blob(8));
    for (auto& count : row.counts) counts.get(count);
    if (!counts.ok() || !counts.atEnd()) return fail(Errc::BadInput, "The counters of a run have a wrong size.");
    row.reexecuted = static_cast<std::uint64_t>(statement.integer(9));
    row.error = statement.text(10);
    entry.document = statement.text(11);
    if (!statement.isNull(12)) {
        const auto home = base::NodeId::parse(statement.text(12));
        if (!home) return home.error();
        entry.home = *home;
    }
    entry.homeEpoch = static_cast<std::uint64_t>(statement.integer(13));
    return entry;
}

RowHash& RowHash::add(std::int64_t value)
{
    m_bytes.put(value);
    return *this;
}

RowHash& RowHash::add(std::string_view text)
{
    m_bytes.put(text);
    return *this;
}

RowHash& RowHash::add(std::span<const std::byte> blob)
{
    m_bytes.put(static_cast<std::uint32_t>(blob.size()));
    const base::Hash128 bits = base::hash128(blob);
    m_bytes.put(bits);
    return *this;
}

std::int64_t RowHash::value() const { return static_cast<std::int64_t>(base::hash128(m_bytes.view(), 0x6f72756e).low); }

void addTo(RowHash& hash, const RunEntry& entry)
{
    const types::RunRow& row = entry.row;
    hash.add(row.id.text()).add(std::int64_t{row.number}).add(row.title).add(types::runStateName(row.state)).add(row.submitWallNs).add(row.startNs).add(row.endNs);
    hash.add(std::int64_t{row.tasks}).add(std::span<const std::byte>(countsOf(row.counts))).add(static_cast<std::int64_t>(row.reexecuted)).add(row.error);
    hash.add(entry.document).add(entry.home ? entry.home.text() : std::string()).add(static_cast<std::int64_t>(entry.homeEpoch));
}

base::Result<void> putObject(Statement& statement, std::uint32_t row, std::uint16_t output, std::span<const std::byte> value)
{
    RowHash hash;
    hash.add(std::int64_t{row}).add(std::int64_t{output}).add(value);
    return statement.bind(1, std::int64_t{row}).bind(2, std::int64_t{output}).bind(3, value).bind(4, hash.value()).run();
}

} // namespace orrery::archive
